/** Functions of each element. Those of analysis give floats: integers and bools become float32. */
import { type Named, named } from "./arguments";
import { isBool, isFloat, isInteger, isUnsigned } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { hypot, multiply } from "./arithmetic";
import { type ComplexPair, isPair } from "./complex-pair";
import { type ArrayLike, constantLike, convert, floatUnary, inexact, lift, own } from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";

function number(op: string, x: ArrayLike): Tracer {
  const y = lift(x);
  if (isBool(y.dtype)) throw new DTypeError(`${op}: expected numbers, got ${y.aval}; convert with astype`);
  return y;
}

/** Negative. Errors: DTypeError for bools. @example np.negative(2).js(); // => -2 */
export function negative(x: ArrayLike): Tracer {
  return ops.neg(number("negative", x));
}

/** The argument, with a handle of its own. @example np.positive(2).js(); // => 2 */
export function positive(x: ArrayLike): Tracer {
  return own(lift(x), x);
}

/** Absolute value; also of a pair `{ real, imag }`. Gradient: the sign, 0 at 0. @example np.abs(-2).js(); // => 2 */
export function abs(x: ArrayLike | ComplexPair): Tracer {
  if (isPair(x)) return hypot(x.real, x.imag);
  const y = lift(x);
  return isBool(y.dtype) || isUnsigned(y.dtype) ? own(y, x) : ops.abs(y);
}

/** As `abs`. @example np.absolute(-2).js(); // => 2 */
export function absolute(x: ArrayLike | ComplexPair): Tracer {
  return abs(x);
}

/** `abs` as floats. @example np.fabs(-2).js(); // => 2 */
export function fabs(x: ArrayLike): Tracer {
  return floatUnary(x, ops.abs);
}

/** -1, 0 or 1; NaN of NaN. @example np.sign(-3).js(); // => -1 */
export function sign(x: ArrayLike): Tracer {
  return ops.sign(number("sign", x));
}

/** `x * x`. @example np.square(3).js(); // => 9 */
export function square(x: ArrayLike): Tracer {
  const y = lift(x);
  return isBool(y.dtype) ? owned(() => ops.square(convert(y, "int32"))) : ops.square(y);
}

/** `1 / x`. Dtypes: floats. @example np.reciprocal(4).js(); // => 0.25 */
export function reciprocal(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => owned(() => ops.div(constantLike(y, 1), y)));
}

/** Square root. Dtypes: floats. @example np.sqrt(9).js(); // => 3 */
export function sqrt(x: ArrayLike): Tracer {
  return floatUnary(x, ops.sqrt);
}

/** Cube root, also of negative numbers. Dtypes: floats. @example np.cbrt(-8).js(); // => -2 */
export function cbrt(x: ArrayLike): Tracer {
  return floatUnary(x, ops.cbrt);
}

/** e to the power x. Dtypes: floats. @example np.exp(0).js(); // => 1 */
export function exp(x: ArrayLike): Tracer {
  return floatUnary(x, ops.exp);
}

/** 2 to the power x. Dtypes: floats. @example np.exp2(3).js(); // => 8 */
export function exp2(x: ArrayLike): Tracer {
  return floatUnary(x, ops.exp2);
}

/** `exp(x) - 1`, exact near 0. Dtypes: floats. @example np.expm1(0).js(); // => 0 */
export function expm1(x: ArrayLike): Tracer {
  return floatUnary(x, ops.expm1);
}

/** Natural logarithm. Dtypes: floats. @example np.log(1).js(); // => 0 */
export function log(x: ArrayLike): Tracer {
  return floatUnary(x, ops.log);
}

/** `log(1 + x)`, exact near 0. Dtypes: floats. @example np.log1p(0).js(); // => 0 */
export function log1p(x: ArrayLike): Tracer {
  return floatUnary(x, ops.log1p);
}

/** Logarithm to base 2. Dtypes: floats. @example np.log2(8).js(); // => 3 */
export function log2(x: ArrayLike): Tracer {
  return logBase(x, 2);
}

/** Logarithm to base 10. Dtypes: floats. @example np.log10(100).js(); // => 2 */
export function log10(x: ArrayLike): Tracer {
  return logBase(x, 10);
}

const logBase = (x: ArrayLike, base: number): Tracer => owned(() => logOf(inexact(x), base));

const logOf = /* @__PURE__ */ eagerProgram(function log(x: Tracer, base: number): Tracer {
  return owned(() => {
    const y = ops.log(x);
    return ops.div(y, constantLike(y, Math.log(base)));
  });
});

/** Sine; x in radians. Dtypes: floats. @example np.sin(0).js(); // => 0 */
export function sin(x: ArrayLike): Tracer {
  return floatUnary(x, ops.sin);
}

/** Cosine; x in radians. Dtypes: floats. @example np.cos(0).js(); // => 1 */
export function cos(x: ArrayLike): Tracer {
  return floatUnary(x, ops.cos);
}

/** Tangent; x in radians. Dtypes: floats. @example np.tan(0).js(); // => 0 */
export function tan(x: ArrayLike): Tracer {
  return floatUnary(x, ops.tan);
}

/** Angle whose sine is x; NaN outside [-1, 1]. Dtypes: floats. @example np.arcsin(0).js(); // => 0 */
export function arcsin(x: ArrayLike): Tracer {
  return floatUnary(x, ops.asin);
}

/** Angle whose cosine is x; NaN outside [-1, 1]. Dtypes: floats. @example np.arccos(1).js(); // => 0 */
export function arccos(x: ArrayLike): Tracer {
  return floatUnary(x, ops.acos);
}

/** Angle whose tangent is x. Dtypes: floats. @example np.arctan(0).js(); // => 0 */
export function arctan(x: ArrayLike): Tracer {
  return floatUnary(x, ops.atan);
}

