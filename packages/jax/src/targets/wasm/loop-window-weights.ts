/** Windows whose elements are multiplied by weights, one for all results of a row: depthwise convolutions, padded or not. */
import { range } from "../../base/list";
import type { Axis } from "../../kernel/program";
import type { LoadScalar, Scalar } from "../../kernel/scalar";
import type { Local } from "./assembler";
import type { Analysis } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import type { Window } from "./loop-window";
import { WindowBlock } from "./loop-window-block";

/** Columns that there are, from the first one of a row's first window; the others are zeros. */
export interface Columns {
  readonly from: number;
  readonly to: number;
}

export interface Weights {
  readonly load: LoadScalar;
  /** Elements from the first weight to the one of the lowest address. */
  readonly first: number;
  /** How far from that they are, for the rows and for the taps of a window. */
  readonly rows: readonly number[];
  readonly taps: readonly number[];
  /** null where no column asks for padding. */
  readonly columns: Columns | null;
  /** What must hold for a row of the window to be there, and the values of the window's axes at each row. */
  readonly guards: readonly Scalar[];
  readonly axes: readonly Axis[];
  readonly places: readonly (readonly number[])[];
}

export interface Product {
  readonly load: LoadScalar;
  readonly weight: LoadScalar;
}

/** A load, perhaps padded with zeros, and one that is the same along the row. */
export function productOf(value: Scalar, isWeight: (index: Scalar) => boolean): Product | null {
  if (value.tag !== "op" || value.op !== "mul" || value.dtype !== "float32") return null;
  const loads = value.args.map((s) => {
    const padded = s.tag === "op" && s.op === "select" && isZero(s.args[2]!) ? s.args[1]! : s;
    return padded.tag === "load" ? padded : null;
  });
  const at = loads.findIndex((s) => s !== null && s === value.args[loads.indexOf(s)] && s.guard === null && isWeight(s.index)); // prettier-ignore
  const [weight, load] = [loads[at], loads[1 - at]];
  return weight && load ? { load, weight } : null;
}

const isZero = (s: Scalar): boolean => s.tag === "const" && s.value === 0;

/** The guard of a padded load in parts: what columns there are, and what is to be asked of rows. null if it is another. */
export function guardOf(
  guard: Scalar | null,
  analysis: Analysis,
  last: { readonly axis: Axis; readonly step: number },
  along: { readonly axis: Axis; readonly step: number },
): { readonly columns: Columns | null; readonly guards: readonly Scalar[] } | null {
  const guards: Scalar[] = [];
  let [from, to] = [-Infinity, Infinity];
  const mine = analysis.maskOf([last.axis, along.axis]);
  for (const c of guard === null ? [] : conjuncts(guard)) {
    const mask = analysis.mask(c);
    if ((mask & mine) === 0) {
      guards.push(c);
      continue;
    }
    if (c.tag !== "op" || (c.op !== "lt" && c.op !== "le") || (mask & ~mine) !== 0) return null;
    const [a, b] = c.args as [Scalar, Scalar];
    const [p, q] = [atZero(a), atZero(b)];
    const [byLast, byTap] = [last.axis, along.axis].map((axis) => {
      const [x, y] = [analysis.step(a, axis.id), analysis.step(b, axis.id)];
      return typeof x === "number" && typeof y === "number" ? y - x : NaN;
    });
    if (p === null || q === null) return null;
    const least = p - q + (c.op === "lt" ? 1 : 0);
    if (byLast === last.step && byTap === along.step) from = Math.max(from, least);
    else if (byLast === -last.step && byTap === -along.step) to = Math.min(to, 1 - least);
    else return null;
  }
  return { columns: from <= 0 && to === Infinity ? null : { from: Math.max(0, from), to }, guards };
}

const conjuncts = (s: Scalar): Scalar[] => (s.tag === "op" && s.op === "and" ? s.args.flatMap(conjuncts) : [s]);

/** An index where all axes are zero; null for what is no sum. */
function atZero(s: Scalar): number | null {
  if (s.tag === "const") return s.value;
  if (s.tag === "axis") return 0;
  if (s.tag !== "op" || (s.op !== "add" && s.op !== "mul")) return null;
  const [a, b] = s.args.map(atZero);
  return a === null || b === null ? null : s.op === "add" ? a! + b! : a! * b!;
}

/** For each row of the windows whether it is there, in locals; null for rows that need not be asked. */
export function emitRowGuards(e: LoopEmitter, { guards, axes, places }: Weights): (Local | null)[] {
  const { f } = e;
  return places.map((place) => {
    if (guards.length === 0) return null;
    const there = e.temp("i32");
    e.scoped(() => {
      axes.forEach(({ id }, i) => f.i32(place[i]!).set(e.axes.get(id)!));
      guards.forEach((g, i) => {
        e.push(g);
        if (i > 0) f.op("i32.and");
      });
    });
    f.set(there);
    axes.forEach(({ id }) => f.i32(0).set(e.axes.get(id)!));
    return there;
  });
}

/** Addresses of a row's first window and of the weight of the lowest address, and what of the rows is there. */
export interface WeightedRow {
  readonly at: Local;
  readonly weights: Local;
  readonly there: readonly (Local | null)[];
}

/** Vectors of `count` results. `columns` are those that there are, from the block's first window on; null for all. */
export function emitWeighted(
  e: LoopEmitter,
  w: Window,
  count: number,
  row: WeightedRow,
  columns: Columns | null,
): Local[] {
  const { f } = e;
  const by = w.weights!;
  const sums = range(Math.ceil(count / 4)).map(() => e.temp("v128"));
  for (const sum of sums) f.f32x4(0).set(sum);
  // Of less than four columns some before are loaded too: a row's first block has more.
  const there = columns ?? { from: count < 4 ? -3 : 0, to: Infinity };
  const first = Math.max(-3, there.from);
  const weight = e.temp("v128");
  const base = e.temp("i32");
  w.rows.forEach((offset, r) => {
    const body = (): void =>
      e.scoped(() => {
        // Before what is there may be the beginning of memory.
        f.get(row.at).i32(4 * (offset + first)).op("i32.add").set(base); // prettier-ignore
        const block = new WindowBlock(e, { ...w, rows: [-first] }, count, base, there);
        w.taps.forEach((tap, t) => {
          f.get(row.weights)
            .mem("v128.load32_splat", 4 * (by.rows[r]! + by.taps[t]!), 2)
            .set(weight);
          sums.forEach((sum, i) => {
            const x = block.tapOf(4 * i, tap);
            if (e.relaxed) f.get(x).get(weight).get(sum).op("f32x4.relaxed_madd");
            else f.get(sum).get(x).get(weight).op("f32x4.mul").op("f32x4.add");
            f.set(sum);
          });
        });
      });
    // An address is never zero. V8 before 11.4 changes the order of what is not behind branches: with all rows side by
    // side most values go to memory (0.25 ms in place of 0.18).
    f.get(row.there[r] ?? row.weights).if(body);
  });
  return sums;
}
