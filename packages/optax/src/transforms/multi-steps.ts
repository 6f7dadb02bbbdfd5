/** One step of an optimizer for several batches of gradients. */
import { type Array, numpy as np, tree } from "@jax-js/jax";
import { type ExtraArgs, type GradientTransformation, type OptState, mapLeaves, pure } from "../base";
import { safeIncrement, zeroCount } from "../numerics";
import { treeZerosLike } from "../tree/make";
import { treeWhere } from "../tree/math";
import { treeNorm } from "../tree/reduce";

/** Whether to skip updates, and a state that tells why. */
export type ShouldSkipUpdateFunction = (updates: unknown, gradientStep: Array, params: unknown) => [Array, OptState];

/**
 * Skips updates that have NaN or infinity.
 *
 * Source: optax.skip_not_finite.
 * @example
 * skipNotFinite([np.array([NaN])])[0].item(); // => 1
 */
export function skipNotFinite(updates: unknown): [Array, OptState] {
  return pure(() => {
    const bad = (tree.leaves(updates) as Array[]).map((u) => np.sum(np.logicalNot(np.isfinite(u)).astype("int32")));
    const numNotFinite = bad.reduce((a, b) => a.add(b), zeroCount());
    const shouldSkip = numNotFinite.greater(0);
    return [shouldSkip, { shouldSkip, numNotFinite }] as [Array, OptState];
  }, [updates]);
}

/**
 * Skips updates whose squared global norm is greater than `maxSquaredNorm`.
 *
 * Source: optax.skip_large_updates.
 * @example
 * skipLargeUpdates([np.array([3])], np.array(0), null, 8)[0].item(); // => 1
 */
export function skipLargeUpdates(
  updates: unknown,
  _gradientStep: Array,
  _params: unknown,
  maxSquaredNorm: number | { maxSquaredNorm: number },
): [Array, OptState] {
  const most = typeof maxSquaredNorm === "number" ? maxSquaredNorm : maxSquaredNorm.maxSquaredNorm;
  return pure(() => {
    const normSquared = treeNorm(updates, 2, true);
    const shouldSkip = np.logicalNot(normSquared.lessEqual(most));
    return [shouldSkip, { shouldSkip, normSquared }] as [Array, OptState];
  }, [updates]);
}

export interface MultiStepsState<P = unknown> {
  miniStep: Array;
  gradientStep: Array;
  innerOptState: OptState;
  accGrads: P;
  skipState: OptState;
}

export interface MultiStepsOptions {
  /** The mean of the gradients, not their sum; true. */
  useGradMean?: boolean;
  shouldSkipUpdateFn?: ShouldSkipUpdateFunction | null;
}

/**
 * Gathers gradients over k calls of `update`; the inner optimizer gets their mean at every k-th, and updates between are
 * zero. MultiStepsState `{ miniStep, gradientStep, innerOptState, accGrads, skipState }`.
 *
 * Source: optax.MultiSteps.
 * @example
 * const tx = new MultiSteps(scale(-1), 2);
 * const [u, s] = tx.update([np.array([1])], tx.init([np.array([0])]));
 * [u[0].js(), tx.update([np.array([3])], s)[0][0].js()]; // => [[0], [-2]]
 */
export class MultiSteps implements GradientTransformation {
  private readonly every: (gradientStep: Array) => Array | number;
  private readonly useGradMean: boolean;
  private readonly skip: ShouldSkipUpdateFunction | null;
  private readonly optimizer: GradientTransformation;

  /** `everyKSchedule` is k, or a function of the number of steps that the optimizer has done. */
  constructor(
    optimizer: GradientTransformation,
    everyKSchedule: number | ((gradientStep: Array) => Array | number),
    { useGradMean = true, shouldSkipUpdateFn = null }: MultiStepsOptions = {},
  ) {
    this.optimizer = optimizer;
    this.every = typeof everyKSchedule === "number" ? () => everyKSchedule : everyKSchedule;
    this.useGradMean = useGradMean;
    this.skip = shouldSkipUpdateFn;
  }

  init<P>(params: P): OptState {
    return pure(
      () => ({
        miniStep: zeroCount(),
        gradientStep: zeroCount(),
        innerOptState: this.optimizer.init(params) as OptState,
        accGrads: treeZerosLike(params),
        skipState: this.skip === null ? [] : (this.skip(treeZerosLike(params), zeroCount(), params)[1] as OptState),
      }),
      [params],
    );
  }

  update<P>(updates: P, state: OptState, params?: P | null, extra: ExtraArgs = {}): [P, OptState] {
    return pure(() => this.step(updates, state as MultiStepsState, params, extra), [updates, state, params, extra]) as [
      P,
      OptState,
    ];
  }

  private step(
    updates: unknown,
    state: MultiStepsState,
    params: unknown,
    extra: ExtraArgs,
  ): [unknown, MultiStepsState] {
    const { miniStep, gradientStep, innerOptState, accGrads } = state;
    const [skip, skipState] = this.skip === null ? [null, []] : this.skip(updates, gradientStep, params);
    const mean = (g: Array, acc: Array): Array => acc.add(g.sub(acc).div(miniStep.add(1).astype(g.dtype)));
    const acc = mapLeaves(this.useGradMean ? mean : (g, a) => a.add(g), updates, accGrads);
    const emit = miniStep.equal(np.subtract(this.every(gradientStep), 1));
    const [out, inner] = this.optimizer.update(acc, innerOptState, params, extra);
    const next: MultiStepsState = {
      miniStep: np.where(emit, np.zerosLike(miniStep), miniStep.add(1)),
      gradientStep: np.where(emit, safeIncrement(gradientStep), gradientStep),
      innerOptState: treeWhere(emit, inner as unknown, innerOptState),
      accGrads: mapLeaves((a) => np.where(emit, np.zerosLike(a), a), acc),
      skipState,
    };
    const given = mapLeaves((u) => np.where(emit, u, np.zerosLike(u)), out);
    if (skip === null) return [given, next];
    const kept = { ...state, skipState };
    return [mapLeaves((u) => np.where(skip, np.zerosLike(u), u), given), treeWhere(skip, kept, next)];
  }

  /** True right after the optimizer did a step; a bool scalar. */
  hasUpdated(state: OptState): Array {
    const { miniStep, gradientStep } = state as MultiStepsState;
    return pure(() => np.logicalAnd(miniStep.equal(0), gradientStep.greater(0)), [state]);
  }

  /** Itself, which is a transformation already. */
  gradientTransformation(): GradientTransformation {
    return this;
  }
}
