/** Least residuals over the vectors that an operator makes of one (Arnoldi), again and again. */
import { finfo } from "../../numpy/dtypes";
import type { Tracer } from "../../core/tracer";
import { scan } from "../../lax/segments";
import { dynamicIndexInDim, dynamicUpdateIndexInDim } from "../../lax/structure";
import { matmul } from "../../numpy/linear";
import { qr } from "../../numpy/linalg";
import * as ops from "../../ops/index";
import { solveTriangular } from "../linalg/solve";
import { type Apply, type Setting, norm, scalar, times, untilSmall } from "./gradients";

/** Steps of a restart, if nothing is said. */
const RESTART = 20;

/** 1 at place i, 0 elsewhere. */
const unit = (i: Tracer, size: number, like: Tracer): Tracer => {
  const places = ops.iota("int32", [size], 0);
  const here = ops.eq(places, ops.broadcastInDim(i, [size], []));
  return ops.where(here, ops.full([size], 1, like.dtype), ops.full([size], 0, like.dtype));
};

/** x with `apply(x) = b`, f[n], by `restart` steps at a time. */
export function leastResiduals(
  apply: Apply,
  b: Tracer,
  setting: Setting,
  { restart = RESTART }: { readonly restart?: number | undefined },
): Tracer {
  const { start, precondition } = setting;
  const [n, m] = [b.size, Math.max(1, Math.min(restart, b.size))];
  // As in JAX, it ends by the preconditioned residual.
  const left = (x: Tracer): Tracer => precondition(ops.sub(b, apply(x)));
  return untilSmall(b, setting, [start, left(start)], ([x, r]) => {
    const length = norm(r!);
    const none = scalar(b, 0);
    const basis0 = ops.pad(ops.reshape(times(r!, inverse(length, none)), [1, n]), none, [0, 0], [m, 0], [0, 0]);
    const step = ([basis, rows]: [Tracer, Tracer], k: Tracer): [[Tracer, Tracer], null] => {
      const v = dynamicIndexInDim(basis, k, { axis: 0, keepdims: false });
      let w = precondition(apply(v));
      const before = norm(w);
      let h = ops.full([m + 1], 0, w.dtype);
      // Twice, as rounding leaves something behind.
      for (let turn = 0; turn < 2; turn++) {
        const parts = matmul(basis, w);
        w = ops.sub(w, matmul(parts, basis));
        h = ops.add(h, parts);
      }
      // Where nothing new is left the space is complete, and what follows counts for nothing.
      const rest = norm(w);
      const limit = ops.mul(before, scalar(w, finfo(w.dtype as "float32" | "float64").eps));
      const after = ops.add(k, ops.full([], 1, "int32"));
      const height = ops.where(ops.gt(rest, limit), rest, none);
      const row = ops.add(h, times(unit(after, m + 1, w), height));
      const isEmpty = ops.broadcastInDim(ops.eq(before, none), row.shape, []);
      const next = times(w, inverse(rest, limit));
      return [
        [
          dynamicUpdateIndexInDim(basis, next, after, 0),
          dynamicUpdateIndexInDim(rows, ops.where(isEmpty, unit(k, m + 1, w), row), k, 0),
        ],
        null,
      ];
    };
    const carry = [basis0, ops.full([m, m + 1], 0, b.dtype)];
    const [[basis, rows]] = scan(step, carry, ops.iota("int32", [m], 0)) as [[Tracer, Tracer], null];
    // Least squares: sum of y_k rows_k next to length * e_0.
    const [q, upper] = qr(ops.transpose(rows, [1, 0]));
    const y = solveTriangular(upper, times(ops.reshape(ops.slice(q, [0, 0], [1, m]), [m]), length));
    const to = ops.add(x!, matmul(y, ops.slice(basis, [0, 0], [m, n])));
    return [to, left(to)];
  });
}

/** 1 / x where x is beyond a limit, else 0. */
function inverse(x: Tracer, limit: Tracer): Tracer {
  const usable = ops.gt(x, limit);
  return ops.where(usable, ops.div(scalar(x, 1), ops.where(usable, x, scalar(x, 1))), scalar(x, 0));
}
