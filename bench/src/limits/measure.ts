/** The measured limits of one thread. */
import { PATTERNS, type Pattern, limitKernels } from "./kernels";

/** Bytes of an array: such that fit in the second-level cache, in the last-level one of many machines, and in none. */
const SIZES = [2 ** 18, 2 ** 24, 2 ** 26] as const;
const LARGEST = SIZES[SIZES.length - 1]!;
/** Bytes of an array's runs together: a millisecond. */
const MOVED = 2 ** 27;
const TURNS = 100_000;

export interface Limits {
  /** Whether relaxed SIMD's fused multiplication and addition is there. */
  readonly fused: boolean;
  /** Floating-point operations in a millisecond: the most of many runs. */
  readonly flops: number;
  /** Bytes in a millisecond, by pattern and size of the arrays. */
  readonly streams: Readonly<Record<Pattern, readonly number[]>>;
}

/** By how much the clock goes on at a time: in browsers by up to a tenth of a millisecond. */
function clockStep(): number {
  const start = performance.now();
  let now = start;
  while (now === start) now = performance.now();
  return now - start;
}

/** Steps of the clock that are timed at least: the shortest of many times counts, and would else be one step too short. */
const LEAST_STEPS = 100;

/** Work done in a millisecond, in the fastest run within the budget. */
function fastest(work: number, budgetMs: number, run: () => void): number {
  run();
  const least = LEAST_STEPS * Math.max(...Array.from({ length: 3 }, clockStep));
  const end = performance.now() + budgetMs;
  let best = 0;
  do {
    const start = performance.now();
    let runs = 0;
    do {
      run();
      runs++;
    } while (performance.now() - start < least);
    best = Math.max(best, (runs * work) / (performance.now() - start));
  } while (performance.now() < end);
  return best;
}

export function measureLimits(budgetMs: number): Limits {
  const { fused, arithmetic, streams } = limitKernels(LARGEST);
  const bandwidth = (pattern: Pattern, bytes: number): number => {
    const { reads, writes } = PATTERNS[pattern];
    const repeats = Math.max(1, MOVED / bytes);
    const each = streams[pattern].map((call) =>
      fastest((reads + writes) * bytes * repeats, budgetMs, () => {
        for (let i = 0; i < repeats; i++) call(bytes);
      }),
    );
    return Math.max(...each);
  };
  const sizes = (pattern: Pattern): number[] => SIZES.map((bytes) => bandwidth(pattern, bytes));
  return {
    fused,
    flops: Math.max(
      ...arithmetic.map(({ call, flopsPerTurn }) => fastest(TURNS * flopsPerTurn, budgetMs, () => call(TURNS))),
    ),
    streams: { read: sizes("read"), move: sizes("move"), add: sizes("add") },
  };
}

/** Those of several threads that were measured at the same time. */
export function together(limits: readonly Limits[]): Limits {
  const sum = (of: (limit: Limits) => number): number => limits.reduce((total, limit) => total + of(limit), 0);
  const sizes = (pattern: Pattern): number[] => SIZES.map((_, i) => sum(({ streams }) => streams[pattern][i]!));
  return {
    fused: limits.every(({ fused }) => fused),
    flops: sum(({ flops }) => flops),
    streams: { read: sizes("read"), move: sizes("move"), add: sizes("add") },
  };
}

/** Work that a limit is computed from: operations, and bytes that are read and written. */
export interface Work {
  readonly flops?: number;
  readonly reads?: number;
  readonly writes?: number;
}

/** The least time for this work, in milliseconds: that of its operations, or of the stream that is most like it. */
export function leastMs({ flops = 0, reads = 0, writes = 0 }: Work, limits: Limits): number | undefined {
  const bytes = reads + writes;
  if (flops + bytes === 0) return undefined;
  const pattern = writes === 0 ? "read" : reads >= 1.5 * writes ? "add" : "move";
  const arrays = PATTERNS[pattern].reads + PATTERNS[pattern].writes;
  const size = SIZES.findIndex((n) => bytes <= arrays * n);
  const rate = limits.streams[pattern].at(size)!;
  return Math.max(flops / limits.flops, bytes / rate);
}
