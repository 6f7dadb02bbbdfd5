/** Activation functions, elementwise. Integers become float32 where the function needs floats. */
import { checkOptions } from "../base/option-names";
import { type Named, named } from "../numpy/arguments";
import { type Tracer } from "../core/tracer";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import * as ops from "../ops/index";
import { add, divide, maximum, minimum, multiply } from "../numpy/arithmetic";
import { logaddexp } from "../numpy/logaddexp";
import { expm1, log, sqrt, tanh as tanhOf } from "../numpy/elementwise";
import { owned } from "../numpy/owned";
import { type ArrayLike, constantLike, floatUnary, inexact, lift, own } from "../numpy/lift";
import { eagerProgram } from "../transforms/eager-program";
import { where } from "../numpy/selection";

/** `max(x, 0)`. Gradient: 0 at 0. @example nn.relu(np.array([-1, 2])).js(); // => [0, 2] */
export const relu = /* @__PURE__ */ eagerProgram(function relu(x: ArrayLike): Tracer {
  const y = lift(x);
  // Of a NaN neither branch is taken: it stays.
  return owned(() => ops.where(ops.le(y, constantLike(y, 0)), constantLike(y, 0), y));
});

/** `min(max(x, 0), 6)`. Gradient: 0 at 0 and 6. @example nn.relu6(7).js(); // => 6 */
export const relu6 = /* @__PURE__ */ eagerProgram(function relu6(x: ArrayLike): Tracer {
  const y = inexact(x);
  return owned(() => {
    const [zero, six] = [constantLike(y, 0), constantLike(y, 6)];
    const below = ops.where(ops.ge(y, six), six, y);
    return ops.where(ops.le(below, zero), zero, below);
  });
});

/** `1 / (1 + exp(-x))`. @example nn.sigmoid(0).js(); // => 0.5 */
export function sigmoid(x: ArrayLike): Tracer {
  return floatUnary(x, ops.logistic);
}

/** `log(1 + exp(x))` without overflow. @example nn.softplus(0).js(); // => 0.693147 */
export const softplus = /* @__PURE__ */ eagerProgram(function softplus(x: ArrayLike): Tracer {
  return logaddexp(x, 0);
});

/** `x / 2 + 1/4 x² + 1/4` between -1 and 1, 0 below, x above. @example nn.sparsePlus(0).js(); // => 0.25 */
export function sparsePlus(x: ArrayLike): Tracer {
  return owned(() => {
    const y = inexact(x);
    const one = constantLike(y, 1);
    const middle = ops.mul(ops.square(ops.add(y, one)), constantLike(y, 0.25));
    const above = ops.where(ops.ge(y, one), y, middle);
    return ops.where(ops.le(y, constantLike(y, -1)), constantLike(y, 0), above);
  });
}

/** Half of `x + 1` limited to [0, 1]. @example nn.sparseSigmoid(0).js(); // => 0.5 */
export function sparseSigmoid(x: ArrayLike): Tracer {
  return owned(() => multiply(minimum(maximum(add(inexact(x), 1), 0), 2), 0.5));
}

/** `x / (|x| + 1)`. @example nn.softSign(1).js(); // => 0.5 */
export const softSign = /* @__PURE__ */ eagerProgram(function softSign(x: ArrayLike): Tracer {
  return owned(() => {
    const y = inexact(x);
    return ops.div(y, ops.add(ops.abs(y), constantLike(y, 1)));
  });
});

/** `x sigmoid(x)`. @example nn.silu(0).js(); // => 0 */
export const silu = /* @__PURE__ */ eagerProgram(function silu(x: ArrayLike): Tracer {
  return owned(() => {
    const y = inexact(x);
    return ops.mul(y, ops.logistic(y));
  });
});

/** As `silu`. @example nn.swish(0).js(); // => 0 */
export function swish(x: ArrayLike): Tracer {
  return silu(x);
}

/** `x tanh(softplus(x))`. @example nn.mish(0).js(); // => 0 */
export const mish = /* @__PURE__ */ eagerProgram(function mish(x: ArrayLike): Tracer {
  return owned(() => {
    const y = inexact(x);
    return ops.mul(y, tanhOf(softplus(y)));
  });
});

/** `log(sigmoid(x))` without overflow. @example nn.logSigmoid(0).js(); // => -0.693147 */
export const logSigmoid = /* @__PURE__ */ eagerProgram(function logSigmoid(x: ArrayLike): Tracer {
  return owned(() => ops.neg(softplus(ops.neg(inexact(x)))));
});

/** x above 0, `alpha (exp(x) - 1)` below. @example nn.elu(1).js(); // => 1 */
export const elu = /* @__PURE__ */ eagerProgram(function elu(
  x: ArrayLike,
  given?: ArrayLike | Named<"alpha", ArrayLike>,
): Tracer {
  const alpha = named("alpha", given, 1 as ArrayLike);
  return owned(() => {
    const y = inexact(x);
    const positive = ops.gt(y, constantLike(y, 0));
    const below = expm1(ops.where(positive, constantLike(y, 0), y));
    return where(positive, y, multiply(alpha, below));
  });
});

/** `elu` scaled so that mean 0 and variance 1 stay. @example nn.selu(1).js(); // => 1.050701 */
export const selu = /* @__PURE__ */ eagerProgram(function selu(x: ArrayLike): Tracer {
  return owned(() => multiply(1.0507009873554804934193349852946, elu(x, 1.6732632423543772848170429916717)));
});

