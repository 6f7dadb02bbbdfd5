/** The Faddeeva function of complex numbers, which are pairs `{ real, imag }`. */
import { Tracer } from "../core/tracer";
import { ShapeError } from "../base/errors";
import { divide } from "../numpy/arithmetic";
import { cos, exp, sin } from "../numpy/elementwise";
import type { ComplexPair } from "../numpy/fft";
import { type ArrayLike, constantLike, lift } from "../numpy/lift";
import { where } from "../numpy/selection";
import { compiled, evaluateAll, withRules } from "./formula";
import { owned } from "../numpy/owned";

interface Weideman {
  readonly scale: number;
  /** Highest power first. */
  readonly coefficients: readonly number[];
}

/** The expansion in `(L + iz) / (L - iz)` with n terms. Source: Weideman, "Computation of the complex error function" (1994). */
function expansion(n: number): () => Weideman {
  let known: Weideman | null = null;
  return () => {
    if (known !== null) return known;
    const scale = Math.sqrt(n / Math.SQRT2);
    const m = 2 * n;
    const coefficients = Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let k = 1 - m; k < m; k++) {
        const angle = (k * Math.PI) / m;
        const t = scale * Math.tan(angle / 2);
        sum += Math.exp(-t * t) * (scale * scale + t * t) * Math.cos((n - i) * angle);
      }
      return sum / (2 * m);
    });
    return (known = { scale, coefficients });
  };
}
const narrow = /* @__PURE__ */ expansion(24);
const wide = /* @__PURE__ */ expansion(48);

type Parts = [real: Tracer, imag: Tracer];
const times = ([a, b]: Parts, [c, d]: Parts): Parts => [a.mul(c).sub(b.mul(d)), a.mul(d).add(b.mul(c))];

/** For y >= 0. */
function upper(x: Tracer, y: Tracer): Parts {
  const { scale, coefficients } = (x.dtype === "float64" ? wide : narrow)();
  // 1 / (L - iz) = (L + y + ix) / ((L + y)^2 + x^2), by the larger part, so that squares do not overflow.
  const up = y.add(scale);
  const flat = up.less(x.mul(where(x.less(0), -1, 1)));
  const [p, q] = [where(flat, x, up), where(flat, up, x)];
  const ratio = divide(q, p);
  const size = divide(1, p.add(q.mul(ratio)));
  const small = size.mul(ratio);
  const inverse: Parts = [where(flat, small, size), where(flat, size, small)];
  const step = times([y.neg().add(scale), x], inverse); // (L + iz) / (L - iz)
  let sum: Parts = [constantLike(x, coefficients[0]!), constantLike(x, 0)];
  for (const c of coefficients.slice(1)) {
    const [re, im] = times(sum, step);
    sum = [re.add(c), im];
  }
  const [re, im] = times(sum, inverse);
  return times([re.mul(2).add(1 / Math.sqrt(Math.PI)), im.mul(2)], inverse);
}

function faddeeva(x: Tracer, y: Tracer): Parts {
  const below = y.less(0);
  const [u, v] = [where(below, x.neg(), x), where(below, y.neg(), y)];
  const [re, im] = upper(u, v);
  // w(z) = 2 exp(-z^2) - w(-z)
  const size = exp(where(below, y.sub(x).mul(y.add(x)), 0)).mul(2);
  const angle = x.mul(y).mul(2);
  const realPart = where(below, size.mul(cos(angle)).sub(re), re);
  const imagPart = where(below, size.mul(sin(angle)).neg().sub(im), im);
  return [realPart, imagPart];
}

/** w' = -2 z w + 2i / sqrt(pi) */
const slope = ([x, y]: Parts, w: Parts): Parts => {
  const [re, im] = times([x, y], w);
  return [re.mul(-2), im.mul(-2).add(2 / Math.sqrt(Math.PI))];
};
const wofzFormula: (x: Tracer, y: Tracer) => Parts = /* @__PURE__ */ withRules(
  /* @__PURE__ */ compiled(faddeeva),
  (t, out, x, y): Parts => {
    const [re, im] = slope([x, y], out);
    return [t.mul(re), t.mul(im)];
  },
  (t, out, x, y): Parts => {
    const [re, im] = slope([x, y], out);
    return [t.mul(im).neg(), t.mul(re)];
  },
);

/**
 * The Faddeeva function `w(z) = exp(-z^2) erfc(-iz)` of complex z, given as a pair or as a real array.
 *
 * Shapes: parts of one shape. Dtypes: floats. Gradient: that of the two parts.
 * @example
 * scipy.special.wofz({ real: np.array([0]), imag: np.array([1]) }).real.js(); // => [0.427584]
 */
export function wofz(z: ComplexPair | ArrayLike): ComplexPair {
  return owned(() => {
    const pair = typeof z === "object" && !(z instanceof Tracer);
    const real = lift(pair ? z.real : z);
    const imag = pair ? lift(z.imag) : constantLike(real, 0);
    if (real.shape.join() !== imag.shape.join()) {
      throw new ShapeError(`wofz: real and imaginary parts must have one shape, got ${real.aval} and ${imag.aval}`);
    }
    const [re, im] = evaluateAll("wofz", wofzFormula, real, imag) as Parts;
    return { real: re, imag: im };
  });
}
