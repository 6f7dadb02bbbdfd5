/** Contraction nodes as kernels: operands as strides, sizes collapsed, a vector always on the left. */
import { pick, prod, range, without } from "../base/list";
import { type DType, computeDType } from "../aval/dtype";
import type { ContractExpr, Expr } from "../kernel/expr";
import type { ComputedOperand, ContractKernel, ContractOperand } from "../kernel/program";
import { affineOf } from "./affine-view";
import { computedOperand, stridesOfNobody } from "./computed-operand";
import type { Memory } from "./inline";

interface Side {
  readonly buffer: number;
  readonly offset: number;
  readonly strides: readonly number[];
  readonly dtype?: DType;
  readonly computed?: ComputedOperand;
}

/** The kernel without its epilogue. `stridesOf`, `memoryOf` and `bufferOf` say where a node in memory is. */
export function contractKernel(
  x: ContractExpr,
  out: number,
  stridesOf: (x: Expr) => readonly number[] | null,
  memoryOf: (x: Expr) => Memory | null,
  bufferOf: (x: Expr) => number,
): ContractKernel {
  const side = (e: Expr, batchAxes: readonly number[], outer: readonly number[], depth: readonly number[]): Side => {
    const affine = affineOf(e, stridesOf);
    const narrow = e.dtype === x.dtype ? {} : { dtype: e.dtype };
    if (affine !== null)
      return { buffer: bufferOf(affine.base), offset: affine.offset, strides: affine.strides, ...narrow };
    const groups = [batchAxes, outer, depth] as const;
    return {
      buffer: -1,
      offset: 0,
      strides: stridesOfNobody(e.shape, groups),
      computed: computedOperand(e, groups, memoryOf),
    };
  };
  const lhsFree = without(range(x.lhs.shape.length), [...x.lhsBatch, ...x.lhsContract]);
  const rhsFree = without(range(x.rhs.shape.length), [...x.rhsBatch, ...x.rhsContract]);
  const lhs = side(x.lhs, x.lhsBatch, lhsFree, x.lhsContract);
  const rhs = side(x.rhs, x.rhsBatch, rhsFree, x.rhsContract);
  const batch = collapse(pick(x.lhs.shape, x.lhsBatch), [pick(lhs.strides, x.lhsBatch), pick(rhs.strides, x.rhsBatch)]);
  const m = collapse(pick(x.lhs.shape, lhsFree), [pick(lhs.strides, lhsFree)]);
  const n = collapse(pick(x.rhs.shape, rhsFree), [pick(rhs.strides, rhsFree)]);
  const k = collapse(pick(x.lhs.shape, x.lhsContract), [
    pick(lhs.strides, x.lhsContract),
    pick(rhs.strides, x.rhsContract),
  ]);
  const operand = (s: Side, b: number[], o: number[], kk: number[]): ContractOperand => ({
    buffer: s.buffer,
    offset: s.offset,
    batchStrides: b,
    outerStrides: o,
    kStrides: kk,
    ...(s.dtype && { dtype: s.dtype }),
    ...(s.computed && { computed: s.computed }),
  });
  const left = { sizes: m.sizes, operand: operand(lhs, batch.strides[0]!, m.strides[0]!, k.strides[0]!) };
  const right = { sizes: n.sizes, operand: operand(rhs, batch.strides[1]!, n.strides[0]!, k.strides[1]!) };
  // One column lies in memory as one row does, and kernels have their lanes along rows.
  const [rows, columns] = prod(n.sizes) === 1 ? [right, left] : [left, right];
  return {
    kind: "contract",
    dtype: computeDType(x.dtype),
    batch: batch.sizes,
    m: rows.sizes,
    n: columns.sizes,
    k: k.sizes,
    lhs: rows.operand,
    rhs: columns.operand,
    out,
    epilogue: null,
  };
}

/** Drops axes of size 1, and merges neighbours that all stride lists walk as one. */
function collapse(
  sizes: readonly number[],
  lists: readonly (readonly number[])[],
): { sizes: number[]; strides: number[][] } {
  const out: number[] = [];
  const strides: number[][] = lists.map(() => []);
  sizes.forEach((size, i) => {
    if (size === 1) return;
    const last = out.length - 1;
    const joins = last >= 0 && lists.every((l, j) => strides[j]![last] === size * l[i]!);
    if (joins) {
      out[last]! *= size;
      lists.forEach((l, j) => (strides[j]![last] = l[i]!));
    } else {
      out.push(size);
      lists.forEach((l, j) => strides[j]!.push(l[i]!));
    }
  });
  return { sizes: out, strides };
}
