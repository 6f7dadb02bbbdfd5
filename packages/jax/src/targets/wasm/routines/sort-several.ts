/**
 * Sort of several arrays by the first nKeys of them: pairs of a 32-bit key and a position are sorted, then every array
 * is read in the order of the positions. Longer keys are several 32-bit words: least significant first, each sort stable.
 * One short key with one other array of 32-bit elements (argsort) is faster: there the pairs hold these elements.
 */
import type { Callable, Module } from "../assembler";
import { type Value, type Var, define, i32s } from "./code";
import type { ScratchPlan } from "./routine";
import { greatestOfRow, hasGreatest, isWorthList } from "./sort-greatest";
import { type KeyType, emitKey, loadBits, storeBits, valueOfKey, wordKind } from "./sort-keys";
import {
  type Digits,
  SHORT_ROW,
  countPairs,
  countsBytes,
  digitsOf,
  emitCount,
  insertionSort,
  keepGreatest,
  radixPasses,
  topDigit,
} from "./sort-passes";
import type { RowSort } from "./sort-rows";
import { type CrewSort, UNIT, crewPasses, planCrew, slotOf, sumOfSlots } from "./sort-crew";
import type { Crew } from "./crew";

const PAIR_BYTES = 8;
/** One word: whether there are NaN or -0, which keys do not tell apart. */
const FOUND_BYTES = 64;

/** Rows so many times as long as what is wanted of them are not sorted whole. */
export const FEW = 8;

/** One word of a key. */
interface Word {
  readonly operand: number;
  readonly type: KeyType;
  readonly half: "all" | "low" | "high";
  readonly digits: Digits;
}

/** The words of the keys, most significant first. */
const wordsOf = (types: readonly KeyType[]): Word[] =>
  types.flatMap((type, operand): Word[] => {
    const digits = digitsOf(Math.min(type.bits, 32), 8);
    if (type.bits < 64) return [{ operand, type, half: "all", digits }];
    return [
      { operand, type, half: "high", digits },
      { operand, type, half: "low", digits },
    ];
  });

export const severalSort = (keys: readonly KeyType[], sizes: readonly number[]): RowSort => ({
  key: `sort_${keys.map((t) => t.name).join("_")}_with_${sizes.slice(keys.length).join("_")}`,
  sizes,
  row: (m) => sortRow(m, keys, sizes),
  nPlaces: 3,
});

/** Places of what was found and the counts behind it, and of two arrays of pairs. */
export function planSeveral(plan: ScratchPlan, n: number): number[] {
  const counts = Math.max(countsBytes(digitsOf(32, 8)), countsBytes(topDigit(32)));
  return [plan.take(FOUND_BYTES + counts), plan.take(PAIR_BYTES * n), plan.take(PAIR_BYTES * n)];
}

/** The same by a crew; it sorts all elements. */
export const severalCrewSort = (keys: readonly KeyType[], sizes: readonly number[]): CrewSort => ({
  ...severalSort(keys, sizes),
  row: (m, crew) => sortRowByCrew(m, crew, keys, sizes),
  nPlaces: 4,
});

export const planSeveralCrew = (plan: ScratchPlan, n: number, threads: number): number[] => [
  ...planCrew(plan, digitsOf(32, 8), threads),
  plan.take(PAIR_BYTES * n),
  plan.take(PAIR_BYTES * n),
];

/** The one key of a sort in which pairs may hold the elements of the other array. */
function directWord(words: readonly Word[], sizes: readonly number[]): Word | null {
  return sizes.length === 2 && words.length === 1 && sizes[1] === 4 ? words[0]! : null;
}

