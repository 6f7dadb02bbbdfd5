/** Reductions by any associative function. */
import { canonicalAxis } from "../aval/promote";
import { prod } from "../base/list";
import { type Tracer } from "../core/tracer";
import { type ArrayLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { vmap } from "../transforms/vmap";
import { nameOfMonoid, reductionOf, startingWith } from "./monoid";

/** Combines two scalars; of several operands, two lists of scalars into one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- scalars, or lists of them
export type Monoid = (x: any, y: any) => any;

/**
 * Reduces axes by an associative function of scalars with the identity `initValues`: sums, products and extremes
 * at once, others by halves, in log n steps.
 *
 * Several operands of one shape, given as a list, reduce together: the function then takes and gives lists.
 * Errors: ShapeError for axes that are not there.
 * @example
 * lax.reduce(np.array([1, 5, 3]), -Infinity, lax.max, [0]).js(); // => 5
 */
export function reduce(
  operands: ArrayLike,
  initValues: ArrayLike,
  computation: Monoid,
  dimensions: readonly number[],
): Tracer;
export function reduce(
  operands: readonly ArrayLike[],
  initValues: readonly ArrayLike[],
  computation: Monoid,
  dimensions: readonly number[],
): Tracer[];
export function reduce(
  operands: ArrayLike | readonly ArrayLike[],
  initValues: ArrayLike | readonly ArrayLike[],
  computation: Monoid,
  dimensions: readonly number[],
): Tracer | Tracer[] {
  const several = Array.isArray(operands);
  return owned(() => {
    const xs = (several ? (operands as readonly ArrayLike[]) : [operands as ArrayLike]).map(lift);
    const inits = (several ? (initValues as readonly ArrayLike[]) : [initValues as ArrayLike]).map((v, i) =>
      convert(lift(v), xs[i]!.dtype),
    );
    const name = several ? null : nameOfMonoid(computation, xs[0]!.dtype);
    if (name !== null) {
      const axes = dimensions.map((a) => canonicalAxis("reduce", a, xs[0]!.ndim));
      return startingWith(name, initValues as ArrayLike, reductionOf(name).reduce(xs[0]!, axes));
    }
    const out = halved(
      xs,
      inits,
      several ? computation : (x: Tracer[], y: Tracer[]) => [computation(x[0], y[0])],
      dimensions,
    );
    return several ? out : out[0]!;
  });
}

type ListMonoid = (x: Tracer[], y: Tracer[]) => ArrayLike[];

function halved(xs: Tracer[], inits: Tracer[], computation: ListMonoid, dimensions: readonly number[]): Tracer[] {
  const shape = xs[0]!.shape;
  const axes = dimensions.map((a) => canonicalAxis("reduce", a, shape.length));
  const kept = shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]));
  const keptShape = kept.map((i) => shape[i]!);
  const m = prod(keptShape);
  let n = prod(axes.map((i) => shape[i]!));
  let rows = xs.map((x) => ops.reshape(ops.transpose(x, [...axes, ...kept]), [n, m]));
  const apply = (a: Tracer[], b: Tracer[]): Tracer[] => {
    const size = a[0]!.size;
    const flat = (t: Tracer): Tracer => ops.reshape(t, [size]);
    const each = (x: Tracer[], y: Tracer[]): Tracer[] =>
      computation(x, y).map((v, i) => convert(lift(v), xs[i]!.dtype));
    const out = (vmap(each as never) as unknown as ListMonoid)(a.map(flat), b.map(flat)) as Tracer[];
    return out.map((t, i) => ops.reshape(t, a[i]!.shape));
  };
  const part = (t: Tracer, from: number, to: number): Tracer => ops.slice(t, [from, 0], [to, m]);
  while (n > 1 && m > 0) {
    const half = Math.floor(n / 2);
    const next = apply(
      rows.map((t) => part(t, 0, half)),
      rows.map((t) => part(t, half, 2 * half)),
    );
    rows = n % 2 === 0 ? next : next.map((t, i) => ops.concatenate([t, part(rows[i]!, n - 1, n)], 0));
    n = half + (n % 2);
  }
  const start = inits.map((v) => ops.broadcastInDim(v, [1, m], []));
  const done = n === 0 || m === 0 ? start : apply(start, rows);
  return done.map((t) => ops.reshape(t, keptShape));
}

const xor: Monoid = (a: Tracer, b: Tracer) => ops.xor(a, b);

/** Exclusive or over axes, of integers or bools. @example lax.reduceXor(np.array([5, 3], { dtype: "int32" }), [0]).js(); // => 6 */
export function reduceXor(operand: ArrayLike, axes: readonly number[]): Tracer {
  const x = lift(operand);
  const zero = x.dtype === "bool" ? false : 0;
  return reduce(x, zero, xor, axes);
}
