/** Step sizes from the value of the loss or from the distance travelled. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { type Scalar, GradientTransformation, mapLeaves, needParams } from "../base";
import { type Rest, named } from "../named";
import { like, plus, times } from "../scalars";
import { treeNorm } from "../tree/reduce";

export interface ScaleByPolyakOptions {
  /** Least value of the loss; 0. */
  fMin?: Scalar;
  /** Greatest step size; 1. */
  maxLearningRate?: Scalar;
  /** Added to the squared norm; 0. */
  eps?: Scalar;
  /** "sps+" takes a negative gap as zero. */
  variant?: "sps" | "sps+";
}

/**
 * Multiplies updates by `min((value - fMin) / (|g|² + eps), maxLearningRate)`; `update` needs the extra argument `value`.
 *
 * Errors: TypeError without `value`, RangeError for another variant.
 * Source: Loizou et al., "Stochastic Polyak step-size for SGD", 2021; optax.scale_by_polyak.
 * @example
 * const tx = scaleByPolyak();
 * tx.update([np.array([2])], [], null, { value: np.array(1) })[0][0].js(); // => [0.5]
 */
export function scaleByPolyak(...rest: Rest<ScaleByPolyakOptions>): GradientTransformation {
  const names = ["fMin", "maxLearningRate", "eps", "variant"] as const;
  const options = named<ScaleByPolyakOptions>("scaleByPolyak", names, rest);
  const { fMin = 0, maxLearningRate = 1, eps = 0, variant = "sps" } = options;
  if (variant !== "sps" && variant !== "sps+") {
    throw new RangeError(`scaleByPolyak: expected a variant "sps" or "sps+", got ${String(variant)}`);
  }
  return GradientTransformation(
    () => [],
    (updates: unknown, state, _params, { value }) => {
      if (value === undefined) throw new TypeError("scaleByPolyak: update needs { value } as its fourth argument");
      const square = plus(treeNorm(updates, 2, true), eps);
      const lossGap = np.subtract(value, fMin);
      const gap = variant === "sps+" ? np.maximum(lossGap, 0) : lossGap;
      const step = np.minimum(gap.div(square), maxLearningRate);
      const safe = np.where(square.lessEqual(Number.EPSILON), 0, step);
      return [mapLeaves((u) => times(u, safe), updates), state];
    },
  );
}

export interface ScaleByDistanceOverGradientsOptions {
  /** First distance, relative to the size of the parameters; 1e-6. */
  repsRel?: Scalar;
  eps?: Scalar;
  /** Dtype of the kept initial parameters; float32. */
  paramDtype?: DType;
  globalScale?: Scalar;
}

export interface ScaleByDistanceOverGradientsState<P = unknown> {
  maxDist: P;
  gradSumOfSquares: P;
  initParams: P;
}

/**
 * Multiplies each update by the greatest distance from the start over the root of the sum of squared gradients. State
 * `{ maxDist, gradSumOfSquares, initParams }`.
 *
 * Source: Ivgi et al., "DoG is SGD's best friend", 2023 (layer-wise); optax.scale_by_distance_over_gradients.
 * @example
 * const tx = scaleByDistanceOverGradients({ repsRel: 0.5 });
 * const params = [np.zeros([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [0.5]); // => true
 */
export function scaleByDistanceOverGradients(
  ...rest: Rest<ScaleByDistanceOverGradientsOptions>
): GradientTransformation {
  const names = ["repsRel", "eps", "paramDtype", "globalScale"] as const;
  const options = named<ScaleByDistanceOverGradientsOptions>("scaleByDistanceOverGradients", names, rest);
  const { repsRel = 1e-6, eps = 1e-8, paramDtype = "float32", globalScale = 1 } = options;
  const size = (x: Array): Array => np.sqrt(np.sum(np.square(x)));
  return GradientTransformation(
    (params: unknown): ScaleByDistanceOverGradientsState => ({
      maxDist: mapLeaves((p) => times(size(p).add(1), repsRel), params),
      gradSumOfSquares: mapLeaves(() => np.zeros([1]), params),
      initParams: mapLeaves((p) => p.astype(paramDtype), params),
    }),
    (updates: unknown, state, given) => {
      const params: unknown = needParams("scaleByDistanceOverGradients", given);
      const distance = (d: Array, x: Array, y: Array): Array => np.maximum(d, size(x.sub(y)));
      const maxDist = mapLeaves(distance, state.maxDist, params, state.initParams);
      const sums = mapLeaves((s, g) => s.add(np.sum(np.square(g))), state.gradSumOfSquares, updates);
      const step = (g: Array, d: Array, s: Array): Array =>
        g.mul(like(times(d.div(np.sqrt(plus(s, eps))), globalScale), g));
      const out = mapLeaves(step, updates, maxDist, sums);
      return [out, { maxDist, gradSumOfSquares: sums, initParams: state.initParams }];
    },
  );
}
