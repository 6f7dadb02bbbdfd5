/** Normalizations of com.microsoft, most of them of sums. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray } from "../../value";
import { perChannel } from "../conv";
import { moments, standardized } from "../norm";
import { type OperatorTable } from "../operator";

/** Root mean square over the axes from `axis` on, with its inverse as a second result. */
export function simplifiedLayerNormalization(n: NodeContext): NdArray[] {
  const x = n.x(0);
  const axis = n.axis(n.attributes.int("axis", -1));
  const axes = Array.from({ length: x.ndim - axis }, (_, i) => axis + i);
  const wide = x.astype("float32");
  const inverse = lax.rsqrt(
    np.mean(np.square(wide), axes, { keepdims: true }).add(n.attributes.float("epsilon", 1e-5)),
  );
  return [wide.mul(inverse).astype(x.dtype).mul(n.x(1)), inverse];
}

/** Of the sum of input, skip and bias; the sum is the fourth result. */
function skipLayerNormalization(n: NodeContext): NdArray[] {
  const sum = n.has(4) ? n.x(0).add(n.x(1)).add(n.x(4)) : n.x(0).add(n.x(1));
  const [mean, variance] = moments(sum.astype("float32"), [sum.ndim - 1]);
  const inverse = lax.rsqrt(variance.add(n.attributes.float("epsilon", 1e-12)));
  const y = sum.sub(mean.astype(sum.dtype)).mul(inverse.astype(sum.dtype)).mul(n.x(2));
  return [n.has(3) ? y.add(n.x(3)) : y, mean, inverse, sum];
}

/** Without a mean, in whose place are zeros. */
function skipSimplified(n: NodeContext): NdArray[] {
  const sum = n.has(3) ? n.x(0).add(n.x(1)).add(n.x(3)) : n.x(0).add(n.x(1));
  const wide = sum.astype("float32");
  const square = np.mean(np.square(wide), -1, { keepdims: true });
  const inverse = lax.rsqrt(square.add(n.attributes.float("epsilon", 1e-12)));
  return [wide.mul(inverse).astype(sum.dtype).mul(n.x(2)), np.zerosLike(inverse), inverse, sum];
}

/** Words, positions and segments looked up, added and normalised. */
function embedLayerNormalization(n: NodeContext): (NdArray | null)[] {
  const ids = n.x(0).astype("int32");
  const [batch, length] = ids.shape as [number, number];
  const positions = n.has(8) ? n.x(8).astype("int32") : lax.broadcastedIota("int32", [1, length], 1);
  const look = (table: number, at: NdArray): NdArray => np.take(n.x(table), at, { axis: 0, mode: "clip" });
  const words = look(2, ids).add(look(3, positions));
  const sum = n.has(1) && n.has(4) ? words.add(look(4, n.x(1).astype("int32"))) : words;
  const y = standardized(sum, [2], n.attributes.float("epsilon", 1e-12)).mul(n.x(5)).add(n.x(6));
  const mask = n.has(7) ? np.sum(n.x(7).astype("int32"), 1) : np.zeros([batch], { dtype: "int32" });
  return [y, mask, sum];
}

/** Groups of channels, with the channels last by default. */
function grouped(n: NodeContext, x: NdArray): NdArray {
  const last = n.attributes.flag("channels_last", true);
  const first = last ? np.moveaxis(x, -1, 1) : x;
  const groups = n.attributes.int("groups", 1);
  const cells = first.astype("float32").reshape([first.shape[0]!, groups, -1]);
  const y = standardized(cells, [2], n.attributes.float("epsilon", 1e-5)).reshape(first.shape);
  const scaled = y.mul(perChannel(n.x(1), y.ndim)).add(perChannel(n.x(2), y.ndim));
  const active = n.attributes.int("activation", 0) === 1 ? nn.silu(scaled) : scaled;
  return (last ? np.moveaxis(active, 1, -1) : active).astype(x.dtype);
}

function skipGroupNorm(n: NodeContext): NdArray[] {
  const x = n.x(0);
  const skip = n.rank(3) === 2 ? n.x(3).reshape([x.shape[0]!, 1, 1, -1]) : n.x(3);
  const sum = n.has(4) ? x.add(skip).add(n.x(4)) : x.add(skip);
  return [grouped(n, sum), sum];
}

export const contribNormalization: OperatorTable = {
  EmbedLayerNormalization: embedLayerNormalization,
  GroupNorm: (n) => grouped(n, n.x(0)),
  SimplifiedLayerNormalization: simplifiedLayerNormalization,
  SkipGroupNorm: skipGroupNorm,
  SkipLayerNormalization: skipLayerNormalization,
  SkipSimplifiedLayerNormalization: skipSimplified,
};
