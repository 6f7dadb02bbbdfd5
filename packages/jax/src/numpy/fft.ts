/** Discrete Fourier transforms of any length. Complex arrays are pairs `{ real, imag }`. */
import { checkOptions } from "../base/option-names";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { prod, range } from "../base/list";
import { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { multiply } from "./arithmetic";
import type { ComplexPair } from "./complex-pair";
import { type ArrayLike, constantLike, convert, inexact, promoteInexactDTypes } from "./lift";
import { owned } from "./owned";
import { moveaxis } from "./shape";

export type { ComplexPair } from "./complex-pair";
export { fftfreq, fftshift, ifftshift, rfftfreq } from "./fft-order";

/** How results are scaled: "backward" (default) divides inverse transforms by the length, "ortho" both by its root. */
export type FftNorm = "backward" | "ortho" | "forward";

export interface FftOptions {
  axis?: number | undefined;
  /** Length along the axis: longer input is cut, shorter filled with zeros. */
  n?: number | null | undefined;
  norm?: FftNorm | null | undefined;
}

export interface FftnOptions {
  axes?: readonly number[] | null | undefined;
  /** Lengths along the axes. */
  s?: readonly number[] | null | undefined;
  norm?: FftNorm | null | undefined;
}

type Pair = [Tracer, Tracer];

function pairOf(op: string, a: ComplexPair | ArrayLike): Pair {
  if (a instanceof Tracer || typeof a !== "object") {
    const real = inexact(a);
    return [real, constantLike(real, 0)];
  }
  const [real, imag] = promoteInexactDTypes([a.real, a.imag]) as Pair;
  if (real.shape.join() !== imag.shape.join()) {
    throw new ShapeError(`${op}: real and imaginary parts must have one shape, got ${real.aval} and ${imag.aval}`);
  }
  return [real, imag];
}

/** Cut or filled with zeros to length `n` along an axis. */
function toLength(x: Tracer, axis: number, n: number): Tracer {
  const size = x.shape[axis]!;
  if (size === n) return x;
  if (size > n)
    return ops.slice(
      x,
      x.shape.map(() => 0),
      x.shape.map((s, i) => (i === axis ? n : s)),
    );
  return ops.pad(
    x,
    convert(inexact(0), x.dtype),
    x.shape.map(() => 0),
    x.shape.map((_, i) => (i === axis ? n - size : 0)),
    x.shape.map(() => 0),
  );
}

const scaleOf = (n: number, norm: FftNorm | null | undefined, inverse: boolean): number => {
  if (norm === "ortho") return 1 / Math.sqrt(n);
  return (norm === "forward") !== inverse ? 1 / n : 1;
};

/** One transform along the last axis after moving `axis` there, scaled. */
function transform([re, im]: Pair, axis: number, inverse: boolean, scale: number): Pair {
  const last = re.ndim - 1;
  const [a, b] = ops.fft(moveaxis(re, axis, last), moveaxis(im, axis, last), inverse) as Pair;
  const out = [a, b].map((x) => moveaxis(scale === 1 ? x : multiply(x, scale), last, axis));
  return out as Pair;
}

interface Plan {
  readonly axis: number;
  readonly n: number;
}

function along(op: string, x: Tracer, axes: readonly number[], s: readonly number[] | null | undefined): Plan[] {
  if (s !== undefined && s !== null && s.length !== axes.length)
    throw new ShapeError(`${op}: ${s.length} lengths for ${axes.length} axes`);
  return axes.map((a, i) => {
    const axis = canonicalAxis(op, a, x.ndim);
    const n = s?.[i] ?? x.shape[axis]!;
    if (n < 1) throw new ShapeError(`${op}: the length along axis ${axis} must be at least 1, got ${n}`);
    return { axis, n };
  });
}

function complexTransform(
  op: string,
  a: ComplexPair | ArrayLike,
  axes: readonly number[] | null,
  o: FftnOptions,
  inverse: boolean,
): ComplexPair {
  return owned(() => {
    let pair = pairOf(op, a);
    const plans = along(op, pair[0], axes ?? o.axes ?? range(pair[0].ndim), o.s);
    const scale = scaleOf(prod(plans.map((p) => p.n)), o.norm, inverse);
    plans.forEach(({ axis, n }, i) => {
      pair = pair.map((x) => toLength(x, axis, n)) as Pair;
      pair = transform(pair, axis, inverse, i === plans.length - 1 ? scale : 1);
    });
    return { real: pair[0], imag: pair[1] };
  });
}

type AxisOrOptions = number | FftOptions | undefined;
const oneAxis = (axis: AxisOrOptions, options: FftOptions | undefined): { axes: number[]; o: FftnOptions } => {
  const all: FftOptions = { ...(typeof axis === "object" ? axis : { axis }), ...options };
  checkOptions("fft", all, { axis: true, n: true, norm: true });
  return { axes: [all.axis ?? -1], o: { s: all.n === undefined || all.n === null ? null : [all.n], norm: all.norm } };
};
type AxesOrOptions = readonly number[] | FftnOptions | null | undefined;
const manyAxes = (
  axes: AxesOrOptions,
  options: FftnOptions | undefined,
  byDefault: readonly number[] | null,
): { axes: readonly number[] | null; o: FftnOptions } => {
  const early =
    axes !== undefined && axes !== null && !Array.isArray(axes)
      ? (axes as FftnOptions)
      : { axes: axes as readonly number[] | null | undefined };
  const o: FftnOptions = { ...early, ...options };
  checkOptions("fft", o, { axes: true, s: true, norm: true });
  const s = o.s;
  return {
    axes: o.axes ?? byDefault ?? (s === undefined || s === null ? null : range(s.length).map((i) => i - s.length)),
    o,
  };
};

/** Transform along an axis: `sum over j of a[j] exp(-2 pi i j k / n)`. @example np.fft.fft({ real: np.ones([2]), imag: np.zeros([2]) }).real.js(); // => [2, 0] */
export function fft(a: ComplexPair | ArrayLike, axis?: AxisOrOptions, options?: FftOptions): ComplexPair {
  const { axes, o } = oneAxis(axis, options);
  return complexTransform("fft", a, axes, o, false);
}

/** Inverse of `fft`. @example np.fft.ifft({ real: np.array([2, 0]), imag: np.zeros([2]) }).real.js(); // => [1, 1] */
export function ifft(a: ComplexPair | ArrayLike, axis?: AxisOrOptions, options?: FftOptions): ComplexPair {
  const { axes, o } = oneAxis(axis, options);
  return complexTransform("ifft", a, axes, o, true);
}

/** `fft` along two axes (the last). @example np.fft.fft2({ real: np.ones([2, 2]), imag: np.zeros([2, 2]) }).real.js(); // => [[4, 0], [0, 0]] */
export function fft2(a: ComplexPair | ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): ComplexPair {
  const given = manyAxes(axes, options, [-2, -1]);
  return complexTransform("fft2", a, given.axes, given.o, false);
}

/** Inverse of `fft2`. @example np.fft.ifft2({ real: np.ones([1, 1]), imag: np.zeros([1, 1]) }).real.js(); // => [[1]] */
export function ifft2(a: ComplexPair | ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): ComplexPair {
  const given = manyAxes(axes, options, [-2, -1]);
  return complexTransform("ifft2", a, given.axes, given.o, true);
}

/** `fft` along several axes (all). @example np.fft.fftn({ real: np.ones([2]), imag: np.zeros([2]) }).real.js(); // => [2, 0] */
export function fftn(a: ComplexPair | ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): ComplexPair {
  const given = manyAxes(axes, options, null);
  return complexTransform("fftn", a, given.axes, given.o, false);
}

/** Inverse of `fftn`. @example np.fft.ifftn({ real: np.array([2, 0]), imag: np.zeros([2]) }).real.js(); // => [1, 1] */
export function ifftn(a: ComplexPair | ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): ComplexPair {
  const given = manyAxes(axes, options, null);
  return complexTransform("ifftn", a, given.axes, given.o, true);
}

/** The first `n / 2 + 1` elements along the axis; the others mirror them. */
function half(x: Tracer, axis: number): Tracer {
  const keep = Math.floor(x.shape[axis]! / 2) + 1;
  return ops.slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((s, i) => (i === axis ? keep : s)),
  );
}

