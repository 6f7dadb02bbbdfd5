/** The measured limits of one thread. */
import { limitKernels } from "./kernels";

export interface Limits {
  /** Whether relaxed SIMD's fused multiplication and addition is there. */
  readonly fused: boolean;
  /** Floating-point operations and bytes in a millisecond: the fastest of many runs. */
  readonly flops: number;
  readonly cacheBytes: number;
  readonly memoryBytes: number;
}

/** Arrays that fit in the second-level cache, and such that do not. */
const IN_CACHE = 256 * 1024;
const IN_MEMORY = 16 * 1024 * 1024;
const TURNS = 100_000;

/** Work done in a millisecond, in the fastest run within the budget. */
function fastest(work: number, budgetMs: number, run: () => void): number {
  run();
  const end = performance.now() + budgetMs;
  let best = 0;
  do {
    const start = performance.now();
    run();
    best = Math.max(best, work / (performance.now() - start));
  } while (performance.now() < end);
  return best;
}

export function measureLimits(budgetMs: number): Limits {
  const { fused, arithmetic, streams } = limitKernels(IN_MEMORY);
  const bandwidth = (bytes: number): number => {
    const repeats = IN_MEMORY / bytes;
    const each = streams.map(({ call, arrays }) =>
      fastest(arrays * bytes * repeats, budgetMs, () => {
        for (let i = 0; i < repeats; i++) call(bytes);
      }),
    );
    return Math.max(...each);
  };
  return {
    fused,
    flops: Math.max(
      ...arithmetic.map(({ call, flopsPerTurn }) => fastest(TURNS * flopsPerTurn, budgetMs, () => call(TURNS))),
    ),
    cacheBytes: bandwidth(IN_CACHE),
    memoryBytes: bandwidth(IN_MEMORY),
  };
}

/** Those of several threads that were measured at the same time. */
export function together(limits: readonly Limits[]): Limits {
  const sum = (of: (limit: Limits) => number): number => limits.reduce((total, limit) => total + of(limit), 0);
  return {
    fused: limits.every(({ fused }) => fused),
    flops: sum(({ flops }) => flops),
    cacheBytes: sum(({ cacheBytes }) => cacheBytes),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
  };
}

/** The least time for this work, in milliseconds. */
export function leastMs(
  { flops, bytes }: { readonly flops?: number; readonly bytes?: number },
  limits: Limits,
): number | undefined {
  if (flops === undefined && bytes === undefined) return undefined;
  const rate = (bytes ?? 0) > 3 * IN_CACHE ? limits.memoryBytes : limits.cacheBytes;
  return Math.max((flops ?? 0) / limits.flops, (bytes ?? 0) / rate);
}
