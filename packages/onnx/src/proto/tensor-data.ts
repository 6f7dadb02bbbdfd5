/** Elements of a TensorProto as numbers. */
import { type SparseTensorProto, type TensorProto, TensorProto_DataLocation } from "onnx-buf";
import { type ElemType, elemInfo } from "../elem-type";
import { OnnxParseError, OnnxUnsupportedError } from "../errors";
import { type HostData, type Tensor, sizeOf } from "../value";
import { unpackBits, widen } from "./number-formats";

/** Bytes of files that lie beside the model, by their relative path ("location"). */
export type ExternalData = Readonly<Record<string, Uint8Array>>;

/** A tensor with its elements as a typed array or list, before it is put anywhere. */
export interface RawTensor {
  readonly type: ElemType;
  readonly shape: readonly number[];
  readonly data: HostData;
}

/** A sparse tensor may be this much larger than what is stored of it. */
const maxSparseSize = 2 ** 24;

const fail = (tensor: TensorProto, what: string): never => {
  throw new OnnxParseError(`tensor "${tensor.name}": ${what}`);
};

/** Sizes as numbers. Errors: OnnxParseError for negative ones and for tensors beyond 2^40 elements. */
function dimsOf(dims: readonly bigint[], name: string): number[] {
  const shape = dims.map(Number);
  if (shape.some((d) => d < 0) || sizeOf(shape) > 2 ** 40)
    throw new OnnxParseError(`tensor "${name}": its shape [${shape}] cannot be`);
  return shape;
}

/** Reads the elements. Errors: OnnxParseError if there are not as many as the shape wants. */
export function readTensor(tensor: TensorProto, external: ExternalData = {}): RawTensor {
  const shape = dimsOf(tensor.dims, tensor.name);
  const size = sizeOf(shape);
  const type = tensor.dataType;
  const { kind, bits } = elemInfo(type);
  if (kind === "string") {
    const text = tensor.stringData.map((bytes) => new TextDecoder().decode(bytes));
    if (text.length !== size) fail(tensor, `has ${text.length} strings, its shape [${shape}] wants ${size}`);
    return { type, shape, data: text };
  }
  if (kind === "complex") fail(tensor, "complex tensors are not supported");
  const outside = tensor.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const raw = outside ? externalBytes(tensor, external) : tensor.rawData;
  if (outside || raw.length > 0) {
    const sizeBytes = Math.ceil((size * bits) / 8);
    if (raw.length < sizeBytes) fail(tensor, `has ${raw.length} bytes, its shape [${shape}] wants ${sizeBytes}`);
    return { type, shape, data: fromBytes(type, raw.subarray(0, sizeBytes), size) };
  }
  const data = fromFields(tensor, size);
  if (data.length !== size) fail(tensor, `has ${data.length} elements, its shape [${shape}] wants ${size}`);
  return { type, shape, data };
}

function externalBytes(tensor: TensorProto, external: ExternalData): Uint8Array {
  const entries = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get("location") ?? fail(tensor, "lies in another file whose name is missing");
  const file = Object.hasOwn(external, location) ? external[location] : undefined;
  if (!file) throw new OnnxParseError(`tensor "${tensor.name}" lies in "${location}"; pass it in externalData`);
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? file.length - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= file.length))
    fail(tensor, `wants bytes ${offset} to ${offset + length} of "${location}", which has ${file.length}`);
  return file.subarray(offset, offset + length);
}

