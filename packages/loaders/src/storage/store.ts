/** Where files are kept between visits: one interface, four places. */
import { QuotaError } from "../errors";

/** What is known of a stored file. */
export interface FileInfo {
  name: string;
  lastModified: Date;
  /** Bytes. */
  size: number;
}

/** Contents to write: in memory, or part by part, so that no more than a part need lie in memory. */
export type Contents = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * A flat folder of files. A write replaces the file as a whole when it is complete: who reads meanwhile, or after a
 * crash, finds the old file or the new one. Names are any text.
 */
export interface FileStore {
  /** What the place is, for messages. */
  readonly place: string;
  /** Errors: QuotaError if there is no room. The old file stays then. */
  write(name: string, contents: Contents): Promise<void>;
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  info(name: string): Promise<FileInfo | null>;
  list(): Promise<FileInfo[]>;
  /** Gives what was removed, or null if there was none. */
  remove(name: string): Promise<FileInfo | null>;
}

/** The parts of contents. */
export async function* partsOf(contents: Contents): AsyncGenerator<Uint8Array> {
  if (contents instanceof Uint8Array) yield contents;
  else yield* contents;
}

/** Errors of browsers and of Node that mean "no room". */
export function isOutOfRoom(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === "QuotaExceededError" || code === "ENOSPC" || code === "EDQUOT";
}

/** Bytes that the browser would still let us store. */
export async function freeBytes(): Promise<number | undefined> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
  } catch {
    return undefined;
  }
}

/** Runs a write; "no room" becomes a QuotaError. */
export async function withQuota(what: string, nBytes: () => number, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isOutOfRoom(error)) throw error;
    throw new QuotaError(what, nBytes(), await freeBytes());
  }
}