function sortRow(m: Module, keys: readonly KeyType[], sizes: readonly number[]): Callable {
  const words = wordsOf(keys).reverse();
  const direct = directWord(words, sizes);
  const buffers = sizes.flatMap((_, k) => [`x${k}`, `out${k}`]);
  const names = [...buffers, "n", "last", "found", "pairs", "other"];
  return define(m, "row", i32s(names), [], (c, all) => {
    const p = (name: string): Var<"i32"> => all[name]!;
    const [n, last, found, pairs, other] = [p("n"), p("last"), p("found"), p("pairs"), p("other")];
    const swapped = c.var("i32");
    const counts = found.add(FOUND_BYTES);
    const passes = (w: Word): void => {
      swapped.set(c.call(radixPasses(m, "pair", w.digits), "i32", pairs, other, n, counts));
      c.if(swapped.ne(pairs), () => {
        other.set(pairs);
        pairs.set(swapped);
      });
    };
    const encode = (w: Word, position: Position, digits: Digits | null): void =>
      c.run(encodeRow(m, w, position, digits), p(`x${w.operand}`), n, pairs, found, p("x1"), 0);
    const short = (): void => c.run(insertionSort(m, "pair"), pairs, n);
    const sortAll = (w: Word, position: Position): void => {
      c.fill(counts, 0, countsBytes(w.digits));
      encode(w, position, w.digits);
      passes(w);
    };
    // Where few are wanted, only what may be among them is sorted, and written to the ends of the outputs.
    const sortLast = (w: Word, position: Position): void => {
      const top = topDigit(Math.min(w.type.bits, 32));
      c.fill(counts, 0, countsBytes(top));
      encode(w, position, top);
      const kept = c.let(c.call(keepGreatest(m, top), "i32", pairs, n, last, counts));
      sizes.forEach((bytes, k) => p(`out${k}`).inc(n.sub(kept).mul(bytes)));
      n.set(kept);
      c.if(n.le(SHORT_ROW), short, () => {
        c.fill(counts, 0, countsBytes(w.digits));
        c.run(countPairs(m, w.digits), pairs, n, counts);
        passes(w);
      });
    };
    // A list of those few, where that is worth it.
    const listLast = (w: Word, position: Position): void => {
      const worth = c.let(isWorthList(n, last));
      c.if(worth, () => worth.set(c.call(greatestOfRow(m, w.type), "i32", p(`x${w.operand}`), n, last, pairs, other)));
      c.if(
        worth,
        () => {
          sizes.forEach((bytes, k) => p(`out${k}`).inc(n.sub(last).mul(bytes)));
          n.set(last);
        },
        () => sortLast(w, position),
      );
    };
    const sortPairs = (w: Word, position: Position): void =>
      c.if(
        n.le(SHORT_ROW),
        () => {
          encode(w, position, null);
          short();
        },
        () => {
          if (words.length > 1) sortAll(w, position);
          else
            c.if(
              last.mul(FEW).le(n),
              () => (hasGreatest(w.type) ? listLast(w, position) : sortLast(w, position)),
              () => sortAll(w, position),
            );
        },
      );
    const byPositions = (): void => {
      words.forEach((w, i) => sortPairs(w, i === 0 ? "number" : "old"));
      sizes.forEach((bytes, k) => c.run(gatherRow(m, bytes), p(`x${k}`), p(`out${k}`), n, pairs));
    };
    if (direct === null) return byPositions();
    const byElements = (): void => {
      c.store(found, c.const("i32", 0));
      c.run(findSpecials(m, direct.type), p("x0"), n, found);
      c.if(c.load("i32", found), byPositions, () => {
        sortPairs(direct, "element");
        c.run(splitRow(m, direct.type), p("out0"), p("out1"), n, pairs);
      });
    };
    c.if(last.mul(FEW).le(n), byPositions, byElements);
  });
}

function sortRowByCrew(m: Module, crew: Crew, keys: readonly KeyType[], sizes: readonly number[]): Callable {
  const words = wordsOf(keys).reverse();
  const direct = directWord(words, sizes);
  const buffers = sizes.flatMap((_, k) => [`x${k}`, `out${k}`]);
  return define(m, "row", i32s([...buffers, "n", "found", "counts", "pairs", "other"]), [], (c, all) => {
    const p = (name: string): Var<"i32"> => all[name]!;
    const [n, found, counts, pairs, other] = [p("n"), p("found"), p("counts"), p("pairs"), p("other")];
    const { start, end } = crew.part(c, n, UNIT);
    const length = c.let(end.sub(start));
    const slot = slotOf(c, crew, found);
    const swapped = c.var("i32");
    const part = (name: string, bytes: number): Value<"i32"> => p(name).add(start.mul(bytes));
    const sortPairs = (w: Word, position: Position): void => {
      const x = p(`x${w.operand}`);
      const from = position === "old" ? x : x.add(start.mul(w.type.sizeBytes));
      const encode = encodeRow(m, w, position, null);
      c.run(encode, from, length, part("pairs", PAIR_BYTES), slot, part("x1", 4), start);
      swapped.set(c.call(crewPasses(m, crew, "pair", w.digits), "i32", pairs, other, n, counts));
      c.if(swapped.ne(pairs), () => {
        other.set(pairs);
        pairs.set(swapped);
      });
    };
    const byPositions = (): void => {
      words.forEach((w, i) => sortPairs(w, i === 0 ? "number" : "old"));
      sizes.forEach((bytes, k) =>
        c.run(gatherRow(m, bytes), p(`x${k}`), part(`out${k}`, bytes), length, part("pairs", PAIR_BYTES)),
      );
    };
    if (direct === null) byPositions();
    else {
      const { type } = direct;
      c.store(slot, c.const("i32", 0));
      c.run(findSpecials(m, type), part("x0", type.sizeBytes), length, slot);
      crew.meet(c);
      c.if(sumOfSlots(c, crew, found, 0), byPositions, () => {
        sortPairs(direct, "element");
        const split = splitRow(m, type);
        c.run(split, part("out0", type.sizeBytes), part("out1", 4), length, part("pairs", PAIR_BYTES));
      });
    }
    crew.meet(c);
  });
}

