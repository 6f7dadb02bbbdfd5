/** Regularized incomplete gamma functions. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, expm1, log } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { jvp } from "../transforms/jvp";
import { type Formula, compiled, evaluate, withRules } from "./formula";
import { gammaFormula, reciprocalGammaRest } from "./gamma";
import { deviance, stirlingError } from "./stirling";
import { temmeSlope, temmeTail } from "./temme";

/** How many terms and levels are enough. */
const counts = (x: Tracer): { terms: number; levels: number; large: number } =>
  x.dtype === "float64" ? { terms: 60, levels: 90, large: 30 } : { terms: 33, levels: 28, large: 20 };

/** `1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ...` for x < max(a, 1). */
function series(a: Tracer, x: Tracer, terms: number): Tracer {
  let sum = constantLike(a, 1);
  for (let k = terms; k >= 1; k--) sum = divide(x, a.add(k)).mul(sum).add(1);
  return sum;
}

/** `1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - ...)))`, from the inside, for x >= max(a, 1). */
function fraction(a: Tracer, x: Tracer, levels: number): Tracer {
  const base = x.sub(a).add(1);
  let rest = constantLike(a, 0);
  for (let k = levels; k >= 1; k--) rest = divide(a.neg().add(k).mul(k), base.add(2 * k).sub(rest));
  return divide(1, base.sub(rest));
}

/** `1 - x^a / gamma(a + 1) (1 + a sum of (-x)^n / ((a + n) n!))` for a < 1 and x < 1, in which the ones cancel. */
function corner(a: Tracer, x: Tracer, terms: number): Tracer {
  let sum = constantLike(a, 0);
  for (let n = terms; n >= 1; n--)
    sum = sum
      .mul(x)
      .mul(-1 / (n + 1))
      .add(divide(1, a.add(n)));
  const power = expm1(a.mul(log(x)));
  const rest = a.mul(reciprocalGammaRest(a));
  const product = power.add(rest).add(power.mul(rest));
  return a.mul(x).mul(sum).mul(product.add(1)).sub(product);
}

/** `x^a exp(-x) / gamma(a + 1)`; where no factor overflows, as it stands. */
function prefactor(a: Tracer, x: Tracer): Tracer {
  const plain = ops.and(a.less(10), x.less(80));
  const [p, y] = [where(plain, a, 1), where(plain, x, 1)];
  const near = divide(ops.pow(y, p).mul(exp(y.neg())), gammaFormula(p.add(1)));
  const [q, z] = [where(plain, 10, a), where(plain, 10, x)];
  const far = divide(exp(deviance(q, z).add(stirlingError(q)).neg()), ops.sqrt(q.mul(2 * Math.PI)));
  return where(plain, near, far);
}

interface Region {
  /** The series; the fraction elsewhere. */
  readonly low: Tracer;
  /** Temme's expansion in place of both. */
  readonly temme: Tracer;
}

/** Which formula is used where, for a > 0 and 0 < x < Infinity. */
function region(a: Tracer, x: Tracer, large: number): Region {
  const low = x.less(ops.max(a, constantLike(a, 1)));
  const near = ops.and(x.greater(a.mul(0.32)), x.less(a.mul(2.3)));
  return { low, temme: ops.and(a.greater(large), near) };
}

/** P where x is low, else Q, but in Temme's region and in the corner. */
function direct(a: Tracer, x: Tracer, low: Tracer): Tracer {
  const { terms, levels } = counts(a);
  const lower = series(a, where(low, x, 0.5), terms);
  const big = where(low, ops.max(a, constantLike(a, 1)).add(1), x);
  const upper = a.mul(fraction(a, big, levels));
  return prefactor(a, x).mul(where(low, lower, upper));
}

function bothOf(a: Tracer, x: Tracer): [lower: Tracer, upper: Tracer] {
  const { terms, large } = counts(a);
  const { low, temme } = region(a, x, large);
  const plainA = where(temme, 1, a);
  const part = direct(plainA, where(temme, 0.5, x), where(temme, true, low));
  const tail = temmeTail(where(temme, a, large), where(temme, x, large));
  const side = where(temme, x.less(a), low);
  const small = where(temme, tail, part);
  const inCorner = ops.and(a.less(1), x.less(1));
  const q = corner(where(inCorner, a, 0.5), where(inCorner, x, 0.5), terms);
  const rest = small.neg().add(1);
  return [where(side, small, rest), where(inCorner, q, where(side, rest, small))];
}

