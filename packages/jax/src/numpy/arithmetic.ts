/** Arithmetic of two arrays. All functions here broadcast and promote as JAX does. */
import { isFloat, isInteger, isUnsigned } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { Literal, type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import {
  type ArrayLike,
  constantLike,
  convert,
  binary,
  floatBinary,
  inexact,
  integral,
  lift,
  liftAll,
  promoteArgs,
  own,
  promoteInexact,
} from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";

type Pair = [Tracer, Tracer];

/** Sum; of bools: or. @example np.add(1, np.ones([2])).js(); // => [2, 2] */
export function add(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("add", x, y, (a, b) => (a.dtype === "bool" ? ops.or(a, b) : ops.add(a, b)));
}

/** Difference. Errors: DTypeError for bools. @example np.subtract(3, 1).js(); // => 2 */
export function subtract(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("subtract", x, y, (a, b) => {
    if (a.dtype === "bool") throw new DTypeError("subtract: bools have no difference; use np.logicalXor");
    return ops.sub(a, b);
  });
}

/** Product; of bools: and. @example np.multiply(2, np.ones([2])).js(); // => [2, 2] */
export function multiply(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("multiply", x, y, (a, b) => (a.dtype === "bool" ? ops.and(a, b) : ops.mul(a, b)));
}

/** Quotient as floats. Dtypes: integers give float32. @example np.divide(np.array(new Int32Array([1])), 2).js(); // => [0.5] */
export function divide(x: ArrayLike, y: ArrayLike): Tracer {
  return floatBinary("divide", x, y, ops.div);
}

/** As `divide`. @example np.trueDivide(1, 2).js(); // => 0.5 */
export function trueDivide(x: ArrayLike, y: ArrayLike): Tracer {
  return divide(x, y);
}

const notEqualSigns = (a: Tracer, b: Tracer): Tracer => ops.ne(ops.sign(a), ops.sign(b));
const zeroOf = (x: Tracer): Tracer => constantLike(x, 0);
const oneOf = (x: Tracer): Tracer => constantLike(x, 1);
/** Bools count as int32 in division. */
const countable = (xs: Tracer[]): Pair => (xs[0]!.dtype === "bool" ? xs.map((x) => convert(x, "int32")) : xs) as Pair;

/** Quotient rounded down. Integer division by zero gives -1 or what XLA gives, and never traps. @example np.floorDivide(-7, 2).js(); // => -4 */
export function floorDivide(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => floorOf(...countable(promoteArgs("floorDivide", x, y))));
}

const floorOf = /* @__PURE__ */ eagerProgram(function floorDivide(a: Tracer, b: Tracer): Tracer {
  return owned(() => {
    if (isFloat(a.dtype)) return floatDivmod(a, b)[0];
    const q = ops.div(a, b);
    if (isUnsigned(a.dtype)) return q;
    const down = ops.and(notEqualSigns(a, b), ops.ne(ops.mul(q, b), a));
    return ops.where(down, ops.sub(q, oneOf(q)), q);
  });
});

/** Quotient rounded down, and remainder with the divisor's sign. @example np.divmod(7, -2)[1].js(); // => -1 */
export function divmod(x: ArrayLike, y: ArrayLike): [Tracer, Tracer] {
  return owned((): [Tracer, Tracer] => {
    const [a, b] = countable(promoteArgs("divmod", x, y));
    return isFloat(a.dtype) ? floatDivmod(a, b) : [floorDivide(a, b), remainder(a, b)];
  });
}

function floatDivmod(a: Tracer, b: Tracer): [Tracer, Tracer] {
  const mod = ops.rem(a, b);
  const quotient = ops.div(ops.where(ops.eq(b, zeroOf(b)), a, ops.sub(a, mod)), b);
  const fix = ops.and(ops.ne(mod, zeroOf(mod)), notEqualSigns(b, mod));
  return [
    ops.round(ops.where(fix, ops.sub(quotient, oneOf(quotient)), quotient), 0),
    ops.where(fix, ops.add(mod, b), mod),
  ];
}

/** Integers never have the remainder of a division by 0: it is 0, as with 1. */
const nonzeroDivisor = (b: Tracer): Tracer => (isFloat(b.dtype) ? b : ops.where(ops.eq(b, zeroOf(b)), oneOf(b), b));

/** Remainder with the sign of the divisor, as Python's `%`; of integers by 0 it is 0. @example np.remainder(-7, 3).js(); // => 2 */
export function remainder(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => remainderOf(...countable(promoteArgs("remainder", x, y))));
}

