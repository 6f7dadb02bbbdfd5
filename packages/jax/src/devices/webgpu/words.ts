/** Elements as they lie in GPU memory: a word each. bool is 0 or 1, narrow integers are extended, 16-bit floats are their bits. */
import { packElements, storageView } from "../../aval/data-array";
import { type DType, dtypeInfo, sizeBytesOf } from "../../aval/dtype";

export const WORD = 4;

/** What a word of the dtype is, read as a number. */
const wordDType = (dtype: DType): DType => {
  if (sizeBytesOf(dtype) === WORD) return dtype;
  return dtypeInfo(dtype).kind === "int" ? "int32" : "uint32";
};

/** Packed host elements as words. */
export function toWords(data: Uint8Array, dtype: DType): Uint8Array {
  const word = wordDType(dtype);
  return word === dtype ? data : packElements(storageView(data, dtype), word);
}

/** Words as packed host elements. */
export function fromWords(words: Uint8Array, dtype: DType): Uint8Array {
  const word = wordDType(dtype);
  if (word === dtype) return words;
  const bytes = new Uint8Array((words.length / WORD) * sizeBytesOf(dtype));
  storageView(bytes, dtype).set(storageView(words, word));
  return bytes;
}

/** Asks for `length` words of a buffer as they are after the work given so far; resolves to them. */
export async function readWords(gpu: GPUDevice, from: GPUBuffer, first: number, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  const size = length * WORD;
  const staging = gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  try {
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(from, first * WORD, staging, 0, size);
    gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return new Uint8Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}
