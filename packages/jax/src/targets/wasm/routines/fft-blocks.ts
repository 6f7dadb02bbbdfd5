/**
 * Long transforms as a matrix x[j1][j2] of n1 x n2: transforms of the columns, a turn by exp(-2 pi i k1 j2 / n), and
 * transforms of the rows, whose results are the columns of the result. Both work on blocks of one cache line's columns,
 * which stay in the cache. Source: D. H. Bailey, "FFTs in external or hierarchical memory" (1990).
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Var, define, i32s } from "./code";
import type { Crew } from "./crew";
import { BLOCK_ROW, copyRows, transposeRows, turnRows } from "./fft-copies";
import { moduleRadices, radicesKey, runPasses } from "./fft-direct";
import { TableBuilder, addPasses, splitLength } from "./fft-plan";
import { cosOfTurn, sinOfTurn } from "./fft-roots";
import type { RealType } from "./real";
import type { RowFft } from "./fft-rows";
import type { ScratchPlan } from "./routine";

/** Elements between the rows of the matrix in the middle, so that they do not compete for lines of the cache. */
const PADDING_BYTES = 64;

export function blocksFft(real: RealType, n: number, scratch: ScratchPlan, threads: number): RowFft {
  const radices = moduleRadices(n);
  const [n1, n2] = splitLength(n);
  const width = BLOCK_ROW / real.bytes;
  const builder = new TableBuilder();
  const columns = addPasses(builder, real, n1, width);
  const rows = addPasses(builder, real, n2, width);
  const blocks = Math.ceil(n2 / width);
  // exp(-2 pi i k1 j2 / n) as u[k1][j2 % width] * v[k1][j2 - j2 % width]
  const u = builder.reals(real, 2 * n1 * width, (view) => {
    for (let k = 0; k < n1; k++) {
      for (let c = 0; c < width; c++) {
        view[2 * k * width + c] = cosOfTurn((k * c) % n, n);
        view[(2 * k + 1) * width + c] = -sinOfTurn((k * c) % n, n);
      }
    }
  });
  const v = builder.reals(real, 2 * n1 * blocks, (view) => {
    for (let k = 0; k < n1; k++) {
      for (let b = 0; b < blocks; b++) {
        view[2 * (k * blocks + b)] = cosOfTurn((k * b * width) % n, n);
        view[2 * (k * blocks + b) + 1] = -sinOfTurn((k * b * width) % n, n);
      }
    }
  });
  const middleRow = n2 * real.bytes + PADDING_BYTES;
  const middle = [scratch.take(n1 * middleRow), scratch.take(n1 * middleRow)];
  const blockBytes = Math.max(n1, n2) * BLOCK_ROW;
  const block = [0, 1, 2, 3].map(() => scratch.take(threads * blockBytes));
  const table = builder.table(`fft_blocks_${real.name}_${n}`);
  const passes = [columns.list, columns.count % 2, rows.list, rows.count % 2];
  return {
    key: `blocks_${real.name}_${radicesKey(radices)}`,
    args: [n1, n2, { table }, ...passes, u, v, "scratch", ...middle, ...block, blockBytes],
    row: (m, features, crew) => blocksRow(m, features, crew, real, radices),
    together: true,
  };
}

const NAMES = [
  "inRe", "inIm", "outRe", "outIm", "n1", "n2", "table", "columnList", "columnOdd", "rowList", "rowOdd", "u", "v",
  "scratch", "midRe", "midIm", "aRe", "aIm", "bRe", "bIm", "blockBytes",
] as const; // prettier-ignore

function blocksRow(
  m: Module,
  features: WasmFeatures,
  crew: Crew,
  real: RealType,
  radices: readonly number[],
): Callable {
  const passes = runPasses(m, features, real, radices);
  const [copy, turn, transpose] = [copyRows(m, real), turnRows(m, features, real), transposeRows(m, real)];
  const params = i32s(NAMES);
  return define(m, `blocks_${real.name}`, params, [], (c, a) => {
    for (const place of [a.columnList, a.rowList, a.u, a.v]) place.inc(a.table);
    for (const place of [a.midRe, a.midIm, a.aRe, a.aIm, a.bRe, a.bIm]) place.inc(a.scratch);
    for (const place of [a.aRe, a.aIm, a.bRe, a.bIm]) place.inc(crew.thread(c).mul(a.blockBytes));
    const { bytes } = real;
    const inRow = c.let(a.n2.mul(bytes), "inRow");
    const outRow = c.let(a.n1.mul(bytes), "outRow");
    const midRow = c.let(inRow.add(PADDING_BYTES), "midRow");
    const vRow = c.let(inRow.add(BLOCK_ROW - 1).divU(BLOCK_ROW).mul(2 * bytes)); // prettier-ignore
    const [re, im, width] = [c.var("i32"), c.var("i32"), c.var("i32")];
    /** Transforms the block in a; re and im are where it is then. */
    const transform = (list: Var<"i32">, odd: Var<"i32">): void => {
      c.run(passes, list, a.table, BLOCK_ROW, a.aRe, a.aIm, a.bRe, a.bIm, a.aRe, a.aIm);
      re.set(c.select(odd, a.bRe, a.aRe));
      im.set(c.select(odd, a.bIm, a.aIm));
    };
    const forBlocks = (total: Var<"i32">, body: (at: Var<"i32">) => void): void =>
      crew.each(c, 0, total, BLOCK_ROW, (at) => {
        width.set(total.sub(at));
        c.if(width.gt(BLOCK_ROW), () => width.set(BLOCK_ROW));
        body(at);
      });
    forBlocks(inRow, (at) => {
      c.run(copy, a.inRe.add(at), inRow, a.aRe, BLOCK_ROW, a.n1, width);
      c.run(copy, a.inIm.add(at), inRow, a.aIm, BLOCK_ROW, a.n1, width);
      transform(a.columnList, a.columnOdd);
      const v = a.v.add(at.divU(BLOCK_ROW).mul(2 * bytes));
      c.run(turn, re, im, a.midRe.add(at), a.midIm.add(at), midRow, a.n1, width, a.u, v, vRow);
    });
    forBlocks(outRow, (at) => {
      const first = at.divU(bytes).mul(midRow);
      c.run(transpose, a.midRe.add(first), midRow, a.aRe, a.n2, width.divU(bytes));
      c.run(transpose, a.midIm.add(first), midRow, a.aIm, a.n2, width.divU(bytes));
      transform(a.rowList, a.rowOdd);
      c.run(copy, re, BLOCK_ROW, a.outRe.add(at), outRow, a.n2, width);
      c.run(copy, im, BLOCK_ROW, a.outIm.add(at), outRow, a.n2, width);
    });
  });
}
