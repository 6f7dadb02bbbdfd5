/**
 * The passes of a radix sort, least significant digit first: count the digits, sum the counts to places, move every
 * element to the next place of its digit. Each is stable and reads and writes in order but for its places. Source:
 * Knuth, The Art of Computer Programming 3, 5.2.5. Short rows are sorted by insertion.
 */
import type { Callable, Module } from "../assembler";
import { type Code, type Value, type Var, define } from "./code";

/** Elements that are moved: 32-bit keys, 64-bit keys, or pairs of a 32-bit key (above) and a position (below). */
export type Moved = "key32" | "key64" | "pair";

export const movedKind = (moved: Moved): "i32" | "i64" => (moved === "key32" ? "i32" : "i64");
export const movedBytes = (moved: Moved): 4 | 8 => (moved === "key32" ? 4 : 8);

/** Rows up to this long are sorted by insertion. */
export const SHORT_ROW = 40;

/** Digits of the keys; wide ones need fewer passes, and longer rows to be worth their counts. */
export interface Digits {
  readonly bits: 8 | 11;
  readonly count: number;
  /** The lowest bit of the first one. */
  readonly from: number;
}

export const digitsOf = (keyBits: number, bits: 8 | 11): Digits => ({
  bits,
  count: Math.ceil(keyBits / bits),
  from: 0,
});

/** The most significant digit alone. */
export const topDigit = (keyBits: number): Digits => ({ bits: 11, count: 1, from: Math.max(0, keyBits - 11) });

export const countsBytes = ({ bits, count }: Digits): number => (count * 4) << bits;

/** Adds the digits of a key to the counts. */
export function emitCount(
  c: Code,
  digits: Digits,
  key: Value<"i32" | "i64">,
  counts: Value<"i32">,
  place: Var<"i32">,
): void {
  for (let d = 0; d < digits.count; d++) {
    const offset = (d * 4) << digits.bits;
    place.set(wrapped(key.shrU(digits.from + d * digits.bits)).and((1 << digits.bits) - 1).shl(2).add(counts)); // prettier-ignore
    c.store(place, c.load("i32", place, offset).add(1), offset);
  }
}

/** The low word. */
export const wrapped = (v: Value<"i32" | "i64">): Value<"i32"> =>
  v.kind === "i64" ? v.to("i32.wrap_i64", "i32") : (v as Value<"i32">);

/**
 * (from, other, n, counts) -> from or other, where the elements are then in order of their counted digits. Digits that
 * are all equal are passed over.
 */
export function radixPasses(m: Module, moved: Moved, digits: Digits): Callable {
  const { bits, count } = digits;
  const low = moved === "pair" ? 32 : 0;
  const scatter = scatterPass(m, moved);
  const places = placesOfCounts(m);
  const name = `passes_${moved}_${count}x${bits}`;
  return define(m, name, { from: "i32", other: "i32", n: "i32", counts: "i32" }, ["i32"], (c, p) => {
    const { from, other, n, counts } = p;
    const first = c.let(c.load(movedKind(moved), from));
    for (let d = 0; d < count; d++) {
      const offset = (d * 4) << bits;
      const digit = wrapped(first.shrU(low + d * bits)).and((1 << bits) - 1);
      c.if(c.load("i32", digit.shl(2).add(counts), offset).ne(n), () => {
        c.run(places, counts.add(offset), 1 << bits, other, movedBytes(moved));
        c.run(scatter, from, n, counts.add(offset), low + d * bits, (1 << bits) - 1);
        c.exchange(from, other);
      });
    }
    from.push();
  });
}

/** Replaces counts by the addresses where the digits' elements go. */
const placesOfCounts = (m: Module): Callable =>
  define(m, "places", { counts: "i32", n: "i32", at: "i32", bytes: "i32" }, [], (c, { counts, n, at, bytes }) => {
    const end = c.let(counts.add(n.shl(2)));
    const count = c.var("i32");
    c.doWhile(counts.ltU(end), () => {
      count.set(c.load("i32", counts));
      c.store(counts, at);
      at.inc(count.mul(bytes));
      counts.inc(4);
    });
  });

