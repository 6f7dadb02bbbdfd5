/** Complex numbers as pairs `{ real, imag }`, and Fourier transforms of them. */
import type { Tracer } from "../core/tracer";
import { type ComplexPair, isPair } from "../numpy/complex-pair";
import { fftn, ifftn, irfftn, rfftn } from "../numpy/fft";
import { type ArrayLike, constantLike, lift, own, promoteInexact } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** A complex array of its two parts. @example lax.complex(1, 2).imag.js(); // => 2 */
export function complex(x: ArrayLike, y: ArrayLike): ComplexPair {
  return owned(() => {
    const [re, im] = promoteInexact("complex", x, y) as [Tracer, Tracer];
    return { real: own(re, x, y), imag: own(im, x, y) };
  });
}
/** Real part. @example lax.real({ real: np.array([1]), imag: np.array([2]) }).js(); // => [1] */
export function real(x: ComplexPair | ArrayLike): Tracer {
  return isPair(x) ? own(x.real, x.real) : own(lift(x), x);
}
/** Imaginary part; of real arrays 0. @example lax.imag({ real: np.array([1]), imag: np.array([2]) }).js(); // => [2] */
export function imag(x: ComplexPair | ArrayLike): Tracer {
  return isPair(x) ? own(x.imag, x.imag) : own(constantLike(lift(x), 0));
}
/** The conjugate: the imaginary part negated. @example lax.conj({ real: np.array([1]), imag: np.array([2]) }).imag.js(); // => [-2] */
export function conj(x: ComplexPair | ArrayLike): ComplexPair {
  return owned(() => ({ real: real(x), imag: ops.neg(imag(x)) }));
}

/** Which transform: forward or inverse, of complex or real arrays. */
export type FftType = "FFT" | "IFFT" | "RFFT" | "IRFFT";

/** Fourier transform over the last axes, of these lengths. "IRFFT" gives a real array. @example lax.fft(np.ones([2]), "RFFT", [2]).real.js(); // => [2, 0] */
export function fft(x: ComplexPair | ArrayLike, fftType: "IRFFT", fftLengths: readonly number[]): Tracer;
export function fft(
  x: ComplexPair | ArrayLike,
  fftType: "FFT" | "IFFT" | "RFFT",
  fftLengths: readonly number[],
): ComplexPair;
export function fft(x: ComplexPair | ArrayLike, fftType: FftType, fftLengths: readonly number[]): ComplexPair | Tracer {
  const axes = fftLengths.map((_, i) => i - fftLengths.length);
  const options = { s: fftLengths };
  if (fftType === "RFFT") return rfftn(x as ArrayLike, axes, options);
  if (fftType === "IRFFT") return irfftn(x, axes, options);
  return fftType === "FFT" ? fftn(x, axes, options) : ifftn(x, axes, options);
}
