/** A process or a browser of its own, with one peer in it. */
import type { Host } from "../host";
import type { PeerInfo, PeerName } from "../peers/peer";

export interface SessionOptions {
  /** A peer, or none, for the limits. */
  readonly peer: PeerName | "none";
  readonly threads: number;
  /** The folder of the bundles. */
  readonly bundles: string;
  readonly nodeFlags: readonly string[];
}

export interface Session extends Omit<Host, "info"> {
  readonly info: PeerInfo;
  /** Bytes that the process holds, after garbage collection; undefined where that cannot be known. */
  memory(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** What is said to a host in another process. */
export type Method = keyof Host;

/** A host that is reached by messages. */
export function remote(call: (method: Method, args: readonly unknown[]) => Promise<unknown>): Omit<Host, "info"> {
  return {
    prepare: (...args) => call("prepare", args) as ReturnType<Host["prepare"]>,
    time: (...args) => call("time", args) as ReturnType<Host["time"]>,
    repeat: (...args) => call("repeat", args) as ReturnType<Host["repeat"]>,
    release: () => call("release", []) as ReturnType<Host["release"]>,
    limits: (...args) => call("limits", args) as ReturnType<Host["limits"]>,
  };
}
