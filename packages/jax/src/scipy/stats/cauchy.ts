/** The Cauchy distribution. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { log, log1p, tan } from "../../numpy/elementwise";
import { type ArrayLike, constantLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import type { Formula } from "../formula";
import { logOf } from "./log-terms";
import { type Loc, type Scale, located, placed, standardized } from "./place";

/** The chance of at most z: the angle of the point (-z, 1) over pi, which is exact for z far below 0. */
const below: Formula = (z) => ops.atan2(constantLike(z, 1), z.neg()).mul(1 / Math.PI);
const above: Formula = (z) => below(z.neg());

/** `1 + z^2` as a logarithm, without overflow. */
function logSquare(z: Tracer): Tracer {
  const large = ops.abs(z).greater(1e4);
  const [near, far] = [where(large, 0, z), where(large, ops.abs(z), 1)];
  return where(large, log(far).mul(2), log1p(near.mul(near)));
}

/** `tan(pi (q - 1/2))` for the smaller of q and 1 - q, which is `-1 / tan(pi q)`. */
function quantile(q: Tracer): Tracer {
  const low = q.less(0.25);
  const middle = tan(q.sub(0.5).mul(Math.PI));
  return where(low, divide(-1, tan(where(low, q, 0.25).mul(Math.PI))), middle);
}

const logpdfOf = /* @__PURE__ */ standardized((z, scale) =>
  logSquare(z)
    .add(log(scale.mul(Math.PI)))
    .neg(),
);
const pdfOf = /* @__PURE__ */ standardized((z, scale) => divide(divide(1 / Math.PI, scale), z.mul(z).add(1)));
const cdfOf = /* @__PURE__ */ standardized((z) => below(z));
const sfOf = /* @__PURE__ */ standardized((z) => above(z));
const logcdfOf = /* @__PURE__ */ standardized((z) => logOf(below(z), above(z)));
const logsfOf = /* @__PURE__ */ standardized((z) => logOf(above(z), below(z)));
const ppfOf = /* @__PURE__ */ placed((q) => quantile(q));
const isfOf = /* @__PURE__ */ placed((q) => quantile(q).neg());

/** Density. Dtypes: floats. @example scipy.stats.cauchy.pdf(0).js(); // => 0.31831 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.cauchy.logpdf(0).js(); // => -1.14473 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.cauchy.cdf(1).js(); // => 0.75 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.cdf", cdfOf, [x], loc, scale);
}
/** Logarithm of `cdf`. @example scipy.stats.cauchy.logcdf(0).js(); // => -0.693147 */
export function logcdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.logcdf", logcdfOf, [x], loc, scale);
}
/** Survival function `1 - cdf`, also where that is small. @example scipy.stats.cauchy.sf(1).js(); // => 0.25 */
export function sf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.sf", sfOf, [x], loc, scale);
}
/** Logarithm of `sf`. @example scipy.stats.cauchy.logsf(0).js(); // => -0.693147 */
export function logsf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.logsf", logsfOf, [x], loc, scale);
}
/** Inverse of `cdf`. @example scipy.stats.cauchy.ppf(0.75).js(); // => 1 */
export function ppf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.ppf", ppfOf, [q], loc, scale);
}
/** Inverse of `sf`. @example scipy.stats.cauchy.isf(0.25).js(); // => 1 */
export function isf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("cauchy.isf", isfOf, [q], loc, scale);
}
