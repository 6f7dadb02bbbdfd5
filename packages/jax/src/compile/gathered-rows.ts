/** Rows that are gathered are read along their features, from memory in which these lie together. */
import { prod } from "../base/list";
import type { Expr, GatherExpr } from "../kernel/expr";
import { affineOf } from "./affine-view";
import { sizeOf, withoutMoves } from "./graph";
import type { MemoryDecision } from "./memory-decision";

/** Sums of gathered rows that are turned: they are made along the rows, and turned then. */
export function decideTurned(order: readonly Expr[], memory: MemoryDecision): void {
  for (const x of order) {
    if (x.kind !== "view" || x.view.op !== "permute" || x.view.perm.at(-1) === x.shape.length - 1) continue;
    const value = withoutMoves(x.x);
    if (value.kind !== "view" && sumsRows(value)) memory.add(value, "sums of gathered rows, turned");
  }
}

function sumsRows(x: Expr): boolean {
  if (x.kind === "reduce") return !x.axes.includes(x.x.shape.length - 1) && gathersRows(x.x);
  return x.kind === "scalar" && x.args.some(sumsRows);
}

function gathersRows(x: Expr): boolean {
  if (x.kind === "gather") return x.offsetDims.includes(x.shape.length - 1) && x.shape.at(-1)! > 1;
  return x.kind === "scalar" && x.args.some(gathersRows);
}

/** Whether a gather reads rows of something turned, whose elements lie apart, and more of them than one copy would. */
export function gathersAcross({ operand, sliceSizes, shape }: GatherExpr, memory: MemoryDecision): boolean {
  if (operand.kind !== "view" || (sliceSizes.at(-1) ?? 1) === 1 || prod(shape) < sizeOf(operand)) return false;
  const layout = affineOf(operand, memory.stridesOf);
  if (layout !== null) return layout.strides.at(-1) !== 1;
  for (let y: Expr = operand; y.kind === "view"; y = y.x) if (y.view.op === "permute") return true;
  return false;
}
