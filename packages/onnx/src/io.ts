/** Values as users give and get them: arrays, lists of them, lists of strings, null. */
import { Array as NdArray, numpy as np } from "@jax-js/jax";
import { type TypeProto } from "onnx-buf";
import { STRING, elemInfo } from "./elem-type";
import { OnnxError } from "./errors";
import { type Tensor, type Value, deviceTensor, none, stringTensor, toDevice } from "./value";

type Strings = string | readonly Strings[];

/** An array; a list for a sequence; a string or nested lists of strings; null for an optional without a value. */
export type ModelInput = NdArray | number | null | Strings | readonly ModelInput[];
export type ModelOutput = NdArray | null | Strings | readonly ModelOutput[];

/** An input as a value of its declared type; a weight as one of the type of the weight that it replaces. */
export function fromUser(name: string, given: ModelInput, type: TypeProto | undefined, like?: Tensor): Value {
  const declared = type?.value;
  if (declared?.case === "optionalType") return given === null ? none : fromUser(name, given, declared.value.elemType);
  if (declared?.case === "sequenceType") {
    if (!Array.isArray(given)) throw new OnnxError(`run: the input "${name}" is a sequence; give a list`);
    const items = given.map((x, i) => fromUser(`${name}[${i}]`, x as ModelInput, declared.value.elemType));
    return { kind: "sequence", items };
  }
  const elemType = declared?.case === "tensorType" ? declared.value.elemType : like?.type;
  if (elemType === STRING) return strings(name, given);
  if (!(given instanceof NdArray) && typeof given !== "number")
    throw new OnnxError(`run: the input "${name}" must be an array, got ${given === null ? "null" : typeof given}`);
  const array = given instanceof NdArray ? given : np.array(given);
  if (declared?.case === "tensorType") checkShape(name, array, declared.value.shape?.dim);
  else if (like && like.shape.join() !== array.shape.join())
    throw new OnnxError(`run: the weight "${name}" must have the shape [${like.shape}], got [${array.shape}]`);
  return deviceTensor(array, elemType || undefined);
}

interface Dim {
  readonly value: { readonly case: "dimValue"; readonly value: bigint } | { readonly case?: string | undefined };
}

function checkShape(name: string, array: NdArray, dims: readonly Dim[] | undefined): void {
  if (!dims) return;
  const sizes = dims.map(({ value }) => (value.case === "dimValue" && "value" in value ? Number(value.value) : null));
  const fits = sizes.length === array.ndim && sizes.every((d, i) => d === null || d <= 0 || d === array.shape[i]);
  if (fits) return;
  const wanted = sizes.map((d) => (d === null ? "?" : d)).join(",");
  throw new OnnxError(`run: the input "${name}" must have the shape [${wanted}], got [${array.shape}]`);
}

function strings(name: string, given: unknown): Tensor {
  const shape: number[] = [];
  for (let x = given; Array.isArray(x); x = x[0] as unknown) shape.push(x.length);
  const flat = (Array.isArray(given) ? given.flat(Infinity) : [given]) as unknown[];
  const size = shape.reduce((n, d) => n * d, 1);
  if (flat.length !== size || !flat.every((x) => typeof x === "string"))
    throw new OnnxError(`run: the input "${name}" must be strings, in nested lists of equal lengths`);
  return stringTensor(shape, flat as string[]);
}

/** A result as the user gets it. */
export function toUser(value: Value): ModelOutput {
  if (value.kind === "none") return null;
  if (value.kind === "sequence") return value.items.map(toUser);
  if (elemInfo(value.type).kind === "string") return nested(value.data as readonly string[], value.shape);
  return toDevice(value);
}

function nested(flat: readonly string[], shape: readonly number[]): Strings {
  if (shape.length === 0) return flat[0] ?? "";
  const [n, ...rest] = shape as [number, ...number[]];
  const size = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: n }, (_, i) => nested(flat.slice(i * size, (i + 1) * size), rest));
}
