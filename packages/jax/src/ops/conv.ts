/** Convolution of [batch, feature, ...spatial] with [outFeature, inFeature / groups, ...window]. */
import { lowerByPhases } from "./conv-phases";
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { insertAt, prod, range } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { Expr } from "../kernel/expr";
import {
  exprBroadcast,
  exprConst,
  exprContract,
  exprCopy,
  exprPad,
  exprPermute,
  exprReduce,
  exprReshape,
  exprScalar,
  exprUnpermute,
  exprWindow,
} from "../kernel/expr-build";
import { reshape } from "./reshape";
import { rev } from "./rev";
import { moveaxis, transpose } from "./transpose";

export type PaddingPairs = readonly (readonly [number, number])[];

export interface ConvParams {
  readonly windowStrides: readonly number[];
  readonly padding: PaddingPairs;
  readonly lhsDilation: readonly number[];
  readonly rhsDilation: readonly number[];
  readonly featureGroupCount: number;
}

/** Fewer output positions than this, and examples are taken together into one large matrix product. */
const FEW_POSITIONS = 128;

/** Features by themselves are convolved by windows: of at most so many elements, so far apart, in rows of results. */
const MOST_TERMS = 32;
const MOST_STEP = 2;
const LEAST_ROW = 4;
const LEAST_FEATURES = 16;

const dilated = (n: number, d: number): number => (n === 0 ? 0 : (n - 1) * d + 1);

function outputSizes(lhs: Pick<Aval, "shape">, rhs: Pick<Aval, "shape">, p: ConvParams): number[] {
  return p.windowStrides.map((stride, i) => {
    const size = dilated(lhs.shape[i + 2]!, p.lhsDilation[i]!) + p.padding[i]![0] + p.padding[i]![1];
    return Math.max(0, Math.floor((size - dilated(rhs.shape[i + 2]!, p.rhsDilation[i]!)) / stride) + 1);
  });
}

export const conv_general_dilated_p: Primitive<ConvParams, 2> = {
  name: "conv_general_dilated",
  type([lhs, rhs], p) {
    if (lhs.dtype !== rhs.dtype)
      throw new DTypeError(`conv_general_dilated: dtypes must be equal, got ${lhs} and ${rhs}`);
    const nSpatial = lhs.ndim - 2;
    if (nSpatial < 0 || rhs.ndim !== lhs.ndim) {
      throw new ShapeError(
        `conv_general_dilated: expected [n, c, ...spatial] and [o, c, ...window] of equal rank, got ${lhs} and ${rhs}`,
      );
    }
    for (const list of [p.windowStrides, p.padding, p.lhsDilation, p.rhsDilation]) {
      if (list.length !== nSpatial) {
        throw new ShapeError(
          `conv_general_dilated: expected ${nSpatial} strides, paddings and dilations for ${lhs}, got ${list.length}`,
        );
      }
    }
    const groups = p.featureGroupCount;
    if (lhs.shape[1] !== rhs.shape[1]! * groups || rhs.shape[0]! % groups !== 0) {
      throw new ShapeError(
        `conv_general_dilated: features do not fit, got ${lhs} and ${rhs} with ${groups} group(s): ` +
          `lhs has ${lhs.shape[1]} features, the kernel takes ${rhs.shape[1]} in each group; kernels are [out, in / groups, ...window]`,
      );
    }
    const shape = [lhs.shape[0]!, rhs.shape[0]!, ...outputSizes(lhs, rhs, p)];
    return [ShapedArray.of(shape, lhs.dtype, lhs.weakType && rhs.weakType)];
  },
  derivative: {
    kind: "bilinear",
    transpose: (ct, [lhs, rhs], [lhsAval, rhsAval], p) =>
      lhs === null ? transposeLhs(ct, rhs!, lhsAval, p) : transposeRhs(ct, lhs, rhsAval, p),
  },
  batch([lhs, rhs], [ld, rd], size, p) {
    const groups = p.featureGroupCount;
    if (ld !== null && rd !== null) {
      // One group of features for each example.
      const x = moveaxis(lhs, ld, 1); // [n, b, c, ...]
      const w = moveaxis(rhs, rd, 0); // [b, o, c, ...]
      const out = bind1(conv_general_dilated_p, [mergeAxes(x, 1), mergeAxes(w, 0)], {
        ...p,
        featureGroupCount: groups * size,
      });
      return [[splitAxis(out, 1, size)], [1]];
    }
    if (ld !== null) {
      const out = bind1(conv_general_dilated_p, [mergeAxes(moveaxis(lhs, ld, 0), 0), rhs], p);
      return [[splitAxis(out, 0, size)], [0]];
    }
    // Features of the result are ordered [group, example, feature].
    const w = moveaxis(rhs, rd!, 0); // [b, o, ...]
    const o = w.shape[1]!;
    const split = reshape(w, [size, groups, o / groups, ...w.shape.slice(2)]);
    const merged = reshape(moveaxis(split, 0, 1), [size * o, ...w.shape.slice(2)]);
    const out = bind1(conv_general_dilated_p, [lhs, merged], p);
    const apart = reshape(out, [out.shape[0]!, groups, size, o / groups, ...out.shape.slice(2)]);
    const moved = moveaxis(apart, 2, 0); // [b, n, groups, o / groups, ...]
    return [[reshape(moved, [size, out.shape[0]!, o, ...out.shape.slice(2)])], [0]];
  },
  lower: ([lhs, rhs], _avals, p) => [lowerByPhases(lhs, rhs, p, lowerConv)],
};

