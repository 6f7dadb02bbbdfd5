/** A factor of the updates that falls when the loss stops falling. */
import { type Array, numpy as np } from "@jax-js/jax";
import { GradientTransformation, type Scalar } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, scalarOf, zeroCount } from "../numerics";
import { times } from "../scalars";
import { treeDtype, treeScale, treeWhere } from "../tree/math";

export interface ReduceOnPlateauOptions {
  /** Factor of the scale on a plateau; 0.1. */
  factor?: number;
  /** Number of values without progress that make a plateau; 10. */
  patience?: Scalar;
  /** Relative progress that counts; 1e-4. */
  rtol?: number;
  /** Absolute progress that counts; 0. */
  atol?: number;
  /** Number of values after a reduction that do not count; 0. */
  cooldown?: Scalar;
  /** Number of losses whose mean is a value; 1. */
  accumulationSize?: Scalar;
  /** Least scale; 0. */
  minScale?: Scalar;
}

export interface ReduceLROnPlateauState {
  scale: Array;
  bestValue: Array;
  plateauCount: Array;
  cooldownCount: Array;
  count: Array;
  avgValue: Array;
}

/**
 * Multiplies updates by a scale that falls when the loss stops falling; `update` needs the extra argument `value`. State
 * `{ scale, bestValue, plateauCount, cooldownCount, count, avgValue }`.
 *
 * Options: factor = 0.1, patience = 10, rtol = 1e-4, atol = 0, cooldown = 0, accumulationSize = 1, minScale = 0; by position
 * too.
 * Errors: RangeError for a factor outside (0, 1) or tolerances that are negative, both zero or rtol above 1; TypeError
 * without `value`.
 * Source: optax.contrib.reduce_on_plateau.
 * @example
 * const tx = reduceOnPlateau({ patience: 1 });
 * let state = tx.init([np.ones([1])]);
 * for (let i = 0; i < 2; i++) state = tx.update([np.ones([1])], state, null, { value: 3 })[1];
 * state.scale.item(); // => 0.1
 */
export function reduceOnPlateau(...rest: Rest<ReduceOnPlateauOptions>): GradientTransformation {
  const names = ["factor", "patience", "rtol", "atol", "cooldown", "accumulationSize", "minScale"] as const;
  const options = named<ReduceOnPlateauOptions>("reduceOnPlateau", names, rest);
  const { factor = 0.1, patience = 10, rtol = 1e-4, atol = 0, cooldown = 0, accumulationSize = 1 } = options;
  const { minScale = 0 } = options;
  if (!(factor > 0 && factor < 1)) throw new RangeError(`reduceOnPlateau: factor must be in (0, 1), got ${factor}`);
  if (!(rtol >= 0 && rtol <= 1 && atol >= 0 && rtol + atol > 0)) {
    throw new RangeError(
      `reduceOnPlateau: rtol must be in [0, 1] and atol not negative, one of them positive, got ${rtol} and ${atol}`,
    );
  }

  /** The state after a value, the mean of accumulationSize losses, is complete. */
  const judged = (state: ReduceLROnPlateauState): ReduceLROnPlateauState => {
    const { scale, bestValue, plateauCount, cooldownCount, avgValue } = state;
    const improved = avgValue.less(times(bestValue, 1 - rtol).sub(atol));
    const waited = np.where(improved, 0, safeIncrement(plateauCount));
    const cooling = cooldownCount.greater(0);
    const isPlateau = np.logicalAnd(np.logicalNot(cooling), waited.equal(patience));
    const reduced = np.maximum(np.where(isPlateau, times(scale, factor), scale), minScale);
    const rested = np.where(isPlateau, cooldown, 0);
    return {
      scale: np.where(cooling, scale, reduced).astype(scale.dtype),
      bestValue: np.where(improved, avgValue.astype(bestValue.dtype), bestValue),
      plateauCount: np.where(np.logicalOr(cooling, isPlateau), 0, waited).astype("int32"),
      cooldownCount: np.where(cooling, cooldownCount.sub(1), rested).astype("int32"),
      count: np.zerosLike(state.count),
      avgValue: np.zerosLike(avgValue),
    };
  };

  return GradientTransformation(
    (params: unknown): ReduceLROnPlateauState => {
      const highest = treeDtype(params, "highest");
      return {
        scale: scalarOf(1, treeDtype(params, "lowest")),
        bestValue: scalarOf(Infinity, highest),
        plateauCount: zeroCount(),
        cooldownCount: zeroCount(),
        count: zeroCount(),
        avgValue: scalarOf(0, highest),
      };
    },
    (updates: unknown, state, _params, { value }) => {
      if (value === undefined) throw new TypeError("reduceOnPlateau: update needs { value } as its fourth argument");
      const { dtype } = state.avgValue;
      const count = safeIncrement(state.count);
      const total = state.avgValue.mul(state.count.astype(dtype)).add(scalarOf(value, dtype));
      const gathered = { ...state, count, avgValue: total.div(count.astype(dtype)) };
      const next = treeWhere(count.equal(accumulationSize), judged(gathered), gathered);
      return [treeScale(next.scale, updates), next];
    },
  );
}
