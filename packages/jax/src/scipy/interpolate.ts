/** Interpolation on grids. */
import { JaxError, ShapeError } from "../base/errors";
import { range } from "../base/list";
import { Tracer } from "../core/tracer";
import { divide } from "../numpy/arithmetic";
import { byPosition } from "../numpy/arguments";
import { stack } from "../numpy/joining";
import { type ArrayLike, broadcastArray, convert, inexact, promoteInexactDTypes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { where } from "../numpy/selection";
import { searchsorted } from "../numpy/sorting";
import * as ops from "../ops/index";
import { broadcastShapes } from "../aval/promote";

type Numbers = ArrayLike | readonly number[];
export type InterpolationMethod = "linear" | "nearest";

export interface GridOptions {
  /** "linear" unless given. */
  readonly method?: InterpolationMethod | undefined;
  /** Only false: whether a point is out of bounds is not known while tracing. */
  readonly boundsError?: boolean | undefined;
  /** The value outside of the grid, NaN unless given; null extrapolates. */
  readonly fillValue?: ArrayLike | null | undefined;
}

/** Values at points `f32[..., d]`, or at a list of d arrays of coordinates. */
export type GridInterpolator = (xi: ArrayLike | readonly ArrayLike[], method?: InterpolationMethod | null) => Tracer;

type Construct = (
  points: readonly Numbers[],
  values: Numbers,
  method?: InterpolationMethod | GridOptions,
  boundsError?: boolean | GridOptions,
  fillValue?: ArrayLike | null | GridOptions,
) => GridInterpolator;

function checkMethod(method: unknown): InterpolationMethod {
  if (method === "linear" || method === "nearest") return method;
  throw new JaxError(`RegularGridInterpolator: unknown method "${String(method)}"; expected "linear" or "nearest"`);
}

/** Coordinates [d][...] of points. */
function coordinates(xi: ArrayLike | readonly ArrayLike[], d: number): Tracer[] {
  const isList = Array.isArray(xi) && xi.every((x) => x instanceof Tracer || Array.isArray(x));
  const x = isList ? stack(broadcast(xi as readonly ArrayLike[]), -1) : inexact(xi as ArrayLike);
  const at = x.ndim === 0 || (x.ndim === 1 && d === 1 && x.size !== 1) ? x.reshape([...x.shape, 1]) : x;
  if (at.shape[at.ndim - 1] !== d) {
    throw new ShapeError(`RegularGridInterpolator: points must have ${d} coordinates on the last axis, got ${x.aval}`);
  }
  return range(0, d).map((i) => at.slice("...", i));
}

function broadcast(xs: readonly ArrayLike[]): Tracer[] {
  const list = promoteInexactDTypes(xs);
  const shape = broadcastShapes("RegularGridInterpolator", ...list.map((x) => x.shape));
  return list.map((x) => broadcastArray(x, shape));
}

interface Place {
  /** Index of the interval. */
  readonly index: Tracer;
  /** Where in the interval: 0 to 1, beyond it outside. */
  readonly part: Tracer;
  readonly outside: Tracer;
}

function placeIn(grid: Tracer, x: Tracer): Place {
  const n = grid.size;
  const index = searchsorted(grid, x)
    .sub(1)
    .clip(0, n - 2);
  const [low, high] = [grid.take(index), grid.take(index.add(1))];
  const outside = ops.or(x.less(grid.slice(0)), x.greater(grid.slice(n - 1)));
  return { index, part: divide(x.sub(low), high.sub(low)), outside };
}

/** Linear in each coordinate: the corners of the cell [2^d], weighted. */
function linear(values: Tracer, places: readonly Place[]): Tracer {
  let total: Tracer | null = null;
  for (const corner of range(0, 2 ** places.length)) {
    const up = places.map((_, i) => (corner >> i) & 1);
    const at = values.slice(...places.map((p, i) => p.index.add(up[i]!)));
    const weights = places.map((p, i) => (up[i] === 1 ? p.part : p.part.neg().add(1)));
    const weight = weights.reduce((a, b) => a.mul(b));
    const wide = weight.reshape([...weight.shape, ...values.shape.slice(places.length).map(() => 1)]);
    const term = at.mul(wide);
    total = total === null ? term : total.add(term);
  }
  return total!;
}

function evaluate(
  grids: readonly Tracer[],
  values: Tracer,
  xi: readonly Tracer[],
  method: InterpolationMethod,
  fill: ArrayLike | null,
): Tracer {
  const places = xi.map((x, i) => placeIn(grids[i]!, x));
  const nearest = (p: Place): Tracer => p.index.add(convert(p.part.greater(0.5), "int32"));
  const value = method === "linear" ? linear(values, places) : values.slice(...places.map(nearest));
  const rest = values.shape.slice(grids.length);
  if (fill === null) return value;
  const outside = places.map((p) => p.outside).reduce((a, b) => ops.or(a, b));
  return where(outside.reshape([...outside.shape, ...rest.map(() => 1)]), fill, value);
}

const construct: Construct = (points, values, ...given) => {
  const o = byPosition<GridOptions>(["method", "boundsError", "fillValue"], given);
  const usual = checkMethod(o.method ?? "linear");
  if (o.boundsError === true) {
    throw new JaxError("RegularGridInterpolator: boundsError is not supported; give a fillValue and look for it");
  }
  const fill = o.fillValue === undefined ? NaN : o.fillValue;
  return (xi, method) =>
    owned(() => {
      const grids = points.map((p) => inexact(p as ArrayLike));
      const table = inexact(values as ArrayLike);
      if (grids.length > table.ndim || grids.some((g, i) => g.ndim !== 1 || g.size !== table.shape[i] || g.size < 2)) {
        const sizes = grids.map((g) => String(g.aval)).join(", ");
        throw new ShapeError(
          `RegularGridInterpolator: grids must be vectors of the lengths of the axes of ${table.aval}, at least 2, got ${sizes}`,
        );
      }
      const at = coordinates(xi, grids.length);
      return evaluate(grids, table, at, method === undefined || method === null ? usual : checkMethod(method), fill);
    });
};

/**
 * Interpolates values on a grid of d axes, given by increasing vectors; with or without `new`, gives a function of points.
 *
 * Shapes: `points[i]: f32[n_i]`, values `f32[n_1, ..., n_d, ...]`; of points `f32[..., d]` the result is `f32[..., ...]`.
 * Outside of the grid it is `fillValue`, NaN unless given; null extrapolates.
 * Gradient: with respect to values and points. Errors: ShapeError for sizes that do not fit; JaxError for `boundsError`.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.interpolate.RegularGridInterpolator.html
 * @example
 * const f = new scipy.interpolate.RegularGridInterpolator([[0, 1], [0, 1]], [[0, 1], [2, 3]]);
 * f(np.array([0.5, 0.25])).js(); // => 1.25
 */
export const RegularGridInterpolator = function (...args: Parameters<Construct>): GridInterpolator {
  return construct(...args); // an object, which takes the place of what new makes
} as Construct & (new (...args: Parameters<Construct>) => GridInterpolator);
