/** Conjugate gradients and biconjugate gradients on flat vectors. */
import type { Tracer } from "../../core/tracer";
import { whileLoop } from "../../lax/control";
import { dot } from "../../numpy/linear";
import * as ops from "../../ops/index";

export type Apply = (v: Tracer) => Tracer;

export interface Setting {
  readonly start: Tracer;
  readonly precondition: Apply;
  readonly maxiter: number;
  /** The norm that a residual must not exceed, for a right side. */
  readonly goal: (b: Tracer) => Tracer;
}

export const norm = (x: Tracer): Tracer => ops.sqrt(dot(x, x));
/** A number in the dtype of `like`. */
export const scalar = (like: Tracer, value: number): Tracer => ops.full([], value, like.dtype);
const spread = (s: Tracer, x: Tracer): Tracer => ops.broadcastInDim(s, x.shape, []);
/** x * by, for a scalar. */
export const times = (x: Tracer, by: Tracer): Tracer => ops.mul(x, spread(by, x));
/** x + y * by */
const along = (x: Tracer, y: Tracer, by: Tracer): Tracer => ops.add(x, times(y, by));

/** x / y; 0 where y is, so that an exact solution stays one. */
function ratio(x: Tracer, y: Tracer): Tracer {
  const none = ops.eq(y, scalar(y, 0));
  return ops.where(none, scalar(x, 0), ops.div(x, ops.where(none, scalar(y, 1), y)));
}

/** The first of the state after steps that are done while the second, the residual for b, is longer than it shall be. */
export function untilSmall(
  b: Tracer,
  { maxiter, goal }: Setting,
  first: readonly Tracer[],
  step: (state: readonly Tracer[], limit: Tracer) => readonly Tracer[],
): Tracer {
  const limit = goal(b);
  const goesOn = (state: readonly Tracer[]): Tracer => {
    const count = state.at(-1)!;
    return ops.and(ops.gt(norm(state[1]!), limit), ops.lt(count, ops.full([], maxiter, "int32")));
  };
  const next = (state: readonly Tracer[]): Tracer[] => [
    ...step(state.slice(0, -1), limit),
    ops.add(state.at(-1)!, ops.full([], 1, "int32")),
  ];
  return (whileLoop(goesOn, next, [...first, ops.full([], 0, "int32")]) as Tracer[])[0]!;
}

/** x with `apply(x) = b`, f[n], for a positive definite operator. */
export function conjugateGradients(apply: Apply, b: Tracer, setting: Setting): Tracer {
  const { start, precondition } = setting;
  const r0 = ops.sub(b, apply(start));
  const z0 = precondition(r0);
  return untilSmall(b, setting, [start, r0, z0, dot(r0, z0)], ([x, r, p, rz]) => {
    const q = apply(p!);
    const length = ratio(rz!, dot(p!, q));
    const left = along(r!, q, ops.neg(length));
    const z = precondition(left);
    const next = dot(left, z);
    return [along(x!, p!, length), left, along(z, p!, ratio(next, rz!)), next];
  });
}

/** x with `apply(x) = b`, f[n]. */
export function biconjugateGradients(apply: Apply, b: Tracer, setting: Setting): Tracer {
  const { start, precondition } = setting;
  const r0 = ops.sub(b, apply(start));
  const one = scalar(b, 1);
  const zero = times(r0, scalar(b, 0));
  return untilSmall(b, setting, [start, r0, zero, zero, one, one, one], ([x, r, p, v, rho, alpha, omega], limit) => {
    const product = dot(r0, r!);
    const beta = ops.mul(ratio(product, rho!), ratio(alpha!, omega!));
    const direction = along(r!, along(p!, v!, ops.neg(omega!)), beta);
    const forward = precondition(direction);
    const moved = apply(forward);
    const length = ratio(product, dot(r0, moved));
    const s = along(r!, moved, ops.neg(length));
    const correction = precondition(s);
    const t = apply(correction);
    // Half of the step may be enough.
    const isDone = ops.le(norm(s), limit);
    const weight = ops.where(isDone, scalar(s, 0), ratio(dot(t, s), dot(t, t)));
    const to = along(along(x!, forward, length), correction, weight);
    return [to, along(s, t, ops.neg(weight)), direction, moved, product, length, weight];
  });
}
