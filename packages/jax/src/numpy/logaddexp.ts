/** Logarithms of sums of exponentials of two arrays. */
import type { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { withRules } from "../scipy/formula";
import { type ArrayLike, constantLike, promoteInexact } from "./lift";
import { owned } from "./owned";

type Pair = [Tracer, Tracer];

const finite = (x: Tracer): Tracer => ops.where(ops.eq(x, constantLike(x, Infinity)), constantLike(x, 0), x);
const share = (tangent: Tracer, out: Tracer, x: Tracer): Tracer =>
  ops.mul(tangent, ops.exp(ops.sub(finite(x), finite(out))));

/** Of floats of one shape and dtype. */
const logaddexpOf = /* @__PURE__ */ withRules(
  (a: Tracer, b: Tracer): Tracer => {
    const apart = ops.sub(a, b);
    const sum = ops.add(ops.max(a, b), ops.log1p(ops.exp(ops.neg(ops.abs(apart)))));
    return ops.where(ops.ne(apart, apart), ops.add(a, b), sum); // equal infinities, and NaN
  },
  (tangent, out, a) => share(tangent, out, a!),
  (tangent, out, _a, b) => share(tangent, out, b!),
);

/**
 * log(exp(x1) + exp(x2)) without overflow.
 *
 * Shapes: broadcast, `f32[n, 1] x f32[m] -> f32[n, m]`.
 * Dtypes: floats; integers give float32.
 * @example
 * np.logaddexp(0, 0).js(); // => 0.693147
 */
export function logaddexp(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => logaddexpOf(...(promoteInexact("logaddexp", x1, x2) as Pair)));
}

/**
 * log2(2^x1 + 2^x2) without overflow.
 *
 * Shapes: broadcast, `f32[n, 1] x f32[m] -> f32[n, m]`.
 * Dtypes: floats; integers give float32.
 * @example
 * np.logaddexp2(0, 0).js(); // => 1
 */
export function logaddexp2(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => {
    const [a, b] = promoteInexact("logaddexp2", x1, x2) as Pair;
    const ln2 = constantLike(a, Math.LN2);
    return ops.div(logaddexpOf(ops.mul(a, ln2), ops.mul(b, ln2)), ln2);
  });
}
