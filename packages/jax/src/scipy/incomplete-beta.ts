/** The regularized incomplete beta function. */
import type { Tracer } from "../core/tracer";
import { foriLoop } from "../lax/control";
import { type ArrayLike, constantLike, promoteInexact } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Pairs of levels of the continued fraction: enough for parameters up to some ten thousands. */
const LEVELS = 100;

/** `1 / (1 + d1 / (1 + d2 / (1 + ...)))`, from the inside; good for x < (a + 1) / (a + b + 2). */
function fraction(a: Tracer, b: Tracer, x: Tracer): Tracer {
  const one = constantLike(a, 1);
  const step = (i: Tracer, rest: Tracer): Tracer =>
    owned(() => {
      const m = ops.broadcastInDim(
        ops.convertElementType(ops.sub(constantLike(i, LEVELS - 1), i), a.dtype),
        a.shape,
        [],
      );
      const next = ops.add(m, one);
      const at = ops.add(a, ops.add(m, m));
      const [up, up2] = [ops.add(at, one), ops.add(at, constantLike(at, 2))];
      const even = ops.div(ops.mul(ops.mul(next, ops.sub(b, next)), x), ops.mul(up, up2));
      const odd = ops.neg(
        ops.div(ops.mul(ops.mul(ops.add(a, m), ops.add(ops.add(a, b), m)), x), ops.mul(at, up)),
      );
      return ops.add(one, ops.div(odd, ops.add(one, ops.div(even, rest))));
    });
  return ops.div(one, foriLoop(0, LEVELS, step as never, one) as Tracer);
}

/** The function of a, b > 0 and x in [0, 1] in one dtype and shape; NaN elsewhere. */
export function incompleteBeta(a: Tracer, b: Tracer, x: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(x, value);
  const [zero, one] = [c(0), c(1)];
  const [below, above] = [ops.le(x, zero), ops.ge(x, one)];
  const valid = ops.and(ops.and(ops.gt(a, zero), ops.gt(b, zero)), ops.and(ops.ge(x, zero), ops.le(x, one)));
  const inside = ops.and(valid, ops.not(ops.or(below, above)));
  // Outside its domain the formula runs on harmless numbers, so that no gradient is NaN.
  const [p, q, y] = [ops.where(inside, a, one), ops.where(inside, b, one), ops.where(inside, x, c(0.5))];
  const swap = ops.gt(y, ops.div(ops.add(p, one), ops.add(ops.add(p, q), c(2))));
  const [a1, b1] = [ops.where(swap, q, p), ops.where(swap, p, q)];
  const x1 = ops.where(swap, ops.sub(one, y), y);
  const logs = ops.add(ops.mul(a1, ops.log(x1)), ops.mul(b1, ops.log1p(ops.neg(x1))));
  const scale = ops.exp(ops.sub(logs, ops.sub(ops.add(ops.lgamma(p), ops.lgamma(q)), ops.lgamma(ops.add(p, q)))));
  const part = ops.mul(ops.div(scale, a1), fraction(a1, b1, x1));
  const value = ops.where(swap, ops.sub(one, part), part);
  const ends = ops.where(above, one, ops.where(below, zero, value));
  return ops.where(valid, ends, c(NaN));
}

/**
 * Regularized incomplete beta function: the integral of `t^(a-1) (1-t)^(b-1)` from 0 to x, divided by `beta(a, b)`.
 *
 * Dtypes: floats. Gradient: with respect to all three. Differs from JAX: JAX differentiates in x only.
 * @example
 * scipySpecial.betainc(2, 3, 0.5).js(); // => 0.6875
 */
export function betainc(a: ArrayLike, b: ArrayLike, x: ArrayLike): Tracer {
  return owned(() => {
    const [p, q, y] = promoteInexact("betainc", a, b, x) as [Tracer, Tracer, Tracer];
    return incompleteBeta(p, q, y);
  });
}
