/** Resampling methods, and the kernels that weigh input pixels by their distance. */
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { constantLike } from "../numpy/lift";
import * as ops from "../ops/index";

/** Methods of `resize`, under JAX's names; the values are what may be written in their place. */
export const ResizeMethod = {
  /** The nearest pixel. */
  NEAREST: "nearest",
  /** Linear interpolation; a triangle where it antialiases. */
  LINEAR: "linear",
  /** Windowed sinc of radius 3. */
  LANCZOS3: "lanczos3",
  /** Windowed sinc of radius 5. */
  LANCZOS5: "lanczos5",
  /** Keys' cubic convolution, a = -1/2. */
  CUBIC: "cubic",
  /** As PyTorch: without antialiasing a = -3/4, and edge pixels go on outside. */
  CUBIC_PYTORCH: "cubic-pytorch",
  /** Mean over the area of an output pixel. */
  AREA: "area",
} as const;

/** A method of `ResizeMethod`, or another name for one. */
export type ResizeMethodName =
  | (typeof ResizeMethod)[keyof typeof ResizeMethod]
  | "bilinear"
  | "trilinear"
  | "triangle"
  | "bicubic"
  | "tricubic"
  | "bicubic-pytorch";

export type Method = (typeof ResizeMethod)[keyof typeof ResizeMethod];

const ALIASES: Readonly<Record<string, Method>> = {
  bilinear: "linear",
  trilinear: "linear",
  triangle: "linear",
  bicubic: "cubic",
  tricubic: "cubic",
  "bicubic-pytorch": "cubic-pytorch",
};

/** The method of a name; ShapeError for others. */
export function methodOf(op: string, name: string): Method {
  const known: readonly string[] = Object.values(ResizeMethod);
  if (known.includes(name)) return name as Method;
  const method = ALIASES[name];
  if (method === undefined) {
    throw new ShapeError(
      `${op}: method "${name}" is not known; expected one of ${[...known, ...Object.keys(ALIASES)].join(", ")}`,
    );
  }
  return method;
}

/** Weight of a pixel at a distance x >= 0 from the sample. */
export type Kernel = (x: Tracer) => Tracer;

const triangle: Kernel = (x) => ops.max(constantLike(x, 0), ops.sub(constantLike(x, 1), x));

/** Cubic convolution: R. Keys, "Cubic convolution interpolation for digital image processing" (1981). */
const cubic =
  (a: number): Kernel =>
  (x) => {
    const c = (value: number): Tracer => constantLike(x, value);
    const horner = (...coefficients: number[]): Tracer =>
      coefficients.slice(1).reduce((sum, k) => ops.add(ops.mul(sum, x), c(k)), c(coefficients[0]!));
    const outer = ops.where(ops.lt(x, c(2)), horner(a, -5 * a, 8 * a, -4 * a), c(0));
    return ops.where(ops.lt(x, c(1)), horner(a + 2, -(a + 3), 0, 1), outer);
  };

/** sinc(x) sinc(x / r) for x < r. */
const lanczos =
  (radius: number): Kernel =>
  (x) => {
    const c = (value: number): Tracer => constantLike(x, value);
    const near = ops.lt(x, c(1e-3));
    const safe = ops.where(near, c(1), x);
    const angle = ops.mul(safe, c(Math.PI));
    const product = ops.mul(ops.sin(angle), ops.sin(ops.mul(angle, c(1 / radius))));
    const inside = ops.where(near, c(1), ops.mul(c(radius), ops.div(product, ops.square(angle))));
    return ops.where(ops.gt(x, c(radius)), c(0), inside);
  };

/** Kernels by distance; area and nearest work otherwise. */
export const KERNELS: Readonly<Record<Exclude<Method, "nearest" | "area">, Kernel>> = {
  linear: triangle,
  cubic: cubic(-0.5),
  "cubic-pytorch": cubic(-0.5),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
};

/** PyTorch's kernel without antialiasing. */
export const PYTORCH_CUBIC: Kernel = cubic(-0.75);

/** 0, 1, ... n - 1 of all axes but one. */
export const otherAxes = (ndim: number, axis: number): number[] => range(ndim).filter((i) => i !== axis);