const remainderOf = /* @__PURE__ */ eagerProgram(function remainder(a: Tracer, divisor: Tracer): Tracer {
  return owned(() => {
    const b = nonzeroDivisor(divisor);
    const r = ops.rem(a, b);
    if (isUnsigned(a.dtype)) return r;
    const zero = zeroOf(r);
    const fix = ops.and(ops.ne(ops.lt(r, zero), ops.lt(b, zero)), ops.ne(r, zero));
    return ops.where(fix, ops.add(r, b), r);
  });
});

/** As `remainder`. @example np.mod(-7, 3).js(); // => 2 */
export function mod(x: ArrayLike, y: ArrayLike): Tracer {
  return remainder(x, y);
}

/** Remainder with the sign of the dividend, as C's `fmod`. @example np.fmod(-7, 3).js(); // => -1 */
export function fmod(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => {
    const [a, b] = countable(promoteArgs("fmod", x, y));
    return ops.rem(a, nonzeroDivisor(b));
  });
}

/**
 * `x1` to the power `x2`. An integral JS exponent multiplies repeatedly, so gradients at 0 are right.
 *
 * Dtypes: integers to integers give integers.
 * Errors: DTypeError for an integer array to a negative JS number.
 * @example
 * np.power(np.array([3]), 2).js(); // => [9]
 */
export function power(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => {
    const [base, exponent] = liftAll([x1, x2]) as Pair;
    if (exponent instanceof Literal && typeof x2 === "number" && !(base instanceof Literal)) {
      const n = x2;
      if (Number.isInteger(n) && Math.abs(n) < 2 ** 31) {
        const b = base.dtype === "bool" ? convert(base, "int32") : base;
        if (n < 0 && isInteger(b.dtype)) {
          throw new DTypeError(
            `power: integers to a negative power are not integers, got ${b.aval} to ${n}; convert to float`,
          );
        }
        return n === 0 ? oneOf(b) : n === 1 ? own(b, x1) : n === 2 ? ops.square(b) : ops.integerPow(b, n);
      }
      if (n === 0.5) return ops.sqrt(inexact(base));
    }
    const [a, b] = promoteArgs("power", base, exponent) as Pair;
    if (isFloat(a.dtype)) return ops.pow(a, b);
    return integerPower(countable([a, b]));
  });
}

/** Binary exponentiation of integer arrays; what overflows wraps, and an exponent counts as unsigned, as in JAX. */
function integerPower([a, b]: Pair): Tracer {
  const one = oneOf(a);
  const zero = zeroOf(b);
  let [base, left, out] = [a, b, one];
  for (let bit = 0; bit < 32; bit++) {
    out = ops.where(ops.ne(ops.and(left, one), zero), ops.mul(out, base), out);
    base = ops.mul(base, base);
    left = ops.shiftRightLogical(left, one);
  }
  return out;
}

/** As `power`. @example np.pow(2, 3).js(); // => 8 */
export function pow(x1: ArrayLike, x2: ArrayLike): Tracer {
  return power(x1, x2);
}

/** `power` as floats. @example np.floatPower(2, 3).js(); // => 8 */
export function floatPower(x1: ArrayLike, x2: ArrayLike): Tracer {
  return floatBinary("floatPower", x1, x2, ops.pow);
}

/** Larger of each pair; NaN if either is. @example np.maximum(1, np.array([0, 2])).js(); // => [1, 2] */
export function maximum(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("maximum", x, y, ops.max);
}

/** Smaller of each pair; NaN if either is. @example np.minimum(1, np.array([0, 2])).js(); // => [0, 1] */
export function minimum(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("minimum", x, y, ops.min);
}

/** Larger of each pair, of a NaN and a number the number. @example np.fmax(NaN, 1).js(); // => 1 */
export function fmax(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => {
    const [a, b] = promoteArgs("fmax", x, y) as Pair;
    return isFloat(a.dtype) ? ops.where(ops.or(ops.gt(a, b), ops.ne(b, b)), a, b) : ops.max(a, b);
  });
}

/** Smaller of each pair, of a NaN and a number the number. @example np.fmin(NaN, 1).js(); // => 1 */
export function fmin(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => {
    const [a, b] = promoteArgs("fmin", x, y) as Pair;
    return isFloat(a.dtype) ? ops.where(ops.or(ops.lt(a, b), ops.ne(b, b)), a, b) : ops.min(a, b);
  });
}

/** `sqrt(x1² + x2²)` without overflow. Dtypes: floats. @example np.hypot(3, 4).js(); // => 5 */
export function hypot(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => hypotOf(...(promoteInexact("hypot", x1, x2) as Pair)));
}

