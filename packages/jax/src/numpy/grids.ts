/** NumPy's objects with brackets as functions: grids, and rows and columns put together from pieces. */
import { ShapeError } from "../base/errors";
import type { IndexPart } from "../core/fluent";
import { Tracer } from "../core/tracer";
import { arange, array } from "./creation";
import { concatenate, stack } from "./joining";
import { type ArrayLike, broadcastArray, lift } from "./lift";
import { isOptions } from "./options";
import { owned } from "./owned";
import { linspace } from "./ranges";
import { moveaxis, reshape } from "./shape";

/** `num` numbers from start to stop, both included: what `start:stop:5j` is in Python. */
export interface Samples {
  readonly start: number;
  readonly stop: number;
  readonly num: number;
}

/** A stop, `[start, stop]`, `[start, stop, step]`, or a number of samples. */
export type GridRange = number | readonly [start: number, stop: number, step?: number] | Samples;

function vectorOf(op: string, range: GridRange): Tracer {
  if (typeof range === "number") return arange(range);
  if (isOptions(range)) {
    const { start, stop, num } = range as unknown as Samples;
    return linspace(start, stop, num);
  }
  const [start, stop, step = 1] = range as readonly [number, number, number?];
  if (typeof start !== "number" || typeof stop !== "number")
    throw new ShapeError(`${op}: a range is [start, stop, step], got [${String(range)}]`);
  return arange(start, stop, step);
}

/** Vectors in one dtype, each along its own axis. */
function openVectors(op: string, ranges: readonly GridRange[]): Tracer[] {
  const vectors = ranges.map((r) => vectorOf(op, r));
  const float = vectors.some((v) => v.dtype !== "int32");
  return vectors.map((v, i) =>
    reshape(
      float ? v.astype("float32") : v,
      ranges.map((_, k) => (k === i ? v.size : 1)),
    ),
  );
}

/**
 * Coordinates of a grid, stacked along a new first axis; of one range the vector itself.
 *
 * Shapes: `[d, n1, .., nd]` for d ranges. Dtypes: int32, or float32 if a range is not of whole numbers.
 * Source: numpy.mgrid, `np.mgrid[0:2, 0:2]`
 * @example
 * np.mgrid([0, 2], [0, 2]).js(); // => [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
 */
export function mgrid(...ranges: readonly GridRange[]): Tracer {
  return owned(() => {
    if (ranges.length === 1) return vectorOf("mgrid", ranges[0]!);
    const open = openVectors("mgrid", ranges);
    const shape = open.map((v) => v.size);
    return stack(open.map((v) => broadcastArray(v, shape)));
  });
}

/**
 * Coordinates of a grid, each along its own axis and of size 1 along the others.
 *
 * Source: numpy.ogrid, `np.ogrid[0:2, 0:2]`
 * @example
 * np.ogrid([0, 2], [0, 3])[1].shape; // => [1, 3]
 */
export function ogrid(...ranges: readonly GridRange[]): Tracer[] {
  return owned(() => openVectors("ogrid", ranges));
}

/** Something to put together: an array, a list of numbers, a number, or a range as an object. */
export type Piece =
  ArrayLike | readonly number[] | Samples | { readonly start?: number; readonly stop: number; readonly step?: number };

function pieceOf(piece: Piece): Tracer {
  if (piece instanceof Tracer || typeof piece === "number" || typeof piece === "boolean") return lift(piece);
  if (Array.isArray(piece)) return array(piece as readonly number[]);
  if ("num" in piece) return vectorOf("r_", piece);
  const { start = 0, stop, step = 1 } = piece as { start?: number; stop: number; step?: number };
  return arange(start, stop, step);
}

/** Joins pieces along an axis; pieces of fewer axes get new ones, in front or (with `trans` 0) behind. */
function join(pieces: readonly Piece[], axis: number, ndmin: number, trans: number): Tracer {
  const parts = pieces.map((p) => {
    const x = pieceOf(p);
    const missing = Math.max(0, ndmin - Math.max(1, x.ndim));
    const base = x.ndim === 0 ? reshape(x, [1]) : x;
    const grown = reshape(base, [...new Array<number>(missing).fill(1), ...base.shape]);
    return trans === 0 && missing > 0 ? moveaxis(grown, grown.ndim - 1, 0) : grown;
  });
  return concatenate(parts, axis);
}

/**
 * Pieces one after another: arrays, numbers, lists, and ranges as `{ start, stop, step }` or `{ start, stop, num }`. A
 * text in front, "axis" or "axis,ndmin", names the axis to join along and the least number of axes.
 *
 * Source: numpy.r_, `np.r_[1, 0:3]`
 * @example
 * np.r_(9, { stop: 3 }, [7]).js(); // => [9, 0, 1, 2, 7]
 */
export function r_(...pieces: readonly [string, ...Piece[]] | readonly Piece[]): Tracer {
  const [first, ...rest] = pieces;
  if (typeof first !== "string") return owned(() => join(pieces as readonly Piece[], 0, 0, -1));
  const numbers = first.split(",").map(Number);
  if (numbers.length > 3 || !numbers.every(Number.isInteger))
    throw new ShapeError(`r_: the text in front is "axis", "axis,ndmin" or "axis,ndmin,trans1d", got "${first}"`);
  const [axis = 0, ndmin = 0, trans = -1] = numbers;
  return owned(() => join(rest as readonly Piece[], axis, ndmin, trans));
}

/**
 * Pieces beside each other along the last axis; vectors are columns.
 *
 * Source: numpy.c_, `np.c_[a, b]`
 * @example
 * np.c_(np.array([1, 2]), np.array([3, 4])).js(); // => [[1, 3], [2, 4]]
 */
export function c_(...pieces: readonly Piece[]): Tracer {
  return owned(() => join(pieces, -1, 2, 0));
}

/**
 * The parts of an index as a list, for use in several places.
 *
 * Source: numpy.s_
 * @example
 * const corner = np.s_([0, 1], [0, 1]);
 * np.eye(3).slice(...corner).js(); // => [[1]]
 */
export function s_(...parts: readonly IndexPart[]): readonly IndexPart[] {
  return parts;
}

/** As `s_`. Source: numpy.index_exp @example np.arange(4).slice(...np.indexExp([1, 3])).js(); // => [1, 2] */
export function indexExp(...parts: readonly IndexPart[]): readonly IndexPart[] {
  return parts;
}
