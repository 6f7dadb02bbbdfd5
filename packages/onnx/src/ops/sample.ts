/** Images read at positions that a tensor gives. */
import { numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, sizeOf } from "../value";
import { type OperatorTable } from "./operator";

/** A whole position [n, p] along one axis. */
interface Neighbour {
  readonly place: NdArray;
  /** Its share in the result, [n, p]. */
  readonly weight: NdArray;
}

/** x [n, c, ...space] at a position per axis of space, zero outside if `zeros`: [n, c, p]. */
type Reader = (places: readonly Place[]) => NdArray;

/** A position as it is read: the part of the index that it makes, and whether it is in the image. */
interface Place {
  readonly offset: NdArray;
  readonly inside: NdArray | null;
}

function placeOf(place: NdArray, axis: number, space: readonly number[], zeros: boolean): Place {
  const size = space[axis]!;
  const inside = zeros ? np.logicalAnd(np.greaterEqual(place, 0), np.less(place, size)) : null;
  const within = np.clip(place, 0, size - 1).astype("int32");
  return { offset: within.mul(sizeOf(space.slice(axis + 1))), inside };
}

function reader(x: NdArray): Reader {
  const [n, c, ...space] = x.shape as [number, number, ...number[]];
  const flat = x.reshape([n, c, sizeOf(space)]);
  return (places) => {
    const at = places.map((place) => place.offset).reduce((a, b) => a.add(b)); // [n, p]
    const index = np.broadcastTo(np.expandDims(at, 1), [n, c, at.shape[1]!]);
    const read = np.takeAlongAxis(flat, index, { axis: 2, mode: "clip" });
    const inside = places.map((place) => place.inside);
    if (inside[0] === null) return read;
    const all = (inside as NdArray[]).reduce(np.logicalAnd);
    return np.where(np.expandDims(all, 1), read, np.zeros([], { dtype: x.dtype }));
  };
}

/** Every choice of one of `counts[i]` for each i. */
export function choices(counts: readonly number[]): number[][] {
  return counts.reduce<number[][]>(
    (all, count) => all.flatMap((c) => Array.from({ length: count }, (_, i) => [...c, i])),
    [[]],
  );
}

/** The sum of x [n, c, ...space] at every choice of one neighbour per axis, by the products of their weights: [n, c, p]. */
function blend(x: NdArray, neighbours: readonly (readonly Neighbour[])[], zeros: boolean): NdArray {
  const space = x.shape.slice(2);
  const places = neighbours.map((list, i) => list.map(({ place }) => placeOf(place, i, space, zeros)));
  const read = reader(x);
  const terms = choices(neighbours.map((list) => list.length)).map((choice) => {
    const weight = choice.map((k, i) => neighbours[i]![k]!.weight).reduce(np.multiply);
    return read(choice.map((k, i) => places[i]![k]!)).mul(np.expandDims(weight, 1).astype(x.dtype));
  });
  return terms.reduce(np.add);
}

/** Where a position outside is read instead. */
type Move = (place: NdArray, axis: number) => NdArray;

const stay: Move = (place) => place;

/** Linear interpolation of x [n, c, ...space] at positions [n, p] per axis: [n, c, p]. */
export function interpolate(x: NdArray, positions: readonly NdArray[], zeros: boolean, move = stay): NdArray {
  const neighbours = positions.map((p, i) => {
    const base = np.floor(p);
    const t = p.sub(base);
    return [np.subtract(1, t), t].map((weight, k) => ({ place: move(base.add(k), i), weight }));
  });
  return blend(x, neighbours, zeros);
}

/** Keys' kernel with a = -0.75 at the distances of four neighbours, of which the second is `t` away. */
function cubicWeights(t: NdArray): NdArray[] {
  const a = -0.75;
  const near = (d: NdArray): NdArray => d.mul(a + 2).sub(a + 3).mul(d).mul(d).add(1); // prettier-ignore
  const far = (d: NdArray): NdArray => d.mul(a).sub(5 * a).mul(d).add(8 * a).mul(d).sub(4 * a); // prettier-ignore
  return [far(t.add(1)), near(t), near(np.subtract(1, t)), far(np.subtract(2, t))];
}