/** `max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1)`. @example nn.celu(1).js(); // => 1 */
export function celu(x: ArrayLike, given?: ArrayLike | Named<"alpha", ArrayLike>): Tracer {
  const alpha = named("alpha", given, 1 as ArrayLike);
  return owned(() => {
    const y = inexact(x);
    return add(maximum(y, 0), multiply(alpha, expm1(divide(minimum(y, 0), alpha))));
  });
}

/** x above 0, `negativeSlope x` below. @example nn.leakyRelu(-1).js(); // => -0.01 */
export const leakyRelu = /* @__PURE__ */ eagerProgram(function leakyRelu(
  x: ArrayLike,
  given?: ArrayLike | Named<"negativeSlope", ArrayLike>,
): Tracer {
  const negativeSlope = named("negativeSlope", given, 0.01 as ArrayLike);
  return owned(() => {
    const y = inexact(x);
    return where(ops.ge(y, constantLike(y, 0)), y, multiply(negativeSlope, y));
  });
});

/**
 * Gaussian error linear unit, `x P(X <= x)` for normal X; by default with the tanh approximation.
 * @example
 * nn.gelu(0).js(); // => 0
 */
export const gelu = /* @__PURE__ */ eagerProgram(function gelu(
  x: ArrayLike,
  options: { approximate?: boolean } | boolean = {},
): Tracer {
  if (typeof options === "object") checkOptions("gelu", options, { approximate: true });
  const approximate = typeof options === "boolean" ? options : (options.approximate ?? true);
  return owned(() => {
    const y = inexact(x);
    const c = (v: number): Tracer => constantLike(y, v);
    if (!approximate) {
      const tail = ops.erfc(ops.mul(ops.neg(y), c(Math.SQRT1_2)));
      return ops.mul(ops.mul(y, c(0.5)), tail);
    }
    const cubic = ops.add(y, ops.mul(c(0.044715), ops.integerPow(y, 3)));
    const cdf = ops.mul(c(0.5), ops.add(c(1), ops.tanh(ops.mul(c(Math.sqrt(2 / Math.PI)), cubic))));
    return ops.mul(y, cdf);
  });
});

/** The first half of an axis times the sigmoid of the second. @example nn.glu(np.array([2, 0])).js(); // => [1] */
export function glu(x: ArrayLike, axis: number | { axis?: number } = -1): Tracer {
  const where = named<"axis", number>("axis", axis as number, -1);
  return owned(() => {
    const y = inexact(x);
    const at = canonicalAxis("glu", where, y.ndim);
    const n = y.shape[at]!;
    if (n % 2 !== 0) throw new ShapeError(`glu: axis ${at} of ${y.aval} must have an even size`);
    const part = (from: number, to: number): Tracer =>
      ops.slice(
        y,
        y.shape.map((_, i) => (i === at ? from : 0)),
        y.shape.map((s, i) => (i === at ? to : s)),
      );
    return ops.mul(part(0, n / 2), ops.logistic(part(n / 2, n)));
  });
}

/** x limited to [-1, 1]. Gradient: 1 at the ends. @example nn.hardTanh(2).js(); // => 1 */
export const hardTanh = /* @__PURE__ */ eagerProgram(function hardTanh(x: ArrayLike): Tracer {
  return owned(() => {
    const y = lift(x);
    const [one, low] = [constantLike(y, 1), constantLike(y, -1)];
    return ops.where(ops.gt(y, one), one, ops.where(ops.lt(y, low), low, y));
  });
});

/** `relu6(x + 3) / 6`. @example nn.hardSigmoid(0).js(); // => 0.5 */
export const hardSigmoid = /* @__PURE__ */ eagerProgram(function hardSigmoid(x: ArrayLike): Tracer {
  return owned(() => divide(relu6(add(inexact(x), 3)), 6));
});

/** `x hardSigmoid(x)`. @example nn.hardSilu(3).js(); // => 3 */
export const hardSilu = /* @__PURE__ */ eagerProgram(function hardSilu(x: ArrayLike): Tracer {
  return owned(() => {
    const y = inexact(x);
    return ops.mul(y, hardSigmoid(y));
  });
});

/** As `hardSilu`. @example nn.hardSwish(3).js(); // => 3 */
export function hardSwish(x: ArrayLike): Tracer {
  return hardSilu(x);
}

/** `(x + sqrt(x² + b)) / 2`. @example nn.squareplus(0).js(); // => 1 */
export const squareplus = /* @__PURE__ */ eagerProgram(function squareplus(
  x: ArrayLike,
  given?: ArrayLike | Named<"b", ArrayLike>,
): Tracer {
  const b = named("b", given, 4 as ArrayLike);
  return owned(() => {
    const y = inexact(x);
    return multiply(add(y, sqrt(add(ops.square(y), b))), 0.5);
  });
});

/** `log(1 - exp(-x))` for x > 0, exact near 0 and far from it. @example nn.log1mexp(1).js(); // => -0.458675 */
export function log1mexp(x: ArrayLike): Tracer {
  return owned(() => {
    const y = inexact(x);
    const small = ops.lt(y, constantLike(y, Math.LN2));
    // Each branch sees a harmless value where it is not taken, so that gradients stay finite.
    const near = log(ops.neg(ops.expm1(ops.neg(ops.where(small, y, constantLike(y, Math.LN2))))));
    const far = ops.log1p(ops.neg(ops.exp(ops.neg(ops.where(small, constantLike(y, Math.LN2), y)))));
    return ops.where(small, near, far);
  });
}

/** Hyperbolic tangent. @example nn.tanh(0).js(); // => 0 */
export function tanh(x: ArrayLike): Tracer {
  return tanhOf(x);
}

/** The argument, with a handle of its own. @example nn.identity(1).js(); // => 1 */
export function identity(x: ArrayLike): Tracer {
  return own(lift(x), x);
}
