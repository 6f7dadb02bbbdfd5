/** erf, erfc and the inverse of erf in float32. */
import type { Scalar } from "../scalar";
import { expDown, expm1Reduced } from "./exponential";
import type { Lang } from "./lang";
import { split, truncated } from "./logarithm";

/** erf(x) / x - 1 in x^2, |x| < 0.93 */
const NEAR = [
  0.12837916612625122, -0.37612631916999817, 0.11283676326274872, -0.026858532801270485, 0.00519914785400033,
  -0.0008123186999000609, 8.293012797366828e-5,
];
/** log(erfc(a)) / a on [0.9, 4.1] */
const LOG_ERFC = [
  -1.1285414695739746, -0.6356729865074158, -0.1051698550581932, 0.022576043382287025, -0.0028694167267531157,
  2.7554355256143026e-5, 4.991454625269398e-5, -5.294651145959506e-6,
];
/** erfc(a) e^(a^2) (1 + 2a) in (a - 2) / (a + 2) on [0, 10.1] */
const SCALED = [
  1.2769783735275269, -0.09276390075683594, -0.1660308986902237, 0.16405341029167175, -0.05420830845832825,
  -0.008047251030802727, 0.008646262809634209, 0.001282479614019394, -0.001258356380276382, -0.00037442424218170345,
  2.3251055608852766e-5,
];

export function erf(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const near = m.fma(a, m.poly(m.mul(a, a), NEAR), a);
  const b = m.min(a, 4.1);
  const far = m.sub(1, expDown(m, m.mul(b, m.poly(b, LOG_ERFC))));
  return m.withSign(m.select(m.lt(a, 0.92), near, far), x);
}

export function erfc(m: Lang, x: Scalar): Scalar {
  const a = m.min(m.abs(x), 10.1);
  const t = m.div(m.sub(a, 2), m.add(a, 2));
  const scaled = m.div(m.fma(t, m.poly(t, SCALED.slice(1)), SCALED[0]!), m.fma(a, 2, 1));
  // e^(-a^2) with the square in two parts
  const hi = truncated(m, a);
  const square = m.mul(hi, hi);
  const rest = m.mul(m.sub(hi, a), m.add(hi, a));
  const e = m.op("exp", "float32", m.neg(square));
  const tail = m.mul(scaled, e);
  const y = m.fma(tail, expm1Reduced(m, rest), tail); // |rest| < 0.1
  return m.select(m.lt(x, 0), m.sub(2, y), y);
}

// Form and tail: M. Giles, "Approximating the erfinv function" (GPU Computing Gems 2, 2010), single precision; the centre
// is a minimax fit of one degree more.
const CENTRAL = [
  1.5014094114303589, 0.24664027988910675, -0.0041776685975492, -0.0012527556391432881, 0.00021857737738173455,
  -4.943473413732136e-6, -3.523654868331505e-6, 4.599425835749571e-7, 2.8185004552483406e-8, -8.235772064324465e-9,
];
const TAIL = [
  2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773, -0.00367342844, 0.00134934322, 0.000100950558,
  -0.000200214257,
];

const EXP_MINUS_5 = 0.006737946999085467;
/** log(1 + f) / f on [sqrt(1/2) - 1, sqrt(2) - 1], to 5e-9 of the logarithm */
const LOG_RATIO = [
  0.9999998807907104, -0.4999997317790985, 0.3333500921726227, -0.25003287196159363, 0.19938841462135315,
  -0.16532906889915466, 0.1506759077310562, -0.14577122032642365, 0.0869293138384819,
];
const LN2 = 0.6931471805599453;

export function erfInv(m: Lang, x: Scalar): Scalar {
  // Near 0 the error of the rounded product is as small beside 2.5 as beside p; near 1 it is exact enough.
  const y = m.mul(m.sub(1, x), m.add(x, 1));
  // w = -log(y) < 5 is a number of the middle of its range: without care for small relative errors and for specials.
  const { k, f } = split(m, y);
  const t = m.sub(m.fma(k, -LN2, -2.5), m.mul(f, m.poly(f, LOG_RATIO)));
  const central = m.mul(m.poly(t, CENTRAL), x);
  // One in 300 of uniform numbers, and what is not in (-1, 1): a branch that is seldom taken.
  const w = m.neg(m.op("log", "float32", y));
  const far = m.mul(m.poly(m.sub(m.sqrt(w), 3), TAIL), x);
  const tail = m.select(m.eq(m.abs(x), 1), m.mul(x, Infinity), far);
  return m.rarely(m.not(m.gt(y, EXP_MINUS_5)), tail, central);
}
