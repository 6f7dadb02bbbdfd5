/** log |gamma| and digamma in float32. */
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";
import { absSinPi } from "./trigonometric";

/** lgamma(2 + f) / f, |f| <= 1/2 */
const AT_TWO = [
  0.42278432846069336, 0.32246702909469604, -0.06735192984342575, 0.020581133663654327, -0.007391275372356176,
  0.0028853605035692453, -0.0011584936873987317, 0.0005373464082367718, -0.0003026928461622447, 5.658032023347914e-5,
];
const HALF_LOG_TAU = 0.9189385332046727;

const log = (m: Lang, x: Scalar): Scalar => m.op("log", "float32", x);

export function lgamma(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const positive = lgammaPositive(m, a);
  const reflected = m.sub(m.neg(m.add(log(m, a), log(m, absSinPi(m, a)))), positive);
  const y = m.rarely(m.lt(x, 0), reflected, positive);
  const pole = m.or(m.and(m.le(x, 0), m.eq(m.trunc(a), a)), m.eq(a, Infinity));
  return m.select(pole, m.c(Infinity), y);
}

/** Below 4.5 moved by integers to [1.5, 2.5); the moves are one product under the logarithm. Above Stirling's series. */
function lgammaPositive(m: Lang, a: Scalar): Scalar {
  const small = m.lt(a, 4.5);
  const one = m.lt(a, 1.5);
  const two = m.lt(a, 0.5);
  const down1 = m.ge(a, 2.5);
  const down2 = m.ge(a, 3.5);
  const f = m.select(
    two,
    a,
    m.select(one, m.sub(a, 1), m.select(down2, m.sub(a, 4), m.select(down1, m.sub(a, 3), m.sub(a, 2)))),
  );
  const up = m.select(two, m.mul(a, m.add(a, 1)), a);
  const down = m.select(down2, m.mul(m.sub(a, 1), m.sub(a, 2)), m.sub(a, 1));
  const moved = m.select(one, up, m.select(down1, down, m.c(1)));
  const logarithm = log(m, m.select(small, moved, a));
  const fit = m.mul(f, m.poly(f, AT_TWO));
  const near = m.select(one, m.sub(fit, logarithm), m.add(fit, logarithm));
  return m.select(small, near, stirling(m, a, logarithm));
}

/** (a - 1/2) (log a - 1) + (log(2 pi) - 1) / 2 + 1 / 12a - ... */
function stirling(m: Lang, a: Scalar, logarithm: Scalar): Scalar {
  const r = m.div(1, a);
  const series = m.mul(r, m.poly(m.mul(r, r), [1 / 12, -1 / 360, 1 / 1260, -1 / 1680]));
  return m.fma(m.sub(a, 0.5), m.sub(logarithm, 1), m.add(series, HALF_LOG_TAU - 0.5));
}

export function digamma(m: Lang, x: Scalar): Scalar {
  const negative = m.lt(x, 0);
  const a = m.select(negative, m.sub(1, x), x);
  // a moved up by 6 where it is small: the sum of 1 / (a + i) in pairs.
  const small = m.lt(a, 6);
  const pair = (i: number): Scalar => {
    const p = m.add(a, i);
    const q = m.add(a, 5 - i);
    return m.div(m.add(p, q), m.mul(p, q));
  };
  const shift = m.add(pair(0), m.add(pair(1), pair(2)));
  const z = m.select(small, m.add(a, 6), a);
  const r = m.div(1, z);
  const r2 = m.mul(r, r);
  const series = m.mul(r2, m.poly(r2, [1 / 12, -1 / 120, 1 / 252, -1 / 240]));
  const above = m.sub(m.sub(m.fma(r, -0.5, log(m, z)), series), m.select(small, shift, m.c(0)));
  // digamma(1 - x) - pi / tan(pi x), with x taken to its nearest integer
  const d = m.sub(x, m.round(x));
  const tangent = m.op("tan", "float32", m.mul(d, Math.PI));
  const y = m.rarely(negative, m.sub(above, m.div(Math.PI, tangent)), above);
  const pole = m.and(m.le(x, 0), m.eq(d, 0));
  return m.select(m.or(pole, m.eq(x, -Infinity)), NaN, y);
}
