/** Values that flow along the edges of a graph. */
import { lax, numpy as np } from "@jax-js/jax";
import { type ElemType, deviceDType, elemInfo, elemTypeOf } from "./elem-type";

export type NdArray = np.Array;
export type HostData = ArrayLike<number> | readonly string[];

/** A tensor: known on the host (shapes, small constants), on the device, or both. */
export interface Tensor {
  readonly kind: "tensor";
  readonly type: ElemType;
  readonly shape: readonly number[];
  readonly data: HostData | null;
  readonly array: NdArray | null;
}

/** A tensor whose elements are known while tracing: numbers up to 2^53 are exact, also for int64. */
export interface HostTensor extends Tensor {
  readonly data: ArrayLike<number>;
}

export interface Sequence {
  readonly kind: "sequence";
  readonly items: readonly Value[];
}

/** An optional without a value, or an input that was left out. */
export interface None {
  readonly kind: "none";
}

export type Value = Tensor | Sequence | None;

export const none: None = { kind: "none" };

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** A tensor on the host. */
export function hostTensor(type: ElemType, shape: readonly number[], data: ArrayLike<number>): HostTensor {
  return { kind: "tensor", type, shape, data, array: null };
}

/** A tensor of strings. */
export function stringTensor(shape: readonly number[], data: readonly string[], type: ElemType = 8): Tensor {
  return { kind: "tensor", type, shape, data, array: null };
}

/** A tensor on the device. The type is the one that fits the dtype best, unless named. */
export function deviceTensor(array: NdArray, type: ElemType = elemTypeOf(array.dtype)): Tensor {
  const dtype = deviceDType(type);
  const held = array.dtype === dtype ? array : lax.convertElementType(array, dtype);
  return { kind: "tensor", type, shape: held.shape, data: null, array: held };
}

export function isHost(value: Value | undefined): value is HostTensor {
  return value?.kind === "tensor" && value.data !== null && elemInfo(value.type).kind !== "string";
}

/** Elements on the device, uploaded if they are on the host. */
export function toDevice(tensor: Tensor): NdArray {
  return tensor.array ?? upload(tensor.type, tensor.shape, tensor.data as ArrayLike<number>);
}

/** An array of host elements; 64-bit integers are clamped to 32 bits. */
export function upload(type: ElemType, shape: readonly number[], data: ArrayLike<number>): NdArray {
  const dtype = deviceDType(type);
  if (data.length === 0) return np.zeros(shape, { dtype });
  const isWide =
    elemInfo(type).bits === 64 && dtype !== "float64" && !(dtype === "int32" && data instanceof Int32Array);
  const [low, high] = dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  const values = isWide ? Float64Array.from(data, (x) => Math.min(Math.max(x, low), high)) : data;
  // A number under jit is a literal of the program, where an array would be an input of it.
  if (values.length === 1) return np.full(shape, dtype === "bool" ? Boolean(values[0]) : values[0]!, { dtype });
  return np.array(ArrayBuffer.isView(values) ? values : Float64Array.from(values), { shape, dtype });
}

/** The text of a value in messages: `float[2,3]`. */
export function describe(value: Value | undefined): string {
  if (!value || value.kind === "none") return "(absent)";
  if (value.kind === "sequence") return `sequence of ${value.items.length}`;
  return `${elemInfo(value.type).name}[${value.shape.join(",")}]`;
}
