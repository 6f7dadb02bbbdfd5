/**
 * Arguments of sin, cos, tan: |x| = q pi/2 + r with |r| <= pi/4. Up to 3200 with pi/2 in four parts (Cody and Waite);
 * above by the bits of 2/pi that matter (M. Payne, R. Hanek, "Radian reduction for trigonometric functions", 1983).
 */
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";

export interface Reduced {
  /** Quarter turns, an int32; its two low bits count. */
  readonly q: Scalar;
  readonly r: Scalar;
}

const LARGE = 3200;
/** pi/2: three parts of 12 bits, so that products with q < 2^12 are exact, and the rest. */
const PI_2 = [1.5703125, 4.837512969970703e-4, 7.54953362047672e-8, 2.5632829192545614e-12] as const;
const MAGIC = 12582912;
const MAGIC_BITS = 0x4b400000;

/**
 * finish(reduction of |x|), by the way that |x| asks for. The far way is written out whole, so that targets can
 * branch around it.
 */
export function withReducedPi(m: Lang, magnitude: Scalar, finish: (reduced: Reduced) => Scalar): Scalar {
  const near = finish(reduceNear(m, magnitude));
  const far = finish(reduceFar(m, magnitude));
  return m.rarely(m.not(m.lt(magnitude, LARGE)), far, near);
}

function reduceNear(m: Lang, magnitude: Scalar): Reduced {
  const shifted = m.fma(magnitude, 2 / Math.PI, MAGIC);
  const n = m.sub(shifted, MAGIC);
  const q = m.sub(m.bits(shifted), MAGIC_BITS);
  let r = magnitude;
  for (const part of PI_2) r = m.fma(n, -part, r);
  return { q, r };
}

/** Bits of 2/pi after 32 zeros. */
const TWO_OVER_PI = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab];

/** NaN for infinities and NaN. */
function reduceFar(m: Lang, x: Scalar): Reduced {
  const bits = m.cast(m.bits(x), "uint32");
  const u = (value: number): Scalar => m.b.const(value, "uint32");
  const mantissa = m.or(m.and(bits, 0x7fffff), 0x800000);
  // x * 2/pi / 4 = mantissa * 2^(e - 23) * 2/pi / 4; bits of 2/pi before position `skip` give whole turns.
  const skip = m.sub(m.ushr(bits, 23), 127 - 7);
  const word = m.ushr(skip, 5);
  const bit = m.and(skip, 31);
  const table = (from: number): Scalar => {
    let value = u(TWO_OVER_PI[from + 4] ?? 0);
    for (let w = 3; w >= 0; w--) value = m.select(m.le(word, w), TWO_OVER_PI[from + w]!, value);
    return value;
  };
  const words = [0, 1, 2, 3].map(table);
  const back = m.sub(32, bit);
  const window = [0, 1, 2].map((i) =>
    m.or(m.op("shl", "uint32", words[i]!, bit), m.op("shr_logical", "uint32", words[i + 1]!, back)),
  );
  const [h0, h1, h2] = window as [Scalar, Scalar, Scalar];
  const low = m.mul(mantissa, h1);
  const v1 = m.add(low, mulHigh(m, mantissa, h2));
  const carry = m.cast(m.lt(v1, low), "uint32");
  const v0 = m.add(m.add(m.mul(mantissa, h0), mulHigh(m, mantissa, h1)), carry);
  // v0.v1 is the fraction of a turn: 2^30 of v0 are a quarter.
  const q = m.ushr(m.add(v0, 0x20000000), 30);
  const rest = m.sub(v0, m.shl(q, 30));
  const negative = m.lt(m.cast(rest, "int32"), 0);
  const hi = m.select(negative, m.sub(m.not(rest), m.sub(m.cast(m.ne(v1, 0), "uint32"), 1)), rest);
  const lo = m.select(negative, m.sub(0, v1), v1);
  // Two pieces that floats hold exactly enough, times 2 pi / 2^64, the product in parts.
  const top = m.mul(m.cast(m.and(hi, 0xffffffe0), "float32"), 2 ** 32);
  const tail = m.mul(m.cast(m.or(m.shl(m.and(hi, 31), 27), m.ushr(lo, 5)), "float32"), 32);
  const sum = m.add(top, tail);
  const lost = m.add(m.sub(top, sum), tail);
  const coarse = m.float(m.and(m.bits(sum), -4096));
  const fine = m.add(m.sub(sum, coarse), lost);
  const turn = 2 * Math.PI * 2 ** -64;
  const turnHi = 6.28125 * 2 ** -64; // 12 bits
  const product = m.mul(coarse, turnHi);
  const magnitude = m.add(product, m.fma(fine, turn, m.mul(coarse, turn - turnHi)));
  const r = m.select(negative, m.neg(magnitude), magnitude);
  return { q: m.cast(q, "int32"), r: m.select(m.lt(x, Infinity), r, NaN) };
}

/** Upper 32 bits of a 24-bit number times a 32-bit one. */
function mulHigh(m: Lang, a: Scalar, b: Scalar): Scalar {
  const [aLow, aHigh] = [m.and(a, 0xffff), m.ushr(a, 16)];
  const [bLow, bHigh] = [m.and(b, 0xffff), m.ushr(b, 16)];
  const middle = m.add(m.mul(aLow, bHigh), m.ushr(m.mul(aLow, bLow), 16));
  const other = m.add(m.mul(aHigh, bLow), m.and(middle, 0xffff));
  return m.add(m.add(m.mul(aHigh, bHigh), m.ushr(middle, 16)), m.ushr(other, 16));
}