/** What goes below the key: the element's number, what is there already, or the element of the second array. */
type Position = "number" | "old" | "element";

function encodeRow(m: Module, w: Word, position: Position, digits: Digits | null): Callable {
  const { type: t, half } = w;
  const params = { x: "i32", n: "i32", pairs: "i32", found: "i32", other: "i32", first: "i32" } as const;
  const name = `encode_${t.name}_${half}_${position}_${digits === null ? "short" : `${digits.count}_${digits.from}`}`;
  return define(m, name, params, [], (c, { x, n, pairs, found, other, first }) => {
    const kind = wordKind(t);
    const bits = c.var<"i32" | "i64">(kind);
    const key = c.var<"i32" | "i64">(kind);
    const word = c.var("i64");
    const low = c.var("i32");
    const place = c.var("i32");
    const counts = c.let(found.add(FOUND_BYTES));
    const end = c.let(pairs.add(n.mul(PAIR_BYTES)));
    if (position === "number") low.set(first);
    c.while(pairs.ltU(end), () => {
      if (position === "old") low.set(c.load("i32", pairs));
      if (position === "element") low.set(c.load("i32", other));
      bits.set(loadBits(c, t.sizeBytes, position === "old" ? x.add(low.mul(t.sizeBytes)) : x));
      emitKey(c, t, bits, key);
      word.set(wordOf(key, half));
      c.store(pairs, word.shl(32).or(low.to("i64.extend_i32_u", "i64")));
      if (digits !== null) emitCount(c, digits, word, counts, place);
      pairs.inc(PAIR_BYTES);
      if (position === "number") low.inc(1);
      if (position === "element") other.inc(4);
      if (position !== "old") x.inc(t.sizeBytes);
    });
  });
}

function wordOf(key: Value<"i32" | "i64">, half: Word["half"]): Value<"i64"> {
  if (half === "all") return key.to("i64.extend_i32_u", "i64");
  return half === "high" ? key.as("i64").shrU(32) : key.as("i64").shl(32).shrU(32);
}

/** out[i] = x[position of pair i]. */
function gatherRow(m: Module, bytes: number): Callable {
  const params = { x: "i32", out: "i32", n: "i32", pairs: "i32" } as const;
  return define(m, `gather_${bytes}`, params, [], (c, { x, out, n, pairs }) => {
    const end = c.let(pairs.add(n.mul(PAIR_BYTES)));
    c.while(pairs.ltU(end), () => {
      storeBits(c, bytes, out, loadBits(c, bytes, x.add(c.load("i32", pairs).mul(bytes))));
      out.inc(bytes);
      pairs.inc(PAIR_BYTES);
    });
  });
}

/** Says in the word `found` whether there are NaN or -0. */
function findSpecials(m: Module, t: KeyType): Callable {
  return define(m, `find_${t.name}`, { x: "i32", n: "i32", found: "i32" }, [], (c, { x, n, found }) => {
    if (!t.isFloat) return;
    const kind = wordKind(t);
    const bits = c.var<"i32" | "i64">(kind);
    const key = c.var<"i32" | "i64">(kind);
    const end = c.let(x.add(n.mul(t.sizeBytes)));
    const special = (): void => c.store(found, c.const("i32", 1));
    c.while(x.ltU(end), () => {
      bits.set(loadBits(c, t.sizeBytes, x));
      emitKey(c, t, bits, key, special, special);
      x.inc(t.sizeBytes);
    });
  });
}

/** Values of the keys to `out`, the elements below them to `other`. */
function splitRow(m: Module, t: KeyType): Callable {
  const params = { out: "i32", other: "i32", n: "i32", pairs: "i32" } as const;
  return define(m, `split_${t.name}`, params, [], (c, { out, other, n, pairs }) => {
    const end = c.let(pairs.add(n.mul(PAIR_BYTES)));
    const key = c.var("i32");
    c.while(pairs.ltU(end), () => {
      key.set(c.load("i32", pairs, 4));
      storeBits(c, t.sizeBytes, out, valueOfKey(c, t, key as Var<"i32" | "i64">));
      c.store(other, c.load("i32", pairs));
      out.inc(t.sizeBytes);
      other.inc(4);
      pairs.inc(PAIR_BYTES);
    });
  });
}
