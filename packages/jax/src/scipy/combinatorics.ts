/** Numbers of choices: quotients of factorials, between whole numbers by the gamma function. */
import { checkOptions } from "../base/option-names";
import { DTypeError, ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, floor } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { logBetaOf, logGammaStep } from "./beta";
import { compiled, evaluate, withRules } from "./formula";
import { gammaFormula, signOfGamma } from "./gamma";
import { digammaStep } from "./stirling";

/** Up to here the gamma function does not overflow. */
const largest = (x: Tracer): number => (x.dtype === "float64" ? 171 : 35);

/** `n! / (k! (n - k)!)` for 0 <= k <= n. */
function binomial(n: Tracer, k: Tracer): Tracer {
  const rest = n.sub(k);
  const small = n.less(largest(n) - 1);
  const [n1, k1, rest1] = [where(small, n, 1), where(small, k, 1), where(small, rest, 1)];
  const factorials = divide(gammaFormula(n1.add(1)), gammaFormula(k1.add(1)));
  const exact = divide(factorials, gammaFormula(rest1.add(1)));
  // 1 / ((n + 1) beta(n - k + 1, k + 1))
  const logs = logBetaOf(rest.add(1), k.add(1)).neg();
  const value = where(small, exact, divide(exp(logs), n.add(1)));
  const whole = ops.and(n.equal(floor(n)), k.equal(floor(k)));
  return where(ops.and(whole, value.less(4e6)), ops.round(value, 1), value);
}

const binomialFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(binomial),
  (t, out, n, k) => t.mul(out).mul(digammaStep(n.sub(k).add(1), k)),
  (t, out, n, k) => t.mul(out).mul(ops.digamma(n.sub(k).add(1)).sub(ops.digamma(k.add(1)))),
);

export interface CombOptions {
  /** Counts choices in which an element may come several times. */
  repetition?: boolean | undefined;
}

/**
 * Numbers of ways to choose k of n things; 0 outside `0 <= k <= n`.
 *
 * Dtypes: floats. Whole numbers below 4e6 are exact.
 * @example
 * scipy.special.comb(5, 2).js(); // => 10
 */
export function comb(n: ArrayLike, k: ArrayLike, options: CombOptions = {}): Tracer {
  checkOptions("comb", options, { repetition: true });
  const once = (a: Tracer, b: Tracer): Tracer => {
    const inside = ops.and(ops.and(b.lessEqual(a), a.greaterEqual(0)), b.greaterEqual(0));
    return where(inside, binomialFormula(where(inside, a, 0), where(inside, b, 0)), 0);
  };
  const repeated = (a: Tracer, b: Tracer): Tracer =>
    where(ops.and(b.equal(0), a.greaterEqual(0)), 1, once(a.add(b).sub(1), b));
  return evaluate("comb", options.repetition === true ? repeated : once, n, k);
}

function rising(z: Tracer, m: Tracer): Tracer {
  const top = z.add(m);
  const limit = largest(z);
  const small = ops.and(ops.abs(z).less(limit), ops.abs(top).less(limit));
  const exact = divide(gammaFormula(where(small, top, 1)), gammaFormula(where(small, z, 1)));
  const large = ops.and(z.greater(8), m.greater(0));
  const step = logGammaStep(where(large, m, 1), where(large, z, 9)).neg();
  const logs = where(large, step, ops.lgamma(top).sub(ops.lgamma(z)));
  const sign = signOfGamma(top).mul(signOfGamma(z));
  return where(m.equal(0), 1, where(small, exact, sign.mul(exp(logs))));
}

const pochFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(rising),
  (t, out, z, m) => {
    const positive = ops.and(z.greater(0), m.greaterEqual(0));
    const step = digammaStep(where(positive, z, 1), where(positive, m, 1));
    return t.mul(out).mul(where(positive, step, ops.digamma(z.add(m)).sub(ops.digamma(z))));
  },
  (t, out, z, m) => t.mul(out).mul(ops.digamma(z.add(m))),
);

/** Rising factorial: `gamma(z + m) / gamma(z)`. Dtypes: floats. @example scipy.special.poch(1, 3).js(); // => 6 */
export function poch(z: ArrayLike, m: ArrayLike): Tracer {
  return evaluate("poch", pochFormula, z, m);
}

/**
 * Logarithm of the multivariate gamma function of dimension d: `log(pi) d (d - 1) / 4 + sum over i < d of gammaln(a - i / 2)`.
 *
 * Dtypes: floats. Errors: ShapeError unless d is a whole number above 0.
 * @example
 * scipy.special.multigammaln(2, 1).js(); // => 0
 */
export function multigammaln(a: ArrayLike, d: number): Tracer {
  if (typeof d !== "number") throw new DTypeError("multigammaln: d must be a number, got an array");
  if (!Number.isInteger(d) || d < 1) throw new ShapeError(`multigammaln: d must be a whole number above 0, got ${d}`);
  return evaluate(
    "multigammaln",
    (x) => {
      let out = constantLike(x, (d * (d - 1) * Math.log(Math.PI)) / 4);
      for (let i = 0; i < d; i++) out = out.add(ops.lgamma(x.sub(i / 2)));
      return out;
    },
    a,
  );
}
