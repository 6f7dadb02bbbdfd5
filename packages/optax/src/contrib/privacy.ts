/** Differential privacy: clipped gradients of examples with noise. */
import { type Array, random, tree } from "@jax-js/jax";
import { GradientTransformation, type Scalar, type ScalarOrSchedule } from "../base";
import { type Rest, named } from "../named";
import { mul, times } from "../scalars";
import { trace } from "../transforms/accumulation";
import { keyOf } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { perExampleGlobalNormClip } from "../transforms/clipping";
import { scaleByLearningRate } from "../transforms/schedule";
import { identity } from "../transforms/simple";

export interface KeyOptions {
  /** A key or a seed. */
  key?: Array | number | null;
  /** A seed, if there is no key; 0. */
  seed?: number;
}

export interface DifferentiallyPrivateAggregateState {
  rngKey: Array;
}

/**
 * The mean of gradients of examples (leading axis), each scaled down to a global norm of at most `l2NormClip`, with normal
 * noise of standard deviation `l2NormClip * noiseMultiplier` on the sum. State `{ rngKey }`.
 *
 * Options: key or seed; by position too.
 * Source: Abadi et al., "Deep learning with differential privacy", 2016; optax.contrib.differentially_private_aggregate.
 * @example
 * const tx = differentiallyPrivateAggregate(1, 0, { seed: 0 });
 * tx.update([np.array([[3], [0.5]])], tx.init([np.ones([1])]))[0][0].js(); // => [0.75]
 */
export function differentiallyPrivateAggregate(
  l2NormClip: Scalar,
  noiseMultiplier: Scalar,
  ...rest: Rest<KeyOptions>
): GradientTransformation {
  const { key = null, seed = 0 } = named<KeyOptions>("differentiallyPrivateAggregate", ["key", "seed"], rest);
  const stddev = mul(l2NormClip, noiseMultiplier);
  return GradientTransformation(
    (): DifferentiallyPrivateAggregateState => ({ rngKey: keyOf(key ?? seed) }),
    (updates: unknown, { rngKey }) => {
      const [leaves, treedef] = tree.flatten<Array>(updates);
      const nExamples = leaves[0]!.shape[0]!;
      const [sums] = perExampleGlobalNormClip(leaves, l2NormClip);
      const keys = random.split(rngKey, leaves.length + 1);
      const noised = sums.map((g, i) => {
        const noise = random.normal(keys.slice(i + 1), g.shape, { dtype: g.dtype } as never);
        return g.add(times(noise, stddev)).div(nExamples);
      });
      return [tree.unflatten(treedef, noised), { rngKey: keys.slice(0) }];
    },
  );
}

export interface DpsgdOptions {
  momentum?: Scalar | null;
  nesterov?: boolean;
}

/**
 * Gradient descent with differential privacy; updates are gradients of examples (leading axis).
 *
 * Options: momentum, nesterov = false; by position too.
 * Source: Abadi et al., 2016; optax.contrib.dpsgd.
 * @example
 * const tx = dpsgd(0.1, 1, 0, 42);
 * tx.update([np.array([[3], [0.5]])], tx.init([np.ones([1])]))[0][0].js(); // => [-0.075]
 */
export function dpsgd(
  learningRate: ScalarOrSchedule,
  l2NormClip: Scalar,
  noiseMultiplier: Scalar,
  seed: number,
  ...rest: Rest<DpsgdOptions>
): GradientTransformation {
  const { momentum = null, nesterov = false } = named<DpsgdOptions>("dpsgd", ["momentum", "nesterov"], rest);
  return chain(
    differentiallyPrivateAggregate(l2NormClip, noiseMultiplier, { seed }),
    momentum === null ? identity() : trace({ decay: momentum, nesterov }),
    scaleByLearningRate(learningRate),
  );
}
