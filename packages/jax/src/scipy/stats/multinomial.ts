/** The multinomial distribution: counts among n trials with outcomes of chances p. */
import { isFloat } from "../../aval/dtype";
import { DTypeError } from "../../base/errors";
import type { Tracer } from "../../core/tracer";
import { exp, log } from "../../numpy/elementwise";
import { type ArrayLike, convert, inexact, lift, promoteShapes } from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import { sum } from "../../numpy/reductions";
import { where } from "../../numpy/selection";
import { compiled } from "../formula";
import { deviance, stirlingError } from "../stirling";

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/** `log(z!) - z log(z) + z`, 0 at 0. */
function factorialRest(z: Tracer): Tracer {
  const zero = z.equal(0);
  const y = where(zero, 1, z);
  return where(zero, 0, stirlingError(y).add(log(y).mul(0.5)).add(HALF_LOG_TAU));
}

/** Of counts x and chances p [..., outcomes] and the number of trials n [...]. */
const logMass = (x: Tracer, n: Tracer, p: Tracer): Tracer => {
  const total = n.reshape([...n.shape, 1]);
  const mean = total.mul(p);
  const none = mean.equal(0);
  const never = where(x.equal(0), 0, Infinity);
  const deviances = where(none, never, deviance(where(none, 1, x), where(none, 1, mean)));
  const rest = n.mul(sum(p, -1).neg().add(1)); // 0 where the chances sum to 1
  const value = factorialRest(n)
    .sub(sum(factorialRest(x).add(deviances), -1))
    .sub(rest);
  return where(sum(x, -1).equal(n), value, -Infinity);
};
const logpmfOf = /* @__PURE__ */ compiled((x: Tracer, n: Tracer, p: Tracer): Tracer => logMass(x, n, p));
const pmfOf = /* @__PURE__ */ compiled((x: Tracer, n: Tracer, p: Tracer): Tracer => exp(logMass(x, n, p)));

function counted(op: string, f: typeof logpmfOf, x: ArrayLike, n: ArrayLike, p: ArrayLike): Tracer {
  return owned(() => {
    const whole = (v: ArrayLike): Tracer => {
      const y = lift(v);
      const isWhole = typeof v === "number" ? Number.isInteger(v) : !isFloat(y.dtype);
      if (!isWhole) throw new DTypeError(`${op}: x and n must be integers, got ${y.aval}; convert with astype`);
      return y;
    };
    const chances = inexact(p);
    const counts = convert(whole(x), chances.dtype);
    const trials = convert(whole(n), chances.dtype);
    const [a, b] = promoteShapes(op, [counts, chances, trials.reshape([...trials.shape, 1])]) as [Tracer, Tracer];
    return f(a, trials.add(sum(a, -1).mul(0)), b);
  });
}

/**
 * Chance of the counts x.
 *
 * Shapes: `i32[..., k] x i32[...] x f32[..., k] -> f32[...]`. Errors: DTypeError unless x and n are integers.
 * Differs from JAX: each row of counts is compared with its own n.
 * @example
 * scipy.stats.multinomial.pmf(np.array([1, 1], { dtype: "int32" }), 2, np.array([0.5, 0.5])).js(); // => 0.5
 */
export function pmf(x: ArrayLike, n: ArrayLike, p: ArrayLike): Tracer {
  return counted("multinomial.pmf", pmfOf, x, n, p);
}
/** Logarithm of the chance of the counts x, as `pmf`. @example scipy.stats.multinomial.logpmf(np.array([1, 1], { dtype: "int32" }), 2, np.array([0.5, 0.5])).js(); // => -0.693147 */
export function logpmf(x: ArrayLike, n: ArrayLike, p: ArrayLike): Tracer {
  return counted("multinomial.logpmf", logpmfOf, x, n, p);
}
