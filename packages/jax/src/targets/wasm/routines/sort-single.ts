/**
 * Sort of one array by itself: its keys are sorted, and turned back into values. That loses what keys do not tell apart,
 * -0 from 0 and one NaN from another, so these are copied from the input in the order in which they stand there.
 */
import type { Callable, Module } from "../assembler";
import { type Value, define, i32s } from "./code";
import type { Crew } from "./crew";
import type { ScratchPlan } from "./routine";
import { type CrewSort, UNIT, crewPasses, planCrew, slotOf, sumOfSlots } from "./sort-crew";
import {
  type KeyType,
  bitsKind,
  emitKey,
  isNaNBits,
  loadBits,
  storeBits,
  valueOfKey,
  wordKind,
  zeroKey,
} from "./sort-keys";
import {
  type Digits,
  type Moved,
  SHORT_ROW,
  countsBytes,
  digitsOf,
  emitCount,
  insertionSort,
  movedBytes,
  radixPasses,
} from "./sort-passes";
import type { RowSort } from "./sort-rows";

const movedOf = (t: KeyType): Moved => (t.bits === 64 ? "key64" : "key32");

/** Rows from this length on have 11-bit digits. */
const WIDE_ROW = 6000;

const digitsFor = (bits: number, n: number): Digits => digitsOf(bits, bits >= 32 && n >= WIDE_ROW ? 11 : 8);

/** Two words: how many NaN and how many -0 were found. */
const FOUND_BYTES = 64;

export function singleSort(t: KeyType, n: number): RowSort {
  const digits = digitsFor(t.bits, n);
  return { key: `sort_${t.name}_${digits.bits}`, sizes: [t.sizeBytes], row: (m) => sortRow(m, t, digits), nPlaces: 3 };
}

/** Places of what was found and the counts behind it, and of two arrays of keys. */
export function planSingle(plan: ScratchPlan, t: KeyType, n: number): number[] {
  const bytes = movedBytes(movedOf(t)) * n;
  return [plan.take(FOUND_BYTES + countsBytes(digitsFor(t.bits, n))), plan.take(bytes), plan.take(bytes)];
}

/** The same by a crew. */
export const singleCrewSort = (t: KeyType, n: number): CrewSort => ({
  ...singleSort(t, n),
  row: (m, crew) => sortRowTogether(m, crew, t, digitsFor(t.bits, n)),
  nPlaces: 4,
});

export function planSingleCrew(plan: ScratchPlan, t: KeyType, n: number, threads: number): number[] {
  const bytes = movedBytes(movedOf(t)) * n;
  return [...planCrew(plan, digitsFor(t.bits, n), threads), plan.take(bytes), plan.take(bytes)];
}

function sortRow(m: Module, t: KeyType, digits: Digits): Callable {
  const moved = movedOf(t);
  const [encodeShort, encode] = [encodeRow(m, t, null), encodeRow(m, t, digits)];
  const decode = decodeRow(m, t);
  const passes = radixPasses(m, moved, digits);
  const insertion = insertionSort(m, moved);
  const fix = t.isFloat ? copySpecials(m, t) : null;
  const params = { x: "i32", out: "i32", n: "i32", last: "i32", found: "i32", keys: "i32", other: "i32" } as const;
  return define(m, "row", params, [], (c, { x, out, n, found, keys, other }) => {
    c.store(found, c.const("i64", 0));
    c.if(
      n.le(SHORT_ROW),
      () => {
        c.run(encodeShort, x, n, keys, found);
        c.run(insertion, keys, n);
      },
      () => {
        c.fill(found.add(FOUND_BYTES), 0, countsBytes(digits));
        c.run(encode, x, n, keys, found);
        keys.set(c.call(passes, "i32", keys, other, n, found.add(FOUND_BYTES)));
      },
    );
    c.run(decode, keys, n, out);
    if (fix !== null) c.if(c.load("i64", found).ne(0), () => c.run(fix, x, out, n, keys, found));
  });
}

