/** Downloads that are kept. */
import { type OptionNames, checkOptions } from "../option-names";
import { quoted } from "../bytes/quoted";
import { FetchError, LoaderError, QuotaError } from "../errors";
import { defaultStore } from "../storage/default-store";
import { freeBytes } from "../storage/store";
import type { FileStore } from "../storage/store";
import { FetchCache, keyOf } from "./cache";
import { download } from "./download";
import { type Integrity, checkIntegrity, parseIntegrity } from "./integrity";
import { PartialFile } from "./partial-file";
import { Received } from "./received";
import { sameBytes, versionOf } from "./version";

/** How far a download is. */
export interface FetchProgress {
  loadedBytes: number;
  /** Where the server says. */
  totalBytes?: number;
}

/** Options of `fetch`, and of what happens when things go wrong. */
export interface CachedFetchInit extends RequestInit {
  /** Where files are kept. Default: the origin private file system, or what comes next to it. */
  store?: FileStore;
  /** How often in a row an attempt may fail without getting on. Default 4. */
  retries?: number;
  /** Wait before the second attempt; doubled before each further one. Default 200. */
  retryDelayMs?: number;
  /** A connection on which nothing comes for so long is given up. Default 30 000. */
  stallTimeoutMs?: number;
  /** Downloads kept in all; those used longest ago are removed. Default: what the browser allows. */
  maxCacheBytes?: number;
  /** Fail, rather than give a file that there was no room to keep. Default false. */
  mustStore?: boolean;
}

/**
 * Fetches a file and keeps it: the next call reads it from where it was stored.
 *
 * A connection that breaks or stalls is taken up again where it stopped, if the server gives parts and tells versions
 * (ETag or Last-Modified); otherwise the download begins anew. Parts of two versions are never put together. The
 * beginning of a large file is kept too, for the next visit. When there is no room, downloads that were not used for
 * long are removed.
 *
 * `init.cache` means what it does in `fetch`: "no-cache" asks the server whether the stored file is still the current
 * one, "reload" downloads it anew, "no-store" stores nothing, "only-if-cached" downloads nothing. `init.integrity` is
 * checked, for stored files too: `sha256-` and the digest in base64 or hexadecimal.
 *
 * Errors: FetchError with status and bytes loaded; IntegrityError; QuotaError with `mustStore`; the reason of
 * `init.signal`.
 * @example
 * const url = "data:text/plain,hello"; // of http and https URLs the file is kept
 * new TextDecoder().decode(await cachedFetch(url)); // => "hello"
 */
export async function cachedFetch(
  input: string | URL,
  init: CachedFetchInit = {},
  onProgress?: (progress: FetchProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions("cachedFetch", init, OPTIONS);
  const { store, retries, retryDelayMs, stallTimeoutMs, maxCacheBytes, mustStore, ...rest } = init;
  const { integrity, signal, ...request } = rest;
  const url = urlOf(input);
  checkRequest(url, request);
  const wanted = integrity === undefined || integrity === "" ? null : parseIntegrity(integrity);
  const keeps = /^https?:/.test(url) && request.cache !== "no-store";
  const cache = keeps ? await openCache(store) : null;
  const key = keyOf(url);

  const stored = cache === null || request.cache === "reload" ? null : await readStored(cache, key, url, wanted);
  const version = stored === null ? null : await cache!.versionOf(key);
  if (stored !== null && request.cache !== "no-cache") {
    await cache!.touch(key, url, version!);
    onProgress?.({ loadedBytes: stored.length, totalBytes: stored.length });
    return stored;
  }
  if (request.cache === "only-if-cached") throw new FetchError(url, "not stored, and cache is only-if-cached");

  const partial = cache === null ? null : new PartialFile(cache.notes, key);
  const received = partial !== null && stored === null ? await partial.load() : new Received();
  try {
    const isNew = await download(url, request, received, {
      retries: retries ?? 4,
      retryDelayMs: retryDelayMs ?? 200,
      stallTimeoutMs: stallTimeoutMs ?? 30_000,
      signal,
      onChunk({ length, total }) {
        onProgress?.(total === undefined ? { loadedBytes: length } : { loadedBytes: length, totalBytes: total });
        partial?.save(received);
      },
      isEnough: (response) => version !== null && sameBytes(version, versionOf(response.headers)),
    });
    if (!isNew) {
      await cache!.touch(key, url, version!);
      return stored!;
    }
  } catch (error) {
    partial?.save(received, true);
    await partial?.settle();
    throw error;
  }
  const newVersion = received.version;
  const bytes = received.take();
  await partial?.clear();
  if (wanted !== null) await checkIntegrity(url, bytes, wanted);
  if (cache !== null) {
    if (maxCacheBytes !== undefined) await cache.shrinkTo(Math.max(0, maxCacheBytes - bytes.length), key);
    const fits = bytes.length <= (maxCacheBytes ?? Infinity) && (await cache.write(key, bytes));
    if (fits) await cache.touch(key, url, newVersion);
    else if (mustStore) throw new QuotaError(cache.files.place, bytes.length, await freeBytes());
  }
  return bytes;
}

/** Removes downloads, those used longest ago first, until the rest is at most so many bytes. */
export async function evictDownloads(maxBytes = 0, store?: FileStore): Promise<void> {
  await (await openCache(store)).shrinkTo(maxBytes);
}

async function openCache(store: FileStore | undefined): Promise<FetchCache> {
  if (store !== undefined) return new FetchCache(store, store);
  return new FetchCache(await defaultStore("jax-js"), await defaultStore("jax-js-downloads"));
}

/** The address in full, without the part that the server does not see. */
function urlOf(input: string | URL): string {
  try {
    const url = new URL(input, (globalThis as { location?: { href: string } }).location?.href);
    url.hash = "";
    return url.href;
  } catch (cause) {
    throw new LoaderError(`cachedFetch: ${quoted(String(input).slice(0, 200))} is not a URL`, { cause });
  }
}

/** Options of our own, and those of fetch, the ones that some hosts add included. */
const OPTIONS: OptionNames<CachedFetchInit & { duplex: string; dispatcher: object; priority: string }> = {
  store: true, retries: true, retryDelayMs: true, stallTimeoutMs: true, maxCacheBytes: true, mustStore: true,
  body: true, cache: true, credentials: true, headers: true, integrity: true, keepalive: true, method: true,
  mode: true, priority: true, redirect: true, referrer: true, referrerPolicy: true, signal: true, window: true,
  duplex: true, dispatcher: true,
}; // prettier-ignore

/** Errors that further attempts would not mend. */
function checkRequest(url: string, request: RequestInit): void {
  const { method = "GET" } = request;
  if (method.toUpperCase() !== "GET" || (request.body ?? null) !== null) {
    throw new LoaderError(`cachedFetch: only GET is cached, got ${method}; use fetch for ${url}`);
  }
  if (new Headers(request.headers).has("range")) {
    throw new LoaderError(`cachedFetch: a Range header asks for a part; only whole files are cached: ${url}`);
  }
}

/** The stored file, if its digest is right; a wrong one is removed. */
async function readStored(
  cache: FetchCache,
  key: string,
  url: string,
  wanted: Integrity | null,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const stored = await cache.files.read(key);
  if (stored === null || wanted === null) return stored;
  try {
    await checkIntegrity(url, stored, wanted);
    return stored;
  } catch {
    await cache.remove(key);
    return null;
  }
}
