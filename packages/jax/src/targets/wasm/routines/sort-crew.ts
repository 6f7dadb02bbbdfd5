/**
 * Sorts of long rows by a crew. Every thread has a part of the row: it counts the digits there, and moves its elements to
 * the next places of their digits behind those of the threads before it, so that each pass is stable as with one thread.
 */
import type { Callable, Module } from "../assembler";
import { type Code, type Value, type Var, define } from "./code";
import { type Crew, crewRoutine } from "./crew";
import type { Routine, ScratchPlan } from "./routine";
import { type Digits, type Moved, inFours, movedBytes, movedKind, scatterPass, wrapped } from "./sort-passes";

/** Rows from this length on are worth the meetings of two threads. */
export const CREW_ROW = 30_000;

/** Elements of which parts are multiples: whole cache lines. */
export const UNIT = 16;

/** A word of each thread's own, on a cache line of its own. */
const SLOT_BYTES = 64;

/** Places of what each thread found, and of the counts. */
export const planCrew = (plan: ScratchPlan, digits: Digits, threads: number): number[] => [
  plan.take(SLOT_BYTES * threads),
  plan.take(2 * countBytes(digits) * threads),
];

/** Of one digit. */
const countBytes = ({ bits }: Digits): number => 4 << bits;

export interface CrewSort {
  readonly key: string;
  /** Bytes of an element of each operand. */
  readonly sizes: readonly number[];
  /** The function (x0, out0, x1, out1, ..., n, places...) that sorts one row. */
  row(m: Module, crew: Crew): Callable;
  readonly nPlaces: number;
}

/** Parameters: x0, out0, ..., rows, n, scratch, places. */
export function crewSortRoutine({ key, sizes, row, nPlaces }: CrewSort): Routine {
  const buffers = sizes.flatMap((_, k) => [`x${k}`, `out${k}`]);
  const places = Array.from({ length: nPlaces }, (_, i) => `place${i}`);
  const names = [...buffers, "rows", "n", "scratch", ...places];
  return crewRoutine(key, names, true, (m, _features, crew) => {
    const sortRow = row(m, crew);
    return (c, all) => {
      const p = (name: string): Var<"i32"> => all[name]!;
      for (const name of places) p(name).inc(p("scratch"));
      c.for(0, p("rows"), 1, () => {
        c.run(sortRow, ...[...buffers, "n", ...places].map(p));
        buffers.forEach((b, k) => p(b).inc(p("n").mul(sizes[k >> 1]!)));
      });
    };
  });
}

/** The word of this thread at the place `found`. */
export const slotOf = (c: Code, crew: Crew, found: Value<"i32">): Var<"i32"> =>
  c.let(found.add(crew.thread(c).mul(SLOT_BYTES)));

/** Adds the words at `offset` of all threads: after they have met. */
export function sumOfSlots(c: Code, crew: Crew, found: Value<"i32">, offset: number): Var<"i32"> {
  const sum = c.letConst("i32", 0);
  const at = c.let(found);
  c.for(0, crew.threads(c), 1, () => {
    sum.inc(c.load("i32", at, offset));
    at.inc(SLOT_BYTES);
  });
  return sum;
}

/** (from, other, n, counts) -> from or other, where the elements are then in order of their digits. All meet at the end. */
export function crewPasses(m: Module, crew: Crew, moved: Moved, digits: Digits): Callable {
  const { bits, count } = digits;
  const size = movedBytes(moved);
  const low = moved === "pair" ? 32 : 0;
  const mask = (1 << bits) - 1;
  const [countPass, scatter] = [countDigits(m, moved), scatterPass(m, moved)];
  const places = placesOfThread(m, crew, digits);
  const params = { from: "i32", other: "i32", n: "i32", counts: "i32" } as const;
  return define(m, `passes_${moved}_${count}x${bits}`, params, ["i32"], (c, { from, other, n, counts }) => {
    const { start, end } = crew.part(c, n, UNIT);
    const length = c.let(end.sub(start));
    const mine = c.let(counts.add(crew.thread(c).mul(countBytes(digits))));
    const own = c.let(mine.add(crew.threads(c).mul(countBytes(digits))));
    for (let d = 0; d < count; d++) {
      const shift = low + d * bits;
      c.fill(mine, 0, countBytes(digits));
      c.run(countPass, from.add(start.mul(size)), length, mine, shift, mask);
      crew.meet(c);
      c.if(c.call(places, "i32", counts, n, own, other, c.const("i32", size)), () => {
        c.run(scatter, from.add(start.mul(size)), length, own, shift, mask);
        c.exchange(from, other);
      });
      crew.meet(c);
    }
    from.push();
  });
}

/** (from, n, counts, shift, mask): adds one digit of the elements to the counts. */
function countDigits(m: Module, moved: Moved): Callable {
  const size = movedBytes(moved);
  const params = { from: "i32", n: "i32", counts: "i32", shift: "i32", mask: "i32" } as const;
  return define(m, `count_${moved}`, params, [], (c, { from, n, counts, shift, mask }) => {
    const wide = c.let(shift.to("i64.extend_i32_u", "i64"));
    const place = c.var("i32");
    inFours(c, from, n, size, (offset) => {
      const element = c.load(movedKind(moved), from, offset);
      place.set(wrapped(element.shrU(size === 8 ? wide : shift)).and(mask).shl(2).add(counts)); // prettier-ignore
      c.store(place, c.load("i32", place).add(1));
    });
  });
}

/**
 * (counts of all threads, n, places, at, size) -> 1, and the addresses where this thread's elements of each digit go; or 0
 * where all elements have one digit and may stay.
 */
function placesOfThread(m: Module, crew: Crew, digits: Digits): Callable {
  const bytes = countBytes(digits);
  const params = { counts: "i32", n: "i32", places: "i32", at: "i32", size: "i32" } as const;
  return define(m, `places_${digits.bits}`, params, ["i32"], (c, { counts, n, places, at, size }) => {
    const end = c.let(counts.add(bytes));
    const mine = c.let(crew.thread(c));
    const threads = c.let(crew.threads(c));
    const [thread, from, before, sum, found] = [c.var("i32"), c.var("i32"), c.var("i32"), c.var("i32"), c.var("i32")];
    found.set(1);
    c.doWhile(counts.ltU(end), () => {
      from.set(counts);
      sum.set(0);
      before.set(0);
      thread.set(0);
      c.doWhile(thread.lt(threads), () => {
        c.if(thread.eq(mine), () => before.set(sum));
        sum.inc(c.load("i32", from));
        from.inc(bytes);
        thread.inc(1);
      });
      c.if(sum.eq(n), () => found.set(0));
      c.store(places, at.add(before.mul(size)));
      at.inc(sum.mul(size));
      counts.inc(4);
      places.inc(4);
    });
    found.push();
  });
}
