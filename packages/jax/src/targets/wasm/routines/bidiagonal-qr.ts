/**
 * Singular values of an upper bidiagonal matrix by the implicit QR algorithm, and its rotations applied to the rows of
 * two matrices. Steps without a shift, where a shift would spoil small singular values, and the test for what counts as
 * zero keep their relative accuracy. Source: J. Demmel and W. Kahan, "Accurate singular values of bidiagonal matrices"
 * (1990).
 */
import type { Callable, Module } from "../assembler";
import { define } from "./code";
import { bottomShift, qrStep } from "./bidiagonal-step";
import { applySweeps, clearSweeps, makeRoom } from "./sweeps";

/** Relative size of what is neglected. */
const TOLERANCE = 2 ** -50;
/** Nothing beside numbers that `scale.ts` leaves. */
const TINY = 1e-300;
/** Steps for one singular value, on average; two is usual. */
const MAX_STEPS = 40;

/**
 * (d, e, n, u, uRow, uWidth, uSweeps, v, vRow, vWidth, vSweeps, bytes): d becomes the singular values, not negative, in
 * any order; e is used up. u and v have at least n rows of uWidth and vWidth numbers: vectors are rows. uSweeps and
 * vSweeps are memory of `bytes` for rotations.
 */
export function bidiagonalQr(m: Module): Callable {
  const params = {
    d: "i32", e: "i32", n: "i32", u: "i32", uRow: "i32", uWidth: "i32", uSweeps: "i32", v: "i32", vRow: "i32",
    vWidth: "i32", vSweeps: "i32", bytes: "i32",
  } as const; // prettier-ignore
  const step = qrStep(m);
  const neglect = neglectSmall(m);
  return define(m, "bidiagonalQr", params, [], (c, p) => {
    const { d, e, n, u, v } = p;
    for (const sweeps of [p.uSweeps, p.vSweeps]) clearSweeps(c, sweeps);
    const high = c.let(n.sub(1));
    const low = c.var("i32");
    const left = c.let(n.mul(MAX_STEPS).add(MAX_STEPS));
    const place = (base: typeof d, i: typeof d): typeof d => c.let(base.add(i.shl(3)));
    c.while(high.gt(0).and(left.gt(0)), () => {
      left.inc(-1);
      // The last block [low, high] without a zero beside the diagonal.
      low.set(high);
      c.while(low.gt(0).and(c.load("f64", e.add(low.shl(3)).sub(8)).ne(0)), () => low.inc(-1));
      c.if(
        low.eq(high),
        () => high.inc(-1),
        () => {
          const [first, last] = [place(d, low), place(d, high)];
          const count = c.let(high.sub(low));
          // From the larger end to the smaller; backward the matrix is its own transpose.
          const back = c.let(c.load("f64", first).abs().lt(c.load("f64", last).abs()));
          const sign = c.let(c.select(back, c.const("i32", -1), c.const("i32", 1)));
          const start = c.let(c.select(back, high, low));
          const dStart = c.let(d.add(start.shl(3)));
          const eStart = c.let(e.add(c.select(back, high.sub(1), low).shl(3)));
          const stride = c.let(sign.shl(3));
          const smallest = c.let(c.call(neglect, "f64", dStart, eStart, stride, count));
          c.if(smallest.ge(0), () => {
            const uRows = c.let(u.add(start.mul(p.uRow)));
            const vRows = c.let(v.add(start.mul(p.vRow)));
            const [uStep, vStep] = [c.let(p.uRow.mul(sign)), c.let(p.vRow.mul(sign))];
            const shift = c.let(c.call(bottomShift(m), "f64", dStart, eStart, stride, count, smallest));
            c.run(makeRoom(m), p.uSweeps, p.bytes, n, p.uWidth);
            c.run(makeRoom(m), p.vSweeps, p.bytes, n, p.vWidth);
            const head = [dStart, eStart, stride, count] as const;
            const [uSide, vSide] = [
              [uRows, uStep, p.uSweeps],
              [vRows, vStep, p.vSweeps],
            ] as const;
            c.if(
              back,
              () => c.run(step, ...head, ...uSide, ...vSide, shift),
              () => c.run(step, ...head, ...vSide, ...uSide, shift),
            );
          });
        },
      );
    });
    c.run(applySweeps(m), p.uSweeps, p.uWidth);
    c.run(applySweeps(m), p.vSweeps, p.vWidth);
    // Singular values are not negative.
    const at = c.let(d);
    const row = c.let(v);
    c.for(0, n, 1, () => {
      c.if(c.load("f64", at).to("i64.reinterpret_f64", "i64").lt(0), () => {
        c.store(at, c.load("f64", at).abs());
        c.for(0, p.vWidth, 1, (i) => c.store(row.add(i.shl(3)), c.load("f64", row.add(i.shl(3))).neg()));
      });
      at.inc(8);
      row.inc(p.vRow);
    });
  });
}

/**
 * (d, e, stride, count) -> a bound from below for the singular values of the block, or -1 if an element of e was small
 * enough beside it to be made 0.
 */
const neglectSmall = (m: Module): Callable =>
  define(m, "neglectSmall", { d: "i32", e: "i32", stride: "i32", count: "i32" }, ["f64"], (c, p) => {
    const { d, e, stride, count } = p;
    const mu = c.let(c.load("f64", d).abs());
    const smallest = c.let<"f64">(mu);
    const found = c.letConst("i32", 0);
    const beside = c.var("f64");
    c.for(0, count, 1, () => {
      beside.set(c.load("f64", e).abs());
      c.if(beside.le(mu.mul(TOLERANCE).max(TINY)), () => {
        c.store(e, c.const("f64", 0));
        found.set(1);
      });
      d.inc(stride);
      e.inc(stride);
      // 0 stays 0, not 0 / 0
      c.if(mu.gt(0), () => mu.set(mu.div(mu.add(beside)).mul(c.load("f64", d).abs())));
      c.if(mu.lt(smallest), () => smallest.set(mu));
    });
    c.select(found, c.const("f64", -1), smallest).push();
  });
