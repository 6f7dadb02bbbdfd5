/** The constants of a model, which are uploaded once and freed with it. */
import { STRING, isFloatType } from "../elem-type";
import { type RawTensor, rawToHost } from "../proto/tensor-data";
import { type NdArray, type Tensor, sizeOf, upload } from "../value";

/** Up to this many elements stay on the host alone: shapes, axes, scalars. */
const smallSize = 16;
/** Up to this many elements are known while tracing. */
const knownFloats = 4096;
const knownIntegers = 65536;

export class Weights {
  readonly #arrays: NdArray[] = [];

  /** The constant as a value of graphs. */
  place(raw: RawTensor): Tensor {
    const size = sizeOf(raw.shape);
    if (raw.type === STRING || size <= smallSize) return rawToHost(raw);
    const array = upload(raw.type, raw.shape, raw.data as ArrayLike<number>);
    this.#arrays.push(array);
    const known = size <= (isFloatType(raw.type) ? knownFloats : knownIntegers);
    return { ...rawToHost(raw), data: known ? raw.data : null, array };
  }

  dispose(): void {
    for (const array of this.#arrays.splice(0)) array[Symbol.dispose]();
  }
}
