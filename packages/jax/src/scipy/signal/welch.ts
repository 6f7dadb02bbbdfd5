/** Spectral densities by Welch's method: the mean of spectra of overlapping segments. */
import { canonicalAxis } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import type { Tracer } from "../../core/tracer";
import { byPosition } from "../../numpy/arguments";
import type { ComplexPair } from "../../numpy/fft";
import { type ArrayLike, broadcastArray, constantLike, inexact, promoteInexactDTypes } from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import { median } from "../../numpy/quantile";
import { mean } from "../../numpy/reductions";
import { moveaxis } from "../../numpy/shape";
import { broadcastShapes } from "../../aval/promote";
import * as ops from "../../ops/index";
import {
  type SegmentOptions, type Segmentation, frequencies, scaleOf, scaled, segmentation, spectra, timeLast,
} from "./segments"; // prettier-ignore
import { conjugate, product } from "./spectrum";

/** Options that are given by name only. */
const BY_NAME = [
  "window", "nperseg", "noverlap", "nfft", "detrend", "returnOnesided", "axis", "scaling", "average",
] as const; // prettier-ignore

export interface WelchOptions extends SegmentOptions {
  /** "density", by unit of frequency (default), or "spectrum". */
  scaling?: "density" | "spectrum" | undefined;
  average?: "mean" | "median" | undefined;
}

/** Mean or median over the segments, [.., k, f] to [.., f]. */
function averaged(op: string, x: Tracer, how: "mean" | "median"): Tracer {
  const axis = x.ndim - 2;
  if (how === "mean") return mean(x, axis);
  if (how !== "median") throw new ShapeError(`${op}: average must be "mean" or "median", got ${String(how)}`);
  const out = median(x, axis);
  // The median of n squares is less than their mean by this factor. Source: Allen et al., "FINDCHIRP" (2012), appendix B.
  let bias = 1;
  for (let k = 2; k <= x.shape[axis]! - 1; k += 2) bias += 1 / (k + 1) - 1 / k;
  return ops.div(out, constantLike(out, bias));
}

/** Twice the power at frequencies that stand for their opposites too. */
function doubled(x: Tracer, { nfft }: Segmentation): Tracer {
  const last = x.ndim - 1;
  const k = ops.iota("int32", x.shape, last);
  const ends = nfft % 2 === 0 ? nfft / 2 : -1;
  const single = ops.or(ops.eq(k, constantLike(k, 0)), ops.eq(k, constantLike(k, ends)));
  return ops.where(single, x, ops.add(x, x));
}

/** `[frequencies, power]` of conj(X) Y. */
function crossPower(op: string, x: Tracer, y: Tracer | null, o: WelchOptions): [Tracer, ComplexPair] {
  const rate = o.fs ?? 1;
  const s = segmentation(op, x, x.shape[x.ndim - 1]!, o);
  const oneSided = o.returnOnesided ?? true;
  const trend = o.detrend ?? "constant";
  const a = spectra(op, x, s, trend, oneSided);
  const b = y === null ? a : spectra(op, y, s, trend, oneSided);
  const power = product(conjugate(a), b);
  const scale = scaleOf(op, s.window, o.scaling ?? "density", rate);
  const finish = (part: Tracer): Tracer => {
    const sized = scaled(part, scale);
    return averaged(op, oneSided ? doubled(sized, s) : sized, o.average ?? "mean");
  };
  const real = finish(power.real);
  const imag = y === null ? constantLike(real, 0) : finish(power.imag);
  return [frequencies(s.nfft, rate, oneSided), { real, imag }];
}

/**
 * The power spectral density of a signal: `[frequencies, density]`.
 *
 * Shapes: `f32[.., n] -> [f32[f], f32[.., f]]`
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for sizes that do not fit, an unknown window, scaling, average or detrend.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.welch.html
 * @example
 * const [f, p] = scipy.signal.welch(np.array([1, -1, 1, -1]), { window: "boxcar", nperseg: 4 });
 * p.js(); // => [0, 0, 4]
 */
export function welch(x: ArrayLike, fs?: number | WelchOptions, options: WelchOptions = {}): [f: Tracer, Pxx: Tracer] {
  const o: WelchOptions = byPosition<WelchOptions>(["fs"], [fs, options], BY_NAME);
  return owned((): [Tracer, Tracer] => {
    const [signal, axis] = timeLast("welch", inexact(x), o.axis);
    const [f, power] = crossPower("welch", signal, null, o);
    return [f, moveaxis(power.real, -1, axis)];
  });
}

/**
 * The cross spectral density of two signals: `[frequencies, density]`, a pair `{ real, imag }`. The shorter signal is
 * filled with zeros. With null in place of y it is the density of x, with imaginary part 0.
 *
 * Shapes: `f32[.., n] x f32[.., n] -> [f32[f], f32[.., f]]`, real and imaginary parts.
 * Dtypes: floats; integers give float32.
 * Errors: as `welch`; ShapeError for other axes that do not broadcast.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.csd.html
 * @example
 * const [f, p] = scipy.signal.csd(np.array([1, -1]), np.array([2, -2]), { window: "boxcar" });
 * p.real.js(); // => [0, 4]
 */
export function csd(
  x: ArrayLike,
  y: ArrayLike | null,
  fs?: number | WelchOptions,
  options: WelchOptions = {},
): [f: Tracer, Pxy: ComplexPair] {
  const op = "csd";
  const o: WelchOptions = byPosition<WelchOptions>(["fs"], [fs, options], BY_NAME);
  return owned((): [Tracer, ComplexPair] => {
    const [a, b] = y === null ? [inexact(x), null] : (promoteInexactDTypes([x, y]) as [Tracer, Tracer]);
    const [first, axis] = timeLast(op, a, o.axis);
    if (b === null) {
      const [f, power] = crossPower(op, first, null, o);
      return [f, { real: moveaxis(power.real, -1, axis), imag: moveaxis(power.imag, -1, axis) }];
    }
    const [second] = timeLast(op, b, o.axis);
    const n = Math.max(first.shape[first.ndim - 1]!, second.shape[second.ndim - 1]!);
    const lead = broadcastShapes(op, first.shape.slice(0, -1), second.shape.slice(0, -1));
    const fitted = [first, second].map((t) => broadcastArray(withZeros(t, n), [...lead, n])) as [Tracer, Tracer];
    const [f, power] = crossPower(op, ...fitted, o);
    const at = canonicalAxis(op, o.axis ?? -1, lead.length + 1);
    return [f, { real: moveaxis(power.real, -1, at), imag: moveaxis(power.imag, -1, at) }];
  });
}

/** The last axis filled with zeros to length n. */
function withZeros(x: Tracer, n: number): Tracer {
  const last = x.ndim - 1;
  const missing = n - x.shape[last]!;
  if (missing === 0) return x;
  const none = x.shape.map(() => 0);
  return ops.pad(x, ops.full([], 0, x.dtype), none, none.map((_, i) => (i === last ? missing : 0))); // prettier-ignore
}
