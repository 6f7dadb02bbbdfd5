/** `jax.example_libraries.stax`: layers as pairs of functions `[init, apply]`. */
import { JaxError } from "../base/errors";
import { prod } from "../base/list";
import type { Tracer } from "../core/tracer";
import { elu, gelu, leakyRelu, relu, selu, sigmoid, softplus } from "../nn/activations";
import { type Initializer, glorotNormal, normal, ones, zeros } from "../nn/initializers";
import { logSoftmax, softmax, standardize } from "../nn/softmax";
import { add, divide, multiply } from "../numpy/arithmetic";
import { type Named, byPosition, named } from "../numpy/arguments";
import { exp, tanh } from "../numpy/elementwise";
import { concatenate } from "../numpy/joining";
import type { ArrayLike } from "../numpy/lift";
import { dot } from "../numpy/linear";
import { where } from "../numpy/selection";
import { expandDims, reshape } from "../numpy/shape";
import { bernoulli } from "../random/integers";
import { type Layer, keysOf, layer, shapeKeeping } from "./layer";

export {
  Conv,
  Conv1DTranspose,
  type ConvLayerOptions,
  ConvTranspose,
  GeneralConv,
  GeneralConvTranspose,
} from "./convolution";
export { type ApplyFun, type ApplyOptions, type InitFun, type Layer, parallel, serial, shapeDependent } from "./layer";
export { AvgPool, MaxPool, type PoolOptions, SumPool } from "./pooling";
/** Other names that JAX keeps. */
export { glorotNormal as glorot, normal as randn } from "../nn/initializers";
export { logSoftmax as logsoftmax } from "../nn/softmax";

/* eslint-disable @typescript-eslint/no-explicit-any -- options of functions of every kind */

export interface DenseOptions {
  /** `glorotNormal()` unless given. */
  WInit?: Initializer | undefined;
  /** `normal()` unless given. */
  bInit?: Initializer | undefined;
}

/**
 * `inputs W + b` with `outDim` outputs. By position or name: `WInit` (`glorotNormal()`), `bInit` (`normal()`).
 * Parameters are `[W, b]`.
 * @example
 * const [init, apply] = exampleLibraries.stax.Dense(2, nn.initializers.ones, nn.initializers.zeros);
 * const [, params] = init(random.key(0), [-1, 3]);
 * apply(params, np.array([[1, 2, 3]])).js(); // => [[6, 6]]
 */
export function Dense(outDim: number, ...given: readonly (Initializer | DenseOptions | undefined)[]): Layer {
  const { WInit = glorotNormal(), bInit = normal() } = byPosition<DenseOptions>(["WInit", "bInit"], given);
  return layer(
    (rng, inputShape: readonly number[]) => {
      const [k1, k2] = keysOf(rng, 2) as [Tracer, Tracer];
      const params = [WInit(k1, [inputShape.at(-1)!, outDim]), bInit(k2, [outDim])];
      return [[...inputShape.slice(0, -1), outDim], params];
    },
    ([W, b]: [Tracer, Tracer], inputs: Tracer) => add(dot(inputs, W), b),
  );
}

export interface BatchNormOptions {
  /** The axes of which mean and variance are taken: [0, 1, 2] unless given. */
  axis?: number | readonly number[] | undefined;
  /** 1e-5 unless given. */
  epsilon?: number | undefined;
  /** Whether there is a beta, which is added. */
  center?: boolean | undefined;
  /** Whether there is a gamma, which is multiplied with. */
  scale?: boolean | undefined;
  betaInit?: Initializer | undefined;
  gammaInit?: Initializer | undefined;
}
const BATCH_NORM = ["axis", "epsilon", "center", "scale", "betaInit", "gammaInit"] as const;

/**
 * Inputs minus their mean over the root of their variance, of the batch at hand, times gamma, plus beta. Parameters are
 * `[beta, gamma]`; what there is none of is an empty list.
 * @example
 * const [init, apply] = exampleLibraries.stax.BatchNorm({ axis: 0 });
 * const [, params] = init(random.key(0), [2, 1]);
 * apply(params, np.array([[1], [3]])).js(); // => [[-0.999995], [0.999995]]
 */
export function BatchNorm(...given: readonly (BatchNormOptions | BatchNormOptions[keyof BatchNormOptions])[]): Layer {
  const options = byPosition<BatchNormOptions>(BATCH_NORM, given);
  const { axis = [0, 1, 2], epsilon = 1e-5, center = true, scale = true, betaInit = zeros, gammaInit = ones } = options;
  const axes = typeof axis === "number" ? [axis] : axis;
  return layer(
    (rng, inputShape: readonly number[]) => {
      const shape = inputShape.filter((_, i) => !axes.includes(i));
      const [k1, k2] = keysOf(rng, 2) as [Tracer, Tracer];
      return [inputShape, [center ? betaInit(k1, shape) : [], scale ? gammaInit(k2, shape) : []]];
    },
    ([beta, gamma]: [Tracer, Tracer], x: Tracer) => {
      const among = axes.filter((i) => i < x.ndim);
      const z = standardize(x, { axis: axes, epsilon });
      const scaled = scale ? multiply(expandDims(gamma, among), z) : z;
      return center ? add(scaled, expandDims(beta, among)) : scaled;
    },
  );
}

