/** Short-time Fourier transforms. Complex arrays are pairs `{ real, imag }`. */
import { canonicalAxis } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import { range } from "../../base/list";
import { Tracer } from "../../core/tracer";
import { byPosition } from "../../numpy/arguments";
import { type ComplexPair, ifft, irfft } from "../../numpy/fft";
import { arrayFromHost } from "../../numpy/host";
import { type ArrayLike, broadcastArray, constantLike, inexact, promoteInexactDTypes } from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import { moveaxis } from "../../numpy/shape";
import * as ops from "../../ops/index";
import {
  type Boundary, type SegmentOptions, extended, filled, frequencies, scaleOf, scaled, segmentation, spectra, timeLast,
} from "./segments"; // prettier-ignore

const SEGMENTS = ["window", "nperseg", "noverlap", "nfft"] as const;
const STFT_OPTIONS = [...SEGMENTS, "detrend", "returnOnesided", "axis", "boundary", "padded"] as const;
const ISTFT_OPTIONS = [...SEGMENTS, "inputOnesided", "boundary", "timeAxis", "freqAxis"] as const;

export interface StftOptions extends SegmentOptions {
  /** How the signal goes on at both ends, for half a segment; "zeros" by default. */
  boundary?: Boundary | undefined;
  /** Adds zeros at the end until segments fill the signal; true by default. */
  padded?: boolean | undefined;
}

/**
 * The short-time Fourier transform: `[frequencies, times, spectra]`, spectra of windowed segments as a pair
 * `{ real, imag }`.
 *
 * Shapes: `f32[.., n] -> [f32[f], f32[t], f32[.., f, t]]`
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for sizes that do not fit, an unknown window, boundary or detrend.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.stft.html
 * @example
 * const [f, t, z] = scipy.signal.stft(np.ones([8]), { nperseg: 4, boundary: null });
 * f.js(); // => [0, 0.25, 0.5]
 * z.real.js()[0]; // => [1, 1, 1]
 */
export function stft(
  x: ArrayLike,
  fs?: number | StftOptions,
  options: StftOptions = {},
): [f: Tracer, t: Tracer, Zxx: ComplexPair] {
  const op = "stft";
  const o: StftOptions = byPosition<StftOptions>(["fs"], [fs, options], STFT_OPTIONS);
  const rate = o.fs ?? 1;
  return owned((): [Tracer, Tracer, ComplexPair] => {
    const [signal, axis] = timeLast(op, inexact(x), o.axis);
    const s = segmentation(op, signal, signal.shape[signal.ndim - 1]!, o);
    const step = s.nperseg - s.noverlap;
    const boundary = o.boundary === undefined ? "zeros" : o.boundary;
    const long = extended(op, signal, Math.floor(s.nperseg / 2), boundary);
    const whole = (o.padded ?? true) ? filled(long, s.nperseg, step) : long;
    const oneSided = o.returnOnesided ?? true;
    const parts = spectra(op, whole, s, o.detrend ?? false, oneSided);
    const scale = ops.sqrt(scaleOf(op, s.window, "spectrum", rate));
    const nSegments = parts.real.shape[parts.real.ndim - 2]!;
    const first = boundary === null ? s.nperseg / 2 : 0;
    const times = Float64Array.from({ length: nSegments }, (_, k) => (first + k * step) / rate);
    // Frequencies where the time axis was, segments last.
    const place = (a: Tracer): Tracer => moveaxis(scaled(a, scale), -1, axis);
    return [
      frequencies(s.nfft, rate, oneSided),
      arrayFromHost(op, times, { dtype: "float32" }),
      { real: place(parts.real), imag: place(parts.imag) },
    ];
  });
}

export interface IstftOptions extends Pick<SegmentOptions, "fs" | "window" | "nperseg" | "noverlap" | "nfft"> {
  /** The spectra have frequencies from 0 up only; true by default. */
  inputOnesided?: boolean | undefined;
  /** The signal was extended at both ends, which are cut off; true by default. */
  boundary?: boolean | undefined;
  timeAxis?: number | undefined;
  freqAxis?: number | undefined;
}

/** Segments [.., k, nperseg], each `step` after the one before, added up. */
function overlapAdd(parts: Tracer, step: number): Tracer {
  const [k, nperseg] = parts.shape.slice(-2) as [number, number];
  const lead = parts.shape.slice(0, -2);
  const none = lead.map(() => 0);
  const zero = ops.full([], 0, parts.dtype);
  const nBlocks = Math.ceil(nperseg / step);
  const padded = ops.pad(parts, zero, [...none, 0, 0], [...none, 0, nBlocks * step - nperseg]);
  let sum: Tracer | null = null;
  for (let j = 0; j < nBlocks; j++) {
    // Block j of each segment belongs j blocks later.
    const block = ops.slice(padded, [...none, 0, j * step], [...lead, k, (j + 1) * step]);
    const moved = ops.pad(block, zero, [...none, j, 0], [...none, nBlocks - 1 - j, 0]);
    sum = sum === null ? moved : ops.add(sum, moved);
  }
  const flat = ops.reshape(sum!, [...lead, (k + nBlocks - 1) * step]);
  return ops.slice(flat, [...none, 0], [...lead, nperseg + (k - 1) * step]);
}

