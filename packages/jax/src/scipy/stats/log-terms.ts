/** Logarithms of densities, without differences of large numbers. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { exp, expm1, log, log1p } from "../../numpy/elementwise";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { logBetaOf } from "../beta";
import { xlog1pyFormula, xlogyFormula } from "../logarithmic";
import { withRules } from "../formula";
import { deviance, stirlingError } from "../stirling";

/** From here on the forms with deviances are used. */
const LARGE = 10;
const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/** `1 - exp(-t)`; its derivative, `exp(-t)`, keeps its digits where the value is close to 1. */
export const oneMinusExp = /* @__PURE__ */ withRules(
  (t: Tracer): Tracer => expm1(t.neg()).neg(),
  (dt, _out, t) => dt.mul(exp(t.neg())),
);

/** `log(1 - exp(-t))` for t >= 0. */
export const log1mexp = /* @__PURE__ */ withRules(
  (t: Tracer): Tracer => {
    const near = t.less(Math.LN2);
    const small = log(expm1(where(near, t, 1).neg()).neg());
    return where(near, small, log1p(exp(where(near, 1, t).neg()).neg()));
  },
  (dt, _out, t) => divide(dt, expm1(t)),
);

/** `log(p)` of p = 1 - q, with all digits where p is close to 1. */
export const logOf = /* @__PURE__ */ withRules(
  (p: Tracer, q: Tracer): Tracer => {
    const low = p.less(0.5);
    return where(low, log(where(low, p, 1)), log1p(where(low, 0, q).neg()));
  },
  (dp, _out, p) => divide(dp, p),
  null,
);

/** `log(y^(a - 1) exp(-y) / gamma(a))` for y >= 0. */
export function gammaLog(a: Tracer, y: Tracer): Tracer {
  const many = ops.and(a.greaterEqual(LARGE), y.greater(0));
  const [p, z] = [where(many, 1, a), where(many, 1, y)];
  const plain = xlogyFormula(p.sub(1), z).sub(z).sub(ops.lgamma(p));
  const [q, w] = [where(many, a, LARGE), where(many, y, LARGE)];
  const scale = log(q).mul(0.5).sub(HALF_LOG_TAU).sub(log(w));
  return where(many, scale.sub(stirlingError(q)).sub(deviance(q, w)), plain);
}

/** `log(mu^k exp(-mu) / k!)` for k >= 0. */
export function poissonLog(k: Tracer, mu: Tracer): Tracer {
  const many = ops.and(k.greaterEqual(LARGE), mu.greater(0));
  const [p, z] = [where(many, 0, k), where(many, 1, mu)];
  const plain = xlogyFormula(p, z)
    .sub(z)
    .sub(ops.lgamma(p.add(1)));
  const [q, w] = [where(many, k, LARGE), where(many, mu, LARGE)];
  const scale = log(q).mul(-0.5).sub(HALF_LOG_TAU);
  return where(many, scale.sub(stirlingError(q)).sub(deviance(q, w)), plain);
}

/** `log(n! / (k! (n - k)!))` for 0 <= k <= n. */
const chooseLog = (n: Tracer, k: Tracer): Tracer =>
  log1p(n).add(logBetaOf(n.sub(k).add(1), k.add(1))).neg(); // prettier-ignore

/** `log(n! / (k! (n - k)!) p^k (1 - p)^(n - k))` for 0 <= k <= n. Source: Loader (2000). */
export function binomialLog(n: Tracer, k: Tracer, p: Tracer): Tracer {
  const rest = n.sub(k);
  const open = ops.and(p.greater(0), p.less(1));
  const many = ops.and(ops.and(k.greaterEqual(1), rest.greaterEqual(1)), ops.and(n.greaterEqual(LARGE), open));
  const [n1, k1, p1] = [where(many, 0, n), where(many, 0, k), where(many, 0.5, p)];
  const plain = chooseLog(n1, k1)
    .add(xlogyFormula(k1, p1))
    .add(xlog1pyFormula(n1.sub(k1), p1.neg()));
  const [n2, k2, rest2] = [where(many, n, 20), where(many, k, 10), where(many, rest, 10)];
  const p2 = where(many, p, 0.5);
  const mean = n2.mul(p2);
  const difference = k2.sub(mean);
  const deviances = deviance(k2, mean, difference).add(deviance(rest2, n2.mul(p2.neg().add(1)), difference.neg()));
  const errors = stirlingError(n2).sub(stirlingError(k2)).sub(stirlingError(rest2));
  const scale = log(divide(n2, k2)).sub(log(rest2)).mul(0.5).sub(HALF_LOG_TAU);
  return where(many, scale.add(errors).sub(deviances), plain);
}

/** `log(y^(a - 1) (1 - y)^(b - 1) / beta(a, b))` for 0 <= y <= 1. */
export function betaLog(a: Tracer, b: Tracer, y: Tracer): Tracer {
  const open = ops.and(y.greater(0), y.less(1));
  const many = ops.and(ops.and(ops.and(a.greaterEqual(1), b.greaterEqual(1)), a.add(b).greaterEqual(LARGE)), open);
  const [a1, b1, y1] = [where(many, 1, a), where(many, 1, b), where(many, 0.5, y)];
  const powers = xlogyFormula(a1.sub(1), y1).add(xlog1pyFormula(b1.sub(1), y1.neg()));
  const plain = powers.sub(logBetaOf(a1, b1));
  const [a2, b2, y2] = [where(many, a, LARGE), where(many, b, LARGE), where(many, y, 0.5)];
  const n = a2.add(b2);
  const z = y2.neg().add(1);
  const difference = a2.mul(z).sub(b2.mul(y2)); // a - n y
  const deviances = deviance(a2, n.mul(y2), difference).add(deviance(b2, n.mul(z), difference.neg()));
  const errors = stirlingError(n).sub(stirlingError(a2)).sub(stirlingError(b2));
  const scale = log(divide(a2, n)).add(log(b2)).mul(0.5).sub(HALF_LOG_TAU).sub(log(y2)).sub(log1p(y2.neg()));
  return where(many, scale.add(errors).sub(deviances), plain);
}

/**
 * `log(n! / (k! (n - k)!) beta(a + k, b + n - k) / beta(a, b))` for 0 <= k <= n: a binomial chance by the quotient of two
 * beta densities at the same p, whichever that is; the logarithms are small at the mean of the second.
 */
export function betaBinomialLog(n: Tracer, k: Tracer, a: Tracer, b: Tracer): Tracer {
  const [a1, b1] = [a.add(k), b.add(n.sub(k))];
  const p = ops.stopGradient(divide(a1, a1.add(b1)));
  return binomialLog(n, k, p).add(betaLog(a, b, p).sub(betaLog(a1, b1, p)));
}
