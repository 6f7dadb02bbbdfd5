/** Attention by a recurrent state, one token after the other. */
import { lax, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { type OperatorTable } from "./operator";

/** [b, t, heads * d] as [t, b, heads, d]. */
function steps(x: NdArray, heads: number): NdArray {
  const [b, t, width] = x.shape as [number, number, number];
  return x.reshape([b, t, heads, width / heads]).transpose([1, 0, 2, 3]);
}

/** S' = decay S + beta k (v - decay S^T k)^T, or without decay, or without the correction; o = scale q^T S'. */
function linearAttention(n: NodeContext): NdArray[] {
  const rule = n.attributes.string("update_rule", "gated_delta");
  if (!["linear", "gated", "delta", "gated_delta"].includes(rule)) n.fail(`the update rule "${rule}" is not known`);
  const qHeads = n.attributes.int("q_num_heads", 1);
  const heads = n.attributes.int("kv_num_heads", 1);
  const dtype = n.x(0).dtype;
  const q = steps(n.x(0), qHeads).astype("float32"); // [t, b, hq, dk]
  const k = steps(n.x(1), heads).astype("float32"); // [t, b, h, dk]
  const v = steps(n.x(2), heads).astype("float32"); // [t, b, h, dv]
  const [, b, , dk] = q.shape as [number, number, number, number];
  const dv = v.shape[3]!;
  const scale = n.attributes.float("scale", 0) || 1 / Math.sqrt(dk);
  const gated = rule.startsWith("gated");
  const corrected = rule.endsWith("delta");
  const decay = gated ? np.exp(steps(n.x(4), heads).astype("float32")) : null; // [t, b, h, dk or 1]
  const beta = corrected ? n.x(5).astype("float32").transpose([1, 0, 2]) : null; // [t, b, h or 1]
  const first = n.has(3) ? n.x(3).astype("float32") : np.zeros([b, heads, dk, dv]); // [b, h, dk, dv]
  const step = (state: NdArray, at: Record<string, NdArray>): [NdArray, NdArray] => {
    const { qt, kt, vt, gt, bt } = at as { qt: NdArray; kt: NdArray; vt: NdArray; gt?: NdArray; bt?: NdArray };
    const kept = gt ? state.mul(np.expandDims(gt, -1)) : state;
    let write = vt;
    if (bt) {
      const recalled = np.einsum("bhkv,bhk->bhv", kept, kt);
      write = vt.sub(recalled).mul(np.expandDims(bt, -1));
    }
    const next = kept.add(np.expandDims(kt, -1).mul(np.expandDims(write, -2)));
    const shared = qt.reshape([b, heads, qHeads / heads, dk]);
    const out = np.einsum("bhgk,bhkv->bhgv", shared, next).mul(scale);
    return [next, out.reshape([b, qHeads * dv])];
  };
  const xs = { qt: q, kt: k, vt: v, ...(decay ? { gt: decay } : {}), ...(beta ? { bt: beta } : {}) };
  const [last, out] = lax.scan(step as never, first as never, xs as never) as unknown as [NdArray, NdArray];
  const stateType = n.has(3) ? n.x(3).dtype : dtype;
  return [out.transpose([1, 0, 2]).astype(dtype), last.astype(stateType)];
}

export const linearAttending: OperatorTable = { LinearAttention: linearAttention };
