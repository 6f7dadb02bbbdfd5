/** Normalizations. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { type ElemType, FLOAT, deviceDType } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value } from "../value";
import { perChannel } from "./conv";
import { type OperatorTable } from "./operator";
import { reach } from "./window";

const axesFrom = (axis: number, rank: number): number[] => Array.from({ length: rank - axis }, (_, i) => axis + i);

/** Mean and variance over axes, kept as sizes of 1. */
export function moments(x: NdArray, axes: number[]): [NdArray, NdArray] {
  const mean = np.mean(x, axes, { keepdims: true });
  return [mean, np.mean(np.square(x.sub(mean)), axes, { keepdims: true })];
}

export function standardized(x: NdArray, axes: number[], epsilon: number): NdArray {
  const [mean, variance] = moments(x, axes);
  return x.sub(mean).mul(lax.rsqrt(variance.add(epsilon)));
}

function batchNormalization(n: NodeContext): (NdArray | null)[] {
  const x = n.x(0);
  const epsilon = n.attributes.float("epsilon", 1e-5);
  // Before operator set 9 there could be a mean for each place instead of each channel.
  const spatial = n.version >= 9 || n.attributes.flag("spatial", true);
  const channel = (v: NdArray): NdArray => (spatial ? perChannel(v, x.ndim) : v.reshape(x.shape.slice(1)));
  const training =
    n.version >= 14 ? n.attributes.flag("training_mode") : n.version < 7 && !n.attributes.flag("is_test");
  const axes = x.shape.flatMap((_, i) => (i === 0 || (spatial && i > 1) ? [i] : []));
  const [mean, variance] = training
    ? (moments(x, axes).map((m) => m.reshape(n.shape(3))) as [NdArray, NdArray]) // prettier-ignore
    : [n.x(3), n.x(4)];
  const scale = channel(n.x(1).mul(lax.rsqrt(variance.add(epsilon))));
  const y = x
    .sub(channel(mean))
    .mul(scale)
    .add(channel(n.x(2)))
    .astype(x.dtype);
  if (!training) return [y];
  const momentum = n.attributes.float("momentum", 0.9);
  const blend = (old: NdArray, now: NdArray): NdArray => old.mul(momentum).add(now.mul(1 - momentum));
  return [y, blend(n.x(3), mean), blend(n.x(4), variance)];
}

function instanceNormalization(n: NodeContext): NdArray {
  const x = n.x(0);
  const y = standardized(x, axesFrom(2, x.ndim), n.attributes.float("epsilon", 1e-5));
  return y.mul(perChannel(n.x(1), x.ndim)).add(perChannel(n.x(2), x.ndim));
}

/** Mean and root are computed in another type, float by default. */
function stash(n: NodeContext): ElemType {
  return n.attributes.int("stash_type", FLOAT);
}

/** In float32 at least. */
function wide(n: NodeContext, x: NdArray): NdArray {
  const dtype = deviceDType(stash(n));
  return x.dtype === "float64" ? x : x.astype(dtype);
}

function layerNormalization(n: NodeContext): (NdArray | Value)[] {
  const x = wide(n, n.x(0));
  const axes = axesFrom(n.axis(n.attributes.int("axis", -1)), x.ndim);
  const [mean, variance] = moments(x, axes);
  const inverse = lax.rsqrt(variance.add(n.attributes.float("epsilon", 1e-5)));
  const y = x.sub(mean).mul(inverse).astype(n.dtype(0)).mul(n.x(1));
  return [n.has(2) ? y.add(n.x(2)) : y, n.as(mean, stash(n)), n.as(inverse, stash(n))];
}

/** Groups of channels, each with its own mean and variance. */
function groupNormalization(n: NodeContext): NdArray {
  const x = wide(n, n.x(0));
  const [b, c] = x.shape as [number, number];
  const groups = n.attributes.int("num_groups", 1);
  const y = standardized(x.reshape([b, groups, -1]), [2], n.attributes.float("epsilon", 1e-5)).astype(n.dtype(0));
  const [scale, bias] = [n.x(1), n.x(2)];
  // Before operator set 21 there was one scale per group.
  if (scale.size === groups && groups !== c)
    return y.mul(scale.reshape([groups, 1])).add(bias.reshape([groups, 1])).reshape(x.shape); // prettier-ignore
  return y.reshape(x.shape).mul(perChannel(scale, x.ndim)).add(perChannel(bias, x.ndim));
}

export function rmsNormalized(x: NdArray, axes: number[], epsilon: number): NdArray {
  return x.mul(lax.rsqrt(np.mean(np.square(x), axes, { keepdims: true }).add(epsilon)));
}

function rmsNormalization(n: NodeContext): NdArray {
  const x = wide(n, n.x(0));
  const axes = axesFrom(n.axis(n.attributes.int("axis", -1)), x.ndim);
  return rmsNormalized(x, axes, n.attributes.float("epsilon", 1e-5)).astype(n.dtype(0)).mul(n.x(1));
}

/** Divided by a power of the mean of squares over neighbouring channels. */
function localResponse(n: NodeContext): NdArray {
  const x = n.x(0);
  const size = n.attributes.int("size", 1);
  const before = Math.floor((size - 1) / 2);
  const window = x.shape.map((_, i) => (i === 1 ? size : 1));
  const pads = x.shape.map((_, i): [number, number] => (i === 1 ? [before, reach(size, 1) - 1 - before] : [0, 0]));
  const sum = lax.reduceWindowSum(np.square(x), window, window.map(() => 1), pads); // prettier-ignore
  const scaled = sum.mul(n.attributes.float("alpha", 1e-4) / size).add(n.attributes.float("bias", 1));
  return x.div(np.power(scaled, n.attributes.float("beta", 0.75)));
}

/** Zero where the norm is. */
function lpNormalization(n: NodeContext): NdArray {
  const x = n.x(0);
  const axis = n.axis(n.attributes.int("axis", -1));
  const p = n.attributes.int("p", 2);
  const sum = np.sum(p === 1 ? np.abs(x) : np.square(x), axis, { keepdims: true });
  const zero = np.equal(sum, 0);
  const safe = np.where(zero, np.onesLike(sum), sum);
  return np.where(zero, np.zerosLike(x), x.div(p === 1 ? safe : np.sqrt(safe)));
}

export const normalization: OperatorTable = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: (n) => nn.standardize(n.x(0), n.attributes.ints("axes") ?? [0, 2, 3], { epsilon: 1e-9 }),
  RMSNormalization: rmsNormalization,
};
