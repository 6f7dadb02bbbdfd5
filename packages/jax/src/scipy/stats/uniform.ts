/** The uniform distribution on `[loc, loc + scale]`. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { log } from "../../numpy/elementwise";
import type { ArrayLike } from "../../numpy/lift";
import { where } from "../../numpy/selection";
import * as ops from "../../ops/index";
import { compiled } from "../formula";
import { type Loc, type Scale, located, placed } from "./place";

const outside = (x: Tracer, loc: Tracer, scale: Tracer): Tracer => ops.or(x.less(loc), x.greater(loc.add(scale)));

const pdfOf = /* @__PURE__ */ compiled((x: Tracer, loc: Tracer, scale: Tracer): Tracer =>
  where(outside(x, loc, scale), 0, divide(1, scale)),
);
const logpdfOf = /* @__PURE__ */ compiled((x: Tracer, loc: Tracer, scale: Tracer): Tracer =>
  where(outside(x, loc, scale), -Infinity, log(scale).neg()),
);
const cdfOf = /* @__PURE__ */ compiled((x: Tracer, loc: Tracer, scale: Tracer): Tracer =>
  where(x.less(loc), 0, where(x.greater(loc.add(scale)), 1, divide(x.sub(loc), scale))),
);
const ppfOf = /* @__PURE__ */ placed((q) => where(ops.and(q.greaterEqual(0), q.lessEqual(1)), q, NaN));

/** Density. Dtypes: floats. @example scipy.stats.uniform.pdf(1, 0, 2).js(); // => 0.5 */
export function pdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("uniform.pdf", pdfOf, [x], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.uniform.logpdf(0.5).js(); // => 0 */
export function logpdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("uniform.logpdf", logpdfOf, [x], loc, scale);
}
/** Distribution function. Dtypes: floats. @example scipy.stats.uniform.cdf(0.25).js(); // => 0.25 */
export function cdf(x: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("uniform.cdf", cdfOf, [x], loc, scale);
}
/** Inverse of `cdf`; NaN outside of [0, 1]. @example scipy.stats.uniform.ppf(0.25, 1, 2).js(); // => 1.5 */
export function ppf(q: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("uniform.ppf", ppfOf, [q], loc, scale);
}
