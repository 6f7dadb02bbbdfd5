/** Convolution and correlation in any number of dimensions. */
import { isFloat } from "../../aval/dtype";
import { canonicalAxis } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import { range } from "../../base/list";
import type { Tracer } from "../../core/tracer";
import { convGeneralDilated } from "../../lax/conv";
import { byPosition } from "../../numpy/arguments";
import { irfftn, rfftn } from "../../numpy/fft";
import { type ArrayLike, promoteInexactDTypes } from "../../numpy/lift";
import { owned } from "../../numpy/owned";
import * as ops from "../../ops/index";
import { product } from "./spectrum";

/** "full": all overlaps. "same": the middle part, as large as the first array. "valid": where the smaller lies inside. */
export type ConvolveMode = "full" | "same" | "valid";

export interface ConvolveOptions {
  mode?: ConvolveMode | undefined;
  /** "direct" (also "auto"), or by Fourier transforms, which is faster for long arrays and less exact. */
  method?: "auto" | "direct" | "fft" | undefined;
}

export interface Convolve2dOptions {
  mode?: ConvolveMode | undefined;
  /** "fill" with zeros, the only one. */
  boundary?: "fill" | undefined;
  /** 0, the only one. */
  fillvalue?: number | undefined;
}

function checkedPair(op: string, in1: ArrayLike, in2: ArrayLike, mode: ConvolveMode): [Tracer, Tracer] {
  if (!["full", "same", "valid"].includes(mode)) {
    throw new ShapeError(`${op}: mode must be "full", "same" or "valid", got ${String(mode)}`);
  }
  const [x, y] = promoteInexactDTypes([in1, in2]) as [Tracer, Tracer];
  if (x.ndim !== y.ndim) throw new ShapeError(`${op}: arrays must have as many axes, got ${x.aval} and ${y.aval}`);
  if (x.size === 0 || y.size === 0)
    throw new ShapeError(`${op}: arrays must not be empty, got ${x.aval} and ${y.aval}`);
  return [x, y];
}

/** True if y is the larger one; for "valid" one must lie inside the other. */
function isReversed(op: string, x: Tracer, y: Tracer, axes: readonly number[], mode: ConvolveMode): boolean {
  if (mode !== "valid") return false;
  if (axes.every((i) => x.shape[i]! >= y.shape[i]!)) return false;
  if (axes.every((i) => y.shape[i]! >= x.shape[i]!)) return true;
  throw new ShapeError(
    `${op}: for mode "valid" one array must be at least as large along every axis, got ${x.aval} and ${y.aval}`,
  );
}

/**
 * Where a result of `mode` begins in the full one, and how long it is, for sizes n and m along an axis. The middle of an
 * even number of elements is the first of two; with `later`, as correlate2d has it, the second.
 */
function window(n: number, m: number, mode: ConvolveMode, later = false): [start: number, size: number] {
  if (mode === "full") return [0, n + m - 1];
  if (mode === "same") return [Math.floor((later ? m : m - 1) / 2), n];
  const [least, most] = [Math.min(n, m), Math.max(n, m)];
  return [least - 1, most - least + 1];
}

function direct(op: string, x: Tracer, y: Tracer, mode: ConvolveMode, later = false): Tracer {
  const axes = range(x.ndim);
  if (x.ndim === 0) return ops.mul(x, y);
  const [a, b] = isReversed(op, x, y, axes, mode) ? [y, x] : [x, y];
  const padding = axes.map((i): [number, number] => {
    const [n, m] = [a.shape[i]!, b.shape[i]!];
    const [start, size] = window(n, m, mode, later);
    return [m - 1 - start, start + size - n];
  });
  const out = convGeneralDilated(
    ops.reshape(a, [1, 1, ...a.shape]),
    ops.rev(ops.reshape(b, [1, 1, ...b.shape]), axes.map((i) => i + 2)), // prettier-ignore
    axes.map(() => 1),
    padding,
  );
  return ops.reshape(out, out.shape.slice(2));
}

function byFourier(op: string, x: Tracer, y: Tracer, mode: ConvolveMode, axes: readonly number[]): Tracer {
  if (axes.length === 0) return ops.mul(x, y);
  isReversed(op, x, y, axes, mode);
  const s = axes.map((i) => x.shape[i]! + y.shape[i]! - 1);
  const lengths = s.map(fastLength);
  const [p, q] = [x, y].map((v) => rfftn(v, axes, { s: lengths })) as [
    ReturnType<typeof rfftn>,
    ReturnType<typeof rfftn>,
  ];
  const full = irfftn(product(p, q), axes, { s: lengths });
  const start = full.shape.map(() => 0);
  const limit = [...full.shape];
  axes.forEach((i) => {
    const [from, size] = window(x.shape[i]!, y.shape[i]!, mode);
    [start[i], limit[i]] = [from, from + size];
  });
  return ops.slice(full, start, limit);
}

/** The next power of 2. */
const fastLength = (n: number): number => 2 ** Math.ceil(Math.log2(n));

function general(op: string, in1: ArrayLike, in2: ArrayLike, o: ConvolveOptions, flipped: boolean): Tracer {
  const { mode = "full", method = "auto" } = o;
  if (!["auto", "direct", "fft"].includes(method)) {
    throw new ShapeError(`${op}: method must be "auto", "direct" or "fft", got ${String(method)}`);
  }
  return owned(() => {
    const [x, second] = checkedPair(op, in1, in2, mode);
    const y = flipped ? ops.rev(second, range(second.ndim)) : second;
    return method === "fft" ? byFourier(op, x, y, mode, range(x.ndim)) : direct(op, x, y, mode);
  });
}

