/** erf in float64. */
import type { Scalar } from "../scalar";
import { withSign } from "./double";
import { expDownDouble } from "./double-exponential";
import type { Lang } from "./lang";

/** erf(x) / x - 1 in x^2, |x| < 1, a minimax fit to 2^-56 */
const NEAR = [
  0.1283791670955126, -0.3761263890318375, 0.11283791670954882, -0.02686617064507736, 0.0052239776248231545,
  -0.0008548326981106583, 0.00012055331120775248, -1.492559546693853e-5, 1.6461003389494311e-6, -1.6350340342237352e-7,
  1.4659940448076865e-8, -1.1373409203893565e-9, 5.957995526617016e-11,
];
/** log(erfc(1 + t)) on [0, 4.93], a minimax fit to 2^-56 of erf */
const LOG_ERFC = [
  -1.8496055099332482, -2.6389675142347757, -0.843107256359413, -0.041561098025073, 0.010033825179055083,
  -0.001977901215469994, 0.00023731643378738175, 2.629632878837586e-5, -2.719897511765189e-5, 9.671379351879978e-6,
  -2.131941649964846e-6, 2.0481305258317435e-7, 5.8011044263552214e-8, -3.3391050023828526e-8, 8.518714135732909e-9,
  -1.3190919171655415e-9, 1.1932461974099505e-10, -4.8649549596894174e-12,
];

export function erfDouble(m: Lang, x: Scalar): Scalar {
  const a = m.abs(x);
  const near = m.fma(a, m.poly(m.mul(a, a), NEAR), a);
  const t = m.sub(m.min(a, 5.93), 1);
  const far = m.sub(1, expDownDouble(m, m.poly(t, LOG_ERFC)));
  return withSign(m, m.select(m.lt(a, 1), near, far), x);
}
