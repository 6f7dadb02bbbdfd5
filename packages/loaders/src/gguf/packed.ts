/** Quantised tensors on the device, packed: four or eight bits a value, widened where they are used. */
import { checkOptions } from "../option-names";
import { type Array as JaxArray, type DType, type Device, numpy as np, owned, tree } from "@jax-js/jax";
import { LoaderError } from "../errors";
import { toArray as tensorToArray } from "../safetensors/arrays";
import { lazyTensor } from "../safetensors/parse";
import { dequantize, halvesOf } from "./dequantize";
import { scaleAndMin } from "./k-blocks";
import type { GgufTensor } from "./parse";
import type { GgufType } from "./types";

/** Values that share a scale. */
const BLOCK = 32;

/** What is not an array about a packed one. */
interface Layout {
  readonly shape: readonly number[];
  readonly bits: 4 | 8;
  /** The quant that means 0. */
  readonly center: number;
}

/**
 * A quantised array: value = (quant - center) * scale - min, with a scale (and a minimum) for each 32 values of a row. A node of
 * pytrees, so it goes through `jit` as an argument; the device holds the quants packed, two of four bits to a byte.
 */
export class PackedArray {
  /** Four bits: u8[..., n / 32, 16], whose lower halves are the first 16 values. Eight: i8[..., n / 32, 32]. */
  readonly quants: JaxArray;
  /** [..., n / 32, 1] */
  readonly scales: JaxArray;
  /** [..., n / 32, 1], or null where all are 0. */
  readonly mins: JaxArray | null;
  readonly layout: Layout;

  constructor(quants: JaxArray, scales: JaxArray, mins: JaxArray | null, layout: Layout) {
    this.quants = quants;
    this.scales = scales;
    this.mins = mins;
    this.layout = layout;
  }

  /** Of the array that it stands for. */
  get shape(): number[] {
    return [...this.layout.shape];
  }

  get [tree.pytreeNode](): tree.PytreeNode<PackedArray, Layout> {
    return PACKED_NODE;
  }

  /** The array itself, in `dtype` (default float32). Inside `jit` it is computed where it is used. */
  dequantize(dtype: DType = "float32"): JaxArray {
    return dequantized(this, dtype);
  }

