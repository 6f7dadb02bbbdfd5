/** Interpolation and numeric derivatives. */
import { checkOptions } from "../base/option-names";
import { byPosition } from "./arguments";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, divide, multiply, remainder, subtract } from "./arithmetic";
import { takeRows } from "./gather";
import { type ArrayLike, type Axis, broadcastArray, constantLike, convert, lift, promoteInexactDTypes } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";
import { argsort, searchsorted } from "./sorting";
import { reshape } from "./shape";
import { diff } from "./cumulative";

type Outside = ArrayLike | "extrapolate" | null | undefined;

export interface InterpOptions {
  /** Value left of the first point; its value by default. "extrapolate" goes on with the first line. */
  left?: Outside;
  right?: Outside;
  /** The points repeat with this period. */
  period?: number | null | undefined;
}

/** Linear interpolation between points with increasing `xp`. Dtypes: floats. @example np.interp(1.5, np.array([1, 2]), np.array([0, 10])).js(); // => 5 */
export function interp(
  x: ArrayLike,
  xp: ArrayLike,
  fp: ArrayLike,
  left?: Outside | InterpOptions,
  right?: Outside | InterpOptions,
  period?: number | null | InterpOptions,
): Tracer {
  const o = byPosition<InterpOptions>(["left", "right", "period"], [left, right, period]);
  return owned(() => {
    let [at, points, values] = promoteInexactDTypes([x, xp, fp]) as [Tracer, Tracer, Tracer];
    if (points.ndim !== 1 || points.shape[0] !== values.shape[0]) {
      throw new ShapeError(`interp: xp and fp must be vectors of one size, got ${points.aval} and ${values.aval}`);
    }
    const turn = typeof o.period === "number" ? Math.abs(o.period) : null;
    if (turn !== null) {
      at = remainder(at, turn);
      points = remainder(points, turn);
      const order = argsort(points);
      [points, values] = [takeRows(points, order, 0), takeRows(values, order, 0)];
      const end = (v: Tracer, i: number): Tracer => ops.slice(v, [i], [i + 1]);
      const n = points.size;
      points = ops.concatenate([subtract(end(points, n - 1), turn), points, add(end(points, 0), turn)], 0);
      values = ops.concatenate([end(values, n - 1), values, end(values, 0)], 0);
    }
    const n = points.size;
    const found = searchsorted(points, at, "right");
    const hi = ops.min(ops.max(found, constantLike(found, 1)), constantLike(found, Math.max(1, n - 1)));
    const lo = ops.sub(hi, constantLike(hi, 1));
    const [x0, x1] = [takeRows(points, lo, 0), takeRows(points, hi, 0)];
    const [f0, f1] = [takeRows(values, lo, 0), takeRows(values, hi, 0)];
    const dx = ops.sub(x1, x0);
    const flat = ops.eq(dx, constantLike(dx, 0));
    const slope = ops.div(ops.sub(f1, f0), ops.where(flat, constantLike(dx, 1), dx));
    let out = ops.where(flat, f0, ops.add(f0, ops.mul(ops.sub(at, x0), slope)));
    if (turn !== null) return out;
    const outside = (v: Outside, i: number): Tracer =>
      v === "extrapolate"
        ? out
        : broadcastArray(
            v === undefined || v === null
              ? ops.reshape(ops.slice(values, [i], [i + 1]), [])
              : convert(lift(v), out.dtype),
            out.shape,
          );
    const edge = (i: number): Tracer => broadcastArray(ops.reshape(ops.slice(points, [i], [i + 1]), []), out.shape);
    out = ops.where(ops.lt(at, edge(0)), outside(o.left, 0), out);
    return ops.where(ops.gt(at, edge(n - 1)), outside(o.right, n - 1), out);
  });
}

export interface GradientOptions {
  axis?: Axis | undefined;
  edgeOrder?: number | undefined;
}

/** Numeric derivative by central differences, one-sided at the ends: an array for one axis, a list for several. Distances: a number for all axes, or one each, or vectors of coordinates. @example np.gradient(np.array([1, 2, 4])).js(); // => [1, 1.5, 2] */
export function gradient(f: ArrayLike, ...spacings: readonly (ArrayLike | GradientOptions)[]): Tracer | Tracer[] {
  const last = spacings[spacings.length - 1];
  const o = (isOptions(last) ? last : {}) as GradientOptions;
  checkOptions("gradient", o, { axis: true, edgeOrder: true });
  const steps = (isOptions(last) ? spacings.slice(0, -1) : spacings) as ArrayLike[];
  return owned(() => {
    const [x, ...distances] = promoteInexactDTypes([f, ...steps]) as [Tracer, ...Tracer[]];
    const along =
      o.axis === undefined || o.axis === null ? range(x.ndim) : typeof o.axis === "number" ? [o.axis] : o.axis;
    const axes = along.map((a) => canonicalAxis("gradient", a, x.ndim));
    if (steps.length > 1 && steps.length !== axes.length) {
      throw new ShapeError(`gradient: ${steps.length} distances for ${axes.length} axes`);
    }
    const out = axes.map((axis, i) =>
      derivative(x, axis, distances.length === 1 ? distances[0]! : (distances[i] ?? 1)),
    );
    return out.length === 1 ? out[0]! : out;
  });
}

function derivative(x: Tracer, axis: number, step: ArrayLike): Tracer {
  const n = x.shape[axis]!;
  if (n < 2) throw new ShapeError(`gradient: axis ${axis} of ${x.aval} has fewer than 2 elements`);
  const part = (from: number, to: number): Tracer =>
    ops.slice(
      x,
      x.shape.map((_, i) => (i === axis ? from : 0)),
      x.shape.map((s, i) => (i === axis ? to : s)),
    );
  const h = typeof step === "number" ? step : lift(step);
  if (typeof h === "number" || h.ndim === 0) {
    const middle = divide(subtract(part(2, n), part(0, n - 2)), multiply(h, 2));
    const first = divide(subtract(part(1, 2), part(0, 1)), h);
    const end = divide(subtract(part(n - 1, n), part(n - 2, n - 1)), h);
    return ops.concatenate(
      [first, middle, end].map((v) => convert(v, x.dtype)),
      axis,
    );
  }
  if (h.ndim !== 1 || h.size !== n) throw new ShapeError(`gradient: ${h.aval} are not the coordinates of ${n} points`);
  const d = reshape(
    convert(diff(h), x.dtype),
    x.shape.map((_, i) => (i === axis ? n - 1 : 1)),
  );
  const dpart = (from: number, to: number): Tracer =>
    ops.slice(
      d,
      d.shape.map((_, i) => (i === axis ? from : 0)),
      d.shape.map((s, i) => (i === axis ? to : s)),
    );
  const [a, b] = [dpart(0, n - 2), dpart(1, n - 1)];
  // Parabola through three points: weights of the left, middle and right one.
  const left = divide(multiply(b, -1), multiply(a, add(a, b)));
  const center = divide(subtract(b, a), multiply(a, b));
  const right = divide(a, multiply(b, add(a, b)));
  const middle = add(
    add(multiply(left, part(0, n - 2)), multiply(center, part(1, n - 1))),
    multiply(right, part(2, n)),
  );
  const first = divide(subtract(part(1, 2), part(0, 1)), dpart(0, 1));
  const end = divide(subtract(part(n - 1, n), part(n - 2, n - 1)), dpart(n - 2, n - 1));
  return ops.concatenate([first, middle, end], axis);
}
