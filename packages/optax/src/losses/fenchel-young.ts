/** Losses made of a max function. */
import { type Array, numpy as np, vmap } from "@jax-js/jax";
import { pure } from "../base";

/** A convex function of a vector of scores, such as nn.logsumexp; a scalar. */
export type MaxFun = (scores: Array, ...args: never[]) => Array;

/**
 * The Fenchel-Young loss `maxFun(scores) - <targets, scores>`, along the last axis. With nn.logsumexp it is the softmax
 * cross entropy up to a constant.
 *
 * Shapes of the loss: `[..., n] x [..., n] -> [...]`. Further arguments go to maxFun.
 * Source: Blondel et al., "Learning with Fenchel-Young losses", 2020; optax.losses.make_fenchel_young_loss.
 * @example
 * const loss = makeFenchelYoungLoss((x) => nn.logsumexp(x));
 * loss(np.array([0, 0]), np.array([1, 0])).item(); // => 0.693147
 */
export function makeFenchelYoungLoss(
  maxFun: MaxFun,
): (scores: Array, targets: Array, ...args: Parameters<MaxFun>[1][]) => Array {
  return (scores, targets, ...args) =>
    pure(() => {
      const batch = scores.shape.slice(0, -1);
      const flat = scores.reshape([-1, scores.shape[scores.ndim - 1]!]);
      const max = vmap((row: Array) => maxFun(row, ...args))(flat).reshape(batch);
      return max.sub(np.sum(targets.mul(scores), -1));
    }, [scores, targets, args]);
}
