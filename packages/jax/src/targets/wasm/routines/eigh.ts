/**
 * Eigenvalues and eigenvectors of symmetric matrices, in float64: to tridiagonal form by reflections, these made into a
 * matrix in blocks, and its transpose turned by the rotations of the QL algorithm.
 */
import type { RoutineKernel } from "../../../kernel/program";
import type { Callable, Module } from "../assembler";
import { define, i32s } from "./code";
import { Crew } from "./crew";
import { copyMatrix, rowBytesOf } from "./matrix";
import { orderNumbers } from "./order";
import { BLOCK_ADDRESSES, BLOCK_PLACES, formQ, planBlockPlaces } from "./qr-block";
import { REAL32, REAL64, type RealType } from "./real";
import { type Routine, type RoutineCall, ScratchPlan } from "./routine";
import { scaleOf, unscale } from "./scale";
import { STRIP_BYTES, sweepsBytes } from "./sweeps";
import { tridiagonalize } from "./tridiagonal";
import { tridiagonalQl } from "./tridiagonal-ql";
import type { ScalarKind } from "./value";

const OWN = ["work", "q", "z", "d", "e", "taus", "vector", "vector2", "order", "sweeps"] as const;
const RUN = ["x", "values", "vectors", "batch", "n", "row", "sweepBytes", "scratch", ...OWN, ...BLOCK_PLACES] as const;

export function planEigh({ dtype, batch, dims, operands, outs }: RoutineKernel): RoutineCall | null {
  const n = dims[0]!;
  if (batch * n === 0) return null;
  const scratch = new ScratchPlan();
  const row = rowBytesOf(REAL64, n) + STRIP_BYTES;
  const sweepBytes = sweepsBytes(n);
  const square = n * row;
  const places = [square, square, square, row, row, row, row, row, row, sweepBytes].map((bytes) => scratch.take(bytes));
  const blocks = planBlockPlaces(scratch, REAL64, n, n);
  const buffers = [...operands, ...outs].map((buffer) => ({ buffer }));
  const args = [...buffers, { items: batch }, n, row, sweepBytes, "scratch", ...places, ...blocks] as const;
  return { routine: eighRoutine(dtype === "float64" ? REAL64 : REAL32), args, scratchBytes: scratch.bytes };
}

const eighRoutine = (real: RealType): Routine => ({
  key: `eigh_${real.name}`,
  nParams: RUN.length,
  emit(m, features) {
    const { bytes } = real;
    const [into, out, within] = [copyMatrix(m, real, REAL64), copyMatrix(m, REAL64, real), copyMatrix(m, REAL64, REAL64)]; // prettier-ignore
    const form = formQ(m, features, Crew.of(m, false), REAL64);
    const fail = fillNaN(m, real);
    define(m, "run", i32s(RUN), [], (c, p) => {
      const { n, row, work, q, z, d, e, order } = p;
      for (const name of [...OWN, ...BLOCK_ADDRESSES] as const) p[name].inc(p.scratch);
      const blocks = BLOCK_PLACES.map((name) => p[name]);
      const wide = c.let(n.mul(bytes));
      const scale = c.var("f64");
      c.for(0, p.batch, 1, () => {
        c.fill(work, 0, n.mul(row));
        // Of the two triangles the lower one is read: it becomes the upper one.
        c.run(into, p.x, bytes, wide, work, row, 8, n, n);
        scale.set(c.call(scaleOf(m), "f64", work, row, n, n));
        c.if(
          scale.eq(scale),
          () => {
            c.run(tridiagonalize(m), work, row, n, d, e, p.taus, p.vector, p.vector2);
            c.fill(q, 0, n.mul(row));
            c.store(q, c.const("f64", 1));
            // Reflections as columns below the diagonal, from the second row on.
            c.run(within, work.add(8), row, 8, z, 8, row, n.sub(1), n.sub(1));
            const inner = q.add(row).add(8);
            c.run(form, n.sub(1), n.sub(1), z, row, p.taus, inner, row, n.sub(1), ...blocks);
            c.store(q, c.const("f64", 1));
            c.run(within, q, row, 8, z, 8, row, n, n);
            c.run(tridiagonalQl(m), d, e, n, z, row, p.sweeps, p.sweepBytes);
            c.run(unscale(m), d, n, scale);
            c.run(orderNumbers(m), d, n, order, 0);
            c.for(0, n, 1, (i) => {
              const from = c.let(c.load("i32", order.add(i.shl(2))));
              c.run(out, d.add(from.shl(3)), 8, 8, p.values.add(i.mul(bytes)), bytes, bytes, 1, 1);
              c.run(out, z.add(from.mul(row)), 8, 8, p.vectors.add(i.mul(bytes)), wide, wide, n, 1);
            });
          },
          () => {
            c.run(fail, p.values, n);
            c.run(fail, p.vectors, n.mul(n));
          },
        );
        p.values.inc(wide);
        for (const pointer of [p.x, p.vectors]) pointer.inc(n.mul(wide));
      });
    });
  },
});

/** (x, n): NaN everywhere. */
export const fillNaN = (m: Module, { name, bytes, scalar }: RealType): Callable =>
  define(m, `fillNaN_${name}`, { x: "i32", n: "i32" }, [], (c, { x, n }) =>
    c.for(0, n, 1, () => {
      c.store(x, c.const<ScalarKind>(scalar, NaN));
      x.inc(bytes);
    }),
  );
