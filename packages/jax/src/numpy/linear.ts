/** Products of vectors and matrices. Sums of 16-bit floats accumulate in float32. */
import { checkOptionNames, checkOptions } from "../base/option-names";
import type { DType } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import { broadcastShapes, canonicalAxis } from "../aval/promote";
import { range } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { multiply, subtract } from "./arithmetic";
import { promoteTypes } from "./dtypes";
import { type ArrayLike, convert, lift, promoteDTypes } from "./lift";
import { byPosition } from "./arguments";
import { isOptions } from "./options";
import { owned } from "./owned";
import { stack } from "./joining";
import { expandDims, moveaxis, ravel, reshape } from "./shape";

type Pair = [Tracer, Tracer];

interface DotAxes {
  readonly lhsContract: readonly number[];
  readonly rhsContract: readonly number[];
  readonly lhsBatch: readonly number[];
  readonly rhsBatch: readonly number[];
}

/** dot_general on one dtype. */
function contract(a: Tracer, b: Tracer, axes: DotAxes): Tracer {
  const dims: ops.DotDimensionNumbers = [
    [axes.lhsContract, axes.rhsContract],
    [axes.lhsBatch, axes.rhsBatch],
  ];
  return ops.dotGeneral(a, b, dims);
}

export interface ProductOptions {
  /** Dtype of the result, in which sums are taken too if it is the wider one. */
  preferredElementType?: DType | null | undefined;
}

/** A product of operands of one dtype: that of both, or a wider one that is preferred. */
function product(x: ArrayLike, y: ArrayLike, options: ProductOptions, f: (a: Tracer, b: Tracer) => Tracer): Tracer {
  checkOptionNames(options, ["preferredElementType", "axes"]);
  const { preferredElementType: dtype } = options;
  const [a, b] = promoteDTypes([x, y]) as Pair;
  if (dtype === undefined || dtype === null) return f(a, b);
  const common = promoteTypes(a.dtype, dtype);
  return owned(() => convert(f(convert(a, common), convert(b, common)), dtype));
}

function checkContracted(op: string, a: Tracer, i: number, b: Tracer, j: number): void {
  if (a.shape[i] !== b.shape[j]) {
    throw new ShapeError(
      `${op}: contracted sizes must be equal, got ${a.aval} and ${b.aval}: axis ${i} of the first has size ${a.shape[i]}, ` +
        `axis ${j} of the second ${b.shape[j]}; transpose one of them with .T or np.swapaxes`,
    );
  }
}

/**
 * Matrix product over the last two axes; the axes before broadcast. A vector on the left is a row, on the right a column,
 * and its axis is dropped.
 *
 * Shapes: `f32[.., n, k] x f32[.., k, m] -> f32[.., n, m]`
 * Errors: ShapeError for scalars and for sizes that do not fit.
 * @example
 * np.matmul(np.array([[1, 2], [3, 4]]), np.array([1, 1])).js(); // => [3, 7]
 */
export function matmul(x: ArrayLike, y: ArrayLike, options: ProductOptions = {}): Tracer {
  return product(x, y, options, matmulOf);
}

function matmulOf(a: Tracer, b: Tracer): Tracer {
  if (a.ndim === 0 || b.ndim === 0)
    throw new ShapeError(`matmul: scalars have no matrix product, got ${a.aval} and ${b.aval}`);
  const [i, j] = [a.ndim - 1, Math.max(0, b.ndim - 2)];
  checkContracted("matmul", a, i, b, j);
  // Without batch axes on the right the product is one dot_general, its axes in order.
  if (b.ndim <= 2) return contract(a, b, { lhsContract: [i], rhsContract: [j], lhsBatch: [], rhsBatch: [] });
  return owned(() => batchedMatmul(a, b, i, j));
}

/** Batch axes that both have are batch axes of dot_general; those of one operand alone are free axes of it. */
function batchedMatmul(a: Tracer, b: Tracer, i: number, j: number): Tracer {
  const lead = (t: Tracer): number[] => t.shape.slice(0, Math.max(0, t.ndim - 2));
  const batchShape = broadcastShapes("matmul", lead(a), lead(b));
  const nb = batchShape.length;
  const sizeAt = (t: Tracer, k: number): number => lead(t)[k - (nb - lead(t).length)] ?? 1;
  const lhs = keepAxes(a, (k) => sizeAt(a, k) !== 1, nb);
  const rhs = keepAxes(b, (k) => sizeAt(b, k) !== 1, nb);
  const shared = range(nb).filter((k) => lhs.batch.includes(k) && rhs.batch.includes(k));
  const out = contract(lhs.x, rhs.x, {
    lhsContract: [i - (a.ndim - lhs.x.ndim)],
    rhsContract: [j - (b.ndim - rhs.x.ndim)],
    lhsBatch: shared.map((k) => lhs.batch.indexOf(k)),
    rhsBatch: shared.map((k) => rhs.batch.indexOf(k)),
  });
  // Result axes now: shared, lhs-only batch, n, rhs-only batch, m. Labels: batch k, then nb for n, nb + 1 for m.
  const labels = [
    ...shared,
    ...lhs.batch.filter((k) => !shared.includes(k)),
    ...(a.ndim > 1 ? [nb] : []),
    ...rhs.batch.filter((k) => !shared.includes(k)),
    nb + 1,
  ];
  const order = [...labels].sort((p, q) => p - q).map((l) => labels.indexOf(l));
  const arranged = order.every((p, k) => p === k) ? out : ops.transpose(out, order);
  const tail = [...(a.ndim > 1 ? [a.shape[a.ndim - 2]!] : []), b.shape[b.ndim - 1]!];
  return reshape(arranged, [...batchShape, ...tail]);
}

