/** What a layer is, and how layers are put together. */
import { JaxError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { unstack } from "../numpy/joining";
import { type ArrayLike, lift, own } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { split } from "../random/key";
import { leaves, map } from "../tree/index";

/* eslint-disable @typescript-eslint/no-explicit-any -- parameters, shapes and inputs are trees of any depth */

/** `[outputShape, params]` for a key and the shape of the inputs, in which -1 may stand for any number. */
export type InitFun = (rng: Tracer, inputShape: any) => [outputShape: any, params: any];

export interface ApplyOptions {
  /** The key of layers that draw random numbers. */
  readonly rng?: Tracer | null | undefined;
  /** What layers of users take besides. */
  readonly [name: string]: unknown;
}
export type ApplyFun = (params: any, inputs: any, options?: ApplyOptions) => any;

export type Layer = readonly [initFun: InitFun, applyFun: ApplyFun];

/** As many keys, of one. */
export const keysOf = (rng: Tracer, count: number): Tracer[] => unstack(split(rng, count));

/** A layer whose parameters and results are freed of what they were computed with, and have handles of their own. */
export function layer(init: InitFun, apply: ApplyFun): Layer {
  return [
    (rng, inputShape) => owned(() => init(rng, inputShape)),
    (params, inputs, options = {}) =>
      owned((): unknown => {
        const given = [...leaves(params), ...leaves(inputs)];
        return map((y: ArrayLike) => own(lift(y), ...given), apply(params, inputs, options));
      }),
  ];
}

/** A layer without parameters whose outputs have the shapes of its inputs. */
export const shapeKeeping = (apply: (inputs: any, options: ApplyOptions) => any): Layer =>
  layer(
    (_rng, inputShape) => [inputShape, []],
    (_params, inputs, options) => apply(inputs, options!) as unknown,
  );

/** Options without the key, and a key for each of `count` layers. */
function withKeys({ rng, ...rest }: ApplyOptions, count: number): ApplyOptions[] {
  const keys = rng === undefined || rng === null ? [] : keysOf(rng, count);
  return Array.from({ length: count }, (_, k) => ({ ...rest, rng: keys[k] }));
}

/**
 * Layers one after the other. Parameters are a list.
 *
 * Source: jax.example_libraries.stax.serial
 * @example
 * const { stax } = exampleLibraries;
 * const [init, apply] = stax.serial(stax.Dense(8), stax.Relu, stax.Dense(2));
 * const [shape, params] = init(random.key(0), [-1, 4]);
 * shape; // => [-1, 2]
 * apply(params, np.ones([3, 4])).shape; // => [3, 2]
 */
export function serial(...layers: readonly Layer[]): Layer {
  return layer(
    (rng, inputShape) => {
      let [key, shape]: [Tracer, unknown] = [rng, inputShape];
      const params = layers.map(([init]) => {
        const [next, own] = keysOf(key, 2) as [Tracer, Tracer];
        const [outputShape, param] = init(own, shape);
        [key, shape] = [next, outputShape];
        return param as unknown;
      });
      return [shape, params];
    },
    (params: readonly unknown[], inputs, options) => {
      const each = withKeys(options!, layers.length);
      return layers.reduce((x: unknown, [, apply], k) => apply(params[k], x, each[k]) as unknown, inputs);
    },
  );
}

/**
 * Layers side by side: inputs, outputs and parameters are lists. Often between `FanOut` and `FanInSum`.
 *
 * Errors: JaxError for another number of inputs.
 * Source: jax.example_libraries.stax.parallel
 * @example
 * const { stax } = exampleLibraries;
 * const [init, apply] = stax.serial(stax.FanOut(2), stax.parallel(stax.Identity, stax.Relu), stax.FanInSum);
 * const [, params] = init(random.key(0), [2]);
 * apply(params, np.array([-1, 3])).js(); // => [-1, 6]
 */
export function parallel(...layers: readonly Layer[]): Layer {
  const check = (what: string, list: readonly unknown[]): void => {
    if (list.length !== layers.length)
      throw new JaxError(`parallel: got ${list.length} ${what}; expected ${layers.length}, one for each layer`);
  };
  return layer(
    (rng, inputShape: readonly unknown[]) => {
      check("input shapes", inputShape);
      const keys = keysOf(rng, layers.length);
      const made = layers.map(([init], k) => init(keys[k]!, inputShape[k]));
      return [made.map(([shape]) => shape as unknown), made.map(([, param]) => param as unknown)];
    },
    (params: readonly unknown[], inputs: readonly unknown[], options) => {
      check("inputs", inputs);
      const each = withKeys(options!, layers.length);
      return layers.map(([, apply], k) => apply(params[k], inputs[k], each[k]) as unknown);
    },
  );
}

/**
 * The layer that `makeLayer` gives for the shape of the inputs.
 *
 * Source: jax.example_libraries.stax.shape_dependent
 * @example
 * const { stax } = exampleLibraries;
 * const [init] = stax.shapeDependent((shape) => stax.Dense(2 * shape.at(-1)));
 * init(random.key(0), [-1, 3])[0]; // => [-1, 6]
 */
export function shapeDependent(makeLayer: (inputShape: any) => Layer): Layer {
  return [
    (rng, inputShape) => makeLayer(inputShape)[0](rng, inputShape),
    (params, inputs, options) => makeLayer((inputs as Tracer).shape)[1](params, inputs, options) as unknown,
  ];
}
