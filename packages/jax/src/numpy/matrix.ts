/** Matrices: identity, triangles, diagonals. */
import { needNumber } from "../base/needed";
import type { DType } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { eagerProgram } from "../transforms/eager-program";
import { type Named, byPosition, named } from "./arguments";
import { type CreationOptions, array, creationOptions } from "./creation";
import { type ArrayLike, broadcastArray, constantLike, convert, lift } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";
import { sum } from "./reductions";
import { moveaxis, ravel } from "./shape";
import { nonzero } from "./selection";

/** The elements `[i, j]` of a matrix of this shape for which `test(i + k, j)`. */
function mask(shape: readonly number[], k: number, test: (i: Tracer, j: Tracer) => Tracer): Tracer {
  const n = shape.length;
  const i = ops.iota("int32", shape, n - 2);
  const shifted = k === 0 ? i : ops.add(i, constantLike(i, k));
  return test(shifted, ops.iota("int32", shape, n - 1));
}

export interface EyeOptions extends CreationOptions {
  /** Diagonal of the ones: 0 the main one, 1 the one above. */
  k?: number | undefined;
  /** The number of columns; as many as rows by default. */
  M?: number | null | undefined;
}

/** Ones on a diagonal, zeros elsewhere. Dtypes: float32 unless `dtype` is given. @example np.eye(2).js(); // => [[1, 0], [0, 1]] */
export function eye(
  numRows: number,
  numCols?: number | null | EyeOptions,
  k?: number | EyeOptions,
  options?: EyeOptions | DType,
): Tracer {
  const early = isOptions(numCols) ? numCols : isOptions(k) ? k : options;
  const o = creationOptions(early as CreationOptions) as EyeOptions;
  const m = typeof numCols === "number" ? numCols : (o.M ?? numRows);
  const shift = typeof k === "number" ? k : (o.k ?? 0);
  return owned(() => {
    const out = convert(mask([numRows, m], shift, ops.eq), o.dtype ?? "float32");
    return o.device === undefined
      ? out
      : array(out.dataSync(), { shape: out.shape, dtype: out.dtype, device: o.device });
  });
}

/** The identity matrix. @example np.identity(1).js(); // => [[1]] */
export function identity(n: number, options?: CreationOptions | DType): Tracer {
  return eye(n, n, 0, creationOptions(options));
}

/** Ones at and below a diagonal. @example np.tri(2).js(); // => [[1, 0], [1, 1]] */
export function tri(
  n: number,
  m?: number | null | EyeOptions,
  k?: number | EyeOptions,
  options?: EyeOptions | DType,
): Tracer {
  const early = isOptions(m) ? m : isOptions(k) ? k : options;
  const o = creationOptions(early as CreationOptions) as EyeOptions;
  const shift = typeof k === "number" ? k : (o.k ?? 0);
  return owned(() => convert(mask([n, typeof m === "number" ? m : (o.M ?? n)], shift, ops.ge), o.dtype ?? "float32"));
}

/** Which diagonal: by position or by name. */
type Diagonal = number | Named<"k", number>;

const triangle = /* @__PURE__ */ eagerProgram(function triangle(
  op: string,
  a: ArrayLike,
  diagonal: Diagonal | undefined,
  lower: boolean,
): Tracer {
  const k = named("k", diagonal, 0);
  const x = lift(a);
  if (x.ndim < 2) throw new ShapeError(`${op}: expected at least 2 axes, got ${x.aval}`);
  return owned(() => {
    const below = broadcastArray(mask(x.shape.slice(-2), lower ? k : k - 1, ops.ge), x.shape);
    const zero = constantLike(x, 0);
    return lower ? ops.where(below, x, zero) : ops.where(below, zero, x);
  });
});

/** The lower triangle: zeros above the k-th diagonal. @example np.tril(np.ones([2, 2])).js(); // => [[1, 0], [1, 1]] */
export function tril(a: ArrayLike, k?: Diagonal): Tracer {
  return triangle("tril", a, k, true);
}

