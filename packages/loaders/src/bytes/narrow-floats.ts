/** Floats narrower than 32 bits, widened to Float32Array; and back, where files are written. */
import { FormatError } from "../errors";

/** The Float16Array of newer engines; Node 20 has none. */
export interface Float16Array extends ArrayBufferView {
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
  [index: number]: number;
  [Symbol.iterator](): ArrayIterator<number>;
}

type Float16ArrayConstructor = new (buffer: ArrayBufferLike, byteOffset?: number, length?: number) => Float16Array;

/** The engine's Float16Array, or null. */
export function float16ArrayClass(): Float16ArrayConstructor | null {
  return (globalThis as { Float16Array?: Float16ArrayConstructor }).Float16Array ?? null;
}

/** `bits` little-endian 16-bit words at any alignment. */
function words(bytes: Uint8Array): Uint16Array {
  const n = bytes.byteLength >> 1;
  if (bytes.byteOffset % 2 === 0) return new Uint16Array(bytes.buffer, bytes.byteOffset, n);
  return new Uint16Array(bytes.slice().buffer, 0, n);
}

/** Layout of a small float: bits, exponent bias, and which codes are not numbers. */
interface SmallFloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** `ieee`: top exponent is inf and NaN. `fn`: only all ones is NaN. `fnuz`: only minus zero is NaN. `finite`: none. */
  readonly special: "ieee" | "fn" | "fnuz" | "finite";
}

const SMALL = {
  F16: { exponentBits: 5, mantissaBits: 10, bias: 15, special: "ieee" },
  F8_E4M3: { exponentBits: 4, mantissaBits: 3, bias: 7, special: "fn" },
  F8_E5M2: { exponentBits: 5, mantissaBits: 2, bias: 15, special: "ieee" },
  F8_E4M3FNUZ: { exponentBits: 4, mantissaBits: 3, bias: 8, special: "fnuz" },
  F8_E5M2FNUZ: { exponentBits: 5, mantissaBits: 2, bias: 16, special: "fnuz" },
  F6_E2M3: { exponentBits: 2, mantissaBits: 3, bias: 1, special: "finite" },
  F6_E3M2: { exponentBits: 3, mantissaBits: 2, bias: 3, special: "finite" },
  F4: { exponentBits: 2, mantissaBits: 1, bias: 1, special: "finite" },
} as const satisfies Record<string, SmallFloat>;

export type SmallFloatName = keyof typeof SMALL | "F8_E8M0";

/** The value of one code. */
export function smallFloatValue(name: SmallFloatName, code: number): number {
  // Only an exponent, without a sign: scales of microscaling formats.
  if (name === "F8_E8M0") return code === 255 ? NaN : 2 ** (code - 127);
  const f: SmallFloat = SMALL[name];
  const sign = (code >> (f.exponentBits + f.mantissaBits)) & 1 ? -1 : 1;
  const exponent = (code >> f.mantissaBits) & ((1 << f.exponentBits) - 1);
  const mantissa = code & ((1 << f.mantissaBits) - 1);
  const top = (1 << f.exponentBits) - 1;
  if (f.special === "ieee" && exponent === top) return mantissa === 0 ? sign * Infinity : NaN;
  if (f.special === "fn" && exponent === top && mantissa === (1 << f.mantissaBits) - 1) return NaN;
  if (f.special === "fnuz" && sign < 0 && exponent === 0 && mantissa === 0) return NaN;
  const unit = 2 ** -f.mantissaBits;
  if (exponent === 0) return sign * mantissa * unit * 2 ** (1 - f.bias);
  return sign * (1 + mantissa * unit) * 2 ** (exponent - f.bias);
}

const tables = new Map<SmallFloatName, Float32Array>();

function tableOf(name: SmallFloatName, nBits: number): Float32Array {
  let table = tables.get(name);
  if (table === undefined) {
    table = Float32Array.from({ length: 1 << nBits }, (_, code) => smallFloatValue(name, code));
    tables.set(name, table);
  }
  return table;
}

/** Half precision to float32: by table, 256 KiB once. */
export function widenF16(bytes: Uint8Array): Float32Array {
  const table = tableOf("F16", 16);
  const from = words(bytes);
  const out = new Float32Array(from.length);
  for (let i = 0; i < from.length; i++) out[i] = table[from[i]!]!;
  return out;
}

/** bfloat16 is the upper half of a float32. */
export function widenBF16(bytes: Uint8Array): Float32Array {
  const from = words(bytes);
  const out = new Uint32Array(from.length);
  for (let i = 0; i < from.length; i++) out[i] = from[i]! << 16;
  return new Float32Array(out.buffer);
}

/** Eight-bit floats. */
export function widenF8(name: SmallFloatName, bytes: Uint8Array): Float32Array {
  const table = tableOf(name, 8);
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = table[bytes[i]!]!;
  return out;
}

/** Floats of 4 or 6 bits, packed from the lowest bit of the first byte up. */
export function widenPacked(name: SmallFloatName, nBits: number, bytes: Uint8Array, length: number): Float32Array {
  if (length * nBits > bytes.length * 8)
    throw new FormatError(name, `${bytes.length} bytes do not hold ${length} values`);
  const table = tableOf(name, nBits);
  const mask = (1 << nBits) - 1;
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const bit = i * nBits;
    const word = bytes[bit >> 3]! | ((bytes[(bit >> 3) + 1] ?? 0) << 8);
    out[i] = table[(word >> (bit & 7)) & mask]!;
  }
  return out;
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The bfloat16 nearest to x, ties to even. */
export function toBF16(x: number): number {
  scratch[0] = x;
  const bits = scratchBits[0]!;
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The half nearest to x, ties to even; x is rounded to float32 first, as its sources are float32. */
export function toF16(x: number): number {
  scratch[0] = x;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: in units of 2**-24; adding and removing 2**23 rounds to an integer, ties to even.
    const units = Math.abs(scratch[0]!) * 2 ** 24;
    return sign | (units + 2 ** 52 - 2 ** 52);
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}
