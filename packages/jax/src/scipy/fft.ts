/** Discrete cosine transforms, by Fourier transforms of the same length: J. Makhoul, "A fast cosine transform in one and two dimensions" (1980). */
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { arrayFromHost } from "../numpy/host";
import { type ArrayLike, broadcastArray, inexact } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { moveaxis } from "../numpy/shape";
import * as ops from "../ops/index";
import { byPosition } from "../numpy/arguments";

/** How results are scaled: "ortho" makes the transform orthogonal; "backward" (default) divides the inverse by 2 n. */
export type DctNorm = "backward" | "ortho";

export interface DctOptions {
  /** 2, the only one there is. */
  type?: number | undefined;
  /** Length along the axis: longer input is cut, shorter filled with zeros. */
  n?: number | null | undefined;
  axis?: number | undefined;
  norm?: DctNorm | null | undefined;
}

export interface DctnOptions {
  /** 2, the only one there is. */
  type?: number | undefined;
  /** Lengths along the axes. */
  s?: number | readonly number[] | null | undefined;
  axes?: number | readonly number[] | null | undefined;
  norm?: DctNorm | null | undefined;
}

function checked(op: string, type: number | undefined, norm: DctNorm | null | undefined): boolean {
  if ((type ?? 2) !== 2) throw new ShapeError(`${op}: only type 2 is known, got ${type}`);
  if (norm !== undefined && norm !== null && norm !== "backward" && norm !== "ortho") {
    throw new ShapeError(`${op}: norm must be "backward" or "ortho", got ${String(norm)}`);
  }
  return norm === "ortho";
}

/** The last axis cut or filled with zeros to length n. */
function toLength(op: string, x: Tracer, n: number): Tracer {
  if (!(Number.isInteger(n) && n >= 1)) throw new ShapeError(`${op}: the length must be at least 1, got ${n}`);
  const size = x.shape[x.ndim - 1]!;
  const lead = x.shape.slice(0, -1);
  if (size === n) return x;
  const zeros = x.shape.map(() => 0);
  if (size > n) return ops.slice(x, zeros, [...lead, n]);
  return ops.pad(x, ops.full([], 0, x.dtype), zeros, [...lead.map(() => 0), n - size], zeros);
}

/** Every second element of the last axis from `start`. */
function everySecond(x: Tracer, start: number): Tracer {
  const lead = x.shape.slice(0, -1);
  const strides = [...lead.map(() => 1), 2];
  return ops.slice(x, [...lead.map(() => 0), start], x.shape, strides);
}

/** f(k) for k < n in the dtype of x, repeated to its shape. */
function factors(x: Tracer, f: (k: number) => number): Tracer {
  const n = x.shape[x.ndim - 1]!;
  const values = arrayFromHost(
    "dct",
    Float64Array.from({ length: n }, (_, k) => f(k)),
    { dtype: x.dtype },
  );
  return broadcastArray(values, x.shape);
}

/** Along the last axis: y[k] = 2 sum_j x[j] cos(pi k (2 j + 1) / 2 n), times scale(k). */
function forward(x: Tracer, ortho: boolean): Tracer {
  const n = x.shape[x.ndim - 1]!;
  const last = x.ndim - 1;
  // Even elements, then the odd ones backward: their transform, turned by a quarter step, is the cosine transform.
  const v = n === 1 ? x : ops.concatenate([everySecond(x, 0), ops.rev(everySecond(x, 1), [last])], last);
  const [re, im] = ops.fft(v, ops.zerosLike(v)) as [Tracer, Tracer];
  const scale = (k: number): number => (ortho ? Math.sqrt((k === 0 ? 1 : 2) / n) : 2);
  const cos = factors(x, (k) => scale(k) * Math.cos((Math.PI * k) / (2 * n)));
  const sin = factors(x, (k) => scale(k) * Math.sin((Math.PI * k) / (2 * n)));
  return ops.add(ops.mul(re, cos), ops.mul(im, sin));
}

/** The inverse of `forward`. */
function backward(y: Tracer, ortho: boolean): Tracer {
  const n = y.shape[y.ndim - 1]!;
  const last = y.ndim - 1;
  const scale = (k: number): number => (ortho ? Math.sqrt((k === 0 ? 1 : 0.5) / n) : 0.5 / n);
  const cos = factors(y, (k) => scale(k) * Math.cos((Math.PI * k) / (2 * n)));
  const sin = factors(y, (k) => scale(k) * Math.sin((Math.PI * k) / (2 * n)));
  // y[n - k], with 0 at k = 0.
  const zeros = y.shape.map(() => 0);
  const one = zeros.map((_, i) => (i === last ? 1 : 0));
  const tail = ops.rev(ops.slice(y, one, y.shape), [last]);
  const mirrored = ops.pad(tail, ops.full([], 0, y.dtype), one, zeros, zeros);
  const re = ops.add(ops.mul(y, cos), ops.mul(mirrored, sin));
  const im = ops.sub(ops.mul(y, sin), ops.mul(mirrored, cos));
  const [v] = ops.fft(re, im, true) as [Tracer, Tracer];
  const nEven = Math.ceil(n / 2);
  if (n === 1) return v;
  const lead = y.shape.slice(0, -1);
  const even = ops.slice(v, zeros, [...lead, nEven]);
  const odd = ops.rev(ops.slice(v, [...lead.map(() => 0), nEven], v.shape), [last]);
  // Interleaved: each spread to every second place of n.
  const spread = (x: Tracer, before: number, after: number): Tracer =>
    ops.pad(
      x,
      ops.full([], 0, x.dtype),
      [...lead.map(() => 0), before],
      [...lead.map(() => 0), after],
      [...lead.map(() => 0), 1],
    );
  return ops.add(spread(even, 0, 1 - (n % 2)), spread(odd, 1, n % 2));
}

