/** Maps that only copy: rows by the engine's own copy, which has wider registers, or a way past the caches. */
import type { DType } from "../../aval/dtype";
import type { LoopKernel } from "../../kernel/program";
import type { LoadScalar } from "../../kernel/scalar";
import type { Local } from "./assembler";
import type { Analysis } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { COLUMN_BLOCK } from "./loop-items";
import { type Access, isStatic } from "./loop-nest";
import { sizeLog2 } from "./memory";

/** Elements from which on a call of it is soon made up for. */
const LEAST = 128;

export interface CopiedRows {
  readonly from: LoadScalar;
  readonly to: Access;
  /** No row is so short that a loop does it better. */
  readonly always: boolean;
}

/** What a map copies along its last axis; null for maps that do something else. */
export function copiedRows(
  { axes, stages }: LoopKernel,
  analysis: Analysis,
  dtypeOf: (buffer: number) => DType,
): CopiedRows | null {
  const [stage] = stages;
  const last = axes.at(-1);
  if (stages.length !== 1 || stage!.axes.length > 0 || stage!.stores.length !== 1 || last === undefined) return null;
  const [to] = stage!.stores;
  const from = to!.value;
  if (from.tag !== "load" || from.guard !== null || dtypeOf(from.buffer) !== dtypeOf(to!.buffer)) return null;
  if (![from, to!].every(({ index }) => analysis.step(index, last.id) === 1)) return null;
  const shortest = isStatic(last) ? Math.min(last.size, last.size % COLUMN_BLOCK || COLUMN_BLOCK) : 0;
  if (isStatic(last) && last.size < LEAST) return null;
  return { from, to: to!, always: shortest >= LEAST };
}

/** Copies the columns [col, colEnd), unless they are few; else `col` ends at colEnd. */
export function emitCopy(e: LoopEmitter, { from, to, always }: CopiedRows, col: Local, colEnd: Local): void {
  const { f } = e;
  const copy = (): void => {
    for (const { buffer, index } of [to, from]) {
      const offset = e.pushAddress(buffer, index);
      if (offset !== 0) f.i32(offset).op("i32.add");
    }
    f.get(colEnd)
      .get(col)
      .op("i32.sub")
      .i32(sizeLog2(e.dtypeOf(to.buffer)))
      .op("i32.shl")
      .memoryCopy();
    f.get(colEnd).set(col);
  };
  if (always) copy();
  else
    f.get(colEnd)
      .get(col)
      .op("i32.sub")
      .i32(LEAST)
      .op("i32.ge_s")
      .if(() => e.scoped(copy));
}
