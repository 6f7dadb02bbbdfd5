/** Overlapping segments of signals, and their spectra. */
import { canonicalAxis } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import { range } from "../../base/list";
import { type Tracer } from "../../core/tracer";
import { type ComplexPair, fft, fftfreq, rfft, rfftfreq } from "../../numpy/fft";
import { gatherAxes } from "../../numpy/gather";
import { arrayFromHost } from "../../numpy/host";
import { type ArrayLike, broadcastArray, constantLike, convert, lift } from "../../numpy/lift";
import { moveaxis } from "../../numpy/shape";
import * as ops from "../../ops/index";
import { withoutLine, withoutMean } from "./detrend";
import { type WindowName, windowSamples } from "./windows";

/** Takes the trend of each segment away: its mean, its line, nothing, or what a function of [.., nperseg] does. */
export type Detrend = "constant" | "linear" | false | ((segments: Tracer) => Tracer);

export interface SegmentOptions {
  /** Samples a unit of time; 1 by default. */
  fs?: number | undefined;
  /** A window by name ("hann" by default), or its samples. */
  window?: WindowName | ArrayLike | undefined;
  /** Samples of a segment, 256 by default, or as many as the window has; at most all. */
  nperseg?: number | null | undefined;
  /** Samples that neighbours share; half of `nperseg` by default. */
  noverlap?: number | null | undefined;
  /** Length of the Fourier transform; longer than `nperseg` it adds zeros. */
  nfft?: number | null | undefined;
  detrend?: Detrend | undefined;
  /** Only frequencies from 0 up; true by default. */
  returnOnesided?: boolean | undefined;
  axis?: number | undefined;
}

/** Sizes of segments that fit each other. */
export interface Segmentation {
  readonly nperseg: number;
  readonly noverlap: number;
  readonly nfft: number;
  /** [nperseg] */
  readonly window: Tracer;
}

const isNamed = (window: WindowName | ArrayLike): window is WindowName =>
  typeof window === "string" || (Array.isArray(window) && typeof window[0] === "string");

const isWhole = (n: number): boolean => Number.isInteger(n);

/** Sizes and window for signals of this length; ShapeError for sizes that do not fit. */
export function segmentation(op: string, like: Tracer, length: number, o: SegmentOptions): Segmentation {
  const given = o.window ?? "hann";
  const samples = isNamed(given) ? null : convert(lift(given), like.dtype);
  if (samples !== null && samples.ndim !== 1)
    throw new ShapeError(`${op}: the window must be a vector, got ${samples.aval}`);
  const wanted = o.nperseg ?? (samples === null ? 256 : samples.size);
  if (!isWhole(wanted) || wanted < 1)
    throw new ShapeError(`${op}: nperseg must be a whole number above 0, got ${wanted}`);
  const nperseg = samples === null ? Math.min(wanted, length) : wanted;
  if (samples !== null && (samples.size !== nperseg || nperseg > length)) {
    throw new ShapeError(
      `${op}: a window of ${samples.size} samples does not fit segments of ${nperseg}, signals of ${length}`,
    );
  }
  const noverlap = o.noverlap ?? Math.floor(nperseg / 2);
  if (!isWhole(noverlap) || noverlap < 0 || noverlap >= nperseg) {
    throw new ShapeError(`${op}: noverlap must be less than nperseg, got ${noverlap} and ${nperseg}`);
  }
  const nfft = o.nfft ?? nperseg;
  if (!isWhole(nfft) || nfft < nperseg) {
    throw new ShapeError(`${op}: nfft must be at least nperseg, got ${nfft} and ${nperseg}`);
  }
  const window = samples ?? arrayFromHost(op, windowSamples(op, given as WindowName, nperseg), { dtype: like.dtype });
  return { nperseg, noverlap, nfft, window };
}

/** [.., n] as segments [.., k, nperseg]. */
export function framed(x: Tracer, nperseg: number, step: number): Tracer {
  const last = x.ndim - 1;
  const count = Math.floor((x.shape[last]! - nperseg) / step) + 1;
  const index = Int32Array.from({ length: count * nperseg }, (_, i) => Math.floor(i / nperseg) * step + (i % nperseg));
  const at = arrayFromHost("segments", index, { shape: [count, nperseg] });
  return gatherAxes(x, [last], [at], last, "promise_in_bounds");
}

