/**
 * Running sums of few long rows in blocks that threads share: first what each block combines to, then what it begins with.
 * Borders follow from the length alone, so that results do not depend on the number of threads.
 */
import { type DType, computeDType, isFloat } from "../aval/dtype";
import { ScalarBuilder } from "../kernel/build";
import type { Axis, CumulativeKernel, Kernel, LoopKernel, Reduction } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { collapseAxes } from "./collapse";
import { splitReductions } from "./split-reduction";

const LEAST_SIZE = 2 ** 17;
/** Rows from which on threads have enough to share. */
const ENOUGH_ROWS = 8;
const BLOCKS = 64;

/** The kernels, with memory for the values of blocks from `workspace`; the kernel alone where that is better. */
export function splitCumulative(
  kernel: CumulativeKernel,
  workspace: (dtype: DType, length: number) => number,
): Kernel[] {
  const { op, outer, inner, size, reverse, x } = kernel;
  if (op === "logsumexp" || inner !== 1 || outer >= ENOUGH_ROWS || size < LEAST_SIZE) return [kernel];
  const step = 16 * Math.ceil(size / BLOCKS / 16);
  const blocks = Math.ceil(size / step);
  const dtype = computeDType(kernel.dtype);
  const whole = workspace(dtype, outer * (blocks - 1));
  const starts = workspace(dtype, outer * blocks);

  const b = new ScalarBuilder();
  const [row, before, block, steps] = [outer, blocks - 1, blocks, step].map((n, id): Axis => ({ id, size: n })) as [
    Axis,
    Axis,
    Axis,
    Axis,
  ];
  const at = ({ id, size: n }: Axis): Scalar => (n === 1 ? b.int(0) : b.axis(id, n));
  const reduce = (axes: readonly Axis[], along: Axis, value: Scalar, buffer: number, index: Scalar): LoopKernel => {
    const reductions: Reduction[] = [{ op, value, dtype }];
    const stores = [{ buffer, index, value: b.reduced(0, 0, dtype) }];
    const stages = [
      { axes: [along], reductions, stores: [] },
      { axes: [], reductions: [], stores },
    ];
    return collapseAxes({ kind: "loop", axes, stages });
  };
  const forward = b.dot([at(before), at(steps)], [step, 1]);
  const place = reverse ? b.dot([forward], [-1], size - 1) : forward;
  const element = b.cast(b.load(x, b.dot([at(row), place], [size, 1]), null, kernel.dtype), dtype);
  const totals = reduce([row, before], steps, element, whole, b.dot([at(row), at(before)], [blocks - 1, 1]));
  const total = b.load(whole, b.dot([at(row), at(before)], [blocks - 1, 1]), null, dtype);
  const isBefore = b.op("lt", [at(before), at(block)], "bool");
  const value = b.op("select", [isBefore, total, b.const(nothing(op, dtype), dtype)], dtype);
  const sums = reduce([row, block], before, value, starts, b.dot([at(row), at(block)], [blocks, 1]));
  return [...splitReductions(totals, workspace), sums, { ...kernel, blocks: { size: step, starts } }];
}

/** What leaves any other value as it is. */
function nothing(op: "add" | "mul" | "max" | "min", dtype: DType): number {
  if (op === "add") return 0;
  if (op === "mul") return 1;
  if (isFloat(dtype)) return op === "max" ? -Infinity : Infinity;
  if (dtype === "uint32") return op === "max" ? 0 : 2 ** 32 - 1;
  if (dtype === "bool") return op === "max" ? 0 : 1;
  return op === "max" ? -(2 ** 31) : 2 ** 31 - 1;
}
