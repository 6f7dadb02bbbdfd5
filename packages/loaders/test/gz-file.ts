/** Packed data beside the tests, read in Node and in the browser. */

/** The bytes of a file, unpacked if they are packed. */
export async function readUnpacked(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await fileBytes(url);
  // A server may have unpacked the file already.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function fileBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function readJson<T>(url: URL): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readUnpacked(url))) as T;
}

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
