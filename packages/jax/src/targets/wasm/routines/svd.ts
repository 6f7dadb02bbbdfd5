/**
 * Singular value decompositions, in float64: to bidiagonal form by reflections, these made into matrices in blocks, and
 * their transposes turned by the rotations of the QR algorithm. Wide matrices are transposed.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Module } from "../assembler";
import { bidiagonalQr } from "./bidiagonal-qr";
import { bidiagonalize } from "./bidiagonal";
import { type Code, type Var, define, i32s } from "./code";
import { Crew } from "./crew";
import { fillNaN } from "./eigh";
import { copyMatrix, rowBytesOf } from "./matrix";
import { orderNumbers } from "./order";
import { BLOCK_ADDRESSES, BLOCK_PLACES, formQ, planBlockPlaces } from "./qr-block";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { scaleOf, unscale } from "./scale";
import { STRIP_BYTES, sweepsBytes } from "./sweeps";

const OWN = ["work", "u", "v", "q", "d", "e", "tauLeft", "tauRight", "order", "uSweeps", "vSweeps"] as const;
const RUN = [
  "x", "uOut", "sOut", "vtOut", "batch", "rows", "n", "uColumns", "vColumns", "wide", "row", "uRow", "qRow", "sweepBytes", "scratch",
  ...OWN, ...BLOCK_PLACES,
] as const; // prettier-ignore

export function planSvd({ dtype, batch, dims, params, operands, outs }: RoutineKernel): RoutineCall | null {
  const [m, k] = dims as [number, number];
  if (batch * m * k === 0) return null;
  const wide = m < k;
  const [rows, n] = wide ? [k, m] : [m, k];
  const uColumns = params["full"] === true ? rows : n;
  const scratch = new ScratchPlan();
  // Vectors are rows of u and v.
  const [row, uRow] = [rowBytesOf(REAL64, n) + STRIP_BYTES, rowBytesOf(REAL64, rows) + STRIP_BYTES];
  const qRow = rowBytesOf(REAL64, uColumns);
  const sweepBytes = sweepsBytes(n);
  const sizes = [
    rows * row,
    uColumns * uRow,
    n * row,
    rows * Math.max(row, qRow),
    ...[row, row, row, row, row],
    ...[sweepBytes, sweepBytes],
  ];
  const places = sizes.map((bytes) => scratch.take(bytes));
  const blocks = planBlockPlaces(scratch, REAL64, rows, Math.max(n, uColumns));
  const buffers = [...operands, ...outs].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, rows, n, uColumns, n, Number(wide), row, uRow, qRow, sweepBytes, "scratch", ...places, ...blocks] as const; // prettier-ignore
  return { routine: svdRoutine(dtype === "float64" ? REAL64 : REAL32), args, scratchBytes: scratch.bytes };
}

const svdRoutine = (real: RealType): Routine => ({
  key: `svd_${real.name}`,
  nParams: RUN.length,
  emit(m, features) {
    const { bytes } = real;
    const [into, within] = [copyMatrix(m, real, REAL64), copyMatrix(m, REAL64, REAL64)];
    const form = formQ(m, features, Crew.of(m, false), REAL64);
    const fail = fillNaN(m, real);
    define(m, "run", i32s(RUN), [], (c, p) => {
      const { rows, n, uColumns, row, uRow, qRow, work, u, v, q, d, e } = p;
      for (const name of [...OWN, ...BLOCK_ADDRESSES] as const) p[name].inc(p.scratch);
      const blocks = BLOCK_PLACES.map((name) => p[name]);
      const across = c.let(c.select(p.wide, rows, n).mul(bytes));
      const [down, right] = strides(c, p.wide, across, bytes);
      const scale = c.var("f64");
      c.for(0, p.batch, 1, () => {
        c.run(into, p.x, down, right, work, row, 8, rows, n);
        scale.set(c.call(scaleOf(m), "f64", work, row, rows, n));
        c.if(
          scale.eq(scale),
          () => {
            c.run(bidiagonalize(m, features), work, row, rows, n, d, e, p.tauLeft, p.tauRight);
            c.run(form, rows, n, work, row, p.tauLeft, q, qRow, uColumns, ...blocks);
            c.run(within, q, qRow, 8, u, 8, uRow, rows, uColumns);
            // Reflections from the right as columns below the diagonal, from the second row on.
            const inner = c.let(n.sub(1));
            c.run(within, work.add(8), row, 8, v, 8, row, inner, inner);
            c.run(form, inner, inner, v, row, p.tauRight, q.add(row).add(8), row, inner, ...blocks);
            c.fill(v, 0, n.mul(row));
            c.store(v, c.const("f64", 1));
            c.run(within, q.add(row).add(8), row, 8, v.add(row).add(8), 8, row, inner, inner);
            const bidiagonal = [d, e, n, u, uRow, rows, p.uSweeps, v, row, n, p.vSweeps, p.sweepBytes];
            c.run(bidiagonalQr(m), ...bidiagonal);
            c.run(unscale(m), d, n, scale);
            c.run(orderNumbers(m), d, n, p.order, 1);
            writeFactors(m, c, p, real);
          },
          () => {
            c.run(fail, p.uOut, c.select(p.wide, n.mul(n), rows.mul(uColumns)));
            c.run(fail, p.sOut, n);
            c.run(fail, p.vtOut, c.select(p.wide, uColumns.mul(rows), n.mul(n)));
          },
        );
        p.x.inc(rows.mul(n).mul(bytes));
        p.sOut.inc(n.mul(bytes));
        const [square, other] = [n.mul(n).mul(bytes), rows.mul(uColumns).mul(bytes)];
        p.uOut.inc(c.select(p.wide, square, other));
        p.vtOut.inc(c.select(p.wide, other, square));
      });
    });
  },
});

/** Bytes from row to row and from column to column of the matrix, transposed if it is wide. */
function strides(c: Code, wide: Var<"i32">, across: Var<"i32">, bytes: number): [Var<"i32">, Var<"i32">] {
  const size = c.const("i32", bytes);
  return [c.let(c.select(wide, size, across)), c.let(c.select(wide, across, size))];
}

