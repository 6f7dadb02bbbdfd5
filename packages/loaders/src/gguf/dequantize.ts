/** Blocks of GGUF as float32. Source: ggml-quants.c of ggml-org/ggml */
import { smallFloatValue, widenBF16, widenF16 } from "../bytes/narrow-floats";
import { LoaderError } from "../errors";
import { type DType, readElements } from "../safetensors/dtypes";
import { K_BLOCKS } from "./k-blocks";
import type { GgufTensor } from "./parse";
import type { GgufType } from "./types";

/** Reads the block that begins at `at` into `out` from `to` on. `half` gives the number of two bytes. */
export type BlockReader = (
  bytes: Uint8Array,
  at: number,
  out: Float32Array,
  to: number,
  half: (at: number) => number,
) => void;

interface BlockKind {
  readonly size: number;
  readonly nBytes: number;
  readonly read: BlockReader;
}

const int8 = (b: number): number => (b << 24) >> 24;

/** Values of four bits that are not evenly spaced. */
const NONLINEAR = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
/** Twice the values of a float of four bits. */
const TWICE_F4 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/** 16 bytes with two values each: the lower halves are the first 16 values, the upper ones the rest. */
function nibbles(bytes: Uint8Array, at: number, out: Float32Array, to: number, value: (q: number) => number): void {
  for (let j = 0; j < 16; j++) {
    const b = bytes[at + j]!;
    out[to + j] = value(b & 15);
    out[to + j + 16] = value(b >> 4);
  }
}

/** As `nibbles`, with a fifth bit for each value in the four bytes before. */
function fiveBits(bytes: Uint8Array, at: number, out: Float32Array, to: number, value: (q: number) => number): void {
  for (let j = 0; j < 32; j++) {
    const b = bytes[at + 4 + (j & 15)]!;
    const top = (bytes[at + (j >> 3)]! >> (j & 7)) & 1;
    out[to + j] = value((j < 16 ? b & 15 : b >> 4) | (top << 4));
  }
}

const BLOCKS: Readonly<Partial<Record<GgufType, BlockKind>>> = {
  ...K_BLOCKS,
  Q4_0: {
    size: 32,
    nBytes: 18,
    read(bytes, at, out, to, half) {
      const d = half(at);
      nibbles(bytes, at + 2, out, to, (q) => d * (q - 8));
    },
  },
  Q4_1: {
    size: 32,
    nBytes: 20,
    read(bytes, at, out, to, half) {
      const d = half(at);
      const m = half(at + 2);
      nibbles(bytes, at + 4, out, to, (q) => Math.fround(d * q) + m);
    },
  },
  Q5_0: {
    size: 32,
    nBytes: 22,
    read(bytes, at, out, to, half) {
      const d = half(at);
      fiveBits(bytes, at + 2, out, to, (q) => d * (q - 16));
    },
  },
  Q5_1: {
    size: 32,
    nBytes: 24,
    read(bytes, at, out, to, half) {
      const d = half(at);
      const m = half(at + 2);
      fiveBits(bytes, at + 4, out, to, (q) => Math.fround(d * q) + m);
    },
  },
  Q8_0: {
    size: 32,
    nBytes: 34,
    read(bytes, at, out, to, half) {
      const d = half(at);
      for (let j = 0; j < 32; j++) out[to + j] = d * int8(bytes[at + 2 + j]!);
    },
  },
  Q8_1: {
    size: 32,
    nBytes: 36,
    read(bytes, at, out, to, half) {
      const d = half(at);
      for (let j = 0; j < 32; j++) out[to + j] = d * int8(bytes[at + 4 + j]!);
    },
  },
  IQ4_NL: {
    size: 32,
    nBytes: 18,
    read(bytes, at, out, to, half) {
      const d = half(at);
      nibbles(bytes, at + 2, out, to, (q) => d * NONLINEAR[q]!);
    },
  },
  IQ4_XS: {
    size: 256,
    nBytes: 136,
    read(bytes, at, out, to, half) {
      const d = half(at);
      const high = bytes[at + 2]! | (bytes[at + 3]! << 8);
      for (let b = 0; b < 8; b++) {
        const low = (bytes[at + 4 + (b >> 1)]! >> (4 * (b & 1))) & 15;
        const scale = Math.fround(d * ((low | (((high >> (2 * b)) & 3) << 4)) - 32));
        nibbles(bytes, at + 8 + 16 * b, out, to + 32 * b, (q) => scale * NONLINEAR[q]!);
      }
    },
  },
  MXFP4: {
    size: 32,
    nBytes: 17,
    read(bytes, at, out, to) {
      const d = smallFloatValue("F8_E8M0", bytes[at]!) / 2;
      nibbles(bytes, at + 1, out, to, (q) => d * TWICE_F4[q]!);
    },
  },
};

/** Types whose elements are elements of safetensors too. */
const PLAIN: Readonly<Partial<Record<GgufType, DType>>> = {
  F32: "F32",
  F64: "F64",
  I8: "I8",
  I16: "I16",
  I32: "I32",
  I64: "I64",
};

/** The halves of some bytes, at any offset. */
export function halvesOf(bytes: Uint8Array): (at: number) => number {
  const two = new Uint8Array(2);
  return (at) => {
    two[0] = bytes[at]!;
    two[1] = bytes[at + 1]!;
    return widenF16(two)[0]!;
  };
}

/**
 * The values of a tensor, whatever its type.
 *
 * Dtypes: quantised types, F16 and BF16 give float32; F64 and integers are rounded to float32.
 * Errors: LoaderError for types that need a codebook: IQ1, IQ2 and IQ3.
 */
export function dequantize(tensor: Pick<GgufTensor, "type" | "shape" | "bytes">): Float32Array {
  const { type, shape, bytes } = tensor;
  if (type === "F16") return widenF16(bytes);
  if (type === "BF16") return widenBF16(bytes);
  const plain = PLAIN[type];
  if (plain !== undefined) {
    const data = readElements(
      plain,
      bytes,
      shape.reduce((n, size) => n * size, 1),
    );
    return data instanceof Float32Array ? data : Float32Array.from(data as Int32Array, Number);
  }
  const kind = BLOCKS[type];
  if (kind === undefined)
    throw new LoaderError(`gguf: ${type} is not dequantised here; expected one of ${DEQUANTIZED.join(", ")}`);
  const nBlocks = Math.floor(bytes.length / kind.nBytes);
  const out = new Float32Array(nBlocks * kind.size);
  const half = halvesOf(bytes);
  for (let b = 0; b < nBlocks; b++) kind.read(bytes, b * kind.nBytes, out, b * kind.size, half);
  return out;
}

/** Types that `dequantize` reads. */
export const DEQUANTIZED: readonly string[] = /* @__PURE__ */ [
  "F16",
  "BF16",
  ...Object.keys(PLAIN),
  ...Object.keys(BLOCKS),
];
