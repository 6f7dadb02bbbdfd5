/** One file by HTTP, over connections that break: it goes on where it stopped, and never mixes two versions. */
import { FetchError } from "../errors";
import type { Received } from "./received";
import { contentLength, contentRange, isEncoded, sameBytes, versionOf } from "./version";

export interface DownloadOptions {
  /** How often in a row an attempt may fail without getting on. */
  readonly retries: number;
  /** Before the second attempt; doubled before each further one. */
  readonly retryDelayMs: number;
  /** The connection is given up when no byte comes for so long. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal | null | undefined;
  /** Told after every chunk. */
  readonly onChunk: (received: Received) => void;
  /** Asked about the first answer; true ends the download without its body. */
  readonly isEnough?: (response: Response) => boolean;
}

/** A failure after which another attempt may succeed. */
class Interruption extends Error {
  readonly status: number | undefined;
  readonly waitMs: number | undefined;
  constructor(message: string, info: { status?: number; waitMs?: number | undefined; cause?: unknown } = {}) {
    super(message, info.cause === undefined ? undefined : { cause: info.cause });
    this.status = info.status;
    this.waitMs = info.waitMs;
  }
}

/** Less is not called getting on. */
const PROGRESS_BYTES = 1024;
/** How often a file may change, or a server give parts that do not fit, before we give up. */
const MAX_RESTARTS = 4;
const LONGEST_WAIT_MS = 60_000;
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Downloads into `received`, which may hold the beginning already. True when all is there, false if the first answer
 * was enough.
 *
 * Errors: FetchError; the reason of `signal` if it aborts.
 */
export async function download(
  url: string,
  init: RequestInit,
  received: Received,
  o: DownloadOptions,
): Promise<boolean> {
  for (let failures = 0; ;) {
    const before = received.farthest;
    try {
      return await attempt(url, init, received, o);
    } catch (error) {
      o.signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      if (received.farthest >= before + PROGRESS_BYTES) failures = 0;
      failures++;
      const { message, status, waitMs, cause } = error;
      // A server that never answered is more likely wrong than busy.
      const most = received.farthest === 0 && status === undefined ? Math.min(o.retries, 2) : o.retries;
      if (failures > most || received.restarts > MAX_RESTARTS) {
        const times = failures > 1 ? `, ${failures} times in a row` : "";
        throw new FetchError(url, `${message}${times}`, {
          loadedBytes: received.length,
          ...(status === undefined ? {} : { status }),
          ...(cause === undefined ? {} : { cause }),
        });
      }
      await delay(Math.min(LONGEST_WAIT_MS, waitMs ?? o.retryDelayMs * 2 ** (failures - 1)), o.signal);
    }
  }
}

async function attempt(url: string, init: RequestInit, received: Received, o: DownloadOptions): Promise<boolean> {
  if (!received.canResume) received.restart();
  const headers = new Headers(init.headers);
  if (received.length > 0) headers.set("range", `bytes=${received.length}-`);
  const controller = new AbortController();
  const onAbort = () => controller.abort(o.signal!.reason);
  o.signal?.throwIfAborted();
  o.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const response = await unlessStalled(fetch(url, { ...init, headers, signal: controller.signal }), o);
    if (o.isEnough?.(response)) return false;
    accept(url, response, received);
    await readBody(response, received, o);
    return true;
  } finally {
    o.signal?.removeEventListener("abort", onAbort);
    // Also lets go of a body that is not read to its end.
    controller.abort();
  }
}

/** Checks that the answer is what was asked for, and goes on where `received` ends. */
function accept(url: string, response: Response, received: Received): void {
  const { status, headers } = response;
  const version = versionOf(headers);
  if (status === 206 && received.length > 0) {
    const range = contentRange(headers);
    const length = contentLength(headers);
    const total = range?.total ?? (length === undefined ? undefined : received.length + length);
    const fits = !isEncoded(headers) && (range === null || range.begin === received.length);
    if (fits && sameBytes(version, received.version) && (received.total ?? total) === total) {
      received.total = total;
      return;
    }
    received.discard();
    throw new Interruption("the file changes while it is downloaded");
  }
  if (status === 416 && received.length > 0) {
    received.discard();
    throw new Interruption("the server no longer has the rest of the file", { status });
  }
  if (!response.ok || status === 206) {
    const what = `status ${status}${response.statusText === "" ? "" : ` ${response.statusText}`}`;
    if (PASSING.has(status)) throw new Interruption(what, { status, waitMs: retryAfter(headers) });
    throw new FetchError(url, what, { status, loadedBytes: received.length });
  }
  // The whole file: the server has another version, or does not give parts.
  if (received.length > 0) received.discard();
  received.version = version;
  received.total = contentLength(headers);
}

async function readBody(response: Response, received: Received, o: DownloadOptions): Promise<void> {
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await unlessStalled(reader.read(), o);
    if (done) break;
    received.append(value);
    o.onChunk(received);
  }
  const { length, total } = received;
  if (total !== undefined && length < total)
    throw new Interruption(`the connection ended after ${length} of ${total} bytes`);
  if (total !== undefined && length > total && response.status === 206) {
    received.discard();
    throw new Interruption(`${length} bytes came of a file of ${total}`);
  }
}

/** What comes of a promise of the network: an Interruption if it fails, or takes too long. */
async function unlessStalled<T>(promise: Promise<T>, { stallTimeoutMs }: DownloadOptions): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Interruption(`no byte came for ${stallTimeoutMs / 1000} s`)), stallTimeoutMs);
  });
  try {
    return await Promise.race([promise, stalled]);
  } catch (error) {
    if (error instanceof Interruption) {
      promise.catch(() => {});
      throw error;
    }
    throw new Interruption(`the connection broke (${reasonOf(error)})`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Node hides the reason in a cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: unknown; cause?: { message?: unknown } };
  return [message, cause?.message].filter((m) => typeof m === "string" && m !== "").join(": ") || String(error);
}

/** Seconds, or a date. */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function delay(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