/** Vectors in the order of the singular values: as columns of u and rows of v', or the other way round if wide. */
function writeFactors(m: Module, c: Code, p: Readonly<Record<(typeof RUN)[number], Var<"i32">>>, real: RealType): void {
  const { bytes } = real;
  const out = copyMatrix(m, REAL64, real);
  const { rows, n, uColumns } = p;
  const write = (outU: Var<"i32">, outV: Var<"i32">, asColumns: Var<"i32">, i: Var<"i32">, from: Var<"i32">): void => {
    const count = c.let(uColumns);
    // Rows of length `rows`: columns of a matrix of uColumns columns, or its rows.
    const target = c.select(asColumns, i.mul(bytes), i.mul(rows).mul(bytes));
    const stepU = c.select(asColumns, count.mul(bytes), c.const("i32", bytes));
    c.run(out, p.u.add(from.mul(p.uRow)), 8, 8, outU.add(target), stepU, stepU, rows, 1);
    c.if(i.lt(n), () => {
      const targetV = c.select(asColumns, i.mul(n).mul(bytes), i.mul(bytes));
      const stepV = c.select(asColumns, c.const("i32", bytes), n.mul(bytes));
      c.run(out, p.v.add(from.mul(p.row)), 8, 8, outV.add(targetV), stepV, stepV, n, 1);
      c.run(out, p.d.add(from.shl(3)), 8, 8, p.sOut.add(i.mul(bytes)), bytes, bytes, 1, 1);
    });
  };
  const tall = c.let(p.wide.to("i32.eqz", "i32"));
  const from = c.var("i32");
  const [outU, outV] = [c.let(c.select(p.wide, p.vtOut, p.uOut)), c.let(c.select(p.wide, p.uOut, p.vtOut))];
  c.for(0, uColumns, 1, (i) => {
    from.set(i);
    c.if(i.lt(n), () => from.set(c.load("i32", p.order.add(i.shl(2)))));
    write(outU, outV, tall, i, from);
  });
}
