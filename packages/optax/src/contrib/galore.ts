/** Optimizers in a low-rank space of gradients. */
import { type Array, ShapeError, lax, numpy as np, tree } from "@jax-js/jax";
import { GradientTransformation, type OptState, type ScalarOrSchedule } from "../base";
import { type Rest, named } from "../named";
import { safeIncrement, zeroCount } from "../numerics";
import { decayed } from "../optimizers/decayed";
import type { AddDecayedWeightsOptions } from "../transforms/adding";
import { scaleByAdam } from "../transforms/scale-by-adam";
import { DimensionNumbers, type DimensionNumbersOrFn, asMatrices, numbersOfLeaves } from "./dimension-numbers";

/**
 * Axes of a weight that make the rows (`reductionAxis`, 0) and columns (`outputAxis`, 1) of a matrix: all of them.
 *
 * Source: optax.contrib.GaLoreDimensionNumbers.
 * @example
 * new GaLoreDimensionNumbers().reductionAxis; // => 0
 */
export class GaLoreDimensionNumbers extends DimensionNumbers {}

export interface ScaleByGaloreOptions {
  /** Rank of the space; 128. */
  rank?: number;
  /** Number of steps between new spaces; 200. */
  updateProjGap?: number;
  /** Factor of updates; 1. */
  scale?: number;
  /** Optimizer in the space; scaleByAdam(). */
  baseOptimizer?: GradientTransformation | null;
  /** Rows and columns of weights, null for those that stay as they are; without it weights of rank 2. */
  weightDimensionNumbers?: DimensionNumbersOrFn | null;
}

export interface GaLoreState<P = unknown> {
  count: Array;
  baseOptimizerState: OptState;
  projector: P;
}

/** A gradient as a matrix `[m, n]`, the way back, and the side on which the space is. */
function asMatrix(x: Array, numbers: DimensionNumbers): { matrix: Array; back: (y: Array) => Array; onLeft: boolean } {
  const [matrices, back] = asMatrices(x, numbers);
  if (matrices.shape[0] !== 1) {
    throw new ShapeError(`galore: dimension numbers must name all axes of a weight, got shape [${x.shape}]`);
  }
  const [m, n] = matrices.shape.slice(1) as [number, number];
  return { matrix: matrices.reshape([m, n]), back, onLeft: m >= n };
}

/** The leading singular vectors of a matrix `[m, n]`: `[m, r]` on the left or `[n, r]` on the right. */
function leadingVectors(matrix: Array, onLeft: boolean, rank: number): Array {
  const [u, , vt] = np.linalg.svd(matrix.astype("float32"), { fullMatrices: false });
  const vectors = onLeft ? u : np.transpose(vt);
  return vectors.slice([], [0, rank]).astype(matrix.dtype);
}

/**
 * Runs an optimizer on gradients projected on their leading singular vectors, which are found anew every `updateProjGap`
 * steps; its state is as small as the space. State `{ count, baseOptimizerState, projector }`.
 *
 * Options: rank = 128, updateProjGap = 200, scale = 1, baseOptimizer = scaleByAdam(), weightDimensionNumbers; by position
 * too.
 * Errors: RangeError unless the rank is a positive integer.
 * Source: Zhao et al., "GaLore: memory-efficient LLM training by gradient low-rank projection", 2024;
 * optax.contrib.scale_by_galore.
 * @example
 * const tx = scaleByGalore({ rank: 1, baseOptimizer: identity() });
 * const [u] = tx.update(np.array([[2, 0], [0, 1]]), tx.init(np.eye(2)));
 * np.allclose(u, [[2, 0], [0, 0]], { atol: 1e-5 }); // => true
 */
