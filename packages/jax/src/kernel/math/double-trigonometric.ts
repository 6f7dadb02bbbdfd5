/** sin, cos and tan in float64: |x| = n pi/2 + r with |r| <= pi/4, and minimax fits. */
import type { Scalar } from "../scalar";
import type { ScalarOp } from "../scalar-op";
import { MAGIC } from "./double";
import type { Lang } from "./lang";

/** (sin r - r) / r^3 in r^2, to 2^-57 of the sine */
const SIN = [
  -0.16666666666666632, 0.0083333333333224, -0.00019841269829794, 2.75573136869e-6, -2.50507573e-8, 1.5896747e-10,
];
/** (cos r - 1 + r^2 / 2) / r^4 in r^2, to 2^-59 */
const COS = [
  0.0416666666666666, -0.00138888888888741, 2.480158728947e-5, -2.7557314348e-7, 2.08757227e-9, -1.13596e-11,
];

/** Below it n has 16 bits. */
const LARGE = 1e5;
/** pi/2: two parts of 37 bits, so that products with n are exact, and the rest. */
const PI_2 = [1.5707963267923333, 2.5633441515839558e-12, 1.0562999066987428e-23] as const;

/** Sine and cosine of r, each as two terms of which the second is small, and MAGIC + n. */
interface Turned {
  readonly sine: readonly [Scalar, Scalar];
  readonly cosine: readonly [Scalar, Scalar];
  readonly shifted: Scalar;
  readonly halfSquare: Scalar;
}

function turned(m: Lang, magnitude: Scalar): Turned {
  const shifted = m.fma(magnitude, 2 / Math.PI, MAGIC);
  const n = m.sub(shifted, MAGIC);
  const first = m.fma(n, -PI_2[0], magnitude);
  const second = m.mul(n, PI_2[1]);
  const r = m.sub(first, second);
  // What r lacks.
  const lost = m.fma(n, -PI_2[2], m.sub(m.sub(first, r), second));
  const r2 = m.mul(r, r);
  const halfSquare = m.mul(r2, 0.5);
  const fourth = m.fma(m.mul(r2, r2), m.poly(r2, COS), m.neg(m.mul(r, lost)));
  return {
    sine: [r, m.fma(m.mul(r2, r), m.poly(r2, SIN), lost)],
    cosine: [m.sub(1, halfSquare), fourth],
    shifted,
    halfSquare,
  };
}

/** sin(|x| + turns pi/2) */
function sinTurned(m: Lang, magnitude: Scalar, turns: number): Scalar {
  const { sine, cosine, shifted } = turned(m, magnitude);
  // The two low bits of the quarter turns become the sign and the top bit of an exponent: 0, 2, -0, -2.
  const quarter = m.shl(m.add(shifted, turns), 62);
  return m.xor(m.select(m.eq(quarter, 0), m.add(...sine), m.add(...cosine)), m.and(quarter, -0));
}

/** y for the arguments that three parts of pi/2 reduce, else the target's f(x). */
const unlessLarge = (m: Lang, op: ScalarOp, x: Scalar, y: Scalar): Scalar =>
  m.rarely(m.not(m.lt(m.abs(x), LARGE)), m.op(op, x.dtype, x), y);

export const sinDouble = (m: Lang, x: Scalar): Scalar =>
  unlessLarge(m, "sin", x, m.xor(sinTurned(m, m.abs(x), 0), m.and(x, -0)));

export const cosDouble = (m: Lang, x: Scalar): Scalar => unlessLarge(m, "cos", x, sinTurned(m, m.abs(x), 1));

/** Sine over cosine, or -cosine over sine, and to first order what the rounded ones lack. */
export function tanDouble(m: Lang, x: Scalar): Scalar {
  const { sine, cosine, shifted, halfSquare } = turned(m, m.abs(x));
  const rounded = ([hi, lo]: readonly [Scalar, Scalar]): { sum: Scalar; rest: Scalar } => {
    const sum = m.add(hi, lo);
    return { sum, rest: m.sub(lo, m.sub(sum, hi)) };
  };
  const s = rounded(sine);
  const c = rounded(cosine);
  const cRest = m.add(c.rest, m.sub(m.sub(1, cosine[0]), halfSquare));
  const odd = m.shl(shifted, 63); // 0 or -0
  const isOdd = m.lt(m.or(odd, 1), 0);
  const d = m.select(isOdd, s.sum, c.sum);
  const y = m.div(m.select(isOdd, c.sum, s.sum), d);
  const rest = m.sub(m.select(isOdd, cRest, s.rest), m.mul(y, m.select(isOdd, s.rest, cRest)));
  return unlessLarge(m, "tan", x, m.xor(m.xor(m.add(y, m.div(rest, d)), odd), m.and(x, -0)));
}
