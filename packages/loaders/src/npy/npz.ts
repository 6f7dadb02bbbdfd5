/** NumPy's .npz files: arrays by name. */
import { checkOptions } from "../option-names";
import type { Array, DType as JaxDType } from "@jax-js/jax";
import { type ByteSource, asBytes, readBytes } from "../bytes/source";
import { toArray } from "../safetensors/arrays";
import type { Tensor } from "../safetensors/parse";
import type { TensorInput } from "../safetensors/serialize";
import { npyTensor, parse as parseNpy, serialize as serializeNpy } from "./npy";
import { readZip, writeZip } from "./zip";

export interface NpzOptions {
  /** Default false, as numpy.savez; true as numpy.savez_compressed. */
  readonly compress?: boolean;
}

/**
 * Reads a .npz file.
 *
 * Dtypes: as `npy.parse`.
 * Errors: FormatError naming the entry.
 * Source: numpy.load
 * @example
 * const bytes = await npz.serialize({ x: { dtype: "F32", shape: [2], data: new Float32Array([1, 2]) } });
 * (await npz.parse(bytes)).x.data; // => [1, 2]
 */
export async function parse(data: Uint8Array | ArrayBuffer): Promise<{ [name: string]: Tensor }> {
  const out: [string, Tensor][] = [];
  for (const entry of readZip(asBytes(data))) {
    if (entry.name.endsWith(".npy")) out.push([entry.name.slice(0, -4), parseNpy(await entry.read())]);
  }
  return Object.fromEntries(out);
}

/** Writes a .npz file. Errors: as `npy.serialize`. Source: numpy.savez */
export async function serialize(
  tensors: { readonly [name: string]: TensorInput },
  options: NpzOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions("npz", options, { compress: true });
  const files = Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, serializeNpy(tensor)] as const);
  return writeZip(files, options.compress ?? false);
}

/**
 * Reads a .npz file to arrays.
 *
 * Dtypes, errors: as `npy.load`.
 * Source: numpy.load
 * @example
 * const bytes = await npz.save({ x: np.array([1, 2]), y: np.ones([3]) }, { compress: true });
 * (await npz.load(bytes)).y.js(); // => [1, 1, 1]
 */
export async function load(
  source: ByteSource,
  options: { dtype?: JaxDType; device?: Array["device"] } = {},
): Promise<{ [name: string]: Array }> {
  checkOptions("npz.load", options, { dtype: true, device: true });
  const out: [string, Array][] = [];
  try {
    for (const [name, tensor] of Object.entries(await parse(asBytes(await readBytes(source)))))
      out.push([name, toArray(tensor, options)]);
  } catch (error) {
    for (const [, x] of out) x.dispose();
    throw error;
  }
  return Object.fromEntries(out);
}

/** The bytes of a .npz file of arrays. bfloat16 is written as float32. Source: numpy.savez */
export async function save(
  arrays: { readonly [name: string]: Array },
  options: NpzOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = await Promise.all(
    Object.entries(arrays).map(async ([name, x]) => [name, await npyTensor(x)] as const),
  );
  return serialize(Object.fromEntries(tensors), options);
}
