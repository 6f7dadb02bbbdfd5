/**
 * Products of reflections as matrices: H1 H2 ... Hk = I - V T V' with T upper triangular, so that they are applied by
 * matrix products. Source: R. Schreiber and C. Van Loan, "A storage-efficient WY representation for products of
 * Householder transformations" (1989).
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, define, i32s } from "./code";
import type { Crew } from "./crew";
import { reflectRows } from "./householder";
import { least, multiplyTiles, rowBytesOf } from "./matrix";
import type { RealType } from "./real";
import type { ScratchPlan } from "./routine";
import type { ScalarKind } from "./value";

/** Reflections in a block: more where a matrix does not stay in the caches. */
const [BLOCK, LARGE_BLOCK, LARGE] = [16, 32, 768];
/** Columns that a thread applies a block to at a time; the next block is among the first of them. */
export const STRIP = 48;
/** So few reflections are applied one by one; products take multiples of it. */
const FEW = 16;

/** Reflections of a block with the zeros that are added to them. */
const filled = (columns: Value<"i32">): Value<"i32"> => columns.add(FEW - 1).and(-FEW);

/** Memory for two blocks: addresses, the bytes of rows of a block and of what it is applied to, reflections in a block. */
export const BLOCK_ADDRESSES = ["vs", "gram", "t", "w", "w2", "vs2", "t2"] as const;
export const BLOCK_PLACES = [...BLOCK_ADDRESSES, "blockRow", "wRow", "reflections"] as const;

/** For reflections of `rows` numbers, applied to matrices of `width` columns. */
export function planBlockPlaces(scratch: ScratchPlan, real: RealType, rows: number, width: number): number[] {
  const block = rows < LARGE ? BLOCK : LARGE_BLOCK;
  const [blockRow, wRow] = [rowBytesOf(real, block), rowBytesOf(real, width)];
  const [vs, t, w] = [
    [rows, blockRow],
    [block, blockRow],
    [block, wRow],
  ] as const;
  const places = [vs, t, t, w, w, vs, t].map(([count, bytes]) => scratch.take(count * bytes));
  return [...places, blockRow, wRow, block];
}

/**
 * (from, fromRow, v, vRow, rows, columns): V of a factored block, whose reflections stand below the diagonal: ones on
 * it, zeros above and in the columns up to a multiple of FEW.
 */
export function copyReflections(m: Module, real: RealType): Callable {
  const { bytes, scalar } = real;
  const params = { from: "i32", fromRow: "i32", v: "i32", vRow: "i32", rows: "i32", columns: "i32" } as const;
  return define(m, `copyReflections_${real.name}`, params, [], (c, { from, fromRow, v, vRow, rows, columns }) => {
    const count = c.var("i32");
    const wide = c.let(filled(columns).mul(bytes));
    const one = (): void =>
      c.if(count.lt(columns), () => c.store(v.add(count.mul(bytes)), c.const<ScalarKind>(scalar, 1)));
    c.for(0, rows, 1, (i) => {
      count.set(c.select(i.lt(columns), i, columns));
      c.fill(v, 0, wide);
      c.copy(v, from, count.mul(bytes));
      one();
      from.inc(fromRow);
      v.inc(vRow);
    });
  });
}

/**
 * (v, vRow, rows, tau, columns, gram, t, row): writes -T, zeros below its diagonal. `gram` is memory for V' V. Both have
 * rows of `row` bytes, as many as V has columns.
 */
export function blockFactor(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes, scalar } = real;
  const params = {
    v: "i32", vRow: "i32", rows: "i32", tau: "i32", columns: "i32", gram: "i32", t: "i32", row: "i32",
  } as const; // prettier-ignore
  return define(m, `blockFactor_${real.name}`, params, [], (c, p) => {
    const { t, row, gram } = p;
    const multiply = multiplyTiles(m, features, real);
    const size = c.let(filled(p.columns));
    c.run(multiply, gram, row, p.v, bytes, p.vRow, p.v, p.vRow, size, size, p.rows, 0);
    c.fill(t, 0, row.mul(size));
    const minusTau = c.var<ScalarKind>(scalar);
    const sum = c.var<ScalarKind>(scalar);
    const [left, right] = [c.var("i32"), c.var("i32")];
    // T[i][j] = -tau[j] sum_(i <= k < j) T[i][k] (V' V)[k][j]; with -T in its place the sign stays.
    c.for(0, p.columns, 1, (j) => {
      const column = c.let(j.mul(bytes));
      minusTau.set(c.load<ScalarKind>(scalar, p.tau.add(column)).neg());
      c.for(0, j, 1, (i) => {
        sum.set(0);
        left.set(t.add(i.mul(row)).add(i.mul(bytes)));
        right.set(gram.add(i.mul(row)).add(column));
        c.for(i, j, 1, () => {
          sum.inc(c.load<ScalarKind>(scalar, left).mul(c.load<ScalarKind>(scalar, right)));
          left.inc(bytes);
          right.inc(row);
        });
        c.store(t.add(i.mul(row)).add(column), sum.mul(minusTau));
      });
      c.store(t.add(j.mul(row)).add(column), minusTau);
    });
  });
}

