/** Triangular solves, in place: of few rows, and of any number with matrix products between them. */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Code, type Value, define, i32s } from "./code";
import { halfOf, subtractTiles } from "./matrix";
import { type RealType, type RealVar, loadAll, nmadd } from "./real";
import type { FloatKind } from "./value";

/** So few rows are done without products. */
const SOLVE_BLOCK = 24;

/**
 * (l, lRow, lColumn, unit, x, xRow, n, bytes): X <- inverse(L) X for a lower triangle L with any strides; X has rows of
 * `bytes` bytes, done in whole strips of 64. `unit`: L has ones on its diagonal.
 */
function solveBlock(m: Module, features: WasmFeatures, real: RealType): Callable {
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
 * (l, lRow, lColumn, unit, x, xRow, n, bytes): the same for any n: the first half, the other rows updated by a matrix
 * product, and the other half.
 */
export function solveLower(m: Module, features: WasmFeatures, real: RealType): Callable {
  const names = ["l", "lRow", "lColumn", "unit", "x", "xRow", "n", "bytes"] as const;
  const block = solveBlock(m, features, real);
  const subtract = subtractTiles(m, features, real);
  return define(m, `solveLower_${real.name}`, i32s(names), [], (c, p) => {
    const { l, lRow, lColumn, unit, x, xRow, n, bytes } = p;
    const self = c.f.callable;
    const manyRows = (): void => {
      const half = c.let(halfOf(n, SOLVE_BLOCK));
      const rest = c.let(n.sub(half));
      c.run(self, l, lRow, lColumn, unit, x, xRow, half, bytes);
      const [below, target] = [c.let(l.add(half.mul(lRow))), c.let(x.add(half.mul(xRow)))];
      c.run(subtract, target, xRow, below, lRow, lColumn, x, xRow, rest, bytes.divU(real.bytes), half, 1);
      c.run(self, below.add(half.mul(lColumn)), lRow, lColumn, unit, target, xRow, rest, bytes);
    };
    c.if(n.le(SOLVE_BLOCK), () => c.run(block, l, lRow, lColumn, unit, x, xRow, n, bytes), manyRows);
  });
}
