/** Which version of a file a server has: needed so that parts of two versions are never put together. */

export interface Version {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export const NO_VERSION: Version = { etag: null, lastModified: null };

export const versionOf = (headers: Headers): Version => ({
  etag: headers.get("etag"),
  lastModified: headers.get("last-modified"),
});

/** True if both are surely the same bytes. A weak tag promises the same meaning alone. */
export function sameBytes(a: Version, b: Version): boolean {
  if (a.etag !== null || b.etag !== null) return a.etag === b.etag && !a.etag!.startsWith("W/");
  return a.lastModified !== null && a.lastModified === b.lastModified;
}

/** True if there is something to know the version by when a download goes on. */
export const isKnown = (v: Version): boolean => sameBytes(v, v);

/** `Content-Range: bytes 5-9/10` as numbers. */
export function contentRange(headers: Headers): { begin: number; total: number | undefined } | null {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  return match === null ? null : { begin: Number(match[1]), total: match[2] === "*" ? undefined : Number(match[2]) };
}

/** True of a body that is compressed on its way. */
export const isEncoded = (headers: Headers): boolean => (headers.get("content-encoding") ?? "identity") !== "identity";

/** Bytes of the body, where the server says. Of a compressed body it says something else. */
export function contentLength(headers: Headers): number | undefined {
  const text = headers.get("content-length");
  if (text === null || !/^\d+$/.test(text) || isEncoded(headers)) return undefined;
  const n = Number(text);
  return Number.isSafeInteger(n) ? n : undefined;
}
