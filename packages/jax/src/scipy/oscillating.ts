/** Integrals of waves: the sine and cosine integrals, and those of Fresnel. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { cos, log, rint, sin } from "../numpy/elementwise";
import type { ArrayLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { chebyshev, sumSeries } from "./chebyshev";
import { compiled, evaluateAll, withRules } from "./formula";

/** Taylor series `sum of (-1)^k s^k / ((2k + first + 1)! (step k + step0))` in JS numbers. */
function alternating(s: number, next: (k: number) => number, weight: (k: number) => number): number {
  let sum = 0;
  let term = 1;
  for (let k = 0; k < 60; k++) {
    sum += term / weight(k);
    term *= -s / next(k);
  }
  return sum;
}

/** Si and Ci are fitted by their series below this, and by their envelopes f and g above. */
const NEAR = 4;
/** `Si(x) / x` and `(Ci(x) - log(x) - gamma) / x^2` in x^2. */
const sineSeries = /* @__PURE__ */ chebyshev(
  (s) => alternating(s, (k) => (2 * k + 2) * (2 * k + 3), (k) => 2 * k + 1),
  0,
  NEAR * NEAR,
); // prettier-ignore
const cosineSeries = /* @__PURE__ */ chebyshev(
  (s) => -0.5 * alternating(s, (k) => (2 * k + 3) * (2 * k + 4), (k) => 2 * k + 2),
  0,
  NEAR * NEAR,
); // prettier-ignore

/** The integral of `exp(-y) y^power / (1 + (y / x)^2)` over y > 0, by the trapezoid rule in log(y). */
function laplace(x: number, power: number): number {
  let sum = 0;
  const h = 1 / 8;
  for (let u = -42; u < 4.5; u += h) {
    const y = Math.exp(u);
    sum += (h * Math.exp(-y) * y ** (power + 1)) / (1 + (y / x) ** 2);
  }
  return sum;
}
/** `x f(x)` and `x^2 g(x)` in (4 / x)^2. */
const sineEnvelope = /* @__PURE__ */ chebyshev((t) => laplace(NEAR / Math.sqrt(Math.max(t, 1e-30)), 0), 0, 1);
const cosineEnvelope = /* @__PURE__ */ chebyshev((t) => laplace(NEAR / Math.sqrt(Math.max(t, 1e-30)), 1), 0, 1);

function sineCosine(x: Tracer): [Tracer, Tracer] {
  const size = ops.abs(x);
  const near = size.lessEqual(NEAR);
  const small = where(near, size, 1);
  const square = small
    .mul(small)
    .mul(2 / NEAR ** 2)
    .sub(1);
  const low = small.mul(sumSeries(sineSeries, square));
  const logs = log(small).add(0.5772156649015329);
  const lowCosine = small.mul(small).mul(sumSeries(cosineSeries, square)).add(logs);
  const finite = size.less(Infinity);
  const big = where(near, NEAR, where(finite, size, NEAR));
  const inverse = divide(1, big);
  const at = ops.square(inverse.mul(NEAR)).mul(2).sub(1);
  const f = inverse.mul(sumSeries(sineEnvelope, at));
  const g = inverse.mul(inverse).mul(sumSeries(cosineEnvelope, at));
  const [s, c] = [sin(big), cos(big)];
  const high = where(finite, f.mul(c).add(g.mul(s)), 0)
    .mul(-1)
    .add(Math.PI / 2);
  const highCosine = where(finite, f.mul(s).sub(g.mul(c)), 0);
  const nan = x.notEqual(x);
  const si = where(nan, x, where(near, low, high));
  const ci = where(size.equal(0), -Infinity, where(near, lowCosine, highCosine));
  const cosine = where(ops.or(nan, x.equal(-Infinity)), NaN, ci);
  return [where(x.less(0), si.neg(), where(size.equal(0), x, si)), cosine];
}

const siciFormula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(sineCosine), (t, _out, x): [Tracer, Tracer] => [
  t.mul(where(x.equal(0), 1, divide(sin(x), x))),
  t.mul(divide(cos(x), x)),
]);

/** Sine and cosine integrals: of `sin(t) / t` from 0 to x, and of `-cos(t) / t` from |x| on. Dtypes: floats. @example scipy.special.sici(1)[0].js(); // => 0.946083 */
export function sici(x: ArrayLike): [Tracer, Tracer] {
  return evaluateAll("sici", siciFormula, x) as [Tracer, Tracer];
}

/** Below this Fresnel's integrals are fitted by their series, above by their envelopes. */
const START = 1.6;
/** `S(x) / x^3` and `C(x) / x` in x^4. */
const fresnelSine = /* @__PURE__ */ chebyshev(
  (s) => (Math.PI / 2) * alternating(s * (Math.PI / 2) ** 2, (k) => (2 * k + 2) * (2 * k + 3), (k) => 4 * k + 3),
  0,
  START ** 4,
); // prettier-ignore
const fresnelCosine = /* @__PURE__ */ chebyshev(
  (s) => alternating(s * (Math.PI / 2) ** 2, (k) => (2 * k + 1) * (2 * k + 2), (k) => 4 * k + 1),
  0,
  START ** 4,
); // prettier-ignore