function realTransform(op: string, a: ArrayLike, axes: readonly number[] | null, o: FftnOptions): ComplexPair {
  return owned(() => {
    const x = inexact(a);
    const list = axes ?? range(x.ndim);
    const full = complexTransform(op, x, list, o, false);
    const last = canonicalAxis(op, list[list.length - 1]!, x.ndim);
    return { real: half(full.real, last), imag: half(full.imag, last) };
  });
}

/** `fft` of real numbers: the first half, which says all. @example np.fft.rfft(np.array([1, 1])).real.js(); // => [2, 0] */
export function rfft(a: ArrayLike, axis?: AxisOrOptions, options?: FftOptions): ComplexPair {
  const { axes, o } = oneAxis(axis, options);
  return realTransform("rfft", a, axes, o);
}

/** `rfft` along two axes (the last). @example np.fft.rfft2(np.ones([2, 2])).real.js(); // => [[4, 0], [0, 0]] */
export function rfft2(a: ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): ComplexPair {
  const given = manyAxes(axes, options, [-2, -1]);
  return realTransform("rfft2", a, given.axes, given.o);
}

/** `rfft` along several axes (all). @example np.fft.rfftn(np.array([1, 1])).real.js(); // => [2, 0] */
export function rfftn(a: ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): ComplexPair {
  const given = manyAxes(axes, options, null);
  return realTransform("rfftn", a, given.axes, given.o);
}

