/**
 * Sweeps of rotations, written down and applied later, many at a time, to narrow strips of a matrix that stay in the
 * cache. A sweep rotates rows 0 and 1, 1 and 2, 2 and 3, ...: a row stays in registers from one rotation to the next.
 * Source: F. Van Zee, R. van de Geijn and G. Quintana-Orti, "Restructuring the tridiagonal and bidiagonal QR algorithms
 * for performance" (2014).
 *
 * Memory: an int32 with the end of what is written, then at 64 the sweeps: the first row's address, bytes to the next
 * row, and the number of rotations (int32), and 16 bytes after its beginning the rotations, c and s.
 */
import type { Callable, Module } from "../assembler";
import { type Code, type Value, type Var, define } from "./code";

/** Columns of a strip; rows must have room for as many, whole. */
const STRIP = 16;
export const STRIP_BYTES = 8 * STRIP;
const HEAD = 64;
const RECORD = 16;

/** Memory for sweeps of up to `n` rotations. */
export const sweepsBytes = (n: number): number => HEAD + RECORD * (n + 1) + Math.max(2 ** 16, 8 * RECORD * n);

/** Makes the memory empty. */
export const clearSweeps = (c: Code, sweeps: Value<"i32">): void => c.store(sweeps, sweeps.add(HEAD));

/** A sweep that is being written. */
export class SweepWriter {
  private readonly c: Code;
  private readonly sweeps: Value<"i32">;
  private readonly start: Var<"i32">;
  private readonly at: Var<"i32">;

  constructor(c: Code, sweeps: Value<"i32">) {
    this.c = c;
    this.sweeps = sweeps;
    this.start = c.let(c.load("i32", sweeps));
    this.at = c.let(this.start.add(RECORD));
  }

  add(cosine: Value<"f64">, sine: Value<"f64">): void {
    this.c.store(this.at, cosine);
    this.c.store(this.at, sine, 8);
    this.at.inc(RECORD);
  }

  end(row: Value<"i32">, step: Value<"i32">): void {
    const { c, start, at } = this;
    c.store(start, row);
    c.store(start, step, 4);
    c.store(start, at.sub(start).divU(RECORD).sub(1), 8);
    c.store(this.sweeps, at);
  }
}

/** (sweeps, room, columns): applies all sweeps to that many columns if there is no room for `room` more rotations. */
export const makeRoom = (m: Module): Callable =>
  define(m, "makeRoom", { sweeps: "i32", bytes: "i32", room: "i32", columns: "i32" }, [], (c, p) => {
    const needed = c.load("i32", p.sweeps).add(p.room.add(1).mul(RECORD));
    c.if(needed.gtU(p.sweeps.add(p.bytes)), () => c.run(applySweeps(m), p.sweeps, p.columns));
  });

/** (sweeps, columns): applies all sweeps, and makes the memory empty. */
export const applySweeps = (m: Module): Callable =>
  define(m, "applySweeps", { sweeps: "i32", columns: "i32" }, [], (c, { sweeps, columns }) => {
    const end = c.let(c.load("i32", sweeps));
    const at = c.var("i32");
    const count = c.var("i32");
    c.for(0, columns, STRIP, (column) => {
      const offset = c.let(column.shl(3));
      at.set(sweeps.add(HEAD));
      c.while(at.ltU(end), () => {
        count.set(c.load("i32", at, 8));
        c.run(sweepStrip(m), c.load("i32", at).add(offset), c.load("i32", at, 4), count, at.add(RECORD));
        at.inc(count.add(1).mul(RECORD));
      });
    });
    clearSweeps(c, sweeps);
  });

/** (row, step, count, rotations): one sweep on one strip: x <- c x + s y, y <- c y - s x for rows x and y. */
const sweepStrip = (m: Module): Callable =>
  define(m, "sweepStrip", { row: "i32", step: "i32", count: "i32", rotations: "i32" }, [], (c, p) => {
    const { row, step, count, rotations } = p;
    const places = Array.from({ length: STRIP / 2 }, (_, i) => 16 * i);
    const kept = places.map((at) => c.let(c.load("f64x2", row, at)));
    const [cosine, sine, y] = [c.var("f64x2"), c.var("f64x2"), c.var("f64x2")];
    const next = c.var("i32");
    c.for(0, count, 1, () => {
      cosine.set(c.loadSplat("f64x2", rotations));
      sine.set(c.loadSplat("f64x2", rotations, 8));
      next.set(row.add(step));
      places.forEach((at, i) => {
        const x = kept[i]!;
        y.set(c.load("f64x2", next, at));
        c.store(row, cosine.mul(x).add(sine.mul(y)), at);
        x.set(cosine.mul(y).sub(sine.mul(x)));
      });
      row.set(next);
      rotations.inc(RECORD);
    });
    places.forEach((at, i) => c.store(row, kept[i]!, at));
  });
