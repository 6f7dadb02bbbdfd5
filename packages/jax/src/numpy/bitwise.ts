/** Bits of integers and bools, and the parts of floats. */
import { isBool, isFloat, isInteger, isUnsigned } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { DTypeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { multiply } from "./arithmetic";
import { type ArrayLike, binary, broadcastArray, constantLike, convert, inexact, integral, lift } from "./lift";
import { byPosition } from "./arguments";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";
import { ravel, reshape } from "./shape";
import { sum } from "./reductions";

function bits(op: string, x: ArrayLike, y: ArrayLike, f: (a: Tracer, b: Tracer) => Tracer, bools: boolean): Tracer {
  const whole = (v: ArrayLike): ArrayLike => (typeof v === "number" ? integral(op, v) : v);
  return owned(() =>
    binary(op, whole(x), whole(y), (a, b) => {
      if (isInteger(a.dtype)) return f(a, b);
      if (bools && isBool(a.dtype)) return f(a, b);
      if (isBool(a.dtype)) return f(convert(a, "int32"), convert(b, "int32"));
      throw new DTypeError(`${op}: expected integers or bools, got ${a.aval} and ${b.aval}`);
    }),
  );
}

/** Bits set in both. Errors: DTypeError for floats. @example np.bitwiseAnd(6, 3).js(); // => 2 */
export function bitwiseAnd(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("bitwiseAnd", x, y, ops.and, true);
}

/** Bits set in either. Errors: DTypeError for floats. @example np.bitwiseOr(6, 3).js(); // => 7 */
export function bitwiseOr(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("bitwiseOr", x, y, ops.or, true);
}

/** Bits set in one of the two. Errors: DTypeError for floats. @example np.bitwiseXor(6, 3).js(); // => 5 */
export function bitwiseXor(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("bitwiseXor", x, y, ops.xor, true);
}

/** All bits turned over. Errors: DTypeError for floats. @example np.bitwiseNot(np.array([0], { dtype: "int32" })).js(); // => [-1] */
export function bitwiseNot(x: ArrayLike): Tracer {
  const y = typeof x === "number" ? integral("bitwiseNot", x) : lift(x);
  if (isFloat(y.dtype)) throw new DTypeError(`bitwiseNot: expected integers or bools, got ${y.aval}`);
  return ops.not(y);
}

/** As `bitwiseNot`. @example np.invert(true).js(); // => false */
export function invert(x: ArrayLike): Tracer {
  return bitwiseNot(x);
}

/** As `bitwiseNot`. @example np.bitwiseInvert(true).js(); // => false */
export function bitwiseInvert(x: ArrayLike): Tracer {
  return bitwiseNot(x);
}

/** Bits moved up; those that leave are lost. @example np.leftShift(3, 2).js(); // => 12 */
export function leftShift(x: ArrayLike, y: ArrayLike): Tracer {
  return bits("leftShift", x, y, ops.shiftLeft, false);
}

/** Bits moved down; signed numbers keep their sign. @example np.rightShift(12, 2).js(); // => 3 */
export function rightShift(x: ArrayLike, y: ArrayLike): Tracer {
  return bits(
    "rightShift",
    x,
    y,
    (a, b) => (isUnsigned(a.dtype) ? ops.shiftRightLogical(a, b) : ops.shiftRightArithmetic(a, b)),
    false,
  );
}

/** As `leftShift`. @example np.bitwiseLeftShift(1, 3).js(); // => 8 */
export function bitwiseLeftShift(x: ArrayLike, y: ArrayLike): Tracer {
  return leftShift(x, y);
}

/** As `rightShift`. @example np.bitwiseRightShift(8, 3).js(); // => 1 */
export function bitwiseRightShift(x: ArrayLike, y: ArrayLike): Tracer {
  return rightShift(x, y);
}

/** Number of bits set in the absolute value. Dtypes: integers and bools give uint8. @example np.bitwiseCount(7).js(); // => 3 */
export function bitwiseCount(x: ArrayLike): Tracer {
  return owned(() => {
    const y = lift(x);
    if (isBool(y.dtype)) return convert(y, "uint8");
    const n = integral("bitwiseCount", typeof x === "number" ? x : y);
    return convert(ops.populationCount(isUnsigned(n.dtype) ? n : ops.abs(n)), "uint8");
  });
}

/** Mantissa from 1/2 to 1 and int32 exponent: `x = m * 2 ** e`. @example np.frexp(6)[0].js(); // => 0.75 */
export function frexp(x: ArrayLike): [Tracer, Tracer] {
  return owned(() => frexpOf(inexact(x)));
}

const frexpOf = /* @__PURE__ */ eagerProgram(function frexp(given: Tracer): [Tracer, Tracer] {
  return owned((): [Tracer, Tracer] => {
    const y = given.dtype === "float64" ? given : convert(given, "float32");
    // Subnormals first become normal.
    const limit = y.dtype === "float64" ? 2 ** -1022 : 2 ** -126;
    const size = ops.abs(y);
    const tiny = ops.lt(size, constantLike(y, limit));
    const scaled = ops.where(tiny, ops.mul(y, constantLike(y, 2 ** 54)), y);
    const plain = ops.and(ops.isFinite(y), ops.ne(y, constantLike(y, 0)));
    const safe = ops.where(plain, scaled, constantLike(y, 0.5));
    let [mantissa, exponent] = y.dtype === "float64" ? frexpByLog(safe) : frexpByBits(safe);
    const shift = ops.where(tiny, constantLike(exponent, 54), constantLike(exponent, 0));
    exponent = ops.where(plain, ops.sub(exponent, shift), constantLike(exponent, 0));
    mantissa = ops.where(plain, mantissa, y);
    return [convert(mantissa, given.dtype), exponent];
  });
});

function frexpByBits(x: Tracer): [Tracer, Tracer] {
  const word = ops.bitcastConvertType(x, "uint32");
  const c = (v: number): Tracer => constantLike(word, v);
  const exponent = ops.and(ops.shiftRightLogical(word, c(23)), c(0xff));
  const mantissa = ops.or(ops.and(word, c(0x807fffff)), c(0x3f000000));
  const e = convert(exponent, "int32");
  const power = ops.sub(e, constantLike(e, 126));
  // Bits have no derivative: it is that of x * 2^-e.
  const change = ops.mul(ops.sub(x, ops.stopGradient(x)), ops.exp2(convert(ops.neg(power), "float32")));
  return [ops.add(ops.bitcastConvertType(mantissa, "float32"), change), power];
}

function frexpByLog(x: Tracer): [Tracer, Tracer] {
  const c = (v: number): Tracer => constantLike(x, v);
  const log2 = ops.div(ops.log(ops.abs(x)), c(Math.LN2));
  let e = ops.add(ops.floor(log2), c(1));
  const half = ops.floor(ops.mul(e, c(0.5)));
  let m = ops.mul(ops.mul(x, ops.exp2(ops.neg(half))), ops.exp2(ops.sub(half, e)));
  const over = ops.ge(ops.abs(m), c(1));
  const under = ops.lt(ops.abs(m), c(0.5));
  m = ops.where(over, ops.mul(m, c(0.5)), ops.where(under, ops.mul(m, c(2)), m));
  e = ops.where(over, ops.add(e, c(1)), ops.where(under, ops.sub(e, c(1)), e));
  return [m, convert(e, "int32")];
}

/** Distance to the next float away from zero. @example np.spacing(1).js() > 0; // => true */
export function spacing(x: ArrayLike): Tracer {
  return owned(() => {
    const y = inexact(x);
    const away = ops.where(ops.lt(y, constantLike(y, 0)), constantLike(y, -Infinity), constantLike(y, Infinity));
    const out = ops.sub(ops.nextafter(y, away), y);
    return ops.where(ops.isFinite(y), out, constantLike(y, NaN));
  });
}

export interface PackOptions {
  axis?: number | null | undefined;
  /** Which bit comes first: the highest ("big", default) or the lowest. */
  bitorder?: "big" | "little" | undefined;
}

/** Eight elements (zero or not) in each uint8, along an axis; the flattened array without one. @example np.packbits(np.array([1, 0, 0, 0, 0, 0, 0, 1])).js(); // => [129] */
export function packbits(
  a: ArrayLike,
  along?: number | null | PackOptions,
  order?: "big" | "little" | PackOptions,
): Tracer {
  const { axis = null, bitorder } = byPosition<PackOptions>(["axis", "bitorder"], [along, order]);
  return owned(() => {
    const x = axis === null ? ravel(a) : lift(a);
    return packed(x, canonicalAxis("packbits", axis ?? 0, x.ndim), bitorder ?? "big");
  });
}

type BitOrder = "big" | "little";

const packed = /* @__PURE__ */ eagerProgram(function packbits(x: Tracer, at: number, order: BitOrder): Tracer {
  return owned(() => {
    const n = x.shape[at]!;
    const full = Math.ceil(n / 8) * 8;
    const ones = convert(ops.ne(x, constantLike(x, 0)), "int32");
    const zero = convert(lift(0), "int32");
    const padded = ops.pad(
      ones,
      zero,
      x.shape.map(() => 0),
      x.shape.map((_, i) => (i === at ? full - n : 0)),
      x.shape.map(() => 0),
    );
    const split = ops.reshape(padded, [...x.shape.slice(0, at), full / 8, 8, ...x.shape.slice(at + 1)]);
    return convert(sum(multiply(split, weights(split.ndim, at + 1, order)), at + 1), "uint8");
  });
});

/** 128, 64, ..., 1 along an axis. */
function weights(ndim: number, axis: number, order: BitOrder): Tracer {
  const place = ops.iota("int32", [8], 0);
  const power = order === "big" ? ops.sub(constantLike(place, 7), place) : place;
  return reshape(
    ops.shiftLeft(constantLike(place, 1), power),
    Array.from({ length: ndim }, (_, i) => (i === axis ? 8 : 1)),
  );
}

export interface UnpackOptions extends PackOptions {
  /** How many bits to give; a negative number leaves out as many at the end. */
  count?: number | null | undefined;
}

/** The bits of uint8 elements, 0 or 1, along an axis. @example np.unpackbits(np.array([129], { dtype: "uint8" })).js(); // => [1, 0, 0, 0, 0, 0, 0, 1] */
export function unpackbits(
  a: ArrayLike,
  along?: number | null | UnpackOptions,
  length?: number | null | UnpackOptions,
  order?: "big" | "little" | UnpackOptions,
): Tracer {
  const {
    axis = null,
    count = null,
    bitorder,
  } = byPosition<UnpackOptions>(["axis", "count", "bitorder"], [along, length, order]);
  const given = lift(a);
  if (given.dtype !== "uint8") throw new DTypeError(`unpackbits: expected uint8, got ${given.aval}`);
  return owned(() => {
    const x = axis === null ? ravel(given) : given;
    const at = canonicalAxis("unpackbits", axis ?? 0, x.ndim);
    const out = unpacked(x, at, bitorder ?? "big");
    if (count === null) return out;
    const n = out.shape[at]!;
    // Fewer bits, or zeros behind them.
    const change = Math.max(count < 0 ? count : count - n, -n);
    const high = out.shape.map((_, i) => (i === at ? change : 0));
    return ops.pad(
      out,
      convert(lift(0), "uint8"),
      out.shape.map(() => 0),
      high,
    );
  });
}

const unpacked = /* @__PURE__ */ eagerProgram(function unpackbits(given: Tracer, at: number, order: BitOrder): Tracer {
  return owned(() => {
    const x = convert(given, "int32");
    const wide = [...x.shape.slice(0, at + 1), 8, ...x.shape.slice(at + 1)];
    const each = broadcastArray(
      ops.reshape(
        x,
        wide.map((n, i) => (i === at + 1 ? 1 : n)),
      ),
      wide,
    );
    const set = ops.and(each, broadcastArray(weights(wide.length, at + 1, order), wide));
    return ops.reshape(
      convert(ops.ne(set, constantLike(set, 0)), "uint8"),
      x.shape.map((n, i) => (i === at ? 8 * n : n)),
    );
  });
});