/** Hyperbolic sine. Dtypes: floats. @example np.sinh(0).js(); // => 0 */
export function sinh(x: ArrayLike): Tracer {
  return floatUnary(x, ops.sinh);
}

/** Hyperbolic cosine. Dtypes: floats. @example np.cosh(0).js(); // => 1 */
export function cosh(x: ArrayLike): Tracer {
  return floatUnary(x, ops.cosh);
}

/** Hyperbolic tangent. Dtypes: floats. @example np.tanh(0).js(); // => 0 */
export function tanh(x: ArrayLike): Tracer {
  return floatUnary(x, ops.tanh);
}

/** Inverse of sinh. Dtypes: floats. @example np.arcsinh(0).js(); // => 0 */
export function arcsinh(x: ArrayLike): Tracer {
  return floatUnary(x, ops.asinh);
}

/** Inverse of cosh; NaN below 1. Dtypes: floats. @example np.arccosh(1).js(); // => 0 */
export function arccosh(x: ArrayLike): Tracer {
  return floatUnary(x, ops.acosh);
}

/** Inverse of tanh; NaN outside [-1, 1]. Dtypes: floats. @example np.arctanh(0).js(); // => 0 */
export function arctanh(x: ArrayLike): Tracer {
  return floatUnary(x, ops.atanh);
}

/** Radians to degrees. Dtypes: floats. @example np.degrees(0).js(); // => 0 */
export function degrees(x: ArrayLike): Tracer {
  return owned(() => multiply(inexact(x), 180 / Math.PI));
}

/** Degrees to radians. Dtypes: floats. @example np.radians(0).js(); // => 0 */
export function radians(x: ArrayLike): Tracer {
  return owned(() => multiply(inexact(x), Math.PI / 180));
}

/**
 * `sin(pi x) / (pi x)`, 1 at 0. Dtypes: floats. Gradient: right at 0 too, of every order.
 * @example
 * np.sinc(0).js(); // => 1
 */
export function sinc(x: ArrayLike): Tracer {
  return owned(() => sincOf(inexact(x)));
}

const sincOf = /* @__PURE__ */ eagerProgram(function sinc(x: Tracer): Tracer {
  return owned(() => {
    const y = multiply(x, Math.PI);
    const near = ops.lt(ops.abs(y), constantLike(y, 0.5));
    const far = ops.where(near, constantLike(y, 1), y);
    // Taylor: sum of (-z)^k / (2k + 1)! in z = y^2; below 1/4 seven terms are exact in float64.
    const z = ops.square(ops.where(near, y, constantLike(y, 0)));
    let series = constantLike(z, 1);
    for (let k = 7; k >= 1; k--) {
      series = ops.sub(constantLike(z, 1), ops.mul(ops.mul(z, constantLike(z, 1 / (2 * k * (2 * k + 1)))), series));
    }
    return ops.where(near, series, ops.div(ops.sin(far), far));
  });
});

/** Rounds down. Integers and bools stay. @example np.floor(1.7).js(); // => 1 */
export function floor(x: ArrayLike): Tracer {
  return ofFloats(x, ops.floor);
}

/** Rounds up. Integers and bools stay. @example np.ceil(1.2).js(); // => 2 */
export function ceil(x: ArrayLike): Tracer {
  return ofFloats(x, ops.ceil);
}

/** Rounds toward zero. Integers and bools stay. @example np.trunc(-1.7).js(); // => -1 */
export function trunc(x: ArrayLike): Tracer {
  return ofFloats(x, truncOf);
}

const truncOf = /* @__PURE__ */ eagerProgram(function trunc(y: Tracer): Tracer {
  return owned(() => ops.where(ops.lt(y, constantLike(y, 0)), ops.ceil(y), ops.floor(y)));
});

/** Rounds to the nearest whole number, ties to even. Dtypes: floats. @example np.rint(2.5).js(); // => 2 */
export function rint(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => ops.round(y, 1));
}

function ofFloats(x: ArrayLike, f: (y: Tracer) => Tracer): Tracer {
  const y = lift(x);
  return isFloat(y.dtype) ? f(y) : own(y, x);
}

/**
 * Rounds to `decimals` places (negative: to tens, hundreds, ...), ties to even.
 * @example
 * np.round(2.345, 1).js(); // => 2.3
 */
export function round(x: ArrayLike, places?: number | Named<"decimals", number>): Tracer {
  const decimals = named("decimals", places, 0);
  const y = lift(x);
  if (!isFloat(y.dtype)) {
    if (decimals >= 0 || !isInteger(y.dtype)) return own(y, x);
    return owned(() => convert(round(convert(y, "float32"), decimals), y.dtype));
  }
  if (decimals === 0) return ops.round(y, 1);
  return owned(() => {
    const factor = constantLike(y, 10 ** Math.abs(decimals));
    return decimals > 0
      ? ops.div(ops.round(ops.mul(y, factor), 1), factor)
      : ops.mul(ops.round(ops.div(y, factor), 1), factor);
  });
}

/** Fractional and whole part, both with the sign of x. @example np.modf(-1.5)[0].js(); // => -0.5 */
export function modf(x: ArrayLike): [Tracer, Tracer] {
  return owned(() => modfOf(inexact(x)));
}

const modfOf = /* @__PURE__ */ eagerProgram(function modf(y: Tracer): [Tracer, Tracer] {
  return owned((): [Tracer, Tracer] => {
    const whole = trunc(y);
    const infinite = ops.eq(ops.abs(y), constantLike(y, Infinity));
    return [ops.where(infinite, constantLike(y, 0), ops.sub(y, whole)), whole];
  });
});
