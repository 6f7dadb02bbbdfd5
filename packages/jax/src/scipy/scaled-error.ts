/** Error functions without their exponential: erfcx and Dawson's integral. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, rint } from "../numpy/elementwise";
import type { ArrayLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { chebyshev, sumSeries } from "./chebyshev";
import { compiled, evaluate, withRules } from "./formula";

const ROOT_PI = Math.sqrt(Math.PI);

/** `exp(x^2) erfc(x)` in JS numbers for x >= 0. */
function erfcxOf(x: number): number {
  if (x < 0.5) {
    // exp(x^2) erf(x) = 2 / sqrt(pi) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...)
    let [sum, term] = [x, x];
    for (let k = 1; k < 60; k++) sum += term *= (2 * x * x) / (2 * k + 1);
    return Math.exp(x * x) - (2 / ROOT_PI) * sum;
  }
  return 1 / (ROOT_PI * (x + restOf(x)));
}

/** The continued fraction `(1/2) / (x + 1 / (x + (3/2) / (x + ...)))`. */
function restOf(x: number): number {
  let rest = 0;
  for (let k = Math.ceil(40 + 400 / (x * x)); k >= 1; k--) rest = k / 2 / (x + rest);
  return rest;
}

const K = 3.75;
/** `(1 + 2x) erfcx(x)` as a function of (x - K) / (x + K). */
const fit = /* @__PURE__ */ chebyshev((t) => {
  const x = (K * (1 + t)) / Math.max(1 - t, 1e-12);
  return (1 + 2 * x) * erfcxOf(x);
}, -1, 1); // prettier-ignore

/** `-erfcx'(x) (1 + 2x)^2` likewise: what is left of `2 / sqrt(pi) - 2x erfcx(x)`. */
const slopeFit = /* @__PURE__ */ chebyshev((t) => {
  const x = (K * (1 + t)) / Math.max(1 - t, 1e-12);
  if (x < 0.5) return (2 / ROOT_PI - 2 * x * erfcxOf(x)) * (1 + 2 * x) ** 2;
  const rest = restOf(x);
  return ((2 / ROOT_PI) * rest * (1 + 2 * x) ** 2) / (x + rest);
}, -1, 1); // prettier-ignore

/** `exp(factor x^2)`: the square in two parts, of which the first is exact. */
export function expSquare(given: Tracer, factor: 1 | -0.5): Tracer {
  const x = ops.min(ops.abs(given), ops.fullLike(given, 64));
  const high = rint(x.mul(64)).mul(1 / 64);
  return exp(high.mul(high).mul(factor)).mul(exp(x.sub(high).mul(factor).mul(x.add(high))));
}

/** Where the fits hold, and the variable in which they are made. */
function place(x: Tracer): { size: Tracer; t: Tracer } {
  const size = ops.min(ops.abs(x), ops.fullLike(x, x.dtype === "float64" ? 1e150 : 1e18));
  return { size, t: divide(size.sub(K), size.add(K)) };
}

function erfcxReal(x: Tracer): Tracer {
  const { size, t } = place(x);
  const near = divide(sumSeries(fit, t), size.mul(2).add(1));
  const right = where(size.less(ops.abs(x)), divide(1 / ROOT_PI, ops.abs(x)), near);
  const most = x.dtype === "float64" ? -26.7 : -9.4;
  const left = where(
    x.less(most),
    Infinity,
    expSquare(ops.max(x, ops.fullLike(x, most)), 1)
      .mul(2)
      .sub(right),
  );
  return where(x.less(0), left, where(x.notEqual(x), x, right));
}

const erfcxSlope = /* @__PURE__ */ compiled((x: Tracer, out: Tracer): Tracer => {
  const { size, t } = place(x);
  const right = divide(sumSeries(slopeFit, t), ops.square(size.mul(2).add(1))).neg();
  return where(
    x.less(0),
    x
      .mul(out)
      .mul(2)
      .sub(2 / ROOT_PI),
    where(size.less(x), 0, right),
  );
});

export const erfcxFormula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(erfcxReal), (t, out, x) =>
  t.mul(erfcxSlope(x, out)),
);

/** `exp(x^2) erfc(x)`, also where the factors overflow. Dtypes: floats; for complex numbers see `wofz`. @example scipy.special.erfcx(0).js(); // => 1 */
export function erfcx(x: ArrayLike): Tracer {
  return evaluate("erfcx", erfcxFormula, x);
}

/** Dawson's integral in JS numbers. Source: Rybicki, "Dawson's integral and the sampling theorem" (1989). */
function dawsonOf(x: number): number {
  const h = 0.2;
  const nearest = 2 * Math.round(x / (2 * h));
  let sum = 0;
  for (let k = -61; k <= 61; k += 2) {
    const n = nearest + k;
    sum += Math.exp(-((x - n * h) ** 2)) / n;
  }
  return sum / ROOT_PI;
}

/** `(1 + 2 x^2) F(x) / x` as a function of x^2 / (x^2 + 4). */
const dawsonFit = /* @__PURE__ */ chebyshev((t) => {
  if (t < 1e-14) return 1;
  const x = Math.sqrt((4 * t) / Math.max(1 - t, 1e-14));
  if (x > 30) {
    const w = 1 / (2 * x * x);
    return (1 + w) * (1 + w * (1 + w * (3 + w * (15 + 105 * w))));
  }
  return ((1 + 2 * x * x) * dawsonOf(x)) / x;
}, 0, 1); // prettier-ignore

/** `(1 + 2 x^2) F'(x)` likewise, where `F' = 1 - 2x F`. */
const dawsonSlopeFit = /* @__PURE__ */ chebyshev((t) => {
  const x = Math.sqrt((4 * t) / Math.max(1 - t, 1e-14));
  if (x < 8) return (1 + 2 * x * x) * (1 - 2 * x * dawsonOf(x));
  let [sum, term] = [0, 1];
  for (let k = 1; k < 24; k++) sum -= term *= (2 * k - 1) / (2 * x * x);
  return (1 + 2 * x * x) * sum;
}, 0, 1); // prettier-ignore

function dawsonBy(x: Tracer, series: () => readonly number[]): { value: Tracer; far: Tracer } {
  const most = x.dtype === "float64" ? 1e100 : 1e15;
  const size = ops.min(ops.abs(x), ops.fullLike(x, most));
  const square = size.mul(size);
  const sum = sumSeries(series, divide(square.sub(4), square.add(4)));
  return { value: divide(sum, square.mul(2).add(1)), far: ops.abs(x).greaterEqual(most) };
}

const dawsonSlope = /* @__PURE__ */ compiled((x: Tracer): Tracer => {
  const { value, far } = dawsonBy(x, dawsonSlopeFit);
  return where(far, 0, where(x.notEqual(x), x, value));
});

const dawsonFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled((x: Tracer): Tracer => {
    const { value, far } = dawsonBy(x, dawsonFit);
    return where(far, divide(0.5, x), x.mul(value));
  }),
  (t, _out, x) => t.mul(dawsonSlope(x)),
);

/** Dawson's integral: `exp(-x^2)` times the integral of `exp(t^2)` from 0 to x. Dtypes: floats. @example scipy.special.dawsn(1).js(); // => 0.53808 */
export function dawsn(x: ArrayLike): Tracer {
  return evaluate("dawsn", dawsonFormula, x);
}
