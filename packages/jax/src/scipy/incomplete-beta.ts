/** The regularized incomplete beta function. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, expm1, log1p } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { jvp } from "../transforms/jvp";
import { type Formula, compiled, evaluate, withRules } from "./formula";
import { gammaFormula } from "./gamma";
import { gaussLegendre } from "./quadrature";
import { deviance, digammaStep, nearDeviance, stirlingError } from "./stirling";

/** Pairs of levels of the continued fraction, which are enough where the smaller parameter is at most `large`. */
const counts = (x: Tracer): { pairs: number; large: number } =>
  x.dtype === "float64" ? { pairs: 80, large: 300 } : { pairs: 30, large: 200 };

/** `1 / (1 + d1 / (1 + d2 / (1 + ...)))`, from the inside; for x < (a + 1) / (a + b + 2). DLMF 8.17.22. */
function fraction(a: Tracer, b: Tracer, x: Tracer, pairs: number): Tracer {
  const both = a.add(b);
  let rest = constantLike(a, 1);
  for (let m = pairs - 1; m >= 0; m--) {
    const at = a.add(2 * m);
    const even = b
      .sub(m + 1)
      .mul(x)
      .mul(m + 1);
    rest = divide(even, at.add(1).mul(at.add(2)).mul(rest)).add(1);
    const odd = a.add(m).mul(both.add(m)).mul(x);
    rest = divide(odd, at.mul(at.add(1)).mul(rest))
      .neg()
      .add(1);
  }
  return divide(1, rest);
}

/** `1 / (a beta(a, b))` for a, b < 10. */
const gammaRatio = /* @__PURE__ */ withRules(
  (a: Tracer, b: Tracer): Tracer => divide(gammaFormula(a.add(b)), gammaFormula(a.add(1)).mul(gammaFormula(b))),
  (t, out, a, b) => t.mul(out).mul(ops.digamma(a.add(b)).sub(ops.digamma(a.add(1)))),
  (t, out, a, b) => t.mul(out).mul(digammaStep(b, a)),
);

/** `x^a y^b / (a beta(a, b))` for x + y = 1; for small a and b as it stands. */
const prefactor = (a: Tracer, b: Tracer, x: Tracer, y: Tracer): Tracer => divide(powers(a, b, x, y), a);

/** `x^a y^b / beta(a, b)`. */
function powers(a: Tracer, b: Tracer, x: Tracer, y: Tracer): Tracer {
  const plain = ops.and(a.less(10), b.less(10));
  const [p, q] = [where(plain, a, 1), where(plain, b, 1)];
  const gammas = gammaRatio(p, q);
  const low = x.less(0.5);
  const power = where(low, exp(q.mul(log1p(where(low, x, 0).neg()))), ops.pow(y, q));
  const near = ops.pow(x, p).mul(power).mul(gammas.mul(p));
  const [a1, b1] = [where(plain, 10, a), where(plain, 10, b)];
  const n = a1.add(b1);
  const difference = a1.mul(y).sub(b1.mul(x)); // a - n x = n y - b
  const exponent = deviance(a1, n.mul(x), difference).add(deviance(b1, n.mul(y), difference.neg()));
  return where(plain, near, exp(exponent.neg()).mul(scale(a1, b1, n)));
}

/** `sqrt(a b / (2 pi n)) exp(S(n) - S(a) - S(b))`, n = a + b. */
function scale(a: Tracer, b: Tracer, n: Tracer): Tracer {
  const errors = stirlingError(n).sub(stirlingError(a).add(stirlingError(b)));
  return ops
    .sqrt(divide(a.mul(0.5 / Math.PI), n))
    .mul(ops.sqrt(b))
    .mul(exp(errors));
}

const fewPoints = /* @__PURE__ */ gaussLegendre(20);
const manyPoints = /* @__PURE__ */ gaussLegendre(36);

/**
 * For large a and b, the function where x is below the mean: the density over s = logit(x) - log(a / b) is
 * close to normal, and is integrated from x outward as far as it has digits.
 */
function quadrature(a: Tracer, b: Tracer, x: Tracer, y: Tracer): Tracer {
  const double = x.dtype === "float64";
  const { nodes, weights } = (double ? manyPoints : fewPoints)();
  const n = a.add(b);
  const [p, q] = [divide(a, n), divide(b, n)];
  const start = log1p(divide(b.mul(x).sub(a.mul(y)), a.mul(y))); // <= 0
  const width = divide(double ? 90 : 44, n.mul(p).mul(q));
  const length = divide(width, ops.sqrt(start.mul(start).add(width)).sub(start));
  let sum = constantLike(x, 0);
  nodes.forEach((node, i) => {
    const e = expm1(start.sub(length.mul(node)));
    const shift = a.mul(q).mul(divide(e, p.mul(e).add(1))); // n t - a
    const exponent = nearDeviance(a, a.add(shift), shift.neg()).add(nearDeviance(b, b.sub(shift), shift));
    sum = sum.add(exp(exponent.neg()).mul(weights[i]!));
  });
  return sum.mul(length).mul(scale(a, b, n));
}

