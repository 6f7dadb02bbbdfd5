/** The larger blocks of GGUF: 256 values in groups, whose scales are quantised too. Source: ggml-quants.c */
import type { BlockReader } from "./dequantize";
import type { GgufType } from "./types";

const SIZE = 256;
const int8 = (b: number): number => (b << 24) >> 24;

/** Scale and minimum of group j, six bits each, of twelve bytes. */
export function scaleAndMin(bytes: Uint8Array, at: number, j: number): [scale: number, min: number] {
  const b = (i: number) => bytes[at + i]!;
  if (j < 4) return [b(j) & 63, b(j + 4) & 63];
  return [(b(j + 4) & 15) | ((b(j - 4) >> 6) << 4), (b(j + 4) >> 4) | ((b(j) >> 6) << 4)];
}

/** Scale of group j of 16 in twelve bytes: four bits low, two bits high. */
const scaleOf3 = (bytes: Uint8Array, at: number, j: number): number => {
  const low = j < 8 ? bytes[at + j]! & 15 : bytes[at + j - 8]! >> 4;
  return (low | (((bytes[at + 8 + (j & 3)]! >> (2 * (j >> 2))) & 3) << 4)) - 32;
};

const q2: BlockReader = (bytes, at, out, to, half) => {
  const d = half(at + 80);
  const min = half(at + 82);
  for (let i = 0; i < SIZE; i++) {
    const scale = bytes[at + (i >> 4)]!;
    const q = (bytes[at + 16 + (i >> 7) * 32 + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
    out[to + i] = Math.fround(Math.fround(d * (scale & 15)) * q) - Math.fround(min * (scale >> 4));
  }
};

const q3: BlockReader = (bytes, at, out, to, half) => {
  const d = half(at + 108);
  for (let i = 0; i < SIZE; i++) {
    const low = (bytes[at + 32 + (i >> 7) * 32 + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
    const high = (bytes[at + (i & 31)]! >> (i >> 5)) & 1;
    out[to + i] = Math.fround(d * scaleOf3(bytes, at + 96, i >> 4)) * (low - (high ? 0 : 4));
  }
};

const q4: BlockReader = (bytes, at, out, to, half) => {
  const d = half(at);
  const min = half(at + 2);
  for (let j = 0; j < 8; j++) {
    const [scale, m] = scaleAndMin(bytes, at + 4, j);
    const s = Math.fround(d * scale);
    const offset = Math.fround(min * m);
    for (let l = 0; l < 32; l++) {
      const b = bytes[at + 16 + (j >> 1) * 32 + l]!;
      out[to + 32 * j + l] = Math.fround(s * (j & 1 ? b >> 4 : b & 15)) - offset;
    }
  }
};

const q5: BlockReader = (bytes, at, out, to, half) => {
  const d = half(at);
  const min = half(at + 2);
  for (let j = 0; j < 8; j++) {
    const [scale, m] = scaleAndMin(bytes, at + 4, j);
    const s = Math.fround(d * scale);
    const offset = Math.fround(min * m);
    for (let l = 0; l < 32; l++) {
      const b = bytes[at + 48 + (j >> 1) * 32 + l]!;
      const top = (bytes[at + 16 + l]! >> j) & 1;
      out[to + 32 * j + l] = Math.fround(s * ((j & 1 ? b >> 4 : b & 15) | (top << 4))) - offset;
    }
  }
};

const q6: BlockReader = (bytes, at, out, to, half) => {
  const d = half(at + 208);
  for (let i = 0; i < SIZE; i++) {
    const part = i >> 7;
    const quarter = (i >> 5) & 3;
    const l = i & 31;
    const b = bytes[at + 64 * part + 32 * (quarter & 1) + l]!;
    const high = (bytes[at + 128 + 32 * part + l]! >> (2 * quarter)) & 3;
    const q = (quarter < 2 ? b & 15 : b >> 4) | (high << 4);
    out[to + i] = Math.fround(d * int8(bytes[at + 192 + (i >> 4)]!)) * (q - 32);
  }
};

const q8: BlockReader = (bytes, at, out, to) => {
  const d = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getFloat32(0, true);
  for (let i = 0; i < SIZE; i++) out[to + i] = d * int8(bytes[at + 4 + i]!);
};

/** Values of -1, 0 and 1, five to a byte as digits of base 3; the last bytes have four. */
const t1: BlockReader = (bytes, at, out, to, half) => {
  const d = half(at + 52);
  let i = to;
  for (const [begin, n, digits] of [
    [0, 32, 5],
    [32, 16, 5],
    [48, 4, 4],
  ] as const) {
    for (let digit = 0, power = 1; digit < digits; digit++, power *= 3) {
      for (let m = 0; m < n; m++) out[i++] = d * (((((bytes[at + begin + m]! * power) & 255) * 3) >> 8) - 1);
    }
  }
};

const t2: BlockReader = (bytes, at, out, to, half) => {
  const d = half(at + 64);
  for (let i = 0; i < SIZE; i++) {
    const q = (bytes[at + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
    out[to + i] = d * (q - 1);
  }
};

export const K_BLOCKS: Readonly<Partial<Record<GgufType, { size: number; nBytes: number; read: BlockReader }>>> = {
  Q2_K: { size: SIZE, nBytes: 84, read: q2 },
  Q3_K: { size: SIZE, nBytes: 110, read: q3 },
  Q4_K: { size: SIZE, nBytes: 144, read: q4 },
  Q5_K: { size: SIZE, nBytes: 176, read: q5 },
  Q6_K: { size: SIZE, nBytes: 210, read: q6 },
  Q8_K: { size: SIZE, nBytes: 292, read: q8 },
  TQ1_0: { size: SIZE, nBytes: 54, read: t1 },
  TQ2_0: { size: SIZE, nBytes: 66, read: t2 },
};
