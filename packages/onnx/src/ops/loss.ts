/** Losses of classification. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { pick } from "./gather";
import { type OperatorTable } from "./operator";

/** `-weight[target] logProbability[target]`, summed or averaged as the node says. */
function likelihoodLoss(n: NodeContext, logProbability: NdArray): NdArray {
  const target = n.x(1).astype("int32"); // [n, ...space]
  const ignored = n.attributes.optionalInt("ignore_index");
  const kept = ignored === undefined ? null : np.notEqual(target, ignored);
  const safe = kept ? np.where(kept, target, np.zerosLike(target)) : target;
  const taken = np.takeAlongAxis(logProbability, np.expandDims(safe, 1), 1).reshape(target.shape);
  const ones = np.ones(target.shape, { dtype: logProbability.dtype });
  const weight = n.has(2) ? pick(n.x(2), safe, 0) : ones;
  const counted = kept ? np.where(kept, weight, np.zerosLike(weight)) : weight;
  const loss = lax.neg(taken.mul(counted));
  const reduction = n.attributes.string("reduction", "mean");
  if (reduction === "none") return loss;
  return reduction === "sum" ? np.sum(loss) : np.sum(loss).div(np.sum(counted));
}

export const losses: OperatorTable = {
  NegativeLogLikelihoodLoss: (n) => likelihoodLoss(n, n.x(0)),
  SoftmaxCrossEntropyLoss: (n) => {
    const logProbability = nn.logSoftmax(n.x(0), 1);
    return [likelihoodLoss(n, logProbability), logProbability];
  },
};
