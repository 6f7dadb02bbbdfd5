/** The gamma function and its relatives. */
import { isFloat } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, floatBinary, floatUnary, inexact, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Logarithm of the absolute value of the gamma function. Dtypes: floats. Gradient: digamma. @example scipySpecial.gammaln(1).js(); // => 0 */
export function gammaln(x: ArrayLike): Tracer {
  return floatUnary(x, ops.lgamma);
}
/** Derivative of `gammaln`. Dtypes: floats. @example scipySpecial.digamma(1).js(); // => -0.577216 */
export function digamma(x: ArrayLike): Tracer {
  return floatUnary(x, ops.digamma);
}

/** Sign of the gamma function; NaN at negative whole numbers. @example scipySpecial.gammasgn(-0.5).js(); // => -1 */
export function gammasgn(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => owned(() => signOf(y)));
}

function signOf(x: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(x, value);
  const low = ops.floor(x);
  const odd = ops.ne(ops.rem(low, c(2)), c(0));
  const sign = ops.where(odd, c(-1), c(1));
  const atPole = ops.and(ops.eq(x, low), ops.lt(x, c(0)));
  // Of -0 the gamma function is -inf.
  const zero = ops.where(ops.lt(ops.div(c(1), x), c(0)), c(-1), c(1));
  const below = ops.where(atPole, c(NaN), sign);
  return ops.where(ops.eq(x, c(0)), zero, ops.where(ops.lt(x, c(0)), below, ops.where(ops.ne(x, x), x, c(1))));
}

/** The gamma function: `(x - 1)!`. Dtypes: floats. @example scipySpecial.gamma(5).js(); // => 24 */
export function gamma(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => owned(() => ops.mul(signOf(y), ops.exp(ops.lgamma(y)))));
}
/** `1 / gamma(x)`; 0 at the poles. @example scipySpecial.rgamma(3).js(); // => 0.5 */
export function rgamma(x: ArrayLike): Tracer {
  return floatUnary(x, (y) =>
    owned(() => {
      const pole = ops.and(ops.eq(y, ops.floor(y)), ops.le(y, constantLike(y, 0)));
      return ops.where(pole, constantLike(y, 0), ops.mul(signOf(y), ops.exp(ops.neg(ops.lgamma(y)))));
    }),
  );
}
/** `n!`; 0 below 0. Dtypes: floats. @example scipySpecial.factorial(4).js(); // => 24 */
export function factorial(n: ArrayLike): Tracer {
  return floatUnary(n, (y) =>
    owned(() => {
      const value = ops.exp(ops.lgamma(ops.add(y, constantLike(y, 1))));
      return ops.where(ops.lt(y, constantLike(y, 0)), constantLike(y, 0), value);
    }),
  );
}
/** Logarithm of the beta function. Dtypes: floats. @example scipySpecial.betaln(1, 2).js(); // => -0.693147 */
export function betaln(a: ArrayLike, b: ArrayLike): Tracer {
  return floatBinary("betaln", a, b, (x, y) =>
    owned(() => ops.sub(ops.add(ops.lgamma(x), ops.lgamma(y)), ops.lgamma(ops.add(x, y)))),
  );
}
/** The beta function: `gamma(a) gamma(b) / gamma(a + b)`. Dtypes: floats. @example scipySpecial.beta(1, 2).js(); // => 0.5 */
export function beta(a: ArrayLike, b: ArrayLike): Tracer {
  return floatBinary("beta", a, b, (x, y) =>
    owned(() => {
      const both = ops.add(x, y);
      const logs = ops.sub(ops.add(ops.lgamma(x), ops.lgamma(y)), ops.lgamma(both));
      return ops.mul(ops.mul(ops.mul(signOf(x), signOf(y)), signOf(both)), ops.exp(logs));
    }),
  );
}
/** Rising factorial: `gamma(z + m) / gamma(z)`. Dtypes: floats. @example scipySpecial.poch(1, 3).js(); // => 6 */
export function poch(z: ArrayLike, m: ArrayLike): Tracer {
  return floatBinary("poch", z, m, (x, n) =>
    owned(() => {
      const value = ops.exp(ops.sub(ops.lgamma(ops.add(x, n)), ops.lgamma(x)));
      return ops.where(ops.eq(n, constantLike(n, 0)), constantLike(n, 1), value);
    }),
  );
}
/** Logarithm of the multivariate gamma function of dimension d. Dtypes: floats. @example scipySpecial.multigammaln(2, 1).js(); // => 0 */
export function multigammaln(a: ArrayLike, d: number): Tracer {
  return floatUnary(a, (x) =>
    owned(() => {
      let out = constantLike(x, (d * (d - 1) * Math.log(Math.PI)) / 4);
      for (let i = 0; i < d; i++) out = ops.add(out, ops.lgamma(ops.sub(x, constantLike(x, i / 2))));
      return out;
    }),
  );
}

/** B_2k / (2k)! of the Bernoulli numbers. */
const BERNOULLI = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
];

/** `sum over k >= 0 of (k + q)^-x`: nine terms, and Euler and Maclaurin's formula for the rest. */
function zetaOf(x: Tracer, q: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(x, value);
  const minus = ops.neg(x);
  let sum = ops.pow(q, minus);
  for (let k = 1; k < 9; k++) sum = ops.add(sum, ops.pow(ops.add(q, c(k)), minus));
  const w = ops.add(q, c(9));
  const tail = ops.pow(w, minus);
  sum = ops.add(sum, ops.add(ops.div(ops.mul(tail, w), ops.sub(x, c(1))), ops.mul(tail, c(0.5))));
  let factor = ops.div(ops.mul(tail, x), w); // x (x + 1) ... (x + 2k) w^(-x - 2k - 1)
  BERNOULLI.forEach((b, k) => {
    sum = ops.add(sum, ops.mul(factor, c(b)));
    const next = ops.mul(ops.add(x, c(2 * k + 1)), ops.add(x, c(2 * k + 2)));
    factor = ops.div(ops.mul(factor, next), ops.square(w));
  });
  return sum;
}

/** Hurwitz's zeta function `sum over k >= 0 of (k + q)^-x` for x above 1; Riemann's for q = 1. Dtypes: floats. @example scipySpecial.zeta(2).js(); // => 1.644934 */
export function zeta(x: ArrayLike, q: ArrayLike = 1): Tracer {
  return floatBinary("zeta", x, q, (s, y) =>
    owned(() => {
      const c = (value: number): Tracer => constantLike(s, value);
      const pole = ops.and(ops.le(y, c(0)), ops.eq(y, ops.floor(y)));
      const value = ops.where(pole, c(Infinity), zetaOf(s, y));
      return ops.where(ops.eq(s, c(1)), c(Infinity), ops.where(ops.lt(s, c(1)), c(NaN), value));
    }),
  );
}

/** Derivative n of digamma, n = 0, 1, ... Dtypes: floats. @example scipySpecial.polygamma(1, 1).js(); // => 1.644934 */
export function polygamma(n: ArrayLike, x: ArrayLike): Tracer {
  return owned(() => {
    const order = typeof n === "number" || isFloat(lift(n).dtype) ? n : inexact(n);
    return floatBinary("polygamma", order, x, (m, y) => {
      const c = (value: number): Tracer => constantLike(m, value);
      const next = ops.add(m, c(1));
      const sign = ops.where(ops.eq(ops.rem(m, c(2)), c(0)), c(-1), c(1));
      const value = ops.mul(ops.mul(sign, ops.exp(ops.lgamma(next))), zetaOf(next, y));
      return ops.where(ops.eq(m, c(0)), ops.digamma(y), value);
    });
  });
}
