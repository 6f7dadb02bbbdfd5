/** Matrices whose entries are those of vectors, by an index for each place. */
import { broadcastShapes } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import { range } from "../../base/list";
import { type Tracer } from "../../core/tracer";
import { type Named, named } from "../../numpy/arguments";
import { gatherAxes } from "../../numpy/gather";
import { arrayFromHost } from "../../numpy/host";
import { concatenate } from "../../numpy/joining";
import {
  type ArrayLike,
  broadcastArray,
  constantLike,
  lift,
  promoteDTypes,
  promoteInexactDTypes,
} from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import * as ops from "../../ops/index";

/** The matrix [.., m, n] whose entry i, j is `v[.., index(i, j)]`. */
function pick(v: Tracer, m: number, n: number, index: (i: number, j: number) => number): Tracer {
  const data = Int32Array.from({ length: m * n }, (_, k) => index(Math.floor(k / n), k % n));
  const at = arrayFromHost("linalg", data, { shape: [m, n] });
  return gatherAxes(v, [v.ndim - 1], [at], v.ndim - 1, "promise_in_bounds");
}

/** A vector with batches; a scalar as a vector of one. */
const vectorOf = (x: Tracer): Tracer => (x.ndim === 0 ? ops.reshape(x, [1]) : x);
const lastSize = (x: Tracer): number => x.shape[x.ndim - 1]!;

/** Elements of the last axis from `from` to `to`. */
function part(x: Tracer, from: number, to = lastSize(x)): Tracer {
  const start = x.shape.map((_, i) => (i === x.ndim - 1 ? from : 0));
  return ops.slice(x, start, [...x.shape.slice(0, -1), to]);
}

/** Vectors with batches, those broadcast to one shape, in one dtype. */
function together(op: string, xs: readonly ArrayLike[]): Tracer[] {
  const vectors = promoteDTypes(xs).map(vectorOf);
  const lead = broadcastShapes(op, ...vectors.map((v) => v.shape.slice(0, -1)));
  return vectors.map((v) => broadcastArray(v, [...lead, lastSize(v)]));
}

/** The other vector: by position or by name. */
type Row = ArrayLike | null | Named<"r", ArrayLike | null>;

/** Zeros, in number, as a vector with the batches of x. */
const zeros = (x: Tracer, n: number): Tracer => ops.full([...x.shape.slice(0, -1), n], 0, x.dtype);

/**
 * A matrix with constant diagonals, of its first column and its first row (the column again by default; `r[0]` is not used).
 *
 * Shapes: `f32[.., m] x f32[.., n] -> f32[.., m, n]`
 * Dtypes: those of the vectors, promoted.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.toeplitz.html
 * @example
 * scipy.linalg.toeplitz(np.array([1, 2]), np.array([1, 3, 4])).js(); // => [[1, 3, 4], [2, 1, 3]]
 */
export function toeplitz(c: ArrayLike, given?: Row): Tracer {
  const r = named("r", given, null as ArrayLike | null);
  return owned(() => {
    const [column, row] = together("toeplitz", [c, r ?? c]) as [Tracer, Tracer];
    const [m, n] = [lastSize(column), lastSize(row)];
    if (m === 0 || n === 0) return ops.full([...column.shape.slice(0, -1), m, n], 0, column.dtype);
    const diagonals = ops.concatenate([ops.rev(column, [column.ndim - 1]), part(row, 1)], column.ndim - 1);
    return pick(diagonals, m, n, (i, j) => m - 1 - i + j);
  });
}

/**
 * A matrix with constant antidiagonals, of its first column and its last row (zeros by default; `r[0]` is not used).
 *
 * Shapes: `f32[.., m] x f32[.., n] -> f32[.., m, n]`
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.hankel.html
 * @example
 * scipy.linalg.hankel(np.array([1, 2]), np.array([9, 3, 4])).js(); // => [[1, 2, 3], [2, 3, 4]]
 */
export function hankel(c: ArrayLike, given?: Row): Tracer {
  const r = named("r", given, null as ArrayLike | null);
  return owned(() => {
    const first = vectorOf(lift(c));
    const [column, row] = together("hankel", [first, r ?? constantLike(first, 0)]) as [Tracer, Tracer];
    const [m, n] = [lastSize(column), lastSize(row)];
    if (m === 0 || n === 0) return ops.full([...column.shape.slice(0, -1), m, n], 0, column.dtype);
    const antidiagonals = ops.concatenate([column, part(row, 1)], column.ndim - 1);
    return pick(antidiagonals, m, n, (i, j) => i + j);
  });
}

