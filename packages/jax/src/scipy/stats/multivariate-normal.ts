/** The multivariate normal distribution. */
import { broadcastShapes } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import { prod } from "../../base/list";
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { exp, log } from "../../numpy/elementwise";
import { type ArrayLike, broadcastArray, promoteInexactDTypes } from "../../numpy/lift";
import { diagonal } from "../../numpy/matrix";
import { owned } from "../../numpy/owned";
import { sum } from "../../numpy/reductions";
import * as ops from "../../ops/index";

/** `sum((L^-1 y)^2)` over the last axis of y [..., n], L [..., n, n] lower triangular. */
function squaredDistance(factor: Tracer, y: Tracer): Tracer {
  const n = y.shape[y.ndim - 1]!;
  const options = { leftSide: true, lower: true, transposeA: false, unitDiagonal: false };
  if (factor.ndim === 2) {
    const columns = y.reshape([prod(y.shape.slice(0, -1)), n]).T;
    return sum(ops.square(ops.triangularSolve(factor, columns, options)), 0).reshape(y.shape.slice(0, -1));
  }
  const batch = broadcastShapes("multivariateNormal", factor.shape.slice(0, -2), y.shape.slice(0, -1));
  const left = broadcastArray(factor, [...batch, n, n]);
  const right = broadcastArray(y, [...batch, n]).reshape([...batch, n, 1]);
  return sum(ops.square(ops.triangularSolve(left, right, options)), [-2, -1]);
}

/**
 * Logarithm of the density at x.
 *
 * Shapes: `f32[..., n] x f32[..., n] x f32[..., n, n] -> f32[...]`; cov may be a scalar variance, and all three scalars.
 * Errors: ShapeError for a covariance of another size.
 * @example
 * scipy.stats.multivariateNormal.logpdf(np.zeros([2]), np.zeros([2]), np.eye(2)).js(); // => -1.837877
 */
export function logpdf(x: ArrayLike, mean: ArrayLike, cov: ArrayLike): Tracer {
  return owned(() => {
    const [at, centre, covariance] = promoteInexactDTypes([x, mean, cov]) as [Tracer, Tracer, Tracer];
    const y = at.sub(centre);
    if (centre.ndim === 0) return normalLog(y.mul(y), covariance, 1);
    const n = centre.shape[centre.ndim - 1]!;
    if (covariance.ndim === 0) return normalLog(sum(y.mul(y), -1), covariance, n);
    if (covariance.ndim < 2 || covariance.shape.slice(-2).some((size) => size !== n)) {
      throw new ShapeError(
        `multivariateNormal: cov must be a scalar or end in [${n}, ${n}] for mean ${centre.aval}, got ${covariance.aval}`,
      );
    }
    const factor = ops.cholesky(covariance);
    const logs = sum(log(diagonal(factor, 0, -2, -1)), -1);
    const distance = squaredDistance(factor, y).mul(-0.5);
    return distance.sub(0.5 * n * Math.log(2 * Math.PI)).sub(logs);
  });
}

/** The density for n independent numbers of one variance, from the sum of their squares. */
const normalLog = (squares: Tracer, variance: Tracer, n: number): Tracer =>
  divide(squares, variance).add(log(variance.mul(2 * Math.PI)).mul(n)).mul(-0.5); // prettier-ignore

/** Density at x, as `logpdf`. @example scipy.stats.multivariateNormal.pdf(np.zeros([2]), np.zeros([2]), np.eye(2)).js(); // => 0.159155 */
export function pdf(x: ArrayLike, mean: ArrayLike, cov: ArrayLike): Tracer {
  return owned(() => exp(logpdf(x, mean, cov)));
}
