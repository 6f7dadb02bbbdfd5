/** Functions of n-dimensional images. */
import { isFloat } from "../aval/dtype";
import { broadcastShapes } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { Tracer } from "../core/tracer";
import { byPosition } from "../numpy/arguments";
import { gatherAxes } from "../numpy/gather";
import {
  type ArrayLike, broadcastArray, constantLike, convert, inexact, lift, promoteDTypes, promoteInexactDTypes,
} from "../numpy/lift"; // prettier-ignore
import { owned } from "../numpy/owned";
import { remainder } from "../numpy/arithmetic";
import { unstack } from "../numpy/joining";
import * as ops from "../ops/index";
import { range } from "../base/list";

/**
 * What is outside: "constant" `cval`, "nearest" the edge, "wrap" the image again, "mirror" the image about the centre of
 * its last pixel, "reflect" about the edge of it.
 */
export type BoundaryMode = "constant" | "nearest" | "wrap" | "mirror" | "reflect";

export interface MapCoordinatesOptions {
  /** 0 takes the nearest pixel, 1 interpolates linearly. */
  order?: number | undefined;
  mode?: BoundaryMode | undefined;
  cval?: ArrayLike | undefined;
}

/** Indices without bounds as indices of an axis of this size. */
type Fold = (index: Tracer, size: number) => Tracer;

const mirror: Fold = (index, size) => {
  if (size === 1) return constantLike(index, 0);
  const last = constantLike(index, size - 1);
  return ops.abs(ops.sub(remainder(ops.add(index, last), 2 * (size - 1)), last));
};

const FOLDS: Readonly<Record<BoundaryMode, Fold>> = {
  constant: (index) => index,
  nearest: (index, size) => ops.clamp(constantLike(index, 0), index, constantLike(index, size - 1)),
  wrap: (index, size) => remainder(index, size),
  mirror,
  reflect: (index, size) => {
    const doubled = ops.add(ops.add(index, index), constantLike(index, 1));
    return ops.shiftRightArithmetic(mirror(doubled, 2 * size + 1), constantLike(index, 1));
  },
};

/** A pixel that counts at each coordinate of one axis. */
interface Tap {
  readonly index: Tracer;
  readonly weight: Tracer | null;
}

function taps(x: Tracer, order: number): Tap[] {
  if (order === 0) {
    const y = isFloat(x.dtype) ? ops.round(x, 0) : x;
    return [{ index: convert(y, "int32"), weight: null }];
  }
  const y = inexact(x);
  const lower = ops.floor(y);
  const upperWeight = ops.sub(y, lower);
  const index = convert(lower, "int32");
  return [
    { index, weight: ops.sub(constantLike(y, 1), upperWeight) },
    { index: ops.add(index, constantLike(index, 1)), weight: upperWeight },
  ];
}

/**
 * Values of an image at coordinates between its pixels; pixel i of an axis lies at i.
 *
 * Shapes: `f32[m, n]`, and for each axis coordinates `f32[..]` `-> f32[..]`
 * Dtypes: that of the image; sums for integers are rounded.
 * Gradient: with respect to the image, and for order 1 the coordinates.
 * Errors: ShapeError unless there are coordinates for each axis; for another order or mode.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.ndimage.map_coordinates.html
 * @example
 * const x = np.array([[0, 1], [2, 3]]);
 * scipy.ndimage.mapCoordinates(x, [np.array([0.5]), np.array([0.5])], 1).js(); // => [1.5]
 * scipy.ndimage.mapCoordinates(x, [np.array([5]), np.array([0])], 1, "nearest").js(); // => [2]
 */
export function mapCoordinates(
  input: ArrayLike,
  coordinates: readonly ArrayLike[] | Tracer,
  order: number | MapCoordinatesOptions,
  mode?: BoundaryMode | MapCoordinatesOptions,
  cval?: ArrayLike | MapCoordinatesOptions,
): Tracer {
  const op = "mapCoordinates";
  const o = byPosition<MapCoordinatesOptions>(["order", "mode", "cval"], [order, mode, cval]);
  const [degree, how] = [o.order ?? 1, o.mode ?? "constant"];
  if (degree !== 0 && degree !== 1) throw new ShapeError(`${op}: order must be 0 or 1, got ${degree}`);
  const fold = FOLDS[how];
  if (fold === undefined) {
    throw new ShapeError(`${op}: mode "${how}" is not known; expected one of ${Object.keys(FOLDS).join(", ")}`);
  }
  return owned(() => {
    const image = lift(input);
    const given = coordinates instanceof Tracer ? unstack(coordinates) : coordinates.map(lift);
    if (given.length !== image.ndim) {
      throw new ShapeError(`${op}: expected coordinates for each axis of ${image.aval}, got ${given.length}`);
    }
    if (image.ndim === 0) throw new ShapeError(`${op}: a scalar has no coordinates`);
    const shape = broadcastShapes(op, ...given.map((x) => x.shape));
    const perAxis = given.map((x) => taps(broadcastArray(x, shape), degree));
    const outside = promoteDTypes([image, o.cval ?? 0])[1]!;
    let sum: Tracer | null = null;
    for (let corner = 0; corner < 2 ** (degree * image.ndim); corner++) {
      const chosen = perAxis.map((list, i) => list[(corner >> i) & (list.length - 1)]!);
      let value = pixels(image, chosen, fold, how, outside);
      for (const { weight } of chosen) {
        if (weight === null) continue;
        const [a, b] = promoteInexactDTypes([value, weight]) as [Tracer, Tracer];
        value = ops.mul(a, b);
      }
      sum = sum === null ? value : ops.add(sum, value);
    }
    const exact = isFloat(sum!.dtype) && !isFloat(image.dtype) ? ops.round(sum!, 0) : sum!;
    return convert(exact, image.dtype);
  });
}

/** The pixels at one corner of the cells that the coordinates lie in. */
function pixels(image: Tracer, chosen: readonly Tap[], fold: Fold, mode: BoundaryMode, outside: Tracer): Tracer {
  const indices = chosen.map(({ index }, i) => fold(index, image.shape[i]!));
  const values = gatherAxes(image, range(image.ndim), indices, 0, "clip");
  if (mode !== "constant") return values;
  const inside = indices
    .map((index, i) =>
      ops.and(ops.ge(index, constantLike(index, 0)), ops.lt(index, constantLike(index, image.shape[i]!))),
    )
    .reduce((a, b) => ops.and(a, b));
  const [a, b] = promoteDTypes([values, outside]) as [Tracer, Tracer];
  return ops.where(inside, a, broadcastArray(b, a.shape));
}
