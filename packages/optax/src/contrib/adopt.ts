/** Adam that divides by the second moment of the step before, and takes momentum after that. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar, type ScalarOrSchedule, mapLeaves } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { like } from "../scalars";
import { chain } from "../transforms/chain";
import type { ScaleByAdamState } from "../transforms/scale-by-adam";
import { scaleByLearningRate } from "../transforms/schedule";
import { treeZerosLike } from "../tree/make";
import { treeCast } from "../tree/math";
import { treeUpdateMoment } from "../tree/moments";

export interface ScaleByAdoptOptions {
  b1?: Scalar;
  b2?: Scalar;
  /** Least root of the second moment; 1e-6. */
  eps?: Scalar;
  muDtype?: DType | null;
  nesterov?: boolean;
  /** Limit normalised gradients; true. */
  useClipping?: boolean;
  /** The limit, of the step count; its fourth root. */
  clipValueFn?: (count: Array) => Scalar;
}

const names = ["b1", "b2", "eps", "muDtype", "nesterov", "useClipping", "clipValueFn"] as const;

/**
 * Rescales updates by ADOPT, which converges for any b2. The first step is zero. State `{ count, mu, nu }`.
 *
 * Options: b1 = 0.9, b2 = 0.9999, eps = 1e-6, muDtype, nesterov = false, useClipping = true, clipValueFn; by position too.
 * Source: Taniguchi et al., "ADOPT: modified Adam can converge with any β2 with the optimal rate", 2024;
 * optax.contrib.scale_by_adopt.
 * @example
 * const tx = scaleByAdopt();
 * const [first, state] = tx.update([np.array([4])], tx.init([np.ones([1])]));
 * [first[0].js(), tx.update([np.array([4])], state)[0][0].js()]; // => [[0], [0.1]]
 */
export function scaleByAdopt(...rest: Rest<ScaleByAdoptOptions>): GradientTransformation {
  const options = named<ScaleByAdoptOptions>("scaleByAdopt", names, rest);
  const { b1 = 0.9, b2 = 0.9999, eps = 1e-6, muDtype = null, nesterov = false, useClipping = true } = options;
  const { clipValueFn = fourthRoot } = options;
  return GradientTransformation(
    (params: unknown): ScaleByAdamState => ({
      count: zeroCount(),
      mu: treeZerosLike(params, muDtype),
      nu: treeZerosLike(params),
    }),
    (updates: unknown, state) => {
      const started = state.count.greater(0);
      const decay1 = np.where(started, b1, 1);
      const limit = useClipping ? clipValueFn(state.count) : Infinity;
      const normalised = (g: Array, v: Array): Array => {
        const unit = g.div(np.maximum(np.sqrt(v), like(eps, v)));
        const most = typeof limit === "number" ? limit : limit.astype(g.dtype);
        return useClipping ? np.maximum(np.minimum(unit, most), np.negative(most)) : unit;
      };
      const units = mapLeaves(normalised, updates, state.nu);
      const mu = treeUpdateMoment(units, state.mu, decay1, 1);
      const out = nesterov ? treeUpdateMoment(units, mu, decay1, 1) : mu;
      const nu = treeUpdateMoment(updates, state.nu, np.where(started, b2, 0), 2);
      return [out, { count: safeIncrement(state.count), mu: treeCast(mu, muDtype), nu }];
    },
  );
}

const fourthRoot = (count: Array): Array => np.power(count.astype("float32"), 0.25);

/**
 * ADOPT: Adam that divides by the second moment of the step before.
 *
 * Options: as scaleByAdopt.
 * Source: Taniguchi et al., 2024; optax.contrib.adopt.
 * @example
 * const tx = adopt(0.1);
 * tx.update([np.array([4])], tx.init([np.ones([1])]))[0][0].js(); // => [0]
 */
export function adopt(learningRate: ScalarOrSchedule, ...rest: Rest<ScaleByAdoptOptions>): GradientTransformation {
  const options = named<ScaleByAdoptOptions>("adopt", names, rest);
  return chain(scaleByAdopt(options), scaleByLearningRate(learningRate));
}
