/** The other operators of com.microsoft that models contain. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray, type Value } from "../../value";
import { type OperatorTable } from "../operator";

/** Softmax over all axes from `axis` on of data plus a bias. */
function biasSoftmax(n: NodeContext): NdArray {
  const data = n.x(0);
  const axis = n.axis(n.attributes.int("axis", 1));
  const axes = data.shape.map((_, i) => i).slice(axis);
  let bias = n.x(1);
  if (n.attributes.flag("is_inner_broadcast") && bias.ndim < data.ndim)
    bias = bias.reshape([...bias.shape.slice(0, bias.ndim - (data.ndim - axis)), ...Array.from({ length: data.ndim - bias.ndim }, () => 1), ...bias.shape.slice(bias.ndim - (data.ndim - axis))]); // prettier-ignore
  return nn.softmax(data.add(bias), axes);
}

function cDist(n: NodeContext): NdArray {
  const difference = np.expandDims(n.x(0), 1).sub(np.expandDims(n.x(1), 0));
  const squared = np.sum(np.square(difference), -1);
  const metric = n.attributes.string("metric", "sqeuclidean");
  if (metric === "sqeuclidean") return squared;
  return metric === "euclidean" ? np.sqrt(squared) : n.fail(`the metric "${metric}" is not known`);
}

const parts = (x: NdArray): { real: NdArray; imag: NdArray } => ({
  real: x.slice("...", 0),
  imag: x.slice("...", 1),
});

/** Over the last `signal_ndim` axes; of real input half of the spectrum is enough. */
function rfft(n: NodeContext): NdArray {
  const count = n.attributes.int("signal_ndim", 1);
  const axes = Array.from({ length: count }, (_, i) => i - count);
  const { real, imag } = np.fft.rfftn(n.x(0), { axes });
  return np.stack([real, imag], -1);
}

function irfft(n: NodeContext): NdArray {
  const count = n.attributes.int("signal_ndim", 1);
  const axes = Array.from({ length: count }, (_, i) => i - count);
  return np.fft.irfftn(parts(n.x(0)), { axes });
}

const complexMul =
  (sign: number) =>
  (n: NodeContext): NdArray => {
    const [a, b] = [parts(n.x(0)), parts(n.x(1))];
    const real = a.real.mul(b.real).sub(a.imag.mul(b.imag).mul(sign));
    const imag = a.imag.mul(b.real).add(a.real.mul(b.imag).mul(sign));
    return np.stack([real, imag], -1);
  };

/** Buckets of T5: near distances one by one, far ones by their logarithm. */
function relativePositionBias(n: NodeContext): NdArray {
  const [buckets] = n.shape(0) as [number, number];
  const [queries, keys] = [n.number(1), n.number(2)];
  n.allow([queries, keys]);
  const both = n.attributes.flag("is_bidirectional");
  const most = n.attributes.int("max_distance", 128);
  const half = both ? buckets / 2 : buckets;
  const exact = Math.floor(half / 2);
  const bucket = (distance: number): number => {
    const d = both ? Math.abs(distance) : Math.max(-distance, 0);
    const side = both && distance > 0 ? half : 0;
    if (d < exact) return side + d;
    const far = exact + Math.floor((Math.log(d / exact) / Math.log(most / exact)) * (half - exact));
    return side + Math.min(far, half - 1);
  };
  const at = Array.from({ length: queries * keys }, (_, i) => bucket((i % keys) - Math.floor(i / keys)));
  const index = np.array(Int32Array.from(at), { shape: [queries, keys] });
  return np.expandDims(np.take(n.x(0), index, { axis: 0, mode: "clip" }).transpose([2, 0, 1]), 0);
}