/** Drops batch axes of size 1; `batch` are the broadcast batch axes that are left. */
function keepAxes(t: Tracer, keep: (k: number) => boolean, nb: number): { x: Tracer; batch: number[] } {
  const nLead = Math.max(0, t.ndim - 2);
  const batch = range(nb - nLead, nb).filter(keep);
  const sizes = [...batch.map((k) => t.shape[k - (nb - nLead)]!), ...t.shape.slice(nLead)];
  return { x: sizes.length === t.ndim ? t : ops.reshape(t, sizes), batch };
}

/**
 * Dot product: over the last axis of `x` and the second to last of `y`; scalars multiply.
 * @example
 * np.dot(np.array([1, 2]), np.array([3, 4])).js(); // => 11
 */
export function dot(x: ArrayLike, y: ArrayLike, options: ProductOptions = {}): Tracer {
  return product(x, y, options, (a, b) => {
    if (a.ndim === 0 || b.ndim === 0) return multiply(a, b);
    const [i, j] = [a.ndim - 1, Math.max(0, b.ndim - 2)];
    checkContracted("dot", a, i, b, j);
    return contract(a, b, { lhsContract: [i], rhsContract: [j], lhsBatch: [], rhsBatch: [] });
  });
}

/** Dot product over the last axes; scalars multiply. @example np.inner(np.array([1, 2]), np.array([3, 4])).js(); // => 11 */
export function inner(x: ArrayLike, y: ArrayLike, options: ProductOptions = {}): Tracer {
  return product(x, y, options, (a, b) => {
    if (a.ndim === 0 || b.ndim === 0) return multiply(a, b);
    checkContracted("inner", a, a.ndim - 1, b, b.ndim - 1);
    return contract(a, b, { lhsContract: [a.ndim - 1], rhsContract: [b.ndim - 1], lhsBatch: [], rhsBatch: [] });
  });
}

/** All products of two flattened arrays. @example np.outer(np.array([1, 2]), np.array([3, 4])).js(); // => [[3, 4], [6, 8]] */
export function outer(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => {
    const [a, b] = promoteDTypes([x, y]) as Pair;
    return multiply(reshape(a, [-1, 1]), ravel(b));
  });
}

/** Dot product of the flattened arrays. @example np.vdot(np.ones([2, 2]), np.ones([2, 2])).js(); // => 4 */
export function vdot(x: ArrayLike, y: ArrayLike, options: ProductOptions = {}): Tracer {
  return owned(() => dot(ravel(x), ravel(y), options));
}

export interface VecdotOptions extends ProductOptions {
  axis?: number | undefined;
}

/** Dot products along one axis; the others broadcast. @example np.vecdot(np.ones([3, 2]), np.ones([2])).js(); // => [2, 2, 2] */
export function vecdot(
  x: ArrayLike,
  y: ArrayLike,
  axis: number | VecdotOptions = -1,
  options: ProductOptions = {},
): Tracer {
  const o: VecdotOptions = { ...(isOptions(axis) ? (axis as VecdotOptions) : { axis: axis as number }), ...options };
  checkOptions("vecdot", o, { axis: true, preferredElementType: true });
  const along = o.axis ?? -1;
  return owned(() => {
    const [a, b] = promoteDTypes([x, y]) as Pair;
    const [p, q] = [moveaxis(a, along, -1), moveaxis(b, along, -1)];
    checkContracted("vecdot", p, p.ndim - 1, q, q.ndim - 1);
    const out = matmul(expandDims(p, -2), expandDims(q, -1), { preferredElementType: o.preferredElementType });
    return reshape(out, out.shape.slice(0, -2));
  });
}

/** Matrices times vectors, both batched. @example np.matvec(np.ones([2, 3]), np.ones([3])).js(); // => [3, 3] */
export function matvec(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => {
    const out = matmul(x1, expandDims(x2, -1));
    return reshape(out, out.shape.slice(0, -1));
  });
}

/** Vectors times matrices, both batched. @example np.vecmat(np.ones([2]), np.ones([2, 3])).js(); // => [2, 2, 2] */
export function vecmat(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => {
    const out = matmul(expandDims(x1, -2), x2);
    return reshape(out, [...out.shape.slice(0, -2), out.shape[out.ndim - 1]!]);
  });
}

