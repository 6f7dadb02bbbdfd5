/** Logits, entropies, and products with logarithms that are 0 where a factor is. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp, expm1, log, log1p } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { type Formula, evaluate, withRules } from "./formula";
import { deviance } from "./stirling";

export const logitFormula = /* @__PURE__ */ withRules(
  (x: Tracer): Tracer => log(divide(x, x.neg().add(1))),
  (t, _out, x) => divide(t, x.mul(x.neg().add(1))),
);

/** `log(x / (1 - x))`. Dtypes: floats. @example scipy.special.logit(0.5).js(); // => 0 */
export function logit(x: ArrayLike): Tracer {
  return evaluate("logit", logitFormula, x);
}
/** `1 / (1 + exp(-x))`, the inverse of logit. Dtypes: floats. @example scipy.special.expit(0).js(); // => 0.5 */
export function expit(x: ArrayLike): Tracer {
  return evaluate("expit", ops.logistic, x);
}

/** `x f(y)`, and 0 where x is 0 and y is no NaN. */
const guarded = (x: Tracer, y: Tracer, logs: Tracer): Tracer => where(ops.and(x.equal(0), y.equal(y)), 0, x.mul(logs));

export const xlogyFormula = /* @__PURE__ */ withRules(
  (x: Tracer, y: Tracer): Tracer => guarded(x, y, log(y)),
  (t, _out, _x, y) => t.mul(log(y)),
  (t, _out, x, y) => divide(t.mul(x), y),
);
export const xlog1pyFormula = /* @__PURE__ */ withRules(
  (x: Tracer, y: Tracer): Tracer => guarded(x, y, log1p(y)),
  (t, _out, _x, y) => t.mul(log1p(y)),
  (t, _out, x, y) => divide(t.mul(x), y.add(1)),
);

/** `x log(y)`, 0 where x is 0. Dtypes: floats. Gradient: `log(y)` and `x / y`, also there. @example scipy.special.xlogy(0, 0).js(); // => 0 */
export function xlogy(x: ArrayLike, y: ArrayLike): Tracer {
  return evaluate("xlogy", xlogyFormula, x, y);
}
/** `x log(1 + y)`, 0 where x is 0. Dtypes: floats. Gradient: `log(1 + y)` and `x / (1 + y)`, also there. @example scipy.special.xlog1py(0, -1).js(); // => 0 */
export function xlog1py(x: ArrayLike, y: ArrayLike): Tracer {
  return evaluate("xlog1py", xlog1pyFormula, x, y);
}

export const entrFormula = /* @__PURE__ */ withRules(
  (x: Tracer): Tracer => where(x.less(0), -Infinity, where(x.equal(0), 0, x.mul(log(x)).neg())),
  (t, _out, x) => t.mul(log(x).add(1)).neg(),
);

/** `-x log(x)`; 0 at 0, -Infinity below. Dtypes: floats. @example scipy.special.entr(1).js(); // => 0 */
export function entr(x: ArrayLike): Tracer {
  return evaluate("entr", entrFormula, x);
}

/** `log(a / b)`, with all digits where a and b are close. */
function logRatio(a: Tracer, b: Tracer): Tracer {
  const difference = a.sub(b);
  const close = ops.abs(difference).less(b.mul(0.5));
  const near = log1p(divide(where(close, difference, 0), b));
  return where(close, near, log(a).sub(log(b)));
}

/** A term of p and q above 0; of p = 0 the limit, Infinity where there is no value. */
const divergence = (term: Formula, limit: (q: Tracer) => Tracer | number): Formula => (p, q) => {
  const both = ops.and(p.greater(0), q.greater(0));
  const value = term(where(both, p, 1), where(both, q, 1));
  const zero = ops.and(p.equal(0), q.greaterEqual(0));
  const nan = ops.or(p.notEqual(p), q.notEqual(q));
  return where(both, value, where(zero, limit(q), where(nan, NaN, Infinity)));
}; // prettier-ignore