/**
 * The matrix whose columns are a vector turned round by 0, 1, ...
 *
 * Shapes: `f32[.., n] -> f32[.., n, n]`
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.circulant.html
 * @example
 * scipy.linalg.circulant(np.array([1, 2, 3])).js(); // => [[1, 3, 2], [2, 1, 3], [3, 2, 1]]
 */
export function circulant(c: ArrayLike): Tracer {
  return owned(() => {
    const x = vectorOf(lift(c));
    const n = lastSize(x);
    return pick(x, n, n, (i, j) => (i - j + n) % n);
  });
}

type Mode = "full" | "same" | "valid";

/**
 * The matrix A with `A v = convolve(a, v, mode)` for v of size n.
 *
 * Shapes: `f32[.., m] -> f32[.., k, n]`, k = m + n - 1, or max(m, n) for "same", max(m, n) - min(m, n) + 1 for "valid".
 * Errors: ShapeError for an empty a, n below 1, or another mode.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.convolution_matrix.html
 * @example
 * scipy.linalg.convolutionMatrix(np.array([1, 2]), 2).js(); // => [[1, 0], [2, 1], [0, 2]]
 */
export function convolutionMatrix(a: ArrayLike, n: number, mode?: Mode | Named<"mode", Mode>): Tracer {
  const op = "convolutionMatrix";
  const part = named<"mode", Mode>("mode", mode, "full");
  if (!Number.isInteger(n) || n < 1) throw new ShapeError(`${op}: n must be a whole number above 0, got ${n}`);
  if (!["full", "same", "valid"].includes(part)) {
    throw new ShapeError(`${op}: mode must be "full", "same" or "valid", got ${String(part)}`);
  }
  return owned(() => {
    const x = vectorOf(lift(a));
    const m = lastSize(x);
    if (m === 0) throw new ShapeError(`${op}: the vector must not be empty, got ${x.aval}`);
    const [least, most] = [Math.min(m, n), Math.max(m, n)];
    const nRows = part === "full" ? m + n - 1 : part === "same" ? most : most - least + 1;
    const from = part === "full" ? 0 : part === "same" ? Math.floor((least - 1) / 2) : least - 1;
    const padded = ops.concatenate([x, zeros(x, 1)], x.ndim - 1);
    return pick(padded, nRows, n, (i, j) => {
      const k = i + from - j;
      return k >= 0 && k < m ? k : m;
    });
  });
}

/** `[0, 1, -a[1] / a[0], -a[2] / a[0], ...]` of polynomial coefficients. */
function monic(op: string, a: ArrayLike, least: number): Tracer {
  const x = vectorOf(promoteInexactDTypes([a])[0]!);
  if (lastSize(x) < least) {
    throw new ShapeError(`${op}: expected at least ${least} coefficient${least > 1 ? "s" : ""}, got ${x.aval}`);
  }
  const tail = part(x, 1);
  const ratios = ops.neg(ops.div(tail, broadcastArray(part(x, 0, 1), tail.shape)));
  const one = ops.full([...x.shape.slice(0, -1), 1], 1, x.dtype);
  return ops.concatenate([zeros(x, 1), one, ratios], x.ndim - 1);
}

/**
 * The companion matrix of a polynomial, highest power first: its eigenvalues are the roots.
 *
 * Shapes: `f32[.., n] -> f32[.., n - 1, n - 1]`
 * Dtypes: floats; integers give float32. A leading coefficient 0 gives infinities or NaN.
 * Errors: ShapeError for fewer than 2 coefficients.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.companion.html
 * @example
 * scipy.linalg.companion(np.array([1, -3, 2])).js(); // => [[3, -2], [1, 0]]
 */
export function companion(a: ArrayLike): Tracer {
  return owned(() => {
    const v = monic("companion", a, 2);
    const n = lastSize(v) - 2;
    return pick(v, n, n, (i, j) => (i === 0 ? j + 2 : Number(i === j + 1)));
  });
}