function gatedRelativePositionBias(n: NodeContext): NdArray {
  const heads = n.attributes.int("num_heads", 1);
  const x = n.x(0).add(n.x(1)); // [b, s, n * d]
  const [b, s, width] = x.shape as [number, number, number];
  const query = x.reshape([b, s, heads, width / heads]).transpose([0, 2, 1, 3]);
  const gates = np.matmul(query, n.x(3)).add(n.x(4)); // [b, n, s, D]
  const both = nn.sigmoid(np.sum(gates.reshape([b, heads, s, 2, -1]), -1));
  const [u, r] = [both.slice("...", [0, 1]), both.slice("...", [1, 2])];
  return u
    .mul(r.mul(n.x(5)).sub(1))
    .add(2)
    .mul(n.x(2));
}

function isAllFinite(n: NodeContext): NdArray {
  const nan = n.attributes.flag("isnan_only");
  const inf = n.attributes.flag("isinf_only");
  const bad = (x: NdArray): NdArray => (nan ? np.isnan(x) : inf ? np.isinf(x) : np.logicalNot(np.isfinite(x)));
  return n.all().map((x) => np.logicalNot(np.any(bad(x)))).reduce(np.logicalAnd); // prettier-ignore
}

/** What trains nothing passes data plus bias (plus residual) through. */
function biasDropout(n: NodeContext): (NdArray | Value | null)[] {
  if (n.has(4) && n.number(4)) n.fail("training is not supported");
  const sum = n.x(0).add(n.x(1));
  const y = n.has(2) ? sum.add(n.x(2)) : sum;
  return [y, np.ones(y.shape, { dtype: "bool" })];
}

/** The weighted experts with the highest routing numbers; all are computed, and those not chosen count nothing. */
function mixtureOfExperts(n: NodeContext): NdArray {
  const { attributes } = n;
  if (attributes.flag("use_sparse_mixer") || n.has(6)) n.fail("sparse mixers and a third layer are not supported");
  const x = n.x(0);
  const tokens = x.reshape([-1, x.shape.at(-1)!]); // [t, h]
  const logits = n.x(1); // [t, e]
  const k = attributes.int("k", 1);
  const experts = logits.shape[1]!;
  const probability = nn.softmax(logits, -1);
  const [, index] = lax.topK(probability, k);
  const chosen = np.any(np.equal(np.expandDims(index, -1), np.arange(experts).astype("int32")), 1); // [t, e]
  const kept = np.where(chosen, probability, np.zerosLike(probability));
  const routed = attributes.flag("normalize_routing_weights") ? kept.div(np.sum(kept, -1, { keepdims: true })) : kept;
  const hidden = np.einsum("th,eih->eti", tokens, n.x(2));
  const first = n.has(3) ? hidden.add(np.expandDims(n.x(3), 1)) : hidden;
  const names: Record<string, (v: NdArray) => NdArray> = {
    relu: nn.relu,
    gelu: (v) => nn.gelu(v, true),
    silu: nn.silu,
    identity: (v) => v,
  };
  const activation = attributes.string("activation_type", "relu");
  const f = Object.hasOwn(names, activation)
    ? names[activation]!
    : n.fail(`the activation "${activation}" is not known`);
  const second = np.einsum("eti,ehi->eth", f(first), n.x(4));
  const out = n.has(5) ? second.add(np.expandDims(n.x(5), 1)) : second;
  return np.einsum("eth,te->th", out, routed).reshape(x.shape);
}

export const contribMisc: OperatorTable = {
  BiasDropout: biasDropout,
  BiasSoftmax: biasSoftmax,
  CDist: cDist,
  ComplexMul: complexMul(1),
  ComplexMulConj: complexMul(-1),
  ExpandDims: (n) => np.expandDims(n.x(0), n.number(1)),
  GatedRelativePositionBias: gatedRelativePositionBias,
  Inverse: (n) => np.linalg.inv(n.x(0)),
  Irfft: irfft,
  IsAllFinite: isAllFinite,
  MoE: mixtureOfExperts,
  RelativePositionBias: relativePositionBias,
  Rfft: rfft,
  TorchEmbedding: (n) => np.take(n.x(0), n.x(1).astype("int32"), 0),
};
