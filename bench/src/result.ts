/** What was measured. */
import type { Limits } from "./limits/measure";
import type { PeerInfo, PeerName } from "./peers/peer";

/** One workload of one peer. */
export interface Cell {
  /** Milliseconds per run. */
  samples: number[];
  firstMs?: number;
  note?: string | undefined;
  /** The peer cannot do it. */
  missing?: true;
  /** It gave other values than the reference. */
  wrong?: string;
  /** It failed. */
  error?: string;
  /** Bytes that the process grew by in each step, after the first steps. */
  growth?: number;
}

export interface Row {
  readonly id: string;
  readonly suite: string;
  /** The time that the limits allow. */
  readonly leastMs: number | undefined;
  readonly cells: Partial<Record<PeerName, Cell>>;
}

export interface Result {
  readonly date: string;
  readonly env: string;
  readonly threads: number;
  readonly nodeFlags: readonly string[];
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly rounds: number;
  readonly budgetMs: number;
  readonly limits: Limits;
  readonly peers: Partial<Record<PeerName, PeerInfo>>;
  readonly rows: Row[];
}

/** The value below which a part `q` of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const [a, b] = [sorted[below]!, sorted[Math.ceil(place)]!];
  return a + (b - a) * (place - below);
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** The median of a cell whose values are right. */
export function timeOf(cell: Cell | undefined): number | undefined {
  if (cell === undefined || cell.samples.length === 0 || cell.wrong !== undefined || cell.error !== undefined) {
    return undefined;
  }
  return median(cell.samples);
}
