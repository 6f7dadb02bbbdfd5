/** Runs libraries in turns, checks what they compute, and says how long it took. */
import { type Contestant, type DeviceName, LIBRARIES, type LibraryName } from "./contestant";
import { type Input, WORKLOADS, type WorkloadName } from "./workload";

export interface Score {
  readonly library: LibraryName;
  readonly version: string;
  readonly samples: readonly number[];
  /** Why there is no time, or why it does not count. */
  readonly problem: string | null;
}

export interface Comparison {
  readonly workload: WorkloadName;
  readonly size: number;
  readonly device: DeviceName;
  readonly threads: number;
  readonly libraries: readonly LibraryName[];
  readonly rounds: number;
  /** Called after every turn. */
  onProgress(scores: readonly Score[], done: number): void;
  isStopped(): boolean;
}

/** Milliseconds of a turn; at least one run. */
const TURN_MS = 100;
const WARM_UP_MS = 200;
const PROBES = 24;

interface Entry {
  score: Score;
  contestant: Contestant | null;
}

/** Value below which the part `q` of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.round(q * (sorted.length - 1))] ?? NaN;
}

export async function compare(how: Comparison): Promise<void> {
  const { fed, weights } = WORKLOADS[how.workload];
  const inputs = { fed: fed(how.size), weights: weights(how.size) };
  const entries: Entry[] = how.libraries.map((library) => ({
    score: { library, version: "", samples: [], problem: null },
    contestant: null,
  }));
  let done = 0;
  const turn = async (entry: Entry, act: () => Promise<Partial<Score>>): Promise<void> => {
    if (how.isStopped() || entry.score.problem !== null) return;
    try {
      entry.score = { ...entry.score, ...(await act()) };
    } catch (error) {
      entry.score = { ...entry.score, samples: [], problem: String(error) };
    }
    how.onProgress(
      entries.map(({ score }) => score),
      ++done,
    );
    await new Promise((resolve) => setTimeout(resolve, 20)); // the page draws, and workers go to sleep
  };

  try {
    for (const entry of entries) {
      await turn(entry, async () => {
        const contestant = await LIBRARIES[entry.score.library]({ ...how, ...inputs });
        entry.contestant = contestant;
        const wrong = mistake(how, inputs, entry.score.library, await contestant.run());
        await time(contestant, WARM_UP_MS);
        return { version: contestant.version, problem: wrong };
      });
    }
    for (let round = 0; round < how.rounds; round++) {
      for (const entry of entries) {
        await turn(entry, async () => ({
          samples: [...entry.score.samples, ...(await time(entry.contestant!, TURN_MS))],
        }));
      }
    }
  } finally {
    for (const { contestant } of entries) await contestant?.dispose();
  }
}

/** Milliseconds per run. Clocks of browsers are coarse, so short runs are timed several at a time. */
async function time({ run }: Contestant, budgetMs: number): Promise<number[]> {
  const samples: number[] = [];
  const end = performance.now() + budgetMs;
  let runs = 1;
  while (samples.length === 0 || performance.now() < end) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) await run();
    const elapsedMs = performance.now() - start;
    if (elapsedMs >= 2) samples.push(elapsedMs / runs);
    else runs *= 2;
  }
  return samples;
}

/** What is wrong with a result, or null. */
function mistake(
  { workload, size }: Comparison,
  { fed, weights }: { fed: readonly Input[]; weights: readonly Input[] },
  library: LibraryName,
  values: Float32Array,
): string | null {
  for (let probe = 0; probe < PROBES; probe++) {
    const at = Math.floor((probe * (values.length - 1)) / (PROBES - 1));
    const expected = WORKLOADS[workload].reference([...fed, ...weights], size, at);
    const value =
      values[library === "TensorFlow.js" && workload === "conv2d" ? channelsLast(at, size, values.length) : at]!;
    if (!(Math.abs(value - expected) <= 1e-3 * Math.abs(expected) + 1e-2)) {
      return `wrong result: ${value} instead of ${expected}`;
    }
  }
  return null;
}

/** The place of value `at` of [channels, pixels] in [pixels, channels]. */
function channelsLast(at: number, channels: number, length: number): number {
  const pixels = length / channels;
  return (at % pixels) * channels + Math.floor(at / pixels);
}