function sortRowTogether(m: Module, crew: Crew, t: KeyType, digits: Digits): Callable {
  const moved = movedOf(t);
  const encode = encodeRow(m, t, null);
  const decode = decodeRow(m, t);
  const passes = crewPasses(m, crew, moved, digits);
  const fix = t.isFloat ? copySpecials(m, t) : null;
  const names = ["x", "out", "n", "found", "counts", "keys", "other"] as const;
  return define(m, "row", i32s(names), [], (c, { x, out, n, found, counts, keys, other }) => {
    const { start, end } = crew.part(c, n, UNIT);
    const length = c.let(end.sub(start));
    const slot = slotOf(c, crew, found);
    const [bytes, keyBytes] = [t.sizeBytes, movedBytes(moved)];
    c.store(slot, c.const("i64", 0));
    c.run(encode, x.add(start.mul(bytes)), length, keys.add(start.mul(keyBytes)), slot);
    keys.set(c.call(passes, "i32", keys, other, n, counts));
    c.run(decode, keys.add(start.mul(keyBytes)), length, out.add(start.mul(bytes)));
    crew.meet(c);
    crew.first(c, () => {
      for (const offset of [0, 4]) c.store(found, sumOfSlots(c, crew, found, offset), offset);
      if (fix !== null) c.if(c.load("i64", found).ne(0), () => c.run(fix, x, out, n, keys, found));
    });
  });
}

/** Writes the keys of a row, at `found` the numbers of NaN and -0 among them, and behind that the counts of digits. */
function encodeRow(m: Module, t: KeyType, digits: Digits | null): Callable {
  const kind = wordKind(t);
  const params = { x: "i32", n: "i32", keys: "i32", found: "i32" } as const;
  return define(m, digits === null ? "encode_short" : "encode", params, [], (c, { x, n, keys, found }) => {
    const size = movedBytes(movedOf(t));
    const end = c.let(keys.add(n.mul(size)));
    const counts = c.let(found.add(FOUND_BYTES));
    const bits = c.var<"i32" | "i64">(kind);
    const key = c.var<"i32" | "i64">(kind);
    const place = c.var("i32");
    const count = (offset: number) => (): void => c.store(found, c.load("i32", found, offset).add(1), offset);
    c.while(keys.ltU(end), () => {
      bits.set(loadBits(c, t.sizeBytes, x));
      emitKey(c, t, bits, key, count(0), count(4));
      c.store(keys, key);
      if (digits !== null) emitCount(c, digits, key, counts, place);
      x.inc(t.sizeBytes);
      keys.inc(size);
    });
  });
}

function decodeRow(m: Module, t: KeyType): Callable {
  const kind = wordKind(t);
  return define(m, "decode", { keys: "i32", n: "i32", out: "i32" }, [], (c, { keys, n, out }) => {
    const size = movedBytes(movedOf(t));
    const end = c.let(keys.add(n.mul(size)));
    const key = c.var<"i32" | "i64">(kind);
    c.while(keys.ltU(end), () => {
      key.set(c.load(kind, keys));
      storeBits(c, t.sizeBytes, out, valueOfKey(c, t, key));
      keys.inc(size);
      out.inc(t.sizeBytes);
    });
  });
}

/** Writes NaN at the end, and zeros in their place, as they come in the input. */
function copySpecials(m: Module, t: KeyType): Callable {
  const kind = bitsKind(t.sizeBytes);
  const size = movedBytes(movedOf(t));
  const params = { x: "i32", out: "i32", n: "i32", keys: "i32", found: "i32" } as const;
  return define(m, "specials", params, [], (c, { x, out, n, keys, found }) => {
    const copy = (first: Value<"i32">, isSpecial: (bits: Value<"i32" | "i64">) => Value<"i32">): void => {
      const from = c.let(x);
      const to = c.let(out.add(first.mul(t.sizeBytes)));
      const bits = c.var<"i32" | "i64">(kind);
      c.for(0, n, 1, () => {
        bits.set(loadBits(c, t.sizeBytes, from));
        c.if(isSpecial(bits), () => {
          storeBits(c, t.sizeBytes, to, bits);
          to.inc(t.sizeBytes);
        });
        from.inc(t.sizeBytes);
      });
    };
    c.if(c.load("i32", found).ne(0), () => copy(n.sub(c.load("i32", found)), (bits) => isNaNBits(c, t, bits)));
    c.if(c.load("i32", found, 4).ne(0), () => {
      // The first key that is not below that of 0, by halving.
      const low = c.letConst("i32", 0);
      const high = c.let(n);
      const middle = c.var("i32");
      c.while(low.lt(high), () => {
        middle.set(low.add(high).shrU(1));
        c.if(
          c.load(wordKind(t), keys.add(middle.mul(size))).ltU(zeroKey(c, t)),
          () => low.set(middle.add(1)),
          () => high.set(middle),
        );
      });
      const signBit = (kind === "i64" ? 64 : 32) - t.bits;
      copy(low, (bits) => bits.shl(signBit + 1).eq(0));
    });
  });
}
