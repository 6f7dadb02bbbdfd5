/**
 * Products of reflections as matrices: H1 H2 ... Hk = I - V T V' with T upper triangular, so that they are applied by
 * matrix products. Source: R. Schreiber and C. Van Loan, "A storage-efficient WY representation for products of
 * Householder transformations" (1989).
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { define, i32s } from "./code";
import type { Crew } from "./crew";
import { reflectRows } from "./householder";
import { SPARE_ROWS, least, multiplyTiles, rowBytesOf } from "./matrix";
import type { RealType } from "./real";
import type { ScratchPlan } from "./routine";
import type { ScalarKind } from "./value";

/** Reflections in a block. */
export const QR_BLOCK = 24;
/** So few reflections are applied one by one. */
const FEW = 16;

/** Memory for blocks: addresses, and the bytes of rows of a block and of what it is applied to. */
export const BLOCK_PLACES = ["vs", "gram", "t", "w", "w2", "blockRow", "wRow"] as const;
export const BLOCK_ADDRESSES = ["vs", "gram", "t", "w", "w2"] as const;

/** For reflections of `rows` numbers, applied to matrices of `width` columns. */
export function planBlockPlaces(scratch: ScratchPlan, real: RealType, rows: number, width: number): number[] {
  const [blockRow, wRow] = [rowBytesOf(real, QR_BLOCK), rowBytesOf(real, width)];
  const sizes = [rows * blockRow, QR_BLOCK * blockRow, QR_BLOCK * blockRow, QR_BLOCK * wRow, QR_BLOCK * wRow];
  const rowsToSpare = [blockRow, blockRow, blockRow, wRow, wRow];
  return [...sizes.map((bytes, i) => scratch.take(bytes + SPARE_ROWS * rowsToSpare[i]!)), blockRow, wRow];
}

/**
 * (from, fromRow, v, vRow, rows, columns): V of a factored block, whose reflections stand below the diagonal: ones on
 * it, zeros above and in the columns up to QR_BLOCK.
 */
export function copyReflections(m: Module, real: RealType): Callable {
  const { bytes, scalar } = real;
  const params = { from: "i32", fromRow: "i32", v: "i32", vRow: "i32", rows: "i32", columns: "i32" } as const;
  return define(m, `copyReflections_${real.name}`, params, [], (c, { from, fromRow, v, vRow, rows, columns }) => {
    const count = c.var("i32");
    const one = (): void =>
      c.if(count.lt(columns), () => c.store(v.add(count.mul(bytes)), c.const<ScalarKind>(scalar, 1)));
    c.for(0, rows, 1, (i) => {
      count.set(c.select(i.lt(columns), i, columns));
      c.fill(v, 0, QR_BLOCK * bytes);
      c.copy(v, from, count.mul(bytes));
      one();
      from.inc(fromRow);
      v.inc(vRow);
    });
  });
}

/**
 * (v, vRow, rows, tau, columns, gram, t, row): writes -T, zeros below its diagonal. `gram` is memory for V' V. Both have
 * QR_BLOCK rows of `row` bytes.
 */
export function blockFactor(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { bytes, scalar } = real;
  const params = {
    v: "i32", vRow: "i32", rows: "i32", tau: "i32", columns: "i32", gram: "i32", t: "i32", row: "i32",
  } as const; // prettier-ignore
  return define(m, `blockFactor_${real.name}`, params, [], (c, p) => {
    const { t, row, gram } = p;
    const multiply = multiplyTiles(m, features, real);
    c.run(multiply, gram, row, p.v, bytes, p.vRow, p.v, p.vRow, QR_BLOCK, QR_BLOCK, p.rows, 0);
    c.fill(t, 0, row.mul(QR_BLOCK));
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
 * (a, row, rows, columns, v, vRow, t, tRow, transpose, w, w2, wRow): A <- (I - V T V') A, or with T' if `transpose`. `w`
 * and `w2` have QR_BLOCK rows (and the spare ones of tiles) of A's width. Each thread has columns of its own; they meet
 * in the end.
 */
export function applyBlock(m: Module, features: WasmFeatures, crew: Crew, real: RealType): Callable {
  const { bytes } = real;
  const params = {
    a: "i32", row: "i32", rows: "i32", columns: "i32", v: "i32", vRow: "i32", t: "i32", tRow: "i32", transpose: "i32",
    w: "i32", w2: "i32", wRow: "i32",
  } as const; // prettier-ignore
  return define(m, `applyBlock_${real.name}`, params, [], (c, p) => {
    const multiply = multiplyTiles(m, features, real);
    const { start, end } = crew.part(c, p.columns.mul(bytes), 64);
    const columns = c.let(end.sub(start).divU(bytes));
    for (const place of [p.a, p.w, p.w2]) place.inc(start);
    c.run(multiply, p.w, p.wRow, p.v, bytes, p.vRow, p.a, p.row, QR_BLOCK, columns, p.rows, 0);
    const across = c.const("i32", bytes);
    const [tRow, tK] = [c.select(p.transpose, across, p.tRow), c.select(p.transpose, p.tRow, across)];
    c.run(multiply, p.w2, p.wRow, p.t, tRow, tK, p.w, p.wRow, QR_BLOCK, columns, QR_BLOCK, 0);
    c.run(multiply, p.a, p.row, p.v, p.vRow, bytes, p.w2, p.wRow, p.rows, columns, QR_BLOCK, 1);
    crew.meet(c);
  });
}

/**
 * (rows, count, from, row, taus, q, qRow, qColumns, ...places): the first columns of the product of `count` reflections,
 * which stand below the diagonal of `from`, each in its column.
 */
export function formQ(m: Module, features: WasmFeatures, crew: Crew, real: RealType): Callable {
  const { bytes, scalar } = real;
  const names = ["rows", "count", "from", "row", "taus", "q", "qRow", "qColumns", ...BLOCK_PLACES] as const;
  return define(m, `formQ_${real.name}`, i32s(names), [], (c, p) => {
    const { rows, count, q, qRow, qColumns, vs, blockRow, t } = p;
    crew.first(c, () => {
      c.fill(q, 0, rows.mul(qRow));
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
    c.if(count.le(FEW), () => count.set(0));
    const size = c.var("i32");
    c.if(count.gt(0), () =>
      c.forDown(count.sub(1).divU(QR_BLOCK).mul(QR_BLOCK), 0, QR_BLOCK, (k) => {
        size.set(least(c, count.sub(k), c.const("i32", QR_BLOCK)));
        const height = c.let(rows.sub(k));
        const from = p.from.add(k.mul(p.row.add(bytes)));
        crew.first(c, () => {
          c.run(copyReflections(m, real), from, p.row, vs, blockRow, height, size);
          const taus = p.taus.add(k.mul(bytes));
          c.run(blockFactor(m, features, real), vs, blockRow, height, taus, size, p.gram, t, blockRow);
        });
        const block = [vs, blockRow, t, blockRow, c.const("i32", 0), p.w, p.w2, p.wRow];
        const corner = q.add(k.mul(qRow.add(bytes)));
        c.run(applyBlock(m, features, crew, real), corner, qRow, height, qColumns.sub(k), ...block);
      }),
    );
  });
}
