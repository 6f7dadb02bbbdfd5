/** The matrix exponential. Source: Higham, "The scaling and squaring method for the matrix exponential revisited" (2005). */
import { checkOptions } from "../../base/option-names";
import { ShapeError } from "../../base/errors";
import type { DType } from "../../aval/dtype";
import type { Tracer } from "../../core/tracer";
import { cond, foriLoop } from "../../lax/control";
import { ldexp } from "../../numpy/arithmetic";
import { log2 } from "../../numpy/elementwise";
import { type ArrayLike, constantLike, convert, inexact, promoteInexactDTypes } from "../../numpy/lift";
import { solve } from "../../numpy/linalg";
import { matmul } from "../../numpy/linear";
import { triu } from "../../numpy/matrix";
import { owned } from "../../numpy/owned";
import * as ops from "../../ops/index";
import { jvp } from "../../transforms/jvp";
import { broadcastShapes } from "../../aval/promote";
import { broadcastArray } from "../../numpy/lift";
import { squareSize } from "./factor";
import { solveTriangular } from "./solve";

/** Numerator of the Padé approximation of degree m, lowest power first, divided by its first coefficient. */
function pade(m: number): number[] {
  const out = [1];
  for (let k = 1; k <= m; k++) out.push((out[k - 1]! * (m - k + 1)) / (k * (2 * m - k + 1)));
  return out;
}

/** Degree, and the largest norm for which it is exact to rounding. */
const schemeOf = (dtype: DType): { degree: number; theta: number } =>
  dtype === "float64" ? { degree: 13, theta: 5.371920351148152 } : { degree: 7, theta: 3.92572478313866 };

export interface ExpmOptions {
  /** The matrix is upper triangular. */
  upperTriangular?: boolean | undefined;
  /** Gives NaN where more squarings would be needed; 16 by default. */
  maxSquarings?: number | undefined;
}

/**
 * The matrix exponential, `I + A + A²/2! + ..`.
 *
 * Shapes: `f32[.., n, n] -> f32[.., n, n]`
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError unless square. NaN for norms above about 2.5e5, see `maxSquarings`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.expm.html
 * @example
 * scipy.linalg.expm(np.array([[0, 1], [0, 0]])).js(); // => [[1, 1], [0, 1]]
 */
export function expm(A: ArrayLike, options: ExpmOptions = {}): Tracer {
  checkOptions("expm", options, { upperTriangular: true, maxSquarings: true });
  return owned(() => {
    const given = inexact(A);
    squareSize("expm", given);
    if (given.size === 0) return ops.copy(given);
    const x = convert(given, given.dtype === "float64" ? "float64" : "float32");
    const out = exponential(x, options.upperTriangular ?? false, options.maxSquarings ?? 16);
    return convert(out, given.dtype);
  });
}

function exponential(x: Tracer, isUpper: boolean, maxSquarings: number): Tracer {
  const { degree, theta } = schemeOf(x.dtype);
  const axis = x.ndim - 2;
  const still = ops.stopGradient(x);
  const norm = ops.reduceMax(ops.reduceSum(ops.abs(still), [axis]), [axis]);
  const k = (value: number): Tracer => constantLike(norm, value);
  const wanted = ops.ceil(log2(ops.div(norm, k(theta))));
  const bounded = ops.where(ops.gt(wanted, k(0)), ops.min(wanted, k(maxSquarings + 1)), k(0));
  const squarings = convert(bounded, "int32");
  const spread = (s: Tracer): Tracer => ops.broadcastInDim(s, x.shape, [...Array(axis).keys()]);
  const scaled = ldexp(x, ops.neg(spread(squarings)));
  const first = approximation(scaled, degree, isUpper);
  const square = (i: Tracer, p: Tracer): Tracer => {
    const active = ops.lt(ops.broadcastInDim(i, squarings.shape, []), squarings);
    const wide = spread(active);
    // Where nothing is to be done any more, zeros are squared: else they could overflow.
    const safe = ops.where(wide, p, constantLike(p, 0));
    return cond(
      ops.reduceOr(active, [...Array(axis).keys()]),
      (y: Tracer, z: Tracer) => ops.where(wide, matmul(y, y), z),
      (_: Tracer, z: Tracer) => z,
      safe,
      p,
    ) as Tracer;
  };
  const out = foriLoop(0, maxSquarings, square, first) as Tracer;
  const tooMany = ops.gt(squarings, constantLike(squarings, maxSquarings));
  return ops.where(spread(tooMany), constantLike(out, NaN), out);
}

/** (v + u) / (v - u): u has the odd powers of the Padé numerator, v the even ones. */
function approximation(x: Tracer, degree: number, isUpper: boolean): Tracer {
  const n = x.ndim;
  const coefficients = pade(degree);
  const unit = convert(ops.eq(ops.iota("int32", x.shape, n - 2), ops.iota("int32", x.shape, n - 1)), x.dtype);
  const square = matmul(x, x);
  let power = unit;
  let odd: Tracer | null = null;
  let even: Tracer | null = null;
  const term = (sum: Tracer | null, c: number): Tracer => {
    const t = ops.mul(power, constantLike(power, c));
    return sum === null ? t : ops.add(sum, t);
  };
  for (let k = 0; k <= degree; k += 2) {
    if (k > 0) power = k === 2 ? square : matmul(power, square);
    even = term(even, coefficients[k]!);
    odd = term(odd, coefficients[k + 1]!);
  }
  const u = matmul(x, odd!);
  const [top, bottom] = [ops.add(even!, u), ops.sub(even!, u)];
  return isUpper ? triu(solveTriangular(bottom, top)) : solve(bottom, top);
}

export interface ExpmFrechetOptions {
  /** Gives the exponential too; true by default. */
  computeExpm?: boolean | undefined;
}

/**
 * The derivative of the matrix exponential at A in the direction E: `[expm(A), derivative]`, or the derivative alone.
 *
 * Shapes: `f32[.., n, n] x f32[.., n, n] -> [f32[.., n, n], f32[.., n, n]]`
 * Errors: ShapeError unless square and of one size.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.expm_frechet.html
 * @example
 * const [e, de] = scipy.linalg.expmFrechet(np.array([[0]]), np.array([[2]]));
 * de.js(); // => [[2]]
 */
export function expmFrechet(A: ArrayLike, E: ArrayLike, options: { computeExpm: false }): Tracer;
export function expmFrechet(
  A: ArrayLike,
  E: ArrayLike,
  options?: ExpmFrechetOptions,
): [expm: Tracer, derivative: Tracer];
export function expmFrechet(A: ArrayLike, E: ArrayLike, options: ExpmFrechetOptions = {}): Tracer | [Tracer, Tracer] {
  checkOptions("expmFrechet", options, { computeExpm: true });
  return owned((): Tracer | [Tracer, Tracer] => {
    const [x, dx] = promoteInexactDTypes([A, E]) as [Tracer, Tracer];
    if (squareSize("expmFrechet", x) !== squareSize("expmFrechet", dx)) {
      throw new ShapeError(`expmFrechet: ${x.aval} does not fit the direction ${dx.aval}`);
    }
    const shape = broadcastShapes("expmFrechet", x.shape, dx.shape);
    const pair = [x, dx].map((t) => broadcastArray(t, shape)) as [Tracer, Tracer];
    const [value, derivative] = jvp((t: Tracer) => expm(t), [pair[0]], [pair[1]]) as [Tracer, Tracer];
    return (options.computeExpm ?? true) ? [value, derivative] : derivative;
  });
}
