/** Products of matrices. */
import { numpy as np } from "@jax-js/jax";
import { INT32 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { type OperatorTable } from "./operator";

/** `alpha op(A) op(B) + beta C`. */
function gemm(n: NodeContext): NdArray {
  const a = n.attributes.flag("transA") ? np.matrixTranspose(n.x(0)) : n.x(0);
  const b = n.attributes.flag("transB") ? np.matrixTranspose(n.x(1)) : n.x(1);
  const [alpha, beta] = [n.attributes.float("alpha", 1), n.attributes.float("beta", 1)];
  const product = np.matmul(a, b);
  const scaled = alpha === 1 ? product : product.mul(alpha);
  if (!n.has(2)) return scaled.astype(a.dtype);
  const c = beta === 1 ? n.x(2) : n.x(2).mul(beta);
  return scaled.add(c).astype(a.dtype);
}

/** A zero point that is one number, or one per row (axis -2) or column (axis -1). */
export function minusZeroPoint(x: NdArray, zero: NdArray | undefined, axis: number): NdArray {
  const wide = x.astype("int32");
  if (!zero) return wide;
  const z = zero.astype("int32");
  return wide.sub(z.ndim === 1 && z.size > 1 && axis === -2 ? np.expandDims(z, -1) : z.size === 1 ? z.reshape([]) : z);
}

function matMulInteger(n: NodeContext): NdArray {
  return np.matmul(minusZeroPoint(n.x(0), n.optional(2), -2), minusZeroPoint(n.x(1), n.optional(3), -1));
}

export const linear: OperatorTable = {
  Det: (n) => np.linalg.det(n.x(0)),
  Einsum: (n) => np.einsum(n.attributes.string("equation", "").replace(/\s/g, ""), ...n.all()),
  Gemm: gemm,
  MatMul: (n) => np.matmul(n.x(0), n.x(1)),
  MatMulInteger: (n) => n.as(matMulInteger(n), INT32),
};