type Transform = (x: Tracer, ortho: boolean) => Tracer;

function alongOne(op: string, x: ArrayLike, o: DctOptions, transform: Transform): Tracer {
  const ortho = checked(op, o.type, o.norm);
  return owned(() => {
    const y = inexact(x);
    const axis = canonicalAxis(op, o.axis ?? -1, y.ndim);
    const moved = moveaxis(y, axis, -1);
    return moveaxis(transform(toLength(op, moved, o.n ?? moved.shape[y.ndim - 1]!), ortho), -1, axis);
  });
}

function alongMany(op: string, x: ArrayLike, o: DctnOptions, transform: Transform): Tracer {
  const ortho = checked(op, o.type, o.norm);
  const listed = (v: number | readonly number[] | null | undefined): readonly number[] | null =>
    typeof v === "number" ? [v] : (v ?? null);
  return owned(() => {
    let y = inexact(x);
    const s = listed(o.s);
    const axes = listed(o.axes) ?? (s === null ? range(y.ndim) : s.map((_, i) => i - s.length));
    if (s !== null && s.length !== axes.length) {
      throw new ShapeError(`${op}: ${s.length} lengths for ${axes.length} axes`);
    }
    const at = axes.map((a) => canonicalAxis(op, a, y.ndim));
    if (new Set(at).size !== at.length) throw new ShapeError(`${op}: axes [${axes.join(", ")}] name one twice`);
    at.forEach((axis, i) => {
      const moved = moveaxis(y, axis, -1);
      y = moveaxis(transform(toLength(op, moved, s?.[i] ?? moved.shape[y.ndim - 1]!), ortho), -1, axis);
    });
    return y === x ? ops.copy(y) : y;
  });
}

const ONE = ["type", "n", "axis", "norm"] as const;
const MANY = ["type", "s", "axes", "norm"] as const;

/**
 * Discrete cosine transform (type 2) along an axis.
 *
 * `y[k] = 2 sum_j x[j] cos(pi k (2 j + 1) / 2 n)`; with norm "ortho" times `sqrt(1 / 4 n)` for k = 0, else `sqrt(1 / 2 n)`.
 * Shapes: `f32[.., m] -> f32[.., n]`
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for another type or norm, or a length below 1.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.fft.dct.html
 * @example
 * scipy.fft.dct(np.array([1, 2, 3])).js(); // => [12, -3.4641, 0]
 * scipy.fft.dct(np.array([1, 1]), { norm: "ortho" }).js(); // => [1.41421, 0]
 */
export function dct(
  x: ArrayLike,
  type?: number | DctOptions,
  n?: number | null | DctOptions,
  axis?: number | DctOptions,
  norm?: DctNorm | null,
): Tracer {
  return alongOne("dct", x, byPosition<DctOptions>(ONE, [type, n, axis, norm]), forward);
}

/**
 * Inverse of `dct`.
 *
 * Shapes: `f32[.., m] -> f32[.., n]`
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for another type or norm, or a length below 1.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.fft.idct.html
 * @example
 * scipy.fft.idct(np.array([12, -3.4641016, 0])).js(); // => [1, 2, 3]
 */
export function idct(
  x: ArrayLike,
  type?: number | DctOptions,
  n?: number | null | DctOptions,
  axis?: number | DctOptions,
  norm?: DctNorm | null,
): Tracer {
  return alongOne("idct", x, byPosition<DctOptions>(ONE, [type, n, axis, norm]), backward);
}

/**
 * `dct` along several axes: all, or the last of `s`, or `axes`.
 *
 * Shapes: `f32[m, n] -> f32[m, n]`, with `s` those lengths along the axes.
 * Dtypes: floats; integers give float32.
 * Errors: ShapeError for another type or norm, lengths that do not match the axes, or an axis named twice.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.fft.dctn.html
 * @example
 * scipy.fft.dctn(np.ones([2, 2])).js(); // => [[16, 0], [0, 0]]
 */
export function dctn(
  x: ArrayLike,
  type?: number | DctnOptions,
  s?: number | readonly number[] | null | DctnOptions,
  axes?: number | readonly number[] | null | DctnOptions,
  norm?: DctNorm | null,
): Tracer {
  return alongMany("dctn", x, byPosition<DctnOptions>(MANY, [type, s, axes, norm]), forward);
}

/**
 * Inverse of `dctn`.
 *
 * Shapes: `f32[m, n] -> f32[m, n]`, with `s` those lengths along the axes.
 * Dtypes: floats; integers give float32.
 * Errors: as `dctn`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.fft.idctn.html
 * @example
 * scipy.fft.idctn(np.array([[16, 0], [0, 0]])).js(); // => [[1, 1], [1, 1]]
 */
export function idctn(
  x: ArrayLike,
  type?: number | DctnOptions,
  s?: number | readonly number[] | null | DctnOptions,
  axes?: number | readonly number[] | null | DctnOptions,
  norm?: DctNorm | null,
): Tracer {
  return alongMany("idctn", x, byPosition<DctnOptions>(MANY, [type, s, axes, norm]), backward);
}
