/** Reading safetensors from memory. */
import { asBytes } from "../bytes/source";
import { type DType, type TensorData, readElements } from "./dtypes";
import { type Header, type TensorEntry, headerLength, parseHeader } from "./header";

/** One tensor of a file. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: number[];
  /** The elements: a view of the file where alignment allows; BF16, F8 and smaller floats as float32. Made when asked. */
  readonly data: TensorData;
  /** The bytes as they are in the file. */
  readonly bytes: Uint8Array;
}

/** A safetensors file. */
export interface File {
  /** By name; a name like `toString` is found only if a tensor has it. */
  tensors: { [key: string]: Tensor };
  metadata?: Record<string, string>;
  /** Bytes of the file. */
  totalSize: number;
}

/** A tensor of these bytes, whose `data` are made at the first reading. */
export function lazyTensor(dtype: DType, shape: readonly number[], bytes: Uint8Array): Tensor {
  let data: TensorData | undefined;
  return {
    dtype,
    shape: [...shape],
    bytes,
    get data() {
      return (data ??= readElements(
        dtype,
        bytes,
        shape.reduce((n, size) => n * size, 1),
      ));
    },
  };
}

/** The file of a header, given the bytes of each entry. */
export function fileOf(header: Header, bytesOf: (entry: TensorEntry) => Uint8Array): File {
  const tensors = Object.create(null) as Record<string, Tensor>;
  for (const entry of header.entries) tensors[entry.name] = lazyTensor(entry.dtype, entry.shape, bytesOf(entry));
  const file: File = { tensors, totalSize: header.totalBytes };
  if (header.metadata !== undefined) file.metadata = header.metadata as Record<string, string>;
  return file;
}

/**
 * Reads a safetensors file. Nothing is copied, except tensors that are not aligned.
 *
 * Dtypes: all of the format. I64 and U64 are BigInt arrays, F16 is Float16Array where the engine has it; BF16, F8, F6
 * and F4 are widened to float32.
 * Errors: FormatError, naming the tensor and the byte.
 * Source: https://huggingface.co/docs/safetensors
 * @example
 * const file = safetensors.serialize({ w: { dtype: "F32", shape: [2], data: new Float32Array([1, 2]) } });
 * safetensors.parse(file).tensors.w.data; // => [1, 2]
 */
export function parse(data: Uint8Array | ArrayBuffer): File {
  const bytes = asBytes(data);
  const length = headerLength(bytes.subarray(0, 8), bytes.length);
  const header = parseHeader(bytes.subarray(8, 8 + length), bytes.length);
  return fileOf(header, (entry) => bytes.subarray(entry.begin, entry.end));
}
