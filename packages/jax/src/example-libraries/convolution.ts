/** Layers that convolve images. */
import type { Tracer } from "../core/tracer";
import { type ConvDimensionNumbers, type PaddingType, convGeneralDilated, convTranspose } from "../lax/conv";
import { convGeneralShapeTuple, convTransposeShapeTuple } from "../lax/conv-shapes";
import { type Initializer, glorotNormal, normal } from "../nn/initializers";
import { add } from "../numpy/arithmetic";
import { byPosition } from "../numpy/arguments";
import { type Layer, keysOf, layer } from "./layer";

export interface ConvLayerOptions {
  /** 1 along each axis of the filter unless given. */
  strides?: readonly number[] | null | undefined;
  /** "VALID" unless given. */
  padding?: PaddingType | undefined;
  /** `glorotNormal` unless given. */
  WInit?: Initializer | null | undefined;
  /** `normal(1e-6)` unless given. */
  bInit?: Initializer | undefined;
}
type ConvLayerArguments = readonly (ConvLayerOptions | ConvLayerOptions[keyof ConvLayerOptions])[];

interface Convolution {
  readonly shape: typeof convGeneralShapeTuple;
  readonly apply: (
    x: Tracer,
    W: Tracer,
    strides: readonly number[],
    padding: PaddingType,
    dimensionNumbers: ConvDimensionNumbers,
  ) => Tracer;
}

function convolving(
  how: Convolution,
  dimensionNumbers: ConvDimensionNumbers,
  outChan: number,
  filterShape: readonly number[],
  given: ConvLayerArguments,
): Layer {
  const [lhsSpec, rhsSpec, outSpec] = dimensionNumbers;
  const options = byPosition<ConvLayerOptions>(["strides", "padding", "WInit", "bInit"], given);
  const { padding = "VALID", bInit = normal(1e-6) } = options;
  const strides = options.strides ?? filterShape.map(() => 1);
  const WInit = options.WInit ?? glorotNormal({ inAxis: rhsSpec.indexOf("I"), outAxis: rhsSpec.indexOf("O") });
  return layer(
    (rng, inputShape: readonly number[]) => {
      const space = filterShape[Symbol.iterator]();
      const sizes: Readonly<Record<string, number>> = { O: outChan, I: inputShape[lhsSpec.indexOf("C")]! };
      const kernelShape = [...rhsSpec].map((letter) => sizes[letter] ?? (space.next().value as number));
      const biasShape = [...outSpec].map((letter) => (letter === "C" ? outChan : 1));
      const [k1, k2] = keysOf(rng, 2) as [Tracer, Tracer];
      const shape = how.shape(inputShape, kernelShape, strides, padding, dimensionNumbers);
      return [shape, [WInit(k1, kernelShape), bInit(k2, biasShape)]];
    },
    ([W, b]: [Tracer, Tracer], inputs: Tracer) => add(how.apply(inputs, W, strides, padding, dimensionNumbers), b),
  );
}

const plain: Convolution = {
  shape: convGeneralShapeTuple,
  apply: (x, W, strides, padding, dimensionNumbers) => convGeneralDilated(x, W, strides, padding, { dimensionNumbers }),
};
const transposed: Convolution = {
  shape: convTransposeShapeTuple,
  apply: (x, W, strides, padding, dimensionNumbers) => convTranspose(x, W, strides, padding, { dimensionNumbers }),
};

/**
 * A convolution with `outChan` features in layouts as `["NHWC", "HWIO", "NHWC"]`. By position or name: `strides` (1),
 * `padding` ("VALID"), `WInit` (`glorotNormal`), `bInit` (`normal(1e-6)`). Parameters are `[W, b]`.
 * @example
 * const [init] = exampleLibraries.stax.GeneralConv(["NCH", "OIH", "NCH"], 4, [3], { padding: "SAME" });
 * init(random.key(0), [-1, 2, 8])[0]; // => [-1, 4, 8]
 */
export function GeneralConv(
  dimensionNumbers: ConvDimensionNumbers,
  outChan: number,
  filterShape: readonly number[],
  ...given: ConvLayerArguments
): Layer {
  return convolving(plain, dimensionNumbers, outChan, filterShape, given);
}

/**
 * As `GeneralConv`, a transposed convolution: the image is spread by the strides.
 * @example
 * const [init] = exampleLibraries.stax.GeneralConvTranspose(["NCH", "OIH", "NCH"], 4, [3], [2]);
 * init(random.key(0), [-1, 2, 8])[0]; // => [-1, 4, 17]
 */
export function GeneralConvTranspose(
  dimensionNumbers: ConvDimensionNumbers,
  outChan: number,
  filterShape: readonly number[],
  ...given: ConvLayerArguments
): Layer {
  return convolving(transposed, dimensionNumbers, outChan, filterShape, given);
}

/**
 * `GeneralConv` of images `[n, height, width, channel]`.
 * @example
 * const [init, apply] = exampleLibraries.stax.Conv(8, [3, 3], [2, 2], "SAME");
 * const [shape, params] = init(random.key(0), [1, 6, 6, 3]);
 * apply(params, np.ones([1, 6, 6, 3])).shape; // => [1, 3, 3, 8]
 */
export function Conv(outChan: number, filterShape: readonly number[], ...given: ConvLayerArguments): Layer {
  return GeneralConv(["NHWC", "HWIO", "NHWC"], outChan, filterShape, ...given);
}

/** `GeneralConvTranspose` of signals `[n, time, channel]`. @example exampleLibraries.stax.Conv1DTranspose(4, [3])[0](random.key(0), [2, 5, 1])[0]; // => [2, 7, 4] */
export function Conv1DTranspose(outChan: number, filterShape: readonly number[], ...given: ConvLayerArguments): Layer {
  return GeneralConvTranspose(["NHC", "HIO", "NHC"], outChan, filterShape, ...given);
}

/** `GeneralConvTranspose` of images `[n, height, width, channel]`. @example exampleLibraries.stax.ConvTranspose(4, [3, 3], [2, 2], "SAME")[0](random.key(0), [2, 5, 5, 1])[0]; // => [2, 10, 10, 4] */
export function ConvTranspose(outChan: number, filterShape: readonly number[], ...given: ConvLayerArguments): Layer {
  return GeneralConvTranspose(["NHWC", "HWIO", "NHWC"], outChan, filterShape, ...given);
}
