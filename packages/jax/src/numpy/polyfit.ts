/** Polynomials through points, by least squares. */
import { ShapeError } from "../base/errors";
import { type Tracer, literal } from "../core/tracer";
import * as ops from "../ops/index";
import { byPosition } from "./arguments";
import { divide, maximum, multiply } from "./arithmetic";
import { sqrt, square } from "./elementwise";
import { finfo } from "./dtypes";
import { type ArrayLike, constantLike, inexact, promoteInexactDTypes } from "./lift";
import { inv, svd } from "./linalg";
import { matmul } from "./linear";
import { owned } from "./owned";
import { vander } from "./poly";
import { sum } from "./reductions";
import { matrixTranspose, reshape } from "./shape";

export interface PolyfitOptions {
  /** Singular values below this share of the largest count as 0; the size of x times the float precision by default. */
  rcond?: number | null | undefined;
  /** Also gives residuals, rank, singular values and rcond, as a list. */
  full?: boolean | undefined;
  /** Weights of the points: the residuals are multiplied by them before they are squared. */
  w?: ArrayLike | null | undefined;
  /** Also gives the covariance of the coefficients; "unscaled" if the weights are reciprocals of standard deviations. */
  cov?: boolean | "unscaled" | undefined;
}

/**
 * Coefficients, the highest power first, of the polynomial of degree `deg` nearest to the points (x, y) in the sense of
 * least squares.
 *
 * Shapes: `f32[n] x f32[n] -> f32[deg + 1]`, or `f32[n, k]` for k sets of y and `f32[deg + 1, k]`.
 * Errors: ShapeError for shapes that do not fit, a degree that is no whole number, or too few points for `cov`.
 * Source: numpy.polyfit
 * @example
 * np.polyfit(np.array([0, 1, 2]), np.array([1, 3, 5]), 1).js(); // => [2, 1]
 */
export function polyfit(x: ArrayLike, y: ArrayLike, deg: number, options?: PolyfitOptions): Tracer;
export function polyfit(
  x: ArrayLike,
  y: ArrayLike,
  deg: number,
  options: PolyfitOptions & ({ full: true } | { cov: true | "unscaled" }),
): Tracer[];
export function polyfit(
  x: ArrayLike,
  y: ArrayLike,
  deg: number,
  ...rest: readonly (number | null | boolean | ArrayLike | PolyfitOptions | undefined)[]
): Tracer | Tracer[];
export function polyfit(x: ArrayLike, y: ArrayLike, deg: number, ...rest: readonly unknown[]): Tracer | Tracer[] {
  const o = byPosition<PolyfitOptions>(["rcond", "full", "w", "cov"], rest);
  if (!Number.isInteger(deg) || deg < 0) throw new ShapeError(`polyfit: the degree must be a whole number, got ${deg}`);
  return owned(() => {
    const [at, values] = promoteInexactDTypes([x, y]) as [Tracer, Tracer];
    if (at.ndim !== 1 || at.size === 0 || values.ndim < 1 || values.ndim > 2 || values.shape[0] !== at.size)
      throw new ShapeError(`polyfit: expected points x[n] with y[n] or y[n, k], got ${at.aval} and ${values.aval}`);
    const n = deg + 1;
    let left = vander(at, n);
    let right = values;
    if (o.w !== undefined && o.w !== null) {
      const w = inexact(o.w);
      if (w.ndim !== 1 || w.size !== at.size)
        throw new ShapeError(`polyfit: expected a weight for each of the ${at.size} points, got ${w.aval}`);
      left = multiply(left, reshape(w, [-1, 1]));
      right = multiply(right, values.ndim === 1 ? w : reshape(w, [-1, 1]));
    }
    const scale = sqrt(sum(square(left), 0));
    const rcond = o.rcond ?? at.size * finfo(left.dtype).eps;
    const fit = leastSquares(divide(left, scale), right, rcond);
    const unscaled = (c: Tracer): Tracer => divide(c, c.ndim === 1 ? scale : reshape(scale, [-1, 1]));
    const c = unscaled(fit.solution);
    if (o.full === true) {
      const residuals = sum(square(ops.sub(matmul(left, c), right)), 0);
      return [c, reshape(residuals, [-1]), fit.rank, fit.singular, ops.copy(literal(rcond, left.dtype, true))];
    }
    if (o.cov !== true && o.cov !== "unscaled") return c;
    const base = inv(matmul(matrixTranspose(left), left));
    if (o.cov === "unscaled") return [c, base];
    const free = at.size - n;
    if (free <= 0)
      throw new ShapeError(`polyfit: the covariance needs more than ${n} points for degree ${deg}, got ${at.size}`);
    const factor = divide(sum(square(ops.sub(matmul(left, c), right)), 0), free);
    return [c, values.ndim === 1 ? multiply(base, factor) : multiply(reshape(base, [n, n, 1]), factor)];
  });
}

/** The shortest of the nearest solutions, by singular values. */
function leastSquares(a: Tracer, b: Tracer, rcond: number): { solution: Tracer; rank: Tracer; singular: Tracer } {
  const [u, s, vt] = svd(a, { fullMatrices: false }) as [Tracer, Tracer, Tracer];
  const largest = ops.broadcastInDim(ops.reduceMax(s, [0]), s.shape, []);
  const used = ops.gt(s, maximum(multiply(largest, rcond), 0));
  const inverse = ops.where(
    used,
    ops.div(constantLike(s, 1), ops.where(used, s, constantLike(s, 1))),
    constantLike(s, 0),
  );
  const projected = matmul(matrixTranspose(u), b);
  const weighted = multiply(projected, b.ndim === 1 ? inverse : reshape(inverse, [-1, 1]));
  const rank = ops.reduceSum(ops.convertElementType(used, "int32"), [0]);
  return { solution: matmul(matrixTranspose(vt), weighted), rank, singular: s };
}
