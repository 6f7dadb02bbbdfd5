/** Attention operators of com.microsoft. */
import { numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray } from "../../value";
import { mergeHeads, rotary, splitHeads } from "../attention";
import { type OperatorTable } from "../operator";
import { type Heads, attend, causal, paddingBias } from "./heads";

/** Mask, bias and causality of a node, as one additive bias. */
function biases(
  n: NodeContext,
  h: Heads,
  mask: number,
  bias: number,
): { bias: NdArray | null; allowed: NdArray | null } {
  const [b, heads, s] = h.q.shape as [number, number, number];
  const t = h.k.shape[2]!;
  const fill = n.attributes.float("mask_filter_value", -10000);
  const parts: NdArray[] = [];
  if (n.has(mask)) parts.push(paddingBias(n, n.x(mask), [b, heads, s, t], fill));
  if (n.has(bias)) parts.push(n.x(bias));
  return {
    bias: parts.length ? parts.reduce(np.add).astype(h.q.dtype) : null,
    allowed: n.attributes.flag("unidirectional") ? causal(s, t) : null,
  };
}

/** One projection makes query, key and value. */
function attention(n: NodeContext): (NdArray | null)[] {
  const product = np.matmul(n.x(0), n.x(1));
  return selfAttention(n, n.has(2) ? product.add(n.x(2)) : product, { mask: 3, past: 4, bias: 5 });
}

interface Places {
  readonly mask: number;
  readonly past: number;
  readonly bias: number;
}

/** Attention of packed projections [b, s, q + k + v], with the past of keys and values [2, b, n, p, d]. */
export function selfAttention(n: NodeContext, packed: NdArray, places: Places): (NdArray | null)[] {
  if (n.attributes.flag("do_rotary")) n.fail("do_rotary is not supported here; use GroupQueryAttention");
  const heads = n.attributes.int("num_heads", 1);
  const width = packed.shape[2]!;
  const sizes = n.attributes.ints("qkv_hidden_sizes") ?? [width / 3, width / 3, width / 3];
  const [a, b] = [sizes[0]!, sizes[0]! + sizes[1]!];
  const [q, k0, v0] = [packed.slice([], [], [0, a]), packed.slice([], [], [a, b]), packed.slice([], [], [b, width])].map(
    (x) => splitHeads(x, heads),
  ) as [NdArray, NdArray, NdArray]; // prettier-ignore
  const past = n.optional(places.past);
  const k = past ? np.concatenate([past.slice(0), k0], 2) : k0;
  const v = past ? np.concatenate([past.slice(1), v0], 2) : v0;
  const h = { q, k, v };
  const scale = n.attributes.float("scale", 0) || 1 / Math.sqrt(q.shape[3]!);
  const { y } = attend(h, { scale, ...biases(n, h, places.mask, places.bias) });
  return [mergeHeads(y), n.wants(1) ? np.stack([k, v]) : null];
}

/** Query, key and value apart, or packed per head. */
function multiHeadAttention(n: NodeContext): (NdArray | null)[] {
  const heads = n.attributes.int("num_heads", 1);
  const bias = n.optional(3);
  const query = n.x(0);
  const part = (x: NdArray, i: number): NdArray => x.slice([], [], [], i).transpose([0, 2, 1, 3]);
  let offset = 0;
  /** [b, s, width] with its share of the bias, as heads. */
  const projected = (x: NdArray): NdArray => {
    const width = x.shape[2]!;
    const share = bias?.slice([offset, (offset += width)]);
    return splitHeads(share ? x.add(share) : x, heads);
  };
  const whole = (): Heads => {
    if (query.ndim === 5) return { q: part(query, 0), k: part(query, 1), v: part(query, 2) };
    const q = projected(query);
    if (n.rank(1) === 5) return { q, k: part(n.x(1), 0), v: part(n.x(1), 1) };
    if (n.rank(1) === 4) return { q, k: n.x(1), v: n.x(2) };
    return { q, k: projected(n.x(1)), v: projected(n.x(2)) };
  };
  const { q, k: k0, v: v0 } = whole();
  const [pastK, pastV] = [n.optional(6), n.optional(7)];
  const k = pastK ? np.concatenate([pastK, k0], 2) : k0;
  const v = pastV ? np.concatenate([pastV, v0], 2) : v0;
  const h = { q, k, v };
  const scale = n.attributes.float("scale", 0) || 1 / Math.sqrt(q.shape[3]!);
  const { y, probability } = attend(h, { scale, ...biases(n, h, 4, 5) });
  return [mergeHeads(y), n.wants(1) ? k : null, n.wants(2) ? v : null, n.wants(3) ? probability : null];
}

/** Positions are an offset for all examples or a number for each token. */
function rotaryEmbedding(n: NodeContext): NdArray {
  const x = n.x(0);
  const flat = x.ndim === 3;
  const width = n.attributes.int("rotary_embedding_dim", 0) || n.shape(2)[1]! * 2;
  const heads = n.attributes.int("num_heads", 0) || (flat ? x.shape[2]! / width : 0);
  const split = flat ? x.reshape([x.shape[0]!, x.shape[1]!, heads, x.shape[2]! / heads]) : x.transpose([0, 2, 1, 3]);
  const [b, s] = split.shape as [number, number];
  const ids = n.x(1).astype("int32");
  const at = ids.ndim === 1 ? ids.reshape([1, 1]).add(np.arange(s).astype("int32")) : ids;
  const look = (i: number): NdArray =>
    np.broadcastTo(np.take(n.x(i), at, { axis: 0, mode: "clip" }), [b, s, n.shape(i)[1]!]);
  const out = rotary(split, look(2), look(3), width, n.attributes.flag("interleaved"));
  return flat ? out.reshape(x.shape) : out.transpose([0, 2, 1, 3]);
}

export const contribAttention: OperatorTable = {
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
  RotaryEmbedding: rotaryEmbedding,
};