/** body for n elements from the address `from` on, which goes along; it is given what to add to that. Four in a turn. */
export function inFours(
  c: Code,
  from: Var<"i32">,
  n: Value<"i32">,
  size: number,
  body: (offset: number) => void,
): void {
  const end = c.let(from.add(n.mul(size)));
  const blocks = c.let(from.add(n.and(-4).mul(size)));
  c.while(from.ltU(blocks), () => {
    for (let i = 0; i < 4; i++) body(i * size);
    from.inc(4 * size);
  });
  c.while(from.ltU(end), () => {
    body(0);
    from.inc(size);
  });
}

/** (from, n, places, shift, mask): moves the elements, in order, to the places of their digits. */
export function scatterPass(m: Module, moved: Moved): Callable {
  const size = movedBytes(moved);
  const params = { from: "i32", n: "i32", places: "i32", shift: "i32", mask: "i32" } as const;
  return define(m, `scatter_${moved}`, params, [], (c, { from, n, places, shift, mask }) => {
    const wide = c.let(shift.to("i64.extend_i32_u", "i64"));
    const element = c.var(movedKind(moved));
    const place = c.var("i32");
    const to = c.var("i32");
    inFours(c, from, n, size, (offset) => {
      element.set(c.load(element.kind, from, offset));
      const digit = wrapped(element.shrU(size === 8 ? wide : shift)).and(mask);
      place.set(digit.shl(2).add(places));
      to.set(c.load("i32", place));
      c.store(to, element);
      c.store(place, to.add(size));
    });
  });
}

/** (elements, n): insertion sort by the keys, stable. */
export function insertionSort(m: Module, moved: Moved): Callable {
  const size = movedBytes(moved);
  const kind = movedKind(moved);
  const keyOf = (v: Value<"i32" | "i64">): Value<"i32" | "i64"> => (moved === "pair" ? v.shrU(32) : v);
  return define(m, `insertion_${moved}`, { start: "i32", n: "i32" }, [], (c, { start, n }) => {
    const end = c.let(start.add(n.mul(size)));
    const next = c.let(start.add(size));
    const at = c.var("i32");
    const element = c.var(kind);
    const key = c.var(kind);
    const other = c.var(kind);
    c.while(next.ltU(end), () => {
      element.set(c.load(kind, next));
      key.set(keyOf(element));
      at.set(next);
      c.f.block((found) => {
        c.f.loop((again) => {
          at.eq(start).push();
          c.f.brIf(found);
          other.set(c.load(kind, at.sub(size)));
          keyOf(other).gtU(key).to("i32.eqz", "i32").push();
          c.f.brIf(found);
          c.store(at, other);
          at.inc(-size);
          c.f.br(again);
        });
      });
      c.store(at, element);
      next.inc(size);
    });
  });
}

/**
 * (pairs, n, last, counts) -> m: brings those pairs to the front, in their order, whose digit is among the greatest that
 * at least `last` pairs have; m of them.
 */
export function keepGreatest(m: Module, digits: Digits): Callable {
  const { bits, from } = digits;
  const params = { pairs: "i32", n: "i32", last: "i32", counts: "i32" } as const;
  return define(m, `keep_${bits}_${from}`, params, ["i32"], (c, { pairs, n, last, counts }) => {
    const digit = c.letConst("i32", 1 << bits);
    c.while(last.gt(0), () => {
      digit.inc(-1);
      last.set(last.sub(c.load("i32", counts.add(digit.shl(2)))));
    });
    const least = c.let(digit.to("i64.extend_i32_u", "i64").shl(32 + from));
    const end = c.let(pairs.add(n.shl(3)));
    const start = c.let(pairs);
    const to = c.let(pairs);
    const pair = c.var("i64");
    c.while(pairs.ltU(end), () => {
      pair.set(c.load("i64", pairs));
      c.store(to, pair);
      to.inc(pair.ltU(least).eq(0).shl(3));
      pairs.inc(8);
    });
    to.sub(start).shrU(3).push();
  });
}

/** (pairs, n, counts): adds the digits of the pairs' keys to the counts. */
export function countPairs(m: Module, digits: Digits): Callable {
  const name = `count_${digits.count}x${digits.bits}`;
  return define(m, name, { pairs: "i32", n: "i32", counts: "i32" }, [], (c, { pairs, n, counts }) => {
    const end = c.let(pairs.add(n.shl(3)));
    const key = c.var("i64");
    const place = c.var("i32");
    c.while(pairs.ltU(end), () => {
      key.set(c.load("i64", pairs).shrU(32));
      emitCount(c, digits, key, counts, place);
      pairs.inc(8);
    });
  });
}
