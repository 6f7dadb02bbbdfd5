/** Measures one workload with all peers: correctness first, then rounds in which each has its turn. */
import type { Prepared } from "./host";
import type { PeerName } from "./peers/peer";
import { probes } from "./random";
import type { Cell } from "./result";
import type { Session } from "./sessions/session";
import { type Workload, disagreement } from "./workload";

export interface Measuring {
  readonly rounds: number;
  readonly budgetMs: number;
  /** The running session of a peer. */
  session(peer: PeerName): Promise<Session>;
  /** A session of its own. */
  start(peer: PeerName): Promise<Session>;
  /** Ends a session after a failure; the next workload has a new one. */
  abandon(peer: PeerName): Promise<void>;
}

export type Cells = Partial<Record<PeerName, Cell>>;

/** Peers that take longer than this for the first run are measured once. */
const SLOW_MS = 4000;
/** A failing peer shall not hold up the others. */
const PATIENCE_MS = 120_000;
/** Workers of the peer before go to sleep meanwhile. */
const PAUSE_MS = 30;
const FRESH_SAMPLES = 3;
const FIRST_STEPS = 100;
const MORE_STEPS = 900;

export async function measure(workload: Workload, peers: readonly PeerName[], how: Measuring): Promise<Cells> {
  const inputs = workload.inputs();
  const expected = workload.reference(inputs, probes(workload.size, workload.probes));
  const cells: Cells = Object.fromEntries(peers.map((peer) => [peer, { samples: [] } satisfies Cell]));
  const check = (cell: Cell, prepared: Prepared | null): boolean => {
    if (prepared === null) {
      cell.missing = true;
      return false;
    }
    cell.firstMs = prepared.firstMs;
    cell.note = prepared.note;
    const wrong = disagreement(workload, prepared, expected);
    if (wrong !== null) cell.wrong = wrong;
    return true;
  };
  if (workload.mode === "fresh") await measureFresh(workload, cells, how, check);
  else if (workload.mode === "memory") await measureMemory(workload, cells, how, check);
  else await measureSteady(workload, cells, how, check);
  return cells;
}

type Check = (cell: Cell, prepared: Prepared | null) => boolean;

const entries = (cells: Cells): [PeerName, Cell][] => Object.entries(cells) as [PeerName, Cell][];

async function measureSteady({ id }: Workload, cells: Cells, how: Measuring, check: Check): Promise<void> {
  const turn = async (peer: PeerName, cell: Cell, act: (session: Session) => Promise<void>): Promise<void> => {
    if (cell.missing || cell.error !== undefined) return;
    try {
      await patiently(how.session(peer).then(act));
    } catch (error) {
      cell.error = message(error);
      await how.abandon(peer);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  };
  const isSlow = (cell: Cell): boolean => (cell.firstMs ?? 0) > SLOW_MS;

  for (const [peer, cell] of entries(cells)) {
    await turn(peer, cell, async (session) => {
      if (!check(cell, await session.prepare(id)) || isSlow(cell)) return;
      await session.time(how.budgetMs); // to warm up
    });
  }
  for (let round = 0; round < how.rounds; round++) {
    for (const [peer, cell] of entries(cells)) {
      if (isSlow(cell) && cell.samples.length > 0) continue;
      await turn(peer, cell, async (session) => {
        cell.samples.push(...(await session.time(how.budgetMs)));
      });
    }
  }
  for (const [peer, cell] of entries(cells)) await turn(peer, cell, (session) => session.release());
}

/** The first call in a process of its own. */
async function measureFresh({ id }: Workload, cells: Cells, how: Measuring, check: Check): Promise<void> {
  for (let i = 0; i < Math.min(FRESH_SAMPLES, how.rounds); i++) {
    for (const [peer, cell] of entries(cells)) {
      await alone(peer, cell, how, async (session) => {
        if (check(cell, await session.prepare(id))) cell.samples.push(cell.firstMs!);
      });
    }
  }
}

/** What a process grows by while it repeats the same step. */
async function measureMemory({ id }: Workload, cells: Cells, how: Measuring, check: Check): Promise<void> {
  for (const [peer, cell] of entries(cells)) {
    await alone(peer, cell, how, async (session) => {
      if (!check(cell, await session.prepare(id))) return;
      await session.repeat(FIRST_STEPS);
      const before = await session.memory();
      if (before === undefined) {
        cell.missing = true;
        return;
      }
      await session.repeat(MORE_STEPS);
      cell.growth = ((await session.memory())! - before) / MORE_STEPS;
    });
  }
}

async function alone(
  peer: PeerName,
  cell: Cell,
  how: Measuring,
  act: (session: Session) => Promise<void>,
): Promise<void> {
  if (cell.missing || cell.error !== undefined) return;
  let session: Session | undefined;
  try {
    session = await how.start(peer);
    await patiently(act(session));
  } catch (error) {
    cell.error = message(error);
  } finally {
    await session?.stop();
  }
}

async function patiently<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const message = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!.slice(0, 200);
