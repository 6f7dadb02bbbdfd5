/** Steps over a diagonal of the Hessian that is estimated now and then. */
import { type Array, type DType, grad, jvp, lax, numpy as np, random } from "@jax-js/jax";
import {
  GradientTransformation,
  type OptState,
  type Scalar,
  type ScalarOrSchedule,
  mapLeaves,
  needParams,
} from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { decayed } from "../optimizers/decayed";
import { like, times } from "../scalars";
import { keyOf } from "../transforms/adding";
import { treeRandomLike, treeZerosLike } from "../tree/make";
import { treeCast, treeDtype, treeMul } from "../tree/math";
import { treeBiasCorrection, treeUpdateMoment } from "../tree/moments";

export interface HutchinsonState {
  key: Array;
}

/**
 * Estimates the diagonal of the Hessian: `r * (H r)` for random signs r. In place of updates it gives the estimate; `update`
 * needs the parameters and the extra argument `objFn`, the loss as a function of them. State `{ key }`.
 *
 * Errors: TypeError without parameters or `objFn`.
 * Source: Hutchinson, "A stochastic estimator of the trace of the influence matrix", 1989;
 * optax.contrib.hutchinson_estimator_diag_hessian.
 * @example
 * const tx = hutchinsonEstimatorDiagHessian();
 * const params = np.array([1, 2]);
 * const objFn = (x) => np.sum(np.power(x, 3));
 * tx.update(params, tx.init(params), params, { objFn })[0].js(); // => [6, 12]
 */
export function hutchinsonEstimatorDiagHessian(randomSeed: Array | number | null = null): GradientTransformation {
  return GradientTransformation(
    (): HutchinsonState => ({ key: keyOf(randomSeed ?? 0) }),
    (_updates, state, given, { objFn }) => {
      const params: unknown = needParams("hutchinsonEstimatorDiagHessian", given);
      if (typeof objFn !== "function") {
        throw new TypeError("hutchinsonEstimatorDiagHessian: update needs { objFn } as its fourth argument");
      }
      const keys = random.split(state.key, 2);
      const signs = (key: Array, shape: number[], dtype?: DType): Array =>
        random.rademacher(key, shape, { dtype } as never);
      const drawn = treeRandomLike(keys.slice(1), params, signs, "float32");
      const r = treeCast(drawn, treeDtype(params, "lowest"));
      const [, product] = jvp(grad(objFn as never) as never, [params], [r]) as unknown as [unknown, unknown];
      return [treeMul(product, r), { key: keys.slice(0) }];
    },
  );
}

export interface ScaleBySophiaOptions {
  b1?: Scalar;
  /** Decay of estimates of the Hessian; 0.99. */
  b2?: Scalar;
  /** Least divisor; 1e-8. */
  eps?: Scalar;
  /** Factor of the Hessian; 0.01. */
  gamma?: Scalar;
  /** Greatest size of a step; 1. Null for no limit. */
  clipThreshold?: Scalar | null;
  /** Number of steps between estimates; 10. */
  updateInterval?: Scalar;
  /** Gives an estimate of the diagonal in place of updates; Hutchinson's by default. */
  hessianDiagonalFn?: GradientTransformation;
  muDtype?: DType | null;
}

export interface SophiaState<P = unknown> {
  count: Array;
  mu: P;
  nu: P;
  hessianFnState: OptState;
}

function scaleBySophia(options: ScaleBySophiaOptions): GradientTransformation {
  const { b1 = 0.965, b2 = 0.99, eps = 1e-8, gamma = 0.01, clipThreshold = 1, updateInterval = 10 } = options;
  const { hessianDiagonalFn = hutchinsonEstimatorDiagHessian(), muDtype = null } = options;
  const limited = (u: Array): Array =>
    clipThreshold === null ? u : np.clip(u, np.negative(like(clipThreshold, u)), like(clipThreshold, u));
  return GradientTransformation(
    (params: unknown): SophiaState => ({
      count: zeroCount(),
      mu: treeZerosLike(params, muDtype),
      nu: treeZerosLike(params),
      hessianFnState: hessianDiagonalFn.init(params) as OptState,
    }),
    (updates: unknown, state, given, extra) => {
      const params: unknown = needParams("sophia", given);
      const count = safeIncrement(state.count);
      const mu = treeUpdateMoment(updates, state.mu, b1, 1);
      const scaled = (m: Array, h: Array): Array => limited(m.div(np.maximum(times(h, gamma), like(eps, h))));
      const out = mapLeaves(scaled, treeBiasCorrection(mu, b1, count), state.nu);
      const estimate = (hessianFnState: OptState, nu: unknown): [OptState, unknown] => {
        const [diagonal, next] = hessianDiagonalFn.update(updates, hessianFnState, params, extra);
        return [next, treeUpdateMoment(diagonal, nu, b2, 1)];
      };
      const [hessianFnState, nu] = lax.cond(
        np.mod(state.count, updateInterval).equal(0),
        estimate as never,
        ((hessianFnState: OptState, old: unknown) => [hessianFnState, old]) as never,
        state.hessianFnState,
        state.nu,
      ) as [OptState, unknown];
      return [out, { count, mu: treeCast(mu, muDtype), nu, hessianFnState }];
    },
  );
}

export interface SophiaOptions extends ScaleBySophiaOptions {
  weightDecay?: ScalarOrSchedule;
  weightDecayMask?: unknown;
}

/**
 * Sophia: momentum over an estimate of the diagonal of the Hessian, limited. `update` needs the parameters and the extra
 * argument `objFn`, the loss as a function of them. State of the first part `{ count, mu, nu, hessianFnState }`.
 *
 * Options: b1 = 0.965, b2 = 0.99, eps = 1e-8, weightDecay = 1e-4, weightDecayMask, gamma = 0.01, clipThreshold = 1,
 * updateInterval = 10, hessianDiagonalFn, muDtype; by position too.
 * Errors: TypeError without parameters or `objFn`.
 * Source: Liu et al., "Sophia: a scalable stochastic second-order optimizer", 2023; optax.contrib.sophia.
 * @example
 * const tx = sophia(0.1, { weightDecay: 0 });
 * const params = [np.array([1])];
 * tx.update([np.array([2])], tx.init(params), params, { objFn: ([x]) => np.sum(x.mul(x)) })[0][0].js(); // => [-0.1]
 */
export function sophia(learningRate: ScalarOrSchedule, ...rest: Rest<SophiaOptions>): GradientTransformation {
  const names = [
    "b1", "b2", "eps", "weightDecay", "weightDecayMask", "gamma", "clipThreshold", "updateInterval",
    "hessianDiagonalFn", "muDtype",
  ] as const; // prettier-ignore
  const { weightDecay, weightDecayMask, ...options } = named<SophiaOptions>("sophia", names, rest);
  return decayed(scaleBySophia(options), learningRate, { weightDecay, mask: weightDecayMask }, 1e-4);
}