/** Axes of tensordot: how many last axes of `x` meet first axes of `y`, or which. */
export type TensordotAxes = number | readonly [number | readonly number[], number | readonly number[]];

export interface TensordotOptions extends ProductOptions {
  axes?: TensordotAxes | undefined;
}

/** Contraction over pairs of axes. @example np.tensordot(np.ones([2, 3]), np.ones([2, 3]), [[0, 1], [0, 1]]).js(); // => 6 */
export function tensordot(
  x: ArrayLike,
  y: ArrayLike,
  axes: TensordotAxes | TensordotOptions = 2,
  options: ProductOptions = {},
): Tracer {
  const o = { ...(isOptions(axes) ? (axes as TensordotOptions) : { axes: axes as TensordotAxes }), ...options };
  return product(x, y, o, (a, b) => tensordotOf(a, b, o.axes ?? 2));
}

function tensordotOf(a: Tracer, b: Tracer, which: TensordotAxes): Tracer {
  const list = (v: number | readonly number[], t: Tracer): number[] =>
    (typeof v === "number" ? [v] : [...v]).map((k) => canonicalAxis("tensordot", k, t.ndim));
  if (typeof which === "number" && (which > a.ndim || which > b.ndim)) {
    throw new ShapeError(`tensordot: ${which} axes of ${a.aval} and ${b.aval}`);
  }
  const [p, q] =
    typeof which === "number" ? [range(a.ndim - which, a.ndim), range(which)] : [list(which[0], a), list(which[1], b)];
  if (p.length !== q.length) throw new ShapeError(`tensordot: ${p.length} axes against ${q.length}`);
  p.forEach((i, k) => checkContracted("tensordot", a, i, b, q[k]!));
  return contract(a, b, { lhsContract: p, rhsContract: q, lhsBatch: [], rhsBatch: [] });
}

/** Kronecker product. @example np.kron(np.array([1, 2]), np.array([1, 1])).js(); // => [1, 1, 2, 2] */
export function kron(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => {
    const [a, b] = [lift(x), lift(y)];
    const n = Math.max(a.ndim, b.ndim);
    const sizes = (t: Tracer): number[] => [...new Array<number>(n - t.ndim).fill(1), ...t.shape];
    const [s, t] = [sizes(a), sizes(b)];
    const out = multiply(
      reshape(
        a,
        s.flatMap((k) => [k, 1]),
      ),
      reshape(
        b,
        t.flatMap((k) => [1, k]),
      ),
    );
    return reshape(
      out,
      s.map((k, i) => k * t[i]!),
    );
  });
}

export interface CrossOptions {
  axisa?: number | undefined;
  axisb?: number | undefined;
  axisc?: number | undefined;
  axis?: number | null | undefined;
}

/** Cross product of vectors of size 3 (or 2: the missing component is 0; of two such only the last component). @example np.cross(np.array([1, 0, 0]), np.array([0, 1, 0])).js(); // => [0, 0, 1] */
export function cross(a: ArrayLike, b: ArrayLike, ...given: readonly (CrossOptions | number)[]): Tracer {
  const o = byPosition<CrossOptions>(["axisa", "axisb", "axisc", "axis"], given);
  return owned(() => {
    const [x, y] = promoteDTypes([a, b]) as Pair;
    const p = moveaxis(x, o.axis ?? o.axisa ?? -1, -1);
    const q = moveaxis(y, o.axis ?? o.axisb ?? -1, -1);
    const [m, n] = [p.shape[p.ndim - 1]!, q.shape[q.ndim - 1]!];
    if (![2, 3].includes(m) || ![2, 3].includes(n)) {
      throw new ShapeError(`cross: vectors must have size 2 or 3, got ${x.aval} and ${y.aval}`);
    }
    const part = (t: Tracer, k: number): Tracer =>
      reshape(
        ops.slice(
          t,
          t.shape.map((_, i) => (i === t.ndim - 1 ? k : 0)),
          t.shape.map((s, i) => (i === t.ndim - 1 ? k + 1 : s)),
        ),
        t.shape.slice(0, -1),
      );
    const minor = (i: number, j: number): Tracer =>
      subtract(multiply(part(p, i), part(q, j)), multiply(part(p, j), part(q, i)));
    if (m === 2 && n === 2) return minor(0, 1);
    const z2 = (t: Tracer, size: number): Tracer => (size === 3 ? part(t, 2) : multiply(part(t, 0), 0));
    const [pz, qz] = [z2(p, m), z2(q, n)];
    const first = subtract(multiply(part(p, 1), qz), multiply(pz, part(q, 1)));
    const second = subtract(multiply(pz, part(q, 0)), multiply(part(p, 0), qz));
    return moveaxis(stack([first, second, minor(0, 1)], -1), -1, o.axis ?? o.axisc ?? -1);
  });
}
