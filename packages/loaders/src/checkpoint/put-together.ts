/** A saved state put together again, as it was or after a model. */
import { quoted } from "../bytes/quoted";
import { Array as JaxArray, type Device, tree } from "@jax-js/jax";
import { CheckpointError } from "../errors";
import { jaxDType, toArray } from "../safetensors/arrays";
import type { Tensor } from "../safetensors/parse";
import { type Node, type TypedArray, childrenOf, isPlain, isTypedArray, specialValue } from "./tree-text";

export interface PutTogetherOptions {
  readonly device?: Device | undefined;
}

type Tensors = { readonly [name: string]: Tensor };

const TYPED: Readonly<Record<string, (bytes: ArrayBuffer) => TypedArray>> = {
  Int8Array: (b) => new Int8Array(b),
  Uint8Array: (b) => new Uint8Array(b),
  Uint8ClampedArray: (b) => new Uint8ClampedArray(b),
  Int16Array: (b) => new Int16Array(b),
  Uint16Array: (b) => new Uint16Array(b),
  Int32Array: (b) => new Int32Array(b),
  Uint32Array: (b) => new Uint32Array(b),
  Float32Array: (b) => new Float32Array(b),
  Float64Array: (b) => new Float64Array(b),
  BigInt64Array: (b) => new BigInt64Array(b),
  BigUint64Array: (b) => new BigUint64Array(b),
};

/** Reads leaves; what it made is disposed if the state cannot be finished. */
export class Assembler {
  readonly #tensors: Tensors;
  readonly #options: PutTogetherOptions;
  readonly #made: JaxArray[] = [];

  constructor(tensors: Tensors, options: PutTogetherOptions) {
    this.#tensors = tensors;
    this.#options = options;
  }

  /** Errors: CheckpointError naming the path where model and file differ. */
  assemble(node: Node, like: unknown, hasLike: boolean): unknown {
    try {
      return hasLike ? this.#like(node, like, []) : this.#alone(node, []);
    } catch (error) {
      for (const x of this.#made) x.dispose();
      throw error;
    }
  }

  #tensor(name: string): Tensor {
    const tensor = Object.hasOwn(this.#tensors, name) ? this.#tensors[name] : undefined;
    if (tensor === undefined) throw new CheckpointError(`checkpoint: the file lacks the tensor ${quoted(name)}`);
    return tensor;
  }

  #array(name: string): JaxArray {
    const { device } = this.#options;
    const x = toArray(this.#tensor(name), device === undefined ? {} : { device });
    this.#made.push(x);
    return x;
  }

  #typed(name: string, kind: string): TypedArray {
    const make = Object.hasOwn(TYPED, kind) ? TYPED[kind] : undefined;
    if (make === undefined) throw new CheckpointError(`checkpoint: there is no ${kind} here`);
    return make(this.#tensor(name).bytes.slice().buffer as ArrayBuffer);
  }

  /** Lists, objects and leaves as they were saved. */
  #alone(node: Node, path: readonly string[]): unknown {
    if ("list" in node) return node.list.map((child, i) => this.#alone(child, [...path, String(i)]));
    if ("object" in node) {
      return Object.fromEntries(node.object.map(([key, child]) => [key, this.#alone(child, [...path, key])]));
    }
    if ("node" in node) {
      throw new CheckpointError(
        `checkpoint: ${where(path)} is of a class of its own; give a state of the same structure as \`like\``,
      );
    }
    return this.#leaf(node);
  }

  #leaf(node: Exclude<Node, { list: unknown } | { object: unknown } | { node: unknown }>): unknown {
    if ("array" in node) return this.#array(node.array);
    if ("typed" in node) return this.#typed(node.typed, node.kind);
    return "special" in node ? specialValue(node.special)?.value : node.value;
  }

  /** As the model has it: its classes, and its order of keys. */
  #like(node: Node, like: unknown, path: readonly string[]): unknown {
    const differ = (): never => {
      throw new CheckpointError(
        `checkpoint: ${where(path)} was saved as ${describeNode(node, this.#tensors)}, the model has ${describe(like)}`,
      );
    };
    if (Array.isArray(like)) {
      if (!("list" in node) || node.list.length !== like.length) return differ();
      return like.map((child, i) => this.#like(node.list[i]!, child, [...path, String(i)]));
    }
    if (like instanceof JaxArray) {
      if (!("array" in node)) return differ();
      const x = this.#array(node.array);
      return x.dtype === like.dtype && sameShape(x.shape, like.shape) ? x : differ();
    }
    if (isTypedArray(like)) {
      return "typed" in node && node.kind === like.constructor.name ? this.#typed(node.typed, node.kind) : differ();
    }
    if (typeof like === "object" && like !== null) {
      if (isPlain(like)) return this.#object(node, like, path, differ);
      return this.#registered(node, like, path, differ);
    }
    if ("list" in node || "object" in node || "node" in node || "array" in node || "typed" in node) return differ();
    const value = this.#leaf(node);
    return typeof value === typeof like && (value === null) === (like === null) ? value : differ();
  }

  #object(node: Node, like: Record<string, unknown>, path: readonly string[], differ: () => never): unknown {
    if (!("object" in node)) return differ();
    const saved = new Map(node.object);
    const keys = Object.keys(like);
    const lacking = keys.find((key) => !saved.has(key));
    const extra = [...saved.keys()].find((key) => !Object.hasOwn(like, key));
    if (lacking !== undefined)
      throw new CheckpointError(`checkpoint: ${where([...path, lacking])} of the model was not saved`);
    if (extra !== undefined)
      throw new CheckpointError(`checkpoint: ${where([...path, extra])} was saved, and is not in the model`);
    return Object.fromEntries(keys.map((key) => [key, this.#like(saved.get(key)!, like[key], [...path, key])]));
  }

  #registered(node: Node, like: object, path: readonly string[], differ: () => never): unknown {
    const children = childrenOf(like);
    if (children === null || !("node" in node) || node.node.length !== children.length) return differ();
    const parts = children.map((child, i) => this.#like(node.node[i]!, child, [...path, String(i)]));
    return tree.unflatten(tree.structure(like, { isLeaf: (y) => y !== like }), parts);
  }
}

const where = (path: readonly string[]): string => (path.length === 0 ? "the state" : path.join("."));
const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

function describeNode(node: Node, tensors: Tensors): string {
  if ("list" in node) return `a list of ${node.list.length}`;
  if ("object" in node) return "an object";
  if ("node" in node) return `an object of a class with ${node.node.length} children`;
  if ("array" in node) {
    const tensor = tensors[node.array];
    return tensor === undefined
      ? "a missing array"
      : `${jaxDType(tensor.dtype) ?? tensor.dtype}[${tensor.shape.join(",")}]`;
  }
  if ("typed" in node) return node.kind;
  return "special" in node ? node.special : quoted(node.value);
}

function describe(x: unknown): string {
  if (x instanceof JaxArray) return `${x.dtype}[${x.shape.join(",")}]`;
  if (Array.isArray(x)) return `a list of ${x.length}`;
  if (isTypedArray(x)) return x.constructor.name;
  if (x === null) return "null";
  return typeof x === "object" ? `an object${isPlain(x) ? "" : ` of class ${x.constructor.name}`}` : `a ${typeof x}`;
}
