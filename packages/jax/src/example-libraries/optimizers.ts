/**
 * `jax.example_libraries.optimizers`: each function gives `[init, update, getParams]`, where `init(params)` is a state,
 * `update(step, grads, state)` the next one, and `getParams(state)` the parameters. Steps count from 0.
 */
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { add, divide, maximum, minimum, multiply, power, subtract } from "../numpy/arithmetic";
import { type Named, byPosition, named } from "../numpy/arguments";
import { full, zerosLike } from "../numpy/creation";
import { abs, sqrt, square } from "../numpy/elementwise";
import { type ArrayLike, lift } from "../numpy/lift";
import { vdot } from "../numpy/linear";
import { less, greater } from "../numpy/logic";
import { owned } from "../numpy/owned";
import { max } from "../numpy/reductions";
import { where } from "../numpy/selection";
import { expandDims, reshape } from "../numpy/shape";
import { leaves, map } from "../tree/index";
import { type Optimizer, type Schedule, optimizer } from "./optimizer";
import { makeSchedule } from "./schedules";

export {
  type ArrayOptimizer,
  JoinPoint,
  type Optimizer,
  OptimizerState,
  type Schedule,
  optimizer,
  packOptimizerState,
  unpackOptimizerState,
} from "./optimizer";
export {
  constant,
  exponentialDecay,
  inverseTimeDecay,
  makeSchedule,
  piecewiseConstant,
  polynomialDecay,
} from "./schedules";

/** A learning rate, or a schedule of them. */
export type StepSize = ArrayLike | Schedule;

/** `x - rate * step`. */
const moved = (x: Tracer, rate: ArrayLike, step: ArrayLike): Tracer => subtract(x, multiply(rate, step));
/** `a x + b y`. */
const mixed = (a: ArrayLike, x: ArrayLike, b: ArrayLike, y: ArrayLike): Tracer => add(multiply(a, x), multiply(b, y));
const complement = (x: ArrayLike): ArrayLike => (typeof x === "number" ? 1 - x : subtract(1, x));

/**
 * Gradient descent: `x - rate g`.
 * @example
 * const [init, update, getParams] = exampleLibraries.optimizers.sgd(0.1);
 * getParams(update(0, np.array(2), init(np.array(1)))).item(); // => 0.8
 */
export function sgd(stepSize: StepSize): Optimizer {
  const rate = makeSchedule(stepSize);
  return optimizer(() => [(x0) => x0, (i, g, x: Tracer) => moved(x, rate(i), g), (x: Tracer) => x])();
}

type Pair = readonly [x: Tracer, velocity: Tracer];
type Triple = readonly [x: Tracer, first: Tracer, second: Tracer];
const withZeros = (x0: Tracer): Pair => [x0, zerosLike(x0)];
const withTwoZeros = (x0: Tracer): Triple => [x0, zerosLike(x0), zerosLike(x0)];
const first = ([x]: readonly [Tracer, ...unknown[]]): Tracer => x;

/** Gradient descent with momentum: the velocity is `mass v + g`. @example exampleLibraries.optimizers.momentum(0.1, 0.9).length; // => 3 */
export function momentum(stepSize: StepSize, mass: ArrayLike): Optimizer {
  const rate = makeSchedule(stepSize);
  const update = (i: ArrayLike, g: Tracer, [x, before]: Pair): Pair => {
    const velocity = add(multiply(mass, before), g);
    return [moved(x, rate(i), velocity), velocity];
  };
  return optimizer(() => [withZeros, update, first])();
}

/** Nesterov's momentum: the step is `mass v + g` of the new velocity. @example exampleLibraries.optimizers.nesterov(0.1, 0.9).length; // => 3 */
export function nesterov(stepSize: StepSize, mass: ArrayLike): Optimizer {
  const rate = makeSchedule(stepSize);
  const update = (i: ArrayLike, g: Tracer, [x, before]: Pair): Pair => {
    const velocity = add(multiply(mass, before), g);
    return [moved(x, rate(i), add(multiply(mass, velocity), g)), velocity];
  };
  return optimizer(() => [withZeros, update, first])();
}

/** `1 / sqrt(x)` where x is above 0, and 0 elsewhere. */
const inverseRoot = (x: Tracer): Tracer => where(greater(x, 0), divide(1, sqrt(x)), 0);

