/** Transformations that need no state and no parameters. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type GradientTransformation, type Scalar, mapLeaves, stateless } from "../base";
import { times, needScalar } from "../scalars";

/**
 * Leaves updates as they are.
 *
 * Source: optax.identity.
 * @example
 * const [u] = identity().update({ w: np.ones([2]) }, []);
 * u.w.js(); // => [1, 1]
 */
export function identity(): GradientTransformation {
  return stateless((updates) => updates as unknown);
}

/**
 * Replaces updates by zeros.
 *
 * Source: optax.set_to_zero.
 * @example
 * const [u] = setToZero().update({ w: np.ones([2]) }, []);
 * u.w.js(); // => [0, 0]
 */
export function setToZero(): GradientTransformation {
  return stateless((updates) => mapLeaves((u) => np.zerosLike(u), updates));
}

/**
 * Multiplies updates by `stepSize`.
 *
 * Source: optax.scale.
 * @example
 * scale(-0.5).update({ w: np.array([2]) }, [])[0].w.js(); // => [-1]
 */
export function scale(stepSize: Scalar): GradientTransformation {
  needScalar("scale", stepSize);
  return stateless((updates) => mapLeaves((u) => times(u, stepSize), updates));
}

/**
 * Replaces updates by their signs.
 *
 * Source: Bernstein et al., "signSGD", 2018; optax.scale_by_sign.
 * @example
 * scaleBySign().update([np.array([-3, 0, 2])], [])[0][0].js(); // => [-1, 0, 1]
 */
export function scaleBySign(): GradientTransformation {
  return stateless((updates) => mapLeaves((u) => np.sign(u), updates));
}

/**
 * Subtracts from each update its mean over all axes but the last (arrays of rank 0 and 1 stay).
 *
 * Source: Yong et al., "Gradient centralization", 2020; optax.centralize.
 * @example
 * centralize().update([np.array([[1, 3]])], [])[0][0].js(); // => [[-1, 1]]
 */
export function centralize(): GradientTransformation {
  return stateless((updates) => mapLeaves(centered, updates));
}

function centered(u: Array): Array {
  if (u.ndim < 2) return u;
  const axes = u.shape.map((_, i) => i).slice(1);
  return u.sub(np.mean(u, axes, { keepdims: true }));
}

/**
 * A stateless transformation of a function of each update and its parameter.
 *
 * Source: optax.stateless_with_tree_map.
 * @example
 * const tx = statelessWithTreeMap((u, p) => u.add(p));
 * tx.update([np.array([1])], [], [np.array([2])])[0][0].js(); // => [3]
 */
export function statelessWithTreeMap(f: (update: Array, param: Array) => Array): GradientTransformation {
  return stateless((updates, params: unknown) =>
    params === undefined ? mapLeaves((u) => f(u, undefined as never), updates) : mapLeaves(f, updates, params),
  );
}

/** Gives a transformation that takes extra arguments; here they all do. @example withExtraArgsSupport(scale(2)).init({}); // => [] */
export function withExtraArgsSupport(tx: GradientTransformation): GradientTransformation {
  return tx;
}

/** The state of transformations that have none. @example initEmptyState({ w: np.ones([1]) }); // => [] */
export function initEmptyState(_params?: unknown): [] {
  return [];
}