/** `sqrt(2)` times the integral of `y^power exp(-pi y^2 / 2) / (1 + (y / x)^4)` over y > 0. */
function bell(x: number, power: number): number {
  const h = 0.1;
  let sum = power === 0 ? 0.5 : 0;
  for (let k = 1; k < 60; k++) {
    const y = k * h;
    sum += (y ** power * Math.exp((-Math.PI * y * y) / 2)) / (1 + (y / x) ** 4);
  }
  return Math.SQRT2 * h * sum;
}
/** `pi x f(x)` and `pi^2 x^3 g(x)` in (1.6 / x)^2. */
const fresnelF = /* @__PURE__ */ chebyshev((t) => bell(START / Math.sqrt(Math.max(t, 1e-30)), 0), 0, 1);
const fresnelG = /* @__PURE__ */ chebyshev((t) => Math.PI * bell(START / Math.sqrt(Math.max(t, 1e-30)), 2), 0, 1);

/** x with half of its digits: by bits, or by Dekker's splitting where there are no integers so wide. */
function upperHalf(x: Tracer): Tracer {
  if (x.dtype === "float64") {
    const c = x.mul(134217729);
    return c.sub(c.sub(x));
  }
  const bits = ops.bitcastConvertType(x, "int32");
  return ops.bitcastConvertType(ops.and(bits, ops.fullLike(bits, -4096)), x.dtype);
}

/** The sine and cosine of `pi x^2 / 2`, without the rounding error of the square: halves of x have exact products. */
function waves(given: Tracer): [sine: Tracer, cosine: Tracer] {
  // Large floats are even.
  const even = ops.abs(given).greater(given.dtype === "float64" ? 2 ** 54 : 2 ** 25);
  const x = where(even, 0, given);
  const high = upperHalf(x);
  const low = x.sub(high);
  const [large2, middle2] = [high.mul(high), high.mul(low).mul(2)];
  const four = ops.fullLike(x, 4);
  const wholes = ops.rem(rint(large2), four).add(ops.rem(rint(middle2), four));
  const fractions = large2
    .sub(rint(large2))
    .add(middle2.sub(rint(middle2)))
    .add(low.mul(low));
  const angle = fractions.sub(rint(fractions)).mul(Math.PI / 2);
  const turned = ops.rem(wholes.add(rint(fractions)), four);
  const quadrant = where(turned.less(0), turned.add(4), turned);
  const [s, k] = [sin(angle), cos(angle)];
  const odd = ops.or(quadrant.equal(1), quadrant.equal(3));
  const [sine, cosine] = [where(odd, k, s), where(odd, s, k)];
  const down = ops.and(quadrant.greater(0), quadrant.less(3));
  return [where(quadrant.greater(1), sine.neg(), sine), where(down, cosine.neg(), cosine)];
}

function fresnelBoth(x: Tracer): [Tracer, Tracer] {
  const size = ops.abs(x);
  const near = size.less(START);
  const small = where(near, size, 1);
  const square = small.mul(small);
  const at = square
    .mul(square)
    .mul(2 / START ** 4)
    .sub(1);
  const lowSine = square.mul(small).mul(sumSeries(fresnelSine, at));
  const lowCosine = small.mul(sumSeries(fresnelCosine, at));
  const most = x.dtype === "float64" ? 1e17 : 1e8;
  const far = size.greaterEqual(most); // there the waves are smaller than half a unit in the last place
  const big = where(ops.or(near, far), START, size);
  const inverse = divide(1, big);
  const t = ops.square(inverse.mul(START)).mul(2).sub(1);
  const f = inverse.mul(sumSeries(fresnelF, t)).mul(1 / Math.PI);
  const g = inverse
    .mul(inverse)
    .mul(inverse)
    .mul(sumSeries(fresnelG, t))
    .mul(1 / Math.PI ** 2);
  const [s, c] = waves(big);
  const highSine = where(far, 0.5, f.mul(c).add(g.mul(s)).mul(-1).add(0.5));
  const highCosine = where(far, 0.5, f.mul(s).sub(g.mul(c)).add(0.5));
  const signed = (y: Tracer): Tracer => where(x.notEqual(x), x, where(x.less(0), y.neg(), y));
  return [signed(where(near, lowSine, highSine)), signed(where(near, lowCosine, highCosine))];
}

const fresnelFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(fresnelBoth),
  (t, _out, x): [Tracer, Tracer] => {
    const [s, c] = waves(x);
    return [t.mul(s), t.mul(c)];
  },
);

/** Fresnel's integrals `[S, C]`: of `sin(pi t^2 / 2)` and `cos(pi t^2 / 2)` from 0 to x. Dtypes: floats. @example scipy.special.fresnel(1)[1].js(); // => 0.779893 */
export function fresnel(x: ArrayLike): [Tracer, Tracer] {
  return evaluateAll("fresnel", fresnelFormula, x) as [Tracer, Tracer];
}
