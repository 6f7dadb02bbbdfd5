/**
 * The file of a checkpoint: a safetensors file, whose metadata hold the structure of the state, and whose last tensor
 * the checksums of the others. Any reader of safetensors sees the arrays.
 */
import { checkOptions } from "../option-names";
import { Array as JaxArray, type Device } from "@jax-js/jax";
import { crc32 } from "../bytes/crc32";
import { joinChunks } from "../bytes/source";
import { CheckpointError, FormatError } from "../errors";
import { fileDType } from "../safetensors/arrays";
import type { DType } from "../safetensors/dtypes";
import { type File, parse as parseTensors } from "../safetensors/parse";
import { type TensorHeading, bytesOf, headerBytes, inFileOrder } from "../safetensors/serialize";
import { Assembler } from "./put-together";
import { readStructure } from "./read-structure";
import { type TypedArray, takeApart } from "./tree-text";

const KIND = "jax-js checkpoint";
const VERSION = "1";
const CHECKSUMS = "checkpoint.crc32";

/** What JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Typed arrays by the dtype in the file. */
const TYPED_DTYPES: Readonly<Record<string, DType>> = {
  Int8Array: "I8",
  Uint8Array: "U8",
  Uint8ClampedArray: "U8",
  Int16Array: "I16",
  Uint16Array: "U16",
  Int32Array: "I32",
  Uint32Array: "U32",
  Float32Array: "F32",
  Float64Array: "F64",
  BigInt64Array: "I64",
  BigUint64Array: "U64",
};

interface Leaf extends TensorHeading {
  readonly value: JaxArray | TypedArray;
}

function headingOf(name: string, value: JaxArray | TypedArray): Leaf {
  if (value instanceof JaxArray) return { name, dtype: fileDType(value.dtype), shape: value.shape, value };
  const dtype = TYPED_DTYPES[value.constructor.name];
  if (dtype === undefined)
    throw new CheckpointError(`checkpoint: ${name} is a ${value.constructor.name}, which has no dtype`);
  return { name, dtype, shape: [value.length], value };
}

/**
 * The parts of a checkpoint's file, one array at a time. The state may be disposed as soon as this returns: until the
 * last part is taken, or the parts are given up, the arrays are held.
 *
 * Errors: CheckpointError for what cannot be saved, at once.
 */
export function checkpointParts(state: unknown, metadata: JsonValue = null): AsyncGenerator<Uint8Array> {
  const { structure, arrays } = takeApart(state);
  if (arrays.some(({ name }) => name === CHECKSUMS))
    throw new CheckpointError(`checkpoint: ${CHECKSUMS} cannot be the path of an array`);
  const leaves = inFileOrder(arrays.map(({ name, value }) => headingOf(name, value)));
  const checksums: TensorHeading = { name: CHECKSUMS, dtype: "U32", shape: [leaves.length] };
  const header = headerBytes([...leaves, checksums], {
    kind: KIND,
    version: VERSION,
    structure: JSON.stringify(structure),
    metadata: JSON.stringify(metadata),
  });
  // Typed arrays may be written to while the arrays before them are read back.
  const held = leaves.map((leaf) => ({
    ...leaf,
    value: leaf.value instanceof JaxArray ? leaf.value.ref : leaf.value.slice(),
  }));
  const parts = generateParts(header, held);
  const release = (): void => {
    for (const { value } of held.splice(0)) if (value instanceof JaxArray) value.dispose();
  };
  return releasing(parts, release);
}

async function* generateParts(header: Uint8Array, leaves: readonly Leaf[]): AsyncGenerator<Uint8Array> {
  yield header;
  const checksums = new Uint32Array(leaves.length);
  for (const [i, { name, dtype, shape, value }] of [...leaves].entries()) {
    const data = value instanceof JaxArray ? await value.data() : value;
    const bytes = bytesOf(name, { dtype, shape, data });
    checksums[i] = crc32(bytes);
    yield bytes;
  }
  yield new Uint8Array(checksums.buffer);
}

