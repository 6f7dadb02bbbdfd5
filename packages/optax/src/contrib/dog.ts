/** Step sizes from the distance travelled: DoG and DoWG. */
import { type Array, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar, type ScalarOrSchedule, needParams } from "../base";
import { type Rest, named } from "../named";
import { scalarOf } from "../numerics";
import { add, mul, plus } from "../scalars";
import { addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { scaleByLearningRate } from "../transforms/schedule";
import { identity } from "../transforms/simple";
import { treeDtype, treeScale, treeSub } from "../tree/math";
import { treeNorm } from "../tree/reduce";

/**
 * What the first step is: of a given distance, of a given learning rate, or of a distance relative to the parameters
 * ("heuristic").
 */
export type DoGInitStep = readonly [type: "distance" | "learning_rate" | "heuristic", value: Scalar];

export interface DoGState<P = unknown> {
  isInitStep: Array;
  initParams: P;
  maxDist: Array;
  sumSqNormGrads: Array;
}

function scaleByDog([type, value]: DoGInitStep, eps: Scalar): GradientTransformation {
  if (!["distance", "learning_rate", "heuristic"].includes(type)) {
    throw new RangeError(`dog: expected an initStep "distance", "learning_rate" or "heuristic", got ${String(type)}`);
  }
  const firstDistance = (params: unknown): Scalar =>
    type === "distance" ? value : type === "learning_rate" ? 0 : mul(value, add(1, treeNorm(params)));
  return GradientTransformation(
    (params: unknown): DoGState => {
      const dtype = treeDtype(params, "lowest");
      return {
        isInitStep: np.array(true),
        initParams: params,
        maxDist: scalarOf(firstDistance(params), dtype),
        sumSqNormGrads: scalarOf(0, dtype),
      };
    },
    (updates: unknown, { isInitStep, initParams, ...state }, given) => {
      const params: unknown = needParams("dog", given);
      const maxDist = np.maximum(state.maxDist, treeNorm(treeSub(initParams, params)));
      const sumSqNormGrads = state.sumSqNormGrads.add(treeNorm(updates, 2, true));
      const travelled = maxDist.div(np.sqrt(plus(sumSqNormGrads, eps)));
      const rate = type === "learning_rate" ? np.where(isInitStep, value, travelled) : travelled;
      return [treeScale(rate, updates), { isInitStep: np.array(false), initParams, maxDist, sumSqNormGrads }];
    },
  );
}

interface Decay {
  weightDecay?: ScalarOrSchedule | null;
  mask?: unknown;
}

const decay = ({ weightDecay = null, mask = null }: Decay): GradientTransformation =>
  weightDecay === null ? identity() : addDecayedWeights({ weightDecay, mask });

export interface DoGOptions extends Decay {
  /** Factor of the found rate; 1. */
  learningRate?: ScalarOrSchedule;
  initStep?: DoGInitStep;
  eps?: Scalar;
}

/**
 * DoG: gradient descent whose step size is the distance over the root of the sum of squared norms of gradients. State of
 * the second part `{ isInitStep, initParams, maxDist, sumSqNormGrads }`.
 *
 * Arguments: learningRate = 1, initStep = ["heuristic", 1e-6], eps = 1e-8, weightDecay, mask; or by name.
 * Errors: RangeError for another initStep, TypeError if `update` is called without params.
 * Source: Ivgi et al., "DoG is SGD's best friend", 2023; optax.contrib.dog.
 * @example
 * const tx = dog({ initStep: ["distance", 0.5] });
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.5]); // => true
 */
export function dog(...rest: Rest<DoGOptions>): GradientTransformation {
  const options = named<DoGOptions>("dog", ["learningRate", "initStep", "eps", "weightDecay", "mask"], rest);
  const { learningRate = 1, initStep = ["heuristic", 1e-6], eps = 1e-8 } = options;
  return chain(decay(options), scaleByDog(initStep, eps), scaleByLearningRate(learningRate));
}

export interface DoWGState<P = unknown> {
  initParams: P;
  weightedSqNormGrads: Array;
  estimSqDist: Array;
}

function scaleByDowg(initEstimSqDist: Scalar, eps: Scalar): GradientTransformation {
  return GradientTransformation(
    (params: unknown): DoWGState => {
      const dtype = treeDtype(params, "lowest");
      return {
        initParams: params,
        weightedSqNormGrads: scalarOf(0, dtype),
        estimSqDist: scalarOf(initEstimSqDist, dtype),
      };
    },
    (updates: unknown, { initParams, ...state }, given) => {
      const params: unknown = needParams("dowg", given);
      const estimSqDist = np.maximum(state.estimSqDist, treeNorm(treeSub(initParams, params), 2, true));
      const weightedSqNormGrads = state.weightedSqNormGrads.add(estimSqDist.mul(treeNorm(updates, 2, true)));
      const rate = estimSqDist.div(plus(np.sqrt(weightedSqNormGrads), eps));
      return [treeScale(rate, updates), { initParams, weightedSqNormGrads, estimSqDist }];
    },
  );
}

export interface DoWGOptions extends Decay {
  /** Factor of the found rate; 1. */
  learningRate?: ScalarOrSchedule;
  /** First estimate of the squared distance; eps. */
  initEstimSqDist?: Scalar | null;
  eps?: Scalar;
}

/**
 * DoWG: as DoG, with gradients weighted by the squared distance. State of the second part
 * `{ initParams, weightedSqNormGrads, estimSqDist }`.
 *
 * Arguments: learningRate = 1, initEstimSqDist, eps = 1e-4, weightDecay, mask; or by name.
 * Errors: TypeError if `update` is called without params.
 * Source: Khaled et al., "DoWG unleashed", 2023; optax.contrib.dowg.
 * @example
 * const tx = dowg({ initEstimSqDist: 0.25, eps: 0 });
 * const params = [np.ones([1])];
 * np.allclose(tx.update([np.array([4])], tx.init(params), params)[0][0], [-0.5]); // => true
 */
export function dowg(...rest: Rest<DoWGOptions>): GradientTransformation {
  const options = named<DoWGOptions>("dowg", ["learningRate", "initEstimSqDist", "eps", "weightDecay", "mask"], rest);
  const { learningRate = 1, initEstimSqDist = null, eps = 1e-4 } = options;
  return chain(decay(options), scaleByDowg(initEstimSqDist ?? eps, eps), scaleByLearningRate(learningRate));
}
