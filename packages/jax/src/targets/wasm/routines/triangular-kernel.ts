/** Triangular solves: of a block in place, and of whole matrices by blocks with matrix products between them. */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Code, type Value, define } from "./code";
import { least, multiplyTiles, negateRows } from "./matrix";
import { type RealType, type RealVar, loadAll, nmadd } from "./real";
import type { FloatKind } from "./value";

/** Rows of a block; a multiple of all tiles' rows and columns. */
export const SOLVE_BLOCK = 48;

/**
 * (l, lRow, lColumn, unit, x, xRow, n, bytes): X <- inverse(L) X for a lower triangle L with any strides; X has rows of
 * `bytes` bytes, done in whole strips of 64. `unit`: L has ones on its diagonal.
 */
export function solveBlock(m: Module, features: WasmFeatures, real: RealType): Callable {
  const params = {
    l: "i32", lRow: "i32", lColumn: "i32", unit: "i32", x: "i32", xRow: "i32", n: "i32", bytes: "i32",
  } as const; // prettier-ignore
  return define(m, `solveBlock_${real.name}`, params, [], (c, p) => {
    const strip = stripSolve(m, features, real);
    c.for(0, p.bytes, 64, (at) => c.run(strip, p.l, p.lRow, p.lColumn, p.unit, p.x.add(at), p.xRow, p.n));
  });
}

/** The same for rows of 64 bytes. */
function stripSolve(m: Module, features: WasmFeatures, real: RealType): Callable {
  const params = {
    l: "i32", lRow: "i32", lColumn: "i32", unit: "i32", x: "i32", xRow: "i32", n: "i32",
  } as const; // prettier-ignore
  return define(m, `solveStrip_${real.name}`, params, [], (c, p) => {
    const target = c.let(p.x);
    const kinds = [0, 16, 32, 48];
    const sums = kinds.map(() => c.var<FloatKind>(real.vector));
    const factor = c.var<FloatKind>(real.vector);
    const at = c.var("i32");
    const row = c.var("i32");
    c.for(0, p.n, 1, (i) => {
      kinds.forEach((offset, v) => sums[v]!.set(c.load<FloatKind>(real.vector, target, offset)));
      at.set(p.l);
      row.set(p.x);
      c.for(0, i, 1, () => {
        factor.set(loadAll(c, real.vector, at));
        kinds.forEach((offset, v) =>
          subtract(c, features, sums[v]!, factor, c.load<FloatKind>(real.vector, row, offset)),
        );
        at.inc(p.lColumn);
        row.inc(p.xRow);
      });
      c.if(p.unit.eq(0), () => {
        factor.set(loadAll(c, real.vector, at));
        sums.forEach((sum) => sum.set(sum.div(factor)));
      });
      kinds.forEach((offset, v) => c.store(target, sums[v]!, offset));
      p.l.inc(p.lRow);
      target.inc(p.xRow);
    });
  });
}

function subtract(c: Code, features: WasmFeatures, sum: RealVar, factor: RealVar, x: Value<FloatKind>): void {
  sum.set(nmadd(c, features, factor, x, sum));
}

/**
 * (l, lRow, unit, x, xRow, n, bytes, spare, spareRow): X <- inverse(L) X of any size, L row-major. `spare` has room for
 * a block of rows of X.
 */
export function solveLower(m: Module, features: WasmFeatures, real: RealType): Callable {
  const params = {
    l: "i32", lRow: "i32", unit: "i32", x: "i32", xRow: "i32", n: "i32", bytes: "i32", spare: "i32", spareRow: "i32",
  } as const; // prettier-ignore
  return define(m, `solveLower_${real.name}`, params, [], (c, p) => {
    const { bytes } = real;
    const block = solveBlock(m, features, real);
    const multiply = multiplyTiles(m, features, real);
    const size = c.var("i32");
    const rest = c.var("i32");
    c.for(0, p.n, SOLVE_BLOCK, (k) => {
      size.set(least(c, p.n.sub(k), c.const("i32", SOLVE_BLOCK)));
      const diagonal = c.let(p.l.add(k.mul(p.lRow)).add(k.mul(bytes)));
      const x = c.let(p.x.add(k.mul(p.xRow)));
      c.run(block, diagonal, p.lRow, bytes, p.unit, x, p.xRow, size, p.bytes);
      rest.set(p.n.sub(k).sub(size));
      c.if(rest.gt(0), () => {
        c.run(negateRows(m, real), x, p.xRow, p.spare, p.spareRow, size, p.bytes);
        const [below, target] = [diagonal.add(size.mul(p.lRow)), x.add(size.mul(p.xRow))];
        const columns = p.bytes.divU(bytes);
        c.run(multiply, target, p.xRow, below, p.lRow, bytes, p.spare, p.spareRow, rest, columns, size, 1);
      });
    });
  });
}
