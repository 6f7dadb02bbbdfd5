/** The gamma function, its logarithm, and the derivative of that. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, floor, sin } from "../numpy/elementwise";
import { type ArrayLike } from "../numpy/lift";
import { isnan } from "../numpy/logic";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { chebyshev, sumSeries } from "./chebyshev";
import { compiled, evaluate, withRules } from "./formula";
import { zetaNumber } from "./numbers";
import { stirlingError, stirlingErrorOf } from "./stirling";

/** Logarithm of the absolute value of the gamma function. Dtypes: floats. Gradient: digamma. @example scipy.special.gammaln(1).js(); // => 0 */
export function gammaln(x: ArrayLike): Tracer {
  return evaluate("gammaln", ops.lgamma, x);
}
/** Logarithm of the gamma function; NaN where it is not above 0. Dtypes: floats; of complex numbers there is none. @example scipy.special.loggamma(3).js(); // => 0.693147 */
export function loggamma(x: ArrayLike): Tracer {
  return evaluate("loggamma", (y) => where(y.greater(0), ops.lgamma(y), NaN), x);
}
/** Derivative of `gammaln`. Dtypes: floats. @example scipy.special.digamma(1).js(); // => -0.577216 */
export function digamma(x: ArrayLike): Tracer {
  return evaluate("digamma", ops.digamma, x);
}

/** Sign of the gamma function; NaN at negative whole numbers. @example scipy.special.gammasgn(-0.5).js(); // => -1 */
export function gammasgn(x: ArrayLike): Tracer {
  return evaluate("gammasgn", signOfGamma, x);
}

export function signOfGamma(x: Tracer): Tracer {
  const low = floor(x);
  const odd = ops.rem(low, ops.fullLike(x, 2)).notEqual(0);
  const below = where(x.equal(low), NaN, where(odd, -1, 1));
  // Of -0 the gamma function is -Infinity.
  const zero = where(divide(1, x).less(0), -1, 1);
  const sign = where(x.equal(0), zero, where(x.less(0), below, where(isnan(x), NaN, 1)));
  return ops.convertElementType(sign, x.dtype);
}

/** `sin(pi x)`, exactly 0 at whole numbers; x is reduced before it is multiplied. */
export function sinPi(x: Tracer): Tracer {
  const whole = ops.round(x, 1);
  const odd = ops.rem(whole, ops.fullLike(x, 2)).notEqual(0);
  const sine = sin(x.sub(whole).mul(Math.PI));
  return where(odd, sine.neg(), sine);
}

/** The gamma function in JS numbers, for z in [2, 3]. */
function gammaOf(z: number): number {
  const x = z + 16;
  const root = Math.pow(x, x / 2);
  let value = root * (Math.sqrt((2 * Math.PI) / x) * Math.exp(stirlingErrorOf(x) - x)) * root;
  for (let k = 15; k >= 0; k--) value /= z + k;
  return value;
}
const fit = /* @__PURE__ */ chebyshev(gammaOf, 2, 3);

const restFit = /* @__PURE__ */ chebyshev((a) => {
  // 1 / gamma(1 + a) - 1 by a series of its own where a is small: -log gamma(1 + a) = 0.577 a - zeta(2) a^2 / 2 + ...
  if (a < 0.1) {
    let sum = 0.5772156649015329 * a;
    for (let [k, power] = [2, a * a]; Math.abs(power) > 1e-18; k++, power *= -a) sum -= (zetaNumber(k) * power) / k;
    return a < 1e-12 ? 0.5772156649015329 : Math.expm1(sum) / a;
  }
  return ((1 + a) / gammaOf(a + 2) - 1) / a;
}, 0, 1); // prettier-ignore

/** `(1 / gamma(1 + a) - 1) / a` for a in [0, 1]. */
export function reciprocalGammaRest(a: Tracer): Tracer {
  return sumSeries(restFit, a.mul(2).sub(1));
}

/** The gamma function of x > 0. */
function positive(x: Tracer): Tracer {
  const [low, middle, small] = [x.less(1), x.less(2), x.less(3)];
  const up = where(low, x.add(2), where(middle, x.add(1), where(small, x, 2.5)));
  const down = where(low, x.mul(x.add(1)), where(middle, x, 1));
  const near = divide(sumSeries(fit, up.mul(2).sub(5)), down);
  // sqrt(2 pi / x) (x / e)^x exp(S(x)): the power in two halves, which do not overflow before the product does.
  const most = x.dtype === "float64" ? 171.7 : 35.1;
  const large = where(small, 3, where(x.less(most), x, most));
  const root = ops.pow(large, large.mul(0.5));
  const scale = exp(large.neg())
    .mul(exp(stirlingError(large)))
    .mul(ops.sqrt(divide(2 * Math.PI, large)));
  const far = where(x.less(most), root.mul(scale).mul(root), Infinity);
  return where(small, near, far);
}

/** The gamma function: poles are NaN, but those at 0, which have signs. */
function everywhere(x: Tracer): Tracer {
  const negative = x.less(0);
  const size = where(negative, x.neg(), x);
  const value = positive(where(size.greater(0), size, 1));
  const wave = where(negative, sinPi(x), 1);
  // gamma(x) gamma(-x) = -pi / (x sin(pi x))
  const left = divide(divide(Math.PI, wave), size.mul(value));
  const reflected = where(wave.equal(0), NaN, where(x.equal(-Infinity), NaN, left));
  return where(isnan(x), x, where(x.equal(0), divide(1, x), where(negative, reflected, value)));
}

/** The gamma function; its derivative is its product with digamma. */
export const gammaFormula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(everywhere), (t, out, x) =>
  t.mul(out).mul(ops.digamma(x)),
);

/** The gamma function: `(x - 1)!`; NaN at negative whole numbers. Dtypes: floats. @example scipy.special.gamma(5).js(); // => 24 */
export function gamma(x: ArrayLike): Tracer {
  return evaluate("gamma", gammaFormula, x);
}
/** `1 / gamma(x)`; 0 at the poles. Dtypes: floats. @example scipy.special.rgamma(3).js(); // => 0.5 */
export function rgamma(x: ArrayLike): Tracer {
  return evaluate(
    "rgamma",
    (y) => {
      const pole = ops.and(y.equal(floor(y)), y.lessEqual(0));
      return where(pole, 0, divide(1, gammaFormula(where(pole, 1, y))));
    },
    x,
  );
}

const factorialFormula = /* @__PURE__ */ withRules(
  (n: Tracer): Tracer => {
    // n gamma(n) has no sum that rounds.
    const up = n.less(0.5);
    const value = gammaFormula(where(up, n.add(1), n));
    return where(n.less(0), 0, where(up, value, where(n.equal(Infinity), n, n.mul(value))));
  },
  (t, out, n) => where(n.less(0), 0, t.mul(out).mul(ops.digamma(n.add(1)))),
);

/** `n!`, between whole numbers by the gamma function; 0 below 0. Dtypes: floats. @example scipy.special.factorial(4).js(); // => 24 */
export function factorial(n: ArrayLike): Tracer {
  return evaluate("factorial", factorialFormula, n);
}
