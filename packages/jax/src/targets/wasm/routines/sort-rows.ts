/**
 * Sorts along any axis by sorts of contiguous rows: [outer, n, inner] is taken in blocks of columns, which are copied to
 * scratch memory as rows, so that every cache line of the input is read once.
 */
import type { Callable, Module } from "../assembler";
import { type Code, type Value, type Var, define, i32s } from "./code";
import type { Routine, ScratchPlan } from "./routine";
import { loadBits, storeBits } from "./sort-keys";

/** Columns of a block. */
export const BLOCK_COLUMNS = 16;

export interface RowSort {
  readonly key: string;
  /** Bytes of an element of each operand. */
  readonly sizes: readonly number[];
  /** The function (x0, out0, x1, out1, ..., n, last, places in scratch memory...) that sorts one row. */
  row(m: Module): Callable;
  /** Number of its places. */
  readonly nPlaces: number;
}

const buffersOf = (sizes: readonly number[]): string[] => sizes.flatMap((_, k) => [`x${k}`, `out${k}`]);

/** Parameters: x0, out0, ..., outer, blocks of columns, n, last, inner, scratch, places of the row sort, and of the block of each buffer. */
export function rowSortRoutine({ key, sizes, row, nPlaces }: RowSort): Routine {
  const buffers = buffersOf(sizes);
  const sizeOf = (buffer: number): number => sizes[buffer >> 1]!;
  const places = Array.from({ length: nPlaces }, (_, i) => `place${i}`);
  const blocks = buffers.map((name) => `${name}Block`);
  const names = [...buffers, "outer", "count", "n", "last", "inner", "scratch", ...places, ...blocks];
  return {
    key,
    nParams: names.length,
    emit(m) {
      const sortRow = row(m);
      define(m, "run", i32s(names), [], (c, all) => {
        const p = (name: string): Var<"i32"> => all[name]!;
        const [n, inner, scratch] = [p("n"), p("inner"), p("scratch")];
        for (const name of [...places, ...blocks]) p(name).inc(scratch);
        const step = (starts: readonly Value<"i32">[]): void =>
          c.run(sortRow, ...starts, n, p("last"), ...places.map(p));
        c.for(0, p("outer"), 1, () => {
          c.if(
            inner.eq(1),
            () => step(buffers.map(p)),
            () =>
              columnBlocks(c, p("count"), inner, (column, width) => {
                const copy = (k: number, back: boolean): void => {
                  const size = sizeOf(k);
                  const there = [p(buffers[k]!).add(column.mul(size)), inner.mul(size), c.const("i32", size)] as const;
                  const here = [p(blocks[k]!), c.const("i32", size), n.mul(size)] as const;
                  c.run(copyBlock(m, size), ...(back ? [...here, ...there] : [...there, ...here]), n, width);
                };
                buffers.forEach((_, k) => k % 2 === 0 && copy(k, false));
                c.for(0, width, 1, (j) => step(blocks.map((b, k) => p(b).add(j.mul(n).mul(sizeOf(k))))));
                buffers.forEach((_, k) => k % 2 === 1 && copy(k, true));
              }),
          );
          buffers.forEach((b, k) => p(b).inc(n.mul(inner).mul(sizeOf(k))));
        });
      });
    },
  };
}

function columnBlocks(
  c: Code,
  count: Var<"i32">,
  inner: Var<"i32">,
  body: (column: Var<"i32">, width: Var<"i32">) => void,
): void {
  const width = c.var("i32");
  c.for(0, count.mul(BLOCK_COLUMNS), BLOCK_COLUMNS, (column) => {
    width.set(inner.sub(column));
    c.if(width.gt(BLOCK_COLUMNS), () => width.set(BLOCK_COLUMNS));
    body(column, width);
  });
}

/** to[i * toN + j * toColumn] = from[...] for i < n, j < width; all in bytes. */
function copyBlock(m: Module, size: number): Callable {
  const params = { from: "i32", fromN: "i32", fromColumn: "i32", to: "i32", toN: "i32", toColumn: "i32", n: "i32", width: "i32" } as const; // prettier-ignore
  return define(m, `block_${size}`, params, [], (c, p) => {
    const from = c.var("i32");
    const to = c.var("i32");
    c.for(0, p.n, 1, () => {
      from.set(p.from);
      to.set(p.to);
      c.for(0, p.width, 1, () => {
        storeBits(c, size, to, loadBits(c, size, from));
        from.inc(p.fromColumn);
        to.inc(p.toColumn);
      });
      p.from.inc(p.fromN);
      p.to.inc(p.toN);
    });
  });
}

/** Places of the blocks of all buffers. */
export function planBlocks(plan: ScratchPlan, sizes: readonly number[], n: number, inner: number): number[] {
  const width = inner === 1 ? 0 : Math.min(inner, BLOCK_COLUMNS);
  return buffersOf(sizes).map((_, k) => plan.take(width * n * sizes[k >> 1]!));
}
