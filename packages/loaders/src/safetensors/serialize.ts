/** Writing safetensors. */
import { toBF16, toF16 } from "../bytes/narrow-floats";
import { LoaderError } from "../errors";
import { type DType, bitsOf, isDType } from "./dtypes";

/** What is written: elements, or bytes in the layout of the file. */
export interface TensorInput {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Float32 data of an F16 or BF16 tensor are rounded. */
  readonly data?: ArrayBufferView;
  /** Goes before `data`. */
  readonly bytes?: Uint8Array;
}

/** Bytes of a tensor in the file. */
function bytesOf(name: string, tensor: TensorInput): Uint8Array {
  if (!isDType(tensor.dtype)) throw new LoaderError(`safetensors: ${name}: ${String(tensor.dtype)} is not a dtype`);
  const bits = tensor.shape.reduce((n, size) => n * size, bitsOf(tensor.dtype));
  const bytes = tensor.bytes ?? encode(tensor);
  if (bytes === undefined || bytes.length * 8 !== bits) {
    const got = bytes === undefined ? "no data" : `${bytes.length} bytes`;
    throw new LoaderError(
      `safetensors: ${name}: ${tensor.dtype}[${tensor.shape.join(",")}] takes ${bits / 8} bytes, got ${got}`,
    );
  }
  return bytes;
}

function encode({ dtype, data }: TensorInput): Uint8Array | undefined {
  if (data === undefined) return undefined;
  const narrow = dtype === "F16" ? toF16 : dtype === "BF16" ? toBF16 : null;
  if (narrow !== null && (data instanceof Float32Array || data instanceof Float64Array)) {
    return new Uint8Array(Uint16Array.from(data as Float32Array, narrow).buffer);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Writes a safetensors file, with the widest types first so that all are aligned.
 *
 * Errors: LoaderError if data and shape do not fit.
 * @example
 * const bytes = safetensors.serialize({ w: { dtype: "F16", shape: [2], data: new Float32Array([1, 2]) } });
 * safetensors.parse(bytes).tensors.w.data; // => [1, 2]
 */
export function serialize(tensors: { [key: string]: TensorInput }, metadata?: Record<string, string>): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(tensors).map(([name, tensor]) => ({ name, tensor, bytes: bytesOf(name, tensor) }));
  parts.sort((a, b) => bitsOf(b.tensor.dtype) - bitsOf(a.tensor.dtype) || (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = metadata === undefined ? [] : [["__metadata__", metadata]];
  let at = 0;
  for (const { name, tensor, bytes } of parts) {
    if (name === "__metadata__") throw new LoaderError("safetensors: __metadata__ cannot name a tensor");
    const { dtype, shape } = tensor;
    header.push([name, { dtype, shape, data_offsets: [at, at + bytes.length] }]);
    at += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + padded + at);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.fill(0x20, 8 + json.length, 8 + padded);
  out.set(json, 8);
  let to = 8 + padded;
  for (const { bytes } of parts) {
    out.set(bytes, to);
    to += bytes.length;
  }
  return out;
}
