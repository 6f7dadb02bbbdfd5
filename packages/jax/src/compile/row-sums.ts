/**
 * Products of a computed operand with few rows, where what it is made of lies side by side along k: rows of it are summed
 * up while they are computed, in registers.
 */
import { prod, range } from "../base/list";
import { ScalarBuilder } from "../kernel/build";
import type { Axis, ContractKernel, LoopKernel } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { collapseAxes, importer } from "./collapse";
import { unflatten } from "./inline";
import { storesAt } from "./window";

const MOST_ROWS = 4;

/** The loop, or null where the contraction is better left to a product of matrices. */
export function rowSums(kernel: ContractKernel): LoopKernel | null {
  const { batch, k, dtype } = kernel;
  const swapped = kernel.lhs.computed !== undefined;
  const [small, big] = swapped ? [kernel.rhs, kernel.lhs] : [kernel.lhs, kernel.rhs];
  const [smallSizes, bigSizes] = swapped ? [kernel.n, kernel.m] : [kernel.m, kernel.n];
  const rows = prod(smallSizes);
  if (big.computed?.along !== "k" || small.computed !== undefined || rows > MOST_ROWS) return null;
  if (k.length !== 1 || small.kStrides[0] !== 1) return null;

  const b = new ScalarBuilder();
  const axes: Axis[] = [prod(batch), prod(bigSizes), prod(k)].map((size, id) => ({ id, size }));
  const [flatBatch, outer, depth] = axes.map(({ id, size }) => (size === 1 ? b.int(0) : b.axis(id, size))) as [Scalar, Scalar, Scalar]; // prettier-ignore
  const value = importer(b)(big.computed.value);
  const start = b.dot([...unflatten(b, flatBatch, batch), depth], [...small.batchStrides, 1], small.offset);
  const reductions = range(rows).map((row) => {
    const at = unflatten(b, b.int(row), smallSizes);
    const x = b.load(small.buffer, b.dot([start, ...at], [1, ...small.outerStrides]), null, dtype);
    return { op: "add" as const, value: b.op("mul", [x, value], dtype), dtype };
  });
  const stores = range(rows).flatMap((row) => {
    const place = swapped ? ([flatBatch, outer, b.int(row)] as const) : ([flatBatch, b.int(row), outer] as const);
    return storesAt(kernel, b, place, b.reduced(0, row, dtype));
  });
  const stages = [
    { axes: [axes[2]!], reductions, stores: [] },
    { axes: [], reductions: [], stores },
  ];
  return collapseAxes({ kind: "loop", axes: axes.slice(0, 2), stages });
}
