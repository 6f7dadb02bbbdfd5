/** The beta function, and the quotients of gamma functions that are its relatives. */
import type { Tracer } from "../core/tracer";
import { divide, maximum, minimum } from "../numpy/arithmetic";
import { exp, log, log1p } from "../numpy/elementwise";
import { type ArrayLike } from "../numpy/lift";
import { isnan } from "../numpy/logic";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { compiled, evaluate, withRules } from "./formula";
import { signOfGamma } from "./gamma";
import { digammaStep, stirlingError } from "./stirling";

/** From here on Stirling's formula is used. */
const LARGE = 8;

/** `lgamma(b) - lgamma(a + b)` for large b, without the difference of large numbers. */
export function logGammaStep(a: Tracer, b: Tracer): Tracer {
  const both = a.add(b);
  const logs = a.sub(a.mul(log(both))).sub(b.sub(0.5).mul(log1p(divide(a, b))));
  return logs.add(stirlingError(b).sub(stirlingError(both)));
}

/** Logarithm of the absolute value of the beta function. */
function logBeta(a: Tracer, b: Tracer): Tracer {
  const [low, high] = [minimum(a, b), maximum(a, b)];
  const plain = high.less(LARGE);
  const [p, q] = [where(plain, low, 1), where(plain, high, 1)];
  const direct = ops.lgamma(p).add(ops.lgamma(q).sub(ops.lgamma(p.add(q))));
  const one = ops.and(low.less(LARGE), ops.not(plain));
  const finite = high.less(Infinity);
  const large = where(ops.or(plain, ops.not(finite)), LARGE, high);
  const small = where(one, where(low.greater(-LARGE), low, 1), 1);
  const step = ops.lgamma(small).add(logGammaStep(small, large));
  // Both are large.
  const least = where(ops.and(low.greaterEqual(LARGE), low.less(Infinity)), low, LARGE);
  const ratio = divide(least, large);
  const errors = stirlingError(least)
    .add(stirlingError(large))
    .sub(stirlingError(least.add(large)));
  const logs = log(large)
    .mul(-0.5)
    .sub(least.sub(0.5).mul(log1p(divide(1, ratio))))
    .sub(large.mul(log1p(ratio)));
  const two = logs.add(errors).add(0.5 * Math.log(2 * Math.PI));
  const value = where(plain, direct, where(one, step, two));
  return where(finite, where(ops.or(isnan(a), isnan(b)), NaN, value), NaN);
}

const logBetaFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(logBeta),
  (t, _out, a, b) => t.mul(slope(a, b)),
  (t, _out, a, b) => t.mul(slope(b, a)),
);

/** Derivative with respect to the first. */
function slope(a: Tracer, b: Tracer): Tracer {
  const positive = ops.and(a.greater(0), b.greater(0));
  const step = digammaStep(where(positive, a, 1), where(positive, b, 1)).neg();
  return where(positive, step, ops.digamma(a).sub(ops.digamma(a.add(b))));
}

/** Logarithm of the absolute value of the beta function. Dtypes: floats. @example scipy.special.betaln(1, 2).js(); // => -0.693147 */
export function betaln(a: ArrayLike, b: ArrayLike): Tracer {
  return evaluate("betaln", logBetaFormula, a, b);
}
/** The beta function: `gamma(a) gamma(b) / gamma(a + b)`. Dtypes: floats. @example scipy.special.beta(1, 2).js(); // => 0.5 */
export function beta(a: ArrayLike, b: ArrayLike): Tracer {
  return evaluate("beta", betaOf, a, b);
}
function betaOf(a: Tracer, b: Tracer): Tracer {
  const sign = signOfGamma(a)
    .mul(signOfGamma(b))
    .mul(signOfGamma(a.add(b)));
  return sign.mul(exp(logBetaFormula(a, b)));
}
export { logBetaFormula as logBetaOf };