/** The function and 1 minus it, each with its own digits, for a, b > 0 and 0 < x < 1. */
function inside(a: Tracer, b: Tracer, x: Tracer): [lower: Tracer, upper: Tracer] {
  const y = x.neg().add(1);
  const { pairs, large } = counts(x);
  const many = ops.and(a.greater(large), b.greater(large));
  const limit = where(many, divide(a, a.add(b)), divide(a.add(1), a.add(b).add(2)));
  const swap = x.greater(limit);
  const [a1, b1] = [where(swap, b, a), where(swap, a, b)];
  const [x1, y1] = [where(swap, y, x), where(swap, x, y)];
  const half = (pick: Tracer, value: Tracer, other: Tracer | number): Tracer => where(pick, value, other);
  const [a2, b2] = [half(many, constantLike(a, 1), a1), half(many, constantLike(a, 1), b1)];
  const [x2, y2] = [half(many, constantLike(a, 0.5), x1), half(many, constantLike(a, 0.5), y1)];
  const few = prefactor(a2, b2, x2, y2).mul(fraction(a2, b2, x2, pairs));
  // Not so far out that nothing is left: there the density is 0.
  const a3 = half(many, a1, large);
  const b3 = half(many, b1, large);
  const near = ops.and(many, x1.greater(divide(a1, a1.add(b1)).mul(0.3)));
  const x3 = where(near, x1, divide(a3, a3.add(b3)));
  const value = where(many, where(near, quadrature(a3, b3, x3, x3.neg().add(1)), 0), few);
  const rest = value.neg().add(1);
  return [where(swap, rest, value), where(swap, value, rest)];
}

/** The functions on their whole domain, of which the inside is [lower, upper]. */
const everywhere = (which: 0 | 1): Formula => (a, b, x) => {
  const finite = ops.and(a.less(Infinity), b.less(Infinity));
  const shapes = ops.and(finite, ops.and(a.greater(0), b.greater(0)));
  const open = ops.and(shapes, ops.and(x.greater(0), x.less(1)));
  // Outside its domain the formula runs on harmless numbers, so that no gradient is NaN.
  const value = inside(where(open, a, 1), where(open, b, 1), where(open, x, 0.5))[which];
  // All of the distribution is at 0 for a = 0 or b = Infinity, and at 1 the other way round.
  const [atZero, atOne] = [ops.or(a.equal(0), b.equal(Infinity)), ops.or(b.equal(0), a.equal(Infinity))];
  const ends = where(atZero, where(x.greater(0), 1, 0), where(atOne, where(x.less(1), 0, 1), x));
  const edges = which === 0 ? ends : ends.neg().add(1);
  const closed = ops.and(ops.and(a.greaterEqual(0), b.greaterEqual(0)), ops.and(x.greaterEqual(0), x.lessEqual(1)));
  return where(open, value, where(ops.and(closed, ops.not(ops.and(atZero, atOne))), edges, NaN));
}; // prettier-ignore
const betaincOf = /* @__PURE__ */ everywhere(0);

/** Derivative with respect to x: `x^(a - 1) (1 - x)^(b - 1) / beta(a, b)`. */
const density: Formula = (a, b, x) => {
  const valid = ops.and(ops.and(a.greater(0), b.greater(0)), ops.and(x.greater(0), x.less(1)));
  const [p, q, y] = [where(valid, a, 1), where(valid, b, 1), where(valid, x, 0.5)];
  const z = y.neg().add(1);
  const value = divide(powers(p, q, y, z), y.mul(z));
  const atEnd = (shape: Tracer, other: Tracer): Tracer =>
    where(shape.less(1), Infinity, where(shape.equal(1), other, 0));
  const ends = where(x.equal(0), atEnd(a, b), where(x.equal(1), atEnd(b, a), NaN));
  return where(valid, value, ends);
};
const densityFormula = /* @__PURE__ */ compiled(density);

const slopeIn = (which: 0 | 1): Formula =>
  compiled((a, b, x) => {
    const f = (v: Tracer): Tracer => (which === 0 ? betaincOf(v, b, x) : betaincOf(a, v, x)) as Tracer;
    const at = which === 0 ? a : b;
    return (jvp(f, [at], [constantLike(at, 1)]) as unknown as [Tracer, Tracer])[1];
  });
const slopeA = /* @__PURE__ */ slopeIn(0);
const slopeB = /* @__PURE__ */ slopeIn(1);

export const betaincFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(betaincOf),
  (t, _out, a, b, x) => t.mul(slopeA(a, b, x)),
  (t, _out, a, b, x) => t.mul(slopeB(a, b, x)),
  (t, _out, a, b, x) => t.mul(densityFormula(a, b, x)),
);

/** `1 - betainc(a, b, x)`, also where that is small. */
export const betainccFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(/* @__PURE__ */ everywhere(1)),
  (t, _out, a, b, x) => t.mul(slopeA(a, b, x)).neg(),
  (t, _out, a, b, x) => t.mul(slopeB(a, b, x)).neg(),
  (t, _out, a, b, x) => t.mul(densityFormula(a, b, x)).neg(),
);

/**
 * Regularized incomplete beta function: the integral of `t^(a-1) (1-t)^(b-1)` from 0 to x, divided by `beta(a, b)`.
 *
 * Dtypes: floats. Gradient: with respect to all three. Differs from JAX: JAX differentiates in x only.
 * @example
 * scipy.special.betainc(2, 3, 0.5).js(); // => 0.6875
 */
export function betainc(a: ArrayLike, b: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("betainc", betaincFormula, a, b, x);
}
