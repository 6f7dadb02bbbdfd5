/** The normal distribution, and the error function it is made of. */
import type { Tracer } from "../core/tracer";
import { type ArrayLike, constantLike, floatUnary } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** Error function. Dtypes: floats. @example scipySpecial.erf(0).js(); // => 0 */
export function erf(x: ArrayLike): Tracer {
  return floatUnary(x, ops.erf);
}
/** `1 - erf(x)`, also where that is small. Dtypes: floats. @example scipySpecial.erfc(0).js(); // => 1 */
export function erfc(x: ArrayLike): Tracer {
  return floatUnary(x, ops.erfc);
}
/** Inverse of erf; infinite at -1 and 1. Dtypes: floats. @example scipySpecial.erfinv(0).js(); // => 0 */
export function erfinv(x: ArrayLike): Tracer {
  return floatUnary(x, ops.erfInv);
}

function cdf(x: Tracer): Tracer {
  const c = (value: number): Tracer => constantLike(x, value);
  const w = ops.mul(x, c(Math.SQRT1_2));
  const z = ops.abs(w);
  const tail = ops.erfc(z);
  const outer = ops.where(ops.gt(w, c(0)), ops.sub(c(2), tail), tail);
  return ops.mul(c(0.5), ops.where(ops.lt(z, c(Math.SQRT1_2)), ops.add(c(1), ops.erf(w)), outer));
}

/** Distribution function of the standard normal distribution. Dtypes: floats. @example scipySpecial.ndtr(0).js(); // => 0.5 */
export function ndtr(x: ArrayLike): Tracer {
  return floatUnary(x, (y) => owned(() => cdf(y)));
}

/** Logarithm of `ndtr`, also where that is small. Dtypes: floats. @example scipySpecial.logNdtr(0).js(); // => -0.693147 */
export function logNdtr(x: ArrayLike): Tracer {
  return floatUnary(x, (y) =>
    owned(() => {
      const c = (value: number): Tracer => constantLike(y, value);
      const [least, most] = y.dtype === "float64" ? [-20, 8] : [-10, 5];
      // Above, log(1 - ndtr(-x)); below, the asymptotic series; each on its own range, so that no gradient is NaN.
      const above = ops.neg(cdf(ops.neg(ops.max(y, c(most)))));
      const middle = ops.log(cdf(ops.min(ops.max(y, c(least)), c(most))));
      const low = ops.min(y, c(least));
      const inverse = ops.div(c(1), ops.square(low));
      let sum = c(1);
      for (const k of [7, 5, 3, 1]) sum = ops.sub(c(1), ops.mul(ops.mul(c(k), inverse), sum));
      const scale = ops.sub(ops.mul(c(-0.5), ops.square(low)), ops.log(ops.neg(low)));
      const below = ops.add(ops.sub(scale, c(0.5 * Math.log(2 * Math.PI))), ops.log(sum));
      const at = ops.where(ops.gt(y, c(least)), middle, below);
      return ops.where(ops.gt(y, c(most)), above, at);
    }),
  );
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
  for (const a of coefficients.slice(1)) out = ops.add(ops.mul(out, x), constantLike(x, a));
  return out;
}
const ratio = ([p, q]: readonly [readonly number[], readonly number[]], x: Tracer): Tracer =>
  ops.div(horner(p, x), horner(q, x));

/**
 * Inverse of `ndtr`: infinite at 0 and 1.
 *
 * Dtypes: floats. Source: Moshier, Cephes.
 * @example
 * scipySpecial.ndtri(0.975).js(); // => 1.959964
 */
export function ndtri(p: ArrayLike): Tracer {
  return floatUnary(p, (y) =>
    owned(() => {
      const c = (value: number): Tracer => constantLike(y, value);
      const flipped = ops.gt(y, c(-Math.expm1(-2)));
      const tail = ops.where(flipped, ops.sub(c(1), y), y);
      const safe = ops.where(ops.le(tail, c(0)), c(0.5), tail);
      const w = ops.sub(safe, c(0.5));
      const w2 = ops.square(w);
      const centre = ops.mul(ops.add(w, ops.mul(ops.mul(w, w2), ratio(MIDDLE, w2))), c(-Math.sqrt(2 * Math.PI)));
      const far = ops.le(safe, c(Math.exp(-2)));
      const z = ops.sqrt(ops.mul(c(-2), ops.log(ops.where(far, safe, c(0.1)))));
      const inverse = ops.div(c(1), z);
      const first = ops.sub(z, ops.div(ops.log(z), z));
      const second = ops.where(ops.ge(z, c(8)), ratio(END, inverse), ratio(SIDE, inverse));
      const size = ops.where(far, ops.sub(first, ops.div(second, z)), centre);
      const x = ops.where(flipped, size, ops.neg(size));
      const inside = ops.and(ops.ge(y, c(0)), ops.le(y, c(1)));
      const ends = ops.where(ops.eq(y, c(0)), c(-Infinity), ops.where(ops.eq(y, c(1)), c(Infinity), x));
      return ops.where(inside, ends, c(NaN));
    }),
  );
}
