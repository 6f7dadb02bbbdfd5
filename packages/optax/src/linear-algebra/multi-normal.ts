/** Normal distributions with independent coordinates. */
import { type Array, numpy as np, random } from "@jax-js/jax";
import { pure } from "../base";

/** Normal distributions with their means and logarithms of standard deviations. */
export class MultiNormalDiagFromLogScale {
  readonly loc: Array;
  readonly logScale: Array;

  constructor(loc: Array, logScale: Array) {
    this.loc = loc;
    this.logScale = logScale;
  }

  /** The mean and the logarithm of the standard deviation. */
  get params(): [loc: Array, logScale: Array] {
    return [this.loc, this.logScale];
  }

  private get shape(): number[] {
    return np.broadcastShapes(this.loc.shape, this.logScale.shape);
  }

  /** Draws of the distribution: `[...shape, ...shape of the parameters]`. */
  sample(shape: readonly number[], key: Array): Array {
    return pure(
      () =>
        random
          .normal(key, [...shape, ...this.shape])
          .mul(np.exp(this.logScale))
          .add(this.loc),
      [key, this.params],
    );
  }

  /** Logarithm of the density, summed over the axes of the parameters. */
  logProb(x: Array): Array {
    return pure(() => {
      const z = x.sub(this.loc).div(np.exp(this.logScale));
      const density = np
        .square(z)
        .mul(-0.5)
        .sub(this.logScale)
        .sub(0.5 * Math.log(2 * Math.PI));
      return np.sum(density, this.shape.map((_, i) => -(i + 1))); // prettier-ignore
    }, [x, this.params]);
  }
}

/**
 * A normal distribution with independent coordinates, from means and logarithms of standard deviations.
 *
 * Source: optax.multi_normal.
 * @example
 * multiNormal(np.zeros([2]), np.zeros([2])).logProb(np.zeros([2])).item(); // => -1.837877
 */
export function multiNormal(loc: Array, logScale: Array): MultiNormalDiagFromLogScale {
  return new MultiNormalDiagFromLogScale(loc, logScale);
}
