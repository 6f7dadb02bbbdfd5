/** Arrays as bytes of .npy and .npz files, and back. */
import { packElements } from "../aval/data-array";
import { ShapedArray } from "../aval/shaped-array";
import { JaxError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { arrayFromBytes } from "../runtime/create";
import { array } from "./creation";
import type { ArrayLike } from "./lift";
import { type NpyArray, decodeNpy, encodeNpy, isNpy } from "./npy";
import { isOptions } from "./options";
import { owned } from "./owned";
import { reshape } from "./shape";
import { isZip, readZip, writeZip } from "./zip";

/** What can be saved: arrays, numbers and nested lists of numbers. */
type Savable = ArrayLike | readonly unknown[] | ArrayBufferView;

function npyOf(values: Savable): Uint8Array {
  return owned(() => {
    const x = array(values);
    const { shape, dtype } = x;
    const bytes = packElements(x.dataSync(), dtype);
    return encodeNpy({ shape, dtype, bytes });
  });
}

/**
 * The bytes of a .npy file with an array, which NumPy reads. bfloat16 is written as two raw bytes.
 *
 * Differs from JAX: gives the bytes, to be written or sent as you like; there are no file names.
 * Errors: ConcretizationError for traced arrays; DeviceError where the array cannot be read at once (webgpu): move it
 * with `await devicePut(x, "cpu")` first.
 * Source: numpy.save
 * @example
 * np.load(np.save(np.array([1, 2]))).js(); // => [1, 2]
 */
export function save(arr: Savable): Uint8Array {
  return npyOf(arr);
}

/**
 * The bytes of a .npz file with several arrays, by name: `savez({ w, b })`, or by number, `arr_0` and on: `savez(w, b)`.
 *
 * Differs from JAX: gives the bytes. Errors: as `save`.
 * Source: numpy.savez
 * @example
 * np.load(np.savez({ w: np.ones([2]), b: np.array(3) })).w.js(); // => [1, 1]
 */
export function savez(...arrays: readonly (Savable | Readonly<Record<string, Savable>>)[]): Uint8Array {
  const last = arrays[arrays.length - 1];
  const byName = isOptions(last) && !ArrayBuffer.isView(last) ? (last as Record<string, Savable>) : {};
  const byNumber = (last === byName ? arrays.slice(0, -1) : arrays) as readonly Savable[];
  const all = { ...Object.fromEntries(byNumber.map((x, i) => [`arr_${i}`, x])), ...byName };
  return writeZip(Object.entries(all).map(([name, x]) => [`${name}.npy`, npyOf(x)]));
}

function arrayOf({ shape, dtype, bytes, fortranOrder }: NpyArray): Tracer {
  if (!fortranOrder) return arrayFromBytes(bytes, ShapedArray.of(shape, dtype));
  return owned(() => reshape(arrayFromBytes(bytes, ShapedArray.of([bytes.length === 0 ? 0 : shape.reduce((a, b) => a * b, 1)], dtype)), shape, "F")); // prettier-ignore
}

const bytesOf = (file: ArrayBuffer | Uint8Array): Uint8Array =>
  file instanceof Uint8Array ? file : new Uint8Array(file);

/**
 * The array of a .npy file; of a .npz file its arrays by name, as `loadz`. 64-bit integers become 32-bit ones.
 *
 * Errors: JaxError for bytes that are neither or are damaged; DTypeError for elements such as texts or complex numbers.
 * Source: numpy.load
 * @example
 * const file = np.save(np.eye(2));
 * np.load(file).shape; // => [2, 2]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an array or a record of arrays, as the file has it
export function load(file: ArrayBuffer | Uint8Array): any {
  const bytes = bytesOf(file);
  if (isNpy(bytes)) return arrayOf(decodeNpy(bytes));
  if (isZip(bytes)) return loadz(bytes);
  throw new JaxError("load: these bytes are neither a .npy nor a .npz file");
}

/**
 * The arrays of a .npz file by name; it may be compressed.
 *
 * Errors: as `load`.
 * @example
 * Object.keys(np.loadz(np.savez(np.ones([1]), { b: np.zeros([1]) }))); // => ["arr_0", "b"]
 */
export function loadz(file: ArrayBuffer | Uint8Array): Record<string, Tracer> {
  return owned(() => {
    const entries = [...readZip(bytesOf(file))].filter(([name]) => name.endsWith(".npy"));
    return Object.fromEntries(entries.map(([name, bytes]) => [name.slice(0, -4), arrayOf(decodeNpy(bytes))]));
  });
}
