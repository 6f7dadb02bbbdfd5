/** Attention of few key heads shared by groups of query heads, with a cache that is written in place. */
import { lax, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray } from "../../value";
import { mergeHeads, rotary } from "../attention";
import { rmsNormalized } from "../norm";
import { type OperatorTable } from "../operator";
import { attend } from "./heads";

/** [b, s, heads, d] of the three, unpacked if they come as one. */
function projections(n: NodeContext, heads: number, kvHeads: number): [NdArray, NdArray, NdArray] {
  const split = (x: NdArray, count: number): NdArray =>
    x.reshape([x.shape[0]!, x.shape[1]!, count, x.shape[2]! / count]);
  if (n.has(1)) return [split(n.x(0), heads), split(n.x(1), kvHeads), split(n.x(2), kvHeads)];
  const packed = n.x(0);
  const size = packed.shape[2]! / (heads + 2 * kvHeads);
  const [a, b] = [heads * size, (heads + kvHeads) * size];
  return [
    split(packed.slice([], [], [0, a]), heads),
    split(packed.slice([], [], [a, b]), kvHeads),
    split(packed.slice([], [], [b, packed.shape[2]!]), kvHeads),
  ];
}

/** The cache [b, kv, p, d] with new entries [b, kv, s, d] at `start` [b] of each example, `size` long. */
function written(past: NdArray | undefined, fresh: NdArray, start: NdArray, size: number): NdArray {
  const [b, kv, s, d] = fresh.shape as [number, number, number, number];
  const at = lax.broadcastedIota("int32", [b, 1, size, 1], 2);
  const from = at.sub(start.reshape([b, 1, 1, 1]));
  const shape = [b, kv, size, d];
  const isFresh = np.logicalAnd(np.greaterEqual(from, 0), np.less(from, s));
  const read = np.takeAlongAxis(fresh, np.broadcastTo(np.clip(from, 0, s - 1), shape), { axis: 2, mode: "clip" });
  const length = past?.shape[2] ?? 0;
  const kept =
    past && length > 0
      ? np.pad(past, [[0, 0], [0, 0], [0, Math.max(size - length, 0)], [0, 0]]) // prettier-ignore
      : np.zeros(shape, { dtype: fresh.dtype });
  return np.where(isFresh, read, kept);
}

function groupQueryAttention(n: NodeContext): (NdArray | null)[] {
  const { attributes } = n;
  for (const kind of ["k_quant_type", "v_quant_type"]) {
    if (attributes.string(kind, "NONE") !== "NONE") n.fail(`${kind} ${attributes.string(kind, "")} is not supported`);
  }
  if (attributes.flag("sliding_window_cache")) n.fail("sliding_window_cache is not supported");
  const heads = attributes.int("num_heads", 1);
  const kvHeads = attributes.int("kv_num_heads", heads);
  const [q0, k0, v] = projections(n, heads, kvHeads);
  let [q, k] = [q0, k0];
  const [b, s, , size] = q.shape as [number, number, number, number];
  const total = n.number(6); // with the cache it decides a shape
  const past = n.optional(3);
  const pastLength = past?.shape[2] ?? 0;
  const isPrompt = total === s;
  const lengths = n.x(5).astype("int32").reshape([b]).add(1);
  const start = isPrompt ? np.zeros([b], { dtype: "int32" }) : lengths.sub(s);
  if (n.has(14) && n.has(15)) {
    const epsilon = attributes.float("qk_norm_epsilon", 1e-6);
    q = rmsNormalized(q.astype("float32"), [3], epsilon).astype(q.dtype).mul(n.x(14));
    k = rmsNormalized(k.astype("float32"), [3], epsilon).astype(k.dtype).mul(n.x(15));
  }
  if (attributes.flag("do_rotary")) {
    const running = start.reshape([b, 1]).add(lax.broadcastedIota("int32", [1, s], 1));
    const at = n.has(9) ? n.x(9).astype("int32") : running;
    const [cos, sin] = [7, 8].map((i) => np.take(n.x(i), at, { axis: 0, mode: "clip" })) as [NdArray, NdArray];
    const width = cos.shape[2]! * 2;
    const interleaved = attributes.flag("rotary_interleaved");
    q = rotary(q, cos, sin, width, interleaved);
    k = rotary(k, cos, sin, width, interleaved);
  }
  const byHead = (x: NdArray): NdArray => x.transpose([0, 2, 1, 3]);
  const t = Math.max(pastLength, total);
  const [keys, values] = [written(past, byHead(k), start, t), written(n.optional(4), byHead(v), start, t)];
  const key = lax.broadcastedIota("int32", [1, 1, s, t], 3);
  const place = start.reshape([b, 1, 1, 1]).add(lax.broadcastedIota("int32", [1, 1, s, t], 2));
  const rules = [
    attributes.flag("causal", true) ? np.lessEqual(key, place) : np.less(key, lengths.reshape([b, 1, 1, 1])),
  ];
  const window = attributes.int("local_window_size", -1);
  if (window > 0) rules.push(np.greater(key, place.sub(window)));
  const bias = n.optional(10);
  const sink = n.has(11) ? n.x(11).reshape([heads, 1, 1]) : attributes.int("smooth_softmax", -1) === 1 ? np.zeros([heads, 1, 1]) : null; // prettier-ignore
  const { y } = attend(
    { q: byHead(q), k: keys, v: values },
    {
      scale: attributes.float("scale", 0) || 1 / Math.sqrt(size),
      softcap: attributes.float("softcap", 0),
      bias: bias ? np.pad(bias, bias.shape.map((d, i): [number, number] => [0, i === 3 ? t - d : 0])) : null, // prettier-ignore
      allowed: rules.reduce(np.logicalAnd),
      sink,
    },
  );
  if (n.wants(3)) n.fail("the output of q kT is not supported");
  return [mergeHeads(y), keys, values];
}

export const contribGroupQuery: OperatorTable = { GroupQueryAttention: groupQueryAttention };
