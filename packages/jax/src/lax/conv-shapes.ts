/** Shapes of convolutions and windows, computed ahead. */
import { ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { range, needList } from "../base/list";
import { reshape, transpose } from "../ops/index";
import { dotGeneral } from "./dot";
import { owned } from "../numpy/owned";
import {
  type ConvDimensionNumbers,
  type ConvOptions,
  type PaddingType,
  convGeneralDilatedPatches,
  padtypeToPads,
} from "./conv";

type Shape = readonly number[];

/** Where the axes N, C, space (lhs and result) and O, I, space (kernel) are. */
export interface ConvAxes {
  readonly lhsSpec: readonly number[];
  readonly rhsSpec: readonly number[];
  readonly outSpec: readonly number[];
}

/** Letters for axes as positions; null is `NC...`, `OI...`, `NC...`. @example lax.convDimensionNumbers([1, 4, 4, 3], [3, 3, 3, 8], ["NHWC", "HWIO", "NHWC"]).lhsSpec; // => [0, 3, 1, 2] */
export function convDimensionNumbers(
  lhsShape: Shape,
  rhsShape: Shape,
  dimensionNumbers: ConvDimensionNumbers | null,
): ConvAxes {
  const n = lhsShape.length;
  if (rhsShape.length !== n) throw new ShapeError(`convDimensionNumbers: ranks ${n} and ${rhsShape.length} differ`);
  if (dimensionNumbers === null) return { lhsSpec: range(n), rhsSpec: range(n), outSpec: range(n) };
  const [lhsSpec, rhsSpec, outSpec] = convGeneralPermutations(dimensionNumbers);
  return { lhsSpec, rhsSpec, outSpec };
}

/** Permutations that bring layouts to `NC...`, `OI...`, `NC...`. @example lax.convGeneralPermutations(["NHWC", "HWIO", "NHWC"]); // => [[0, 3, 1, 2], [3, 2, 0, 1], [0, 3, 1, 2]] */
export function convGeneralPermutations(dimensionNumbers: ConvDimensionNumbers): [number[], number[], number[]] {
  const [lhs, rhs, out] = needList("conv: dimensionNumbers", dimensionNumbers);
  const space = [...rhs].filter((c) => c !== "O" && c !== "I");
  const order = (spec: string, head: readonly string[]): number[] => [...head, ...space].map((c) => spec.indexOf(c));
  return [order(lhs, ["N", "C"]), order(rhs, ["O", "I"]), order(out, ["N", "C"])];
}

const windowed = (sizes: Shape, window: Shape, strides: Shape, pads: readonly (readonly number[])[]): number[] =>
  sizes.map((n, i) => {
    const padded = n + pads[i]![0]! + pads[i]![1]!;
    return Math.max(0, Math.floor((padded - window[i]!) / strides[i]!) + 1);
  });

/** Shape of a convolution in the layout `NC...`, `OI...`. @example lax.convShapeTuple([1, 3, 8, 8], [4, 3, 3, 3], [1, 1], "VALID"); // => [1, 4, 6, 6] */
export function convShapeTuple(
  lhsShape: Shape,
  rhsShape: Shape,
  strides: Shape,
  pads: PaddingType,
  batchGroupCount = 1,
): number[] {
  const [space, window] = [lhsShape.slice(2), rhsShape.slice(2)];
  const pairs = padtypeToPads(space, window, strides, pads);
  return [Math.floor(lhsShape[0]! / batchGroupCount), rhsShape[0]!, ...windowed(space, window, strides, pairs)];
}

/** Shape of a convolution in any layout. @example lax.convGeneralShapeTuple([1, 8, 8, 3], [3, 3, 3, 4], [1, 1], "VALID", ["NHWC", "HWIO", "NHWC"]); // => [1, 6, 6, 4] */
export function convGeneralShapeTuple(
  lhsShape: Shape,
  rhsShape: Shape,
  windowStrides: Shape,
  padding: PaddingType,
  dimensionNumbers: ConvDimensionNumbers,
): number[] {
  const [lhs, rhs, out] = convGeneralPermutations(dimensionNumbers);
  const flat = convShapeTuple(
    lhs.map((i) => lhsShape[i]!),
    rhs.map((i) => rhsShape[i]!),
    windowStrides,
    padding,
  );
  const shape: number[] = [];
  out.forEach((at, i) => (shape[at] = flat[i]!));
  return shape;
}

/** Shape of a transposed convolution in any layout. @example lax.convTransposeShapeTuple([1, 4, 4, 3], [2, 2, 3, 4], [2, 2], "VALID", ["NHWC", "HWIO", "NHWC"]); // => [1, 8, 8, 4] */
export function convTransposeShapeTuple(
  lhsShape: Shape,
  rhsShape: Shape,
  windowStrides: Shape,
  padding: PaddingType,
  dimensionNumbers: ConvDimensionNumbers,
): number[] {
  const [lhs, rhs, out] = convGeneralPermutations(dimensionNumbers);
  const [x, k] = [lhs.map((i) => lhsShape[i]!), rhs.map((i) => rhsShape[i]!)];
  const space = x.slice(2).map((n, i) => {
    const [stride, window] = [windowStrides[i]!, k[i + 2]!];
    if (padding === "VALID") return n * stride + Math.max(window - stride, 0);
    if (padding === "SAME") return n * stride;
    const [lo, hi] = (padding as readonly (readonly number[])[])[i]!;
    return (n - 1) * stride + 1 + lo! + hi! - window + 1;
  });
  const shape: number[] = [];
  [x[0]!, k[0]!, ...space].forEach((n, i) => (shape[out[i]!] = n));
  return shape;
}

/** Shape of `reduceWindow`. @example lax.reduceWindowShapeTuple([5], [2], [2], [[0, 0]]); // => [2] */
export function reduceWindowShapeTuple(
  operandShape: Shape,
  windowDimensions: Shape,
  windowStrides: Shape,
  padding: PaddingType,
  baseDilation?: Shape | null,
  windowDilation?: Shape | null,
): number[] {
  const dilated = (sizes: Shape, by: Shape | null | undefined): number[] =>
    sizes.map((n, i) => (n === 0 ? 0 : (n - 1) * (by?.[i] ?? 1) + 1));
  const sizes = dilated(operandShape, baseDilation);
  const window = dilated(windowDimensions, windowDilation);
  return windowed(sizes, window, windowStrides, padtypeToPads(sizes, window, windowStrides, padding));
}

/**
 * Convolution with a kernel of its own at every place of the result.
 *
 * Shapes: `f32[n, c, ...space] x f32[o, c * window, ...out] -> f32[n, o, ...out]`.
 * @example
 * lax.convGeneralDilatedLocal(np.array([[[1, 2, 3]]]), np.ones([1, 2, 2]), [1], "VALID", [2]).js(); // => [[[3, 5]]]
 */
export function convGeneralDilatedLocal(
  lhs: Tracer,
  rhs: Tracer,
  windowStrides: readonly number[],
  padding: PaddingType,
  filterShape: readonly number[],
  options: Pick<ConvOptions, "lhsDilation" | "rhsDilation"> = {},
): Tracer {
  return owned(() => {
    const patches = convGeneralDilatedPatches(lhs, filterShape, windowStrides, padding, options); // [n, c k, ...out]
    const space = range(2, patches.ndim);
    const out = dotGeneral(patches, rhs, [
      [[1], [1]],
      [space, space],
    ]); // [...out, n, o]
    const n = space.length;
    return reshape(transpose(out, [n, n + 1, ...range(n)]), [
      patches.shape[0]!,
      rhs.shape[0]!,
      ...patches.shape.slice(2),
    ]);
  });
}
