/** Some neighbouring results of a reduction over windows, in registers. */
import { isFloat } from "../../aval/dtype";
import { range } from "../../base/list";
import type { Reduction } from "../../kernel/program";
import type { Func, Local } from "./assembler";
import { emitCombine, identityOf } from "./loop-accumulate";
import type { LoopEmitter } from "./loop-emitter";
import type { KernelContext } from "./loop-kernel";
import type { Window } from "./loop-window";
import type { Columns } from "./loop-window-weights";

/** Vector instructions for maxima lose NaNs. */
export const looksForNaN = ({ op, value, skipsNaN }: Reduction): boolean =>
  isFloat(value.dtype) && (op === "max" || op === "min") && skipsNaN !== true;

/** Windows that share no columns, so far apart that bringing each column into place would be most of the work. */
const isApart = ({ step, taps }: Window): boolean => step > 3 && taps.at(-1)! < step;

/** Columns in vectors that are reduced side by side: what fits the registers. */
const SIDE_BY_SIDE = 14;
const FOUR = [0, 1, 2, 3];

/** A column for each lane; null where any value will do. */
type Lanes = readonly (number | null)[];

export class WindowBlock {
  private readonly e: LoopEmitter;
  private readonly w: Window;
  private readonly count: number;
  private readonly at: Local;
  private readonly there: Columns | null;
  private readonly lastColumn: number;
  private readonly columns = new Map<number, Local>();
  private readonly gathered = new Map<string, Local>();
  /** Sums of all that was loaded: NaN where a NaN was, or infinities of both signs. */
  private readonly sums: Local[] = [];

  /** `at`: address of the first window. `there`: columns that are in memory, the others being zeros; null for all. */
  constructor(e: LoopEmitter, w: Window, count: number, at: Local, there: Columns | null = null) {
    this.e = e;
    this.w = w;
    this.count = count;
    this.at = at;
    this.there = there;
    this.lastColumn = (count - 1) * w.step + w.taps.at(-1)!;
  }

  /** Vectors of results; `search` is from `emitNanSearch`. */
  emit(search: Func | null): Local[] {
    const { f } = this.e;
    const results: Local[] = [];
    for (let first = 0; first < this.count; first += 4) {
      const result = this.e.temp("v128");
      if (isApart(this.w)) this.pushApart(first);
      else {
        this.w.taps.forEach((tap, i) => {
          f.get(this.tapOf(first, tap));
          if (i > 0) this.combine();
        });
      }
      f.set(result);
      results.push(result);
    }
    if (search !== null) this.putNaNs(results, search);
    return results;
  }

  /** Rows are read as they lie in memory, where all vectors of columns are wanted one after the other. */
  private get rowByRow(): boolean {
    const { step, taps, rows } = this.w;
    return rows.length > 1 && (isApart(this.w) || (step === 1 && taps.length === 1));
  }

  private combine(): void {
    emitCombine(this.e.f, this.w.reduction);
  }

  /** Four results, of what each window has in every lane. */
  private pushApart(first: number): void {
    const { f } = this.e;
    const [a, b, c, d] = FOUR.map((i) => this.lanesOf(Math.min(first + i, this.count - 1))) as [Local, Local, Local, Local]; // prettier-ignore
    const halves = (x: Local, y: Local): Local => {
      const out = this.e.temp("v128");
      f.get(x).get(y).shuffle(0, 4, 1, 5).get(x).get(y).shuffle(2, 6, 3, 7);
      this.combine();
      f.set(out);
      return out;
    };
    const [left, right] = [halves(a, b), halves(c, d)];
    f.get(left).get(right).shuffle(0, 1, 4, 5).get(left).get(right).shuffle(2, 3, 6, 7);
    this.combine();
  }

  /** A vector whose lanes together are the window. */
  private lanesOf(window: number): Local {
    const { f } = this.e;
    const { step, taps, reduction } = this.w;
    const own = new Set(taps.map((tap) => window * step + tap));
    const out = this.e.temp("v128");
    [...new Set([...own].map((c) => c >> 2))].forEach((vector, i) => {
      const x = this.column(vector);
      if (i > 0) f.get(out);
      f.get(x);
      const isOwn = FOUR.map((lane) => own.has(4 * vector + lane));
      if (!isOwn.every(Boolean)) {
        const identity = identityOf(reduction.op, reduction.value.dtype);
        if (isFloat(reduction.dtype)) f.f32x4(identity);
        else f.i32x4(identity);
        f.shuffle(...isOwn.map((is, lane) => (is ? lane : 4 + lane)));
      }
      if (i > 0) this.combine();
      f.set(out);
    });
    return out;
  }

  /** Column `tap` of four windows. */
  tapOf(first: number, tap: number): Local {
    const { step } = this.w;
    const phase = tap % step;
    const start = first + Math.floor(tap / step);
    const turn = start % 4;
    const four = (i: number): Local => this.gather(FOUR.map((lane) => (i + lane) * step + phase));
    // Columns a step apart are together already for windows whose number is a multiple of four.
    const from = start - turn;
    if (turn === 0 || step === 1 || (from + 4) * step + phase > this.lastColumn) return four(start);
    const key = `${from}+${turn},${phase}`;
    let local = this.gathered.get(key);
    if (local === undefined) {
      const lanes = FOUR.map((lane) => lane + turn);
      this.gathered.set(key, (local = this.shuffle(four(from), four(from + 4), lanes)));
    }
    return local;
  }

