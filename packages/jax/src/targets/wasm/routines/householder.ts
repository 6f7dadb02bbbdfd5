/**
 * Householder reflections H = I - tau v v' with v[0] = 1, by which H x = (beta, 0, ..., 0)'. Signs and scales as LAPACK's
 * larfg: beta has the sign opposite to x[0]; x with nothing below its head gives tau = 0. Source: Golub and Van Loan,
 * Matrix Computations, 4th ed., 5.1.
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, define } from "./code";
import { type RealType, loadAll, madd, nmadd } from "./real";
import type { FloatKind, ScalarKind } from "./value";

const wide = (real: RealType, x: Value<ScalarKind>): Value<"f64"> =>
  real.bytes === 8 ? x.as("f64") : x.to("f64.promote_f32", "f64");
const narrow = (real: RealType, x: Value<"f64">): Value<ScalarKind> =>
  real.bytes === 8 ? x : x.to("f32.demote_f64", "f32");

/** (x, step, n) -> the Euclidean norm, in float64; without overflow where the norm itself does not. */
export function norm(m: Module, real: RealType): Callable {
  const { scalar } = real;
  return define(m, `norm_${real.name}`, { x: "i32", step: "i32", n: "i32" }, ["f64"], (c, { x, step, n }) => {
    const value = c.var("f64");
    const sum = c.letConst("f64", 0);
    const most = c.letConst("f64", 0);
    const at = c.var("i32");
    const each = (body: () => void): void => {
      at.set(x);
      c.for(0, n, 1, () => {
        value.set(wide(real, c.load<ScalarKind>(scalar, at)));
        body();
        at.inc(step);
      });
    };
    each(() => {
      sum.inc(value.mul(value));
      most.set(most.max(value.abs()));
    });
    const scale = c.letConst("f64", 1);
    // Squares of float32 are safe.
    if (real.bytes === 8) {
      c.if(sum.lt(1e-280).or(sum.gt(1e280)).and(most.gt(0)), () => {
        scale.set(most);
        sum.set(0);
        each(() => sum.inc(value.div(scale).mul(value.div(scale))));
      });
    }
    scale.mul(sum.sqrt()).push();
  });
}

/** (x, step, n, tau): writes v below the head of x, beta to its head, and tau. */
export function makeReflection(m: Module, real: RealType): Callable {
  const { scalar } = real;
  const params = { x: "i32", step: "i32", n: "i32", tau: "i32" } as const;
  const normOf = norm(m, real);
  return define(m, `reflect_${real.name}`, params, [], (c, { x, step, n, tau }) => {
    const tail = c.let(c.call(normOf, "f64", x.add(step), step, n.sub(1)));
    c.if(
      tail.eq(0),
      () => c.store(tau, c.const<ScalarKind>(scalar, 0)),
      () => {
        const alpha = c.let(wide(real, c.load<ScalarKind>(scalar, x)));
        const most = c.let(tail.max(alpha.abs()));
        const [p, q] = [c.let(alpha.div(most)), c.let(tail.div(most))];
        const length = most.mul(p.mul(p).add(q.mul(q)).sqrt());
        const beta = c.let(length.copysign(alpha).neg());
        c.store(tau, narrow(real, beta.sub(alpha).div(beta)));
        c.store(x, narrow(real, beta));
        const head = c.let(alpha.sub(beta));
        const at = c.let(x.add(step));
        c.for(1, n, 1, () => {
          c.store(at, narrow(real, wide(real, c.load<ScalarKind>(scalar, at)).div(head)));
          at.inc(step);
        });
      },
    );
  });
}

/**
 * (a, row, rows, bytes, v, step, tau): A <- H A for rows of `bytes` bytes, in strips of 64; v[0] is taken as 1 and not
 * read.
 */
export function reflectRows(m: Module, features: WasmFeatures, real: RealType): Callable {
  const params = { a: "i32", row: "i32", rows: "i32", bytes: "i32", v: "i32", step: "i32", tau: "i32" } as const;
  const strip = reflectStrip(m, features, real);
  return define(m, `reflectRows_${real.name}`, params, [], (c, { a, row, rows, bytes, v, step, tau }) => {
    c.if(c.load<ScalarKind>(real.scalar, tau).ne(0), () =>
      c.for(0, bytes, 64, (at) => c.run(strip, a.add(at), row, rows, v, step, tau)),
    );
  });
}

function reflectStrip(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { vector } = real;
  const params = { a: "i32", row: "i32", rows: "i32", v: "i32", step: "i32", tau: "i32" } as const;
  const parts = [0, 16, 32, 48];
  return define(m, `reflectStrip_${real.name}`, params, [], (c, { a, row, rows, v, step, tau }) => {
    const sums = parts.map((at) => c.let(c.load<FloatKind>(vector, a, at)));
    const factor = c.var<FloatKind>(vector);
    const [target, element] = [c.var("i32"), c.var("i32")];
    const below = (body: () => void): void => {
      target.set(a.add(row));
      element.set(v.add(step));
      c.for(1, rows, 1, () => {
        factor.set(loadAll(c, vector, element));
        body();
        target.inc(row);
        element.inc(step);
      });
    };
    below(() =>
      parts.forEach((at, i) =>
        sums[i]!.set(madd(c, features, factor, c.load<FloatKind>(vector, target, at), sums[i]!)),
      ),
    );
    factor.set(loadAll(c, vector, tau));
    sums.forEach((sum) => sum.set(sum.mul(factor)));
    parts.forEach((at, i) => c.store(a, c.load<FloatKind>(vector, a, at).sub(sums[i]!), at));
    below(() =>
      parts.forEach((at, i) =>
        c.store(target, nmadd(c, features, factor, sums[i]!, c.load<FloatKind>(vector, target, at)), at),
      ),
    );
  });
}
