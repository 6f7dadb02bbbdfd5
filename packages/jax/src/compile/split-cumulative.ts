/**
 * Running sums of few long rows in blocks that threads share: what each block combines to is found first, so that all
 * know what they begin with. Borders follow from the length alone, so that results do not depend on the number of threads.
 */
import { type DType, computeDType } from "../aval/dtype";
import { ScalarBuilder } from "../kernel/build";
import type { Axis, CumulativeKernel, Kernel, Stage } from "../kernel/program";
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
  // An odd number of cache lines: blocks a multiple of 4 KB apart get into each other's way where two are done at once.
  const step = 16 * (Math.ceil(size / BLOCKS / 16) | 1);
  const blocks = Math.ceil(size / step);
  const dtype = computeDType(kernel.dtype);
  const totals = workspace(dtype, outer * (blocks - 1));
  const b = new ScalarBuilder();
  const [row, block, steps] = [outer, blocks - 1, step].map((n, id): Axis => ({ id, size: n })) as [Axis, Axis, Axis];
  const at = ({ id, size: n }: Axis): Scalar => (n === 1 ? b.int(0) : b.axis(id, n));
  const forward = b.dot([at(block), at(steps)], [step, 1]);
  const place = reverse ? b.dot([forward], [-1], size - 1) : forward;
  const value = b.cast(b.load(x, b.dot([at(row), place], [size, 1]), null, kernel.dtype), dtype);
  const index = b.dot([at(row), at(block)], [blocks - 1, 1]);
  const stages: Stage[] = [
    { axes: [steps], reductions: [{ op, value, dtype }], stores: [] },
    { axes: [], reductions: [], stores: [{ buffer: totals, index, value: b.reduced(0, 0, dtype) }] },
  ];
  const sums = collapseAxes({ kind: "loop", axes: [row, block], stages });
  return [...splitReductions(sums, workspace), { ...kernel, blocks: { size: step, totals } }];
}