  dispose(): void {
    tree.dispose([this.quants, this.scales, this.mins]);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const PACKED_NODE: tree.PytreeNode<PackedArray, Layout> = {
  name: "PackedArray",
  flatten: ({ quants, scales, mins, layout }) => [[quants, scales, mins], layout],
  unflatten: (layout, [quants, scales, mins]) =>
    new PackedArray(quants as JaxArray, scales as JaxArray, (mins ?? null) as JaxArray | null, layout),
  keys: () => ["quants", "scales", "mins"],
};

function dequantized({ quants, scales, mins, layout }: PackedArray, dtype: DType): JaxArray {
  return owned(() => {
    // [..., n / 32, 32]
    const values =
      layout.bits === 8 ? quants : np.concatenate([np.bitwiseAnd(quants, 15), np.rightShift(quants, 4)], -1);
    const centred = layout.center === 0 ? values.astype("float32") : values.astype("float32").sub(layout.center);
    const scaled = centred.mul(scales.astype("float32"));
    const shifted = mins === null ? scaled : scaled.sub(mins.astype("float32"));
    return shifted.reshape([...layout.shape]).astype(dtype);
  });
}

/** What the blocks of a type hold, block by block of 32 values. */
interface Packing {
  readonly layout: Omit<Layout, "shape">;
  readonly hasMins: boolean;
  /** Scales of quantised scales do not fit float16. */
  readonly scaleDType: DType;
  /** Fills in everything about blocks of 32 from number `to` on, from the file's block at `at`. */
  read(bytes: Uint8Array, at: number, half: (at: number) => number, out: Unpacked, to: number): void;
  readonly blockBytes: number;
  /** Blocks of 32 in one of the file's. */
  readonly nBlocks: number;
}

interface Unpacked {
  readonly quants: Uint8Array;
  readonly scales: Float32Array;
  readonly mins: Float32Array;
}

const PACKINGS: Readonly<Partial<Record<GgufType, Packing>>> = {
  Q4_0: {
    layout: { bits: 4, center: 8 },
    hasMins: false,
    scaleDType: "float16",
    blockBytes: 18,
    nBlocks: 1,
    read(bytes, at, half, out, to) {
      out.scales[to] = half(at);
      out.quants.set(bytes.subarray(at + 2, at + 18), 16 * to);
    },
  },
  Q4_1: {
    layout: { bits: 4, center: 0 },
    hasMins: true,
    scaleDType: "float16",
    blockBytes: 20,
    nBlocks: 1,
    read(bytes, at, half, out, to) {
      out.scales[to] = half(at);
      out.mins[to] = -half(at + 2);
      out.quants.set(bytes.subarray(at + 4, at + 20), 16 * to);
    },
  },
  Q8_0: {
    layout: { bits: 8, center: 0 },
    hasMins: false,
    scaleDType: "float16",
    blockBytes: 34,
    nBlocks: 1,
    read(bytes, at, half, out, to) {
      out.scales[to] = half(at);
      out.quants.set(bytes.subarray(at + 2, at + 34), 32 * to);
    },
  },
  Q4_K: {
    layout: { bits: 4, center: 0 },
    hasMins: true,
    scaleDType: "float32",
    blockBytes: 144,
    nBlocks: 8,
    read(bytes, at, half, out, to) {
      const d = half(at);
      const min = half(at + 2);
      for (let j = 0; j < 8; j++) {
        const [scale, m] = scaleAndMin(bytes, at + 4, j);
        out.scales[to + j] = d * scale;
        out.mins[to + j] = min * m;
        // The file has the values of two groups in the halves of 32 bytes; here each group has 16 bytes of its own.
        const from = at + 16 + (j >> 1) * 32;
        const shift = 4 * (j & 1);
        for (let l = 0; l < 16; l++) {
          out.quants[16 * (to + j) + l] =
            ((bytes[from + l]! >> shift) & 15) | (((bytes[from + l + 16]! >> shift) & 15) << 4);
        }
      }
    },
  },
};

/** True for types that `toPacked` keeps packed. */
export const isPackable = (type: GgufType): boolean => PACKINGS[type] !== undefined;

/**
 * Puts a quantised tensor on the device as it is: a quarter (Q8_0) or an eighth (Q4_0) of its size as float32, and a
 * little for scales.
 *
 * Dtypes: Q4_0, Q4_1, Q4_K and Q8_0; `gguf.toArray` takes all others.
 * Errors: LoaderError for another type.
 * @example
 * const bytes = new Uint8Array(34).fill(3); // one block: a scale, and 32 quants of eight bits
 * bytes.set([0, 0x3c]); // 1 as a half
 * const w = gguf.toPacked({ type: "Q8_0", shape: [32], bytes });
 * w.dequantize().sum().item(); // => 96
 */
export function toPacked(
  tensor: Pick<GgufTensor, "type" | "shape" | "bytes">,
  options: { device?: Device } = {},
): PackedArray {
  checkOptions("gguf.toPacked", options, { device: true });
  const { type, shape, bytes } = tensor;
  const packing = PACKINGS[type];
  if (packing === undefined) {
    throw new LoaderError(
      `gguf: ${type} is not kept packed; expected one of ${Object.keys(PACKINGS).join(", ")}; use gguf.toArray`,
    );
  }
  const nBlocks = shape.reduce((n, size) => n * size, 1) / BLOCK;
  const { bits } = packing.layout;
  const out: Unpacked = {
    quants: new Uint8Array(nBlocks * 4 * bits),
    scales: new Float32Array(nBlocks),
    mins: new Float32Array(packing.hasMins ? nBlocks : 0),
  };
  const half = halvesOf(bytes);
  for (let b = 0; b < nBlocks / packing.nBlocks; b++)
    packing.read(bytes, b * packing.blockBytes, half, out, b * packing.nBlocks);
  const perBlock = [...shape.slice(0, -1), shape.at(-1)! / BLOCK];
  const device = options.device === undefined ? {} : { device: options.device };
  const quants = bits === 8 ? new Int8Array(out.quants.buffer) : out.quants;
  const onePer = (data: Float32Array) =>
    np.array(data, { shape: [...perBlock, 1], dtype: packing.scaleDType, ...device });
  return new PackedArray(
    np.array(quants, { shape: [...perBlock, 4 * bits], ...device }),
    onePer(out.scales),
    packing.hasMins ? onePer(out.mins) : null,
    { shape: [...shape], ...packing.layout },
  );
}

/**
 * Puts a tensor of any type on the device, its blocks widened.
 *
 * Dtypes: F16 and BF16 stay as they are; F32, F64, I8, I16 and I32 too; all others become float32. `dtype` converts.
 * Errors: LoaderError, as `dequantize`.
 */
export function toArray(
  tensor: Pick<GgufTensor, "type" | "shape" | "bytes">,
  options: { dtype?: DType; device?: Device } = {},
): JaxArray {
  checkOptions("gguf.toArray", options, { dtype: true, device: true });
  const same = (["F16", "BF16", "F32", "F64", "I8", "I16", "I32"] as const).find((type) => type === tensor.type);
  if (same !== undefined) return tensorToArray(lazyTensor(same, tensor.shape, tensor.bytes), options);
  return np.array(dequantize(tensor), { shape: tensor.shape, ...options });
}
