/** sin and cos in float64: |x| = n pi/2 + r with |r| <= pi/4, and minimax fits. */
import type { Scalar } from "../scalar";
import { MAGIC } from "./double";
import type { Lang } from "./lang";

/** (sin r - r) / r^3 in r^2, to 2^-57 of the sine */
const SIN = [
  -0.16666666666666632, 0.008333333333322398, -0.00019841269829794008, 2.755731368693315e-6, -2.50507573056544e-8,
  1.5896747125634424e-10,
];
/** (cos r - 1 + r^2 / 2) / r^4 in r^2, to 2^-59 */
const COS = [
  0.0416666666666666, -0.00138888888888741, 2.480158728946774e-5, -2.755731434797467e-7, 2.0875722657072544e-9,
  -1.1359614736088597e-11,
];

/** Below it n has 16 bits. */
const LARGE = 1e5;
/** pi/2: two parts of 37 bits, so that products with n are exact, and the rest. */
const PI_2 = [1.5707963267923333, 2.5633441515839558e-12, 1.0562999066987428e-23] as const;

/** sin(|x| + turns pi/2), its sign changed by `sign`. */
function sinTurned(m: Lang, magnitude: Scalar, turns: number, sign: Scalar | null): Scalar {
  const shifted = m.fma(magnitude, 2 / Math.PI, MAGIC);
  const n = m.sub(shifted, MAGIC);
  const first = m.fma(n, -PI_2[0], magnitude);
  const second = m.mul(n, PI_2[1]);
  const r = m.sub(first, second);
  // What r lacks.
  const lost = m.fma(n, -PI_2[2], m.sub(m.sub(first, r), second));
  const r2 = m.mul(r, r);
  const sine = m.add(r, m.fma(m.mul(r2, r), m.poly(r2, SIN), lost));
  const fourth = m.fma(m.mul(r2, r2), m.poly(r2, COS), m.neg(m.mul(r, lost)));
  const cosine = m.add(m.fma(r2, -0.5, 1), fourth);
  // The two low bits of the quarter turns become the sign and the top bit of an exponent: 0, 2, -0, -2.
  const quarter = m.shl(turns === 0 ? shifted : m.add(shifted, turns), 62);
  const y = m.xor(m.select(m.eq(quarter, 0), sine, cosine), m.and(quarter, -0));
  return sign === null ? y : m.xor(y, sign);
}

export function sinDouble(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  return m.rarely(m.not(m.lt(a, LARGE)), m.op("sin", x.dtype, x), sinTurned(m, a, 0, m.and(x, -0)));
}

export function cosDouble(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  return m.rarely(m.not(m.lt(a, LARGE)), m.op("cos", x.dtype, x), sinTurned(m, a, 1, null));
}