/** The whole spectrum of real numbers of length `n` from its first half. */
function mirrored([re, im]: Pair, axis: number, n: number): Pair {
  const keep = Math.floor(n / 2) + 1;
  const [a, b] = [toLength(re, axis, keep), toLength(im, axis, keep)];
  const tail = n - keep;
  if (tail === 0) return [a, b];
  const rest = (x: Tracer): Tracer =>
    ops.rev(
      ops.slice(
        x,
        x.shape.map((_, i) => (i === axis ? 1 : 0)),
        x.shape.map((s, i) => (i === axis ? 1 + tail : s)),
      ),
      [axis],
    );
  return [ops.concatenate([a, rest(a)], axis), ops.concatenate([b, ops.neg(rest(b))], axis)];
}

function inverseReal(op: string, a: ComplexPair | ArrayLike, axes: readonly number[] | null, o: FftnOptions): Tracer {
  return owned(() => {
    let pair = pairOf(op, a);
    const list = (axes ?? o.axes ?? range(pair[0].ndim)).map((x) => canonicalAxis(op, x, pair[0].ndim));
    const last = list[list.length - 1]!;
    const n = o.s?.[list.length - 1] ?? 2 * (pair[0].shape[last]! - 1);
    if (n < 1) throw new ShapeError(`${op}: the length along axis ${last} must be at least 1, got ${n}`);
    const others = list.slice(0, -1);
    const sizes = others.map((axis, i) => o.s?.[i] ?? pair[0].shape[axis]!);
    others.forEach((axis, i) => {
      pair = transform(pair.map((x) => toLength(x, axis, sizes[i]!)) as Pair, axis, true, 1);
    });
    const scale = scaleOf(n * prod(sizes), o.norm, true);
    return transform(mirrored(pair, last, n), last, true, scale)[0];
  });
}

/** Inverse of `rfft`; `n` is `2 (m - 1)` unless given. @example np.fft.irfft({ real: np.array([2, 0]), imag: np.zeros([2]) }).js(); // => [1, 1] */
export function irfft(a: ComplexPair | ArrayLike, axis?: AxisOrOptions, options?: FftOptions): Tracer {
  const { axes, o } = oneAxis(axis, options);
  return inverseReal("irfft", a, axes, o);
}

/** Inverse of `rfft2`. @example np.fft.irfft2(np.fft.rfft2(np.ones([2, 2]))).js(); // => [[1, 1], [1, 1]] */
export function irfft2(a: ComplexPair | ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): Tracer {
  const given = manyAxes(axes, options, [-2, -1]);
  return inverseReal("irfft2", a, given.axes, given.o);
}

/** Inverse of `rfftn`. @example np.fft.irfftn(np.fft.rfftn(np.ones([2]))).js(); // => [1, 1] */
export function irfftn(a: ComplexPair | ArrayLike, axes?: AxesOrOptions, options?: FftnOptions): Tracer {
  const given = manyAxes(axes, options, null);
  return inverseReal("irfftn", a, given.axes, given.o);
}

const opposite = (norm: FftNorm | null | undefined): FftNorm =>
  norm === "ortho" ? "ortho" : norm === "forward" ? "backward" : "forward";

/** Transform of a signal with a real spectrum, given by its first half. @example np.fft.hfft({ real: np.array([1, 0]), imag: np.zeros([2]) }).js(); // => [1, 1] */
export function hfft(a: ComplexPair | ArrayLike, axis?: AxisOrOptions, options?: FftOptions): Tracer {
  const { axes, o } = oneAxis(axis, options);
  return owned(() => {
    const [real, imag] = pairOf("hfft", a);
    return inverseReal("hfft", { real, imag: ops.neg(imag) }, axes, { ...o, norm: opposite(o.norm) });
  });
}

/** Inverse of `hfft`. @example np.fft.ihfft(np.array([1, 1])).real.js(); // => [1, 0] */
export function ihfft(a: ArrayLike, axis?: AxisOrOptions, options?: FftOptions): ComplexPair {
  const { axes, o } = oneAxis(axis, options);
  return owned(() => {
    const out = realTransform("ihfft", a, axes, { ...o, norm: opposite(o.norm) });
    return { real: out.real, imag: ops.neg(out.imag) };
  });
}
