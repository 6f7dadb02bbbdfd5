/** Smooth versions of functions without useful derivatives, by noise on their inputs. */
import { type Array, type DType, lax, numpy as np, random, vmap } from "@jax-js/jax";
import { type Scalar, mapLeaves, pure } from "../base";
import { type Rest, named } from "../named";
import { div, times } from "../scalars";
import { treeRandomLike } from "../tree/make";
import { treeAddScale } from "../tree/math";
import { treeSum } from "../tree/reduce";

/** A distribution of noise. */
export interface Noise {
  sample(key: Array, shape: number[], dtype?: DType): Array;
  /** Logarithm of the density up to a constant. */
  logProb(x: Array): Array;
}

/**
 * Standard normal noise.
 *
 * Source: optax.perturbations.Normal.
 * @example
 * new Normal().logProb(np.array([2])).js(); // => [-2]
 */
export class Normal implements Noise {
  sample(key: Array, shape: number[], dtype: DType = "float32"): Array {
    return random.normal(key, shape, { dtype } as never);
  }

  logProb(x: Array): Array {
    return pure(() => np.square(x).mul(-0.5), [x]);
  }
}

/**
 * Standard Gumbel noise.
 *
 * Source: optax.perturbations.Gumbel.
 * @example
 * new Gumbel().logProb(np.array([0])).js(); // => [-1]
 */
export class Gumbel implements Noise {
  sample(key: Array, shape: number[], dtype: DType = "float32"): Array {
    return random.gumbel(key, shape, { dtype } as never);
  }

  logProb(x: Array): Array {
    return pure(() => np.exp(x.neg()).add(x).neg(), [x]);
  }
}

export interface MakePerturbedFunOptions {
  /** Number of draws; 1000. */
  numSamples?: number;
  /** Size of the noise; 0.1. */
  sigma?: Scalar;
  /** Its distribution; Gumbel. */
  noise?: Noise;
  /** Subtract the value without noise in the derivative, which lessens its variance; true. */
  useBaseline?: boolean;
}

/**
 * The mean of a function over noise on its input: `E[fun(x + sigma * z)]`, as a function of a key and x. Its derivatives are
 * those of the mean (score function estimates), whatever those of `fun` are.
 *
 * Options: numSamples = 1000, sigma = 0.1, noise = new Gumbel(), useBaseline = true; by position too.
 * Source: Berthet et al., "Learning with differentiable perturbed optimizers", 2020; optax.perturbations.make_perturbed_fun.
 * @example
 * const argmax = (x) => nn.oneHot(np.argmax(x), 2);
 * const soft = makePerturbedFun(argmax, { numSamples: 100, sigma: 1 });
 * np.sum(soft(random.key(0), np.array([0, 1]))).item(); // => 1
 */
export function makePerturbedFun<P, R>(
  fun: (x: P) => R,
  ...rest: Rest<MakePerturbedFunOptions>
): (key: Array, x: P) => R {
  const names = ["numSamples", "sigma", "noise", "useBaseline"] as const;
  const options = named<MakePerturbedFunOptions>("makePerturbedFun", names, rest) as MakePerturbedFunOptions;
  const { numSamples = 1000, sigma = 0.1, noise = new Gumbel(), useBaseline = true } = options;
  const fixed = <T>(x: T): T => mapLeaves((a) => lax.stopGradient(a), x);

  /** One draw: its value times 1, a factor whose derivative is that of the logarithm of the density. */
  const draw = (key: Array, x: P, baseline: R | null): R => {
    const drawn = treeRandomLike(key, x, (k, shape, dtype) => noise.sample(k, shape, dtype));
    const shifted = fixed(treeAddScale(x, sigma, drawn));
    const z = mapLeaves((a: Array, b: Array) => times(b.sub(a), div(1, sigma)), x, shifted);
    const logDensity = treeSum(mapLeaves((a) => noise.logProb(a), z));
    const one = np.exp(logDensity.sub(lax.stopGradient(logDensity)));
    const value = mapLeaves((y) => y.mul(one.astype(y.dtype)), fun(shifted));
    return baseline === null ? value : treeAddScale(value, one.neg().add(1), baseline);
  };

  return (key, x) =>
    pure(() => {
      const baseline = useBaseline ? fun(fixed(x)) : null;
      const keys = random.split(key, numSamples);
      const values = vmap((k: Array) => draw(k, x, baseline) as never)(keys) as unknown as R;
      return mapLeaves((y) => np.mean(y, 0), values);
    }, [key, x]);
}
