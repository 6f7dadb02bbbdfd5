/** Common divisors and multiples of integers. */
import { isInteger, isUnsigned } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { type ArrayLike, constantLike, integral, lift, promoteArgs } from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";

type Pair = [Tracer, Tracer];

const zeroOf = (x: Tracer): Tracer => constantLike(x, 0);
const oneOf = (x: Tracer): Tracer => constantLike(x, 1);

/** Two operands that meet in an integer dtype. */
function wholePair(op: string, x1: ArrayLike, x2: ArrayLike): Pair {
  const whole = (x: ArrayLike): ArrayLike => (typeof x === "number" ? integral(op, x) : x);
  const pair = promoteArgs(op, whole(x1), whole(x2)) as Pair;
  if (!isInteger(pair[0].dtype))
    throw new DTypeError(`${op}: expected integers, got ${lift(x1).aval} and ${lift(x2).aval}`);
  return pair;
}

/** Greatest common divisor of integers. @example np.gcd(np.array([12], { dtype: "int32" }), 18).js(); // => [6] */
export function gcd(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => {
    let [a, b] = wholePair("gcd", x1, x2);
    if (!isUnsigned(a.dtype)) [a, b] = [ops.abs(a), ops.abs(b)];
    return gcdOf(a, b);
  });
}

/**
 * Euclid with the remainders that are nearest to 0. Pell numbers take longest, and grow by 1 + sqrt(2) with a step: 26
 * steps do for 32 bits, and one for the wrong order.
 */
const gcdOf = /* @__PURE__ */ eagerProgram(function gcd(a: Tracer, b: Tracer): Tracer {
  for (let step = 0; step < 27; step++) {
    const done = ops.eq(b, zeroOf(b));
    const r = ops.rem(a, ops.where(done, oneOf(b), b));
    [a, b] = [ops.where(done, a, b), ops.where(done, b, ops.min(r, ops.sub(b, r)))];
  }
  return a;
});

/** Least common multiple of integers. @example np.lcm(np.array([4], { dtype: "int32" }), 6).js(); // => [12] */
export function lcm(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => {
    let [a, b] = wholePair("lcm", x1, x2);
    if (!isUnsigned(a.dtype)) [a, b] = [ops.abs(a), ops.abs(b)];
    const d = gcd(a, b);
    const none = ops.eq(d, zeroOf(d));
    return ops.where(none, zeroOf(d), ops.mul(a, ops.div(b, ops.where(none, oneOf(d), d))));
  });
}
