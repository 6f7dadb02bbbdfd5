/** Eigenvalues of matrices that need not be symmetric. */
import { eig as laxEig } from "../lax/spectral";
import type { ComplexPair } from "./fft";
import type { ArrayLike } from "./lift";

/**
 * Eigenvalues and eigenvectors (columns, of length 1) of real matrices, as pairs `{ real, imag }`: `a v = v w`. Complex
 * ones come in conjugate pairs, that with the positive imaginary part first.
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n], f32[.., n, n]]`, real and imaginary parts each.
 * Gradient: none; `eigvals` has one, and `lax.linalg.eig` with `enableEigvecDerivs`. Runs on cpu and wasm.
 * Errors: ShapeError unless square; DifferentiationError. NaN for matrices that are not finite.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.linalg.eig.html
 * @example
 * const [w, v] = np.linalg.eig(np.array([[2, 1], [0, 1]]));
 * w.real.js(); // => [2, 1]
 */
export function eig(a: ArrayLike): [eigenvalues: ComplexPair, eigenvectors: ComplexPair] {
  return laxEig(a, { computeLeftEigenvectors: false }) as [ComplexPair, ComplexPair];
}

/**
 * Eigenvalues of real matrices, as a pair `{ real, imag }`.
 *
 * Shapes: `f32[.., n, n] -> f32[.., n]`, real and imaginary parts.
 * Gradient: where eigenvalues are distinct. Runs on cpu and wasm.
 * Errors: ShapeError unless square. NaN for matrices that are not finite.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.linalg.eigvals.html
 * @example
 * np.linalg.eigvals(np.array([[0, -2], [2, 0]])).imag.js(); // => [2, -2]
 */
export function eigvals(a: ArrayLike): ComplexPair {
  return laxEig(a, { computeLeftEigenvectors: false, computeRightEigenvectors: false })[0]!;
}
