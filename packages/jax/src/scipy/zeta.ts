/** Zeta and polygamma functions, and the numbers of Bernoulli. */
import type { Tracer } from "../core/tracer";
import { ShapeError } from "../base/errors";
import { divide } from "../numpy/arithmetic";
import { type Named, named } from "../numpy/arguments";
import { floor } from "../numpy/elementwise";
import { array } from "../numpy/creation";
import type { ArrayLike } from "../numpy/lift";
import { isnan } from "../numpy/logic";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { compiled, evaluate, withRules } from "./formula";
import { gammaFormula } from "./gamma";
import { bernoulliNumber } from "./numbers";

/** B_2k / (2k)! of the Bernoulli numbers. */
const TAIL = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
];

/** `sum over k >= 0 of (k + q)^-x`: nine terms, and Euler and Maclaurin's formula for the rest. */
function zetaSum(x: Tracer, q: Tracer): Tracer {
  const minus = x.neg();
  const w = q.add(9);
  const power = ops.pow(w, minus);
  let factor = divide(power.mul(x), w); // x (x + 1) ... (x + 2k) w^(-x - 2k - 1)
  let tail = power.mul(0.5);
  TAIL.forEach((b, k) => {
    tail = tail.add(factor.mul(b));
    factor = divide(factor.mul(x.add(2 * k + 1)).mul(x.add(2 * k + 2)), w.mul(w));
  });
  // Small terms first.
  let sum = divide(power.mul(w), x.sub(1)).add(tail);
  for (let k = 8; k >= 0; k--) sum = sum.add(ops.pow(q.add(k), minus));
  return sum;
}

function zetaOf(x: Tracer, q: Tracer): Tracer {
  const whole = q.equal(floor(q));
  const low = q.lessEqual(0);
  const finite = ops.and(x.less(Infinity), q.less(Infinity));
  const value = where(
    finite,
    zetaSum(where(finite, x, 2), where(finite, q, 1)),
    where(q.greater(1), 0, where(q.equal(1), 1, Infinity)),
  );
  const out = where(x.equal(1), Infinity, where(x.less(1), NaN, where(ops.and(low, whole), Infinity, value)));
  return where(ops.or(isnan(x), ops.and(isnan(q), x.notEqual(1))), NaN, out);
}
const zetaFormula = /* @__PURE__ */ compiled(zetaOf);

/**
 * Hurwitz's zeta function `sum over k >= 0 of (k + q)^-x` for x above 1; Riemann's for q = 1, if it is left out.
 *
 * Dtypes: floats. Gradient: with respect to both.
 * @example
 * scipy.special.zeta(2).js(); // => 1.644934
 */
export function zeta(x: ArrayLike, q?: ArrayLike | null | Named<"q", ArrayLike>): Tracer {
  return evaluate("zeta", zetaFormula, x, named<"q", ArrayLike>("q", q ?? 1, 1));
}

function polygammaOf(n: Tracer, x: Tracer): Tracer {
  const next = n.add(1);
  const odd = ops.rem(n, ops.fullLike(n, 2)).notEqual(0);
  const value = gammaFormula(next).mul(zetaOf(next, x));
  return where(n.equal(0), ops.digamma(x), where(odd, value, value.neg()));
}
const polygammaFormula: (n: Tracer, x: Tracer) => Tracer = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(polygammaOf),
  null,
  (t, _out, n, x) => t.mul(polygammaFormula(n.add(1), x)),
);

/** Derivative n of digamma, n = 0, 1, ... Dtypes: floats. Gradient: with respect to x. @example scipy.special.polygamma(1, 1).js(); // => 1.644934 */
export function polygamma(n: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("polygamma", polygammaFormula, n, x);
}

/**
 * The Bernoulli numbers B_0 to B_n, with B_1 = -1/2.
 *
 * Shapes: `f32[n + 1]`. Errors: ShapeError for n below 0.
 * @example
 * scipy.special.bernoulli(2).js(); // => [1, -0.5, 0.166667]
 */
export function bernoulli(n: number): Tracer {
  if (!Number.isInteger(n) || n < 0) throw new ShapeError(`bernoulli: n must be a whole number >= 0, got ${n}`);
  return array(Array.from({ length: n + 1 }, (_, k) => bernoulliNumber(k)));
}