export function scaleByGalore(...rest: Rest<ScaleByGaloreOptions>): GradientTransformation {
  const names = ["rank", "updateProjGap", "scale", "baseOptimizer", "weightDimensionNumbers"] as const;
  const options = named<ScaleByGaloreOptions>("scaleByGalore", names, rest) as ScaleByGaloreOptions;
  const { rank = 128, updateProjGap = 200, scale = 1 } = options;
  const inner = options.baseOptimizer ?? scaleByAdam();
  if (!Number.isInteger(rank) || rank < 1) throw new RangeError(`galore: rank must be a positive integer, got ${rank}`);
  const plain = new GaLoreDimensionNumbers();
  const spec: DimensionNumbersOrFn =
    options.weightDimensionNumbers ??
    ((params) => tree.map(((x: Array) => (x.ndim === 2 ? plain : null)) as never, params as never) as unknown);

  /** Applies f to the leaves of trees of one form, with their numbers; lists of what it gives. */
  const each = <R>(
    f: (numbers: DimensionNumbers | null, ...leaves: Array[]) => R,
    first: unknown,
    ...others: unknown[]
  ): R[] => {
    const columns = [first, ...others].map((x) => tree.leaves<Array>(x));
    return numbersOfLeaves(spec, first).map((n, i) => f(n, ...columns.map((c) => c[i]!)));
  };

  const emptySpace = (numbers: DimensionNumbers | null, p: Array): { projector: Array; proxy: Array } => {
    const zeros = (shape: number[]): Array => np.zeros(shape, { dtype: p.dtype });
    if (numbers === null) return { projector: zeros([0, 0]), proxy: np.zerosLike(p) };
    const { matrix, onLeft } = asMatrix(p, numbers);
    const [m, n] = matrix.shape as [number, number];
    const r = Math.min(rank, m, n);
    return { projector: zeros([onLeft ? m : n, r]), proxy: zeros(onLeft ? [r, n] : [m, r]) };
  };

  return GradientTransformation(
    (params: unknown): GaLoreState => {
      const treedef = tree.structure(params);
      const spaces = each(emptySpace, params);
      const proxies = tree.unflatten(treedef, spaces.map((s) => s.proxy)) as unknown; // prettier-ignore
      const projector = tree.unflatten(treedef, spaces.map((s) => s.projector)) as unknown; // prettier-ignore
      return { count: zeroCount(), baseOptimizerState: inner.init(proxies) as OptState, projector };
    },
    (updates: unknown, { count, baseOptimizerState, projector }) => {
      const treedef = tree.structure(updates);
      const due = np.mod(count, updateProjGap).equal(0);
      const project = (numbers: DimensionNumbers | null, g: Array, old: Array): [low: Array, space: Array] => {
        if (numbers === null) return [g, old];
        const { matrix, onLeft } = asMatrix(g, numbers);
        const found = (x: Array): Array => leadingVectors(x, onLeft, old.shape[1]!);
        const space = lax.cond(due, found as never, ((_x: Array, o: Array) => o) as never, matrix, old) as Array;
        return [onLeft ? np.matmul(np.transpose(space), matrix) : np.matmul(matrix, space), space];
      };
      const back = (numbers: DimensionNumbers | null, g: Array, low: Array, space: Array): Array => {
        if (numbers === null) return low;
        const { onLeft, back: reshaped } = asMatrix(g, numbers);
        const full = onLeft ? np.matmul(space, low) : np.matmul(low, np.transpose(space));
        return reshaped(full).mul(scale).astype(g.dtype);
      };
      const projected = each(project, updates, projector);
      const low = tree.unflatten(treedef, projected.map(([x]) => x)) as unknown; // prettier-ignore
      const spaces = tree.unflatten(treedef, projected.map(([, space]) => space)) as unknown; // prettier-ignore
      const [steps, next] = inner.update(low, baseOptimizerState);
      const out = tree.unflatten(treedef, each(back, updates, steps, spaces)) as unknown;
      return [out, { count: safeIncrement(count), baseOptimizerState: next, projector: spaces }];
    },
  );
}

export type GaloreOptions = ScaleByGaloreOptions & AddDecayedWeightsOptions;

/**
 * GaLore: AdamW, or another optimizer, in a low-rank space of gradients.
 *
 * Options: rank = 128, updateProjGap = 200, scale = 1, baseOptimizer = scaleByAdam(), weightDecay = 0, mask,
 * weightDimensionNumbers; by position too.
 * Errors: as scaleByGalore.
 * Source: Zhao et al., 2024; optax.contrib.galore.
 * @example
 * const tx = galore(0.1, { rank: 1 });
 * tx.init(np.ones([4, 3])).length; // => 3
 */
export function galore(learningRate: ScalarOrSchedule, ...rest: Rest<GaloreOptions>): GradientTransformation {
  const names = [
    "rank", "updateProjGap", "scale", "baseOptimizer", "weightDecay", "mask", "weightDimensionNumbers",
  ] as const; // prettier-ignore
  const { weightDecay, mask, ...options } = named<GaloreOptions>("galore", names, rest);
  return decayed(scaleByGalore(options), learningRate, { weightDecay, mask }, 0);
}
