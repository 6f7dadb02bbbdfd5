/** Matrix products of blocks with a scale each, and their quantization. */
import { checkOptions } from "../base/option-names";
import type { DType } from "../aval/dtype";
import { DTypeError, ShapeError } from "../base/errors";
import { prod, range, without } from "../base/list";
import { type Tracer } from "../core/tracer";
import { roundToFloat } from "../lax/narrow-float";
import { named, type Named } from "../numpy/arguments";
import { divide, multiply } from "../numpy/arithmetic";
import { type ArrayLike, broadcastArray, constantLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { repeat } from "../numpy/rearrange";
import { clip } from "../numpy/selection";
import * as ops from "../ops/index";

/**
 * Matrix product of blocks along the last axis: each factor is multiplied by its scales, repeated to its size, first.
 *
 * Shapes: `[B, M, K] x [B, N, K] x [B, M, Ka] x [B, N, Kb] -> [B, M, N]`, K a multiple of Ka and Kb.
 * Dtypes: float32, or `preferredElementType`. Errors: ShapeError for shapes that do not fit.
 * Source: jax.nn.scaled_matmul
 * @example
 * const a = np.array([[[1, 2]]]);
 * nn.scaledMatmul(a, a, np.array([[[0.5]]]), np.array([[[4]]])).js(); // => [[[10]]]
 */
export function scaledMatmul(
  lhs: ArrayLike,
  rhs: ArrayLike,
  lhsScales: ArrayLike,
  rhsScales: ArrayLike,
  preferredElementType?: DType | Named<"preferredElementType", DType>,
): Tracer {
  const dtype = named("preferredElementType", preferredElementType, "float32");
  return owned(() => {
    const [a, b] = [scaled("lhs", lift(lhs), lift(lhsScales)), scaled("rhs", lift(rhs), lift(rhsScales))];
    if (a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[2])
      throw new ShapeError(`scaledMatmul: expected lhs [B, M, K] and rhs [B, N, K], got ${a.aval} and ${b.aval}`);
    return convert(ops.dotGeneral(a, b, [[[2], [2]], [[0], [0]]]), dtype); // prettier-ignore
  });
}

function scaled(side: string, x: Tracer, scales: Tracer): Tracer {
  const fits = x.ndim === 3 && scales.ndim === 3 && x.shape[2]! % scales.shape[2]! === 0;
  if (!fits || x.shape[0] !== scales.shape[0] || x.shape[1] !== scales.shape[1]) {
    throw new ShapeError(
      `scaledMatmul: ${side} of ${x.aval} does not fit its scales ${scales.aval}; expected [B, M, K] and [B, M, Ks] ` +
        `with K a multiple of Ks`,
    );
  }
  const factors = repeat(convert(scales, "float32"), x.shape[2]! / scales.shape[2]!, 2);
  return ops.mul(convert(x, "float32"), factors);
}

/** How `scaledDotGeneral` rounds an operand: blocks of elements with one scale. */
export interface BlockScaleConfig {
  /** "mxfp8": 8-bit floats and scales that are powers of two; "nvfp4": 4-bit floats and 8-bit scales. */
  readonly mode: "mxfp8" | "nvfp4";
  readonly blockSize: number;
  /** One scale for the whole operand, of "nvfp4". */
  readonly globalScale: ArrayLike | null;
}

/** The configuration of a mode for `scaledDotGeneral`. Errors: DTypeError. Source: jax.nn.get_scaled_dot_general_config @example nn.getScaledDotGeneralConfig("mxfp8").blockSize; // => 32 */
export function getScaledDotGeneralConfig(
  mode: "mxfp8" | "nvfp4",
  globalScale?: ArrayLike | null | Named<"globalScale", ArrayLike | null>,
): BlockScaleConfig {
  const scale = named("globalScale", globalScale, null as ArrayLike | null);
  if (mode === "mxfp8") return { mode, blockSize: 32, globalScale: null };
  if (mode === "nvfp4") return { mode, blockSize: 16, globalScale: scale ?? 1 };
  throw new DTypeError(`getScaledDotGeneralConfig: mode ${String(mode)} is not known; expected "mxfp8" or "nvfp4"`);
}

/** Largest number, bits of the mantissa and least exponent of the narrow floats. */
const E4M3 = { max: 448, mantissa: 3, exponent: -6 };
const E2M1 = { max: 6, mantissa: 1, exponent: 0 };

/** The next power of two that is not below a float32 >= 0; at least 2^-126. */
function powerOfTwoAbove(x: Tracer): Tracer {
  const bits = ops.bitcastConvertType(ops.max(x, constantLike(x, 2 ** -126)), "uint32");
  const up = ops.add(bits, constantLike(bits, 0x7fffff));
  return ops.bitcastConvertType(ops.and(up, constantLike(bits, 0x7f800000)), "float32");
}

/** The operand as its blocks round it, in float32: [..., K]. */
function quantized(x: Tracer, { mode, blockSize, globalScale }: BlockScaleConfig): Tracer {
  const k = x.shape[x.ndim - 1]!;
  if (k % blockSize !== 0)
    throw new ShapeError(`scaledDotGeneral: ${k} contracted elements are not a multiple of the block of ${blockSize}`);
  const global = globalScale ?? 1;
  const blocks = ops.reshape(divide(convert(x, "float32"), global), [
    ...x.shape.slice(0, -1),
    k / blockSize,
    blockSize,
  ]);
  const float = mode === "mxfp8" ? E4M3 : E2M1;
  const largest = divide(ops.reduceMax(ops.abs(blocks), [blocks.ndim - 1]), float.max);
  const scale =
    mode === "mxfp8"
      ? powerOfTwoAbove(largest)
      : roundToFloat(clip(largest, 0, E4M3.max), E4M3.mantissa, E4M3.exponent);
  const wide = broadcastArray(ops.reshape(scale, [...scale.shape, 1]), blocks.shape);
  const safe = ops.where(ops.eq(wide, constantLike(wide, 0)), constantLike(wide, 1), wide);
  const rounded = roundToFloat(clip(ops.div(blocks, safe), -float.max, float.max), float.mantissa, float.exponent);
  return multiply(ops.reshape(ops.mul(rounded, wide), x.shape), global);
}

export interface ScaledDotGeneralOptions {
  preferredElementType?: DType | undefined;
  /** Of lhs and rhs; a third, for gradients, is not used. Without them the operands are not rounded. */
  configs?: readonly BlockScaleConfig[] | null | undefined;
}

/**
 * `lax.dotGeneral` of operands that are rounded to narrow floats in blocks, each with a scale.
 *
 * Dtypes: float32, or `preferredElementType`. Gradient: as if nothing were rounded.
 * Errors: ShapeError if the blocks do not fill the contracted axes.
 * Source: jax.nn.scaled_dot_general
 * @example
 * const x = np.ones([2, 32]);
 * const configs = [nn.getScaledDotGeneralConfig("mxfp8"), nn.getScaledDotGeneralConfig("mxfp8")];
 * nn.scaledDotGeneral(x, x, [[[1], [1]], [[], []]], { configs }).js(); // => [[32, 32], [32, 32]]
 */
export function scaledDotGeneral(
  lhs: ArrayLike,
  rhs: ArrayLike,
  dimensionNumbers: ops.DotDimensionNumbers,
  options: ScaledDotGeneralOptions = {},
): Tracer {
  checkOptions("scaledDotGeneral", options, { preferredElementType: true, configs: true });
  const [contract, batch] = dimensionNumbers;
  const dtype = options.preferredElementType ?? "float32";
  return owned(() => {
    const round = (x: Tracer, i: 0 | 1): Tracer => {
      const config = options.configs?.[i];
      return config === undefined ? convert(x, "float32") : roundedAlong(x, contract[i], batch[i], config);
    };
    const out = ops.dotGeneral(round(lift(lhs), 0), round(lift(rhs), 1), dimensionNumbers);
    return convert(out, dtype);
  });
}

/** `x` with blocks along its contracted axes rounded; the derivative is that of x. */
function roundedAlong(
  x: Tracer,
  contract: readonly number[],
  batch: readonly number[],
  config: BlockScaleConfig,
): Tracer {
  const kept = without(range(x.ndim), [...contract, ...batch]);
  const order = [...batch, ...kept, ...contract];
  const lead = [...batch, ...kept].map((a) => x.shape[a]!);
  const flat = ops.reshape(ops.transpose(ops.stopGradient(x), order), [
    ...lead,
    prod(contract.map((a) => x.shape[a]!)),
  ]);
  const rounded = ops.reshape(
    quantized(flat, config),
    order.map((a) => x.shape[a]!),
  );
  const back = order.map((_, a) => order.indexOf(a));
  const single = convert(x, "float32");
  return ops.add(ops.transpose(rounded, back), ops.sub(single, ops.stopGradient(single)));
}
