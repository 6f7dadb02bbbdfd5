/** asin, acos, atan, atan2 in float32. */
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";

/** (asin x - x) / x^3 in x^2, |x| <= 1/2 */
const ASIN = [
  0.16666659712791443, 0.07500516623258591, 0.04451499506831169, 0.03182182088494301, 0.01439125556498766,
  0.03757668286561966,
];
/** (atan x - x) / x^3 in x^2, |x| <= 1 */
const ATAN = [
  -0.33333298563957214, 0.1999853551387787, -0.14264124631881714, 0.10951638221740723, -0.08401985466480255,
  0.057934246957302094, -0.031155923381447792, 0.010903410613536835, -0.0017912235343828797,
];
/** pi/2 in two parts */
const HALF_PI_HI = 1.5707963705062866;
const HALF_PI_LO = -4.371139000186241e-8;

/** For |x| > 1/2 through asin(sqrt((1 - |x|) / 2)). */
function core(m: Lang, x: Scalar): { far: Scalar; y: Scalar } {
  const a = m.abs(x);
  const far = m.gt(a, 0.5);
  const z = m.select(far, m.fma(a, -0.5, 0.5), m.mul(a, a));
  const s = m.select(far, m.sqrt(z), a);
  return { far, y: m.fma(m.mul(s, z), m.poly(z, ASIN), s) };
}

export function asin(m: Lang, x: Scalar): Scalar {
  const { far, y } = core(m, x);
  const result = m.select(far, m.add(m.fma(y, -2, HALF_PI_HI), HALF_PI_LO), y);
  return m.withSign(result, x);
}

export function acos(m: Lang, x: Scalar): Scalar {
  const { far, y } = core(m, x);
  const negative = m.lt(x, 0);
  const near = m.add(m.sub(HALF_PI_HI, m.select(negative, m.neg(y), y)), HALF_PI_LO);
  const twice = m.add(y, y);
  const below = m.add(m.sub(2 * HALF_PI_HI, twice), 2 * HALF_PI_LO);
  return m.select(far, m.select(negative, below, twice), near);
}

/** atan(n / d) for 0 <= n <= d */
function atanRatio(m: Lang, n: Scalar, d: Scalar): Scalar {
  const t = m.div(n, d);
  const t2 = m.mul(t, t);
  return m.fma(m.mul(t2, t), m.poly(t2, ATAN), t);
}

export function atan(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const big = m.gt(a, 1);
  const y = atanRatio(m, m.select(big, 1, a), m.select(big, a, 1));
  return m.withSign(m.select(big, m.add(m.sub(HALF_PI_HI, y), HALF_PI_LO), y), x);
}

/** The angle of the point (x, y), with the signs of zeros. */
export function atan2(m: Lang, y: Scalar, x: Scalar): Scalar {
  const [ay, ax] = [m.abs(y), m.abs(x)];
  const steep = m.gt(ay, ax);
  const least = m.select(steep, ax, ay);
  const most = m.select(steep, ay, ax);
  // 0 / 0 counts as 0, inf / inf as 1
  const equal = m.eq(least, most);
  const n = m.select(equal, m.select(m.eq(most, 0), m.c(0), 1), least);
  const first = atanRatio(m, n, m.select(equal, 1, most));
  const second = m.select(steep, m.add(m.sub(HALF_PI_HI, first), HALF_PI_LO), first);
  const left = m.lt(m.bits(x), 0);
  const third = m.select(left, m.add(m.sub(2 * HALF_PI_HI, second), 2 * HALF_PI_LO), second);
  const isNaN = m.or(m.ne(x, x), m.ne(y, y));
  return m.select(isNaN, NaN, m.withSign(third, y));
}
