/** Attention, in the forms of ONNX's own operators. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { BOOL, DOUBLE, FLOAT, deviceDType, isFloatType } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, deviceTensor } from "../value";
import { type OperatorTable } from "./operator";

/** [b, s, heads * d] as [b, heads, s, d]. */
export function splitHeads(x: NdArray, heads: number): NdArray {
  const [b, s, width] = x.shape as [number, number, number];
  return x.reshape([b, s, heads, width / heads]).transpose([0, 2, 1, 3]);
}

/** [b, heads, s, d] as [b, s, heads * d]. */
export function mergeHeads(x: NdArray): NdArray {
  const [b, heads, s, d] = x.shape as [number, number, number, number];
  return x.transpose([0, 2, 1, 3]).reshape([b, s, heads * d]);
}

/** Each head of k or v as often as heads of q share it. */
export function repeatHeads(x: NdArray, heads: number): NdArray {
  const [b, own, s, d] = x.shape as [number, number, number, number];
  if (own === heads) return x;
  return np.broadcastTo(x.reshape([b, own, 1, s, d]), [b, own, heads / own, s, d]).reshape([b, heads, s, d]);
}

/** `q kT * scale`, with the root of the scale on each side, which keeps float16 in range. */
export function scores(q: NdArray, k: NdArray, scale: number): NdArray {
  const root = Math.sqrt(Math.abs(scale));
  const right = k.mul(scale < 0 ? -root : root);
  return np.matmul(q.mul(root), np.swapaxes(right, -1, -2));
}

export const softCap = (x: NdArray, cap: number): NdArray => (cap === 0 ? x : np.tanh(x.div(cap)).mul(cap));

/** Softmax over keys; a row in which nothing may be attended to is zero. */
export function softmaxOfRows(biased: NdArray): NdArray {
  const none = np.equal(np.max(biased, -1, { keepdims: true }), -Infinity);
  const safe = np.where(none, np.zerosLike(biased), biased);
  return np.where(none, np.zerosLike(biased), nn.softmax(safe, -1));
}

/** Where keys may be attended to, made an additive bias. */
export const biasOf = (allowed: NdArray, like: NdArray): NdArray =>
  np.where(allowed, np.zeros([], { dtype: like.dtype }), np.full([], -Infinity, { dtype: like.dtype }));

interface Caches {
  readonly k: NdArray;
  readonly v: NdArray;
  readonly pastLength: number;
}

function withPast(n: NodeContext, k: NdArray, v: NdArray): Caches {
  const [pastK, pastV] = [n.optional(4), n.optional(5)];
  if (!pastK || !pastV) return { k, v, pastLength: 0 };
  return {
    k: np.concatenate([pastK, k], 2),
    v: np.concatenate([pastV, v], 2),
    pastLength: pastK.shape[2]!,
  };
}

/** Masks of a node, applied to scores [b, heads, s, t] one after the other. */
function masked(n: NodeContext, x: NdArray, pastLength: number): NdArray {
  const [b, , s, t] = x.shape as [number, number, number, number];
  const lengths = n.has(6) ? n.x(6).astype("int32").reshape([b, 1, 1, 1]) : undefined;
  const key = lax.broadcastedIota("int32", [1, 1, s, t], 3);
  const row = lax.broadcastedIota("int32", [1, 1, s, t], 2);
  const position = lengths && !n.has(4) ? row.add(lengths.sub(s)) : row.add(pastLength);
  const rules: NdArray[] = [];
  if (n.attributes.flag("is_causal")) rules.push(np.lessEqual(key, position));
  const left = n.attributes.int("left_window_size", -1);
  const right = n.attributes.int("right_window_size", -1);
  if (left >= 0) rules.push(np.greaterEqual(key, position.sub(left)));
  if (right >= 0) rules.push(np.lessEqual(key, position.add(right)));
  if (lengths) rules.push(np.less(key, lengths));
  let out = x;
  if (n.has(3)) {
    const mask = n.x(3);
    const missing = t - mask.shape.at(-1)!;
    const widths = mask.shape.map((_, i): [number, number] => [0, i === mask.ndim - 1 ? missing : 0]);
    if (n.type(3) === BOOL) {
      const full = missing > 0 && mask.shape.at(-1) !== 1 ? np.pad(mask, widths) : mask;
      rules.push(full);
    } else {
      const full =
        missing > 0 && mask.shape.at(-1) !== 1 ? np.pad(mask, widths, "constant", { constantValues: -Infinity }) : mask;
      out = out.add(full.astype(x.dtype));
    }
  }
  return rules.reduce((y, rule) => y.add(biasOf(rule, y)), out);
}

