/** Moves between matrices and blocks: rows of 64 bytes, one for each row (or column) of the matrix. */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, define } from "./code";
import { keep, mulC } from "./fft-butterflies";
import { interleave } from "./fft-passes";
import { type RealType, loadAll } from "./real";
import type { FloatKind } from "./value";

/** Bytes of a block's row: a cache line. */
export const BLOCK_ROW = 64;

/** (from, fromRow, to, toRow, rows, bytes): copies `bytes` of each row; 64 or a few elements. */
export function copyRows(m: Module, real: RealType): Callable {
  const params = { from: "i32", fromRow: "i32", to: "i32", toRow: "i32", rows: "i32", bytes: "i32" } as const;
  return define(m, `copyRows_${real.name}`, params, [], (c, { from, fromRow, to, toRow, rows, bytes }) => {
    const eachRow = (body: () => void): void =>
      c.for(0, rows, 1, () => {
        body();
        from.inc(fromRow);
        to.inc(toRow);
      });
    c.if(
      bytes.eq(BLOCK_ROW),
      () => eachRow(() => [0, 16, 32, 48].forEach((at) => c.store(to, c.load("f32x4", from, at), at))),
      () =>
        eachRow(() =>
          c.for(0, bytes, real.bytes, (at) => c.store(to.add(at), c.load<FloatKind>(real.scalar, from.add(at)))),
        ),
    );
  });
}

/**
 * (re, im, toRe, toIm, toRow, rows, bytes, u, v, vRow): copies a block's rows to a matrix, turned: element c of row k by
 * u[k][c] v[k], complex numbers. A row of u is its real parts, then its imaginary ones; that of v is one number.
 */
export function turnRows(m: Module, features: WasmFeatures, real: RealType): Callable {
  const params = {
    re: "i32", im: "i32", toRe: "i32", toIm: "i32", toRow: "i32", rows: "i32", bytes: "i32", u: "i32", v: "i32",
    vRow: "i32",
  } as const; // prettier-ignore
  return define(m, `turnRows_${real.name}`, params, [], (c, a) => {
    const at = c.var("i32");
    const body = (kind: FloatKind, width: number, end: number | null): void => {
      const base = keep(c, { re: loadAll(c, kind, a.v), im: loadAll(c, kind, a.v, real.bytes) });
      c.while(at.lt(end ?? a.bytes), () => {
        const u = keep(c, {
          re: c.load<FloatKind>(kind, a.u.add(at)),
          im: c.load<FloatKind>(kind, a.u.add(at), BLOCK_ROW),
        });
        const w = keep(c, mulC(c, features, u, base));
        const x = keep(c, { re: c.load<FloatKind>(kind, a.re.add(at)), im: c.load<FloatKind>(kind, a.im.add(at)) });
        const y = mulC(c, features, x, w);
        c.store(a.toRe.add(at), y.re);
        c.store(a.toIm.add(at), y.im);
        at.inc(width);
      });
    };
    c.for(0, a.rows, 1, () => {
      at.set(0);
      c.if(
        a.bytes.eq(BLOCK_ROW),
        () => body(real.vector, 16, BLOCK_ROW),
        () => body(real.scalar, real.bytes, null),
      );
      for (const pointer of [a.re, a.im]) pointer.inc(BLOCK_ROW);
      for (const pointer of [a.toRe, a.toIm]) pointer.inc(a.toRow);
      a.u.inc(2 * BLOCK_ROW);
      a.v.inc(a.vRow);
    });
  });
}

/** (from, fromRow, to, columns, rows): column j of `rows` rows of a matrix becomes row j of a block. */
export function transposeRows(m: Module, real: RealType): Callable {
  const { lanes, bytes, vector, scalar } = real;
  const params = { from: "i32", fromRow: "i32", to: "i32", columns: "i32", rows: "i32" } as const;
  return define(m, `transposeRows_${real.name}`, params, [], (c, { from, fromRow, to, columns, rows }) => {
    const source = c.var("i32");
    const target = c.var("i32");
    const vectorColumns = c.let(columns.and(-lanes));
    const next = (count: number): void => {
      from.inc(fromRow.mul(count));
      to.inc(count * bytes);
      rows.inc(-count);
    };
    c.while(rows.ge(4), () => {
      source.set(from);
      target.set(to);
      c.for(0, vectorColumns, lanes, () => {
        const at = c.let(source);
        const loaded = [0, 1, 2, 3].map((i) => {
          const row = c.let(c.load<FloatKind>(vector, at));
          if (i < 3) at.inc(fromRow);
          return row;
        });
        // Four rows side by side: one vector of 4 lanes, or two of 2.
        interleave<Value<FloatKind>>(real, loaded, (a, b, picks) => c.let(c.shuffle(a, b, ...picks))).forEach(
          (value, i) => {
            const perRow = 4 / lanes;
            c.store(target, value, Math.floor(i / perRow) * BLOCK_ROW + (i % perRow) * 16);
          },
        );
        source.inc(16);
        target.inc(lanes * BLOCK_ROW);
      });
      c.for(vectorColumns, columns, 1, () => {
        const at = c.let(source);
        for (let i = 0; i < 4; i++) {
          c.store(target, c.load<FloatKind>(scalar, at), i * bytes);
          if (i < 3) at.inc(fromRow);
        }
        source.inc(bytes);
        target.inc(BLOCK_ROW);
      });
      next(4);
    });
    c.while(rows.gt(0), () => {
      source.set(from);
      target.set(to);
      c.for(0, columns, 1, () => {
        c.store(target, c.load<FloatKind>(scalar, source));
        source.inc(bytes);
        target.inc(BLOCK_ROW);
      });
      next(1);
    });
  });
}
