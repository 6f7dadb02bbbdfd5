/** Spherical harmonics. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { cos, sin, sqrt } from "../numpy/elementwise";
import type { ComplexPair } from "../numpy/fft";
import { type ArrayLike, constantLike, convert, integral, promoteInexact, promoteShapes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { max } from "../numpy/reductions";
import { where } from "../numpy/selection";
import * as ops from "../ops/index";

export interface SphericalOptions {
  /** A bound of n that is known while tracing; the largest n unless given. */
  readonly nMax?: number | null | undefined;
}

/** The normalized Legendre function of degree n and order m >= 0 at cos(theta), with `(-1)^m`; all of one shape. */
function legendre(n: Tracer, m: Tracer, x: Tracer, s: Tracer, nMax: number): Tracer {
  // Along the diagonal to degree m, then up to degree n.
  let diagonal = constantLike(x, Math.sqrt(1 / (4 * Math.PI)));
  for (let k = 1; k <= nMax; k++) {
    const next = diagonal.mul(s).mul(-Math.sqrt((2 * k + 1) / (2 * k)));
    diagonal = where(m.greaterEqual(k), next, diagonal);
  }
  let [below, value] = [constantLike(x, 0), diagonal];
  for (let k = 1; k <= nMax; k++) {
    const used = ops.and(m.less(k), n.greaterEqual(k));
    const squares = where(
      used,
      m
        .mul(m)
        .neg()
        .add(k * k),
      1,
    );
    const lower = where(
      ops.and(used, m.less(k - 1)),
      m
        .mul(m)
        .neg()
        .add((k - 1) ** 2),
      0,
    );
    const a = sqrt(divide(4 * k * k - 1, squares));
    const b = sqrt(divide(lower.mul((2 * k + 1) / Math.max(1, 2 * k - 3)), squares));
    const next = a.mul(x).mul(value).sub(b.mul(below));
    [below, value] = [where(used, value, below), where(used, next, value)];
  }
  return value;
}

/**
 * Spherical harmonic of degree n and order m, `|m| <= n`, at the polar angle theta and the azimuth phi: a complex pair.
 *
 * Shapes: all broadcast. Dtypes: n and m integers, angles floats. Gradient: with respect to the angles.
 * Errors: ShapeError while n is traced unless `nMax` says how large it can be.
 * @example
 * scipy.special.sphHarmY(np.array([1], { dtype: "int32" }), np.array([0], { dtype: "int32" }), 0, 0).real.js(); // => [0.488603]
 */
export function sphHarmY(
  n: ArrayLike,
  m: ArrayLike,
  theta: ArrayLike,
  phi: ArrayLike,
  options: SphericalOptions = {},
): ComplexPair {
  checkOptions("sphHarmY", options, { nMax: true });
  return owned(() => {
    const degrees = integral("sphHarmY", n);
    const nMax = options.nMax ?? largest(degrees);
    const angles = promoteInexact("sphHarmY", theta, phi);
    const [l, order, polar, azimuth] = promoteShapes("sphHarmY", [degrees, integral("sphHarmY", m), ...angles]) as [
      Tracer,
      Tracer,
      Tracer,
      Tracer,
    ];
    const float = (x: Tracer): Tracer => convert(x, polar.dtype);
    const signed = float(order);
    const size = ops.abs(signed);
    const value = legendre(float(l), size, cos(polar), sin(polar), nMax);
    const valid = size.lessEqual(float(l));
    const odd = ops.rem(size, ops.fullLike(size, 2)).notEqual(0);
    // Y of -m is (-1)^m times the conjugate.
    const length = where(valid, where(ops.and(signed.less(0), odd), value.neg(), value), 0);
    const angle = signed.mul(azimuth);
    return { real: length.mul(cos(angle)), imag: length.mul(sin(angle)) };
  });
}

function largest(n: Tracer): number {
  if (n.size === 0) return 0;
  try {
    return Number(max(n).js());
  } catch {
    throw new ShapeError("sphHarmY: n is traced; give the option nMax, the largest n there can be");
  }
}
