/** Contraction nodes as kernels: operands as strides, sizes collapsed, an epilogue for elementwise users. */
import { contiguousStrides, pick, prod, range, without } from "../base/list";
import { computeDType } from "../aval/dtype";
import { InternalError } from "../base/errors";
import { ScalarBuilder } from "../kernel/build";
import type { ContractExpr, Expr } from "../kernel/expr";
import type { ContractKernel, ContractOperand, Store } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { topological } from "../kernel/build";
import { affineOf } from "./affine-view";
import { Inliner, type Memory } from "./inline";
import { rebuild } from "./rebuild";

interface Side {
  readonly buffer: number;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** The kernel without its epilogue. `sideOf` says where a node in memory is. */
export function contractKernel(
  x: ContractExpr,
  out: number,
  stridesOf: (x: Expr) => readonly number[] | null,
  bufferOf: (x: Expr) => number,
): ContractKernel {
  const side = (e: Expr): Side => {
    const affine = affineOf(e, stridesOf);
    if (affine === null) throw new InternalError("an operand of a contraction is not in memory");
    return { buffer: bufferOf(affine.base), offset: affine.offset, strides: affine.strides };
  };
  const [lhs, rhs] = [side(x.lhs), side(x.rhs)];
  const lhsFree = without(range(x.lhs.shape.length), [...x.lhsBatch, ...x.lhsContract]);
  const rhsFree = without(range(x.rhs.shape.length), [...x.rhsBatch, ...x.rhsContract]);
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
  });
  return {
    kind: "contract",
    dtype: computeDType(x.dtype),
    batch: batch.sizes,
    m: m.sizes,
    n: n.sizes,
    k: k.sizes,
    lhs: operand(lhs, batch.strides[0]!, m.strides[0]!, k.strides[0]!),
    rhs: operand(rhs, batch.strides[1]!, n.strides[0]!, k.strides[1]!),
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

/** Buffer number that stands for the finished sums while an epilogue is built. */
const SUMS = -1;

/**
 * The stores of an epilogue: `roots` computed from the sums of `host` and from memory. null if one of them needs a sum
 * at another place than its own.
 */
export function epilogueStores(
  host: ContractExpr,
  sizes: readonly [batch: number, m: number, n: number],
  roots: readonly { readonly expr: Expr; readonly buffer: number }[],
  memoryOf: (x: Expr) => Memory | null,
): Store[] | null {
  const b = new ScalarBuilder();
  const axes = sizes.map((size, id) => (size === 1 ? b.int(0) : b.axis(id, size)));
  const flat = b.dot(axes, [sizes[1] * sizes[2], sizes[2], 1]);
  const own = new Set(roots.map((r) => r.expr));
  let possible = true;
  const inliner = new Inliner({
    builder: b,
    memoryOf: (x) => {
      if (x === host) return { buffer: SUMS, strides: contiguousStrides(x.shape) };
      return own.has(x) ? null : memoryOf(x);
    },
    reduction: () => {
      possible = false;
      return b.int(0);
    },
  });
  const stores: Store[] = [];
  for (const { expr, buffer } of roots) {
    const index = unflatten(b, flat, expr.shape);
    const value = expr === host ? b.acc(computeDType(host.dtype)) : inliner.at(expr, index);
    const replaced = replaceSums(b, value, flat, host);
    if (replaced === null || !possible) return null;
    stores.push({ buffer, index: flat, value: b.cast(replaced, expr.dtype) });
  }
  return stores;
}

function unflatten(b: ScalarBuilder, flat: Scalar, shape: readonly number[]): Scalar[] {
  const out = new Array<Scalar>(shape.length);
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) out[axis] = b.int(0);
    else if (prod(shape.slice(0, axis)) === 1) out[axis] = rest;
    else [rest, out[axis]] = b.divMod(rest, shape[axis]!) as [Scalar, Scalar];
  }
  return out;
}

function replaceSums(b: ScalarBuilder, root: Scalar, flat: Scalar, host: ContractExpr): Scalar | null {
  const memo = new Map<Scalar, Scalar>();
  for (const s of topological([root])) {
    if (s.tag === "load" && s.buffer === SUMS) {
      if (s.index !== flat || s.guard !== null) return null;
      memo.set(s, b.acc(computeDType(host.dtype)));
    } else
      memo.set(
        s,
        rebuild(b, s, memo, () => null),
      );
  }
  return memo.get(root)!;
}