/** Where both are above 0; elsewhere the functions are constant. */
const slope = (f: Formula): Formula => (p, q) =>
  where(ops.and(p.greater(0), q.greater(0)), f(p, q), 0); // prettier-ignore

const relEntrFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ divergence((p, q) => p.mul(logRatio(p, q)), () => 0),
  (t, _out, p, q) => t.mul(slope((a, b) => logRatio(a, b).add(1))(p, q)),
  (t, _out, p, q) => t.mul(slope((a, b) => divide(a, b).neg())(p, q)),
); // prettier-ignore

const klDivFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ divergence(deviance, (q) => q),
  (t, _out, p, q) => t.mul(where(p.equal(0), -1, slope(logRatio)(p, q))),
  (t, _out, p, q) => t.mul(where(p.equal(0), where(q.greaterEqual(0), 1, 0), slope((a, b) => divide(b.sub(a), b))(p, q))),
); // prettier-ignore

/** Terms of the relative entropy: `p log(p / q)`. Dtypes: floats. @example scipy.special.relEntr(1, 1).js(); // => 0 */
export function relEntr(p: ArrayLike, q: ArrayLike): Tracer {
  return evaluate("relEntr", relEntrFormula, p, q);
}
/** Terms of the Kullback-Leibler divergence: `p log(p / q) - p + q`. Dtypes: floats. @example scipy.special.klDiv(1, 1).js(); // => 0 */
export function klDiv(p: ArrayLike, q: ArrayLike): Tracer {
  return evaluate("klDiv", klDivFormula, p, q);
}

/** `(exp(lambda logs) - 1) / lambda`, and its derivative in lambda. */
function power(logs: Tracer, lambda: Tracer): Tracer {
  const flat = lambda.equal(0);
  const l = where(flat, 1, lambda);
  return where(flat, logs, divide(expm1(l.mul(logs)), l));
}
/** `logs^2 (1 / 2 + u / 3 + u^2 / (4 2!) + ...)` with u = lambda logs. */
function powerSlope(logs: Tracer, lambda: Tracer): Tracer {
  const u = lambda.mul(logs);
  const near = ops.abs(u).less(1);
  const small = where(near, u, 0);
  const terms = u.dtype === "float64" ? 20 : 11;
  let sum = constantLike(u, 1 / (terms + 2));
  for (let k = terms - 1; k >= 0; k--)
    sum = sum
      .mul(small)
      .mul(1 / (k + 1))
      .add(1 / (k + 2));
  const l = where(near, 1, lambda);
  const far = divide(u.sub(1).mul(exp(u)).add(1), l.mul(l));
  return where(near, sum.mul(logs).mul(logs), far);
}
const boxcoxFormula = /* @__PURE__ */ withRules(
  (x: Tracer, lambda: Tracer): Tracer => power(log(x), lambda),
  (t, _out, x, lambda) => t.mul(ops.pow(x, lambda.sub(1))),
  (t, _out, x, lambda) => t.mul(powerSlope(log(x), lambda)),
);
const boxcox1pFormula = /* @__PURE__ */ withRules(
  (x: Tracer, lambda: Tracer): Tracer => power(log1p(x), lambda),
  (t, _out, x, lambda) => t.mul(exp(lambda.sub(1).mul(log1p(x)))),
  (t, _out, x, lambda) => t.mul(powerSlope(log1p(x), lambda)),
);
/** `(x^lambda - 1) / lambda`, log(x) for lambda 0. Dtypes: floats. @example scipy.special.boxcox(3, 1).js(); // => 2 */
export function boxcox(x: ArrayLike, lmbda: ArrayLike): Tracer {
  return evaluate("boxcox", boxcoxFormula, x, lmbda);
}
/** `((1 + x)^lambda - 1) / lambda`, log(1 + x) for lambda 0. Dtypes: floats. @example scipy.special.boxcox1p(3, 1).js(); // => 3 */
export function boxcox1p(x: ArrayLike, lmbda: ArrayLike): Tracer {
  return evaluate("boxcox1p", boxcox1pFormula, x, lmbda);
}
