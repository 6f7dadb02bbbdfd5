/** JAX's type promotion: a lattice of dtypes and weak types, and NumPy's broadcasting of shapes. */
import { ShapeError } from "../base/errors";
import { type DType, dtypeInfo, isFloat, isInteger } from "./dtype";
import type { Shape } from "./shaped-array";

/** A node of the lattice: a dtype, or a weak scalar kind (`i*`, `f*`). */
type Node = DType | "i*" | "f*";

/** Edges of JAX's lattice, each to its direct successors (docs.jax.dev, type_promotion). 64-bit integers are absent. */
const SUCCESSORS: Readonly<Record<Node, readonly Node[]>> = {
  bool: ["i*"],
  "i*": ["uint8", "int8"],
  uint8: ["int16", "uint16"],
  uint16: ["int32", "uint32"],
  uint32: ["f*"],
  int8: ["int16"],
  int16: ["int32"],
  int32: ["f*"],
  "f*": ["bfloat16", "float16"],
  bfloat16: ["float32"],
  float16: ["float32"],
  float32: ["float64"],
  float64: [],
};

function above(node: Node): Set<Node> {
  const seen = new Set<Node>();
  const visit = (n: Node): void => {
    if (seen.has(n)) return;
    seen.add(n);
    SUCCESSORS[n].forEach(visit);
  };
  visit(node);
  return seen;
}

function join(a: Node, b: Node): Node {
  if (a === b) return a;
  const upA = above(a);
  const common = [...above(b)].filter((n) => upA.has(n));
  // The least upper bound is the common successor that is below every other one.
  const least = common.find((n) => {
    const up = above(n);
    return common.every((m) => up.has(m));
  });
  // Without 64-bit integers, int32 and uint32 (and the like) meet at the weak float: JAX with x64 off gives int32.
  if (least === "f*" && isIntNode(a) && isIntNode(b)) return "int32";
  return least ?? "float64";
}

const isIntNode = (n: Node): boolean => n !== "f*" && (n === "i*" || isInteger(n) || n === "bool");

const nodeOf = (dtype: DType, weak: boolean): Node =>
  weak && dtype !== "bool" ? (isFloat(dtype) ? "f*" : "i*") : dtype;

export interface TypedDType {
  readonly dtype: DType;
  readonly weakType: boolean;
}

const cache = /* @__PURE__ */ new Map<string, TypedDType>();

/** The type that values of both types are converted to. Weak if a weak one decides: `int32` and a number give weak float32. */
export function promote(a: TypedDType, b: TypedDType): TypedDType {
  if (a.dtype === b.dtype && a.weakType === b.weakType) return a;
  const key = `${a.dtype}${a.weakType}${b.dtype}${b.weakType}`;
  let out = cache.get(key);
  if (out === undefined) {
    out = promoteUncached(a, b);
    cache.set(key, out);
  }
  return out;
}

function promoteUncached(a: TypedDType, b: TypedDType): TypedDType {
  const node = join(nodeOf(a.dtype, a.weakType), nodeOf(b.dtype, b.weakType));
  if (node === "i*" || node === "f*") {
    // A weak result keeps the widest of the weak dtypes that took part, or the default of its kind.
    const kindOk = (d: DType): boolean => (node === "f*" ? isFloat(d) : isInteger(d));
    const candidates = [a, b].filter((t) => t.weakType && kindOk(t.dtype)).map((t) => t.dtype);
    const wide = candidates.sort((x, y) => dtypeInfo(y).sizeBytes - dtypeInfo(x).sizeBytes)[0];
    return { dtype: wide ?? (node === "f*" ? "float32" : "int32"), weakType: true };
  }
  return { dtype: node, weakType: false };
}

/** Promotes a list of types, as `jnp.result_type`. */
export function promoteAll(types: readonly TypedDType[]): TypedDType {
  return types.reduce(promote);
}

/** NumPy's broadcast of shapes. Throws `ShapeError` when they do not fit; `op` names the caller. */
export function broadcastShapes(op: string, ...shapes: Shape[]): number[] {
  const ndim = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(ndim).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const at = ndim - shape.length + i;
      const n = shape[i]!;
      if (n === 1 || n === out[at]) continue;
      if (out[at] !== 1) {
        throw new ShapeError(
          `${op}: shapes cannot be broadcast together, got ${shapes.map((s) => `[${s.join(",")}]`).join(" and ")}; ` +
            `sizes along an axis must be equal or 1`,
        );
      }
      out[at] = n;
    }
  }
  return out;
}

/** An axis counted from the end made plain. Throws `ShapeError` when out of range. */
export function canonicalAxis(op: string, axis: number, ndim: number): number {
  if (!Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new ShapeError(
      `${op}: axis ${axis} is out of range for an array of ${ndim} axes; ` +
        (ndim === 0 ? "a scalar has none" : `expected ${-ndim} to ${ndim - 1}`),
    );
  }
  return axis < 0 ? axis + ndim : axis;
}

/** Several axes made plain and sorted; `null` or `undefined` means all. Throws `ShapeError` on repeats. */
export function canonicalAxes(op: string, axes: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: ndim }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => canonicalAxis(op, a, ndim));
  if (new Set(list).size !== list.length) throw new ShapeError(`${op}: axes are repeated, got [${list.join(", ")}]`);
  return list.sort((a, b) => a - b);
}
