/** Products of com.microsoft: with transposes, activations and weights of few bits. */
import { numpy as np } from "@jax-js/jax";
import { UINT8 } from "../../elem-type";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray } from "../../value";
import { convolve, perChannel } from "../conv";
import { type OperatorTable } from "../operator";
import { fused } from "./activation";

/** Axes moved as `transBatch` and `trans` say: [a, b, ..., m, k]. */
function arranged(x: NdArray, trans: boolean, batch: boolean): NdArray {
  const moved = batch && x.ndim > 2 ? np.moveaxis(x, 0, -2) : x;
  return trans && x.ndim > 1 ? np.matrixTranspose(moved) : moved;
}

function fusedMatMul(n: NodeContext): NdArray {
  const a = arranged(n.x(0), n.attributes.flag("transA"), n.attributes.flag("transBatchA"));
  const b = arranged(n.x(1), n.attributes.flag("transB"), n.attributes.flag("transBatchB"));
  const alpha = n.attributes.float("alpha", 1);
  const product = np.matmul(a, b);
  return alpha === 1 ? product : product.mul(alpha);
}

function fusedGemm(n: NodeContext): NdArray {
  const a = n.attributes.flag("transA") ? np.matrixTranspose(n.x(0)) : n.x(0);
  const b = n.attributes.flag("transB") ? np.matrixTranspose(n.x(1)) : n.x(1);
  const product = np.matmul(a, b).mul(n.attributes.float("alpha", 1));
  return fused(n, n.has(2) ? product.add(n.x(2).mul(n.attributes.float("beta", 1))) : product);
}

function fusedConv(n: NodeContext): NdArray {
  const out = convolve(n, n.x(0), n.x(1));
  const biased = n.has(2) ? out.add(perChannel(n.x(2), out.ndim)) : out;
  return fused(n, n.has(3) ? biased.add(n.x(3)) : biased);
}

/** Channels last, of the input and the result. */
function nhwcConv(n: NodeContext): NdArray {
  const out = convolve(n, np.moveaxis(n.x(0), -1, 1), n.x(1));
  return np.moveaxis(n.has(2) ? out.add(perChannel(n.x(2), out.ndim)) : out, 1, -1);
}

/** Numbers of `bits` bits in bytes [..., k], the low ones first: int32 [..., k * 8 / bits]. */
export function unpacked(bytes: NdArray, bits: number): NdArray {
  const wide = bytes.astype("int32");
  if (bits === 8) return wide;
  const mask = 2 ** bits - 1;
  const parts = Array.from({ length: 8 / bits }, (_, i) => np.bitwiseAnd(np.rightShift(wide, i * bits), mask));
  return np.stack(parts, -1).reshape([...bytes.shape.slice(0, -1), bytes.shape.at(-1)! * parts.length]);
}

/** Weights in blocks along k, each with a scale and a zero point: `A @ ((q - zero) scale)T`. */
function matMulNBits(n: NodeContext): NdArray {
  const { attributes } = n;
  if (attributes.int("weight_prepacked", 0)) n.fail("prepacked weights are not supported");
  const [bits, block] = [attributes.int("bits", 4), attributes.int("block_size", 32)];
  if (![2, 4, 8].includes(bits)) n.fail(`weights of ${bits} bits are not supported`);
  const [outs, k] = [attributes.int("N", 0), attributes.int("K", 0)];
  const blocks = Math.ceil(k / block);
  const a = n.x(0);
  const q = unpacked(n.x(1).reshape([outs, blocks, -1]), bits); // [n, blocks, block]
  const scale = n.x(2).reshape([outs, blocks, 1]);
  const zero = (): NdArray | number => {
    if (!n.has(3)) return 2 ** (bits - 1);
    if (n.isFloat(3)) return n.x(3).reshape([outs, blocks, 1]);
    const all = unpacked(n.x(3).reshape([outs, -1]), bits); // [n, blocks and what fills the last byte]
    return all.slice([], [0, blocks]).reshape([outs, blocks, 1]).astype(scale.dtype);
  };
  if (n.has(4)) n.fail("g_idx is not supported");
  const weights = q
    .astype(scale.dtype)
    .sub(zero())
    .mul(scale)
    .reshape([outs, blocks * block])
    .slice([], [0, k]);
  const product = np.matmul(a, np.matrixTranspose(weights));
  return n.has(5) ? product.add(n.x(5)) : product;
}

/** Rows (or parts along another axis) looked up in a table of few bits, then scaled. */
function gatherBlockQuantized(n: NodeContext): NdArray {
  const { attributes } = n;
  const bits = attributes.int("bits", 4);
  const isPacked = n.type(0) === UINT8; // tensors of 4 bits are held as one number each
  const values = isPacked ? unpacked(n.x(0), bits) : n.x(0).astype("int32");
  const rank = values.ndim;
  const axis = n.axis(attributes.int("quantize_axis", 1), rank);
  const block = attributes.int("block_size", 128);
  const size = values.shape[axis]!;
  const spread = (x: NdArray): NdArray => {
    n.allow([x.size, block]);
    const whole = np.repeat(x, block, axis);
    return whole.slice(...values.shape.map((_, i) => (i === axis ? [0, size] : [])));
  };
  const scale = spread(n.x(2));
  const zero = n.has(3) ? spread(isPacked ? unpacked(n.x(3), bits).slice(...n.shape(2).map((d) => [0, d])) : n.x(3).astype("int32")) : isPacked ? 2 ** (bits - 1) : 0; // prettier-ignore
  const weights = values.sub(zero).astype(scale.dtype).mul(scale);
  return np.take(weights, n.x(1).astype("int32"), n.axis(attributes.int("gather_axis", 0), rank));
}

export const contribMatmul: OperatorTable = {
  FusedConv: fusedConv,
  FusedGemm: fusedGemm,
  FusedMatMul: fusedMatMul,
  FusedMatMulActivation: (n) => fused(n, fusedMatMul(n)),
  GatherBlockQuantized: gatherBlockQuantized,
  MatMulNBits: matMulNBits,
  NhwcConv: nhwcConv,
  TransposeMatMul: fusedMatMul,
};
