/**
 * The innermost kernels of a matrix product: C tile (+)= A tile x B tile, with the product's tile in registers. What C
 * holds is added last: long sums are then made of the sums of pieces, whose errors are smaller.
 * Each is a function of its own, because V8 has no on-stack replacement: a function that is called often reaches the
 * optimizing compiler, a loop that runs long does not. `register-tiles.ts` says which tiles there are.
 */
import type { Callable, Func, Local, Module } from "./assembler";
import { emitLoadPart, emitMadd, emitStorePart, type Element } from "./gemm-element";

/** Rows and columns of the register tile. */
export interface GemmTile {
  readonly mr: number;
  readonly nr: number;
}

/** How a tile reads an operand: packed panels, interleaved by k; or rows in place, with strides given at run time. */
export type OperandMode = "packed" | "inPlace";

export interface MicroKernel {
  readonly element: Element;
  readonly tile: GemmTile;
  /** Part of the tile that is computed: all of it, or less at the lower and right edge of C. */
  readonly rows: number;
  readonly cols: number;
  readonly lhs: OperandMode;
  readonly rhs: OperandMode;
  /** Use fused multiply-add. */
  readonly relaxed: boolean;
  /** C -= the product, instead of adding it. */
  readonly minus?: boolean;
}

/** Parameters: addresses and strides in bytes; `add` 0 overwrites C. Strides of packed operands are not read. */
export const MICRO_PARAMS = {
  a: "i32",
  aRow: "i32",
  aK: "i32",
  b: "i32",
  bK: "i32",
  c: "i32",
  cRow: "i32",
  kc: "i32",
  add: "i32",
} as const;

type MicroFunc = Func<typeof MICRO_PARAMS>;

/** The function of a micro kernel, made once per module. */
export function microKernel(m: Module, kernel: MicroKernel): Callable {
  const { element: e, tile, rows, cols, lhs, rhs, relaxed, minus } = kernel;
  const key = `gemm_${minus ? "minus_" : ""}${e.pairs ? "pairs" : e.name}_${rows}x${cols}_of_${tile.mr}x${tile.nr}_${lhs}_${rhs}${relaxed ? "_fma" : ""}`;
  return m.helper(key, MICRO_PARAMS, [], (f) => emitMicro(f, kernel));
}

function emitMicro(f: MicroFunc, { element: e, tile, rows, cols, lhs, rhs, relaxed, minus }: MicroKernel): void {
  const { a, aRow, aK, b, bK, c, cRow, kc, add } = f.params;
  const nVectors = Math.ceil(cols / e.lanes);
  const bytesOf = (v: number) => Math.min(16, cols * e.sizeBytes - v * 16);
  const acc = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: nVectors }, (_, v) => f.local("v128", `acc${r}${v}`)),
  );
  const bv = Array.from({ length: nVectors }, (_, v) => f.local("v128", `b${v}`));
  const av = f.local("v128", "av");
  const row = f.local("i32", "row");
  const aRows = lhs === "packed" ? [] : acc.slice(1).map((_, r) => f.local("i32", `a${r + 1}`));

  const eachOfC = (visit: (address: Local, sum: Local, offset: number, bytes: number) => void) => {
    f.get(c).set(row);
    acc.forEach((sums, r) => {
      if (r > 0) f.inc(row, cRow);
      sums.forEach((sum, v) => visit(row, sum, v * 16, bytesOf(v)));
    });
  };

  for (const sum of acc.flat()) f.i32x4(0).set(sum);
  aRows.forEach((pointer, r) =>
    f
      .get(aRows[r - 1] ?? a)
      .get(aRow)
      .op("i32.add")
      .set(pointer),
  );
  f.loop((again) => {
    bv.forEach((vector, v) => {
      if (rhs === "packed") f.get(b).mem("v128.load", v * 16);
      else emitLoadPart(f, bytesOf(v), b, v * 16);
      f.set(vector);
    });
    acc.forEach((sums, r) => {
      if (lhs === "packed") f.get(a).mem(e.loadSplat, r * e.sizeBytes);
      else f.get(aRows[r - 1] ?? a).mem(e.loadSplat);
      f.set(av);
      sums.forEach((sum, v) => emitMadd(f, e, relaxed, sum, av, bv[v] as Local));
    });
    if (lhs === "packed") f.inc(a, tile.mr * e.sizeBytes);
    else for (const pointer of [a, ...aRows]) f.inc(pointer, aK);
    f.inc(b, rhs === "packed" ? tile.nr * e.sizeBytes : bK);
    f.get(kc).i32(1).op("i32.sub").tee(kc).brIf(again);
  });
  f.get(add).if(() =>
    eachOfC((address, sum, offset, bytes) => {
      emitLoadPart(f, bytes, address, offset);
      f.get(sum)
        .op(minus ? e.vectorSub : e.vectorAdd)
        .set(sum);
    }),
  );
  eachOfC((address, sum, offset, bytes) => emitStorePart(f, bytes, address, sum, offset));
}