const hypotOf = /* @__PURE__ */ eagerProgram(function hypot(p: Tracer, q: Tracer): Tracer {
  return owned(() => {
    const [a, b] = [ops.abs(p), ops.abs(q)];
    const [hi, lo] = [ops.max(a, b), ops.min(a, b)];
    const zero = zeroOf(hi);
    const plain = ops.or(ops.eq(hi, zero), ops.eq(hi, constantLike(hi, Infinity)));
    const safe = ops.where(plain, oneOf(hi), hi);
    const out = ops.mul(hi, ops.sqrt(ops.add(oneOf(hi), ops.square(ops.where(plain, zero, ops.div(lo, safe))))));
    const infinite = constantLike(hi, Infinity);
    return ops.where(ops.or(ops.eq(a, infinite), ops.eq(b, infinite)), infinite, out);
  });
});

/** Angle of the point (x, y) in radians. Dtypes: floats. @example np.arctan2(0, 1).js(); // => 0 */
export function arctan2(y: ArrayLike, x: ArrayLike): Tracer {
  return floatBinary("arctan2", y, x, ops.atan2);
}

/** As `arctan2`. @example np.atan2(0, 1).js(); // => 0 */
export function atan2(y: ArrayLike, x: ArrayLike): Tracer {
  return arctan2(y, x);
}

/** Magnitude of the first, sign of the second. Dtypes: floats. @example np.copysign(2, -0).js(); // => -2 */
export function copysign(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => copysignOf(...(promoteInexact("copysign", x, y) as Pair)));
}

const copysignOf = /* @__PURE__ */ eagerProgram(function copysign(a: Tracer, b: Tracer): Tracer {
  return owned(() => {
    const m = ops.abs(a);
    return ops.where(signbit(b), ops.neg(m), m);
  });
});

/** True for negative numbers, -0 and NaN with the sign bit. @example np.signbit(-0).js(); // => true */
export function signbit(x: ArrayLike): Tracer {
  return owned(() => {
    const a = lift(x);
    if (!isFloat(a.dtype)) return isUnsigned(a.dtype) || a.dtype === "bool" ? ops.lt(a, a) : ops.lt(a, zeroOf(a));
    // 1 / -0 is -inf; the sign of a NaN counts as it is stored.
    if (a.dtype === "float32") {
      const bits = ops.bitcastConvertType(a, "int32");
      return ops.lt(bits, constantLike(bits, 0));
    }
    const zero = zeroOf(a);
    return ops.or(ops.lt(a, zero), ops.and(ops.eq(a, zero), ops.lt(ops.div(oneOf(a), a), zero)));
  });
}

/** Next float after `x` toward `y`. @example np.nextafter(0, 1).js() > 0; // => true */
export function nextafter(x: ArrayLike, y: ArrayLike): Tracer {
  return floatBinary("nextafter", x, y, ops.nextafter);
}

/** 0 for negative `x1`, 1 for positive, `x2` at 0. @example np.heaviside(0, 0.5).js(); // => 0.5 */
export function heaviside(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => heavisideOf(...(promoteInexact("heaviside", x1, x2) as Pair)));
}

const heavisideOf = /* @__PURE__ */ eagerProgram(function heaviside(a: Tracer, b: Tracer): Tracer {
  return owned(() => {
    const zero = zeroOf(a);
    const step = ops.where(ops.lt(a, zero), zero, ops.where(ops.gt(a, zero), oneOf(a), b));
    return ops.where(ops.ne(a, a), a, step);
  });
});

/** `x1 * 2 ** x2`. Dtypes: `x1` as float, `x2` integer. @example np.ldexp(3, 2).js(); // => 12 */
export function ldexp(x1: ArrayLike, x2: ArrayLike): Tracer {
  return owned(() => {
    const a = inexact(x1);
    const given = lift(x2);
    const n = given.dtype === "bool" ? convert(given, "int32") : integral("ldexp", x2);
    return ldexpOf(...(promoteArgs("ldexp", a, convert(n, a.dtype)) as Pair));
  });
}

const ldexpOf = /* @__PURE__ */ eagerProgram(function ldexp(x: Tracer, e: Tracer): Tracer {
  return owned(() => {
    // Two halves, so that 2 ** x2 may overflow or vanish where the product does not.
    const half = ops.floor(ops.mul(e, constantLike(e, 0.5)));
    const rest = ops.sub(e, half);
    return ops.mul(ops.mul(x, ops.exp2(half)), ops.exp2(rest));
  });
});
