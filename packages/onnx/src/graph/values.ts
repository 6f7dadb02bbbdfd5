/** Values of a graph as arrays that transformations can carry, and back. */
import { type ElemType, STRING } from "../elem-type";
import { OnnxError } from "../errors";
import { type NdArray, type Value, describe, deviceTensor, toDevice } from "../value";

/** The array of a value that a loop or a branch gives under a transformation. */
export function arrayOf(value: Value | undefined, what: string): NdArray {
  if (value?.kind === "tensor" && value.type !== STRING) return toDevice(value);
  throw new OnnxError(
    `${what} is ${describe(value)}; under a transformation only tensors of numbers pass through loops and branches`,
  );
}

export function typeOf(value: Value | undefined): ElemType {
  return value?.kind === "tensor" ? value.type : 0;
}

/** Arrays with the types that the graph gave them. */
export const typedAs = (arrays: readonly NdArray[], types: readonly ElemType[]): Value[] =>
  arrays.map((array, i) => deviceTensor(array, types[i] || undefined));
