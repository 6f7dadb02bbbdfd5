/** Downloads from a server that drops, stalls, truncates, lies, and changes its files: right bytes, or a clear error. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type CachedFetchInit, FetchError, IntegrityError, LoaderError, QuotaError } from "@jax-js/loaders";
import { cachedFetch, evictDownloads, memoryStore } from "@jax-js/loaders";
import { afterEach, describe, expect, test } from "vitest";
import { type Answer, type Server, sendFile, serve } from "./flaky-server";

const pattern = (n: number, factor = 31): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => (i * factor + (i >> 8)) & 255);
const file = pattern(200_000);
const other = pattern(200_000, 17);

let server: Server | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function serving(answer: Answer): Promise<Server> {
  return (server = await serve(answer));
}

const options = (more: CachedFetchInit = {}): CachedFetchInit => ({
  store: memoryStore(),
  retryDelayMs: 1,
  stallTimeoutMs: 5000,
  ...more,
});

const sameAs = (wanted: Uint8Array, got: Uint8Array) => expect(Buffer.compare(got, wanted)).toBe(0);

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

describe("a server that works", () => {
  test("gives the bytes once, then the store does", async () => {
    const { url, ranges } = await serving((q, r) => sendFile(q, r, file));
    const o = options();
    sameAs(file, await cachedFetch(url, o));
    sameAs(file, await cachedFetch(new URL(url), o));
    expect(ranges).toEqual([null]);
  });

  test("progress grows to the whole", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file));
    const seen: number[] = [];
    await cachedFetch(url, options(), ({ loadedBytes, totalBytes }) => {
      expect(totalBytes).toBe(file.length);
      seen.push(loadedBytes);
    });
    expect(seen.at(-1)).toBe(file.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test("an empty file", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, new Uint8Array(0)));
    const o = options();
    expect((await cachedFetch(url, o)).length).toBe(0);
    expect((await cachedFetch(url, o)).length).toBe(0);
  });

  test("a compressed body has no total, and arrives whole", async () => {
    const { url } = await serving((_, r) => {
      const packed = gzipSync(file);
      r.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length, etag: '"z"' }).end(packed);
    });
    const totals = new Set<number | undefined>();
    sameAs(file, await cachedFetch(url, options(), (p) => void totals.add(p.totalBytes)));
    expect([...totals]).toEqual([undefined]);
  });

  test("without a Content-Length", async () => {
    const { url } = await serving((_, r) => {
      r.writeHead(200);
      r.write(file.subarray(0, 1000));
      r.end(file.subarray(1000));
    });
    sameAs(file, await cachedFetch(url, options()));
  });

  test("headers reach the server", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, new TextEncoder().encode(String(q.headers["x-token"]))));
    const got = await cachedFetch(url, options({ headers: { "x-token": "abc" } }));
    expect(new TextDecoder().decode(got)).toBe("abc");
  });
});

describe("a connection that breaks", () => {
  test("goes on where it stopped", async () => {
    const { url, ranges } = await serving((q, r, n) =>
      sendFile(q, r, file, { etag: '"1"', ...(n <= 3 ? { dropAfter: 40_000 } : {}) }),
    );
    sameAs(file, await cachedFetch(url, options()));
    expect(ranges[0]).toBe(null);
    expect(ranges.length).toBe(4);
    for (const range of ranges.slice(1)) expect(range).toMatch(/^bytes=\d{5,6}-$/);
  });

  test("goes on by Last-Modified too", async () => {
    const lastModified = "Wed, 21 Oct 2015 07:28:00 GMT";
    const { url, ranges } = await serving((q, r, n) =>
      sendFile(q, r, file, { lastModified, ...(n === 1 ? { dropAfter: 50_000 } : {}) }),
    );
    sameAs(file, await cachedFetch(url, options()));
    expect(ranges[1]).toMatch(/^bytes=/);
  });

  test("begins anew where the server tells no version, or a weak one", async () => {
    for (const etag of [undefined, 'W/"1"']) {
      const { url, ranges } = await serving((q, r, n) =>
        sendFile(q, r, file, { etag, ...(n === 1 ? { dropAfter: 50_000 } : {}) }),
      );
      sameAs(file, await cachedFetch(url, options()));
      expect(ranges).toEqual([null, null]);
      await server!.close();
    }
  });

  test("begins anew where the server gives no parts", async () => {
    const { url } = await serving((q, r, n) =>
      sendFile(q, r, file, { etag: '"1"', ignoresRange: true, ...(n === 1 ? { dropAfter: 50_000 } : {}) }),
    );
    sameAs(file, await cachedFetch(url, options()));
  });

  test("fails when it never gets on, with what it has", async () => {
    const { url, ranges } = await serving((q, r) => sendFile(q, r, file, { dropAfter: 50_000 }));
    const error = await failure(cachedFetch(url, options({ retries: 2 })));
    expect(error).toBeInstanceOf(FetchError);
    expect(error).toMatchObject({ url, loadedBytes: 50_000 });
    expect(String(error)).toMatch(/3 times in a row/);
    expect(ranges.length).toBe(3);
  });

  test("is given up when it stalls, and taken up again", async () => {
    const { url, ranges } = await serving((q, r, n) =>
      sendFile(q, r, file, { etag: '"1"', ...(n === 1 ? { stallAfter: 70_000 } : {}) }),
    );
    sameAs(file, await cachedFetch(url, options({ stallTimeoutMs: 400 })));
    expect(ranges).toEqual([null, "bytes=70000-"]);
  });

  test("a server that never answers", async () => {
    const { url } = await serving(() => {});
    const error = await failure(cachedFetch(url, options({ stallTimeoutMs: 50 })));
    expect(error).toBeInstanceOf(FetchError);
    expect(String(error)).toMatch(/no byte came for 0.05 s/);
  });

  test("a port where nobody listens", async () => {
    const { url } = await serving(() => {});
    await server!.close();
    const error = await failure(cachedFetch(url, options()));
    expect(error).toBeInstanceOf(FetchError);
    expect(String(error)).toMatch(/connection broke/);
  });

  test("a later call goes on where an earlier one gave up", async () => {
    let isBroken = true;
    const { url, ranges } = await serving((q, r) =>
      sendFile(q, r, file, { etag: '"1"', ...(isBroken ? { dropAfter: 60_000 } : {}) }),
    );
    const o = options({ retries: 0 });
    const error = (await failure(cachedFetch(url, { ...o, signal: AbortSignal.timeout(60) }))) as Error;
    expect(["FetchError", "TimeoutError"]).toContain(error.name);
    isBroken = false;
    const before = ranges.length;
    sameAs(file, await cachedFetch(url, o));
    expect(ranges[before]).toMatch(/^bytes=\d{5,6}-$/);
    // Nothing of the beginning is left.
    expect((await o.store!.list()).map((f) => f.name.replace(/^blob-[\da-f]+/, "")).sort()).toEqual(["", ".json"]);
  });
});

describe("a server that lies", () => {
  test("a Content-Length above the body's", async () => {
    const { url } = await serving((q, r) =>
      sendFile(q, r, file, { contentLength: 300_000, dropAfter: 200_000, etag: '"1"' }),
    );
    const error = await failure(cachedFetch(url, options({ retries: 1 })));
    expect(error).toBeInstanceOf(FetchError);
  });

  test("a Content-Length of 100 terabytes allocates nothing", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file, { contentLength: 1e14, dropAfter: 1000 }));
    expect(await failure(cachedFetch(url, options({ retries: 0 })))).toBeInstanceOf(FetchError);
  });

  test("a Content-Length below the body's shows in the digest", async () => {
    const { url } = await serving((q, r) => {
      q.socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n${"x".repeat(2000)}`);
      void r;
    });
    const digest = createHash("sha256").update("x".repeat(2000)).digest("base64");
    const error = await failure(cachedFetch(url, options({ integrity: `sha256-${digest}` })));
    expect(error instanceof IntegrityError || error instanceof FetchError).toBe(true);
  });

  test("a truncated body", async () => {
    const { url, ranges } = await serving((q, r, n) => {
      if (n > 1) return sendFile(q, r, file, { etag: '"1"' });
      q.socket.end(`HTTP/1.1 200 OK\r\netag: "1"\r\ncontent-length: 200000\r\nconnection: close\r\n\r\n`);
    });
    sameAs(file, await cachedFetch(url, options()));
    expect(ranges.length).toBe(2);
  });

  test("a part that begins elsewhere is not used", async () => {
    const { url } = await serving((q, r, n) => {
      if (n === 1) return sendFile(q, r, file, { etag: '"1"', dropAfter: 50_000 });
      if (n > 2) return sendFile(q, r, file, { etag: '"1"' });
      r.writeHead(206, { etag: '"1"', "content-range": `bytes 0-199999/200000` }).end(file);
    });
    sameAs(file, await cachedFetch(url, options()));
  });

  test("a part nobody asked for is an error", async () => {
    const { url } = await serving(
      (_, r) => void r.writeHead(206, { "content-range": "bytes 0-9/100" }).end(file.subarray(0, 10)),
    );
    expect(await failure(cachedFetch(url, options()))).toMatchObject({ name: "FetchError", status: 206 });
  });
});

describe("a file that changes", () => {
  test("between two attempts: the new one as a whole", async () => {
    const { url } = await serving((q, r, n) =>
      n === 1 ? sendFile(q, r, file, { etag: '"1"', dropAfter: 50_000 }) : sendFile(q, r, other, { etag: '"2"' }),
    );
    sameAs(other, await cachedFetch(url, options()));
  });

  test("at every attempt: an error, not a mixture", async () => {
    const { url } = await serving((q, r, n) =>
      sendFile(q, r, n % 2 ? file : other, { etag: `"${n}"`, dropAfter: 90_000 }),
    );
    const error = await failure(cachedFetch(url, options({ retries: 50 })));
    expect(error).toBeInstanceOf(FetchError);
    expect(String(error)).toMatch(/changes while it is downloaded/);
  });

  test("a file that grows between two attempts", async () => {
    const longer = pattern(250_000);
    const { url } = await serving((q, r, n) =>
      n === 1 ? sendFile(q, r, file, { etag: '"1"', dropAfter: 50_000 }) : sendFile(q, r, longer, { etag: '"1"' }),
    );
    sameAs(longer, await cachedFetch(url, options()));
  });

  test("no-cache asks, and downloads only what is new", async () => {
    let current = { bytes: file, etag: '"1"' };
    const { url, ranges } = await serving((q, r) => sendFile(q, r, current.bytes, { etag: current.etag }));
    const o = options({ cache: "no-cache" });
    sameAs(file, await cachedFetch(url, o));
    sameAs(file, await cachedFetch(url, o));
    current = { bytes: other, etag: '"2"' };
    sameAs(other, await cachedFetch(url, o));
    sameAs(other, await cachedFetch(url, { ...o, cache: "default" }));
    expect(ranges.length).toBe(3);
  });

  test("reload, no-store and only-if-cached", async () => {
    const { url, ranges } = await serving((q, r) => sendFile(q, r, file));
    const o = options();
    expect(await failure(cachedFetch(url, { ...o, cache: "only-if-cached" }))).toBeInstanceOf(FetchError);
    await cachedFetch(url, { ...o, cache: "no-store" });
    expect(await o.store!.list()).toEqual([]);
    await cachedFetch(url, o);
    await cachedFetch(url, { ...o, cache: "reload" });
    await cachedFetch(url, { ...o, cache: "only-if-cached" });
    expect(ranges.length).toBe(3);
  });
});

describe("answers that are no file", () => {
  test("404 at once, with the status", async () => {
    const { url, ranges } = await serving((_, r) => void r.writeHead(404).end("no"));
    expect(await failure(cachedFetch(url, options()))).toMatchObject({ name: "FetchError", status: 404 });
    expect(ranges.length).toBe(1);
  });

  test("503 is asked again", async () => {
    const { url } = await serving((q, r, n) =>
      n < 3 ? void r.writeHead(503, { "retry-after": "0" }).end() : sendFile(q, r, file),
    );
    sameAs(file, await cachedFetch(url, options()));
  });

  test("503 for ever", async () => {
    const { url } = await serving((_, r) => void r.writeHead(503).end());
    expect(await failure(cachedFetch(url, options()))).toMatchObject({ name: "FetchError", status: 503 });
  });
});

describe("integrity", () => {
  const digest = createHash("sha256").update(file).digest();

  test("base64 and hexadecimal", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file));
    for (const text of [digest.toString("base64"), digest.toString("hex")]) {
      sameAs(file, await cachedFetch(url, options({ integrity: `sha256-${text}` })));
    }
  });

  test("wrong bytes are not given and not stored", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, other));
    const o = options({ integrity: `sha256-${digest.toString("base64")}` });
    expect(await failure(cachedFetch(url, o))).toBeInstanceOf(IntegrityError);
    expect(await o.store!.list()).toEqual([]);
  });

  test("a stored file that has changed is downloaded anew", async () => {
    const { url, ranges } = await serving((q, r) => sendFile(q, r, file));
    const o = options({ integrity: `sha256-${digest.toString("base64")}` });
    await cachedFetch(url, o);
    const [stored] = (await o.store!.list()).filter((f) => !f.name.endsWith(".json"));
    await o.store!.write(stored!.name, other);
    sameAs(file, await cachedFetch(url, o));
    expect(ranges.length).toBe(2);
  });

  test("a digest that is none", async () => {
    expect(await failure(cachedFetch("http://localhost/", options({ integrity: "sha256-abc" })))).toBeInstanceOf(
      LoaderError,
    );
  });
});

describe("room", () => {
  test("old downloads make room for new ones", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file.subarray(0, 400)));
    const store = memoryStore(1200);
    for (const name of ["a", "b", "a", "c"]) {
      await cachedFetch(`${url}?${name}`, options({ store }));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await expect(cachedFetch(`${url}?a`, { store, cache: "only-if-cached" })).resolves.toBeDefined();
    await expect(cachedFetch(`${url}?c`, { store, cache: "only-if-cached" })).resolves.toBeDefined();
    await expect(cachedFetch(`${url}?b`, { store, cache: "only-if-cached" })).rejects.toThrow(/not stored/);
  });

  test("a file that never fits is given, or is an error if it must be stored", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file));
    sameAs(file, await cachedFetch(url, options({ store: memoryStore(1000) })));
    const error = await failure(cachedFetch(url, options({ store: memoryStore(1000), mustStore: true })));
    expect(error).toBeInstanceOf(QuotaError);
    expect(error).toMatchObject({ neededBytes: file.length });
  });

  test("maxCacheBytes and evictDownloads", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file.subarray(0, 1000)));
    const store = memoryStore();
    const nFiles = async () => (await store.list()).filter((f) => !f.name.endsWith(".json")).length;
    for (const name of ["a", "b", "c", "d"])
      await cachedFetch(`${url}?${name}`, options({ store, maxCacheBytes: 2500 }));
    expect(await nFiles()).toBe(2);
    await evictDownloads(1000, store);
    expect(await nFiles()).toBe(1);
    await evictDownloads(0, store);
    expect(await store.list()).toEqual([]);
  });
});

describe("requests", () => {
  test("an abort ends it with its reason", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file, { stallAfter: 1000 }));
    const controller = new AbortController();
    const pending = failure(cachedFetch(url, options({ signal: controller.signal, stallTimeoutMs: 10_000 })));
    setTimeout(() => controller.abort(new Error("enough")), 20);
    expect(await pending).toMatchObject({ message: "enough" });
  });

  test("what cannot be cached is said at once", async () => {
    for (const [url, init] of [
      ["not a url", {}],
      ["http://localhost/", { method: "POST" }],
      ["http://localhost/", { headers: { Range: "bytes=0-1" } }],
    ] as const) {
      expect(await failure(cachedFetch(url, options(init)))).toBeInstanceOf(LoaderError);
    }
  });

  test("a URL longer than names of files may be", async () => {
    const { url } = await serving((q, r) => sendFile(q, r, file.subarray(0, 10)));
    const o = options();
    await cachedFetch(`${url}?${"x".repeat(500)}a`, o);
    await cachedFetch(`${url}?${"x".repeat(500)}b`, o);
    const names = (await o.store!.list()).map((f) => f.name);
    expect(names.length).toBe(4);
    expect(Math.max(...names.map((n) => n.length))).toBeLessThan(240);
  });
});
