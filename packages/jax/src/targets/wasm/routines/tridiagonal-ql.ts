/**
 * Eigenvalues of a symmetric tridiagonal matrix by the implicit QL algorithm, and its rotations applied to the rows of
 * a matrix. Source: A. Dubrulle, R. S. Martin and J. H. Wilkinson, "The implicit QL algorithm" (1968).
 */
import type { Callable, Module } from "../assembler";
import { define } from "./code";
import { Rotation, hypot } from "./rotations";
import { SweepWriter, applySweeps, clearSweeps, makeRoom } from "./sweeps";

const EPSILON = 2 ** -52;
/** Steps for one eigenvalue; two or three is usual. */
const MAX_STEPS = 60;

/**
 * (d, e, n, z, row, sweeps, bytes): eigenvalues to d, in any order; e (n numbers) is used up; z has n rows of n numbers.
 * `sweeps` is memory of `bytes` for rotations.
 */
export function tridiagonalQl(m: Module): Callable {
  const params = { d: "i32", e: "i32", n: "i32", z: "i32", row: "i32", sweeps: "i32", bytes: "i32" } as const;
  return define(m, "tridiagonalQl", params, [], (c, { d, e, n, z, row, sweeps, bytes }) => {
    const last = c.let(n.sub(1));
    const end = c.var("i32");
    const steps = c.var("i32");
    const [g, p, b, h, shift] = [c.var("f64"), c.var("f64"), c.var("f64"), c.var("f64"), c.var("f64")];
    const rotation = new Rotation(m, c);
    const at = (base: typeof d, i: typeof end): typeof end => c.let(base.add(i.shl(3)));
    /** The first element from l on after which e is nothing. */
    const findEnd = (l: typeof end): void => {
      end.set(l);
      c.f.block((found) => {
        c.f.loop((again) => {
          end.ge(last).push();
          c.f.brIf(found);
          const [x, y] = [d.add(end.shl(3)), e.add(end.shl(3))];
          const near = c
            .load("f64", x)
            .abs()
            .add(c.load("f64", x, 8).abs());
          c.load("f64", y).abs().le(near.mul(EPSILON)).push();
          c.f.brIf(found);
          end.inc(1);
          c.f.br(again);
        });
      });
    };
    clearSweeps(c, sweeps);
    c.for(0, n, 1, (l) => {
      steps.set(0);
      findEnd(l);
      c.while(end.gt(l).and(steps.lt(MAX_STEPS)), () => {
        steps.inc(1);
        const [dl, el] = [at(d, l), at(e, l)];
        // The eigenvalue of the first two rows that is nearer to d[l].
        g.set(c.load("f64", dl, 8).sub(c.load("f64", dl)).div(c.load("f64", el).mul(2)));
        shift.set(g.add(c.call(hypot(m), "f64", g, c.const("f64", 1)).copysign(g)));
        g.set(c.load("f64", d.add(end.shl(3))).sub(c.load("f64", dl)).add(c.load("f64", el).div(shift))); // prettier-ignore
        rotation.s.set(1);
        rotation.c.set(1);
        p.set(0);
        c.run(makeRoom(m), sweeps, bytes, n, n);
        const sweep = new SweepWriter(c, sweeps);
        const i = c.let(end.sub(1));
        c.f.block((broken) => {
          c.while(i.ge(l), () => {
            const [di, ei] = [at(d, i), at(e, i)];
            const f = c.let(rotation.s.mul(c.load("f64", ei)));
            b.set(rotation.c.mul(c.load("f64", ei)));
            rotation.set(g, f);
            c.store(ei, rotation.r, 8);
            c.if(rotation.r.eq(0), () => {
              c.store(di, c.load("f64", di, 8).sub(p), 8);
              c.store(e.add(end.shl(3)), c.const("f64", 0));
            });
            rotation.r.eq(0).push();
            c.f.brIf(broken);
            g.set(c.load("f64", di, 8).sub(p));
            h.set(c.load("f64", di).sub(g).mul(rotation.s).add(rotation.c.mul(b).mul(2)));
            p.set(rotation.s.mul(h));
            c.store(di, g.add(p), 8);
            g.set(rotation.c.mul(h).sub(b));
            sweep.add(rotation.c, rotation.s);
            i.inc(-1);
          });
          c.store(dl, c.load("f64", dl).sub(p));
          c.store(el, g);
          c.store(e.add(end.shl(3)), c.const("f64", 0));
        });
        sweep.end(z.add(end.mul(row)), row.neg());
        findEnd(l);
      });
    });
    c.run(applySweeps(m), sweeps, n);
  });
}
