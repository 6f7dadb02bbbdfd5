/** Nodes with several outputs as one kernel: sorts, routines, callbacks, loops and branches. */
import { prod } from "../base/list";
import type { Expr, MultiExpr, SortExpr } from "../kernel/expr";
import type { Kernel } from "../kernel/program";
import { type ControlContext, controlKernel } from "./control";

/** `readers`: the nodes that read the outputs; null where those are results. */
export function multiKernel(
  of: MultiExpr,
  operands: readonly number[],
  outs: readonly number[],
  context: ControlContext,
  readers: readonly Expr[] | null,
): Kernel {
  if (of.kind === "callback") {
    const { call } = of;
    const [shapes, dtypes] = [of.operands.map((o) => o.shape), of.operands.map((o) => o.dtype)];
    return { kind: "callback", call, operands, shapes, dtypes };
  }
  if (of.kind === "scan" || of.kind === "while" || of.kind === "switch") {
    return controlKernel(of, operands, outs, context);
  }
  if (of.kind === "sort") {
    const { shape } = of.operands[0]!;
    return {
      kind: "sort",
      outer: prod(shape.slice(0, of.axis)),
      size: shape[of.axis]!,
      inner: prod(shape.slice(of.axis + 1)),
      nKeys: of.nKeys,
      last: readers === null ? shape[of.axis]! : lastRead(of, readers),
      operands,
      outs,
      dtypes: of.operands.map((o) => o.dtype),
    };
  }
  const trailing = of.name === "fft" ? 1 : 2;
  const lead = of.operands[0]!.shape.slice(0, -trailing);
  return {
    kind: "routine",
    name: of.name,
    dtype: of.operands[0]!.dtype,
    batch: prod(lead),
    dims: of.operands.flatMap((o) => o.shape.slice(-trailing)),
    params: of.params,
    operands,
    outs,
  };
}

/** How many elements at the end of a sorted axis are read: slices there are the greatest ones. */
function lastRead({ axis, operands }: SortExpr, readers: readonly Expr[]): number {
  const size = operands[0]!.shape[axis]!;
  let first = size;
  for (const x of readers) {
    if (x.kind !== "view" || x.view.op !== "slice") return size;
    const [start, step] = [x.view.starts[axis]!, x.view.strides[axis]!];
    first = Math.min(first, start, start + (x.shape[axis]! - 1) * step);
  }
  return size - Math.max(0, first);
}
