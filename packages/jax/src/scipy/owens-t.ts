/** Owen's T function. */
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { exp } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";
import { compiled, evaluate, withRules } from "./formula";
import { gaussLegendre } from "./quadrature";

const points = /* @__PURE__ */ gaussLegendre(28);

/** The integral of `exp(-h^2 (1 + x^2) / 2) / (1 + x^2)` from 0 to a <= 1, over 2 pi. */
function integral(h: Tracer, a: Tracer): Tracer {
  const { nodes, weights } = points();
  const half = h.mul(h).mul(-0.5);
  let sum = constantLike(h, 0);
  nodes.forEach((t, i) => {
    const square = ops.square(a.mul(t)).add(1);
    sum = sum.add(divide(exp(half.mul(square)), square).mul(weights[i]! / (2 * Math.PI)));
  });
  return sum.mul(a);
}

/** `1 - cdf(x)` of the normal distribution, x >= 0. */
const tail = (x: Tracer): Tracer => ops.erfc(x.mul(Math.SQRT1_2)).mul(0.5);

function owens(h: Tracer, a: Tracer): Tracer {
  const [size, slope] = [ops.abs(h), ops.abs(a)];
  const steep = slope.greater(1);
  const swapped = where(steep, slope, 1);
  const product = where(size.equal(0), 0, size.mul(swapped));
  const inside = integral(where(steep, product, size), where(steep, divide(1, swapped), slope));
  // T(h, a) = (Q(h) + Q(ah)) / 2 - Q(h) Q(ah) - T(ah, 1/a)
  const [q, p] = [tail(size), tail(product)];
  const outside = q
    .mul(0.5)
    .add(p.mul(ops.sub(constantLike(q, 0.5), q)))
    .sub(inside);
  const atZero = ops.atan2(slope, constantLike(slope, 1)).mul(1 / (2 * Math.PI));
  const value = where(size.equal(0), atZero, where(steep, outside, inside));
  const finite = where(size.equal(Infinity), 0, where(slope.equal(Infinity), q.mul(0.5), value));
  const nan = ops.or(h.notEqual(h), a.notEqual(a));
  return where(nan, NaN, where(a.less(0), finite.neg(), finite));
}

export const owensTFormula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(owens),
  (t, _out, h, a) => {
    const wave = ops.erf(a.mul(h).mul(Math.SQRT1_2));
    return t.mul(
      exp(h.mul(h).mul(-0.5))
        .mul(wave)
        .mul(-0.5 / Math.sqrt(2 * Math.PI)),
    );
  },
  (t, _out, h, a) => {
    const square = a.mul(a).add(1);
    return t.mul(divide(exp(h.mul(h).mul(square).mul(-0.5)), square.mul(2 * Math.PI)));
  },
);

/**
 * Owen's T: `1 / (2 pi)` times the integral of `exp(-h^2 (1 + x^2) / 2) / (1 + x^2)` from 0 to a.
 *
 * Dtypes: floats. Gradient: with respect to both.
 * @example
 * scipy.special.owensT(0, 1).js(); // => 0.125
 */
export function owensT(h: ArrayLike, a: ArrayLike): Tracer {
  return evaluate("owensT", owensTFormula, h, a);
}
