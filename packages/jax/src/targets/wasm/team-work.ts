/** Which kernels are worth the barriers of a team. */
import { prod } from "../../base/list";
import type { Kernel, LoopKernel, RoutineKernel, SortKernel } from "../../kernel/program";
import { opsOf } from "./loop-kernel";
import { planRoutine } from "./routines/plan";

/** Operations, of some nanosecond each, below which threads would wait longer than they work. */
export const SHARE_FROM = 60_000;
/** Multiply-adds that a contraction does in the time of one such operation. */
const MADDS_PER_OP = 16;
const LOG_ADD_OPS = 30;
/** Columns of running sums that are one piece of work: a cache line. */
export const CUMULATIVE_COLUMNS = 16;
/** Operations for an element that is sorted. */
const SORT_OPS = 8;

/** `from`: operations of a kernel that is. */
export function isWorthSharing(kernel: Kernel, from: number): boolean {
  switch (kernel.kind) {
    case "loop":
      return prod(kernel.axes.map((a) => a.size)) > 1 && loopOps(kernel) >= from;
    case "contract": {
      const { batch, m, n, k } = kernel;
      return prod([...batch, ...m, ...n, ...k]) / MADDS_PER_OP >= from;
    }
    case "cumulative": {
      const { outer, inner, size, blocks } = kernel;
      const cost = kernel.op === "logsumexp" ? LOG_ADD_OPS : 4;
      return (outer > 1 || inner > CUMULATIVE_COLUMNS || blocks !== null) && cost * outer * inner * size >= from;
    }
    case "sort":
      return kernel.outer > 1 && SORT_OPS * kernel.outer * kernel.size * kernel.inner >= from && hasRoutine(kernel);
    case "routine":
      return kernel.batch > 1 && kernel.batch * routineOps(kernel) >= from && hasRoutine(kernel);
    case "scan":
      return kernel.length > 0 && kernel.body.program.kernels.some((k) => isWorthSharing(k, from));
    case "while":
      return kernel.body.program.kernels.some((k) => isWorthSharing(k, from));
    case "switch":
      return kernel.branches.some((b) => b.program.kernels.some((k) => isWorthSharing(k, from)));
    default:
      return false;
  }
}

const hasRoutine = (kernel: SortKernel | RoutineKernel): boolean => planRoutine(kernel) !== null;

/** Of one matrix or row. */
function routineOps({ name, dims }: RoutineKernel): number {
  const size = Math.max(...dims);
  if (name === "fft") return 2 * size * Math.log2(size + 1);
  return name === "svd" || name === "eigh" ? size ** 3 : size ** 3 / MADDS_PER_OP;
}

function loopOps({ axes, stages }: LoopKernel): number {
  const each = stages.map((stage) => {
    const roots = [...stage.reductions.map((r) => r.value), ...stage.stores.map((s) => s.value)];
    return prod(stage.axes.map((a) => a.size)) * (2 + opsOf(roots));
  });
  return prod(axes.map((a) => a.size)) * each.reduce((sum, n) => sum + n, 0);
}
