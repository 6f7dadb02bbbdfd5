/** Tensors of files as arrays of jax-js, and arrays as tensors. */
import { checkOptions } from "../option-names";
import { type Array, type DType as JaxDType, numpy as np } from "@jax-js/jax";
import type { ByteSource } from "../bytes/source";
import { LoaderError } from "../errors";
import type { DType } from "./dtypes";
import { load } from "./load";
import { fromNested } from "./nested";
import type { Tensor } from "./parse";
import { type TensorInput, serialize } from "./serialize";

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

/** Our dtype of the same elements, if there is one. */
export const jaxDType = (dtype: DType): JaxDType | undefined => SAME.find(([theirs]) => theirs === dtype)?.[1];

/** The file's dtype of the same elements. Errors: LoaderError if there is none. */
export function fileDType(dtype: JaxDType): DType {
  const found = SAME.find(([, ours]) => ours === dtype)?.[0];
  if (found === undefined) throw new LoaderError(`safetensors: no dtype for ${dtype}`);
  return found;
}

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
  checkOptions("safetensors.toArray", options, { dtype: true, device: true });
  const { dtype, shape, data } = tensor;
  if (dtype === "C64") throw new LoaderError("safetensors: complex tensors have no dtype here; read .data");
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  const host = wide ? narrowed(data) : dtype === "BOOL" ? Uint8Array.from(data as Uint8Array, Number) : data;
  const to = options.dtype ?? jaxDType(dtype);
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
  const dtype = fileDType(x.dtype);
  return { dtype, shape: [...x.shape], data: (await x.data()) as ArrayBufferView };
}

/**
 * Reads a file to arrays by name; `toNested` makes a tree of them.
 *
 * Dtypes: as `toArray`.
 * Errors: FormatError, as `parse`; LoaderError, as `toArray`.
 * @example
 * const bytes = await safetensors.saveArrays({ layer: { w: np.array([1, 2]) } });
 * const params = safetensors.toNested(await safetensors.loadArrays(bytes));
 * params.layer.w.js(); // => [1, 2]
 */
export async function loadArrays(
  source: ByteSource,
  options: { dtype?: JaxDType; device?: Array["device"] } = {},
): Promise<{ [name: string]: Array }> {
  checkOptions("safetensors.loadArrays", options, { dtype: true, device: true });
  const { tensors } = await load(source);
  const out: [string, Array][] = [];
  try {
    for (const [name, tensor] of Object.entries(tensors)) out.push([name, toArray(tensor, options)]);
  } catch (error) {
    for (const [, x] of out) x.dispose();
    throw error;
  }
  return Object.fromEntries(out);
}

/** Writes nested objects and lists of arrays, under names with dots. @example (await safetensors.saveArrays({ w: np.ones([2]) })).length > 16; // => true */
export async function saveArrays(
  nested: unknown,
  metadata?: Readonly<Record<string, string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const flat = Object.entries(fromNested(nested)) as [string, Array][];
  const tensors = await Promise.all(flat.map(async ([name, x]) => [name, await fromArray(x)] as const));
  return serialize(Object.fromEntries(tensors), metadata);
}
