/** Nodes with several outputs as one kernel: sorts, routines, callbacks, loops and branches. */
import { prod } from "../base/list";
import type { MultiExpr } from "../kernel/expr";
import type { Kernel } from "../kernel/program";
import { type ControlContext, controlKernel } from "./control";

export function multiKernel(
  of: MultiExpr,
  operands: readonly number[],
  outs: readonly number[],
  context: ControlContext,
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
