/** What runs beside a peer, in its process or its page: it prepares workloads, and measures them. */
import { type Limits, measureLimits } from "./limits/measure";
import { type Peer, type PeerInfo, makeRunner } from "./peers/peer";
import { probes } from "./random";
import { findWorkload } from "./workloads/index";

export interface Prepared {
  readonly firstMs: number;
  readonly size: number;
  readonly values: readonly number[];
  readonly note: string | undefined;
}

export interface Host {
  info(): PeerInfo;
  /** Makes a workload ready and runs it; null if the peer cannot do it. */
  prepare(id: string): Promise<Prepared | null>;
  /** Milliseconds per run, of as many runs as the budget allows. */
  time(budgetMs: number): Promise<readonly number[]>;
  /** A number of runs. */
  repeat(runs: number): Promise<void>;
  release(): Promise<void>;
  limits(budgetMs: number): Promise<Limits>;
}

/** Runs that are shorter than this are measured several at a time: clocks are coarse. */
const SHORTEST_MS = 2;
const MOST_SAMPLES = 200;

export function createHost(peer: Peer | null): Host {
  let current: ReturnType<typeof makeRunner>;

  async function release(): Promise<void> {
    const before = current;
    current = undefined;
    await before?.dispose();
  }

  return {
    info: () => peer?.info ?? {},
    release,

    async prepare(id) {
      await release();
      const workload = findWorkload(id);
      if (peer === null) return null;
      current = makeRunner(peer, workload.task, workload.inputs());
      if (current === undefined) return null;
      const start = performance.now();
      await current.run();
      const firstMs = performance.now() - start;
      const values = await current.values();
      return {
        firstMs,
        size: values.length,
        values: probes(workload.size, workload.probes).map((i) => Number(values[i] ?? NaN)),
        note: current.note,
      };
    },

    async time(budgetMs) {
      const samples: number[] = [];
      const end = performance.now() + budgetMs;
      let runs = 1;
      while (samples.length === 0 || (performance.now() < end && samples.length < MOST_SAMPLES)) {
        const start = performance.now();
        for (let i = 0; i < runs; i++) await current!.run();
        const elapsedMs = performance.now() - start;
        if (elapsedMs >= SHORTEST_MS || elapsedMs >= budgetMs) samples.push(elapsedMs / runs);
        else runs = Math.ceil(runs * Math.min(16, (1.5 * SHORTEST_MS) / Math.max(elapsedMs, 0.05)));
      }
      return samples;
    },

    async repeat(runs) {
      for (let i = 0; i < runs; i++) await current!.run();
    },

    limits: async (budgetMs) => measureLimits(budgetMs),
  };
}