/**
 * Adagrad: gradients over the root of the sum of their squares, with momentum.
 *
 * Source: http://www.jmlr.org/papers/volume12/duchi11a/duchi11a.pdf
 * @example
 * const [init, update, getParams] = exampleLibraries.optimizers.adagrad(0.1);
 * getParams(update(0, np.array(2), init(np.array(1)))).item(); // => 0.99
 */
export function adagrad(stepSize: StepSize, momentum?: ArrayLike | Named<"momentum", ArrayLike>): Optimizer {
  const rate = makeSchedule(stepSize);
  const mass = named<"momentum", ArrayLike>("momentum", momentum, 0.9);
  const update = (i: ArrayLike, g: Tracer, [x, before, m0]: Triple): Triple => {
    const total = add(before, square(g));
    const m = mixed(complement(mass), multiply(g, inverseRoot(total)), mass, m0);
    return [moved(x, rate(i), m), total, m];
  };
  return optimizer(() => [withTwoZeros, update, first])();
}

export interface RmspropOptions {
  gamma?: ArrayLike | undefined;
  eps?: ArrayLike | undefined;
  /** Of `rmspropMomentum`. */
  momentum?: ArrayLike | undefined;
}
type RmspropArguments = readonly (ArrayLike | RmspropOptions | undefined)[];

/** `gamma` times the average of squares, and the square of g for the rest. */
const averaged = (average: Tracer, gamma: ArrayLike, g: Tracer): Tracer =>
  add(multiply(average, gamma), multiply(square(g), complement(gamma)));

/**
 * RMSProp: gradients over the root of a running average of their squares. By position or name: `gamma` (0.9), `eps` (1e-8).
 * @example
 * const [init, update, getParams] = exampleLibraries.optimizers.rmsprop(0.1);
 * getParams(update(0, np.array(2), init(np.array(1)))).item(); // => 0.683772
 */
export function rmsprop(stepSize: StepSize, ...given: RmspropArguments): Optimizer {
  const rate = makeSchedule(stepSize);
  const { gamma = 0.9, eps = 1e-8 } = byPosition<RmspropOptions>(["gamma", "eps"], given);
  const update = (i: ArrayLike, g: Tracer, [x, before]: Pair): Pair => {
    const average = averaged(before, gamma, g);
    return [subtract(x, divide(multiply(rate(i), g), sqrt(add(average, eps)))), average];
  };
  return optimizer(() => [withZeros, update, first])();
}

/** RMSProp with momentum: `gamma` (0.9), `eps` (1e-8), `momentum` (0.9). @example exampleLibraries.optimizers.rmspropMomentum(0.1, { momentum: 0.5 }).length; // => 3 */
export function rmspropMomentum(stepSize: StepSize, ...given: RmspropArguments): Optimizer {
  const rate = makeSchedule(stepSize);
  const names = ["gamma", "eps", "momentum"] as const;
  const { gamma = 0.9, eps = 1e-8, momentum = 0.9 } = byPosition<RmspropOptions>(names, given);
  const update = (i: ArrayLike, g: Tracer, [x, before, m0]: Triple): Triple => {
    const average = averaged(before, gamma, g);
    const m = add(multiply(momentum, m0), divide(multiply(rate(i), g), sqrt(add(average, eps))));
    return [subtract(x, m), average, m];
  };
  return optimizer(() => [withTwoZeros, update, first])();
}

export interface AdamOptions {
  b1?: number | undefined;
  b2?: number | undefined;
  eps?: ArrayLike | undefined;
}
type AdamArguments = readonly (ArrayLike | AdamOptions | undefined)[];

const adamOptions = (given: AdamArguments): Required<{ b1: number; b2: number; eps: ArrayLike }> => {
  const { b1 = 0.9, b2 = 0.999, eps = 1e-8 } = byPosition<AdamOptions>(["b1", "b2", "eps"], given);
  return { b1, b2, eps };
};

/** `1 - b^(i + 1)` in the dtype of an average: what it lacks, having begun with 0. */
const weightOf = (average: Tracer, b: number, i: ArrayLike): Tracer =>
  subtract(1, power(full([], b, average.dtype), typeof i === "number" ? i + 1 : add(i, 1)));

/**
 * Adam. By position or name: `b1` (0.9), `b2` (0.999), `eps` (1e-8).
 * @example
 * const [init, update, getParams] = exampleLibraries.optimizers.adam(0.1);
 * getParams(update(0, np.array(2), init(np.array(1)))).item(); // => 0.9
 */
