/** Schur forms, and eigenvalues of matrices that need not be symmetric. Complex arrays are pairs `{ real, imag }`. */
import { checkOptions } from "../base/option-names";
import type { Tracer } from "../core/tracer";
import type { ComplexPair } from "../numpy/fft";
import { type ArrayLike, inexact } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

export interface LaxSchurOptions {
  /** Gives the vectors too; true by default. */
  computeSchurVectors?: boolean | undefined;
}

/**
 * The real Schur form `[t, q]`, `x = q t qᵀ`: q orthogonal, t upper triangular but for a 2 x 2 block for each pair of
 * complex eigenvalues, with equal diagonal elements. Without `computeSchurVectors` it is `[t]`.
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n, n], f32[.., n, n]]`
 * Gradient: none. Runs on cpu and wasm.
 * Errors: ShapeError unless square. NaN for matrices that are not finite.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.schur.html
 * @example
 * lax.linalg.schur(np.array([[1, 2], [0, 3]]))[0].js(); // => [[1, 2], [0, 3]]
 */
export function schur(x: ArrayLike, options: LaxSchurOptions & { computeSchurVectors: false }): [t: Tracer];
export function schur(x: ArrayLike, options?: LaxSchurOptions): [t: Tracer, q: Tracer];
export function schur(x: ArrayLike, options: LaxSchurOptions = {}): Tracer[] {
  checkOptions("schur", options, { computeSchurVectors: true });
  return owned(() => {
    const [t, q] = ops.schur(inexact(x)) as [Tracer, Tracer];
    return (options.computeSchurVectors ?? true) ? [t, q] : [t];
  });
}

export interface LaxEigOptions {
  computeLeftEigenvectors?: boolean | undefined;
  computeRightEigenvectors?: boolean | undefined;
  /**
   * Says that eigenvalues are distinct and no eigenvector has two elements of the largest size, where vectors have
   * derivatives; false by default.
   */
  enableEigvecDerivs?: boolean | undefined;
}

/**
 * Eigenvalues and eigenvectors of real matrices: `[w, left, right]`, `x v = w v` and `uᴴ x = w uᴴ`, all as pairs
 * `{ real, imag }`. Vectors are columns of length 1 with a real largest element. Vectors that are not wanted are left out.
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n], f32[.., n, n], f32[.., n, n]]`, real and imaginary parts each.
 * Gradient: of eigenvalues where they are distinct; of vectors with `enableEigvecDerivs`.
 * Errors: ShapeError unless square; DifferentiationError. NaN for matrices that are not finite. Runs on cpu and wasm.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.eig.html
 * @example
 * const [w] = lax.linalg.eig(np.array([[0, 1], [-1, 0]]));
 * w.imag.js(); // => [1, -1]
 */
export function eig(x: ArrayLike, options: LaxEigOptions = {}): ComplexPair[] {
  checkOptions("eig", options, {
    computeLeftEigenvectors: true,
    computeRightEigenvectors: true,
    enableEigvecDerivs: true,
  });
  const { computeLeftEigenvectors: left = true, computeRightEigenvectors: right = true } = options;
  const vectorDerivatives = options.enableEigvecDerivs ?? false;
  return owned(() => {
    const outs = ops.eig(inexact(x), { left, right, vectorDerivatives });
    const pair = (k: number): ComplexPair => ({ real: outs[k]!, imag: outs[k + 1]! });
    return [pair(0), ...(left ? [pair(2)] : []), ...(right ? [pair(4)] : [])];
  });
}
