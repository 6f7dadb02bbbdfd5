/** Orthogonal factors: polar decomposition, products with q, eigenvalues of tridiagonal matrices. */
import { checkOptions } from "../../base/option-names";
import { ShapeError } from "../../base/errors";
import { prod } from "../../base/list";
import type { Tracer } from "../../core/tracer";
import { qdwh } from "../../lax/polar";
import { byPosition } from "../../numpy/arguments";
import { type ArrayLike, inexact, promoteInexactDTypes } from "../../numpy/lift";
import { eigh as numpyEigh, svd as numpySvd } from "../../numpy/linalg";
import { matmul } from "../../numpy/linear";
import { multiply } from "../../numpy/arithmetic";
import { diag } from "../../numpy/matrix";
import { owned } from "../../numpy/owned";
import { expandDims, matrixTranspose } from "../../numpy/shape";
import * as ops from "../../ops/index";
import { vmap } from "../../transforms/vmap";
import { matrixSizes, qr } from "./factor";

export interface PolarOptions {
  side?: "left" | "right" | undefined;
  /** An iteration (default), or singular values. */
  method?: "qdwh" | "svd" | undefined;
  eps?: number | undefined;
  maxIterations?: number | undefined;
}

/**
 * The polar decomposition `[u, p]`: `a = u p`, or for side "left" `a = p u`, with u of orthonormal columns (rows, if it
 * is wide) and p symmetric positive semidefinite.
 *
 * Shapes: `f32[.., m, n] -> [f32[.., m, n], f32[.., n, n]]`, p `[.., m, m]` for side "left".
 * Gradient: with method "qdwh" forward mode only, with "svd" both where singular values are distinct. Matrices that are
 * wide (for side "left": tall) are always done by singular values.
 * Errors: ShapeError for another side or method.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.polar.html
 * @example
 * scipy.linalg.polar(np.array([[0, -2], [3, 0]]))[1].js(); // => [[3, 0], [0, 2]]
 */
export function polar(
  a: ArrayLike,
  side?: "left" | "right" | PolarOptions,
  options: PolarOptions = {},
): [u: Tracer, p: Tracer] {
  const o = byPosition<PolarOptions>(["side"], [side, options], ["method", "eps", "maxIterations"]);
  const { side: where = "right", method = "qdwh" } = o;
  if (where !== "left" && where !== "right") {
    throw new ShapeError(`polar: side must be "left" or "right", got ${String(where)}`);
  }
  if (method !== "qdwh" && method !== "svd") {
    throw new ShapeError(`polar: method must be "qdwh" or "svd", got ${String(method)}`);
  }
  return owned((): [Tracer, Tracer] => {
    const given = inexact(a);
    const left = where === "left";
    const x = left ? matrixTranspose(given) : given;
    const [m, n] = matrixSizes("polar", x);
    const [u, p] = method === "svd" || m < n ? bySingularValues(x) : byIteration(x, o);
    return left ? [matrixTranspose(u), p] : [u, p];
  });
}

function bySingularValues(x: Tracer): [Tracer, Tracer] {
  const [u, s, vt] = numpySvd(x, { fullMatrices: false });
  return [matmul(u, vt), matmul(matrixTranspose(vt), multiply(expandDims(s, -1), vt))];
}

function byIteration(x: Tracer, { eps, maxIterations }: PolarOptions): [Tracer, Tracer] {
  const one = (y: Tracer): [Tracer, Tracer] => {
    const [u, p] = qdwh(y, { eps, maxIterations });
    return [u, p];
  };
  if (x.ndim === 2) return one(x);
  const [lead, sizes] = [x.shape.slice(0, -2), x.shape.slice(-2)];
  const flat = ops.reshape(x, [prod(lead), ...sizes]);
  const [u, p] = vmap(one)(flat) as [Tracer, Tracer];
  return [ops.reshape(u, x.shape), ops.reshape(p, [...lead, sizes[1]!, sizes[1]!])];
}

export interface QrMultiplyOptions {
  /** "right" (default): c q. "left": q c. */
  mode?: "left" | "right" | undefined;
  /** Takes columns in the order that makes the diagonal of r descend, and gives that order. */
  pivoting?: boolean | undefined;
}

/**
 * `[c q, r]`, or with mode "left" `[q c, r]`, of the thin QR decomposition of a; with `pivoting` also the order of columns.
 *
 * Shapes: `f32[.., m, n] x f32[.., p, m] -> [f32[.., p, k], f32[.., k, n]]`, k = min(m, n); "left" c is `[.., k, p]` and
 * gives `[.., m, p]`. A vector c is a row, or for "left" a column, and so is the result.
 * Errors: ShapeError for sizes that do not fit, or another mode.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.qr_multiply.html
 * @example
 * scipy.linalg.qrMultiply(np.array([[3], [4]]), np.array([3, 4]))[0].js(); // => [-5]
 */
