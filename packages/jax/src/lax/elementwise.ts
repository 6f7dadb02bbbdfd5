/** Elementwise operations of lax: as numpy's, but without promotion of arrays: only JS numbers adapt. */
import { needNumber } from "../base/needed";
import { type Named, named } from "../numpy/arguments";
import { DTypeError } from "../base/errors";
import { isFloat, isInteger } from "../aval/dtype";
import { Tracer } from "../core/tracer";
import { type ArrayLike, commonType, convert, inexact, integral, lift, liftAll, promoteShapes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Operands of one dtype. Arrays must agree; JS numbers take the arrays' dtype. Scalars broadcast. */
function same(op: string, ...args: ArrayLike[]): Tracer[] {
  const xs = liftAll(args);
  const strong = xs.filter((x) => !x.weakType);
  const odd = strong.find((x) => x.dtype !== strong[0]!.dtype);
  if (odd !== undefined)
    throw new DTypeError(`${op}: dtypes must be equal, got ${strong[0]!.aval} and ${odd.aval}; use np or convert`);
  const { dtype, weakType } = commonType(xs);
  return promoteShapes(
    op,
    xs.map((x) => convert(x, dtype, weakType)),
  );
}

type Binary = (a: Tracer, b: Tracer) => Tracer;
const two = (op: string, x: ArrayLike, y: ArrayLike, f: Binary): Tracer =>
  owned(() => {
    const [a, b] = same(op, x, y) as [Tracer, Tracer];
    return f(a, b);
  });
const one = (x: ArrayLike, f: (a: Tracer) => Tracer): Tracer => owned(() => f(lift(x)));
const real = (op: string, x: ArrayLike, f: (a: Tracer) => Tracer): Tracer =>
  owned(() => {
    const y = typeof x === "number" ? inexact(x) : lift(x);
    if (!isFloat(y.dtype)) throw new DTypeError(`${op}: expected floats, got ${y.aval}`);
    return f(y);
  });

/** Sum. @example lax.add(1, 2).js(); // => 3 */
export function add(x: ArrayLike, y: ArrayLike): Tracer {
  return two("add", x, y, ops.add);
}
/** Difference. @example lax.sub(1, 2).js(); // => -1 */
export function sub(x: ArrayLike, y: ArrayLike): Tracer {
  return two("sub", x, y, ops.sub);
}
/** Product. @example lax.mul(2, 3).js(); // => 6 */
export function mul(x: ArrayLike, y: ArrayLike): Tracer {
  return two("mul", x, y, ops.mul);
}
/** Quotient; of integers truncated. @example lax.div(3, 2).js(); // => 1.5 */
export function div(x: ArrayLike, y: ArrayLike): Tracer {
  return two("div", x, y, ops.div);
}
/** Remainder with the sign of the dividend. @example lax.rem(-7, 3).js(); // => -1 */
export function rem(x: ArrayLike, y: ArrayLike): Tracer {
  return two("rem", x, y, ops.rem);
}
/** Power of floats; the exponents may be integers. @example lax.pow(2, 3).js(); // => 8 */
export function pow(x: ArrayLike, y: ArrayLike): Tracer {
  if (x instanceof Tracer && isFloat(x.dtype) && y instanceof Tracer && isInteger(y.dtype)) {
    return owned(() => two("pow", x, convert(y, x.dtype), ops.pow));
  }
  return two("pow", x, y, ops.pow);
}
/** Power with a whole JS exponent. @example lax.integerPow(2, 3).js(); // => 8 */
export function integerPow(x: ArrayLike, y: number): Tracer {
  return one(x, (a) => ops.integerPow(a, needNumber("integerPow", "y", y)));
}
/** Larger of two. @example lax.max(1, 2).js(); // => 2 */
export function max(x: ArrayLike, y: ArrayLike): Tracer {
  return two("max", x, y, ops.max);
}
/** Smaller of two. @example lax.min(1, 2).js(); // => 1 */
export function min(x: ArrayLike, y: ArrayLike): Tracer {
  return two("min", x, y, ops.min);
}
/** Angle of the point (y, x). @example lax.atan2(0, 1).js(); // => 0 */
export function atan2(x: ArrayLike, y: ArrayLike): Tracer {
  return two("atan2", x, y, ops.atan2);
}
/** Next float after x toward y. @example lax.nextafter(0, 1).js() > 0; // => true */
export function nextafter(x: ArrayLike, y: ArrayLike): Tracer {
  return two("nextafter", x, y, ops.nextafter);
}
/** Equal. @example lax.eq(1, 1).js(); // => true */
export function eq(x: ArrayLike, y: ArrayLike): Tracer {
  return two("eq", x, y, ops.eq);
}
/** Not equal. @example lax.ne(1, 1).js(); // => false */
export function ne(x: ArrayLike, y: ArrayLike): Tracer {
  return two("ne", x, y, ops.ne);
}
/** Less. @example lax.lt(1, 2).js(); // => true */
export function lt(x: ArrayLike, y: ArrayLike): Tracer {
  return two("lt", x, y, ops.lt);
}
/** Less or equal. @example lax.le(1, 1).js(); // => true */
export function le(x: ArrayLike, y: ArrayLike): Tracer {
  return two("le", x, y, ops.le);
}
/** Greater. @example lax.gt(1, 2).js(); // => false */
export function gt(x: ArrayLike, y: ArrayLike): Tracer {
  return two("gt", x, y, ops.gt);
}
/** Greater or equal. @example lax.ge(1, 1).js(); // => true */
export function ge(x: ArrayLike, y: ArrayLike): Tracer {
  return two("ge", x, y, ops.ge);
}

const bits = (op: string, x: ArrayLike, y: ArrayLike, f: Binary): Tracer => {
  const whole = (v: ArrayLike): ArrayLike => (typeof v === "number" ? integral(op, v) : v);
  return two(op, whole(x), whole(y), f);
};

/** Bits set in both. @example lax.bitwiseAnd(6, 3).js(); // => 2 */
export function bitwiseAnd(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("bitwiseAnd", x, y, ops.and);
}
/** Bits set in either. @example lax.bitwiseOr(6, 3).js(); // => 7 */
export function bitwiseOr(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("bitwiseOr", x, y, ops.or);
}
/** Bits set in one of the two. @example lax.bitwiseXor(6, 3).js(); // => 5 */
export function bitwiseXor(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("bitwiseXor", x, y, ops.xor);
}
/** All bits turned over. @example lax.bitwiseNot(true).js(); // => false */
export function bitwiseNot(x: ArrayLike): Tracer {
  return one(typeof x === "number" ? integral("bitwiseNot", x) : x, ops.not);
}
/** Bits moved up. @example lax.shiftLeft(1, 3).js(); // => 8 */
export function shiftLeft(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("shiftLeft", x, y, ops.shiftLeft);
}
/** Bits moved down, zeros in. @example lax.shiftRightLogical(8, 3).js(); // => 1 */
export function shiftRightLogical(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("shiftRightLogical", x, y, ops.shiftRightLogical);
}
/** Bits moved down, the sign kept. @example lax.shiftRightArithmetic(-8, 3).js(); // => -1 */
export function shiftRightArithmetic(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("shiftRightArithmetic", x, y, ops.shiftRightArithmetic);
}
/** Number of bits set. @example lax.populationCount(7).js(); // => 3 */
export function populationCount(x: ArrayLike): Tracer {
  return one(typeof x === "number" ? integral("populationCount", x) : x, ops.populationCount);
}
/** Number of zero bits above the highest set one. @example lax.clz(1).js(); // => 31 */
export function clz(x: ArrayLike): Tracer {
  return one(typeof x === "number" ? integral("clz", x) : x, ops.clz);
}

/** Negative. @example lax.neg(2).js(); // => -2 */
export function neg(x: ArrayLike): Tracer {
  return one(x, ops.neg);
}
/** Absolute value. @example lax.abs(-2).js(); // => 2 */
export function abs(x: ArrayLike): Tracer {
  return one(x, ops.abs);
}
/** -1, 0 or 1. @example lax.sign(-2).js(); // => -1 */
export function sign(x: ArrayLike): Tracer {
  return one(x, ops.sign);
}
/** Square. @example lax.square(3).js(); // => 9 */
export function square(x: ArrayLike): Tracer {
  return one(x, ops.square);
}
/** `1 / x`. @example lax.reciprocal(4).js(); // => 0.25 */
export function reciprocal(x: ArrayLike): Tracer {
  return owned(() => div(1, x));
}
/** Rounds down. @example lax.floor(1.5).js(); // => 1 */
export function floor(x: ArrayLike): Tracer {
  return real("floor", x, ops.floor);
}
/** Rounds up. @example lax.ceil(1.5).js(); // => 2 */
export function ceil(x: ArrayLike): Tracer {
  return real("ceil", x, ops.ceil);
}
/** Rounds to the nearest whole number; ties away from zero (0, default) or to even (1). @example lax.round(2.5).js(); // => 3 */
export function round(x: ArrayLike, roundingMethod?: 0 | 1 | Named<"roundingMethod", 0 | 1>): Tracer {
  return real("round", x, (a) => ops.round(a, named("roundingMethod", roundingMethod, 0 as 0 | 1)));
}
/** Neither infinite nor NaN. @example lax.isFinite(1).js(); // => true */
export function isFinite(x: ArrayLike): Tracer {
  return real("isFinite", x, ops.isFinite);
}

/** `x` limited to `[min, max]`. @example lax.clamp(0, 5, 1).js(); // => 1 */
export function clamp(min: ArrayLike, x: ArrayLike, max: ArrayLike): Tracer {
  return owned(() => {
    const [lo, y, hi] = same("clamp", min, x, max) as [Tracer, Tracer, Tracer];
    return ops.clamp(lo, y, hi);
  });
}
/** `onFalse` or `onTrue`; with an integer selector, one of several cases. @example lax.selectN(true, 1, 2).js(); // => 2 */
export function selectN(which: ArrayLike, ...cases: readonly ArrayLike[]): Tracer {
  return owned(() => {
    const [w, ...xs] = promoteShapes("selectN", [lift(which), ...same("selectN", ...cases)]);
    return ops.selectN(w!, ...xs);
  });
}
/** `onTrue` where the condition holds, else `onFalse`. @example lax.select(true, 1, 2).js(); // => 1 */
export function select(pred: ArrayLike, onTrue: ArrayLike, onFalse: ArrayLike): Tracer {
  return selectN(pred, onFalse, onTrue);
}
