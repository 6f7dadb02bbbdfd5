/**
 * Keys: unsigned numbers that ascend as the values of a dtype do in a sort. Floats: the sign bit is flipped, of negative
 * ones all bits are; NaN is above everything, -0 is 0. Source: M. Herf, "Radix tricks" (2001).
 */
import { type DType, sizeBytesOf } from "../../../aval/dtype";
import { InternalError } from "../../../base/errors";
import type { MemoryOp } from "../assembler";
import type { Code, Value, Var } from "./code";

/** How the values of a dtype are read and turned into keys. */
export interface KeyType {
  readonly name: string;
  readonly sizeBytes: number;
  /** Bits of a key. */
  readonly bits: 8 | 16 | 32 | 64;
  readonly isFloat: boolean;
}

const BITS: Partial<Record<DType, KeyType["bits"]>> = {
  bool: 8, int8: 8, uint8: 8, int16: 16, uint16: 16, float16: 16, bfloat16: 16, int32: 32, uint32: 32, float32: 32,
  float64: 64,
}; // prettier-ignore

const NAMES: Partial<Record<DType, string>> = { bool: "uint8", bfloat16: "bfloat16" };

export function keyType(dtype: DType): KeyType {
  const bits = BITS[dtype];
  if (bits === undefined) throw new InternalError(`wasm: no sort of ${dtype}`);
  const isFloat = dtype.includes("float");
  return { name: NAMES[dtype] ?? dtype, sizeBytes: sizeBytesOf(dtype), bits, isFloat };
}

/** Kind of the word that a whole key takes. */
export const wordKind = (t: KeyType): "i32" | "i64" => (t.bits === 64 ? "i64" : "i32");

/** Loads of elements as bits, by their size. */
const LOADS: Readonly<Record<number, MemoryOp>> = { 1: "i32.load8_u", 2: "i32.load16_u", 4: "i32.load", 8: "i64.load" };
const STORES: Readonly<Record<number, MemoryOp>> = {
  1: "i32.store8",
  2: "i32.store16",
  4: "i32.store",
  8: "i64.store",
};

export const bitsKind = (sizeBytes: number): "i32" | "i64" => (sizeBytes === 8 ? "i64" : "i32");

export const loadBits = (c: Code, sizeBytes: number, address: Value<"i32">): Value<"i32" | "i64"> =>
  c.mem(LOADS[sizeBytes]!, bitsKind(sizeBytes), address);

export const storeBits = (c: Code, sizeBytes: number, address: Value<"i32">, value: Value): void =>
  c.storeAs(STORES[sizeBytes]!, address, value);

type Word = "i32" | "i64";

/** Sign bit, and exponent with its fraction empty. */
function floatBits(c: Code, t: KeyType): { sign: Value<Word>; infinity: Value<Word> } {
  const kind = wordKind(t);
  const one = (shift: number): Value<Word> => c.const<Word>(kind, 1).shl(shift);
  const exponent = { float16: 0x1f, bfloat16: 0xff, float32: 0xff, float64: 0x7ff }[t.name] ?? 0;
  const fraction = { float16: 10, bfloat16: 7, float32: 23, float64: 52 }[t.name] ?? 0;
  return { sign: one(t.bits - 1), infinity: c.const<Word>(kind, exponent).shl(fraction) };
}

export const isNaNBits = (c: Code, t: KeyType, bits: Value<Word>): Value<"i32"> => {
  const { sign, infinity } = floatBits(c, t);
  return bits.and(sign.sub(1)).gtU(infinity);
};

export const isNegativeZero = (c: Code, t: KeyType, bits: Value<Word>): Value<"i32"> => bits.eq(floatBits(c, t).sign);

/** The key of a value's bits; of a float that is no NaN and not -0, where `special` says how those are found. */
export function plainKey(c: Code, t: KeyType, bits: Var<Word>): Value<Word> {
  const { name, bits: n } = t;
  const kind = wordKind(t);
  const sign = (): Value<Word> => c.const<Word>(kind, 1).shl(n - 1);
  if (t.isFloat) {
    // 1000 for positive bits, 1111 for negative ones
    if (n === 16) return bits.xor(bits.shl(16).shrS(31).and(0xffff).or(0x8000));
    return bits.xor(bits.shrS(n - 1).or(sign()));
  }
  return name.startsWith("int") ? bits.xor(sign()) : bits;
}

/** The bits of the value with this key: NaN and -0 apart. */
export function valueOfKey(c: Code, t: KeyType, key: Var<Word>): Value<Word> {
  const { name, bits: n } = t;
  const sign = (): Value<Word> => c.const<Word>(wordKind(t), 1).shl(n - 1);
  if (t.isFloat) {
    if (n === 16) return key.xor(key.shl(16).shrS(31).xor(-1).and(0xffff).or(0x8000));
    return key.xor(
      key
        .shrS(n - 1)
        .xor(-1)
        .or(sign()),
    );
  }
  return name.startsWith("int") ? key.xor(sign()) : key;
}

/** The key of NaN: above all others. */
export const nanKey = (c: Code, t: KeyType): Value<Word> =>
  t.bits < 32 ? c.const<Word>("i32", 2 ** t.bits - 1) : c.const<Word>(wordKind(t), -1);

/** The key of 0. */
export const zeroKey = (c: Code, t: KeyType): Value<Word> => c.const<Word>(wordKind(t), 1).shl(t.bits - 1);

/** Leaves in `key` the key of `bits`; runs `onNaN` and `onNegativeZero` where they come up. */
export function emitKey(
  c: Code,
  t: KeyType,
  bits: Var<Word>,
  key: Var<Word>,
  onNaN: () => void = () => undefined,
  onNegativeZero: () => void = () => undefined,
): void {
  key.set(plainKey(c, t, bits));
  if (!t.isFloat) return;
  c.if(isNaNBits(c, t, bits), () => {
    key.set(nanKey(c, t));
    onNaN();
  });
  c.if(isNegativeZero(c, t, bits), () => {
    key.set(zeroKey(c, t));
    onNegativeZero();
  });
}
