/** A tuner of the learning rate around any optimizer. */
import { type Array, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type OptState, type Scalar, mapLeaves, needParams, needTransformation } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { div, like, mul, plus, times } from "../scalars";
import { treeAddScale, treeDtype, treeSub, treeWhere } from "../tree/math";
import { treeNorm, treeVdot } from "../tree/reduce";

export interface MechanizeOptions {
  /** Factor of the decay of parameters; 0.01. */
  weightDecay?: Scalar;
  eps?: Scalar;
  /** First factor of the steps; 1e-6. */
  sInit?: Scalar;
  /** Number of decays that run side by side; 6. */
  numBetas?: number;
}

export interface MechanicState<P = unknown> {
  baseOptimizerState: OptState;
  count: Array;
  r: Array;
  m: Array;
  v: Array;
  s: Array;
  x0: P;
}

/**
 * Mechanic: finds the factor of another optimizer's steps while it trains. State
 * `{ baseOptimizerState, count, r, m, v, s, x0 }`; r, m, v, s have shape `[numBetas]`.
 *
 * Options: weightDecay = 0.01, eps = 1e-8, sInit = 1e-6, numBetas = 6; by position too.
 * Errors: TypeError if `update` is called without params.
 * Source: Cutkosky et al., "Mechanic: a learning rate tuner", 2023; optax.contrib.mechanize.
 * @example
 * const tx = mechanize(sgd(0.1));
 * tx.init([np.ones([1])]).s.shape; // => [6]
 */
export function mechanize(
  baseOptimizer: GradientTransformation,
  ...rest: Rest<MechanizeOptions>
): GradientTransformation {
  needTransformation("mechanize", baseOptimizer);
  const names = ["weightDecay", "eps", "sInit", "numBetas"] as const;
  const options = named<MechanizeOptions>("mechanize", names, rest);
  const { weightDecay = 0.01, eps = 1e-8, sInit = 1e-6, numBetas = 6 } = options;
  const decays = globalThis.Array.from({ length: numBetas }, (_, i) => 1 - 0.1 ** (i + 1));
  return GradientTransformation(
    (params: unknown): MechanicState => {
      const dtype = treeDtype(params, "lowest");
      const filled = (x: Scalar): Array => np.full([numBetas], x, { dtype });
      const baseOptimizerState: OptState = baseOptimizer.init(params);
      return {
        baseOptimizerState,
        count: zeroCount(),
        r: filled(0),
        m: filled(0),
        v: filled(0),
        s: filled(sInit),
        x0: params,
      };
    },
    (grads: unknown, state, given, extra) => {
      const params: unknown = needParams("mechanize", given);
      const [steps, baseOptimizerState] = baseOptimizer.update(grads, state.baseOptimizerState, params, extra);
      const x0 = treeWhere(state.count.equal(0), params, state.x0);
      const sum = np.sum(state.s);
      const pull = times(sum.mul(treeNorm(grads)).div(plus(treeNorm(params), eps)), weightDecay);
      const updates = treeAddScale(grads, pull, params);
      const travelled = mapLeaves((d) => d.div(like(plus(sum, eps), d)), treeSub(x0, params));
      const delta = treeSub(travelled, steps);
      const h = treeVdot(updates, travelled);
      const betas = np.array(decays, { dtype: state.s.dtype });
      const m = np.maximum(betas.mul(state.m), plus(np.abs(h), eps));
      const v = np.square(betas).mul(state.v).add(np.square(h));
      const limited = np.minimum(np.maximum(h, state.m.neg()), state.m);
      const r = betas.mul(state.r).add(limited.mul(state.s));
      const wealth = times(m, div(sInit, numBetas)).add(np.maximum(r, 0));
      const s = wealth.div(plus(np.sqrt(v), eps));
      const out = treeSub(treeAddScale(x0, mul(np.sum(s), -1), delta), params);
      return [out, { baseOptimizerState, count: safeIncrement(state.count), r, m, v, s, x0 }];
    },
  );
}
