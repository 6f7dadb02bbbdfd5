/** Writing safetensors. */
import { checkOptions } from "../option-names";
import { toBF16, toF16 } from "../bytes/narrow-floats";
import { joinChunks } from "../bytes/source";
import { LoaderError } from "../errors";
import { type DType, bitsOf, isDType } from "./dtypes";

/** What is written: elements, or bytes in the layout of the file. */
export interface TensorInput {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Float32 data of an F16 or BF16 tensor are rounded; BOOL data are true where they are not zero. */
  readonly data?: ArrayBufferView;
  /** Goes before `data`. */
  readonly bytes?: Uint8Array;
}

/** Name, type and shape of a tensor to come. */
export interface TensorHeading {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Bytes that a tensor takes in a file. Errors: LoaderError for dtypes and shapes that cannot be written. */
export function sizeOf({ name, dtype, shape }: TensorHeading): number {
  if (!isDType(dtype)) throw new LoaderError(`safetensors: ${name}: ${String(dtype)} is not a dtype`);
  const bits = shape.reduce((n, size) => n * size, bitsOf(dtype));
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || !Number.isSafeInteger(bits)) {
    throw new LoaderError(`safetensors: ${name}: [${shape.join(",")}] is not a shape`);
  }
  if (bits % 8 !== 0)
    throw new LoaderError(`safetensors: ${name}: ${dtype}[${shape.join(",")}] does not fill whole bytes`);
  return bits / 8;
}

/** Bytes of a tensor in the file. */
export function bytesOf(name: string, tensor: TensorInput): Uint8Array {
  const size = sizeOf({ name, dtype: tensor.dtype, shape: tensor.shape });
  const bytes = tensor.bytes ?? encode(tensor);
  if (bytes?.length !== size) {
    const got = bytes === undefined ? "no data" : `${bytes.length} bytes`;
    throw new LoaderError(
      `safetensors: ${name}: ${tensor.dtype}[${tensor.shape.join(",")}] takes ${size} bytes, got ${got}`,
    );
  }
  return bytes;
}

function encode({ dtype, data }: TensorInput): Uint8Array | undefined {
  if (data === undefined) return undefined;
  if (dtype === "BOOL") return Uint8Array.from(data as Uint8Array, (v) => (v ? 1 : 0));
  const narrow = dtype === "F16" ? toF16 : dtype === "BF16" ? toBF16 : null;
  if (narrow !== null && (data instanceof Float32Array || data instanceof Float64Array)) {
    return new Uint8Array(Uint16Array.from(data as Float32Array, narrow).buffer);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The widest types first, so that all are aligned; by name among equals. */
export function inFileOrder<T extends TensorHeading>(tensors: readonly T[]): T[] {
  return [...tensors].sort((a, b) => bitsOf(b.dtype) - bitsOf(a.dtype) || (a.name < b.name ? -1 : 1));
}

/** Length and JSON of a header for tensors in this order. */
export function headerBytes(
  tensors: readonly TensorHeading[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = metadata === undefined ? [] : [["__metadata__", metadata]];
  let at = 0;
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    if (name === "__metadata__") throw new LoaderError("safetensors: __metadata__ cannot name a tensor");
    const end = at + sizeOf(tensor);
    header.push([name, { dtype, shape, data_offsets: [at, end] }]);
    at = end;
  }
  // Entries, since an object would reorder names that are numbers; that does no harm, offsets tell the places.
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + padded).fill(0x20);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(json, 8);
  return out;
}

/**
 * Writes a safetensors file, with the widest types first so that all are aligned.
 *
 * Errors: LoaderError if data and shape do not fit.
 * @example
 * const bytes = safetensors.serialize({ w: { dtype: "F16", shape: [2], data: new Float32Array([1, 2]) } });
 * safetensors.parse(bytes).tensors.w.data; // => [1, 2]
 */
export function serialize(
  tensors: { readonly [key: string]: TensorInput },
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(tensors).map(([name, tensor]) => {
    const bytes = bytesOf(name, tensor);
    return { name, dtype: tensor.dtype, shape: tensor.shape, bytes };
  });
  const ordered = inFileOrder(parts);
  const whole = joinChunks([headerBytes(ordered, metadata), ...ordered.map((part) => part.bytes)]);
  // Of a file without data the header itself comes back.
  return whole as Uint8Array<ArrayBuffer>;
}

/** A model in several files, and the index that says which tensor is where. */
export interface ShardedFiles {
  readonly files: { readonly [name: string]: Uint8Array<ArrayBuffer> };
  /** Text of `model.safetensors.index.json`. */
  readonly index: string;
}

/**
 * Writes a model as files of at most `maxShardBytes` of data (a larger tensor has a file of its own), and their index.
 *
 * Errors: LoaderError, as `serialize`.
 * @example
 * const w = { dtype: "U8", shape: [2], data: new Uint8Array([1, 2]) };
 * const { files, index } = safetensors.serializeSharded({ a: w, b: w }, { maxShardBytes: 2 });
 * Object.keys(files); // => ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
 * (await safetensors.loadSharded(index, async (name) => files[name])).tensors.b.data; // => [1, 2]
 */
export function serializeSharded(
  tensors: { readonly [key: string]: TensorInput },
  options: { maxShardBytes?: number; name?: string; metadata?: Readonly<Record<string, string>> } = {},
): ShardedFiles {
  checkOptions("safetensors.serializeSharded", options, { maxShardBytes: true, name: true, metadata: true });
  const { maxShardBytes = 5e9, name = "model", metadata = { format: "pt" } } = options;
  const shards: [string, TensorInput][][] = [[]];
  let filled = 0;
  let total = 0;
  for (const [key, tensor] of Object.entries(tensors)) {
    const size = sizeOf({ name: key, dtype: tensor.dtype, shape: tensor.shape });
    if (filled + size > maxShardBytes && shards.at(-1)!.length > 0) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push([key, tensor]);
    filled += size;
    total += size;
  }
  const digits = (n: number) => String(n).padStart(5, "0");
  const fileName = (i: number) => `${name}-${digits(i + 1)}-of-${digits(shards.length)}.safetensors`;
  const files = shards.map((shard, i) => [fileName(i), serialize(Object.fromEntries(shard), metadata)] as const);
  const map = shards.flatMap((shard, i) => shard.map(([key]) => [key, fileName(i)] as const));
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(map) };
  return { files: Object.fromEntries(files), index: `${JSON.stringify(index, null, 2)}\n` };
}