/**
 * Fiedler's companion matrix of a polynomial, with five diagonals: its eigenvalues are the roots.
 *
 * Shapes: `f32[.., n] -> f32[.., n - 1, n - 1]`
 * Dtypes: floats; integers give float32. A leading coefficient 0 gives infinities or NaN.
 * Errors: ShapeError for no coefficients.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.fiedler_companion.html
 * @example
 * scipy.linalg.fiedlerCompanion(np.array([1, -6, 11, -6])).js(); // => [[6, -11, 1], [1, 0, 0], [0, 6, 0]]
 */
export function fiedlerCompanion(a: ArrayLike): Tracer {
  return owned(() => {
    const v = monic("fiedlerCompanion", a, 1);
    const n = lastSize(v) - 2;
    // Coefficient k of the polynomial stands at index k + 1.
    return pick(v, n, n, (i, j) => {
      if (j === 0) return i === 0 ? 2 : Number(i === 1);
      if (i % 2 === 0) return j === i + 1 ? j + 2 : j === i - 1 ? i + 2 : Number(j === i + 2);
      return Number(j === i - 2);
    });
  });
}

/**
 * The matrix of distances `|a[i] - a[j]|`.
 *
 * Shapes: `f32[.., n] -> f32[.., n, n]`
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.fiedler.html
 * @example
 * scipy.linalg.fiedler(np.array([1, 4])).js(); // => [[0, 3], [3, 0]]
 */
export function fiedler(a: ArrayLike): Tracer {
  return owned(() => {
    const x = vectorOf(lift(a));
    const n = lastSize(x);
    const shape = [...x.shape.slice(0, -1), n, n];
    const rows = ops.broadcastInDim(x, shape, [...range(x.ndim - 1), x.ndim]);
    const columns = ops.broadcastInDim(x, shape, range(x.ndim));
    return ops.abs(ops.sub(columns, rows));
  });
}

/**
 * The Leslie matrix of a population: fecundities in its first row, survival rates below the diagonal.
 *
 * Shapes: `f32[.., n] x f32[.., n - 1] -> f32[.., n, n]`
 * Errors: ShapeError unless there is one survival rate less than fecundities, of which there are at least 2.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.leslie.html
 * @example
 * scipy.linalg.leslie(np.array([1, 2]), np.array([0.5])).js(); // => [[1, 2], [0.5, 0]]
 */
export function leslie(f: ArrayLike, s: ArrayLike): Tracer {
  return owned(() => {
    const [births, survival] = together("leslie", [f, s]) as [Tracer, Tracer];
    const n = lastSize(births);
    if (n < 2 || lastSize(survival) !== n - 1) {
      throw new ShapeError(
        `leslie: expected n >= 2 fecundities and n - 1 survival rates, got ${births.aval} and ${survival.aval}`,
      );
    }
    const v = ops.concatenate([births, survival, zeros(births, 1)], births.ndim - 1);
    return pick(v, n, n, (i, j) => (i === 0 ? j : i === j + 1 ? n + j : 2 * n - 1));
  });
}

/**
 * Matrices along a diagonal, zeros elsewhere. A vector is one row, a scalar one entry.
 *
 * Shapes: `f32[a, b] x f32[c, d] x .. -> f32[a + c + .., b + d + ..]`
 * Errors: ShapeError for more than 2 axes.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.block_diag.html
 * @example
 * scipy.linalg.blockDiag(np.ones([1, 2]), 3).js(); // => [[1, 1, 0], [0, 0, 3]]
 */
export function blockDiag(...arrs: readonly ArrayLike[]): Tracer {
  return owned(() => {
    if (arrs.length === 0) return ops.full([1, 0], 0, "float32");
    const blocks = promoteDTypes(arrs).map((x, i) => {
      if (x.ndim > 2) throw new ShapeError(`blockDiag: expected at most 2 axes, got ${x.aval} for block ${i}`);
      return x.ndim === 2 ? x : ops.reshape(x, [1, x.size]);
    });
    const nColumns = blocks.reduce((sum, b) => sum + b.shape[1]!, 0);
    let at = 0;
    const rows = blocks.map((b) => {
      const before = at;
      at += b.shape[1]!;
      return ops.pad(b, ops.full([], 0, b.dtype), [0, before], [0, nColumns - at]);
    });
    return concatenate(rows, 0);
  });
}
