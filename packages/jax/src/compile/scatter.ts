/** Scatter nodes as kernels: where each update goes, and whether it does. */
import { computeDType } from "../aval/dtype";
import { contiguousStrides, range } from "../base/list";
import { ScalarBuilder } from "../kernel/build";
import type { Expr, ScatterExpr } from "../kernel/expr";
import type { ScatterKernel } from "../kernel/program";
import { assuming } from "../kernel/rebuild";
import type { Scalar } from "../kernel/scalar";
import { Inliner, type Memory, NotInline } from "./inline";

export function scatterKernel(
  x: ScatterExpr,
  operand: number,
  out: number,
  memoryOf: (x: Expr) => Memory | null,
): ScatterKernel {
  const b = new ScalarBuilder();
  const inliner = new Inliner({
    builder: b,
    memoryOf,
    reduction: (reduce) => {
      throw new NotInline(reduce, "a reduction inside a scatter");
    },
  });
  const { shape } = x.updates;
  const axes = shape.map((size, id) => ({ id, size }));
  const index = axes.map(({ id, size }) => (size === 1 ? b.int(0) : b.axis(id, size)));
  const batch = index.filter((_, d) => !x.updateWindowDims.includes(d));
  const window = x.updateWindowDims.map((d) => index[d]!);
  const rank = x.operand.shape.length;
  const windowDims = range(rank).filter((d) => !x.insertedWindowDims.includes(d) && !x.operandBatchingDims.includes(d));
  const at = new Array<Scalar>(rank).fill(b.int(0));
  windowDims.forEach((d, i) => (at[d] = window[i]!));
  let guard: Scalar | null = null;
  x.scatterDimsToOperandDims.forEach((d, k) => {
    const raw = b.cast(inliner.at(x.indices, [...batch, b.int(k)]), "int32");
    const windowSize = windowDims.includes(d) ? shape[x.updateWindowDims[windowDims.indexOf(d)]!]! : 1;
    const last = x.operand.shape[d]! - windowSize;
    const start = x.mode === "clip" ? inliner.clamp(raw, last) : raw;
    // Windows that stick out anywhere are dropped whole.
    if (x.mode !== "clip") guard = b.both(guard, b.within(raw, 0, last + 1));
    at[d] = b.op("add", [start, at[d]!], "int32");
  });
  x.operandBatchingDims.forEach((d, i) => (at[d] = batch[x.indicesBatchingDims[i]!]!));
  const value = b.cast(inliner.at(x.updates, index), computeDType(x.dtype));
  return {
    kind: "scatter",
    combine: x.combine,
    dtype: x.dtype,
    operand,
    out,
    length: x.shape.reduce((p, n) => p * n, 1),
    axes,
    index: b.dot(at, contiguousStrides(x.operand.shape)),
    guard,
    // Rows that are gathered from where they are added to ask the same.
    value: guard === null ? value : assuming(b, guard)(value),
  };
}
