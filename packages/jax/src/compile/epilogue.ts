/** A contraction with the elementwise work on its sums as its epilogue, while they are in the cache. */
import { type DType, computeDType } from "../aval/dtype";
import { contiguousStrides, prod } from "../base/list";
import { ScalarBuilder, topological } from "../kernel/build";
import type { ContractExpr, Expr } from "../kernel/expr";
import type { ContractKernel, Kernel, Store } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { contractKernel } from "./contract";
import { Inliner, type Memory, unflatten } from "./inline";
import { rebuild } from "../kernel/rebuild";
import { rowSums } from "./row-sums";
import { splitDepth } from "./split-depth";
import { splitReductions } from "./split-reduction";
import { sumLoop } from "./sum-loop";
import { windowLoop } from "./window";

export interface EpilogueContext {
  bufferOf(x: Expr): number;
  readonly memoryOf: (x: Expr) => Memory | null;
  stridesOf(x: Expr): readonly number[] | null;
  /** True if something other than kernels for `inside` reads x. */
  isWantedOutside(x: Expr, inside: readonly Expr[]): boolean;
  buildLoops(roots: readonly Expr[]): Kernel[];
  /** A buffer that is free again after the kernels. */
  workspace(dtype: DType, length: number): number;
}

/** Kernels for a contraction and for `hosted`, which its epilogue computes if it can. */
export function contractionKernels(x: ContractExpr, hosted: readonly Expr[], context: EpilogueContext): Kernel[] {
  const bufferOf = (y: Expr): number => context.bufferOf(y);
  const kernelTo = (out: Expr): ContractKernel =>
    contractKernel(x, bufferOf(out), (y) => context.stridesOf(y), context.memoryOf, bufferOf);
  const kernels = (kernel: ContractKernel): Kernel[] => {
    const loop = windowLoop(kernel);
    if (loop !== null) return [loop];
    const workspace = (dtype: DType, length: number): number => context.workspace(dtype, length);
    const sums = rowSums(kernel, workspace);
    if (sums !== null) return sums;
    const summed = sumLoop(kernel);
    if (summed !== null) return [...splitReductions(summed, workspace)];
    return splitDepth(kernel, (length) => context.workspace(kernel.dtype, length)) ?? [kernel];
  };
  if (hosted.length === 0) return kernels(kernelTo(x));
  // Plain sums are kept where nobody else's values of another dtype belong.
  const needed = context.isWantedOutside(x, hosted);
  const kernel = kernelTo(needed ? x : (hosted.find((r) => r.dtype === x.dtype) ?? x));
  const roots = [...hosted, ...(needed ? [x] : [])].map((expr) => ({ expr, buffer: bufferOf(expr) }));
  const sizes = [prod(kernel.batch), prod(kernel.m), prod(kernel.n)] as const;
  const stores = epilogueStores(x, sizes, roots, context.memoryOf);
  if (stores !== null) return kernels({ ...kernel, epilogue: { stores } });
  return [...kernels(kernelTo(x)), ...hosted.flatMap((r) => context.buildLoops([r]))];
}

/** Buffer number that stands for the finished sums while an epilogue is built. */
const SUMS = -1;

/**
 * The stores of an epilogue: `roots` computed from the sums of `host` and from memory. null if one of them needs a sum
 * at another place than its own.
 */
function epilogueStores(
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
