/** One step of the implicit QR algorithm on a block of a bidiagonal matrix: its shift, and the chase from its top to its bottom. */
import type { Callable, Module } from "../assembler";
import { define } from "./code";
import { Rotation } from "./rotations";
import { SweepWriter } from "./sweeps";

const EPSILON = 2 ** -52;

/**
 * (d, e, stride, count, smallest) -> the shift: the smaller singular value of the last 2 x 2 block; 0 where it would be
 * lost beside the first element, or would spoil small singular values.
 */
export const bottomShift = (m: Module): Callable => {
  const params = { d: "i32", e: "i32", stride: "i32", count: "i32", smallest: "f64" } as const;
  return define(m, "bottomShift", params, ["f64"], (c, { d, e, stride, count, smallest }) => {
    const first = c.let(c.load("f64", d).abs());
    // The largest element
    const largest = c.let<"f64">(first);
    const [x, y] = [c.let(d), c.let(e)];
    const value = c.var("f64");
    c.for(0, count, 1, () => {
      x.inc(stride);
      value.set(c.load("f64", x).abs().max(c.load("f64", y).abs()));
      c.if(value.gt(largest), () => largest.set(value));
      y.inc(stride);
    });
    const give = (v: number): void => void c.f.f64(v).op("return");
    const spread = count.to("f64.convert_i32_s", "f64").mul(100).mul(smallest);
    c.if(spread.le(largest), () => give(0));
    const last = c.let(d.add(stride.mul(count)));
    const [f, g, h] = [c.let(c.load("f64", last.sub(stride)).abs()), c.let(c.load("f64", e.add(stride.mul(count.sub(1)))).abs()), c.let(c.load("f64", last).abs())]; // prettier-ignore
    // Smaller singular value of (f, g; 0, h): 2 least / (sqrt((1 + r)^2 + t) + sqrt((1 - r)^2 + t)) with the ratios to the most.
    const [least, most] = [c.let(f.min(h)), c.let(f.max(h))];
    c.if(least.eq(0), () => give(0));
    const shift = c.var("f64");
    c.if(
      g.lt(most),
      () => {
        const [a, b] = [c.let(least.div(most).add(1)), c.let(most.sub(least).div(most))];
        const t = c.let(g.div(most).mul(g.div(most)));
        shift.set(least.mul(2).div(a.mul(a).add(t).sqrt().add(b.mul(b).add(t).sqrt())));
      },
      () => {
        const q = c.let(most.div(g));
        c.if(
          q.eq(0),
          () => shift.set(least.mul(most).div(g)),
          () => {
            const [a, b] = [c.let(least.div(most).add(1).mul(q)), c.let(most.sub(least).div(most).mul(q))];
            const root = a.mul(a).add(1).sqrt().add(b.mul(b).add(1).sqrt());
            shift.set(least.mul(q).mul(2).div(root));
          },
        );
      },
    );
    c.if(first.gt(0), () => {
      const ratio = c.let(shift.div(first));
      c.if(ratio.mul(ratio).lt(EPSILON), () => shift.set(0));
    });
    shift.push();
  });
};

/**
 * (d, e, stride, count, right, rightStep, rightSweeps, left, leftStep, leftSweeps, shift): `count` pairs of rotations;
 * those from the right are for the rows at `right`, those from the left for the rows at `left`.
 */
export const qrStep = (m: Module): Callable => {
  const params = {
    d: "i32", e: "i32", stride: "i32", count: "i32", right: "i32", rightStep: "i32", rightSweeps: "i32", left: "i32",
    leftStep: "i32", leftSweeps: "i32", shift: "f64",
  } as const; // prettier-ignore
  return define(m, "qrStep", params, [], (c, p) => {
    const { d, e, stride, count, shift } = p;
    const [r, l] = [new Rotation(m, c), new Rotation(m, c)];
    const [dNext, ePrevious] = [c.var("i32"), c.let(e.sub(stride))];
    const [rightSweep, leftSweep] = [new SweepWriter(c, p.rightSweeps), new SweepWriter(c, p.leftSweeps)];
    const apply = (): void => {
      rightSweep.add(r.c, r.s);
      leftSweep.add(l.c, l.s);
      ePrevious.set(e);
      e.inc(stride);
      d.set(dNext);
    };
    const [f, g] = [c.var("f64"), c.var("f64")];
    c.if(
      shift.eq(0),
      () => {
        // Without a shift: no differences, so no digits are lost.
        const cosine = c.letConst("f64", 1);
        l.c.set(1);
        l.s.set(0);
        c.for(0, count, 1, (i) => {
          dNext.set(d.add(stride));
          r.set(c.load("f64", d).mul(cosine), c.load("f64", e));
          cosine.set(r.c);
          c.if(i.gt(0), () => c.store(ePrevious, l.s.mul(r.r)));
          l.set(l.c.mul(r.r), c.load("f64", dNext).mul(r.s));
          c.store(d, l.r);
          apply();
        });
        f.set(c.load("f64", d).mul(cosine));
        c.store(ePrevious, f.mul(l.s));
        c.store(d, f.mul(l.c));
      },
      () => {
        const head = c.let(c.load("f64", d));
        f.set(
          head
            .abs()
            .sub(shift)
            .mul(c.const("f64", 1).copysign(head).add(shift.div(head))),
        );
        g.set(c.load("f64", e));
        c.for(0, count, 1, (i) => {
          dNext.set(d.add(stride));
          const [di, ei, next] = [c.let(c.load("f64", d)), c.let(c.load("f64", e)), c.let(c.load("f64", dNext))];
          r.set(f, g);
          c.if(i.gt(0), () => c.store(ePrevious, r.r));
          f.set(r.c.mul(di).add(r.s.mul(ei)));
          ei.set(r.c.mul(ei).sub(r.s.mul(di)));
          g.set(r.s.mul(next));
          next.set(r.c.mul(next));
          l.set(f, g);
          c.store(d, l.r);
          f.set(l.c.mul(ei).add(l.s.mul(next)));
          c.store(dNext, l.c.mul(next).sub(l.s.mul(ei)));
          c.if(i.lt(count.sub(1)), () => {
            const after = c.let(c.load("f64", e.add(stride)));
            g.set(l.s.mul(after));
            c.store(e.add(stride), l.c.mul(after));
          });
          apply();
        });
        c.store(ePrevious, f);
      },
    );
    rightSweep.end(p.right, p.rightStep);
    leftSweep.end(p.left, p.leftStep);
  });
};
