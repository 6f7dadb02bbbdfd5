/** Functions of matrices by their Schur forms. Complex matrices are pairs `{ real, imag }`. */
import { named } from "../../numpy/arguments";
import { ShapeError } from "../../base/errors";
import { Tracer } from "../../core/tracer";
import { foriLoop } from "../../lax/control";
import { finfo } from "../../numpy/dtypes";
import type { ComplexPair } from "../../numpy/fft";
import { type ArrayLike, constantLike, convert, inexact } from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import * as ops from "../../ops/index";
import {
  add, adjoint, choose, complexOf, diagonalOf, onDiagonal, product, quotient, spread, squareRoot, subtract,
} from "./complex-matrix"; // prettier-ignore
import { squareSize } from "./factor";
import { complexSchur } from "./schur";

/** Matrices with these diagonals. */
function onMainDiagonal(v: ComplexPair, shape: readonly number[]): ComplexPair {
  const wide = spread(v, shape, false);
  const here = onDiagonal(shape, ops.full([], 0, "int32"));
  return choose(here, wide, complexOf(constantLike(wide.real, 0)));
}

/** Fills upper triangular matrices, diagonal by diagonal, from those before. */
function fillDiagonals(start: ComplexPair, next: (f: ComplexPair) => ComplexPair): ComplexPair {
  const { shape } = start.real;
  const n = shape[shape.length - 1]!;
  if (n < 2) return start;
  return foriLoop(1, n, (k: Tracer, f: ComplexPair) => choose(onDiagonal(shape, k), next(f), f), start) as ComplexPair;
}

/**
 * The principal square root of real matrices, as a pair `{ real, imag }`.
 *
 * Shapes: `f32[.., n, n] -> f32[.., n, n]`, real and imaginary parts.
 * Gradient: none. Runs on cpu and wasm.
 * Errors: ShapeError unless square. Matrices without a square root give infinities or NaN.
 * Source: Björck and Hammarling, "A Schur method for the square root of a matrix" (1983);
 * https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.sqrtm.html
 * @example
 * scipy.linalg.sqrtm(np.array([[4, 5], [0, 9]])).real.js(); // => [[2, 1], [0, 3]]
 */
export function sqrtm(A: ArrayLike): ComplexPair {
  return owned(() => {
    const x = inexact(A);
    squareSize("sqrtm", x);
    const [t, z] = complexSchur(x);
    const { shape } = t.real;
    const roots = squareRoot(diagonalOf(t));
    const sums = add(spread(roots, shape, false), spread(roots, shape, true));
    // s[i, j] (s[i, i] + s[j, j]) is t[i, j] less what the elements between make.
    const s = fillDiagonals(onMainDiagonal(roots, shape), (f) => quotient(subtract(t, product(f, f)), sums));
    return product(product(z, s), adjoint(z));
  });
}

/** A function of complex numbers, as pairs, elementwise. */
export type ComplexFunction = (x: ComplexPair) => ComplexPair | Tracer;

/**
 * A function of real matrices, as a pair `{ real, imag }`. `func` gets the eigenvalues as a pair and gives its values at
 * them. With `disp: false` it is `[F, an estimate of the relative error]`.
 *
 * Shapes: `f32[.., n, n] -> f32[.., n, n]`, real and imaginary parts.
 * Gradient: none. Runs on cpu and wasm. Close eigenvalues lose digits.
 * Errors: ShapeError unless square, or if func changes the shape.
 * Source: Golub and Van Loan, 4th ed., 9.1.4; https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.funm.html
 * @example
 * const square = ({ real, imag }) => ({ real: real.mul(real).sub(imag.mul(imag)), imag: real.mul(imag).mul(2) });
 * scipy.linalg.funm(np.array([[1, 1], [0, 2]]), square).real.js(); // => [[1, 3], [0, 4]]
 */
export function funm(
  A: ArrayLike,
  func: ComplexFunction,
  options: false | { disp: false },
): [F: ComplexPair, error: Tracer];
export function funm(A: ArrayLike, func: ComplexFunction, options?: true | { disp?: true }): ComplexPair;
export function funm(
  A: ArrayLike,
  func: ComplexFunction,
  options: boolean | { disp?: boolean } = true,
): ComplexPair | [ComplexPair, Tracer] {
  const disp = named<"disp", boolean>("disp", options, true);
  return owned((): ComplexPair | [ComplexPair, Tracer] => {
    const x = inexact(A);
    const n = squareSize("funm", x);
    const [t, z] = complexSchur(x);
    const { shape } = t.real;
    const values = diagonalOf(t);
    const given = func(values);
    const images = given instanceof Tracer ? complexOf(convert(given, x.dtype)) : given;
    if (images.real.shape.join() !== values.real.shape.join()) {
      throw new ShapeError(`funm: func must keep the shape, got ${images.real.aval} for ${values.real.aval}`);
    }
    const gaps = subtract(spread(values, shape, true), spread(values, shape, false));
    const zero = constantLike(gaps.real, 0);
    const equal = ops.and(ops.eq(gaps.real, zero), ops.eq(gaps.imag, zero));
    const divisors = choose(equal, complexOf(constantLike(zero, 1)), gaps);
    // t f = f t.
    const f = fillDiagonals(onMainDiagonal(images, shape), (partial) =>
      quotient(subtract(product(t, partial), product(partial, t)), divisors),
    );
    const F = product(product(z, f), adjoint(z));
    return disp ? F : [F, relativeError(t, gaps, n)];
  });
}

/** Rounding, divided by the smallest distance of eigenvalues. */
function relativeError(t: ComplexPair, gaps: ComplexPair, n: number): Tracer {
  const { shape, ndim } = t.real;
  const [i, j] = [ops.iota("int32", shape, ndim - 2), ops.iota("int32", shape, ndim - 1)];
  const above = ops.lt(i, j);
  const length = ({ real, imag }: ComplexPair): Tracer => ops.sqrt(ops.add(ops.mul(real, real), ops.mul(imag, imag)));
  const [size, off] = [length(gaps), ops.where(above, length(t), constantLike(t.real, 0))];
  const norm = ops.reduceMax(ops.reduceSum(off, [ndim - 2]), [ndim - 2]);
  const eps = constantLike(norm, finfo(t.real.dtype).eps);
  if (n < 2) return eps;
  const least = ops.reduceMin(ops.where(above, size, constantLike(size, Infinity)), [ndim - 2, ndim - 1]);
  const tiny = constantLike(least, finfo(t.real.dtype).tiny);
  const ratio = ops.mul(ops.div(eps, ops.max(least, tiny)), norm);
  return ops.min(constantLike(norm, 1), ops.max(eps, ratio));
}
