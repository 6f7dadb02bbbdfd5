/** Host data as arrays: nested lists and typed arrays. */
import { DTypeError, ShapeError } from "../base/errors";
import { dtypeOfTypedArray } from "../aval/data-array";
import type { DType } from "../aval/dtype";
import { prod } from "../base/list";
import type { DeviceName } from "../kernel/device";
import { arrayFromData } from "../runtime/create";
import { flattenLists } from "../runtime/nested";
import type { ConcreteArray } from "../runtime/array";

/** Nested lists of any depth; all lists of one depth have one length. */
export type RecursiveArray<T> = T | readonly RecursiveArray<T>[];

/** Nested lists of numbers or booleans, or a typed array. */
export type HostData = readonly RecursiveArray<number | boolean>[] | ArrayBufferView;

export interface HostOptions {
  readonly shape?: readonly number[] | undefined;
  readonly dtype?: DType | undefined;
  readonly device?: DeviceName | undefined;
}

/** True for lists and typed arrays. */
export function isHostData(x: unknown): x is HostData {
  return Array.isArray(x) || (ArrayBuffer.isView(x) && !(x instanceof DataView));
}

/**
 * An array of these elements. Numbers give float32, booleans bool, typed arrays their own dtype; `dtype` converts.
 * Throws ShapeError for jagged lists or a `shape` of another size.
 */
export function arrayFromHost(op: string, data: HostData, options: HostOptions = {}): ConcreteArray {
  let flat: ArrayLike<number | boolean>;
  let shape: readonly number[];
  let natural: DType;
  if (ArrayBuffer.isView(data)) {
    const dtype = dtypeOfTypedArray(data);
    if (dtype === null) throw new DTypeError(`${op}: ${data.constructor.name} holds no dtype of this library`);
    flat = data as unknown as ArrayLike<number>;
    shape = [flat.length];
    natural = dtype;
  } else {
    const lists = flattenLists<number | boolean>(op, data);
    flat = lists.flat;
    shape = lists.shape;
    natural = kindOf(op, lists.flat);
  }
  if (options.shape !== undefined) {
    if (prod(options.shape) !== flat.length) {
      throw new ShapeError(`${op}: ${flat.length} elements do not fill shape [${options.shape.join(", ")}]`);
    }
    shape = options.shape;
  }
  return arrayFromData(toDType(flat, natural, options.dtype ?? natural), shape, options.dtype ?? natural, {
    device: options.device,
  });
}

/** bool if all elements are booleans; the rest must be numbers. */
function kindOf(op: string, flat: readonly unknown[]): DType {
  let nBools = 0;
  for (let i = 0; i < flat.length; i++) {
    const type = typeof flat[i];
    if (type === "boolean") nBools++;
    else if (type !== "number") throw new DTypeError(`${op}: expected numbers or booleans, got ${type}`);
  }
  return nBools > 0 && nBools === flat.length ? "bool" : "float32";
}

/** Float data for integer dtypes truncates toward zero and saturates, as a cast does. */
function toDType(flat: ArrayLike<number | boolean>, from: DType, to: DType): ArrayLike<number | boolean> {
  if (to === from || to === "bool" || !(to === "int32" || to === "uint32")) return flat;
  const [lo, hi] = to === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  if (from !== "float32" && from !== "float64" && from !== "float16") return flat;
  return Array.from(flat, (v) =>
    v === true || v === false ? Number(v) : Number.isNaN(v) ? 0 : Math.min(hi, Math.max(lo, Math.trunc(v))),
  );
}
