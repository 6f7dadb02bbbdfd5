/** Tensors of files as arrays of jax-js, and arrays as tensors. */
import { type Array, type DType as JaxDType, numpy as np } from "@jax-js/jax";
import { LoaderError } from "../errors";
import type { DType } from "./dtypes";
import type { Tensor } from "./parse";
import type { TensorInput } from "./serialize";

/** Dtypes that both sides have. */
const SAME: readonly (readonly [DType, JaxDType])[] = [
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["U16", "uint16"],
  ["I16", "int16"],
  ["U32", "uint32"],
  ["I32", "int32"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["F32", "float32"],
  ["F64", "float64"],
];

/** 64-bit integers as 32-bit ones, if they fit. */
function narrowed(data: BigInt64Array | BigUint64Array): Int32Array | Uint32Array {
  const [out, lo, hi] =
    data instanceof BigInt64Array
      ? ([new Int32Array(data.length), -(2n ** 31n), 2n ** 31n - 1n] as const)
      : ([new Uint32Array(data.length), 0n, 2n ** 32n - 1n] as const);
  for (let i = 0; i < data.length; i++) {
    const v = data[i]!;
    if (v < lo || v > hi) throw new LoaderError(`safetensors: ${v} at element ${i} does not fit 32 bits`);
    out[i] = Number(v);
  }
  return out;
}

/**
 * Puts a tensor on the device.
 *
 * Dtypes: its own; F8, F6 and F4 become float32, I64 and U64 int32 and uint32. `dtype` converts, as in
 * `toArray(t, { dtype: "float16" })` for weights to be kept in half precision.
 * Errors: LoaderError for 64-bit integers that do not fit 32 bits, and for complex tensors.
 * @example
 * const x = safetensors.toArray({ dtype: "F32", shape: [2], data: new Float32Array([1, 2]) });
 * x.js(); // => [1, 2]
 */
export function toArray(
  tensor: Pick<Tensor, "dtype" | "shape" | "data">,
  options: { dtype?: JaxDType; device?: Array["device"] } = {},
): Array {
  const { dtype, shape, data } = tensor;
  if (dtype === "C64") throw new LoaderError("safetensors: complex tensors have no dtype here; read .data");
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  const host = wide ? narrowed(data) : dtype === "BOOL" ? Uint8Array.from(data as Uint8Array, Number) : data;
  const natural = SAME.find(([theirs]) => theirs === dtype)?.[1];
  const to = options.dtype ?? natural;
  return np.array(host as Float32Array, {
    shape,
    ...(to === undefined ? {} : { dtype: to }),
    ...(options.device === undefined ? {} : { device: options.device }),
  });
}

/**
 * Reads an array back as a tensor to write.
 * @example
 * const t = await safetensors.fromArray(np.ones([2]));
 * t.dtype; // => "F32"
 */
export async function fromArray(x: Array): Promise<TensorInput & { data: ArrayBufferView }> {
  const dtype = SAME.find(([, ours]) => ours === x.dtype)?.[0];
  if (dtype === undefined) throw new LoaderError(`safetensors: no dtype for ${x.dtype}`);
  return { dtype, shape: [...x.shape], data: (await x.data()) as ArrayBufferView };
}
