/** Kullback-Leibler divergences, of logarithms of predicted probabilities. */
import { type Array, numpy as np } from "@jax-js/jax";
import { pure } from "../base";
import { type Rest, named } from "../named";
import { type AxisOptions, axisNames } from "./axis-options";
import { needFloat } from "./checks";

/**
 * `sum(targets * (log(targets) - logPredictions))` along an axis, the last; targets of 0 count nothing.
 *
 * Options: axis = -1, where.
 * Shapes: `[..., n] x [..., n] -> [...]`. Dtypes: floats.
 * Errors: DTypeError for other dtypes.
 * Source: Kullback and Leibler, "On information and sufficiency", 1951; optax.kl_divergence.
 * @example
 * klDivergence(np.log(np.array([0.5, 0.5])), np.array([0, 1])).item(); // => 0.693147
 */
export function klDivergence(logPredictions: Array, targets: Array, ...rest: Rest<AxisOptions>): Array {
  const { axis = -1, where } = named<AxisOptions>("klDivergence", axisNames, rest);
  needFloat("klDivergence", "logPredictions", logPredictions);
  needFloat("klDivergence", "targets", targets);
  return pure(() => {
    const none = targets.equal(0);
    const logs = np.where(none, 0, np.log(np.where(none, 1, targets)));
    return np.sum(targets.mul(logs.sub(logPredictions)), axis, { where });
  }, [logPredictions, targets, where]);
}

/**
 * `sum(exp(logTargets) * (logTargets - logPredictions))` along an axis, the last.
 *
 * Options, shapes, dtypes, errors: as klDivergence.
 * Source: optax.losses.kl_divergence_with_log_targets.
 * @example
 * klDivergenceWithLogTargets(np.log(np.array([0.5, 0.5])), np.log(np.array([0.25, 0.75]))).item(); // => 0.130812
 */
export function klDivergenceWithLogTargets(
  logPredictions: Array,
  logTargets: Array,
  ...rest: Rest<AxisOptions>
): Array {
  const { axis = -1, where } = named<AxisOptions>("klDivergenceWithLogTargets", axisNames, rest);
  needFloat("klDivergenceWithLogTargets", "logPredictions", logPredictions);
  needFloat("klDivergenceWithLogTargets", "logTargets", logTargets);
  return pure(
    () => np.sum(np.exp(logTargets).mul(logTargets.sub(logPredictions)), axis, { where }),
    [logPredictions, logTargets, where],
  );
}

/**
 * The divergence plus `sum(exp(logPredictions) - targets)`: convex also where the predictions do not sum to 1.
 *
 * Options, shapes, dtypes, errors: as klDivergence.
 * Source: optax.losses.generalized_kl_divergence.
 * @example
 * generalizedKlDivergence(np.log(np.array([0.5, 1])), np.array([0, 1])).item(); // => 0.5
 */
export function generalizedKlDivergence(logPredictions: Array, targets: Array, ...rest: Rest<AxisOptions>): Array {
  const options = named<AxisOptions>("generalizedKlDivergence", axisNames, rest);
  const { axis = -1, where } = options;
  return pure(() => {
    const excess = np.sum(np.exp(logPredictions).sub(targets), axis, { where });
    return klDivergence(logPredictions, targets, options).add(excess);
  }, [logPredictions, targets, where]);
}

/** As `generalizedKlDivergence`, by its older name. @example convexKlDivergence(np.log(np.array([0.5, 1])), np.array([0, 1])).item(); // => 0.5 */
export function convexKlDivergence(logPredictions: Array, targets: Array, ...rest: Rest<AxisOptions>): Array {
  return generalizedKlDivergence(logPredictions, targets, ...rest);
}
