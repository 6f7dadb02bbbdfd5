/** Transformations that limit updates. */
import { type Array, ShapeError, numpy as np, tree } from "@jax-js/jax";
import { type GradientTransformation, type Scalar, mapLeaves, needParams, pure, stateless } from "../base";
import { type Rest, named } from "../named";
import { div, like, mul, times, needScalar } from "../scalars";
import { treeNorm } from "../tree/reduce";

/**
 * Limits every element to `[-maxDelta, maxDelta]`.
 *
 * Source: optax.clip.
 * @example
 * clip(1).update([np.array([-3, 0.5])], [])[0][0].js(); // => [-1, 0.5]
 */
export function clip(maxDelta: Scalar): GradientTransformation {
  needScalar("clip", maxDelta);
  return stateless((updates) =>
    mapLeaves((u) => {
      const limit = like(maxDelta, u);
      return np.minimum(np.maximum(u, typeof limit === "number" ? -limit : limit.neg()), limit);
    }, updates),
  );
}

/**
 * Scales all updates down together so that their global norm is at most `maxNorm`.
 *
 * Source: Pascanu et al., 2012; optax.clip_by_global_norm.
 * @example
 * const [u] = clipByGlobalNorm(1).update({ a: np.array([3]), b: np.array([4]) }, []);
 * np.allclose(u.b, [0.8]); // => true
 */
export function clipByGlobalNorm(maxNorm: Scalar): GradientTransformation {
  needScalar("clipByGlobalNorm", maxNorm);
  return stateless((updates) => {
    const norm = treeNorm(updates);
    const small = norm.less(maxNorm);
    return mapLeaves((u) => np.where(small, u, times(u.div(like(norm, u)), maxNorm)), updates);
  });
}

/**
 * Scales each update down so that its root mean square is at most `threshold`.
 *
 * Source: Shazeer and Stern, "Adafactor", 2018; optax.clip_by_block_rms.
 * @example
 * clipByBlockRms(1).update([np.array([3, 3])], [])[0][0].js(); // => [1, 1]
 */
export function clipByBlockRms(threshold: Scalar): GradientTransformation {
  needScalar("clipByBlockRms", threshold);
  const clipped = (u: Array): Array => {
    const rms = np.sqrt(np.mean(np.square(u)));
    return u.div(np.maximum(rms.div(like(threshold, u)), 1));
  };
  return stateless((updates) => mapLeaves(clipped, updates));
}

/**
 * Norms of the units of a weight: of the whole for rank 0 and 1, of columns for rank 2, of output channels for rank 4.
 * With `axis`, over those axes.
 *
 * Errors: RangeError for other ranks without `axis`.
 * Source: optax.transforms.unitwise_norm.
 * @example
 * unitwiseNorm(np.array([[3, 0], [4, 1]])).js(); // => [[5, 1], [5, 1]]
 */
export function unitwiseNorm(x: Array, axis: number | number[] | null = null): Array {
  return pure(() => {
    const over = axis ?? unitAxes(x);
    const sum = np.sum(np.square(x), over, { keepdims: true });
    return np.broadcastTo(np.sqrt(sum), x.shape);
  }, [x]);
}

function unitAxes(x: Array): number[] | null {
  if (x.size === Math.max(0, ...x.shape) || x.ndim < 2) return null; // a vector, perhaps with axes of size 1
  if (x.ndim === 2 || x.ndim === 3) return [0];
  if (x.ndim === 4) return [0, 1, 2];
  throw new RangeError(`unitwiseNorm: expected rank 1 to 4, got shape [${x.shape}]; give an axis`);
}

/**
 * The gradient where its norm is less than the greatest allowed, else scaled down to it.
 *
 * Source: optax.transforms.unitwise_clip.
 * @example
 * unitwiseClip(np.array([4]), np.array([2]), np.array([4])).js(); // => [2]
 */
export function unitwiseClip(gNorm: Array, maxNorm: Array, grad: Array, divEps: Scalar = 1e-6): Array {
  return pure(() => {
    const clipped = grad.mul(maxNorm.div(np.maximum(gNorm, like(divEps, gNorm))));
    return np.where(gNorm.less(maxNorm), grad, clipped);
  }, [gNorm, maxNorm, grad]);
}