/**
 * The signal of a short-time Fourier transform: `[times, x]`. Where segments overlap it is the one nearest to all in the
 * sense of least squares.
 *
 * Shapes: `f32[.., f, t]`, real and imaginary parts `-> [f32[n], f32[.., n]]`
 * Errors: ShapeError for fewer than 2 axes, sizes that do not fit, or an unknown window.
 * Differs from JAX: gives a real signal for two-sided spectra too, the real part.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.istft.html
 * @example
 * const [, , z] = scipy.signal.stft(np.array([1, 2, 3, 2, 1, 0]), { nperseg: 4 });
 * scipy.signal.istft(z)[1].js(); // => [1, 2, 3, 2, 1, 0]
 */
export function istft(
  Zxx: ComplexPair | ArrayLike,
  fs?: number | IstftOptions,
  options: IstftOptions = {},
): [t: Tracer, x: Tracer] {
  const op = "istft";
  const o: IstftOptions = byPosition<IstftOptions>(["fs"], [fs, options], ISTFT_OPTIONS);
  const rate = o.fs ?? 1;
  return owned((): [Tracer, Tracer] => {
    const given = parts(Zxx);
    const { ndim } = given.real;
    if (ndim < 2)
      throw new ShapeError(`${op}: expected spectra with axes of frequency and time, got ${given.real.aval}`);
    const [freq, time] = [canonicalAxis(op, o.freqAxis ?? -2, ndim), canonicalAxis(op, o.timeAxis ?? -1, ndim)];
    if (freq === time) throw new ShapeError(`${op}: the axes of frequency and time must differ, got ${freq} twice`);
    const order = [...range(ndim).filter((i) => i !== freq && i !== time), time, freq];
    const z: ComplexPair = { real: ops.transpose(given.real, order), imag: ops.transpose(given.imag, order) };
    const oneSided = o.inputOnesided ?? true;
    const nFrequencies = z.real.shape[ndim - 1]!;
    const natural = oneSided ? 2 * (nFrequencies - 1) : nFrequencies;
    const nperseg = o.nperseg ?? o.nfft ?? natural;
    // An odd length has as many frequencies as the even one below it.
    const nfft = o.nfft ?? (oneSided && nperseg === natural + 1 ? nperseg : natural);
    const s = segmentation(op, z.real, nperseg, { ...o, nperseg, nfft });
    const wide = oneSided ? irfft(z, { n: nfft }) : ifft(z, { n: nfft }).real;
    const lead = wide.shape.slice(0, -1);
    const cut = ops.slice(wide, wide.shape.map(() => 0), [...lead, nperseg]); // prettier-ignore
    const sum = ops.reduceSum(s.window, [0]);
    const step = nperseg - s.noverlap;
    const weighted = scaled(ops.mul(cut, broadcastArray(s.window, cut.shape)), sum);
    const nSegments = lead[lead.length - 1]!;
    const squares = broadcastArray(ops.square(s.window), [nSegments, nperseg]);
    const norm = overlapAdd(squares, step);
    const covered = ops.gt(norm, constantLike(norm, 1e-10));
    const divisor = ops.where(covered, norm, constantLike(norm, 1));
    const added = overlapAdd(weighted, step);
    const whole = ops.div(added, broadcastArray(divisor, added.shape));
    const last = whole.ndim - 1;
    const edge = (o.boundary ?? true) ? Math.floor(nperseg / 2) : 0;
    const n = whole.shape[last]! - 2 * edge;
    const start = whole.shape.map((_, i) => (i === last ? edge : 0));
    const x = ops.slice(whole, start, [...whole.shape.slice(0, -1), edge + n]);
    const times = Float64Array.from({ length: n }, (_, k) => k / rate);
    return [arrayFromHost(op, times, { dtype: "float32" }), moveaxis(x, -1, freq < time ? time - 1 : time)];
  });
}

/** Real and imaginary parts of one dtype. */
function parts(z: ComplexPair | ArrayLike): ComplexPair {
  if (z instanceof Tracer || typeof z !== "object") {
    const real = inexact(z);
    return { real, imag: constantLike(real, 0) };
  }
  const [real, imag] = promoteInexactDTypes([z.real, z.imag]) as [Tracer, Tracer];
  return { real, imag };
}
