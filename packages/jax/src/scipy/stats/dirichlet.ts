/** The Dirichlet distribution of chances that sum to 1. */
import { ShapeError } from "../../base/errors";
import type { Tracer } from "../../core/tracer";
import { exp } from "../../numpy/elementwise";
import { concatenate } from "../../numpy/joining";
import { type ArrayLike, broadcastArray, promoteInexactDTypes } from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import { all, sum } from "../../numpy/reductions";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { compiled } from "../formula";
import { xlogyFormula } from "../logarithmic";

const logpdfOf = /* @__PURE__ */ compiled((x: Tracer, alpha: Tracer): Tracer => {
  const normalizer = sum(ops.lgamma(alpha)).sub(ops.lgamma(sum(alpha)));
  const shapes = broadcastArray(alpha.reshape([alpha.size, ...x.shape.slice(1).map(() => 1)]), x.shape);
  const value = sum(xlogyFormula(shapes.sub(1), x), 0).sub(normalizer);
  const inside = ops.and(all(x.greater(0), 0), ops.abs(sum(x, 0).sub(1)).less(1e-6));
  return where(inside, value, -Infinity);
});

/**
 * Logarithm of the density at x, whose first axis holds the chances; the last chance may be left out. -Infinity where
 * they are not above 0 or do not sum to 1.
 *
 * Shapes: `f32[k, ...] x f32[k] -> f32[...]`. Errors: ShapeError for other shapes.
 * @example
 * scipy.stats.dirichlet.logpdf(np.array([0.25, 0.75]), np.array([2, 2])).js(); // => 0.117783
 */
export function logpdf(x: ArrayLike, alpha: ArrayLike): Tracer {
  return owned(() => {
    const [given, shapes] = promoteInexactDTypes([x, alpha]) as [Tracer, Tracer];
    if (shapes.ndim !== 1) throw new ShapeError(`dirichlet: alpha must be a vector, got ${shapes.aval}`);
    const [n, k] = [given.shape[0], shapes.size];
    if (n === undefined || (n !== k && n !== k - 1)) {
      throw new ShapeError(`dirichlet: x must have ${k} or ${k - 1} entries on its first axis, got ${given.aval}`);
    }
    const rest = n === k ? [] : [sum(given, 0, { keepdims: true }).neg().add(1)];
    return logpdfOf(rest.length === 0 ? given : concatenate([given, ...rest], 0), shapes);
  });
}

/** Density at x, as `logpdf`. @example scipy.stats.dirichlet.pdf(np.array([0.25, 0.75]), np.array([2, 2])).js(); // => 1.125 */
export function pdf(x: ArrayLike, alpha: ArrayLike): Tracer {
  return owned(() => exp(logpdf(x, alpha)));
}
