/** Arrays from host data. */
import { packElements } from "../aval/data-array";
import type { DType } from "../aval/dtype";
import { type Shape, ShapedArray } from "../aval/shaped-array";
import { DTypeError } from "../base/errors";
import { currentScope } from "../core/interpreter";
import type { Device, DeviceName } from "../kernel/device";
import { type ConcreteArray, ownArray } from "./array";
import { getDevice } from "./registry";
import { Storage } from "./storage";

export interface CreateOptions {
  readonly device?: DeviceName | undefined;
  readonly weakType?: boolean;
}

/** An array with these elements, row-major, converted to `dtype`. Committed to the device if one is named. */
export function arrayFromData(
  values: ArrayLike<number | boolean>,
  shape: Shape,
  dtype: DType,
  options: CreateOptions = {},
): ConcreteArray {
  return arrayFromBytes(
    packElements(values, dtype),
    ShapedArray.of(shape, dtype, options.weakType ?? false),
    options.device,
  );
}

/** An array from packed bytes (bool one byte, float16 and bfloat16 as bits). */
export function arrayFromBytes(bytes: Uint8Array, aval: ShapedArray, deviceName?: DeviceName): ConcreteArray {
  const device = getDevice(deviceName);
  const storage = allocate(device, aval);
  if (aval.size > 0) device.write(storage.buffer!, aval.dtype, bytes);
  const array = ownArray(storage, aval, deviceName !== undefined);
  currentScope()?.add(array);
  return array;
}

/** Memory for an array. Throws DTypeError if the device has not the dtype, OutOfMemoryError. */
export function allocate(device: Device, aval: ShapedArray): Storage {
  if (!device.dtypes.has(aval.dtype)) {
    throw new DTypeError(
      `${device.name}: the device has no ${aval.dtype}; convert to one of ${[...device.dtypes].join(", ")}`,
    );
  }
  return Storage.of(device, device.malloc(device.byteLength(aval.dtype, aval.size)));
}
