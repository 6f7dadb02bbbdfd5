/** The normal distribution, and the error function it is made of. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { log, log1p } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { compiled, evaluate, withRules } from "./formula";
import { erfcxFormula, expSquare } from "./scaled-error";

/** Error function. Dtypes: floats. @example scipy.special.erf(0).js(); // => 0 */
export function erf(x: ArrayLike): Tracer {
  return evaluate("erf", ops.erf, x);
}
/** `1 - erf(x)`, also where that is small. Dtypes: floats. @example scipy.special.erfc(0).js(); // => 1 */
export function erfc(x: ArrayLike): Tracer {
  return evaluate("erfc", ops.erfc, x);
}
/** Inverse of erf; infinite at -1 and 1. Dtypes: floats. @example scipy.special.erfinv(0).js(); // => 0 */
export function erfinv(x: ArrayLike): Tracer {
  return evaluate("erfinv", ops.erfInv, x);
}

const ROOT_TAU = Math.sqrt(2 * Math.PI);

/** The density of the standard normal distribution. */
export const bell = (x: Tracer): Tracer => expSquare(x, -0.5).mul(1 / ROOT_TAU);

/** The distribution function of -|x|, with no error from the square of a large x. */
function tail(x: Tracer): Tracer {
  const far = x.dtype === "float64" ? 39 : 15;
  const size = ops.min(ops.abs(x), ops.fullLike(x, far));
  return erfcxFormula(size.mul(Math.SQRT1_2)).mul(0.5).mul(expSquare(size, -0.5));
}

function cdf(x: Tracer): Tracer {
  const small = tail(x);
  return where(x.greater(0), small.neg().add(1), small);
}

export const ndtrFormula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(cdf), (t, _out, x) => t.mul(bell(x)));

/** Distribution function of the standard normal distribution. Dtypes: floats. @example scipy.special.ndtr(0).js(); // => 0.5 */
export function ndtr(x: ArrayLike): Tracer {
  return evaluate("ndtr", ndtrFormula, x);
}

/** `erfcx(-x / sqrt(2))` of x <= 0. */
const scaledTail = (x: Tracer): Tracer => erfcxFormula(where(x.less(0), x.mul(-Math.SQRT1_2), 0));

function logCdf(x: Tracer): Tracer {
  const below = log(scaledTail(x).mul(0.5)).sub(ops.square(where(x.less(0), x, 0)).mul(0.5));
  const above = log1p(tail(where(x.less(-0.5), 0, x)).neg());
  const middle = log(cdf(where(ops.abs(x).lessEqual(1), x, 0)));
  const out = where(x.less(-1), below, where(x.less(0), middle, above));
  return where(x.equal(-Infinity), x, where(x.notEqual(x), x, out));
}

export const logNdtrFormula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(logCdf), (t, _out, x) => {
  const below = divide(Math.sqrt(2 / Math.PI), scaledTail(x));
  const above = divide(bell(x), ndtrFormula(where(x.greater(0), x, 0)));
  return t.mul(where(x.equal(-Infinity), Infinity, where(x.less(0), below, above)));
});

/** Logarithm of `ndtr`, also where that is small. Dtypes: floats. @example scipy.special.logNdtr(0).js(); // => -0.693147 */
export function logNdtr(x: ArrayLike): Tracer {
  return evaluate("logNdtr", logNdtrFormula, x);
}

/** Numerators and denominators of the inverse, highest power first. Source: Cephes, ndtri.c. */
const MIDDLE = [
  [-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1, -1.23916583867381258016],
  [
    1, 1.95448858338141759834, 4.67627912898881538453, 8.63602421390890590575e1, -2.25462687854119370527e2, 2.00260212380060660359e2,
    -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142,
  ],
] as const; // prettier-ignore
const SIDE = [
  [
    4.05544892305962419923, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.408050738932008347e1, 1.46849561928858024014e1,
    2.18663306850790267539, -1.40256079171354495875e-1, -3.50424626827848203418e-2, -8.57456785154685413611e-4,
  ],
  [
    1, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.1317203825467203044e1, 1.50425385692907503408e1, 2.50464946208309415979,
    -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4,
  ],
] as const; // prettier-ignore
const END = [
  [
    3.2377489177694603597, 6.91522889068984211695, 3.93881025292474443415, 1.33303460815807542389, 2.01485389549179081538e-1,
    1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6, 6.23974539184983293730e-9,
  ],
  [
    1, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271, 2.16236993594496635890e-1, 1.34204006088543189037e-2,
    3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9,
  ],
] as const; // prettier-ignore

function horner(coefficients: readonly number[], x: Tracer): Tracer {
  let out = constantLike(x, coefficients[0]!);
  for (const a of coefficients.slice(1)) out = out.mul(x).add(a);
  return out;
}
const ratio = ([p, q]: readonly [readonly number[], readonly number[]], x: Tracer): Tracer =>
  divide(horner(p, x), horner(q, x));

function quantile(p: Tracer): Tracer {
  const flipped = p.greater(-Math.expm1(-2));
  const low = where(flipped, p.neg().add(1), p);
  const safe = where(low.lessEqual(0), 0.5, low);
  const w = safe.sub(0.5);
  const square = w.mul(w);
  const centre = w.add(w.mul(square).mul(ratio(MIDDLE, square))).mul(-ROOT_TAU);
  const far = safe.lessEqual(Math.exp(-2));
  const z = ops.sqrt(log(where(far, safe, 0.1)).mul(-2));
  const inverse = divide(1, z);
  const second = where(z.greaterEqual(8), ratio(END, inverse), ratio(SIDE, inverse));
  const size = where(far, z.sub(divide(log(z), z)).sub(divide(second, z)), centre);
  const x = where(flipped, size, size.neg());
  const inside = ops.and(p.greaterEqual(0), p.lessEqual(1));
  return where(inside, where(p.equal(0), -Infinity, where(p.equal(1), Infinity, x)), NaN);
}

export const ndtriFormula: (p: Tracer) => Tracer = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(quantile),
  (t, out) => t.mul(where(ops.isFinite(out), divide(1, bell(out)), where(out.notEqual(out), NaN, 0))),
);

/**
 * Inverse of `ndtr`: infinite at 0 and 1.
 *
 * Dtypes: floats. Source: Moshier, Cephes.
 * @example
 * scipy.special.ndtri(0.975).js(); // => 1.959964
 */
export function ndtri(p: ArrayLike): Tracer {
  return evaluate("ndtri", ndtriFormula, p);
}
