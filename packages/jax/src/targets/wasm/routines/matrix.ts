/**
 * Matrices in scratch memory: row-major, with room after each row, so that kernels may work on whole vectors and tiles
 * where rows end: what they compute there is never read.
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { F32, F64 } from "../gemm-element";
import { type GemmTile, microKernel } from "../gemm-micro";
import { tableTiles } from "../register-tiles";
import { type Code, type Value, define, i32s } from "./code";
import type { RealType } from "./real";
import type { FloatKind } from "./value";

/** Register tiles of the engine, wide ones where it has them. */
function tileOf({ relaxed, tiles }: WasmFeatures, { lanes }: RealType): GemmTile {
  const { narrow, wide } = tiles ?? tableTiles(relaxed);
  return wide > 0 ? { mr: wide, nr: 4 * lanes } : { mr: narrow, nr: 2 * lanes };
}

/** Bytes of a row: an odd number of cache lines, so that rows do not compete for the same ones. */
export function rowBytesOf(real: RealType, columns: number): number {
  const lines = Math.ceil((columns * real.bytes + 64) / 64);
  return 64 * (lines % 2 === 0 ? lines + 1 : lines);
}

/** Steps of k at a time: what a strip of B may have to stay in the cache. */
const MAX_DEPTH = 256;
/** Columns at a time: rows of C lie far apart, so all of them that are in the strip are done before the next rows. */
const STRIP = 48;

/** A mode of products: adds to what is not below the diagonal that ends in the last corner of C (tiles that touch it). */
export const MULTIPLY_UPPER = 3;

/**
 * (c, cRow, a, aRow, aK, b, bRow, rows, cols, depth, mode): C (+)= A B. Strides in bytes. Mode 0 overwrites C, 1 adds to
 * it, and there is MULTIPLY_UPPER.
 */
export const multiplyTiles = (m: Module, features: WasmFeatures, real: RealType): Callable =>
  products(m, features, real, false);

/** The same with C -= A B: mode 1 or MULTIPLY_UPPER. */
export const subtractTiles = (m: Module, features: WasmFeatures, real: RealType): Callable =>
  products(m, features, real, true);

function products(m: Module, features: WasmFeatures, real: RealType, minus: boolean): Callable {
  const tile = tileOf(features, real);
  const element = real.bytes === 4 ? F32 : F64;
  const kernel = {
    element,
    minus,
    tile,
    cols: tile.nr,
    lhs: "inPlace",
    rhs: "inPlace",
    relaxed: features.relaxed,
  } as const;
  const [whole, single] = [tile.mr, 1].map((rows) => microKernel(m, { ...kernel, rows })) as [Callable, Callable];
  const names = ["c", "cRow", "a", "aRow", "aK", "b", "bRow", "rows", "cols", "depth", "mode"] as const;
  return define(m, `${minus ? "subtract" : "multiply"}_${real.name}`, i32s(names), [], (k, p) => {
    const add = k.let(p.mode.and(1));
    const above = k.let(k.select(p.mode.eq(MULTIPLY_UPPER), p.rows.sub(p.cols).add(tile.nr), p.rows));
    const [a, c, i, to] = [k.var("i32"), k.var("i32"), k.var("i32"), k.var("i32")];
    const [first, end, part] = [k.var("i32"), k.var("i32"), k.var("i32")];
    /** Tiles of the next rows, from the first one that touches what is wanted. */
    const tiles = (strip: Value<"i32">, micro: Callable, rows: number): void => {
      first.set(i.sub(above).add(tile.nr).and(-tile.nr));
      first.set(k.select(first.lt(strip), strip, first));
      k.for(first, end, tile.nr, (j) => {
        const at = k.let(j.mul(real.bytes));
        k.run(micro, a, p.aRow, p.aK, p.b.add(at), p.bRow, c.add(at), p.cRow, part, add);
      });
      a.inc(p.aRow.mul(rows));
      c.inc(p.cRow.mul(rows));
      i.inc(rows);
    };
    k.while(p.depth.gt(0), () => {
      part.set(least(k, p.depth, k.const("i32", MAX_DEPTH)));
      k.for(0, p.cols, STRIP, (strip) => {
        end.set(least(k, p.cols, strip.add(STRIP)));
        to.set(least(k, p.rows, end.add(above)));
        a.set(p.a);
        c.set(p.c);
        i.set(0);
        k.while(i.lt(to), () => {
          const isWhole = p.rows.sub(i).ge(tile.mr);
          k.if(isWhole, () => tiles(strip, whole, tile.mr), () => tiles(strip, single, 1)); // prettier-ignore
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

/** Half of n, or what makes it a multiple of `unit`. */
export const halfOf = (n: Value<"i32">, unit: number): Value<"i32"> => n.add(2 * unit - 1).divU(2 * unit).mul(unit); // prettier-ignore

/** The smaller of two numbers. */
export const least = (c: Code, a: Value<"i32">, b: Value<"i32">): Value<"i32"> => c.select(a.lt(b), a, b);
