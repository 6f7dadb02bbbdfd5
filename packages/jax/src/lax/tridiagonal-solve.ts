/** Linear equations with tridiagonal matrices. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { finfo } from "../numpy/dtypes";
import { type ArrayLike, broadcastArray, constantLike, promoteInexactDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { moveaxis } from "../numpy/shape";
import * as ops from "../ops/index";
import { customLinearSolve } from "./linear-solve";
import { scan } from "./segments";

export interface TridiagonalSolveOptions {
  /** Puts small numbers in place of pivots that are almost 0, so that singular equations give finite results. */
  perturbSingular?: boolean | undefined;
}

/** The diagonals, [m, ..]: lower, middle, upper; lower[0] and upper[m - 1] are not used. */
type Diagonals = readonly [lower: Tracer, middle: Tracer, upper: Tracer];

/** x moved along its first axis by one place: to later places, or with `back` to earlier ones; a 0 comes in. */
function shifted(x: Tracer, back: boolean): Tracer {
  const edge = x.shape.map((_, i) => (i === 0 ? 1 : 0));
  const none = x.shape.map(() => 0);
  const zero = ops.full([], 0, x.dtype);
  const m = x.shape[0]!;
  if (back) return ops.pad(ops.slice(x, edge, x.shape), zero, none, edge);
  return ops.pad(ops.slice(x, none, [m - 1, ...x.shape.slice(1)]), zero, edge, none);
}

/** A vector over rows, [.., m], repeated over the columns of b, [.., m, k]. */
const overColumns = (d: Tracer, b: Tracer): Tracer => ops.broadcastInDim(d, b.shape, range(b.ndim - 1));

const zeroLike = (x: Tracer): Tracer => constantLike(x, 0);

/** Rows first. */
function product([lower, middle, upper]: Diagonals, x: Tracer): Tracer {
  const near = ops.add(ops.mul(lower, shifted(x, false)), ops.mul(upper, shifted(x, true)));
  return ops.add(ops.mul(middle, x), near);
}

/** Elimination with exchange of neighbouring rows, and back substitution. All are [m, ..]; `least` is the smallest pivot. */
function solve([lower, middle, upper]: Diagonals, b: Tracer, least: Tracer | null): Tracer {
  type Row = readonly [p: Tracer, q: Tracer, rhs: Tracer];
  const first = (x: Tracer): Tracer => ops.reshape(ops.slice(x, x.shape.map(() => 0), [1, ...x.shape.slice(1)]), x.shape.slice(1)); // prettier-ignore
  const start: Row = [first(middle), first(upper), first(b)];
  // The row so far has p at its own column and q at the next; the row below has l, d, u at these and the one after.
  const eliminate = ([p, q, rhs]: Row, [l, d, u, below]: Tracer[]): [Row, Tracer[]] => {
    const swap = ops.gt(ops.abs(l!), ops.abs(p));
    const [p1, q1, r1] = [ops.where(swap, l!, p), ops.where(swap, d!, q), ops.where(swap, u!, zeroLike(p))];
    const [p2, q2, r2] = [ops.where(swap, p, l!), ops.where(swap, q, d!), ops.where(swap, zeroLike(p), u!)];
    const [top, bottom] = [ops.where(swap, below!, rhs), ops.where(swap, rhs, below!)];
    const pivot = nonZero(p1, least);
    const nothing = ops.eq(p2, zeroLike(p2));
    const factor = ops.where(nothing, zeroLike(p2), ops.div(p2, pivot));
    const next: Row = [
      ops.sub(q2, ops.mul(factor, q1)),
      ops.sub(r2, ops.mul(factor, r1)),
      ops.sub(bottom, ops.mul(factor, top)),
    ];
    return [next, [pivot, q1, r1, top]];
  };
  const m = b.shape[0]!;
  const rest = (x: Tracer): Tracer => ops.slice(x, x.shape.map((_, i) => (i === 0 ? 1 : 0)), x.shape); // prettier-ignore
  const below = [rest(lower), rest(middle), rest(upper), rest(b)];
  const [[p, , rhs], rows] = scan(eliminate, start, below) as [Row, Tracer[]];
  const last = ops.div(rhs, nonZero(p, least));
  if (m === 1) return ops.reshape(last, b.shape);
  const back = ([x1, x2]: readonly [Tracer, Tracer], [pivot, q, r, top]: Tracer[]): [[Tracer, Tracer], Tracer] => {
    const known = ops.add(ops.mul(q!, x1), ops.mul(r!, x2));
    const x = ops.div(ops.sub(top!, known), pivot!);
    return [[x, x1], x];
  };
  const [, xs] = scan(back, [last, zeroLike(last)], rows, { reverse: true }) as [unknown, Tracer];
  return ops.concatenate([xs, ops.reshape(last, [1, ...last.shape])], 0);
}