function detrended(op: string, segments: Tracer, how: Detrend): Tracer {
  if (how === false) return segments;
  if (how === "constant") return withoutMean(segments);
  if (how === "linear") return withoutLine(segments);
  if (typeof how !== "function") {
    throw new ShapeError(`${op}: detrend must be "constant", "linear", false or a function, got ${String(how)}`);
  }
  const out = how(segments);
  if (out.shape.join() !== segments.shape.join()) {
    throw new ShapeError(`${op}: detrend must keep the shape, got ${out.aval} for ${segments.aval}`);
  }
  return out;
}

/** Spectra of the segments of [.., n]: [.., k, frequencies], not scaled. */
export function spectra(op: string, x: Tracer, s: Segmentation, how: Detrend, oneSided: boolean): ComplexPair {
  const parts = detrended(op, framed(x, s.nperseg, s.nperseg - s.noverlap), how);
  const weighted = ops.mul(parts, broadcastArray(s.window, parts.shape));
  return oneSided ? rfft(weighted, { n: s.nfft }) : fft(weighted, { n: s.nfft });
}

/** The frequencies of spectra. */
export const frequencies = (nfft: number, fs: number, oneSided: boolean): Tracer =>
  oneSided ? rfftfreq(nfft, 1 / fs) : fftfreq(nfft, 1 / fs);

/** 1 over the sum of the squared window times fs ("density"), or over the squared sum ("spectrum"). */
export function scaleOf(op: string, window: Tracer, scaling: "density" | "spectrum", fs: number): Tracer {
  if (scaling !== "density" && scaling !== "spectrum") {
    throw new ShapeError(`${op}: scaling must be "density" or "spectrum", got ${String(scaling)}`);
  }
  const sum = (v: Tracer): Tracer => ops.reduceSum(v, [0]);
  const size = scaling === "spectrum" ? ops.square(sum(window)) : sum(ops.square(window));
  const factor = scaling === "spectrum" ? size : ops.mul(size, constantLike(size, fs));
  return ops.div(constantLike(factor, 1), factor);
}

/** x times a scalar. */
export const scaled = (x: Tracer, by: Tracer): Tracer => ops.mul(x, broadcastArray(by, x.shape));

/** A signal with its time axis last, and where that was. */
export function timeLast(op: string, x: Tracer, axis = -1): [Tracer, number] {
  const at = canonicalAxis(op, axis, x.ndim);
  const moved = moveaxis(x, at, -1);
  if (moved.shape[x.ndim - 1] === 0) throw new ShapeError(`${op}: the signal is empty, got ${x.aval}`);
  return [moved, at];
}

/** How signals go on at both ends. */
export type Boundary = "even" | "odd" | "constant" | "zeros" | null;

/** [.., n] with n samples before and after it. */
export function extended(op: string, x: Tracer, n: number, how: Boundary): Tracer {
  if (how === null || n === 0) return x;
  const last = x.ndim - 1;
  const size = x.shape[last]!;
  const part = (from: number, to: number): Tracer =>
    ops.slice(x, [...x.shape.slice(0, -1).map(() => 0), from], [...x.shape.slice(0, -1), to]);
  const edge = (at: number): Tracer => broadcastArray(part(at, at + 1), [...x.shape.slice(0, -1), n]);
  if (how === "zeros" || how === "constant") {
    const sides = [edge(0), edge(size - 1)].map((e) => (how === "zeros" ? constantLike(e, 0) : e));
    return ops.concatenate([sides[0]!, x, sides[1]!], last);
  }
  if (how !== "even" && how !== "odd") {
    throw new ShapeError(`${op}: boundary must be "even", "odd", "constant", "zeros" or null, got ${String(how)}`);
  }
  if (size <= n) throw new ShapeError(`${op}: the signal is too short to go on for ${n} samples, got ${x.aval}`);
  const mirror = (from: number, at: number): Tracer => {
    const turned = ops.rev(part(from, from + n), [last]);
    return how === "even" ? turned : ops.sub(ops.add(edge(at), edge(at)), turned);
  };
  return ops.concatenate([mirror(1, 0), x, mirror(size - 1 - n, size - 1)], last);
}

/** Zeros added to [.., n] until segments fill it. */
export function filled(x: Tracer, nperseg: number, step: number): Tracer {
  const last = x.ndim - 1;
  const over = Math.max(0, x.shape[last]! - nperseg) % step;
  const missing = x.shape[last]! < nperseg ? nperseg - x.shape[last]! : over === 0 ? 0 : step - over;
  if (missing === 0) return x;
  const none = range(x.ndim).map(() => 0);
  return ops.pad(x, ops.full([], 0, x.dtype), none, none.map((_, i) => (i === last ? missing : 0))); // prettier-ignore
}
