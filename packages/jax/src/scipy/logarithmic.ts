/** Logits, entropies, and products with logarithms that are 0 where a factor is. */
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, floatBinary, floatUnary } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** `log(x / (1 - x))`. Dtypes: floats. @example scipySpecial.logit(0.5).js(); // => 0 */
export function logit(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => owned(() => ops.log(ops.div(y, ops.sub(constantLike(y, 1), y)))));
}
/** `1 / (1 + exp(-x))`, the inverse of logit. Dtypes: floats. @example scipySpecial.expit(0).js(); // => 0.5 */
export function expit(x: ArrayLike): Tracer {
  return floatUnary(x, ops.logistic);
}

/** `x f(y)`, and 0 where x is 0 and y is no NaN. Neither value nor gradient meets the logarithm of 0 there. */
function guarded(x: Tracer, y: Tracer, f: (y: Tracer) => Tracer): Tracer {
  const zero = ops.and(ops.eq(x, constantLike(x, 0)), ops.eq(y, y));
  const safe = ops.where(zero, constantLike(y, 1), y);
  return ops.where(zero, constantLike(x, 0), ops.mul(x, f(safe)));
}

/** `x log(y)`, 0 where x is 0. Dtypes: floats. @example scipySpecial.xlogy(0, 0).js(); // => 0 */
export function xlogy(x: ArrayLike, y: ArrayLike): Tracer {
  return floatBinary("xlogy", x, y, (a, b) => owned(() => guarded(a, b, ops.log)));
}
/** `x log(1 + y)`, 0 where x is 0. Dtypes: floats. @example scipySpecial.xlog1py(0, -1).js(); // => 0 */
export function xlog1py(x: ArrayLike, y: ArrayLike): Tracer {
  return floatBinary("xlog1py", x, y, (a, b) => owned(() => guarded(a, b, ops.log1p)));
}
/** `-x log(x)`; 0 at 0, -Infinity below. Dtypes: floats. @example scipySpecial.entr(1).js(); // => 0 */
export function entr(x: ArrayLike): Tracer {
  return floatUnary(x, (y) =>
    owned(() => {
      const below = ops.lt(y, constantLike(y, 0));
      const value = ops.neg(guarded(y, ops.where(below, constantLike(y, 1), y), ops.log));
      return ops.where(below, constantLike(y, -Infinity), value);
    }),
  );
}

/** `p log(p / q)`; 0 where p is 0 and q is not below, Infinity where there is no value. */
function relative(p: Tracer, q: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(p, value);
  const both = ops.and(ops.gt(p, c(0)), ops.gt(q, c(0)));
  const [a, b] = [ops.where(both, p, c(1)), ops.where(both, q, c(1))];
  const value = ops.mul(a, ops.sub(ops.log(a), ops.log(b)));
  const zero = ops.and(ops.eq(p, c(0)), ops.ge(q, c(0)));
  const nan = ops.or(ops.ne(p, p), ops.ne(q, q));
  return ops.where(both, value, ops.where(zero, c(0), ops.where(nan, c(NaN), c(Infinity))));
}
/** Terms of the relative entropy: `p log(p / q)`. Dtypes: floats. @example scipySpecial.relEntr(1, 1).js(); // => 0 */
export function relEntr(p: ArrayLike, q: ArrayLike): Tracer {
  return floatBinary("relEntr", p, q, (a, b) => owned(() => relative(a, b)));
}
/** Terms of the Kullback-Leibler divergence: `p log(p / q) - p + q`. Dtypes: floats. @example scipySpecial.klDiv(1, 1).js(); // => 0 */
export function klDiv(p: ArrayLike, q: ArrayLike): Tracer {
  return floatBinary("klDiv", p, q, (a, b) => owned(() => ops.add(ops.sub(relative(a, b), a), b)));
}
/** `(x^lambda - 1) / lambda`, log(x) for lambda 0. Dtypes: floats. @example scipySpecial.boxcox(3, 1).js(); // => 2 */
export function boxcox(x: ArrayLike, lmbda: ArrayLike): Tracer {
  return floatBinary("boxcox", x, lmbda, (y, l) => owned(() => power(ops.log(y), l)));
}
/** `((1 + x)^lambda - 1) / lambda`, log(1 + x) for lambda 0. Dtypes: floats. @example scipySpecial.boxcox1p(3, 1).js(); // => 3 */
export function boxcox1p(x: ArrayLike, lmbda: ArrayLike): Tracer {
  return floatBinary("boxcox1p", x, lmbda, (y, l) => owned(() => power(ops.log1p(y), l)));
}
function power(log: Tracer, lambda: Tracer): Tracer {
  const flat = ops.eq(lambda, constantLike(lambda, 0));
  const l = ops.where(flat, constantLike(lambda, 1), lambda);
  return ops.where(flat, log, ops.div(ops.expm1(ops.mul(l, log)), l));
}