  /** A vector with these columns. */
  private gather(columns: readonly number[]): Local {
    const wanted: Lanes = columns.map((c) => (c <= this.lastColumn ? c : null));
    const key = wanted.join();
    let out = this.gathered.get(key);
    if (out !== undefined) return out;
    const vectors = [...new Set(wanted.flatMap((c) => (c === null ? [] : [c >> 2])))];
    const [left, right] = [vectors.slice(0, 2), vectors.slice(2)];
    out = this.pair(left, wanted);
    if (right.length > 0) {
      const lanes = wanted.map((c, lane) => (c !== null && right.includes(c >> 2) ? 4 + lane : lane));
      out = this.shuffle(out, this.pair(right, wanted), lanes);
    }
    this.gathered.set(key, out);
    return out;
  }

  /** What of the wanted columns one or two vectors have, in place. */
  private pair([a, b = a]: readonly number[], wanted: Lanes): Local {
    const lanes = wanted.map((c, lane) => {
      if (c === null || (c >> 2 !== a && c >> 2 !== b)) return lane;
      return (c & 3) + (c >> 2 === a ? 0 : 4);
    });
    if (lanes.every((from, lane) => from === lane)) return this.column(a!);
    return this.shuffle(this.column(a!), this.column(b!), lanes);
  }

  private shuffle(a: Local, b: Local, lanes: readonly number[]): Local {
    const { e } = this;
    const out = e.temp("v128");
    e.f.get(a).get(b);
    e.f.shuffle(...lanes).set(out);
    return out;
  }

  /** What the rows come to in four neighbouring columns. */
  private column(vector: number): Local {
    const known = this.columns.get(vector);
    if (known !== undefined) return known;
    if (this.there !== null) return this.paddedColumn(vector, this.there);
    const together = this.rowByRow ? Math.min(SIDE_BY_SIDE, (this.lastColumn >> 2) + 1 - vector) : 1;
    const locals = (): Local[] => range(together).map(() => this.e.temp("v128"));
    const outs = locals();
    const sums = looksForNaN(this.w.reduction) ? locals() : null;
    const { f } = this.e;
    this.w.rows.forEach((row, n) => {
      outs.forEach((out, i) => {
        const sum = sums?.[i];
        if (n > 0 && sum === undefined) f.get(out);
        this.pushRow(vector + i, row);
        if (n === 0) {
          f.set(out);
          if (sum !== undefined) f.get(out).set(sum);
          return;
        }
        if (sum !== undefined) {
          const x = f.local("v128");
          f.tee(x).get(sum).op("f32x4.add").set(sum);
          f.get(out).get(x).release(x);
        }
        this.combine();
        f.set(out);
      });
    });
    if (sums !== null) this.sums.push(...sums);
    outs.forEach((out, i) => {
      if (this.columnsFrom(vector + i) === 3) f.get(out).get(out).shuffle(1, 2, 3, 3).set(out);
      this.columns.set(vector + i, out);
    });
    return outs[0]!;
  }

  /** Four neighbouring columns of a single row, zeros where there are none. */
  private paddedColumn(vector: number, there: Columns): Local {
    const { f } = this.e;
    const out = this.e.temp("v128");
    const from = Math.max(4 * vector, there.from);
    const to = Math.min(4 * vector + 4, there.to, this.lastColumn + 1);
    if (to <= from) f.i32x4(0);
    else {
      // Four that are there, moved into place.
      const first = from > 4 * vector ? from : to - 4;
      f.get(this.at).mem("v128.load", 4 * (this.w.rows[0]! + first), 2);
      if (to - from < 4) {
        const lanes = FOUR.map((lane) => 4 * vector + lane);
        f.i32x4(0).shuffle(...lanes.map((c, lane) => (c >= from && c < to ? c - first : 4 + lane)));
      }
    }
    f.set(out);
    this.columns.set(vector, out);
    return out;
  }

  /** Columns from a vector on to the last one, behind which may be the end of memory. */
  private columnsFrom(vector: number): number {
    return this.lastColumn + 1 - 4 * vector;
  }

  private pushRow(vector: number, row: number): void {
    const { f } = this.e;
    const columns = this.columnsFrom(vector);
    // Three are loaded with the one before, which is there: a row's first block has at least four results.
    const offset = 4 * (row + 4 * vector - (columns === 3 ? 1 : 0));
    f.get(this.at);
    if (offset < 0) f.i32(offset).op("i32.add");
    const load = columns === 1 ? "v128.load32_zero" : columns === 2 ? "v128.load64_zero" : "v128.load";
    f.mem(load, Math.max(0, offset), 2);
  }

  /** Where the sum says that there may be NaNs, each window is searched. */
  private putNaNs(results: readonly Local[], search: Func): void {
    const { f } = this.e;
    const total = f.local("v128");
    this.sums.forEach((sum, i) => (i === 0 ? f.get(sum) : f.get(sum).op("f32x4.add")));
    f.tee(total).get(total).op("f32x4.ne").op("v128.any_true").release(total);
    f.if(() => {
      for (let i = 0; i < this.count; i++) {
        const result = results[i >> 2]!;
        f.get(this.at).i32(4 * i * this.w.step).op("i32.add").call(search); // prettier-ignore
        f.if(() =>
          f
            .get(result)
            .f32(NaN)
            .lane("f32x4.replace_lane", i & 3)
            .set(result),
        );
      }
    });
  }
}

/** Function (address of a window's first element): whether there is a NaN in the window. */
export function emitNanSearch(k: KernelContext, { taps, rows }: Window): Func {
  const f: Func = k.module.func(`${k.name}_nan`, { at: "i32" }, ["i32"]);
  const at = f.params.at!;
  const x = f.local("f32");
  f.i32(0);
  for (const row of rows) {
    for (const tap of taps) {
      f.get(at)
        .mem("f32.load", 4 * (row + tap))
        .tee(x)
        .get(x)
        .op("f32.ne")
        .op("i32.or");
    }
  }
  return f;
}
