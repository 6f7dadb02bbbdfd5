/** A library under measurement. */
import type { Inputs, Kind, Task } from "../workload";

/** A workload that is ready to run. */
export interface Runner {
  /** What a reader of the table should know. */
  readonly note?: string | undefined;
  /** One run: resolves when the result is complete, and frees it. */
  run(): Promise<void>;
  /** Another run, for its values. */
  values(): Promise<ArrayLike<number>>;
  dispose(): void | Promise<void>;
}

/** Version, device, threads: whatever explains the figures. */
export type PeerInfo = Readonly<Record<string, string | number | boolean>>;

type Tasks = { readonly [K in Kind]: Extract<Task, { readonly kind: K }> };

/** How a library does each kind of task. */
export type Makers = {
  readonly [K in Kind]?: (inputs: Inputs, task: Tasks[K]) => Runner | undefined;
};

export interface Peer {
  readonly info: PeerInfo;
  readonly makers: Makers;
}

/** The peers that a table can have, in its order. */
export const PEERS = ["ours", "jax-js", "tfjs", "ort"] as const;
export type PeerName = (typeof PEERS)[number];

/** The runner of a task, if the library can do it. */
export function makeRunner(peer: Peer, task: Task, inputs: Inputs): Runner | undefined {
  const make = peer.makers[task.kind] as ((inputs: Inputs, task: Task) => Runner | undefined) | undefined;
  return make?.(inputs, task);
}
