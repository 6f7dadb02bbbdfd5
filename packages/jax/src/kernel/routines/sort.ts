/** Stable sort along an axis by one or more keys: LSD radix over order-preserving 32-bit words. NaN last, -0 equals 0. */
import type { DType } from "../../aval/dtype";
import { fromBfloat16Bits, fromFloat16Bits } from "../../aval/data-array";
import type { SortKernel } from "../program";
import type { Elements } from "./index";

const DIGIT_BITS = 11;
const N_BUCKETS = 1 << DIGIT_BITS;

export function runSort(kernel: SortKernel, bufferOf: (buffer: number) => Elements): void {
  const { outer, size, inner, nKeys, dtypes } = kernel;
  const ins = kernel.operands.map(bufferOf);
  const outs = kernel.outs.map(bufferOf);
  const encoders = dtypes.slice(0, nKeys).map(encoder);
  const order = new Uint32Array(size);
  const spare = new Uint32Array(size);
  const words = [new Uint32Array(size), new Uint32Array(size)] as const;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const base = o * size * inner + i;
      for (let s = 0; s < size; s++) order[s] = s;
      // Least significant key first; every pass is stable.
      for (let k = nKeys - 1; k >= 0; k--) {
        const { nWords, encode } = encoders[k]!;
        encode(ins[k]!, base, inner, size, words);
        for (let w = nWords - 1; w >= 0; w--) radixSort(order, spare, words[w as 0 | 1], size);
      }
      ins.forEach((from, k) => {
        const to = outs[k]!;
        for (let s = 0; s < size; s++) to[base + s * inner] = from[base + order[s]! * inner]!;
      });
    }
  }
}

const counts = /* @__PURE__ */ new Uint32Array(N_BUCKETS);

/** Reorders `order` so that `keys[order[i]]` ascends, stably. */
function radixSort(order: Uint32Array, spare: Uint32Array, keys: Uint32Array, n: number): void {
  if (n <= 32) return insertionSort(order, keys, n);
  let from = order;
  let to = spare;
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[(keys[i]! >>> shift) & (N_BUCKETS - 1)]!++;
    if (counts[(keys[0]! >>> shift) & (N_BUCKETS - 1)] === n) continue;
    let sum = 0;
    for (let b = 0; b < N_BUCKETS; b++) {
      const c = counts[b]!;
      counts[b] = sum;
      sum += c;
    }
    for (let i = 0; i < n; i++) {
      const at = from[i]!;
      to[counts[(keys[at]! >>> shift) & (N_BUCKETS - 1)]!++] = at;
    }
    [from, to] = [to, from];
  }
  if (from !== order) order.set(from.subarray(0, n));
}

function insertionSort(order: Uint32Array, keys: Uint32Array, n: number): void {
  for (let i = 1; i < n; i++) {
    const at = order[i]!;
    const key = keys[at]!;
    let j = i - 1;
    for (; j >= 0 && keys[order[j]!]! > key; j--) order[j + 1] = order[j]!;
    order[j + 1] = at;
  }
}

interface Encoder {
  readonly nWords: 1 | 2;
  /** Fills the words (most significant first) with keys that ascend as the values do. */
  encode(x: Elements, base: number, step: number, n: number, words: readonly [Uint32Array, Uint32Array]): void;
}

const scratch = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

function floatKey32(v: number): number {
  if (v !== v) return 0xffffffff;
  scratch.setFloat32(0, v === 0 ? 0 : v);
  const bits = scratch.getUint32(0);
  return bits & 0x80000000 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
}

function one(key: (v: number) => number): Encoder {
  return {
    nWords: 1,
    encode(x, base, step, n, [word]) {
      for (let s = 0; s < n; s++) word[s] = key(x[base + s * step]!);
    },
  };
}

function encoder(dtype: DType): Encoder {
  switch (dtype) {
    case "float32":
      return one(floatKey32);
    case "float16":
      return one((v) => floatKey32(fromFloat16Bits(v)));
    case "bfloat16":
      return one((v) => floatKey32(fromBfloat16Bits(v)));
    case "float64":
      return {
        nWords: 2,
        encode(x, base, step, n, [high, low]) {
          for (let s = 0; s < n; s++) {
            const v = x[base + s * step]!;
            scratch.setFloat64(0, v === 0 ? 0 : v);
            const hi = scratch.getUint32(0);
            const lo = scratch.getUint32(4);
            const negative = (hi & 0x80000000) !== 0;
            high[s] = v !== v ? 0xffffffff : negative ? ~hi : hi | 0x80000000;
            low[s] = v !== v ? 0 : negative ? ~lo : lo;
          }
        },
      };
    case "int8":
    case "int16":
    case "int32":
      return one((v) => (v ^ 0x80000000) >>> 0);
    case "bool":
    case "uint8":
    case "uint16":
    case "uint32":
      return one((v) => v);
    default:
      dtype satisfies never;
      throw new Error(String(dtype));
  }
}
