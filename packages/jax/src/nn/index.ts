/** Functions for neural networks. */
export * from "./activations";
export { type AttentionOptions, dotProductAttention } from "./attention";
export * as initializers from "./initializers";
export {
  type LogsumexpOptions, type OneHotOptions, type SoftmaxOptions, type StandardizeOptions, logSoftmax, logmeanexp, logsumexp, oneHot,
  softmax, standardize,
} from "./softmax"; // prettier-ignore
export * from "./scaled-matmul";
