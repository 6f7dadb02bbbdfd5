/** Convolutions, with the paddings and layouts that users write. */
import { type DType, isFloat } from "../aval/dtype";
import { DTypeError, ShapeError } from "../base/errors";
import { inversePermutation, range, needList } from "../base/list";
import type { Tracer } from "../core/tracer";
import { byPosition } from "../numpy/arguments";
import { convert, promoteDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { eagerProgram } from "../transforms/eager-program";

export type Pair = readonly [number, number];

/**
 * "VALID": none. "SAME": as many outputs as positions at these strides, the odd one at the end; "SAME_LOWER": at the
 * start. Or [before, after] for each spatial axis; negative numbers crop.
 */
export type PaddingType = "VALID" | "SAME" | "SAME_LOWER" | readonly (readonly number[])[];

/**
 * Letters for the axes of lhs, rhs and result: N batch, C feature, I and O input and output feature of the kernel, and
 * any others for space, as `["NHWC", "HWIO", "NHWC"]`.
 */
export type ConvDimensionNumbers = readonly [lhs: string, rhs: string, out: string];

export interface ConvOptions {
  lhsDilation?: readonly number[] | null | undefined;
  rhsDilation?: readonly number[] | null | undefined;
  featureGroupCount?: number | undefined;
  batchGroupCount?: number | undefined;
  dimensionNumbers?: ConvDimensionNumbers | null | undefined;
  /** Dtype of the result, in which sums are taken. */
  preferredElementType?: DType | null | undefined;
}

const dilate = (n: number, d: number): number => (n === 0 ? 0 : (n - 1) * d + 1);

/** Pairs of paddings for spatial sizes. @example lax.padtypeToPads([5], [3], [1], "SAME"); // => [[1, 1]] */
export function padtypeToPads(
  lhsShape: readonly number[],
  rhsShape: readonly number[],
  windowStrides: readonly number[],
  padding: PaddingType,
): Pair[] {
  needList("conv: windowStrides", windowStrides);
  if (typeof padding !== "string") {
    if (needList("conv: padding", padding).length !== lhsShape.length)
      throw new ShapeError(`conv: ${padding.length} paddings for ${lhsShape.length} spatial axes`);
    return padding.map((p) => [p[0]!, p[1]!]);
  }
  if (padding.toUpperCase() === "VALID") return lhsShape.map(() => [0, 0]);
  const lower = padding.toUpperCase() === "SAME_LOWER";
  if (!lower && padding.toUpperCase() !== "SAME") {
    throw new ShapeError(
      `conv: padding "${String(padding)}" is not known; expected "VALID", "SAME", "SAME_LOWER" or pairs`,
    );
  }
  return lhsShape.map((n, i) => {
    const stride = windowStrides[i]!;
    const total = Math.max(0, (Math.ceil(n / stride) - 1) * stride + rhsShape[i]! - n);
    const small = Math.floor(total / 2);
    return lower ? [total - small, small] : [small, total - small];
  });
}

/** The order in which JAX takes them by position. */
const CONV_OPTIONS = [
  "lhsDilation", "rhsDilation", "dimensionNumbers", "featureGroupCount", "batchGroupCount", "preferredElementType",
] as const; // prettier-ignore

/** Permutations that bring operands into [n, c, ...space] and [o, i, ...space], and the result back. */
function layouts(
  { dimensionNumbers }: ConvOptions,
  ndim: number,
): { lhs: number[]; rhs: number[]; out: number[] } | null {
  if (dimensionNumbers === undefined || dimensionNumbers === null) return null;
  const [lhs, rhs, out] = dimensionNumbers;
  const space = [...rhs].filter((c) => c !== "O" && c !== "I");
  const order = (spec: string, first: string, second: string): number[] => {
    const wanted = [first, second, ...space];
    const at = wanted.map((c) => spec.indexOf(c));
    if (spec.length !== ndim || at.includes(-1)) {
      throw new ShapeError(`conv: layout "${spec}" does not name the ${ndim} axes ${wanted.join("")}`);
    }
    return at;
  };
  return { lhs: order(lhs, "N", "C"), rhs: order(rhs, "O", "I"), out: inversePermutation(order(out, "N", "C")) };
}

/**
 * Convolution (a sliding dot product: the kernel is not flipped).
 *
 * Shapes: `f32[n, c, ...space] x f32[o, c / groups, ...window] -> f32[n, o, ...out]`, or as `dimensionNumbers` says.
 * `lhsDilation` puts zeros between pixels (fractional strides), `rhsDilation` between the kernel's elements.
 * Errors: ShapeError for features or lists that do not fit.
 * @example
 * const image = np.ones([1, 1, 3, 3]), kernel = np.ones([1, 1, 2, 2]);
 * lax.convGeneralDilated(image, kernel, [1, 1], "VALID").js(); // => [[[[4, 4], [4, 4]]]]
 */
export const convGeneralDilated = /* @__PURE__ */ eagerProgram(function convGeneralDilated(
  lhs: Tracer,
  rhs: Tracer,
  windowStrides: readonly number[],
  padding: PaddingType,
  ...given: readonly (ConvOptions | ConvOptions[keyof ConvOptions])[]
): Tracer {
  const options = byPosition<ConvOptions>(CONV_OPTIONS, given);
  return owned(() => {
    const preferred = options.preferredElementType ?? null;
    if (preferred !== null && !isFloat(preferred) && (isFloat(lhs.dtype) || isFloat(rhs.dtype)))
      throw new DTypeError(`conv: floats have no preferredElementType ${preferred}`);
    const [given, kernel] = promoteDTypes([lhs, rhs]).map((t) => (preferred ? convert(t, preferred) : t)) as [
      Tracer,
      Tracer,
    ];
    const plan = layouts(options, given.ndim);
    const x = plan === null ? given : ops.transpose(given, plan.lhs);
    const w = plan === null ? kernel : ops.transpose(kernel, plan.rhs);
    const nSpatial = x.ndim - 2;
    if (nSpatial < 0 || w.ndim !== x.ndim) {
      throw new ShapeError(
        `convGeneralDilated: expected [n, c, ...space] and [o, c, ...window] of equal rank, got ${given.aval} and ${kernel.aval}`,
      );
    }
    const ones = range(nSpatial).map(() => 1);
    const lhsDilation = options.lhsDilation ?? ones;
    const rhsDilation = options.rhsDilation ?? ones;
    const spatial = (t: Tracer, d: readonly number[]): number[] => t.shape.slice(2).map((n, i) => dilate(n, d[i]!));
    const out = ops.conv(x, w, {
      windowStrides,
      padding: padtypeToPads(spatial(x, lhsDilation), spatial(w, rhsDilation), windowStrides, padding),
      lhsDilation,
      rhsDilation,
      featureGroupCount: options.featureGroupCount ?? 1,
      batchGroupCount: options.batchGroupCount ?? 1,
    });
    return plan === null ? out : ops.transpose(out, plan.out);
  });
});

/** Convolution without dilation. @example lax.conv(np.ones([1, 1, 3]), np.ones([1, 1, 2]), [1], "VALID").js(); // => [[[2, 2]]] */
export function conv(lhs: Tracer, rhs: Tracer, windowStrides: readonly number[], padding: PaddingType): Tracer {
  return convGeneralDilated(lhs, rhs, windowStrides, padding);
}

/** Convolution with dilations by position. @example lax.convWithGeneralPadding(np.ones([1, 1, 2]), np.ones([1, 1, 1]), [1], [[1, 0]]).js(); // => [[[0, 1, 1]]] */
export function convWithGeneralPadding(
  lhs: Tracer,
  rhs: Tracer,
  windowStrides: readonly number[],
  padding: PaddingType,
  lhsDilation?: readonly number[],
  rhsDilation?: readonly number[],
): Tracer {
  return convGeneralDilated(lhs, rhs, windowStrides, padding, { lhsDilation, rhsDilation });
}

export interface ConvTransposeOptions {
  rhsDilation?: readonly number[] | null | undefined;
  /** Flips the kernel and swaps its features: the gradient of the convolution with this kernel. */
  transposeKernel?: boolean | undefined;
  dimensionNumbers?: ConvDimensionNumbers | null | undefined;
}

/** Padding of the dilated image that undoes the shape change of a convolution with stride s and window k. */
function transposePadding(k: number, s: number, padding: "SAME" | "VALID"): Pair {
  if (padding === "SAME") {
    const total = k + s - 2;
    const before = s > k - 1 ? k - 1 : Math.ceil(total / 2);
    return [before, total - before];
  }
  const total = k + s - 2 + Math.max(k - s, 0);
  return [k - 1, total - k + 1];
}

/**
 * Transposed ("fractionally strided") convolution: the image is spread by the strides, then convolved.
 *
 * Shapes: spatial sizes grow by the strides; kernels are `[o, c, ...window]`.
 * @example
 * lax.convTranspose(np.ones([1, 1, 2]), np.ones([1, 1, 2]), [2], "VALID").js(); // => [[[1, 1, 1, 1]]]
 */
export function convTranspose(
  lhs: Tracer,
  rhs: Tracer,
  strides: readonly number[],
  padding: PaddingType,
  ...given: readonly (ConvTransposeOptions | ConvTransposeOptions[keyof ConvTransposeOptions])[]
): Tracer {
  const options = byPosition<ConvTransposeOptions>(["rhsDilation", "dimensionNumbers", "transposeKernel"], given);
  return owned(() => {
    const plan = layouts(options, rhs.ndim);
    const sizes = plan === null ? rhs.shape : plan.rhs.map((a) => rhs.shape[a]!);
    const dilation = options.rhsDilation ?? strides.map(() => 1);
    const how = typeof padding === "string" ? (padding.toUpperCase() as "SAME" | "VALID") : padding;
    const pads =
      typeof how === "string"
        ? sizes.slice(2).map((k, i) => transposePadding(dilate(k, dilation[i]!), strides[i]!, how))
        : how;
    let kernel = rhs;
    if (options.transposeKernel === true) {
      const order = plan === null ? range(rhs.ndim) : plan.rhs; // position of O, I and the spatial axes
      kernel = ops.rev(rhs, order.slice(2));
      const swap = range(rhs.ndim);
      [swap[order[0]!], swap[order[1]!]] = [order[1]!, order[0]!];
      kernel = ops.transpose(kernel, swap);
    }
    const ones = strides.map(() => 1);
    return convGeneralDilated(lhs, kernel, ones, pads, {
      lhsDilation: strides,
      rhsDilation: dilation,
      dimensionNumbers: options.dimensionNumbers,
    });
  });
}

/** The windows that a convolution sees, as features `[n, c * window, ...out]`. @example lax.convGeneralDilatedPatches(np.ones([1, 1, 3]), [2], [1], "VALID").shape; // => [1, 2, 2] */
export function convGeneralDilatedPatches(
  lhs: Tracer,
  filterShape: readonly number[],
  windowStrides: readonly number[],
  padding: PaddingType,
  options: Pick<ConvOptions, "lhsDilation" | "rhsDilation"> = {},
): Tracer {
  return owned(() => {
    const n = filterShape.reduce((p, k) => p * k, 1);
    // Each output feature copies one element of the window of one input feature.
    const one = ops.eq(ops.iota("int32", [n, n], 0), ops.iota("int32", [n, n], 1));
    const kernel = ops.reshape(ops.convertElementType(one, lhs.dtype), [n, 1, ...filterShape]);
    const c = lhs.shape[1]!;
    const all = ops.concatenate(
      range(c).map(() => kernel),
      0,
    );
    return convGeneralDilated(lhs, all, windowStrides, padding, { ...options, featureGroupCount: c });
  });
}
