/** erf in float64. */
import type { Scalar } from "../scalar";
import { expDownDouble } from "./double-exponential";
import type { Lang } from "./lang";

/** erf(x) / x - 1 in x^2, |x| < 1, a minimax fit to 2^-56 */
const NEAR = [
  0.1283791670955126, -0.3761263890318375, 0.11283791670954882, -0.02686617064507736, 0.005223977624823154,
  -0.000854832698110658, 0.000120553311207752, -1.4925595466939e-5, 1.64610033895e-6, -1.63503403422e-7,
  1.4659940448e-8, -1.13734092e-9, 5.9579955e-11,
];
/** log(erfc(1 + t)) on [0, 4.93], a minimax fit to 2^-56 of erf */
const LOG_ERFC = [
  -1.8496055099332482, -2.6389675142347757, -0.843107256359413, -0.041561098025073, 0.010033825179055,
  -0.00197790121547, 0.0002373164337874, 2.62963287884e-5, -2.71989751177e-5, 9.6713793519e-6, -2.13194164996e-6,
  2.048130526e-7, 5.801104426e-8, -3.339105002e-8, 8.518714136e-9, -1.319091917e-9, 1.1932462e-10, -4.864955e-12,
];

export function erfDouble(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const near = m.fma(a, m.poly(m.mul(a, a), NEAR), a);
  const t = m.sub(m.min(a, 5.93), 1);
  const far = m.sub(1, expDownDouble(m, m.poly(t, LOG_ERFC)));
  return m.withSign(m.select(m.lt(a, 1), near, far), x);
}
