/** Many arrays that are joined: each is written to its place, short runs of several of one shape by one kernel. */
import { contiguousStrides, prod } from "../base/list";
import type { ConcatExpr, Expr } from "../kernel/expr";
import type { LoopKernel } from "../kernel/program";
import type { Memory } from "./inline";
import { type Root, buildLoop } from "./loop-builder";

/** Parts of short runs that one kernel writes. */
const MOST_TOGETHER = 8;
/** Elements side by side from which on one part after the other is faster. */
const LONG_RUN = 128;
/** Parts beyond which kernels of their own take long to compile. */
const MOST_ALONE = 32;

/** Kernels that write the parts of x to `buffer`; none for parts without elements. */
export function joinLoops(x: ConcatExpr, buffer: number, memoryOf: (x: Expr) => Memory | null): LoopKernel[] {
  const strides = contiguousStrides(x.shape);
  const open = new Map<number, Root[]>();
  const groups: Root[][] = [];
  const isLong = (size: number): boolean => x.xs.length <= MOST_ALONE && size * strides[x.axis]! >= LONG_RUN;
  let start = 0;
  for (const expr of x.xs) {
    const size = expr.shape[x.axis]!;
    const root = { expr, buffer, place: { strides, offset: start * strides[x.axis]! } };
    start += size;
    if (prod(expr.shape) === 0) continue;
    const group = open.get(size) ?? [];
    if (group.length === 0) groups.push(group);
    group.push(root);
    open.set(size, group.length < MOST_TOGETHER && !isLong(size) ? group : []);
  }
  return groups.map((roots) => buildLoop(roots, memoryOf));
}