/**
 * (a, row, rows, columns, v, vRow, count, t, tRow, transpose, w, w2, wRow): A <- (I - V T V') A, or with T' if
 * `transpose`, for `count` reflections. `w` and `w2` have a block's rows of A's width.
 */
export function applyBlock(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes } = real;
  const names = ["a", "row", "rows", "columns", "v", "vRow", "count", "t", "tRow", "transpose", "w", "w2", "wRow"] as const; // prettier-ignore
  return define(m, `applyBlock_${real.name}`, i32s(names), [], (c, p) => {
    const multiply = multiplyTiles(m, features, real);
    const size = c.let(filled(p.count));
    c.run(multiply, p.w, p.wRow, p.v, bytes, p.vRow, p.a, p.row, size, p.columns, p.rows, 0);
    const across = c.const("i32", bytes);
    const [tRow, tK] = [c.select(p.transpose, across, p.tRow), c.select(p.transpose, p.tRow, across)];
    c.run(multiply, p.w2, p.wRow, p.t, tRow, tK, p.w, p.wRow, size, p.columns, size, 0);
    c.run(multiply, p.a, p.row, p.v, p.vRow, bytes, p.w2, p.wRow, p.rows, p.columns, size, 1);
  });
}

/**
 * (rows, count, from, row, taus, q, qRow, qColumns, ...places): the first columns of the product of `count` reflections,
 * which stand below the diagonal of `from`, each in its column. The first thread prepares the next block while the others
 * apply one.
 */
export function formQ(m: Module, features: WasmFeatures, crew: Crew, real: RealType): Callable {
  const { bytes, scalar } = real;
  const names = ["rows", "count", "from", "row", "taus", "q", "qRow", "qColumns", ...BLOCK_PLACES] as const;
  return define(m, `formQ_${real.name}`, i32s(names), [], (c, p) => {
    const { rows, count, q, qRow, qColumns, blockRow } = p;
    crew.first(c, () => {
      c.for(0, rows, 1, (i) => c.fill(q.add(i.mul(qRow)), 0, qColumns.mul(bytes)));
      c.for(0, qColumns, 1, (i) => c.store(q.add(i.mul(qRow.add(bytes))), c.const<ScalarKind>(scalar, 1)));
      c.if(count.le(FEW), () => {
        const reflect = reflectRows(m, features, real);
        c.forDown(count.sub(1), 0, 1, (k) => {
          const corner = q.add(k.mul(qRow.add(bytes)));
          const v = p.from.add(k.mul(p.row.add(bytes)));
          const width = qColumns.sub(k).mul(bytes);
          c.run(reflect, corner, qRow, rows.sub(k), width, v, p.row, p.taus.add(k.mul(bytes)));
        });
      });
    });
    const apply = applyBlock(m, features, real);
    const [vs, t, nextVs, nextT] = [c.let(p.vs), c.let(p.t), c.let(p.vs2), c.let(p.t2)];
    const width = c.var("i32");
    const sizeOf = (k: Value<"i32">): Value<"i32"> => least(c, count.sub(k), p.reflections);
    const prepare = (k: Value<"i32">, v: Value<"i32">, minusT: Value<"i32">): void => {
      const size = c.let(sizeOf(k));
      const height = c.let(rows.sub(k));
      const from = p.from.add(k.mul(p.row.add(bytes)));
      c.run(copyReflections(m, real), from, p.row, v, blockRow, height, size);
      const taus = p.taus.add(k.mul(bytes));
      c.run(blockFactor(m, features, real), v, blockRow, height, taus, size, p.gram, minusT, blockRow);
    };
    c.if(count.gt(FEW), () => {
      const last = c.let(count.sub(1).divU(p.reflections).mul(p.reflections));
      crew.first(c, () => prepare(last, vs, t));
      c.forDown(last, 0, p.reflections, (k) => {
        crew.ahead(c, () => c.if(k.gt(0), () => prepare(k.sub(p.reflections), nextVs, nextT)));
        const columns = c.let(qColumns.sub(k));
        const corner = c.let(q.add(k.mul(qRow.add(bytes))));
        crew.each(c, 0, columns, STRIP, (j) => {
          width.set(least(c, columns.sub(j), c.const("i32", STRIP)));
          const at = j.mul(bytes);
          const block = [vs, blockRow, sizeOf(k), t, blockRow, c.const("i32", 0), p.w.add(at), p.w2.add(at), p.wRow];
          c.run(apply, corner.add(at), qRow, rows.sub(k), width, ...block);
        });
        c.exchange(vs, nextVs);
        c.exchange(t, nextT);
      });
    });
  });
}
