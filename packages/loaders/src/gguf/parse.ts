/** Reading GGUF: the files of llama.cpp. */
import { quoted } from "../bytes/quoted";
import { asBytes } from "../bytes/source";
import { LoaderError } from "../errors";
import { FORMAT, HeaderCutOff, type MetadataValue, Reader } from "./reader";
import { type GgufType, typeOfNumber } from "./types";

/** A tensor as it lies in the file, its blocks packed. */
export interface GgufTensor {
  readonly name: string;
  readonly type: GgufType;
  /** Row-major: the last axis is the one along which blocks lie, the first in the file's own order. */
  readonly shape: number[];
  readonly bytes: Uint8Array;
}

interface TensorEntry extends Omit<GgufTensor, "bytes"> {
  readonly begin: number;
  readonly end: number;
}

interface Header {
  readonly version: number;
  readonly metadata: { [key: string]: MetadataValue };
  readonly entries: readonly TensorEntry[];
}

/** A GGUF file. */
export interface GgufFile {
  readonly version: number;
  /** By key, as `general.architecture`. Numbers of 64 bits that are not exact as numbers are bigints. */
  readonly metadata: { [key: string]: MetadataValue };
  readonly tensors: { [name: string]: GgufTensor };
}

/** A file of which the header is read, and tensors are read when asked for. */
export interface LazyGgufFile extends Omit<GgufFile, "tensors"> {
  readonly names: readonly string[];
  /** Reads one tensor. Errors: LoaderError if there is none of that name. */
  tensor(name: string): Promise<GgufTensor>;
}

const MAX_AXES = 8;

/** `fileBytes` is the length of the whole file, of which `bytes` may be the beginning. */
function parseHeader(bytes: Uint8Array, fileBytes: number): Header {
  const reader = new Reader(bytes);
  if (bytes.length < 8 || reader.u32() !== 0x46554747) reader.fail('it does not begin with "GGUF"', 0);
  const version = reader.u32();
  if (version >>> 24 !== 0 && (version & 0xffffff) === 0) reader.fail("big-endian files are not supported", 4);
  if (version < 1 || version > 3) reader.fail(`version ${version} is not known; expected 1, 2 or 3`, 4);
  reader.lengthBytes = version === 1 ? 4 : 8;
  const nTensors = reader.length();
  const nValues = reader.length();
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < nValues; i++) {
    const at = reader.at;
    const key = reader.string();
    if (metadata.has(key)) reader.fail(`key ${quoted(key)} is given twice`, at);
    metadata.set(key, reader.value());
  }
  const alignment = metadata.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || !Number.isInteger(alignment) || alignment < 1 || alignment > 2 ** 20) {
    return reader.fail("general.alignment is not a number that can be");
  }
  const found = new Map<string, Omit<TensorEntry, "begin" | "end"> & { offset: number; sizeBytes: number }>();
  for (let i = 0; i < nTensors; i++) {
    const entry = readEntry(reader);
    if (found.has(entry.name)) reader.fail(`tensor ${quoted(entry.name)} is there twice`);
    if (entry.offset % alignment !== 0)
      reader.fail(`tensor ${quoted(entry.name)}: its offset is no multiple of ${alignment}`);
    found.set(entry.name, entry);
  }
  const dataStart = Math.ceil(reader.at / alignment) * alignment;
  const entries = [...found.values()].map(({ name, type, shape, offset, sizeBytes }): TensorEntry => {
    const begin = dataStart + offset;
    const end = begin + sizeBytes;
    if (end > fileBytes) reader.fail(`tensor ${quoted(name)} ends at byte ${end}, the file at ${fileBytes}`, begin);
    return { name, type, shape, begin, end };
  });
  return { version, metadata: Object.fromEntries(metadata), entries };
}

function readEntry(reader: Reader) {
  const at = reader.at;
  const name = reader.string();
  const fail = (what: string): never => reader.fail(`tensor ${quoted(name)}: ${what}`, at);
  const nAxes = reader.u32();
  if (nAxes > MAX_AXES) fail(`${nAxes} axes`);
  // The file has the fastest axis first.
  const shape = Array.from({ length: nAxes }, () => reader.length()).reverse();
  const number = reader.u32();
  const info = typeOfNumber(number) ?? fail(`type ${number} is not known`);
  const offset = reader.length();
  const nElements = shape.reduce((n, size) => n * size, 1);
  if (!Number.isSafeInteger(nElements)) fail(`shape [${shape.join(", ")}] has too many elements`);
  if ((shape.at(-1) ?? 1) % info.blockSize !== 0)
    fail(`rows of ${shape.at(-1)} values are no whole blocks of ${info.type}`);
  return { name, type: info.type, shape, offset, sizeBytes: (nElements / info.blockSize) * info.blockBytes };
}

const tensorOf = ({ name, type, shape }: TensorEntry, bytes: Uint8Array): GgufTensor => ({ name, type, shape, bytes });

/**
 * Reads a GGUF file of version 1 to 3. Nothing is copied: quantised blocks stay packed; `gguf.dequantize` widens them,
 * `gguf.toPacked` puts them on the device as they are.
 *
 * Errors: FormatError naming the byte.
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * @example
 * const empty = new Uint8Array([71, 71, 85, 70, 3, 0, 0, 0, ...new Uint8Array(16)]);
 * gguf.parse(empty).version; // => 3
 */
export function parse(data: Uint8Array | ArrayBuffer): GgufFile {
  const bytes = asBytes(data);
  const { version, metadata, entries } = parseHeader(bytes, bytes.length);
  const tensors = entries.map(
    (entry) => [entry.name, tensorOf(entry, bytes.subarray(entry.begin, entry.end))] as const,
  );
  return { version, metadata, tensors: Object.fromEntries(tensors) };
}

const FIRST_READ_BYTES = 2 ** 20;

/**
 * Opens a file on disk (or any Blob) without reading its tensors.
 *
 * Errors: FormatError, as `parse`.
 */
export async function open(blob: Blob): Promise<LazyGgufFile> {
  const { version, metadata, entries } = await readHeaderOf(blob);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    version,
    metadata,
    names: [...byName.keys()],
    async tensor(name) {
      const entry = byName.get(name);
      if (entry === undefined) throw new LoaderError(`${FORMAT}: no tensor ${quoted(name)} in the file`);
      return tensorOf(entry, new Uint8Array(await blob.slice(entry.begin, entry.end).arrayBuffer()));
    },
  };
}

/** Reads more and more of the file until the header is whole. */
async function readHeaderOf(blob: Blob): Promise<Header> {
  for (let n = FIRST_READ_BYTES; ; n *= 4) {
    const bytes = new Uint8Array(await blob.slice(0, n).arrayBuffer());
    try {
      return parseHeader(bytes, blob.size);
    } catch (error) {
      if (!(error instanceof HeaderCutOff) || bytes.length >= blob.size) throw error;
    }
  }
}
