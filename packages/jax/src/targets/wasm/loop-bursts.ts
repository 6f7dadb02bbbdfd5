/**
 * Large maps of two arrays and more write in bursts: the results of some columns go to a small block of scratch memory
 * first, and from there to where they belong. Between caches and memory, reading and writing in turn is slower: on an
 * EPYC with 32 MB of L3 sums of arrays of 8 or 16 MB became 1.1 times as fast, x * y + z of 8 MB 1.2 times. With one
 * array there is no difference, with arrays of 64 MB none either, and in the caches the detour costs up to a tenth. On a
 * Xeon everything became slower, so whether they do is asked at run time.
 */
import { prod } from "../../base/list";
import type { DType } from "../../aval/dtype";
import type { LoopKernel, Store } from "../../kernel/program";
import type { Local } from "./assembler";
import { type Analysis, loadsOf, rootsOf } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { opsOf } from "./loop-kernel";
import { type Access, type Cursors, isStatic } from "./loop-nest";
import { sizeLog2 } from "./memory";

/** Columns of a burst, of 4 bytes each. */
const BURST = 512;
/** Vectors that are copied in one turn. */
const COPIED = 8;
/** Bytes of all arrays from which on it pays, and operations on an element with which it does not. */
const LARGE_BYTES = 24 * 2 ** 20;
const MOST_OPS = 4;

/** Stores whose results go through scratch memory. */
export interface Bursts {
  readonly stores: readonly Store[];
  /** Address of `burstBytes` of scratch memory, or 0: then the map does without. */
  readonly scratch: Local;
}

export const burstBytes = (stores: readonly Store[]): number => 4 * BURST * stores.length;

/** The stores of a map that is to be written so: all of them; empty for others. */
export function burstStores(
  kernel: LoopKernel,
  analysis: Analysis,
  dtypeOf: (buffer: number) => DType,
): readonly Store[] {
  const { axes, stages } = kernel;
  const [stage] = stages;
  const last = axes.at(-1);
  if (stages.length !== 1 || stage!.axes.length > 0 || last === undefined || !axes.every(isStatic)) return [];
  const { stores } = stage!;
  const loads = loadsOf(rootsOf(kernel));
  const isStream = ({ index, buffer }: Access): boolean =>
    analysis.step(index, last.id) === 1 && sizeLog2(dtypeOf(buffer)) === 2;
  if (!loads.every((l) => isStream(l) || analysis.step(l.index, last.id) === 0)) return [];
  const written = new Set(stores.map((s) => s.buffer));
  if (!stores.every(isStream) || written.size < stores.length || loads.some((l) => written.has(l.buffer))) return [];
  if (opsOf(stores.map((s) => s.value)) > MOST_OPS * stores.length) return [];
  const read = new Set(loads.filter(isStream).map((l) => l.buffer)).size;
  const bytes = 4 * (read + stores.length) * prod(axes.map((a) => a.size));
  return read > stores.length && bytes >= LARGE_BYTES ? stores : [];
}

/** As many bursts as fit before `colEnd`, none without scratch memory. `columns` emits the loop from `col` to an end. */
export function emitBursts(
  e: LoopEmitter,
  { stores, scratch }: Bursts,
  cursors: Cursors,
  col: Local,
  colEnd: Local,
  columns: (end: Local) => void,
): void {
  const { f } = e;
  const [from, to, end] = [e.temp("i32"), e.temp("i32"), e.temp("i32")];
  const written = stores.map(({ index, buffer }) => ({
    at: cursors.map.get(index)!.get(buffer)!.local,
    to: e.temp("i32"),
  }));
  f.block((done) => {
    f.get(scratch).op("i32.eqz").brIf(done);
    f.loop((again) => {
      f.get(col).i32(BURST).op("i32.add").tee(end).get(colEnd).op("i32.gt_s").brIf(done);
      written.forEach((w, i) =>
        f
          .get(w.at)
          .set(w.to)
          .get(scratch)
          .i32(4 * BURST * i)
          .op("i32.add")
          .set(w.at),
      );
      columns(end);
      f.get(scratch).set(from);
      for (const w of written) {
        f.get(w.to).set(to);
        f.loop((more) => {
          for (let i = 0; i < COPIED; i++)
            f.get(to)
              .get(from)
              .mem("v128.load", 16 * i)
              .mem("v128.store", 16 * i, 2);
          f.inc(to, 16 * COPIED)
            .inc(from, 16 * COPIED)
            .get(from)
            .get(w.at)
            .op("i32.lt_u")
            .brIf(more);
        });
        f.get(to).set(w.at);
      }
      f.br(again);
    });
  });
}