function cubic(x: NdArray, positions: readonly NdArray[], zeros: boolean, move: Move): NdArray {
  const neighbours = positions.map((p, i) => {
    const base = np.floor(p);
    return cubicWeights(p.sub(base)).map((weight, k) => ({ place: move(base.add(k - 1), i), weight }));
  });
  return blend(x, neighbours, zeros);
}

/** The value at the nearest whole position. */
function nearest(x: NdArray, positions: readonly NdArray[], zeros: boolean, move: Move): NdArray {
  const space = x.shape.slice(2);
  return reader(x)(positions.map((p, i) => placeOf(move(np.rint(p), i), i, space, zeros)));
}

/** Positions thrown back at the borders, as often as it takes. */
function reflect(p: NdArray, low: number, high: number): NdArray {
  const span = high - low;
  if (span === 0) return np.zerosLike(p);
  const twice = np.mod(p.sub(low), 2 * span);
  return np.where(np.greater(twice, span), np.subtract(2 * span, twice), twice).add(low);
}

function gridSample(n: NodeContext): NdArray {
  const x = n.x(0);
  const grid = n.x(1);
  const space = x.shape.slice(2);
  const rank = space.length;
  const named = n.attributes.string("mode", n.version < 20 ? "bilinear" : "linear");
  const mode = named === "bilinear" ? "linear" : named === "bicubic" ? "cubic" : named;
  const padding = n.attributes.string("padding_mode", "zeros");
  const corners = n.attributes.flag("align_corners");
  const outSpace = grid.shape.slice(1, -1);
  const flat = grid.reshape([grid.shape[0]!, sizeOf(outSpace), rank]);
  // Coordinates are listed from the last axis to the first.
  const positions = space.map((size, i) => {
    const g = flat.slice([], [], rank - 1 - i);
    const p = corners ? g.add(1).mul((size - 1) / 2) : g.add(1).mul(size).sub(1).div(2);
    if (mode === "cubic") return p;
    if (padding === "border") return np.clip(p, 0, size - 1);
    if (padding === "reflection") return corners ? reflect(p, 0, size - 1) : reflect(p, -0.5, size - 0.5);
    return p;
  });
  const move: Move = (place, i) => {
    const size = space[i]!;
    if (padding === "border") return np.clip(place, 0, size - 1);
    if (padding === "reflection") return corners ? reflect(place, 0, size - 1) : reflect(place, -0.5, size - 0.5);
    return place;
  };
  const zeros = padding === "zeros";
  const floats = x.dtype.startsWith("float") || x.dtype === "bfloat16" ? x : x.astype("float32");
  const read = (): NdArray => {
    if (mode === "nearest") return nearest(floats, positions, zeros, move);
    if (mode === "linear") return interpolate(floats, positions, zeros, move);
    if (mode === "cubic") return cubic(floats, positions, zeros, move);
    return n.fail(`the mode "${named}" is not known`);
  };
  return read()
    .reshape([...x.shape.slice(0, 2), ...outSpace])
    .astype(x.dtype);
}

/** Positions of an image's pixels moved by an affine map. */
function affineGrid(n: NodeContext): NdArray {
  const theta = n.x(0); // [n, r, r + 1]
  const [, , ...space] = n.numbers(1);
  const rank = space.length;
  n.allow([...space, rank + 1]);
  const corners = n.attributes.flag("align_corners");
  const axes = space.map((size, i) => {
    const half = corners ? 1 : 1 - 1 / size;
    const line = np.linspace(size === 1 ? 0 : -half, size === 1 ? 0 : half, size);
    return np.broadcastTo(line.reshape(space.map((_, k) => (k === i ? size : 1))), space).reshape([-1]);
  });
  const ones = np.ones([sizeOf(space)]);
  const points = np.stack([...axes.reverse(), ones], -1).astype(theta.dtype); // [p, r + 1]
  const moved = np.einsum("pk,nrk->npr", points, theta);
  return moved.reshape([theta.shape[0]!, ...space, rank]);
}

export const sampling: OperatorTable = { AffineGrid: affineGrid, GridSample: gridSample };