/** The upper triangle: zeros below the k-th diagonal. @example np.triu(np.ones([2, 2])).js(); // => [[1, 1], [0, 1]] */
export function triu(a: ArrayLike, k?: Diagonal): Tracer {
  return triangle("triu", a, k, false);
}

/** A matrix with a vector on its k-th diagonal; of a matrix its k-th diagonal. @example np.diag(np.array([1, 2])).js(); // => [[1, 0], [0, 2]] */
export const diag = /* @__PURE__ */ eagerProgram(function diag(v: ArrayLike, diagonalNumber?: Diagonal): Tracer {
  const k = named("k", diagonalNumber, 0);
  const x = lift(v);
  if (x.ndim === 2) return diagonal(x, k);
  if (x.ndim !== 1) throw new ShapeError(`diag: expected a vector or a matrix, got ${x.aval}`);
  return owned(() => {
    const n = x.size + Math.abs(k);
    const padded = ops.pad(x, convert(lift(0), x.dtype), [Math.max(0, k)], [Math.max(0, -k)], [0]);
    return ops.where(mask([n, n], k, ops.eq), broadcastArray(padded, [n, n]), ops.full([n, n], 0, x.dtype));
  });
});

/** A matrix with the flattened array on its k-th diagonal. @example np.diagflat(np.array([[1], [2]])).js(); // => [[1, 0], [0, 2]] */
export function diagflat(v: ArrayLike, k?: Diagonal): Tracer {
  return owned(() => diag(ravel(v), k));
}

export interface DiagonalOptions {
  offset?: number;
  axis1?: number;
  axis2?: number;
  /** Of `trace`: the dtype of the sum. */
  dtype?: DType | undefined;
}

export type DiagonalArguments = [
  offset?: number | DiagonalOptions,
  axis1?: number | DiagonalOptions,
  axis2?: number | DiagonalOptions,
  dtype?: DType | DiagonalOptions,
];
const DIAGONAL = ["offset", "axis1", "axis2", "dtype"] as const;

/** The diagonal of two axes (0 and 1), as the last axis. @example np.diagonal(np.array([[1, 2], [3, 4]])).js(); // => [1, 4] */
export function diagonal(a: ArrayLike, ...rest: DiagonalArguments): Tracer {
  const { offset: k = 0, axis1 = 0, axis2 = 1 } = byPosition<DiagonalOptions>(DIAGONAL, rest);
  const x = lift(a);
  if (x.ndim < 2) throw new ShapeError(`diagonal: expected at least 2 axes, got ${x.aval}`);
  const [i, j] = [canonicalAxis("diagonal", axis1, x.ndim), canonicalAxis("diagonal", axis2, x.ndim)];
  if (i === j) throw new ShapeError("diagonal: the two axes must differ");
  return owned(() => {
    const y = moveaxis(x, [i, j], [-2, -1]);
    const [n, m] = [y.shape[y.ndim - 2]!, y.shape[y.ndim - 1]!];
    const [r, c] = [Math.max(0, -k), Math.max(0, k)];
    const size = Math.max(0, Math.min(n - r, m - c));
    // In the flattened matrix the diagonal is every (m + 1)-th element.
    const lead = y.shape.slice(0, -2);
    const start = size === 0 ? 0 : r * m + c;
    const stop = size === 0 ? 0 : start + (size - 1) * (m + 1) + 1;
    return ops.slice(
      ops.reshape(y, [...lead, n * m]),
      [...lead.map(() => 0), start],
      [...lead, stop],
      [...lead.map(() => 1), m + 1],
    );
  });
}

/** Sum of a diagonal. Dtypes: as sum. @example np.trace(np.eye(3)).js(); // => 3 */
export const trace = /* @__PURE__ */ eagerProgram(function trace(a: ArrayLike, ...rest: DiagonalArguments): Tracer {
  const { dtype } = byPosition<DiagonalOptions>(DIAGONAL, rest);
  return owned(() => sum(diagonal(a, ...rest), -1, { dtype }));
});

