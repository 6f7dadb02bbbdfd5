/** Which kernels are worth the barriers of a team. */
import { prod } from "../../base/list";
import type {
  Kernel,
  LoopKernel,
  RoutineKernel,
  ScanKernel,
  SortKernel,
  SwitchKernel,
  WhileKernel,
} from "../../kernel/program";
import { BASIC_OPS } from "../../kernel/decompose";
import { opsOf } from "./loop-kernel";
import { planRoutine, planTogether, sortsBlocks } from "./routines/plan";

/** Operations, of some 0.04 ns each, below which a barrier takes longer than half of the kernel. */
export const SHARE_FROM = 60_000;
/** So many times as much in all, and a program is worth waking the team. */
const WAKE = 5;
/** Operations that are no basic ones: formulas. */
const FORMULA_OPS = 20;
/** Of an element: of a running sum; of one of logarithms; of a sort. */
const RUNNING_OPS = 12;
const LOG_ADD_OPS = 60;
const SORT_OPS = 200;
/** Turns that a while loop is taken to have. */
const TURNS = 100;
/** Columns of running sums that are one piece of work: a cache line. */
export const CUMULATIVE_COLUMNS = 16;

/** `from`: operations of a kernel that is. */
export const isWorthSharing = (kernel: Kernel, from: number): boolean => sharedOps(kernel, from) !== null;

/** Whether a program's kernels are worth starting together. */
export function isWorthWaking(kernels: readonly Kernel[], from: number): boolean {
  const ops = sum(kernels, from);
  return ops !== null && ops >= WAKE * from;
}

/** Operations that the team shares in a kernel; null if it is not worth its barriers. */
function sharedOps(kernel: Kernel, from: number): number | null {
  const all = (turns: number, kernels: readonly Kernel[]): number | null => {
    const ops = turns === 0 ? null : sum(kernels, from);
    return ops === null ? null : turns * ops;
  };
  switch (kernel.kind) {
    case "scan":
      return all(kernel.length, kernel.body.program.kernels);
    case "while":
      return all(TURNS, kernel.body.program.kernels);
    case "switch":
      return all(
        1,
        kernel.branches.flatMap((b) => b.program.kernels),
      );
    default: {
      const ops = kernelOps(kernel);
      return ops !== null && ops >= from ? ops : null;
    }
  }
}

/** Operations of a kernel that can be cut up; null for others. */
function kernelOps(kernel: Exclude<Kernel, ScanKernel | WhileKernel | SwitchKernel>): number | null {
  switch (kernel.kind) {
    case "loop":
      return prod(kernel.axes.map((a) => a.size)) > 1 ? loopOps(kernel) : null;
    case "contract":
      return prod([...kernel.batch, ...kernel.m, ...kernel.n, ...kernel.k]);
    case "cumulative": {
      const { outer, inner, size, blocks } = kernel;
      if (outer === 1 && inner <= CUMULATIVE_COLUMNS && blocks === null) return null;
      return (kernel.op === "logsumexp" ? LOG_ADD_OPS : RUNNING_OPS) * outer * inner * size;
    }
    case "sort":
      return (kernel.outer > 1 || sortsBlocks(kernel) || isDoneTogether(kernel)) && hasRoutine(kernel)
        ? SORT_OPS * kernel.outer * kernel.size * kernel.inner
        : null;
    case "routine":
      return (kernel.batch > 1 || isDoneTogether(kernel)) && hasRoutine(kernel)
        ? kernel.batch * routineOps(kernel)
        : null;
    default:
      return null;
  }
}

/** Of those that are worth sharing; null if none is. */
function sum(kernels: readonly Kernel[], from: number): number | null {
  const worth = kernels.map((kernel) => sharedOps(kernel, from)).filter((ops) => ops !== null);
  return worth.length === 0 ? null : worth.reduce((a, b) => a + b, 0);
}

const isDoneTogether = (kernel: SortKernel | RoutineKernel): boolean => planTogether(kernel, 2) !== null;
const hasRoutine = (kernel: SortKernel | RoutineKernel): boolean => planRoutine(kernel) !== null;

/** Of one matrix or row. */
function routineOps({ name, dims }: RoutineKernel): number {
  const size = Math.max(...dims);
  if (name === "fft") return 4 * size * Math.log2(size + 1);
  return name === "svd" || name === "eigh" ? 25 * size ** 3 : size ** 3 / 4;
}

function loopOps({ axes, stages }: LoopKernel): number {
  const each = stages.map((stage) => {
    const roots = [...stage.reductions.map((r) => r.value), ...stage.stores.map((s) => s.value)];
    return prod(stage.axes.map((a) => a.size)) * (2 + opsOf(roots, (op) => (BASIC_OPS.has(op) ? 1 : FORMULA_OPS)));
  });
  return prod(axes.map((a) => a.size)) * each.reduce((sum, n) => sum + n, 0);
}
