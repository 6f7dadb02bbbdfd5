/** What the attention operators of com.microsoft share. */
import { nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray } from "../../value";
import { biasOf, repeatHeads, scores, softCap, softmaxOfRows } from "../attention";

/** Query [b, n, s, d], key and value [b, kv, t, d]. */
export interface Heads {
  readonly q: NdArray;
  readonly k: NdArray;
  readonly v: NdArray;
}

export interface AttendOptions {
  readonly scale: number;
  readonly softcap?: number;
  /** Added to the scores; broadcasts to [b, n, s, t]. */
  readonly bias?: NdArray | null;
  /** Where keys may be attended to; broadcasts to [b, n, s, t]. */
  readonly allowed?: NdArray | null;
  /** One more score per head [n, 1, 1] that takes its share of the softmax and gives nothing. */
  readonly sink?: NdArray | null;
}

/** The probabilities [b, n, s, t] and the result [b, n, s, d]. */
export function attend({ q, k, v }: Heads, o: AttendOptions): { y: NdArray; probability: NdArray } {
  const heads = q.shape[1]!;
  let x = softCap(scores(q, repeatHeads(k, heads), o.scale), o.softcap ?? 0);
  if (o.bias) x = x.add(o.bias);
  if (o.allowed) x = x.add(biasOf(o.allowed, x));
  const probability = o.sink ? withSink(x, o.sink) : softmaxOfRows(x);
  return { y: np.matmul(probability, repeatHeads(v, heads)), probability };
}

function withSink(x: NdArray, sink: NdArray): NdArray {
  const [b, heads, s, t] = x.shape as [number, number, number, number];
  const column = np.broadcastTo(sink.astype(x.dtype), [b, heads, s, 1]);
  return nn.softmax(np.concatenate([x, column], 3), 3).slice([], [], [], [0, t]);
}

/** `fill` where a padding mask is 0: [b] lengths, [2b] ends and starts, [b, t], [b, s, t] or [b, 1, m, m]. */
export function paddingBias(n: NodeContext, mask: NdArray, shape: readonly number[], fill: number): NdArray {
  const [b, , s, t] = shape as [number, number, number, number];
  const bias = (kept: NdArray): NdArray => np.where(kept, np.zeros([]), np.full([], fill));
  const key = np.arange(t).astype("int32").reshape([1, 1, 1, t]);
  const column = (x: NdArray): NdArray => x.reshape([b, 1, 1, 1]);
  switch (mask.ndim) {
    case 1: {
      if (mask.size === b) return bias(np.less(key, column(mask)));
      const [ends, starts] = [mask.slice([0, b]), mask.slice([b, 2 * b])];
      if (mask.size !== 2 * b) n.fail(`a mask of ${mask.size} numbers for ${b} examples`);
      return bias(np.logicalAnd(np.less(key, column(ends)), np.greaterEqual(key, column(starts))));
    }
    case 2:
      return bias(np.notEqual(mask, 0).reshape([b, 1, 1, t]));
    case 3:
      return bias(np.notEqual(mask, 0).reshape([b, 1, s, t]));
    default:
      return bias(np.notEqual(mask.slice([], [], [t - s, t], [0, t]), 0));
  }
}

/** Each query sees keys up to its own place, which is `t - s` behind. */
export function causal(s: number, t: number): NdArray {
  return np
    .tri(s, t, t - s)
    .astype("bool")
    .reshape([1, 1, s, t]);
}