function nonZero(p: Tracer, least: Tracer | null): Tracer {
  if (least === null) return p;
  const size = broadcastArray(least, p.shape);
  const signed = ops.where(ops.lt(p, zeroLike(p)), ops.neg(size), size);
  return ops.where(ops.lt(ops.abs(p), size), signed, p);
}

/**
 * Solves `a x = b` for tridiagonal a, by elimination with exchange of rows: `a[i, i - 1] = dl[i]`, `a[i, i] = d[i]`,
 * `a[i, i + 1] = du[i]`; `dl[0]` and `du[m - 1]` are not used.
 *
 * Shapes: `f32[.., m] x f32[.., m] x f32[.., m] x f32[.., m, k] -> f32[.., m, k]`
 * Errors: ShapeError for sizes that do not fit. Singular equations give infinities or NaN, unless `perturbSingular`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.linalg.tridiagonal_solve.html
 * @example
 * const [dl, d, du] = [np.array([0, 1]), np.array([2, 2]), np.array([1, 0])];
 * lax.linalg.tridiagonalSolve(dl, d, du, np.array([[3], [3]])).js(); // => [[1], [1]]
 */
export function tridiagonalSolve(
  dl: ArrayLike,
  d: ArrayLike,
  du: ArrayLike,
  b: ArrayLike,
  options: TridiagonalSolveOptions = {},
): Tracer {
  checkOptions("tridiagonalSolve", options, { perturbSingular: true });
  return owned(() => {
    const [l, m, u, rhs] = promoteInexactDTypes([dl, d, du, b]) as [Tracer, Tracer, Tracer, Tracer];
    const rows = rhs.shape.slice(0, -1).join();
    if (rhs.ndim < 2 || [l, m, u].some((x) => x.shape.join() !== rows)) {
      throw new ShapeError(
        `tridiagonalSolve: expected diagonals [.., m] and b [.., m, k], got ${l.aval}, ${m.aval}, ${u.aval} and ${rhs.aval}`,
      );
    }
    if (rhs.size === 0) return ops.copy(rhs);
    const axis = rhs.ndim - 2;
    const forward = [l, m, u].map((x) => moveaxis(overColumns(x, rhs), axis, 0)) as unknown as Diagonals;
    const cut = (x: Tracer, end: 0 | 1): Tracer => {
      const at = ops.iota("int32", x.shape, 0);
      const unused = ops.eq(at, constantLike(at, end === 0 ? 0 : x.shape[0]! - 1));
      return ops.where(unused, constantLike(x, 0), x);
    };
    const diagonals: Diagonals = [cut(forward[0], 0), forward[1], cut(forward[2], 1)];
    const least = options.perturbSingular === true ? smallestPivot(diagonals) : null;
    const turned: Diagonals = [shifted(diagonals[2], false), diagonals[1], shifted(diagonals[0], true)];
    const x = customLinearSolve(
      (y: Tracer) => product(diagonals, y),
      moveaxis(rhs, axis, 0),
      (_: unknown, y: Tracer) => solve(diagonals, y, least),
      (_: unknown, y: Tracer) => solve(turned, y, least),
    ) as Tracer;
    return moveaxis(x, 0, axis);
  });
}

/** Rounding of the largest element of each matrix. */
function smallestPivot(diagonals: Diagonals): Tracer {
  const largest = diagonals
    .map((x) => ops.reduceMax(ops.abs(ops.stopGradient(x)), [0]))
    .reduce((x, y) => ops.max(x, y));
  return ops.mul(largest, constantLike(largest, finfo(largest.dtype).eps));
}
