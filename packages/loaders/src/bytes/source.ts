/** Where bytes come from: memory, a file, a response, a stream. */
import { FetchError, LoaderError } from "../errors";

/** Anything whose bytes can be read from its start to its end. */
export type ByteSource = Uint8Array | ArrayBuffer | Blob | Response | ReadableStream<Uint8Array>;

/** The bytes of memory, without a copy. */
export function asBytes(data: Uint8Array | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // By tag, since the buffer may come from another realm (a frame, a vm context).
  if (Object.prototype.toString.call(data) === "[object ArrayBuffer]") return new Uint8Array(data);
  throw new LoaderError(`bytes: expected a Uint8Array or an ArrayBuffer, got ${data === null ? "null" : typeof data}`);
}

/** Reads a source to its end. Errors: FetchError if a response is no success. */
export async function readBytes(source: ByteSource): Promise<Uint8Array> {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (typeof Response !== "undefined" && source instanceof Response) {
    if (!source.ok) throw new FetchError(source.url, `status ${source.status}`, { status: source.status });
    return new Uint8Array(await source.arrayBuffer());
  }
  if (typeof ReadableStream !== "undefined" && source instanceof ReadableStream) return joinChunks(await drain(source));
  return asBytes(source as Uint8Array);
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(value);
  }
}

/** One array of all chunks. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const out = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
