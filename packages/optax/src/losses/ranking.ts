/** Losses of rankings. */
import { checkNames } from "../named";
import { type Array, nn, numpy as np } from "@jax-js/jax";
import { pure } from "../base";
import { needFloat } from "./checks";

/** A reduction of the losses of lists; `where` is true for lists with at least one item. */
export type ReduceFn = (losses: Array, options: { where?: Array }) => Array;

export interface RankingSoftmaxLossOptions {
  /** True for items that take part; all by default. */
  where?: Array;
  /** Weights of items; 1. */
  weights?: Array;
  /** Reduction over lists; np.mean, or null for none. */
  reduceFn?: ReduceFn | null;
}

/**
 * Softmax cross entropy of the scores of the items of a list against their relevances.
 *
 * Options: where, weights, reduceFn = np.mean (null for the loss of each list).
 * Shapes: `[..., items] x [..., items] -> []` or `[...]`. Dtypes: logits floats.
 * Errors: DTypeError if the logits are not floats.
 * Source: Bruch et al., "An analysis of the softmax cross entropy loss for learning-to-rank", 2019;
 * optax.losses.ranking_softmax_loss.
 * @example
 * rankingSoftmaxLoss(np.array([[0, 0]]), np.array([[0, 2]])).item(); // => 1.386294
 */
export function rankingSoftmaxLoss(logits: Array, labels: Array, options: RankingSoftmaxLossOptions = {}): Array {
  checkNames("rankingSoftmaxLoss", ["where", "weights", "reduceFn"], options);
  const { where, weights, reduceFn = mean } = options;
  needFloat("rankingSoftmaxLoss", "logits", logits);
  return pure(() => {
    const given = labels.astype(logits.dtype);
    const relevance = where === undefined ? given : np.where(where, given, 0);
    const weighted = weights === undefined ? relevance : relevance.mul(weights);
    const logs = nn.logSoftmax(where === undefined ? logits : np.where(where, logits, -Infinity), -1);
    const losses = np.sum(weighted.mul(logs), -1, { where }).neg(); // [...]
    const lists = where === undefined ? {} : { where: np.any(where, -1) };
    if (reduceFn !== null) return reduceFn(losses, lists);
    return lists.where === undefined ? losses : np.where(lists.where, losses, 0);
  }, [logits, labels, where, weights]);
}

/** The mean, and 0 of no lists. */
function mean(losses: Array, { where }: { where?: Array }): Array {
  if (where === undefined) return np.mean(losses);
  const n = np.sum(where.astype(losses.dtype));
  return np.sum(losses, null, { where }).div(np.maximum(n, 1));
}