export function adam(stepSize: StepSize, ...given: AdamArguments): Optimizer {
  const rate = makeSchedule(stepSize);
  const { b1, b2, eps } = adamOptions(given);
  const update = (i: ArrayLike, g: Tracer, [x, m0, v0]: Triple): Triple => {
    const m = mixed(1 - b1, g, b1, m0);
    const v = mixed(1 - b2, square(g), b2, v0);
    const [mHat, vHat] = [divide(m, weightOf(m, b1, i)), divide(v, weightOf(m, b2, i))];
    return [subtract(x, divide(multiply(rate(i), mHat), add(sqrt(vHat), eps))), m, v];
  };
  return optimizer(() => [withTwoZeros, update, first])();
}

/** AdaMax: Adam with the greatest gradient in place of the root of squares: `b1` (0.9), `b2` (0.999), `eps` (1e-8). @example exampleLibraries.optimizers.adamax(0.1).length; // => 3 */
export function adamax(stepSize: StepSize, ...given: AdamArguments): Optimizer {
  const rate = makeSchedule(stepSize);
  const { b1, b2, eps } = adamOptions(given);
  const update = (i: ArrayLike, g: Tracer, [x, m0, u0]: Triple): Triple => {
    const m = mixed(1 - b1, g, b1, m0);
    const u = maximum(multiply(b2, u0), abs(g));
    const step = multiply(divide(rate(i), weightOf(m, b1, i)), m);
    return [subtract(x, divide(step, add(u, eps))), m, u];
  };
  return optimizer(() => [withTwoZeros, update, first])();
}

type Sm3State = readonly [x: Tracer, m: Tracer, greatest: readonly Tracer[]];

/**
 * SM3: as Adagrad, but of the sums of squares only the greatest along each axis are kept. `momentum` is 0.9.
 *
 * Differs from JAX: the state does not hold the shape, so that update can be jitted.
 * Source: https://arxiv.org/abs/1901.11150
 * @example
 * const [init, update, getParams] = exampleLibraries.optimizers.sm3(0.1);
 * getParams(update(0, np.array([2]), init(np.array([1])))).js(); // => [0.99]
 */
export function sm3(stepSize: StepSize, momentum?: ArrayLike | Named<"momentum", ArrayLike>): Optimizer {
  const rate = makeSchedule(stepSize);
  const mass = named<"momentum", ArrayLike>("momentum", momentum, 0.9);
  const shapeOf = (x: Tracer): readonly number[] => (x.ndim === 0 ? [1] : x.shape);
  const init = (x0: Tracer): Sm3State => [x0, zerosLike(x0), shapeOf(x0).map((size) => full([size], 0, x0.dtype))];
  const update = (i: ArrayLike, g: Tracer, [x, m0, greatest]: Sm3State): Sm3State => {
    const axes = range(greatest.length);
    const others = (axis: number): number[] => axes.filter((a) => a !== axis);
    const bound = greatest.map((v, axis) => expandDims(v, others(axis))).reduce((v, w) => minimum(v, w));
    const total = add(bound, square(reshape(g, shapeOf(g))));
    const scaled = multiply(g, reshape(inverseRoot(total), g.shape));
    const m = mixed(complement(mass), scaled, mass, m0);
    return [moved(x, rate(i), m), m, axes.map((axis) => max(total, others(axis)))];
  };
  return optimizer(() => [init, update, first])();
}

/** The root of the sum of the squares of all elements of a tree. @example exampleLibraries.optimizers.l2Norm({ a: np.array([3]), b: np.array(4) }).item(); // => 5 */
export function l2Norm(tree: unknown): Tracer {
  return owned(() => sqrt(leaves<ArrayLike>(tree).reduce<ArrayLike>((sum, x) => add(sum, vdot(x, x)), 0)));
}

/**
 * The gradients, scaled down where their `l2Norm` is above `maxNorm`.
 * @example
 * exampleLibraries.optimizers.clipGrads([np.array([3]), np.array([4])], 1)[1].js(); // => [0.8]
 */
export function clipGrads<Tree>(gradTree: Tree, maxNorm: ArrayLike): Tree {
  return owned(() => {
    const norm = l2Norm(gradTree);
    const clipped = (g: ArrayLike): Tracer => where(less(norm, maxNorm), lift(g), multiply(g, divide(maxNorm, norm)));
    return map(clipped, gradTree) as unknown as Tree;
  });
}
