/**
 * Matrices in scratch memory: row-major, with room after each row and after the last row, so that kernels may work on
 * whole tiles where the matrix ends: what they compute there is never read.
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { F32, F64 } from "../gemm-element";
import { type GemmTile, microKernel } from "../gemm-micro";
import { tableTiles } from "../register-tiles";
import { type Code, type Value, define } from "./code";
import type { RealType } from "./real";
import type { FloatKind } from "./value";

/** Rows beyond the last, for tiles of any engine. */
export const SPARE_ROWS = 6;

/** Register tiles of the engine, as far as there are spare rows for them. */
export const tileOf = ({ relaxed, tiles }: WasmFeatures, real: RealType): GemmTile => ({
  mr: Math.min(SPARE_ROWS, (tiles ?? tableTiles(relaxed)).narrow),
  nr: 2 * real.lanes,
});

/** Bytes of a row: an odd number of cache lines, so that rows do not compete for the same ones. */
export function rowBytesOf(real: RealType, columns: number): number {
  const lines = Math.ceil((columns * real.bytes + 64) / 64);
  return 64 * (lines % 2 === 0 ? lines + 1 : lines);
}

/** Steps of k at a time: what a strip of B may have to stay in the cache. */
const MAX_DEPTH = 256;

/**
 * (c, cRow, a, aRow, aK, b, bRow, rows, cols, depth, mode): C (+)= A B. Strides in bytes. Mode 0 overwrites C, 1 adds
 * to it, 3 adds to what is not below the diagonal that ends in its last corner (tiles that touch it).
 */
export const MULTIPLY_UPPER = 3;

export function multiplyTiles(m: Module, features: WasmFeatures, real: RealType): Callable {
  const tile = tileOf(features, real);
  const element = real.bytes === 4 ? F32 : F64;
  const kernel = { element, tile, rows: tile.mr, cols: tile.nr, lhs: "inPlace", rhs: "inPlace" } as const;
  const micro = microKernel(m, { ...kernel, relaxed: features.relaxed });
  const params = {
    c: "i32", cRow: "i32", a: "i32", aRow: "i32", aK: "i32", b: "i32", bRow: "i32", rows: "i32", cols: "i32",
    depth: "i32", mode: "i32",
  } as const; // prettier-ignore
  return define(m, `multiply_${real.name}`, params, [], (k, p) => {
    const add = k.let(p.mode.and(1));
    const above = k.let(p.rows.sub(p.cols).add(tile.nr));
    const to = k.var("i32");
    const part = k.var("i32");
    k.while(p.depth.gt(0), () => {
      part.set(least(k, p.depth, k.const("i32", MAX_DEPTH)));
      k.for(0, p.cols, tile.nr, (j) => {
        to.set(p.rows);
        k.if(p.mode.eq(MULTIPLY_UPPER), () => to.set(least(k, p.rows, j.add(above))));
        k.for(0, to, tile.mr, (i) => {
          const [a, b] = [p.a.add(i.mul(p.aRow)), p.b.add(j.mul(real.bytes))];
          const c = p.c.add(i.mul(p.cRow)).add(j.mul(real.bytes));
          k.run(micro, a, p.aRow, p.aK, b, p.bRow, c, p.cRow, part, add);
        });
      });
      p.a.inc(part.mul(p.aK));
      p.b.inc(part.mul(p.bRow));
      p.depth.set(p.depth.sub(part));
      add.set(1);
    });
  });
}

/**
 * (from, fromRow, fromColumn, to, toRow, toColumn, rows, columns): copies elements of `source` as `target`, any strides
 * in bytes: transposed and backward too.
 */
export function copyMatrix(m: Module, source: RealType, target: RealType): Callable {
  const params = {
    from: "i32", fromRow: "i32", fromColumn: "i32", to: "i32", toRow: "i32", toColumn: "i32", rows: "i32",
    columns: "i32",
  } as const; // prettier-ignore
  return define(m, `matrix_${source.name}_${target.name}`, params, [], (c, p) => {
    const at = c.var("i32");
    const into = c.var("i32");
    const same = source === target;
    const byElements = (): void => {
      at.set(p.from);
      into.set(p.to);
      c.for(0, p.columns, 1, () => {
        c.store(into, converted(c.load<FloatKind>(source.scalar, at), source, target));
        at.inc(p.fromColumn);
        into.inc(p.toColumn);
      });
    };
    const contiguous = p.fromColumn.eq(source.bytes).and(p.toColumn.eq(target.bytes));
    c.for(0, p.rows, 1, () => {
      if (same) c.if(contiguous, () => c.copy(p.to, p.from, p.columns.mul(source.bytes)), byElements);
      else byElements();
      p.from.inc(p.fromRow);
      p.to.inc(p.toRow);
    });
  });
}

export function converted(x: Value<FloatKind>, source: RealType, target: RealType): Value<FloatKind> {
  if (source === target) return x;
  return source.bytes === 4 ? x.to("f64.promote_f32", "f64") : x.to("f32.demote_f64", "f32");
}

/** (from, fromRow, to, toRow, rows, bytes): to = -from, in whole vectors. */
export function negateRows(m: Module, real: RealType): Callable {
  const params = { from: "i32", fromRow: "i32", to: "i32", toRow: "i32", rows: "i32", bytes: "i32" } as const;
  return define(m, `negate_${real.name}`, params, [], (c, p) => {
    c.for(0, p.rows, 1, () => {
      c.for(0, p.bytes, 16, (at) => c.store(p.to.add(at), c.load<FloatKind>(real.vector, p.from.add(at)).neg()));
      p.from.inc(p.fromRow);
      p.to.inc(p.toRow);
    });
  });
}

/** The smaller of two numbers. */
export const least = (c: Code, a: Value<"i32">, b: Value<"i32">): Value<"i32"> => c.select(a.lt(b), a, b);