function attention(n: NodeContext): (NdArray | Value | null)[] {
  const flat = n.rank(0) === 3;
  const heads = n.attributes.int("q_num_heads", 0);
  const kvHeads = n.attributes.int("kv_num_heads", heads);
  const given = [0, 1, 2].map((i) => n.x(i));
  const [q, k0, v0] = flat ? given.map((x, i) => splitHeads(x, i === 0 ? heads : kvHeads)) : given;
  if (!q || !k0 || !v0) return n.fail("wants query, key and value");
  const { k, v, pastLength } = withPast(n, k0, v0);
  const [, nHeads, , size] = q.shape as [number, number, number, number];
  const scale = n.attributes.float("scale", 1 / Math.sqrt(size));
  const product = scores(q, repeatHeads(k, nHeads), scale);
  const capped = softCap(product, n.attributes.float("softcap", 0));
  const biased = masked(n, capped, pastLength);
  const precision = deviceDType(n.attributes.int("softmax_precision", n.type(0)));
  const probability = softmaxOfRows(biased.astype(precision)).astype(q.dtype);
  const y = np.matmul(probability, repeatHeads(v, nHeads).astype(q.dtype)).astype(q.dtype);
  const mode = n.attributes.int("qk_matmul_output_mode", 0);
  const seen = [product, capped, biased, probability][mode] ?? n.fail(`qk_matmul_output_mode ${mode} is not known`);
  return [flat ? mergeHeads(y) : y, k, v, n.wants(3) ? seen : null];
}

/** Scores and probabilities pass through graphs of the node. */
function flexAttention(n: NodeContext): NdArray {
  const [q, k, v] = [n.x(0), n.x(1), n.x(2)];
  const [, heads, , size] = q.shape as [number, number, number, number];
  const natural = n.type(0) === DOUBLE ? DOUBLE : FLOAT;
  const precision = n.attributes.int("softmax_precision", natural);
  if (!isFloatType(precision)) n.fail(`softmax_precision ${precision} is no type of floats`);
  const through = (name: string, x: NdArray): NdArray => {
    if (!n.step.graphs.has(name)) return x;
    const [out] = n.runGraph(n.graph(name), [deviceTensor(x, precision)]);
    return out?.kind === "tensor" && out.array ? out.array : n.fail(`the graph ${name} gives no array`);
  };
  const product = scores(q, repeatHeads(k, heads), n.attributes.float("scale", 1 / Math.sqrt(size)));
  const probability = softmaxOfRows(through("score_mod", product.astype(deviceDType(precision))));
  const y = np.matmul(through("prob_mod", probability).astype(q.dtype), repeatHeads(v, heads));
  return y.astype(q.dtype);
}

/** Pairs of features turned by the angle of their position. */
function rotate(x: NdArray, cos: NdArray, sin: NdArray, interleaved: boolean): NdArray {
  const width = x.shape.at(-1)!;
  const last = x.ndim - 1;
  const half = width / 2;
  const pairs = interleaved ? x.reshape([...x.shape.slice(0, -1), half, 2]) : null;
  const part = (i: number): NdArray =>
    pairs
      ? lax.sliceInDim(pairs, i, i + 1, 1, last + 1).reshape([...x.shape.slice(0, -1), half])
      : lax.sliceInDim(x, i * half, (i + 1) * half, 1, last);
  const [a, b] = [part(0), part(1)];
  const [real, imag] = [cos.mul(a).sub(sin.mul(b)), sin.mul(a).add(cos.mul(b))];
  return interleaved ? np.stack([real, imag], -1).reshape(x.shape) : np.concatenate([real, imag], last);
}

/** Rotates the first `width` features of [b, s, heads, d]; cos and sin are [b, s, width / 2]. */
export function rotary(x: NdArray, cos: NdArray, sin: NdArray, width: number, interleaved: boolean): NdArray {
  const size = x.shape[3]!;
  const turned = rotate(lax.sliceInDim(x, 0, width, 1, 3), np.expandDims(cos, 2), np.expandDims(sin, 2), interleaved);
  return width === size ? turned : np.concatenate([turned, lax.sliceInDim(x, width, size, 1, 3)], 3);
}

function rotaryEmbedding(n: NodeContext): NdArray {
  const x = n.x(0);
  const [b, s] = x.shape as [number, number];
  const heads = n.attributes.int("num_heads", 0);
  const flat = x.ndim === 3;
  if (flat && heads < 1) n.fail("wants the attribute num_heads for an input of rank 3");
  const split = flat ? x.reshape([b, s, heads, x.shape[2]! / heads]) : x.transpose([0, 2, 1, 3]);
  const width = n.attributes.int("rotary_embedding_dim", 0) || split.shape[3]!;
  const cache = (i: number): NdArray => (n.has(3) ? np.take(n.x(i), n.x(3), 0) : n.x(i)).astype(x.dtype);
  const out = rotary(split, cache(1), cache(2), width, n.attributes.flag("interleaved"));
  return flat ? out.reshape(x.shape) : out.transpose([0, 2, 1, 3]);
}

export const attending: OperatorTable = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};

export const previewAttention: OperatorTable = { FlexAttention: flexAttention };