export function qrMultiply(
  a: ArrayLike,
  c: ArrayLike,
  mode?: "left" | "right" | QrMultiplyOptions,
  pivoting?: boolean | QrMultiplyOptions,
): Tracer[] {
  const o = byPosition<QrMultiplyOptions>(["mode", "pivoting"], [mode, pivoting]);
  const { mode: side = "right", pivoting: pivots = false } = o;
  if (side !== "left" && side !== "right") {
    throw new ShapeError(`qrMultiply: mode must be "left" or "right", got ${String(side)}`);
  }
  return owned(() => {
    const [x, y] = promoteInexactDTypes([a, c]) as [Tracer, Tracer];
    const [m, n] = matrixSizes("qrMultiply", x);
    const k = Math.min(m, n);
    const vector = y.ndim === 1;
    const at = side === "left" ? -2 : -1;
    const z = vector ? expandDims(y, at + 1 === 0 ? 0 : 1) : y;
    if (z.shape[z.ndim + at] !== (side === "left" ? k : m)) {
      throw new ShapeError(`qrMultiply: ${y.aval} does not fit ${x.aval} with mode "${side}"`);
    }
    const [q, r, ...order] = pivots
      ? qr(x, { mode: "economic", pivoting: true })
      : (qr(x, { mode: "economic" }) as [Tracer, Tracer]);
    const product = side === "left" ? matmul(q!, z) : matmul(z, q!);
    return [vector ? ops.reshape(product, [product.size]) : product, r!, ...order];
  });
}

export interface EighTridiagonalOptions {
  /** Gives the eigenvalues alone. */
  eigvalsOnly?: boolean | undefined;
  /** "a": all (default). "i": those with numbers from `selectRange[0]` to `selectRange[1]`, that included. */
  select?: "a" | "i" | undefined;
  selectRange?: readonly [first: number, last: number] | null | undefined;
  /** Unused: eigenvalues are as exact as the dtype. */
  tol?: number | null | undefined;
}

/**
 * Eigenvalues, ascending, and eigenvectors (columns) of the symmetric matrix with diagonal d, and e beside it.
 *
 * Shapes: `f32[n] x f32[n - 1] -> [f32[n], f32[n, n]]`
 * Gradient: as `eigh`.
 * Errors: ShapeError for sizes that do not fit, or a selection that is none.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.eigh_tridiagonal.html
 * @example
 * scipy.linalg.eighTridiagonal(np.array([0, 0]), np.array([2]), { eigvalsOnly: true }).js(); // => [-2, 2]
 */
export function eighTridiagonal(
  d: ArrayLike,
  e: ArrayLike,
  options: EighTridiagonalOptions & { eigvalsOnly: true },
): Tracer;
export function eighTridiagonal(d: ArrayLike, e: ArrayLike, options?: EighTridiagonalOptions): [w: Tracer, v: Tracer];
export function eighTridiagonal(
  d: ArrayLike,
  e: ArrayLike,
  options: EighTridiagonalOptions = {},
): Tracer | [Tracer, Tracer] {
  checkOptions("eighTridiagonal", options, { eigvalsOnly: true, select: true, selectRange: true, tol: true });
  const op = "eighTridiagonal";
  return owned((): Tracer | [Tracer, Tracer] => {
    const [x, y] = promoteInexactDTypes([d, e]) as [Tracer, Tracer];
    if (x.ndim !== 1 || y.ndim !== 1 || x.size === 0 || y.size !== x.size - 1) {
      throw new ShapeError(
        `${op}: expected a diagonal [n] and [n - 1] elements beside it, got ${x.aval} and ${y.aval}`,
      );
    }
    const [from, to] = selected(op, x.size, options);
    const beside = y.size === 0 ? ops.full([1, 1], 0, x.dtype) : ops.add(diag(y, 1), diag(y, -1));
    const [w, v] = numpyEigh(ops.add(diag(x), beside));
    const values = ops.slice(w, [from], [to]);
    return options.eigvalsOnly === true ? values : [values, ops.slice(v, [0, from], [x.size, to])];
  });
}

function selected(op: string, n: number, { select = "a", selectRange }: EighTridiagonalOptions): [number, number] {
  if (select === "a") return [0, n];
  if (select !== "i") throw new ShapeError(`${op}: select must be "a" or "i", got ${String(select)}`);
  const [first, last] = selectRange ?? [NaN, NaN];
  if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < n)) {
    throw new ShapeError(
      `${op}: selectRange must be two numbers of eigenvalues, 0 to ${n - 1}, got [${first}, ${last}]`,
    );
  }
  return [first, last + 1];
}
