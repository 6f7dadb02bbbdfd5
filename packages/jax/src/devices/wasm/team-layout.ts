/** Words of the block that the team shares: a ring of commands, and a place for each worker. */
import { TEAM } from "../../targets/wasm/team";

export const COMMAND = { WORDS: 4, EXIT: 0, LOAD: 1, DROP: 2, RUN: 3 } as const;

export const WORKER = {
  /** Commands done. */
  CURSOR: 0,
  /** 1 when it takes commands. */
  READY: 1,
  /** Twice the number of the run that is open for it; one more when it has joined. */
  STATE: 2,
  /** Its number in the run that it has joined; 0 until that is known. */
  RANK: 3,
  /** 1 when a run has thrown an error in it. */
  FAILED: 4,
  WORDS: 16,
} as const;

export const MAX_WORKERS = 15;

const LENGTH = 32;
const TEAM_AT = 32;
const COMMANDS = TEAM_AT + TEAM.WORDS;
const WORKERS = COMMANDS + LENGTH * COMMAND.WORDS;

export const RING = {
  LENGTH,
  /** Commands given. */
  SEQUENCE: 0,
  /** Threads of the run that is going on. */
  THREADS: 16,
  TEAM: TEAM_AT,
  COMMANDS,
  WORKERS,
  BYTES: 4 * (WORKERS + (MAX_WORKERS + 1) * WORKER.WORDS),
} as const;
