/** Resampling methods by their names. */
import { ShapeError } from "../base/errors";
import { range } from "../base/list";

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

/** 0, 1, ... n - 1 of all axes but one. */
export const otherAxes = (ndim: number, axis: number): number[] => range(ndim).filter((i) => i !== axis);