/** A convolution of each feature by itself that is better done as a sum over windows than as products of matrices. */
function isEachAlone(lhs: Expr, rhs: Expr, p: ConvParams): boolean {
  const alone = rhs.shape[1] === 1 && rhs.shape[0] === p.featureGroupCount && lhs.dtype === "float32";
  const terms = prod(rhs.shape.slice(2));
  if (!alone || lhs.shape.length === 2 || terms < 2 || terms > MOST_TERMS || p.lhsDilation.some((d) => d > 1))
    return false;
  return outputSizes(lhs, rhs, p).at(-1)! >= LEAST_ROW && p.windowStrides.at(-1)! <= MOST_STEP;
}

/** Features that are neighbours in memory (NHWC), and not too few: padding, windows and result stay so. */
const isFeatureLast = (x: Expr): boolean =>
  x.kind === "view" &&
  x.view.op === "permute" &&
  x.view.perm[1] === x.shape.length - 1 &&
  x.shape[1]! >= LEAST_FEATURES;

/** Every result is the sum over its window, in the order of axes that the image has in memory. */
function eachAlone(lhs: Expr, rhs: Expr, p: ConvParams): Expr {
  const spatial = range(2, lhs.shape.length);
  const order = isFeatureLast(lhs) ? [0, ...spatial, 1] : [0, 1, ...spatial];
  const image = lhs.kind === "input" ? exprCopy(lhs) : exprPermute(lhs, order);
  const pads = (side: 0 | 1): number[] => order.map((axis) => p.padding[axis - 2]?.[side] ?? 0);
  const padded = exprPad(image, exprConst(0, lhs.dtype), pads(0), pads(1), order.map(() => 0)); // prettier-ignore
  const window = rhs.shape.slice(2);
  const x = exprWindow(exprUnpermute(padded, order), 2, window, p.windowStrides, p.rhsDilation); // [n, c, ...out, ...window]
  const inWindow = spatial.map((axis) => axis + window.length);
  const w = exprBroadcast(exprReshape(rhs, [rhs.shape[0]!, ...window]), x.shape, [1, ...inWindow]);
  const products = exprPermute(exprScalar("mul", [x, w]), [...order, ...inWindow]);
  return exprUnpermute(exprReduce("add", products, inWindow), order);
}

/**
 * Pads, slides a window over the image, and contracts: a matrix product whose n axes are the output positions and whose
 * k axes are [feature, ...window], so that a target can pack neighbouring pixels.
 */
