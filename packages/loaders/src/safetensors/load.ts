/** Reading safetensors that are not in memory: blobs tensor by tensor, streams as they come, sharded models. */
import { quoted } from "../bytes/quoted";
import { type ByteSource, readBytes } from "../bytes/source";
import { parseStrictJson } from "../bytes/strict-json";
import { FetchError, FormatError, LoaderError } from "../errors";
import { type Header, type TensorEntry, headerLength, parseHeader } from "./header";
import { type File, type Tensor, lazyTensor, parse } from "./parse";

/** A file of which the header is read, and tensors are read when asked for. */
export interface LazyFile {
  readonly names: readonly string[];
  readonly header: Header;
  /** Reads one tensor. Errors: LoaderError if there is none of that name. */
  tensor(name: string): Promise<Tensor>;
}

/**
 * Opens a file on disk (or any Blob) without reading its tensors.
 *
 * Errors: FormatError, as `parse`.
 * @example
 * const bytes = safetensors.serialize({ w: { dtype: "U8", shape: [2], data: new Uint8Array([1, 2]) } });
 * const file = await safetensors.open(new Blob([bytes]));
 * (await file.tensor("w")).data; // => [1, 2]
 */
export async function open(blob: Blob): Promise<LazyFile> {
  const part = async (begin: number, end: number) => new Uint8Array(await blob.slice(begin, end).arrayBuffer());
  const length = headerLength(await part(0, 8), blob.size);
  const header = parseHeader(await part(8, 8 + length), blob.size);
  const entries = new Map(header.entries.map((entry) => [entry.name, entry]));
  return {
    names: [...entries.keys()],
    header,
    async tensor(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw new LoaderError(`safetensors: no tensor ${quoted(name)} in the file`);
      return lazyTensor(entry.dtype, entry.shape, await part(entry.begin, entry.end));
    },
  };
}

/**
 * Tensors of a stream, one after another as their last bytes arrive: a model is uploaded while it downloads, and never
 * lies in memory as a whole.
 *
 * Errors: FormatError, also for a stream that ends early or late; FetchError if a response is no success.
 * @example
 * const bytes = safetensors.serialize({ w: { dtype: "U8", shape: [1], data: new Uint8Array([7]) } });
 * const names = [];
 * for await (const [name] of safetensors.stream(new Response(bytes))) names.push(name);
 * names; // => ["w"]
 */
export async function* stream(source: Response | ReadableStream<Uint8Array> | Blob): AsyncGenerator<[string, Tensor]> {
  const take = chunkReader(streamOf(source));
  const length = headerLength(await take(8));
  const header = parseHeader(await take(length));
  for (const entry of header.entries) yield [entry.name, await readEntry(entry, take)];
  if ((await take(1, true)).length > 0) {
    throw new FormatError("safetensors", "the stream goes on after the last tensor", header.totalBytes);
  }
}

async function readEntry(entry: TensorEntry, take: (n: number) => Promise<Uint8Array>): Promise<Tensor> {
  return lazyTensor(entry.dtype, entry.shape, await take(entry.end - entry.begin));
}

function streamOf(source: Response | ReadableStream<Uint8Array> | Blob): ReadableStream<Uint8Array> {
  if (source instanceof ReadableStream) return source;
  if (source instanceof Blob) return source.stream();
  if (!source.ok) throw new FetchError(source.url, `status ${source.status}`, { status: source.status });
  return source.body ?? new Blob([]).stream();
}

/** A function that gives the next n bytes. Memory grows with what has come, not with what a header promises. */
function chunkReader(from: ReadableStream<Uint8Array>): (n: number, mayEnd?: boolean) => Promise<Uint8Array> {
  const reader = from.getReader();
  let rest = new Uint8Array(0);
  let at = 0;
  return async (n, mayEnd = false) => {
    const parts: Uint8Array[] = [];
    let have = 0;
    while (have < n) {
      if (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) {
          if (mayEnd) break;
          throw new FormatError("safetensors", `the stream ends, ${n - have} bytes too early`, at);
        }
        rest = value as Uint8Array<ArrayBuffer>;
      }
      const part = rest.subarray(0, n - have);
      rest = rest.subarray(part.length);
      parts.push(part);
      have += part.length;
      at += part.length;
    }
    if (parts.length === 1) return parts[0]!;
    const out = new Uint8Array(have);
    let to = 0;
    for (const part of parts) {
      out.set(part, to);
      to += part.length;
    }
    return out;
  };
}

/**
 * Reads a whole file from any source.
 *
 * Errors: FormatError, as `parse`; FetchError if a response is no success.
 * @example
 * const bytes = safetensors.serialize({ w: { dtype: "U8", shape: [1], data: new Uint8Array([7]) } });
 * (await safetensors.load(new Blob([bytes]))).tensors.w.data; // => [7]
 */
export async function load(source: ByteSource): Promise<File> {
  return parse(await readBytes(source));
}

/** Gives the content of one file of a sharded model, by its name in the index. */
export type ShardFetcher = (name: string) => Promise<ByteSource>;

/**
 * Reads a model in several files, from its `model.safetensors.index.json`. Files are read one at a time.
 *
 * Errors: FormatError if the index is malformed or a file lacks a tensor that the index promises.
 * @example
 * const a = safetensors.serialize({ w: { dtype: "U8", shape: [1], data: new Uint8Array([7]) } });
 * const index = JSON.stringify({ weight_map: { w: "a.safetensors" } });
 * (await safetensors.loadSharded(index, async () => a)).tensors.w.data; // => [7]
 */
export async function loadSharded(index: ByteSource | string, fetchShard: ShardFetcher): Promise<File> {
  const text = typeof index === "string" ? index : new TextDecoder().decode(await readBytes(index));
  const root = parseStrictJson("safetensors index", text);
  const map = root instanceof Map ? root.get("weight_map") : undefined;
  if (!(map instanceof Map)) throw new FormatError("safetensors index", "there is no weight_map");
  const byShard = new Map<string, string[]>();
  for (const [name, shard] of map) {
    if (typeof shard !== "string")
      throw new FormatError("safetensors index", `the file of ${quoted(name)} is not a string`);
    // It becomes part of a path or URL.
    if (/^$|^[/\\]|\\|:|(^|\/)\.\.?(\/|$)/.test(shard)) {
      throw new FormatError("safetensors index", `${quoted(shard)} is not the name of a file beside the index`);
    }
    const names = byShard.get(shard);
    if (names === undefined) byShard.set(shard, [name]);
    else names.push(name);
  }
  const out: File = { tensors: Object.create(null) as File["tensors"], totalSize: 0 };
  for (const [shard, names] of byShard) {
    const file = await load(await fetchShard(shard));
    for (const name of names) {
      const tensor = file.tensors[name];
      if (tensor === undefined) {
        throw new FormatError("safetensors index", `${shard} has no tensor ${quoted(name)}`);
      }
      out.tensors[name] = tensor;
    }
    out.totalSize += file.totalSize;
    if (file.metadata !== undefined) out.metadata = { ...out.metadata, ...file.metadata };
  }
  return out;
}
