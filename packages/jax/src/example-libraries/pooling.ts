/** Layers that pool windows of images. */
import type { Tracer } from "../core/tracer";
import { type PaddingType, padtypeToPads } from "../lax/conv";
import { reduceWindowShapeTuple } from "../lax/conv-shapes";
import { reduceWindowMax, reduceWindowSum } from "../lax/window";
import { divide } from "../numpy/arithmetic";
import { byPosition } from "../numpy/arguments";
import { ones } from "../numpy/creation";
import { expandDims } from "../numpy/shape";
import { type Layer, layer } from "./layer";

export interface PoolOptions {
  /** 1 along each axis of the window unless given. */
  strides?: readonly number[] | null | undefined;
  /** "VALID" unless given; pairs are of all axes. */
  padding?: PaddingType | undefined;
  /** Letters of the axes, as "NHWC", which is the default. */
  spec?: string | null | undefined;
}
type PoolArguments = readonly (PoolOptions | PoolOptions[keyof PoolOptions])[];

/** A window of the axes of space, and of size 1 along the two others. */
function pooling(
  reduce: typeof reduceWindowSum,
  windowShape: readonly number[],
  given: PoolArguments,
  rescale: (sums: Tracer, counts: () => Tracer) => Tracer,
): Layer {
  const options = byPosition<PoolOptions>(["strides", "padding", "spec"], given);
  const { padding = "VALID", spec } = options;
  const strides = options.strides ?? windowShape.map(() => 1);
  const others = (spec ? [spec.indexOf("N"), spec.indexOf("C")] : [0, windowShape.length + 1]).sort((a, b) => a - b);
  const widened = (sizes: readonly number[]): number[] =>
    others.reduce((list, at) => [...list.slice(0, at), 1, ...list.slice(at)], [...sizes]);
  const [window, steps] = [widened(windowShape), widened(strides)];
  return layer(
    (_rng, inputShape: readonly number[]) => {
      const pads = padtypeToPads(inputShape, window, steps, padding);
      return [reduceWindowShapeTuple(inputShape, window, steps, pads), []];
    },
    (_params, inputs: Tracer) => {
      const counts = (): Tracer => {
        const space = inputs.shape.filter((_, axis) => !others.includes(axis));
        return expandDims(reduceWindowSum(ones(space, inputs.dtype), windowShape, strides, padding), others);
      };
      return rescale(reduce(inputs, window, steps, padding), counts);
    },
  );
}

/**
 * The greatest of each window. By position or name: `strides` (1), `padding` ("VALID"), `spec` ("NHWC").
 * @example
 * const [init, apply] = exampleLibraries.stax.MaxPool([2], [2]);
 * apply([], np.array([[[1], [3], [2], [0]]])).js(); // => [[[3], [2]]]
 */
export function MaxPool(windowShape: readonly number[], ...given: PoolArguments): Layer {
  return pooling(reduceWindowMax, windowShape, given, (greatest) => greatest);
}

/** The sum of each window, as `MaxPool`. @example exampleLibraries.stax.SumPool([2])[1]([], np.array([[[1], [3], [2]]])).js(); // => [[[4], [5]]] */
export function SumPool(windowShape: readonly number[], ...given: PoolArguments): Layer {
  return pooling(reduceWindowSum, windowShape, given, (sums) => sums);
}

/** The mean of each window, as `MaxPool`; padding does not count. @example exampleLibraries.stax.AvgPool([2])[1]([], np.array([[[1], [3], [2]]])).js(); // => [[[2], [2.5]]] */
export function AvgPool(windowShape: readonly number[], ...given: PoolArguments): Layer {
  return pooling(reduceWindowSum, windowShape, given, (sums, counts) => divide(sums, counts()));
}
