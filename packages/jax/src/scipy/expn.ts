/** Generalized exponential integrals. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, log } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { isnan } from "../numpy/logic";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { compiled, evaluate, withRules } from "./formula";
import { gammaFormula } from "./gamma";

/** `1 / (x + n - 1 n / (x + n + 2 - 2 (n + 1) / (x + n + 4 - ...)))`, from the inside, for x > 1. */
function fraction(n: Tracer, x: Tracer): Tracer {
  const levels = x.dtype === "float64" ? 70 : 20;
  const base = n.add(x);
  let rest = constantLike(x, 0);
  for (let k = levels; k >= 1; k--) rest = divide(n.add(k - 1).mul(k), base.add(2 * k).sub(rest));
  return divide(1, base.sub(rest));
}

/** `(-x)^(n-1) / (n-1)! (digamma(n) - log(x)) - sum over m != n - 1 of (-x)^m / ((m - n + 1) m!)` for 0 < x <= 1. */
function series(n: Tracer, x: Tracer): Tracer {
  const terms = x.dtype === "float64" ? 20 : 12;
  let sum = constantLike(x, 0);
  for (let m = terms; m >= 0; m--) {
    let power = 1;
    for (let i = 1; i <= m; i++) power /= -i;
    const divisor = n.sub(m + 1);
    const pole = divisor.equal(0);
    sum = sum.add(where(pole, 0, divide(ops.integerPow(x, m).mul(power), where(pole, 1, divisor))));
  }
  const odd = ops.rem(n, ops.fullLike(n, 2)).notEqual(0);
  const size = divide(ops.pow(x, n.sub(1)), gammaFormula(n));
  const singular = where(odd, size, size.neg()).mul(ops.digamma(n).sub(log(x)));
  return sum.add(singular);
}

function generalized(n: Tracer, x: Tracer): Tracer {
  const large = x.greater(1);
  const inside = ops.and(x.greater(0), x.less(Infinity));
  const first = n.equal(0);
  const order = where(ops.and(n.greater(0), n.less(Infinity)), n, 1);
  const high = where(ops.and(large, inside), x, 2);
  const low = where(ops.and(inside, ops.not(large)), x, 1);
  const value = where(large, exp(high.neg()).mul(fraction(order, high)), series(order, low));
  const plain = divide(exp(x.neg()), x); // n = 0
  const atZero = where(n.less(2), Infinity, divide(1, n.sub(1)));
  const out = where(x.equal(0), atZero, where(first, plain, where(x.equal(Infinity), 0, value)));
  return where(ops.or(ops.or(isnan(x), isnan(n)), ops.or(n.less(0), x.less(0))), NaN, out);
}

const expnFormula: (n: Tracer, x: Tracer) => Tracer = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(generalized),
  null,
  (t, out, n, x) => {
    const first = n.equal(0);
    const lower = expnFormula(where(first, 1, n.sub(1)), x);
    return t.mul(where(first, out.mul(divide(1, x).add(1)), lower)).neg();
  },
);

/**
 * Generalized exponential integral E_n, n = 0, 1, ...: of `exp(-x t) / t^n` from t = 1 to infinity; NaN below 0.
 *
 * Dtypes: floats. Gradient: with respect to x.
 * @example
 * scipy.special.expn(2, 1).js(); // => 0.148496
 */
export function expn(n: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("expn", expnFormula, n, x);
}