/** Index arrays of the main diagonal. @example np.diagIndices(2)[0].js(); // => [0, 1] */
export function diagIndices(n: number, ndim?: number | Named<"ndim", number>): Tracer[] {
  const size = needNumber("diagIndices", "n", n);
  return range(named("ndim", ndim, 2)).map(() => ops.iota("int32", [size], 0));
}

/** Index arrays of the main diagonal of an array with equal sizes. @example np.diagIndicesFrom(np.eye(2)).length; // => 2 */
export function diagIndicesFrom(arr: ArrayLike): Tracer[] {
  const { shape } = lift(arr);
  if (shape.length < 2 || new Set(shape).size > 1)
    throw new ShapeError(`diagIndicesFrom: sizes must be equal, got [${shape.join(", ")}]`);
  return diagIndices(shape[0]!, shape.length);
}

/** Index arrays of the elements of a matrix for which a condition on row and column holds; known without reading. */
function pairs(n: number, m: number, holds: (i: number, j: number) => boolean): [Tracer, Tracer] {
  const rows: number[] = [];
  const columns: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      if (!holds(i, j)) continue;
      rows.push(i);
      columns.push(j);
    }
  }
  return [array(Int32Array.from(rows)), array(Int32Array.from(columns))];
}

interface IndicesOptions {
  k?: number | undefined;
  /** Number of columns; as many as rows by default. */
  m?: number | undefined;
}

/** Index arrays of the lower triangle. @example np.trilIndices(2)[1].js(); // => [0, 0, 1] */
export function trilIndices(n: number, k?: number | IndicesOptions, m?: number | IndicesOptions): [Tracer, Tracer] {
  const o = byPosition<IndicesOptions>(["k", "m"], [k, m]);
  return pairs(needNumber("trilIndices", "n", n), o.m ?? n, (i, j) => j <= i + (o.k ?? 0));
}

/** Index arrays of the upper triangle. @example np.triuIndices(2)[1].js(); // => [0, 1, 1] */
export function triuIndices(n: number, k?: number | IndicesOptions, m?: number | IndicesOptions): [Tracer, Tracer] {
  const o = byPosition<IndicesOptions>(["k", "m"], [k, m]);
  return pairs(needNumber("triuIndices", "n", n), o.m ?? n, (i, j) => j >= i + (o.k ?? 0));
}

function matrixShape(op: string, arr: ArrayLike): [number, number] {
  const { shape } = lift(arr);
  if (shape.length !== 2) throw new ShapeError(`${op}: expected a matrix, got ${shape.length} axes`);
  return [shape[0]!, shape[1]!];
}

/** `trilIndices` for a matrix. @example np.trilIndicesFrom(np.eye(2))[0].js(); // => [0, 1, 1] */
export function trilIndicesFrom(arr: ArrayLike, k?: Diagonal): [Tracer, Tracer] {
  const [n, m] = matrixShape("trilIndicesFrom", arr);
  return trilIndices(n, named("k", k, 0), m);
}

/** `triuIndices` for a matrix. @example np.triuIndicesFrom(np.eye(2))[0].js(); // => [0, 0, 1] */
export function triuIndicesFrom(arr: ArrayLike, k?: Diagonal): [Tracer, Tracer] {
  const [n, m] = matrixShape("triuIndicesFrom", arr);
  return triuIndices(n, named("k", k, 0), m);
}

/** Index arrays of what a mask function leaves of an n by n matrix of ones. @example np.maskIndices(2, np.triu)[0].js(); // => [0, 0, 1] */
export function maskIndices(n: number, maskFunc: (m: Tracer, k: number) => ArrayLike, k?: Diagonal): Tracer[] {
  return owned(() => nonzero(maskFunc(ops.full([n, n], 1, "float32"), named("k", k, 0))));
}