/** The functions on their whole domain, of which the inside is [lower, upper]. */
function everywhere(which: 0 | 1): Formula {
  return (a, x) => {
    const inside = ops.and(ops.and(a.greater(0), a.less(Infinity)), ops.and(x.greater(0), x.less(Infinity)));
    const value = bothOf(where(inside, a, 1), where(inside, x, 1))[which];
    // P is 0 at x = 0 and a = Infinity, and 1 at x = Infinity and a = 0.
    const atZero = ops.and(ops.or(x.equal(0), a.equal(Infinity)), x.less(Infinity));
    const atInfinity = ops.or(x.equal(Infinity), a.equal(0));
    const ends = where(atInfinity, 1 - which, which);
    const edges = where(atZero, where(atInfinity, NaN, which), ends);
    const valid = ops.and(a.greaterEqual(0), x.greaterEqual(0));
    return where(inside, value, where(valid, edges, NaN));
  };
}

/** Derivative of P with respect to x: the density `x^(a - 1) exp(-x) / gamma(a)`. */
function densityOf(a: Tracer, x: Tracer): Tracer {
  const inside = ops.and(ops.and(a.greater(0), x.greater(0)), x.less(Infinity));
  const [p, y] = [where(inside, a, 1), where(inside, x, 1)];
  const value = prefactor(p, y).mul(p);
  const atZero = where(a.less(1), Infinity, where(a.equal(1), 1, 0));
  const out = where(inside, divide(value, y), where(x.equal(0), atZero, 0));
  return where(ops.and(a.greater(0), x.greaterEqual(0)), out, where(a.equal(0), 0, NaN));
}
export const gammaDensity = /* @__PURE__ */ compiled(densityOf);

/** Derivative of P with respect to a. */
function slopeOf(a: Tracer, x: Tracer): Tracer {
  const inside = ops.and(ops.and(a.greater(0), a.less(Infinity)), ops.and(x.greater(0), x.less(Infinity)));
  const [p, y] = [where(inside, a, 1), where(inside, x, 1)];
  const { large } = counts(a);
  const { low, temme } = region(p, y, large);
  const [plainA, plainX] = [where(temme, 1, p), where(temme, 0.5, y)];
  const plainLow = where(temme, true, low);
  const one = constantLike(a, 1);
  const [, slope] = jvp((v: Tracer) => direct(v, plainX, plainLow), [plainA], [one]) as unknown as [Tracer, Tracer];
  const plain = where(plainLow, slope, slope.neg());
  const value = where(temme, temmeSlope(where(temme, p, large), where(temme, y, large)), plain);
  const valid = ops.and(a.greater(0), x.greaterEqual(0));
  return where(inside, value, where(valid, 0, NaN));
}
export const gammaSlope = /* @__PURE__ */ compiled(slopeOf);

export const gammaincFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(/* @__PURE__ */ everywhere(0)),
  (t, _out, a, x) => t.mul(gammaSlope(a, x)),
  (t, _out, a, x) => t.mul(gammaDensity(a, x)),
);
export const gammainccFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(/* @__PURE__ */ everywhere(1)),
  (t, _out, a, x) => t.mul(gammaSlope(a, x)).neg(),
  (t, _out, a, x) => t.mul(gammaDensity(a, x)).neg(),
);

/**
 * Lower regularized incomplete gamma function: the integral of `t^(a-1) exp(-t) / gamma(a)` from 0 to x.
 *
 * Dtypes: floats. Gradient: with respect to both.
 * @example
 * scipy.special.gammainc(1, 2).js(); // => 0.864665
 */
export function gammainc(a: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("gammainc", gammaincFormula, a, x);
}
/** Upper regularized incomplete gamma function: `1 - gammainc(a, x)`, also where that is small. @example scipy.special.gammaincc(1, 2).js(); // => 0.135335 */
export function gammaincc(a: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("gammaincc", gammainccFormula, a, x);
}
