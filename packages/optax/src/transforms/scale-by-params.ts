/** Scaling by sizes of parameters: layer-wise optimizers. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type GradientTransformation, type Scalar, mapLeaves, needParams, stateless } from "../base";
import { type Rest, named } from "../named";
import { safeNorm, safeRootMeanSquares } from "../numerics";
import { like, plus, times } from "../scalars";
import { treeNorm } from "../tree/reduce";

export interface ScaleByTrustRatioOptions {
  /** Least norm; 0. */
  minNorm?: Scalar;
  /** Factor of the ratio; 1. */
  trustCoefficient?: Scalar;
  /** Added to the norm of updates; 0. */
  eps?: Scalar;
}

/**
 * Multiplies each update by `trustCoefficient * norm(param) / (norm(update) + eps)`; by 1 where a norm is zero.
 *
 * Source: You et al., "Large batch optimization for deep learning", 2020; optax.scale_by_trust_ratio.
 * @example
 * scaleByTrustRatio().update([np.array([2])], [], [np.array([6])])[0][0].js(); // => [6]
 */
export function scaleByTrustRatio(...rest: Rest<ScaleByTrustRatioOptions>): GradientTransformation {
  const names = ["minNorm", "trustCoefficient", "eps"] as const;
  const options = named<ScaleByTrustRatioOptions>("scaleByTrustRatio", names, rest);
  const { minNorm = 0, trustCoefficient = 1, eps = 0 } = options;
  const scaled = (u: Array, p: Array): Array => {
    const paramNorm = safeNorm(p, minNorm);
    const updateNorm = safeNorm(u, minNorm);
    const ratio = times(paramNorm, trustCoefficient).div(plus(updateNorm, eps));
    const isZero = np.logicalOr(paramNorm.equal(0), updateNorm.equal(0));
    return u.mul(np.where(isZero, 1, ratio).astype(u.dtype));
  };
  return stateless((updates, params) => mapLeaves(scaled, updates, needParams("scaleByTrustRatio", params)));
}

export interface MinScaleOptions {
  /** Least size of a parameter; 1e-3. */
  minScale?: Scalar;
}

/**
 * Multiplies each update by the norm of its parameter, at least `minScale`.
 *
 * Source: optax.scale_by_param_block_norm.
 * @example
 * scaleByParamBlockNorm().update([np.array([2, 0])], [], [np.array([3, 4])])[0][0].js(); // => [10, 0]
 */
export function scaleByParamBlockNorm(...rest: Rest<MinScaleOptions>): GradientTransformation {
  const { minScale = 1e-3 } = named<MinScaleOptions>("scaleByParamBlockNorm", ["minScale"], rest);
  const scaled = (u: Array, p: Array): Array => u.mul(safeNorm(p, minScale));
  return stateless((updates, params) => mapLeaves(scaled, updates, needParams("scaleByParamBlockNorm", params)));
}

/**
 * Multiplies each update by the root mean square of its parameter, at least `minScale`.
 *
 * Source: optax.scale_by_param_block_rms.
 * @example
 * scaleByParamBlockRms().update([np.array([2, 0])], [], [np.array([3, 3])])[0][0].js(); // => [6, 0]
 */
export function scaleByParamBlockRms(...rest: Rest<MinScaleOptions>): GradientTransformation {
  const { minScale = 1e-3 } = named<MinScaleOptions>("scaleByParamBlockRms", ["minScale"], rest);
  const scaled = (u: Array, p: Array): Array => u.mul(safeRootMeanSquares(p, minScale));
  return stateless((updates, params) => mapLeaves(scaled, updates, needParams("scaleByParamBlockRms", params)));
}

export interface NormalizeByUpdateNormOptions {
  /** The norm to give; 1. */
  scaleFactor?: Scalar;
  eps?: Scalar;
}

/**
 * Scales all updates together to the global norm `scaleFactor`.
 *
 * Source: optax.normalize_by_update_norm.
 * @example
 * np.allclose(normalizeByUpdateNorm().update([np.array([3, 4])], [])[0][0], [0.6, 0.8]); // => true
 */
export function normalizeByUpdateNorm(...rest: Rest<NormalizeByUpdateNormOptions>): GradientTransformation {
  const names = ["scaleFactor", "eps"] as const;
  const options = named<NormalizeByUpdateNormOptions>("normalizeByUpdateNorm", names, rest);
  const { scaleFactor = 1, eps = 1e-6 } = options;
  return stateless((updates) => {
    const norm = plus(treeNorm(updates), eps);
    return mapLeaves((u) => times(u, scaleFactor).div(like(norm, u)), updates);
  });
}
