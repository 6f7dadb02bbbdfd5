/** NumPy's .npy files. */
import { checkOptions } from "../option-names";
import type { Array, DType as JaxDType } from "@jax-js/jax";
import { type ByteSource, asBytes, joinChunks, readBytes } from "../bytes/source";
import { FormatError } from "../errors";
import { fromArray, toArray } from "../safetensors/arrays";
import { bitsOf } from "../safetensors/dtypes";
import { type Tensor, lazyTensor } from "../safetensors/parse";
import { type TensorInput, bytesOf } from "../safetensors/serialize";
import { descrOf, dtypeOf, rowMajor, swapped } from "./dtypes";
import { readHeader, writeHeader } from "./header";

/**
 * Reads a .npy file: dtype, shape and elements, in row-major order whatever the file has.
 *
 * Dtypes: bool, integers and floats of either byte order, complex64 as pairs of floats; no strings, records or objects.
 * Errors: FormatError naming the byte.
 * Source: numpy.load
 * @example
 * const bytes = npy.serialize({ dtype: "F32", shape: [2], data: new Float32Array([1, 2]) });
 * npy.parse(bytes).data; // => [1, 2]
 */
export function parse(data: Uint8Array | ArrayBuffer): Tensor {
  const bytes = asBytes(data);
  const { descr, fortranOrder, shape, dataStart } = readHeader(bytes);
  const { dtype, isBigEndian, unitBytes } = dtypeOf(descr);
  const sizeBytes = bitsOf(dtype) / 8;
  const wanted = shape.reduce((n, size) => n * size, sizeBytes);
  const there = bytes.length - dataStart;
  if (wanted !== there) {
    throw new FormatError(
      "npy",
      `${descr} of shape [${shape.join(", ")}] takes ${wanted} bytes, the file has ${there}`,
      dataStart,
    );
  }
  let elements = bytes.subarray(dataStart);
  if (isBigEndian) elements = swapped(elements, unitBytes);
  if (fortranOrder && shape.length > 1) elements = rowMajor(elements, shape, sizeBytes);
  return lazyTensor(dtype, shape, elements);
}

/**
 * Writes a .npy file.
 *
 * Errors: LoaderError if data and shape do not fit; FormatError for a dtype that NumPy does not have.
 * @example npy.serialize({ dtype: "I32", shape: [], data: new Int32Array([7]) }).length; // => 132
 */
export function serialize(tensor: TensorInput): Uint8Array<ArrayBuffer> {
  const parts = [writeHeader(descrOf(tensor.dtype), tensor.shape), bytesOf("npy", tensor)];
  return joinChunks(parts) as Uint8Array<ArrayBuffer>;
}

/**
 * Reads a .npy file to an array.
 *
 * Dtypes: the file's; int64 and uint64 become int32 and uint32 if the values fit. `dtype` converts.
 * Errors: FormatError, as `parse`; LoaderError for values that do not fit, and for complex numbers.
 * Source: numpy.load
 * @example
 * const bytes = await npy.save(np.array([1, 2]));
 * (await npy.load(bytes)).js(); // => [1, 2]
 */
export async function load(
  source: ByteSource,
  options: { dtype?: JaxDType; device?: Array["device"] } = {},
): Promise<Array> {
  checkOptions("npy.load", options, { dtype: true, device: true });
  return toArray(parse(await readBytes(source)), options);
}

/** The bytes of a .npy file of an array. bfloat16 is written as float32. Source: numpy.save */
export async function save(x: Array): Promise<Uint8Array<ArrayBuffer>> {
  return serialize(await npyTensor(x));
}

/** An array as NumPy can have it. */
export async function npyTensor(x: Array): Promise<TensorInput> {
  const tensor = await fromArray(x);
  return tensor.dtype === "BF16" ? { ...tensor, dtype: "F32" } : tensor;
}
