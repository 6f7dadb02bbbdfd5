/** Pareto's distribution with shape b, from loc + scale on. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { exp, log, log1p } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { type Formula, compiled } from "../formula";
import { log1mexp, oneMinusExp } from "./log-terms";
import { type Loc, type Scale, located, placed } from "./place";

/** f of `log((x - loc) / scale)`, b and scale from the start on; before it a constant. */
const fromStart = (f: Formula, before: number): Formula =>
  compiled((x, b, loc, scale) => {
    const start = x.less(loc.add(scale));
    const excess = divide(where(start, 0, x.sub(loc).sub(scale)), scale);
    const near = excess.less(1);
    const logs = where(near, log1p(where(near, excess, 0)), log(where(near, 1, divide(x.sub(loc), scale))));
    // Before the start any logarithm does of which f has derivatives.
    return where(start, before, f(where(start, 1, logs), b, scale));
  });

const logDensity: Formula = (logs, b, scale) => log(divide(scale, b)).add(b.add(1).mul(logs)).neg(); // prettier-ignore
const logpdfOf = /* @__PURE__ */ fromStart(logDensity, -Infinity);
const pdfOf = /* @__PURE__ */ fromStart((...xs) => exp(logDensity(...xs)), 0);
const cdfOf = /* @__PURE__ */ fromStart((logs, b) => oneMinusExp(logs.mul(b)), 0);
const sfOf = /* @__PURE__ */ fromStart((logs, b) => exp(logs.mul(b).neg()), 1);
const logcdfOf = /* @__PURE__ */ fromStart((logs, b) => log1mexp(logs.mul(b)), -Infinity);
const logsfOf = /* @__PURE__ */ fromStart((logs, b) => logs.mul(b).neg(), 0);
const ppfOf = /* @__PURE__ */ placed((q, b) => {
  const inside = ops.and(q.greaterEqual(0), q.lessEqual(1));
  return where(inside, exp(divide(log1p(where(inside, q, 0).neg()).neg(), b)), NaN);
});

/** Density. Dtypes: floats. @example scipy.stats.pareto.pdf(2, 1).js(); // => 0.25 */
export function pdf(x: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("pareto.pdf", pdfOf, [x, b], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.pareto.logpdf(2, 1).js(); // => -1.386294 */
export function logpdf(x: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("pareto.logpdf", logpdfOf, [x, b], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.pareto.cdf(2, 1).js(); // => 0.5 */
export function cdf(x: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("pareto.cdf", cdfOf, [x, b], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.pareto.logcdf(2, 1).js(); // => -0.693147 */
export function logcdf(x: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("pareto.logcdf", logcdfOf, [x, b], loc, scale);
}
/** Survival function `1 - cdf`. @example scipy.stats.pareto.sf(2, 2).js(); // => 0.25 */
export function sf(x: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("pareto.sf", sfOf, [x, b], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.pareto.logsf(2, 1).js(); // => -0.693147 */
export function logsf(x: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("pareto.logsf", logsfOf, [x, b], loc, scale);
}
/** Inverse of `cdf`; NaN outside of [0, 1]. @example scipy.stats.pareto.ppf(0.5, 1).js(); // => 2 */
export function ppf(q: ArrayLike, b: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("pareto.ppf", ppfOf, [q, b], loc, scale);
}
