/** Regularized incomplete gamma functions. */
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, floatBinary } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Terms of the series below a + 1, and of the continued fraction above: enough for a up to some hundreds. */
const TERMS = 128;
const FRACTIONS = 48;

/** Both functions, lower and upper, of a > 0 and x >= 0: each is computed where it is small. */
function both(a: Tracer, x: Tracer): [lower: Tracer, upper: Tracer] {
  const c = (value: number): Tracer => constantLike(a, value);
  const one = c(1);
  const low = ops.lt(x, ops.add(a, one));
  // exp(-x) x^a / gamma(a), and 1 at x = 0 where the series takes no part.
  const positive = ops.where(ops.gt(x, c(0)), x, one);
  const scale = ops.exp(ops.sub(ops.sub(ops.mul(a, ops.log(positive)), positive), ops.lgamma(a)));
  const lower = ops.where(ops.gt(x, c(0)), ops.mul(scale, series(a, ops.where(low, positive, one))), c(0));
  const upper = ops.mul(scale, fraction(a, ops.where(low, ops.add(a, c(2)), x)));
  const finite = ops.lt(x, c(Infinity));
  const p = ops.where(low, lower, ops.where(finite, ops.sub(one, upper), one));
  const q = ops.where(low, ops.sub(one, lower), ops.where(finite, upper, c(0)));
  const valid = ops.and(ops.gt(a, c(0)), ops.ge(x, c(0)));
  return [ops.where(valid, p, c(NaN)), ops.where(valid, q, c(NaN))];
}

/** `1/a + x/(a (a + 1)) + x^2/(a (a + 1) (a + 2)) + ...`, the terms on an axis of their own. */
function series(a: Tracer, x: Tracer): Tracer {
  const shape = [TERMS, ...a.shape];
  const wide = (t: Tracer): Tracer => ops.broadcastInDim(t, shape, range(1, shape.length));
  const k = ops.iota(a.dtype, shape, 0);
  const ratio = ops.div(wide(x), ops.add(wide(a), k));
  const first = ops.eq(k, constantLike(k, 0));
  const terms = ops.cumprod(ops.where(first, ops.div(constantLike(k, 1), wide(a)), ratio), 0);
  return ops.reduceSum(terms, [0]);
}

/** `1/(x + 1 - a - 1 (1 - a)/(x + 3 - a - 2 (2 - a)/(x + 5 - a - ...)))`, from the inside. */
function fraction(a: Tracer, x: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(a, value);
  const base = ops.add(ops.sub(x, a), c(1));
  let rest: Tracer | null = null;
  for (let k = FRACTIONS; k >= 0; k--) {
    const b: Tracer = ops.add(base, c(2 * k));
    const denominator: Tracer = rest === null ? b : ops.sub(b, rest);
    const numerator = k === 0 ? c(1) : ops.mul(c(k), ops.sub(c(k), a));
    rest = ops.div(numerator, denominator);
  }
  return rest!;
}

/** Lower regularized incomplete gamma function: the integral of `t^(a-1) exp(-t) / gamma(a)` from 0 to x. Dtypes: floats; accurate for a up to some hundreds. @example scipySpecial.gammainc(1, 2).js(); // => 0.864665 */
export function gammainc(a: ArrayLike, x: ArrayLike): Tracer {
  return floatBinary("gammainc", a, x, (p, y) => owned(() => both(p, y)[0]));
}
/** Upper regularized incomplete gamma function: `1 - gammainc(a, x)`, also where that is small. @example scipySpecial.gammaincc(1, 2).js(); // => 0.135335 */
export function gammaincc(a: ArrayLike, x: ArrayLike): Tracer {
  return floatBinary("gammaincc", a, x, (p, y) => owned(() => both(p, y)[1]));
}