export interface AdaptiveGradClipOptions {
  /** Least norm of parameters that counts; 1e-3. */
  eps?: Scalar;
  /** Axes of a unit; by rank if null. */
  axis?: number | number[] | null;
}

/**
 * Limits the norm of each unit's update to `clipping` times the norm of its parameters.
 *
 * Source: Brock et al., "High-performance large-scale image recognition without normalization", 2021;
 * optax.adaptive_grad_clip.
 * @example
 * const tx = adaptiveGradClip(0.1);
 * np.allclose(tx.update([np.array([3])], [], [np.array([10])])[0][0], [1]); // => true
 */
export function adaptiveGradClip(clipping: Scalar, ...rest: Rest<AdaptiveGradClipOptions>): GradientTransformation {
  needScalar("adaptiveGradClip", clipping);
  const { eps = 1e-3, axis = null } = named<AdaptiveGradClipOptions>("adaptiveGradClip", ["eps", "axis"], rest);
  return stateless((updates, params) => {
    const limited = (g: Array, p: Array): Array => {
      const maxNorm = times(np.maximum(unitwiseNorm(p, axis), like(eps, p)), clipping);
      return unitwiseClip(unitwiseNorm(g, axis), maxNorm, g);
    };
    return mapLeaves(limited, updates, needParams("adaptiveGradClip", params));
  });
}

/**
 * Sums gradients of examples (leading axis), each scaled down to a global norm of at most `l2NormClip`; and how many
 * were scaled down.
 *
 * Source: Abadi et al., "Deep learning with differential privacy", 2016; optax.per_example_global_norm_clip.
 * @example
 * const [sums, n] = perExampleGlobalNormClip([np.array([[3], [0.5]])], 1);
 * [sums[0].js(), n.item()]; // => [[1.5], 1]
 */
export function perExampleGlobalNormClip<P>(grads: P, l2NormClip: Scalar): [P, Array] {
  return pure(() => {
    const squares = tree.leaves<Array>(grads).map((g) => np.sum(np.square(examplesFirst(g)), 1));
    const norms = np.sqrt(squares.reduce((a, b) => a.add(b))); // [examples]
    const factors = np.where(norms.greater(like(l2NormClip, norms)), div(l2NormClip, norms), 1);
    const summed = (g: Array): Array => np.tensordot(factors.astype(g.dtype), g, 1);
    return [mapLeaves(summed, grads), np.sum(factors.less(1))] as [P, Array];
  }, [grads]);
}

/** `[examples, ...]` as `[examples, rest]`. */
function examplesFirst(g: Array): Array {
  if (g.ndim === 0)
    throw new ShapeError("perExampleGlobalNormClip: gradients need a leading axis of examples, got a scalar");
  return g.reshape([g.shape[0]!, g.size / Math.max(1, g.shape[0]!)]);
}

/**
 * As perExampleGlobalNormClip, for each leaf by itself, with limits whose squares sum to that of `globalL2NormClip`: equal
 * ones if `uniform`, else in proportion to the roots of the numbers of elements.
 *
 * Source: McMahan et al., "Learning differentially private recurrent language models", 2018;
 * optax.per_example_layer_norm_clip.
 * @example
 * const [sums] = perExampleLayerNormClip([np.array([[3]]), np.array([[4]])], Math.SQRT2);
 * np.allclose(sums[0], [1]); // => true
 */
export function perExampleLayerNormClip<P>(
  grads: P,
  globalL2NormClip: Scalar,
  ...rest: Rest<{ uniform?: boolean }>
): [sums: P, numClipped: unknown] {
  const { uniform = true } = named<{ uniform?: boolean }>("perExampleLayerNormClip", ["uniform"], rest);
  return pure(() => {
    const [leaves, treedef] = tree.flatten<Array>(grads);
    const sizes = leaves.map((g) => (uniform ? 1 : examplesFirst(g).shape[1]!));
    const total = sizes.reduce((a, b) => a + b, 0);
    const clipped = leaves.map((g, i) =>
      perExampleGlobalNormClip(g, mul(globalL2NormClip, Math.sqrt(sizes[i]! / total))),
    );
    const column = (i: 0 | 1): unknown => tree.unflatten(treedef, clipped.map((c) => c[i])); // prettier-ignore
    return [column(0) as P, column(1)] as [P, unknown];
  }, [grads]);
}
