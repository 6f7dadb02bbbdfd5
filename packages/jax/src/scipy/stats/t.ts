/** Student's t distribution with df degrees of freedom. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import { exp, log, log1p } from "../../numpy/elementwise";
import { type ArrayLike, constantLike } from "../../numpy/lift";
import type { Formula } from "../formula";
import { logBetaOf } from "../beta";
import { type Loc, type Scale, located, standardized } from "./place";

/** `-log(sqrt(df) B(1/2, df/2)) - (df + 1)/2 log(1 + z^2 / df)` */
const logDensity: Formula = (z, df, scale) => {
  const shape = logBetaOf(constantLike(df, 0.5), df.mul(0.5)).add(log(df).mul(0.5));
  const tail = df
    .add(1)
    .mul(0.5)
    .mul(log1p(divide(z.mul(z), df)));
  return shape.add(tail).add(log(scale)).neg();
};
const logpdfOf = /* @__PURE__ */ standardized(logDensity);
const pdfOf = /* @__PURE__ */ standardized((z, df, scale) => exp(logDensity(z, df, scale)));

/** Density. Dtypes: floats. @example scipy.stats.t.pdf(0, 1).js(); // => 0.31831 */
export function pdf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("t.pdf", pdfOf, [x, df], loc, scale);
}
/** Logarithm of the density. Dtypes: floats. @example scipy.stats.t.logpdf(0, 1).js(); // => -1.14473 */
export function logpdf(x: ArrayLike, df: ArrayLike, loc?: Loc, scale?: Scale): Tracer {
  return located("t.logpdf", logpdfOf, [x, df], loc, scale);
}
