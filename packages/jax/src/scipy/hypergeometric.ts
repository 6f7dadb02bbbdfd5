/** Confluent and Gauss's hypergeometric functions. */
import type { Tracer } from "../core/tracer";
import { whileLoop } from "../lax/control";
import { divide } from "../numpy/arithmetic";
import { exp, floor } from "../numpy/elementwise";
import { type ArrayLike, constantLike } from "../numpy/lift";
import { any } from "../numpy/reductions";
import { where } from "../numpy/selection";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { jvp } from "../transforms/jvp";
import { type Formula, compiled, evaluate, withRules } from "./formula";
import { gammaFormula } from "./gamma";

interface Terms {
  readonly k: Tracer;
  readonly term: Tracer;
  readonly sum: Tracer;
  /** At least the size of the term and of its derivatives. */
  readonly bound: Tracer;
}

/** Quotients of terms. The bound is not 0 where a parameter is -k, since the derivatives of the terms go on there. */
interface Ratio {
  readonly of: (k: Tracer) => Tracer;
  readonly bound: (k: Tracer) => Tracer;
}

/** `1 + r(0) + r(0) r(1) + ...` until no term counts. */
function series(like: Tracer, ratio: Ratio, limit: number): Tracer {
  const least = like.dtype === "float64" ? 1e-18 : 1e-9;
  const open = ({ k, bound, sum }: Terms): Tracer =>
    owned(() => ops.and(k.less(limit), any(bound.greater(ops.abs(sum).mul(least)))));
  const step = ({ k, term, sum, bound }: Terms): Terms =>
    owned(() => {
      const at = ops.broadcastInDim(k, like.shape, []);
      const next = term.mul(ratio.of(at));
      return { k: k.add(1), term: next, sum: sum.add(next), bound: bound.mul(ops.stopGradient(ratio.bound(at))) };
    });
  const one = constantLike(like, 1);
  const k = ops.convertElementType(constantLike(ops.fullLike(like, 0).sum(), 0), like.dtype);
  return (whileLoop(open as never, step as never, { k, term: one, sum: one, bound: one }) as Terms).sum;
}

const isPole = (x: Tracer): Tracer => ops.and(x.lessEqual(0), x.equal(floor(x)));

/** Where the confluent function is asymptotic. */
const FAR = 60;

/** `1F1(a; b; y)` for y > 0, without its factor `exp(y)` where y is far. */
function confluent(a: Tracer, b: Tracer, y: Tracer, far: Tracer): Tracer {
  const near = where(far, 0, y);
  const ratio = {
    of: (k: Tracer) => divide(a.add(k).mul(near), b.add(k).mul(k.add(1))),
    bound: (k: Tracer) => divide(ops.abs(a.add(k)).add(0.5).mul(near), ops.abs(b.add(k)).mul(k.add(1))),
  };
  const sum = series(a, ratio, 600);
  const z = where(far, y, FAR);
  const p = where(far, a, 1);
  const [up, down] = [b.sub(p), p.neg().add(1)];
  const inverse = divide(1, z);
  let tail = constantLike(a, 1);
  for (let k = a.dtype === "float64" ? 40 : 16; k >= 0; k--) {
    tail = tail
      .mul(
        up
          .add(k)
          .mul(down.add(k))
          .mul(inverse)
          .mul(1 / (k + 1)),
      )
      .add(1);
  }
  const scale = divide(gammaFormula(b), gammaFormula(p)).mul(ops.pow(z, p.sub(b)));
  return where(far, scale.mul(tail), sum);
}

const confluentOf: Formula = (a, b, x) => {
  const negative = x.less(0);
  const y = ops.abs(x);
  // Kummer: 1F1(a; b; x) = exp(x) 1F1(b - a; b; -x)
  const first = where(negative, b.sub(a), a);
  const far = ops.and(y.greater(FAR), ops.not(isPole(first)));
  const good = ops.and(ops.not(isPole(b)), ops.isFinite(x));
  const value = confluent(where(good, first, 1), where(good, b, 1), where(good, y, 0), ops.and(far, good));
  const scaled = where(far, where(negative, 1, exp(x)), where(negative, exp(x), 1));
  const limit = where(a.greater(0), where(negative, 0, Infinity), NaN);
  const inside = where(good, value.mul(scaled), where(isPole(b), Infinity, limit));
  const nan = ops.or(ops.or(a.notEqual(a), b.notEqual(b)), x.notEqual(x));
  return where(nan, NaN, where(a.equal(0), 1, inside));
};

/** Derivative of a formula in one argument, as a formula. */
const slopeIn = (f: Formula, i: number): Formula =>
  compiled((...xs: Tracer[]) => {
    const g = (v: Tracer): Tracer => f(...xs.map((x, j) => (j === i ? v : x)));
    return (jvp(g, [xs[i]!], [constantLike(xs[i]!, 1)]) as unknown as [Tracer, Tracer])[1];
  });
const confluentSlopeA = /* @__PURE__ */ slopeIn(confluentOf, 0);
const confluentSlopeB = /* @__PURE__ */ slopeIn(confluentOf, 1);

const hyp1f1Formula: Formula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(confluentOf),
  (t, _out, a, b, x) => t.mul(confluentSlopeA(a, b, x)),
  (t, _out, a, b, x) => t.mul(confluentSlopeB(a, b, x)),
  (t, _out, a, b, x) => t.mul(divide(a, b)).mul(hyp1f1Formula(a.add(1), b.add(1), x)),
);