const NAMES = ["mode", "method"] as const;
const NAMES_2D = ["mode", "boundary", "fillvalue"] as const;

/**
 * Convolution of arrays with as many axes.
 *
 * Shapes: `f32[n] x f32[m] -> f32[n + m - 1]`, "same" `f32[n]`, "valid" `f32[|n - m| + 1]`; each axis so.
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for other ranks, empty arrays, an unknown mode or method.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.convolve.html
 * @example
 * scipy.signal.convolve(np.array([1, 2, 3]), np.array([1, 1])).js(); // => [1, 3, 5, 3]
 * scipy.signal.convolve(np.array([1, 2, 3]), np.array([1, 1]), "valid").js(); // => [3, 5]
 */
export function convolve(
  in1: ArrayLike,
  in2: ArrayLike,
  mode?: ConvolveMode | ConvolveOptions,
  method?: "auto" | "direct" | "fft" | ConvolveOptions,
): Tracer {
  return general("convolve", in1, in2, byPosition<ConvolveOptions>(NAMES, [mode, method]), false);
}

/**
 * Cross-correlation of arrays with as many axes: convolution with the second one turned round.
 *
 * Shapes: as `convolve`.
 * Errors: as `convolve`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.correlate.html
 * @example
 * scipy.signal.correlate(np.array([1, 2, 3]), np.array([0, 1])).js(); // => [1, 2, 3, 0]
 */
export function correlate(
  in1: ArrayLike,
  in2: ArrayLike,
  mode?: ConvolveMode | ConvolveOptions,
  method?: "auto" | "direct" | "fft" | ConvolveOptions,
): Tracer {
  return general("correlate", in1, in2, byPosition<ConvolveOptions>(NAMES, [mode, method]), true);
}

function planar(op: string, in1: ArrayLike, in2: ArrayLike, o: Convolve2dOptions, flipped: boolean): Tracer {
  if ((o.boundary ?? "fill") !== "fill" || (o.fillvalue ?? 0) !== 0) {
    throw new ShapeError(
      `${op}: only boundary "fill" with fillvalue 0 is known; pad with np.pad first, and use mode "valid"`,
    );
  }
  const mode = o.mode ?? "full";
  return owned(() => {
    const [x, y] = checkedPair(op, in1, in2, mode);
    if (x.ndim !== 2) throw new ShapeError(`${op}: expected two matrices, got ${x.aval} and ${y.aval}`);
    return direct(op, x, flipped ? ops.rev(y, [0, 1]) : y, mode, flipped);
  });
}

/**
 * Convolution of two matrices, zeros outside.
 *
 * Shapes: as `convolve`.
 * Errors: ShapeError unless both are matrices; for another boundary.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.convolve2d.html
 * @example
 * scipy.signal.convolve2d(np.array([[1, 2]]), np.array([[1], [3]])).js(); // => [[1, 2], [3, 6]]
 */
export function convolve2d(
  in1: ArrayLike,
  in2: ArrayLike,
  mode?: ConvolveMode | Convolve2dOptions,
  boundary?: "fill" | Convolve2dOptions,
  fillvalue?: number,
): Tracer {
  return planar("convolve2d", in1, in2, byPosition<Convolve2dOptions>(NAMES_2D, [mode, boundary, fillvalue]), false);
}

/**
 * Cross-correlation of two matrices, zeros outside.
 *
 * Shapes: as `convolve`.
 * Errors: ShapeError unless both are matrices; for another boundary.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.correlate2d.html
 * @example
 * scipy.signal.correlate2d(np.array([[1, 2]]), np.array([[0, 1]])).js(); // => [[1, 2, 0]]
 */
export function correlate2d(
  in1: ArrayLike,
  in2: ArrayLike,
  mode?: ConvolveMode | Convolve2dOptions,
  boundary?: "fill" | Convolve2dOptions,
  fillvalue?: number,
): Tracer {
  return planar("correlate2d", in1, in2, byPosition<Convolve2dOptions>(NAMES_2D, [mode, boundary, fillvalue]), true);
}

export interface FftconvolveOptions {
  mode?: ConvolveMode | undefined;
  /** The axes to convolve along; the others must be equal. */
  axes?: number | readonly number[] | null | undefined;
}

/**
 * Convolution by Fourier transforms.
 *
 * Shapes: as `convolve`, along all axes or `axes`.
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for other ranks, empty arrays, an unknown mode, or other axes that differ.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.signal.fftconvolve.html
 * @example
 * scipy.signal.fftconvolve(np.array([1, 2, 3]), np.array([1, 1])).shape; // => [4]
 */
export function fftconvolve(
  in1: ArrayLike,
  in2: ArrayLike,
  mode?: ConvolveMode | FftconvolveOptions,
  axes?: number | readonly number[] | null,
): Tracer {
  const op = "fftconvolve";
  const o = byPosition<FftconvolveOptions>(["mode", "axes"], [mode, axes]);
  return owned(() => {
    const [x, y] = checkedPair(op, in1, in2, o.mode ?? "full");
    const given = o.axes ?? range(x.ndim);
    const at = (typeof given === "number" ? [given] : given).map((i) => canonicalAxis(op, i, x.ndim));
    if (range(x.ndim).some((i) => !at.includes(i) && x.shape[i] !== y.shape[i])) {
      throw new ShapeError(`${op}: axes other than [${at.join(", ")}] must be equal, got ${x.aval} and ${y.aval}`);
    }
    const work = isFloat(x.dtype) && x.dtype !== "float64" ? "float32" : x.dtype;
    const out = byFourier(op, ops.convertElementType(x, work), ops.convertElementType(y, work), o.mode ?? "full", at);
    return ops.convertElementType(out, x.dtype);
  });
}