function lowerConv(lhs: Expr, rhs: Expr, p: ConvParams): Expr {
  if (isEachAlone(lhs, rhs, p)) return eachAlone(lhs, rhs, p);
  const nSpatial = lhs.shape.length - 2;
  const groups = p.featureGroupCount;
  const [n, c] = lhs.shape as [number, number];
  const o = rhs.shape[0]!;
  const window = rhs.shape.slice(2);
  const padded = exprPad(
    lhs,
    exprConst(0, lhs.dtype),
    [0, 0, ...p.padding.map((x) => x[0])],
    [0, 0, ...p.padding.map((x) => x[1])],
    [0, 0, ...p.lhsDilation.map((d) => d - 1)],
  );
  const spatial = range(nSpatial);
  if (groups === 1) {
    const x = exprWindow(padded, 2, window, p.windowStrides, p.rhsDilation); // [n, c, ...out, ...window]
    const contract = { lhsContract: range(1, 2 + nSpatial), rhsContract: [1, ...spatial.map((i) => 2 + nSpatial + i)] };
    const positions = prod(x.shape.slice(2, 2 + nSpatial));
    if (n > 1 && positions < FEW_POSITIONS) {
      const out = exprContract({ lhs: rhs, rhs: x, lhsBatch: [], rhsBatch: [], ...contract }); // [o, n, ...out]
      return exprPermute(out, [1, 0, ...spatial.map((i) => i + 2)]);
    }
    const kernel = exprBroadcast(rhs, [n, ...rhs.shape], range(1, rhs.shape.length + 1)); // [n, o, c, ...window]
    return exprContract({
      lhs: kernel,
      rhs: x,
      lhsBatch: [0],
      rhsBatch: [0],
      lhsContract: contract.lhsContract.map((a) => a + 1),
      rhsContract: contract.rhsContract,
    });
  }
  const grouped = exprReshape(padded, [n, groups, c / groups, ...padded.shape.slice(2)]);
  const x = exprWindow(grouped, 3, window, p.windowStrides, p.rhsDilation); // [n, g, c / g, ...out, ...window]
  const byGroup = exprReshape(rhs, [groups, o / groups, c / groups, ...window]);
  const kernel = exprBroadcast(byGroup, [n, ...byGroup.shape], range(1, byGroup.shape.length + 1));
  const out = exprContract({
    lhs: kernel, // [n, g, o / g, c / g, ...window]
    rhs: x,
    lhsBatch: [0, 1],
    rhsBatch: [0, 1],
    lhsContract: range(3, 4 + nSpatial),
    rhsContract: [2, ...spatial.map((i) => 3 + nSpatial + i)],
  }); // [n, g, o / g, ...out]
  return exprReshape(out, [n, o, ...out.shape.slice(3)]);
}

/** Cotangent of the image: a convolution of the dilated cotangent with the flipped kernel (JAX's rule). */
function transposeLhs(ct: Tracer, rhs: Tracer, lhs: Aval, p: ConvParams): Tracer {
  const groups = p.featureGroupCount;
  const [o, c] = rhs.shape as [number, number];
  const window = rhs.shape.slice(2);
  const flipped = rev(rhs, range(2, rhs.ndim));
  const split = reshape(flipped, [groups, o / groups, c, ...window]);
  const kernel = reshape(moveaxis(split, 1, 2), [groups * c, o / groups, ...window]);
  const padding = window.map((k, i): [number, number] => {
    const kernelSize = dilated(k, p.rhsDilation[i]!);
    const low = kernelSize - p.padding[i]![0] - 1;
    const high =
      dilated(lhs.shape[i + 2]!, p.lhsDilation[i]!) +
      kernelSize -
      1 -
      dilated(ct.shape[i + 2]!, p.windowStrides[i]!) -
      low;
    return [low, high];
  });
  return bind1(conv_general_dilated_p, [ct, kernel], {
    windowStrides: p.lhsDilation,
    padding,
    lhsDilation: p.windowStrides,
    rhsDilation: p.rhsDilation,
    featureGroupCount: groups,
  });
}