/**
 * Confluent hypergeometric function 1F1: `1 + a x / b + a (a + 1) x^2 / (b (b + 1) 2!) + ...`
 *
 * Dtypes: floats. Gradient: with respect to all three. Differs from JAX: negative x lose no digits.
 * @example
 * scipy.special.hyp1f1(1, 2, 1).js(); // => 1.718282
 */
export function hyp1f1(a: ArrayLike, b: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("hyp1f1", hyp1f1Formula, a, b, x);
}

function gaussSeries(a: Tracer, b: Tracer, c: Tracer, z: Tracer): Tracer {
  // Outside the circle of convergence only polynomials are summed, and they end.
  const spare = where(ops.abs(z).less(1), 0.5, 0);
  const bound = (k: Tracer): Tracer => {
    const top = ops
      .abs(a.add(k))
      .add(spare)
      .mul(ops.abs(b.add(k)).add(spare));
    return divide(top.mul(ops.abs(z)), ops.abs(c.add(k)).mul(k.add(1)));
  };
  return series(a, { of: (k) => divide(a.add(k).mul(b.add(k)).mul(z), c.add(k).mul(k.add(1))), bound }, 8000);
}

/** For 0 <= z < 1, or any z where the series ends. */
function gaussInside(a: Tracer, b: Tracer, c: Tracer, z: Tracer, ends: Tracer): Tracer {
  const d = c.sub(a).sub(b);
  const apart = ops.abs(d.sub(ops.round(d, 1))).greater(0.02);
  const poles = ops.or(isPole(c.sub(a)), isPole(c.sub(b)));
  const turn = ops.and(ops.and(z.greater(0.75), apart), ops.not(ops.or(ends, poles)));
  const plain = gaussSeries(a, b, c, where(turn, 0, z));
  // By functions of 1 - z. DLMF 15.8.4
  const [p, q, r] = [where(turn, a, 0.25), where(turn, b, 0.25), where(turn, c, 0.75)];
  const w = where(turn, z.neg().add(1), 0);
  const e = r.sub(p).sub(q);
  const g = gammaFormula;
  const first = divide(divide(g(r), g(r.sub(p))).mul(g(e)), g(r.sub(q))).mul(gaussSeries(p, q, e.neg().add(1), w));
  const second = divide(divide(g(r), g(p)).mul(g(e.neg())), g(q)).mul(gaussSeries(r.sub(p), r.sub(q), e.add(1), w));
  const power = ops.pow(where(turn, w, 1), e);
  return where(turn, first.add(power.mul(second)), plain);
}

const gaussOf: Formula = (a, b, c, x) => {
  const ends = ops.or(isPole(a), isPole(b));
  const d = c.sub(a).sub(b);
  const inside = ops.and(x.less(1), ops.not(ends));
  // Pfaff: F(a, b; c; x) = (1 - x)^-a F(a, c - b; c; x / (x - 1))
  const fold = ops.and(x.less(-0.3), ops.not(ends));
  const base = where(fold, x.neg().add(1), 1);
  const good = ops.and(ops.not(isPole(c)), ops.or(ends, inside));
  const z = where(good, where(fold, divide(x, base.neg()), x), 0);
  const value = gaussInside(a, where(fold, c.sub(b), b), where(good, c, 1), z, ends);
  const scaled = value.mul(ops.pow(base, where(fold, a.neg(), 0)));
  // At 1: Gauss's sum.
  const one = ops.and(x.equal(1), d.greater(0));
  const [p, q, r] = [where(one, a, 0), where(one, b, 0), where(one, c, 1)];
  const g = gammaFormula;
  const sum = divide(divide(g(r), g(r.sub(p))).mul(g(r.sub(p).sub(q))), g(r.sub(q)));
  const total = where(isPole(r.sub(p)), 0, where(isPole(r.sub(q)), 0, sum));
  const outside = where(ops.and(one, ops.not(isPole(c))), total, Infinity);
  const nan = [a, b, c, x].map((v) => v.notEqual(v)).reduce((u, v) => ops.or(u, v));
  const trivial = ops.or(ops.or(a.equal(0), b.equal(0)), x.equal(0));
  return where(trivial, 1, where(nan, NaN, where(good, scaled, outside)));
};
const gaussSlopes = /* @__PURE__ */ [0, 1, 2].map((i) => slopeIn(gaussOf, i));

const hyp2f1Formula: Formula = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(gaussOf),
  (t, _out, ...xs) => t.mul(gaussSlopes[0]!(...xs)),
  (t, _out, ...xs) => t.mul(gaussSlopes[1]!(...xs)),
  (t, _out, ...xs) => t.mul(gaussSlopes[2]!(...xs)),
  (t, _out, a, b, c, x) => t.mul(divide(a.mul(b), c)).mul(hyp2f1Formula(a.add(1), b.add(1), c.add(1), x)),
);

/**
 * Gauss's hypergeometric function 2F1: `1 + a b x / c + a (a + 1) b (b + 1) x^2 / (c (c + 1) 2!) + ...` and its
 * continuation to all x <= 1; Infinity above 1 unless a or b ends the series.
 *
 * Dtypes: floats. Gradient: with respect to all four. Differs from JAX: x below -1 is continued.
 * @example
 * scipy.special.hyp2f1(1, 1, 2, 0.5).js(); // => 1.386294
 */
export function hyp2f1(a: ArrayLike, b: ArrayLike, c: ArrayLike, x: ArrayLike): Tracer {
  return evaluate("hyp2f1", hyp2f1Formula, a, b, c, x);
}