/** A function of arrays as a layer; `options` are its further argument. @example exampleLibraries.stax.elementwise(np.square)[1]([], np.array([3])).js(); // => [9] */
export function elementwise(fun: (x: any, options?: any) => Tracer, options?: object): Layer {
  return shapeKeeping((inputs) => (options === undefined ? fun(inputs) : fun(inputs, options)));
}

export const Tanh: Layer = /* @__PURE__ */ elementwise(tanh);
export const Relu: Layer = /* @__PURE__ */ elementwise(relu);
export const Exp: Layer = /* @__PURE__ */ elementwise(exp);
export const LogSoftmax: Layer = /* @__PURE__ */ elementwise(logSoftmax, { axis: -1 });
export const Softmax: Layer = /* @__PURE__ */ elementwise(softmax, { axis: -1 });
export const Softplus: Layer = /* @__PURE__ */ elementwise(softplus);
export const Sigmoid: Layer = /* @__PURE__ */ elementwise(sigmoid);
export const Elu: Layer = /* @__PURE__ */ elementwise(elu);
export const LeakyRelu: Layer = /* @__PURE__ */ elementwise(leakyRelu);
export const Selu: Layer = /* @__PURE__ */ elementwise(selu);
export const Gelu: Layer = /* @__PURE__ */ elementwise(gelu);

/** All but the first axis as one. @example exampleLibraries.stax.Flatten[0](random.key(0), [-1, 4, 5])[0]; // => [-1, 20] */
export const Flatten: Layer = /* @__PURE__ */ layer(
  (_rng, [n, ...rest]: readonly number[]) => [[n, prod(rest)], []],
  (_params, inputs: Tracer) => reshape(inputs, [inputs.shape[0]!, -1]),
);

/** The inputs as they are. @example exampleLibraries.stax.Identity[1]([], np.array([1])).js(); // => [1] */
export const Identity: Layer = /* @__PURE__ */ shapeKeeping((inputs) => inputs as unknown);

/** The inputs, `num` times. @example exampleLibraries.stax.FanOut(2)[0](random.key(0), [3])[0]; // => [[3], [3]] */
export function FanOut(num: number): Layer {
  const times = (x: unknown): unknown[] => Array.from({ length: num }, () => x);
  return layer(
    (_rng, inputShape) => [times(inputShape), []],
    (_params, inputs) => times(inputs),
  );
}

/** The sum of a list of inputs. @example exampleLibraries.stax.FanInSum[1]([], [np.array(1), np.array(2)]).item(); // => 3 */
export const FanInSum: Layer = /* @__PURE__ */ layer(
  (_rng, inputShape: readonly unknown[]) => [inputShape[0], []],
  (_params, inputs: readonly ArrayLike[]) => inputs.reduce((x, y) => add(x, y)),
);

/** A list of inputs joined along an axis, the last unless given. @example exampleLibraries.stax.FanInConcat()[0](random.key(0), [[-1, 2], [-1, 3]])[0]; // => [-1, 5] */
export function FanInConcat(axis?: number | Named<"axis", number>): Layer {
  const along = named("axis", axis, -1);
  return layer(
    (_rng, shapes: readonly (readonly number[])[]) => {
      const first = shapes[0]!;
      const at = along < 0 ? along + first.length : along;
      const size = shapes.reduce((sum, shape) => sum + shape[at]!, 0);
      return [first.map((n, i) => (i === at ? size : n)), []];
    },
    (_params, inputs: Tracer[]) => concatenate(inputs, along),
  );
}

/**
 * Keeps each number with probability `rate`, over `rate`, and makes the others 0; in the mode "test" all stay as they are.
 *
 * Errors: JaxError without a key in the options of apply.
 * @example
 * const [, apply] = exampleLibraries.stax.Dropout(0.5);
 * apply([], np.ones([4]), { rng: random.key(0) }).shape; // => [4]
 */
export function Dropout(rate: number, mode?: string | Named<"mode", string>): Layer {
  const train = named("mode", mode, "train") === "train";
  return shapeKeeping((inputs: Tracer, { rng }) => {
    if (rng === undefined || rng === null)
      throw new JaxError("Dropout: apply needs a key: apply(params, inputs, { rng: random.key(0) })");
    return train ? where(bernoulli(rng, rate, inputs.shape), divide(inputs, rate), 0) : inputs;
  });
}
