/** What densities with gamma functions are made of: each is small where logarithms of gamma functions are large. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { log, log1p } from "../numpy/elementwise";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { chebyshev, sumSeries } from "./chebyshev";

/** The error of Stirling's formula in JS numbers: `sum over k >= 0 of g(z + k)`, where g is small. */
export function stirlingErrorOf(z: number): number {
  let sum = 0;
  let x = z;
  // (x + 1/2) log((x + 1) / x) - 1 = u^2 / 3 + u^4 / 5 + ... with u = 1 / (2x + 1)
  for (; x < 16; x++) {
    const w = (2 * x + 1) ** -2;
    for (let [k, power] = [3, w]; power > 1e-18; k += 2, power *= w) sum += power / k;
  }
  const w = 1 / (x * x);
  const series = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
  return sum + series.reduceRight((s, c) => s * w + c, 0) / x;
}

/** `z S(z)` as a function of 1 / z in [0, 1]. */
const fit = /* @__PURE__ */ chebyshev((t) => (t < 1e-8 ? 1 / 12 : stirlingErrorOf(1 / t) / t), 0, 1);

/** `S(z) = lgamma(z) - (z - 1/2) log(z) + z - log(2 pi) / 2` for z > 0: about 1 / (12 z). */
export function stirlingError(z: Tracer): Tracer {
  const small = z.less(1);
  const x = where(small, z.add(1), z); // Infinity gives 0
  const t = divide(1, x);
  const right = t.mul(sumSeries(fit, t.mul(2).sub(1)));
  const safe = where(small, z, 1);
  return where(small, right.add(safe.add(0.5).mul(log1p(divide(1, safe)))).sub(1), right);
}

/** `(atanh(v) / v - 1) / v^2` as a function of v^2. */
const LIMIT = 0.2;
const arc = /* @__PURE__ */ chebyshev(
  (w) => {
    let sum = 0;
    for (let [k, power] = [3, 1]; power > 1e-18; k += 2, power *= w) sum += power / k;
    return sum;
  },
  0,
  LIMIT,
);

/**
 * `x log(x / m) - x + m` for x >= 0 and m > 0, which is 0 at m = x; `difference` is x - m, if that is known better.
 *
 * Source: Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
export function deviance(x: Tracer, m: Tracer, difference: Tracer = x.sub(m)): Tracer {
  const near = ops.square(divide(difference, x.add(m))).less(LIMIT);
  const close = nearDeviance(x, where(near, m, x), where(near, difference, 0));
  const ratio = where(near, 1, divide(x, m));
  const far = where(x.equal(0), 0, x.mul(log(where(x.equal(0), 1, ratio)))).sub(difference);
  return where(near, close, far);
}

/** `deviance` for m between 0.4 x and 2.6 x. */
export function nearDeviance(x: Tracer, m: Tracer, difference: Tracer): Tracer {
  const sum = x.add(m);
  const v = divide(difference, where(sum.equal(0), 1, sum));
  const w = ops.square(v);
  const series = sumSeries(arc, w.mul(2 / LIMIT).sub(1));
  return difference.mul(v).add(x.mul(2).mul(v).mul(w).mul(series));
}

/** `digamma(z + a) - digamma(z)` for z, a >= 0, without the difference of numbers that are nearly equal. */
export function digammaStep(z: Tracer, a: Tracer): Tracer {
  let [x, sum] = [z, ops.fullLike(z, 0)];
  // digamma(x + 1) = digamma(x) + 1 / x
  for (let k = 0; k < 8; k++) {
    sum = sum.add(divide(a, x.mul(x.add(a))));
    x = x.add(1);
  }
  const y = x.add(a);
  const tail = (w: Tracer): Tracer => {
    const v = divide(1, ops.square(w));
    return v.mul(v.mul(v.mul(v.mul(v.mul(-1 / 132).add(1 / 240)).add(-1 / 252)).add(1 / 120)).add(-1 / 12));
  };
  const first = log1p(divide(a, x)).add(divide(a.mul(0.5), x.mul(y)));
  return sum.add(first).add(tail(y).sub(tail(x)));
}
