/** A state taken apart: its structure as JSON, its arrays beside it. */
import { Array as JaxArray, tree } from "@jax-js/jax";
import { CheckpointError } from "../errors";

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A node of the structure, with one key that tells its kind. */
export type Node =
  | { readonly list: readonly Node[] }
  | { readonly object: readonly (readonly [string, Node])[] }
  /** An object of a registered class: only a model of the state can tell which. */
  | { readonly node: readonly Node[] }
  /** Array of jax-js: the name of its tensor. */
  | { readonly array: string }
  | { readonly typed: string; readonly kind: string }
  | { readonly value: string | number | boolean | null }
  /** What JSON does not have: undefined, NaN, infinities, -0, bigints. */
  | { readonly special: string };

/** An array of the state, under the name of its tensor. */
export interface NamedArray {
  readonly name: string;
  readonly value: JaxArray | TypedArray;
}

const SPECIAL_NUMBERS: Readonly<Record<string, number>> = {
  NaN: NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
  "-0": -0,
};

export const isTypedArray = (x: unknown): x is TypedArray => ArrayBuffer.isView(x) && !(x instanceof DataView);

/** Children of an object of a registered class, or null if x is none. */
export function childrenOf(x: unknown): unknown[] | null {
  const [children] = tree.flatten(x, { isLeaf: (y) => y !== x });
  return children.length === 1 && children[0] === x ? null : children;
}

export const isPlain = (x: object): x is Record<string, unknown> => {
  const proto: unknown = Object.getPrototypeOf(x);
  return proto === Object.prototype || proto === null;
};

const MAX_DEPTH = 200;

/** Structure and arrays. Errors: CheckpointError naming the path of what cannot be saved. */
export function takeApart(state: unknown): { structure: Node; arrays: NamedArray[] } {
  const arrays: NamedArray[] = [];
  const names = new Set<string>();
  const named = (path: readonly string[], value: JaxArray | TypedArray): string => {
    const base = path.join(".") || "state";
    let name = base;
    for (let i = 2; names.has(name) || name === "__metadata__"; i++) name = `${base}~${i}`;
    names.add(name);
    arrays.push({ name, value });
    return name;
  };

  function visit(x: unknown, path: readonly string[]): Node {
    if (path.length > MAX_DEPTH)
      throw new CheckpointError(`checkpoint: the state is nested deeper than ${MAX_DEPTH}, or in itself`);
    const below = (child: unknown, key: string) => visit(child, [...path, key]);
    if (x instanceof JaxArray) return { array: named(path, x) };
    if (isTypedArray(x)) return { typed: named(path, x), kind: x.constructor.name };
    switch (typeof x) {
      case "string":
      case "boolean":
        return { value: x };
      case "number":
        return Number.isFinite(x) && !Object.is(x, -0)
          ? { value: x }
          : { special: Object.is(x, -0) ? "-0" : String(x) };
      case "bigint":
        return { special: `${x}n` };
      case "undefined":
        return { special: "undefined" };
      case "object": {
        if (x === null) return { value: null };
        if (Array.isArray(x)) return { list: x.map((child, i) => below(child, String(i))) };
        if (isPlain(x)) return { object: Object.entries(x).map(([key, child]) => [key, below(child, key)] as const) };
        const children = childrenOf(x);
        if (children !== null) return { node: children.map((child, i) => below(child, String(i))) };
      }
    }
    const what = typeof x === "object" ? `an object of class ${x!.constructor.name}` : `a ${typeof x}`;
    throw new CheckpointError(
      `checkpoint: ${path.join(".") || "the state"} is ${what}, which cannot be saved; ` +
        "expected arrays, typed arrays, numbers, strings, booleans, null, lists, plain objects or registered pytree classes",
    );
  }

  return { structure: visit(state, []), arrays };
}

/** The value of a `special`, or null if it is none. */
export function specialValue(text: string): { value: number | bigint | undefined } | null {
  if (text === "undefined") return { value: undefined };
  if (/^-?\d+n$/.test(text)) return { value: BigInt(text.slice(0, -1)) };
  return Object.hasOwn(SPECIAL_NUMBERS, text) ? { value: SPECIAL_NUMBERS[text]! } : null;
}