/** Lets go at the end, also of parts that nobody ever began to take: those of a generator not started have no `finally`. */
function releasing(parts: AsyncGenerator<Uint8Array>, release: () => void): AsyncGenerator<Uint8Array> {
  const ending = async (step: Promise<IteratorResult<Uint8Array>>) => {
    try {
      const result = await step;
      if (result.done) release();
      return result;
    } catch (error) {
      release();
      throw error;
    }
  };
  const out = {
    next: () => ending(parts.next()),
    return: (value: unknown) => ending(parts.return(value)),
    throw: (error: unknown) => ending(parts.throw(error)),
    [Symbol.asyncIterator]: () => out,
    async [Symbol.asyncDispose]() {
      await out.return(undefined);
    },
  };
  return out as AsyncGenerator<Uint8Array>;
}

/**
 * A state as the bytes of a checkpoint's file.
 *
 * Errors: CheckpointError naming the path of what cannot be saved.
 * @example
 * const bytes = await checkpoint.serialize({ w: np.array([1, 2]), step: 3 });
 * checkpoint.parse(bytes).step; // => 3
 */
export async function serialize(state: unknown, metadata: JsonValue = null): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const part of checkpointParts(state, metadata)) parts.push(part);
  return joinChunks(parts) as Uint8Array<ArrayBuffer>;
}

export interface RestoreOptions<T = unknown> {
  /** A state of the same structure: its classes are used, its shapes and dtypes are what is expected. */
  like?: T;
  /** Commits the arrays to this device. */
  device?: Device;
}

/**
 * The state in the bytes of a checkpoint's file: lists and objects as they were saved, or of the structure of `like`.
 *
 * Errors: FormatError if the bytes are damaged; CheckpointError naming the path where `like` has another structure,
 * shape or dtype.
 * @example
 * const bytes = await checkpoint.serialize([np.array([1, 2]), null, { rate: 0.5 }]);
 * const [w, , options] = checkpoint.parse(bytes);
 * w.js(); // => [1, 2]
 * options.rate; // => 0.5
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- without a model, the structure is what was saved
export function parse<T = any>(bytes: Uint8Array, options: RestoreOptions<T> = {}): T {
  checkOptions("checkpoint.parse", options, { like: true, device: true });
  const { tensors, metadata } = open(bytes);
  checkSums(tensors);
  const assembler = new Assembler(tensors, { device: options.device });
  return assembler.assemble(readStructure(metadata.structure ?? ""), options.like, options.like !== undefined) as T;
}

/** What was given as metadata when the state was saved. */
export function parseMetadata(bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(open(bytes).metadata.metadata ?? "null") as JsonValue;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FormatError("checkpoint", "its metadata are not JSON");
  }
}

function open(bytes: Uint8Array): { tensors: File["tensors"]; metadata: Readonly<Record<string, string>> } {
  const { tensors, metadata } = parseTensors(bytes);
  if (metadata?.kind !== KIND) throw new FormatError("checkpoint", "a safetensors file, but no checkpoint");
  if (metadata.version !== VERSION) {
    throw new FormatError("checkpoint", `version ${metadata.version}; this library reads version ${VERSION}`);
  }
  return { tensors, metadata };
}

/** In the order of the file, which is that of the checksums. */
function checkSums(tensors: File["tensors"]): void {
  const wanted = tensors[CHECKSUMS];
  const others = Object.entries(tensors).filter(([name]) => name !== CHECKSUMS);
  if (wanted?.dtype !== "U32" || wanted.data.length !== others.length)
    throw new FormatError("checkpoint", "it has no checksums");
  others.forEach(([name, tensor], i) => {
    if (crc32(tensor.bytes) !== wanted.data[i]) throw new FormatError("checkpoint", `the bytes of ${name} are damaged`);
  });
}