/** Cotangent of the kernel: a convolution of image and cotangent in which batch and feature change places (JAX's rule). */
function transposeRhs(ct: Tracer, lhs: Tracer, rhs: Aval, p: ConvParams): Tracer {
  const swap = [1, 0, ...range(2, lhs.ndim)];
  const padding = range(lhs.ndim - 2).map((i): [number, number] => {
    const image = dilated(lhs.shape[i + 2]!, p.lhsDilation[i]!);
    const [low] = p.padding[i]!;
    const fromImage = dilated(ct.shape[i + 2]!, p.windowStrides[i]!) - image;
    return [low, fromImage + dilated(rhs.shape[i + 2]!, p.rhsDilation[i]!) - low - 1];
  });
  const out = convBatchGroups(transpose(lhs, swap), transpose(ct, swap), {
    windowStrides: p.rhsDilation,
    padding,
    lhsDilation: p.lhsDilation,
    rhsDilation: p.windowStrides,
    featureGroupCount: 1,
    batchGroupCount: p.featureGroupCount,
  });
  return transpose(out, swap);
}

function mergeAxes(x: Tracer, axis: number): Tracer {
  return reshape(x, [...x.shape.slice(0, axis), x.shape[axis]! * x.shape[axis + 1]!, ...x.shape.slice(axis + 2)]);
}

function splitAxis(x: Tracer, axis: number, outer: number): Tracer {
  const shape = [...x.shape];
  shape[axis] = x.shape[axis]! / outer;
  return reshape(x, insertAt(shape, axis, outer));
}

/** As `conv`, with the examples in groups that each make their part of the output features. */
function convBatchGroups(
  lhs: Tracer,
  rhs: Tracer,
  { batchGroupCount, ...p }: ConvParams & { readonly batchGroupCount: number },
): Tracer {
  if (batchGroupCount === 1) return bind1(conv_general_dilated_p, [lhs, rhs], p);
  if (p.featureGroupCount !== 1)
    throw new ShapeError("conv_general_dilated: feature groups and batch groups cannot both be above 1");
  if (lhs.shape[0]! % batchGroupCount !== 0 || rhs.shape[0]! % batchGroupCount !== 0) {
    throw new ShapeError(
      `conv_general_dilated: ${batchGroupCount} batch groups do not divide the batch of ${lhs.aval} and the features of ${rhs.aval}`,
    );
  }
  // Groups of examples become groups of features.
  const split = splitAxis(lhs, 0, batchGroupCount); // [g, n / g, c, ...]
  const merged = mergeAxes(moveaxis(split, 0, 1), 1); // [n / g, g * c, ...]
  return bind1(conv_general_dilated_p, [merged, rhs], { ...p, featureGroupCount: batchGroupCount });
}

export interface ConvOptions extends Partial<ConvParams> {
  readonly batchGroupCount?: number;
}

/**
 * Convolution (cross-correlation, as in machine learning) of lhs [n, c, ...spatial] with rhs [o, c / groups, ...window].
 *
 * Shapes: spatial sizes `floor((dilated lhs + padding - dilated window) / stride) + 1`.
 * Errors: ShapeError, DTypeError.
 * @example
 * const x = np.ones([1, 1, 3]), w = np.ones([1, 1, 2]);
 * lax.convGeneralDilated(x, w, [1], "VALID").js(); // => [[[2, 2]]]
 */
export function conv(lhs: Tracer, rhs: Tracer, options: ConvOptions = {}): Tracer {
  const ones = range(Math.max(0, lhs.ndim - 2)).map(() => 1);
  return convBatchGroups(lhs, rhs, {
    windowStrides: options.windowStrides ?? ones,
    padding: options.padding ?? ones.map(() => [0, 0] as const),
    lhsDilation: options.lhsDilation ?? ones,
    rhsDilation: options.rhsDilation ?? ones,
    featureGroupCount: options.featureGroupCount ?? 1,
    batchGroupCount: options.batchGroupCount ?? 1,
  });
}
