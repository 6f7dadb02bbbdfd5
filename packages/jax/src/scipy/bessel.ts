/** Modified Bessel functions of the first kind. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp } from "../numpy/elementwise";
import type { ArrayLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { type Series, chebyshev, sumSeries } from "./chebyshev";
import { compiled, evaluate, withRules } from "./formula";

/** `exp(-x) I_order(x)` for x > 0: the power series, which has positive terms only, or Hankel's expansion. */
function scaled(order: number, x: number): number {
  if (x > 40) {
    let [sum, term] = [1, 1];
    for (let k = 1; k < 24; k++) {
      term *= -(4 * order * order - (2 * k - 1) ** 2) / (8 * k * x);
      sum += term;
    }
    return sum / Math.sqrt(2 * Math.PI * x);
  }
  let term = order === 0 ? 1 : x / 2;
  let sum = term;
  for (let k = 1; term > 1e-18 * sum; k++) sum += term *= (x * x) / 4 / (k * (k + order));
  return sum * Math.exp(-x);
}

/** `exp(-x) (I_0(x) - I_1(x))`: the mean of `exp(-x (1 - cos)) (1 - cos)` over all angles. */
function scaledGap(x: number): number {
  const n = 64 + Math.ceil(20 * Math.sqrt(x));
  let sum = 0;
  for (let k = 1; k <= n; k++) {
    const rise = 2 * Math.sin(((k - 0.5) * Math.PI) / (2 * n)) ** 2;
    sum += rise * Math.exp(-x * rise);
  }
  return sum / n;
}

interface Fits {
  /** `exp(-x) I(x) / x^order` times `(x + 1)^(order + 1/2)`, which makes it level, for x in [0, 8]. */
  readonly near: Series;
  /** `exp(-x) sqrt(x) I(x)` for x above 8, as a function of 16/x - 1. */
  readonly far: Series;
}

function fits(order: number): Fits {
  const limit = 1 / Math.sqrt(2 * Math.PI);
  return {
    near: chebyshev(
      (x) => (scaled(order, Math.max(x, 1e-30)) / Math.max(x, 1e-30) ** order) * (x + 1) ** (order + 0.5),
      0,
      8,
    ),
    far: chebyshev((t) => (t < 1e-9 ? limit : Math.sqrt(8 / t) * scaled(order, 8 / t)), 0, 1),
  };
}

let known: readonly [Fits, Fits] | null = null;

const nearGap = /* @__PURE__ */ chebyshev(scaledGap, 0, 8);
/** `x^(3/2)` times it, in 8 / x. */
const farGap = /* @__PURE__ */ chebyshev((t) => {
  if (t < 1e-7) return 0.5 / Math.sqrt(2 * Math.PI);
  return (8 / t) ** 1.5 * scaledGap(8 / t);
}, 0, 1); // prettier-ignore

/** `exp(-|x|) (I_0(x) - I_1(|x|))`, of which large x leave little. */
const gap = /* @__PURE__ */ compiled((x: Tracer): Tracer => {
  const size = ops.abs(x);
  const small = size.lessEqual(8);
  const low = sumSeries(nearGap, where(small, size, 8).mul(0.25).sub(1));
  const outside = where(small, 8, size);
  const high = divide(sumSeries(farGap, divide(16, outside).sub(1)), outside.mul(ops.sqrt(outside)));
  return where(small, low, high);
});

/** `exp(-|x|) I_order(x)` */
const bessel = (order: 0 | 1) => (x: Tracer): Tracer => {
  known ??= [fits(0), fits(1)];
  const { near, far } = known[order];
  const size = ops.abs(x);
  const small = size.lessEqual(8);
  const inside = where(small, size, 8);
  const above = inside.add(1);
  const level = order === 0 ? ops.sqrt(above) : above.mul(ops.sqrt(above));
  const low = divide(sumSeries(near, inside.mul(0.25).sub(1)), level);
  const outside = where(small, 8, size);
  const high = divide(sumSeries(far, divide(16, outside).sub(1)), ops.sqrt(outside));
  return where(small, order === 0 ? low : low.mul(x), order === 0 ? high : high.mul(ops.sign(x)));
}; // prettier-ignore

/** `I_1(x) / x` times the same factor as out, 1/2 at 0. */
const overX = (out: Tracer, x: Tracer): Tracer => where(x.equal(0), 0.5, divide(out, where(x.equal(0), 1, x)));

export const i0eFormula: (x: Tracer) => Tracer = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(/* @__PURE__ */ bessel(0)),
  (t, _out, x) => t.mul(gap(x).mul(ops.sign(x)).neg()),
);
const i1eFormula: (x: Tracer) => Tracer = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(/* @__PURE__ */ bessel(1)),
  (t, out, x) => t.mul(gap(x).sub(overX(out, x))),
);

const unscaled = (order: 0 | 1) => (x: Tracer): Tracer => {
  const value = bessel(order)(x);
  // exp(|x|) overflows before the product does.
  const half = exp(ops.abs(x).mul(0.5));
  return half.mul(value).mul(half);
}; // prettier-ignore

const i0Formula = /* @__PURE__ */ withRules(/* @__PURE__ */ compiled(/* @__PURE__ */ unscaled(0)), (t, _out, x) =>
  t.mul(i1Formula(x)),
);
const i1Formula: (x: Tracer) => Tracer = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(/* @__PURE__ */ unscaled(1)),
  (t, out, x) => t.mul(i0Formula(x).sub(overX(out, x))),
);

/** Modified Bessel function of order 0. Dtypes: floats. @example scipy.special.i0(0).js(); // => 1 */
export function i0(x: ArrayLike): Tracer {
  return evaluate("i0", i0Formula, x);
}
/** `exp(-|x|) i0(x)`. Dtypes: floats. @example scipy.special.i0e(0).js(); // => 1 */
export function i0e(x: ArrayLike): Tracer {
  return evaluate("i0e", i0eFormula, x);
}
/** Modified Bessel function of order 1. Dtypes: floats. @example scipy.special.i1(0).js(); // => 0 */
export function i1(x: ArrayLike): Tracer {
  return evaluate("i1", i1Formula, x);
}
/** `exp(-|x|) i1(x)`. Dtypes: floats. @example scipy.special.i1e(0).js(); // => 0 */
export function i1e(x: ArrayLike): Tracer {
  return evaluate("i1e", i1eFormula, x);
}