/** Elements of little-endian bytes. */
function fromBytes(type: ElemType, bytes: Uint8Array, size: number): ArrayLike<number> {
  const { kind, bits } = elemInfo(type);
  if (bits < 8) {
    const unpacked = unpackBits(bytes, bits, size, kind === "int");
    return kind === "float" ? unpacked.map((x) => widen(type, x)) : unpacked;
  }
  const aligned = bytes.slice().buffer;
  if (kind === "float" && bits === 32) return new Float32Array(aligned);
  if (kind === "float" && bits === 64) return new Float64Array(aligned);
  if (kind === "float" && bits === 16) return widened(type, new Uint16Array(aligned), 2 ** 16);
  if (kind === "float") return widened(type, new Uint8Array(aligned), 2 ** 8);
  if (bits === 64) return Float64Array.from(bigWords(aligned, kind === "uint"), Number);
  if (bits === 32) return kind === "uint" ? new Uint32Array(aligned) : new Int32Array(aligned);
  if (bits === 16) return kind === "uint" ? new Uint16Array(aligned) : new Int16Array(aligned);
  return kind === "int" ? new Int8Array(aligned) : new Uint8Array(aligned);
}

/** Floats of 16 or 8 bits; of many, each value is computed once. */
function widened(type: ElemType, words: Uint16Array | Uint8Array, values: number): Float32Array {
  if (words.length < values) return Float32Array.from(words, (x) => widen(type, x));
  const table = Float32Array.from({ length: values }, (_, x) => widen(type, x));
  const out = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) out[i] = table[words[i]!]!;
  return out;
}

const bigWords = (buffer: ArrayBuffer, unsigned: boolean): Iterable<bigint> & ArrayLike<bigint> =>
  unsigned ? new BigUint64Array(buffer) : new BigInt64Array(buffer);

/** Elements of the typed fields; those of 16 bits and fewer are in int32Data. */
function fromFields(tensor: TensorProto, size: number): ArrayLike<number> {
  const type = tensor.dataType;
  const { kind, bits } = elemInfo(type);
  if (kind === "float" && bits === 32) return tensor.floatData;
  if (kind === "float" && bits === 64) return tensor.doubleData;
  if (kind === "float" && bits >= 8) return tensor.int32Data.map((x) => widen(type, x));
  if (bits < 8) {
    const unpacked = unpackBits(Uint8Array.from(tensor.int32Data), bits, size, kind === "int");
    return kind === "float" ? unpacked.map((x) => widen(type, x)) : unpacked;
  }
  if (kind === "int" && bits === 64) return tensor.int64Data.map(Number);
  if (kind === "uint" && bits >= 32) return tensor.uint64Data.map(Number);
  return tensor.int32Data;
}

/** The dense tensor of a sparse one: `values` at `indices`, which are linear [n] or by coordinate [n, rank]. */
export function readSparse(sparse: SparseTensorProto, external: ExternalData = {}): RawTensor & { name: string } {
  if (!sparse.values || !sparse.indices) throw new OnnxParseError("a sparse tensor lacks its values or indices");
  const name = sparse.values.name;
  const values = readTensor(sparse.values, external);
  const indices = readTensor(sparse.indices, external).data as ArrayLike<number>;
  const shape = dimsOf(sparse.dims, name);
  const count = values.data.length;
  const width = sparse.indices.dims.length > 1 ? shape.length : 1;
  const size = sizeOf(shape);
  if (size > maxSparseSize)
    throw new OnnxUnsupportedError(`sparse tensor "${name}": its ${size} elements are more than ${maxSparseSize}`);
  if (indices.length !== count * width)
    throw new OnnxParseError(`sparse tensor "${name}": ${count} values do not fit ${indices.length} indices`);
  const data = new Float64Array(size);
  for (let i = 0; i < count; i++) {
    let at = 0;
    for (let k = 0; k < width; k++) at = width === 1 ? indices[i]! : at * shape[k]! + indices[i * width + k]!;
    if (!(at >= 0 && at < size)) throw new OnnxParseError(`sparse tensor "${name}": index ${at} is outside`);
    data[at] = (values.data as ArrayLike<number>)[i]!;
  }
  return { name, type: values.type, shape, data };
}

/** The raw tensor as a value on the host. */
export function rawToHost({ type, shape, data }: RawTensor): Tensor {
  return { kind: "tensor", type, shape, data, array: null };
}
