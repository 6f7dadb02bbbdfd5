/** Images read at positions that a tensor gives. */
import { numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, sizeOf } from "../value";
import { type OperatorTable } from "./operator";

/** x [n, c, ...space] at whole positions, one list [n, p] per axis of space, zero outside if `zeros`: [n, c, p]. */
function readAt(x: NdArray, places: readonly NdArray[], zeros: boolean): NdArray {
  const [n, c, ...space] = x.shape as [number, number, ...number[]];
  let flat: NdArray | null = null;
  let inside: NdArray | null = null;
  places.forEach((place, i) => {
    const size = space[i]!;
    const ok = np.logicalAnd(np.greaterEqual(place, 0), np.less(place, size));
    inside = inside ? np.logicalAnd(inside, ok) : ok;
    const part = np
      .clip(place, 0, size - 1)
      .astype("int32")
      .mul(sizeOf(space.slice(i + 1)));
    flat = flat ? np.add(flat, part) : part;
  });
  const at = flat as unknown as NdArray; // [n, p]
  const p = at.shape[1]!;
  const index = np.broadcastTo(np.expandDims(at, 1), [n, c, p]);
  const read = np.takeAlongAxis(x.reshape([n, c, sizeOf(space)]), index, { axis: 2, mode: "clip" });
  if (!zeros) return read;
  return np.where(np.expandDims(inside as unknown as NdArray, 1), read, np.zeros([], { dtype: x.dtype }));
}

/** Every choice of one of `counts[i]` for each i. */
export function choices(counts: readonly number[]): number[][] {
  return counts.reduce<number[][]>(
    (all, count) => all.flatMap((c) => Array.from({ length: count }, (_, i) => [...c, i])),
    [[]],
  );
}

/** Linear interpolation of x [n, c, ...space] at positions [n, p] per axis: [n, c, p]. */
export function interpolate(x: NdArray, positions: readonly NdArray[], zeros: boolean, move = identity): NdArray {
  const bases = positions.map((p) => np.floor(p));
  const terms = choices(positions.map(() => 2)).map((corner) => {
    const places = corner.map((k, i) => move(bases[i]!.add(k), i));
    const weight = corner
      .map((k, i) => {
        const part = positions[i]!.sub(bases[i]!);
        return k === 1 ? part : np.subtract(1, part);
      })
      .reduce(np.multiply);
    return readAt(x, places, zeros).mul(np.expandDims(weight, 1).astype(x.dtype));
  });
  return terms.reduce(np.add);
}

const identity = (place: NdArray, _axis: number): NdArray => place;

/** Keys' kernel with a = -0.75 at the distances of four neighbours, of which the second is `t` away. */
function cubicWeights(t: NdArray): NdArray[] {
  const a = -0.75;
  const near = (d: NdArray): NdArray => d.mul(a + 2).sub(a + 3).mul(d).mul(d).add(1); // prettier-ignore
  const far = (d: NdArray): NdArray => d.mul(a).sub(5 * a).mul(d).add(8 * a).mul(d).sub(4 * a); // prettier-ignore
  return [far(t.add(1)), near(t), near(np.subtract(1, t)), far(np.subtract(2, t))];
}

function cubic(x: NdArray, positions: readonly NdArray[], zeros: boolean, move: typeof identity): NdArray {
  const bases = positions.map((p) => np.floor(p));
  const weights = positions.map((p, i) => cubicWeights(p.sub(bases[i]!)));
  const terms = choices(positions.map(() => 4)).map((corner) => {
    const places = corner.map((k, i) => move(bases[i]!.add(k - 1), i));
    const weight = corner.map((k, i) => weights[i]![k]!).reduce(np.multiply);
    return readAt(x, places, zeros).mul(np.expandDims(weight, 1).astype(x.dtype));
  });
  return terms.reduce(np.add);
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
  const move = (place: NdArray, i: number): NdArray => {
    const size = space[i]!;
    if (padding === "border") return np.clip(place, 0, size - 1);
    if (padding === "reflection") return corners ? reflect(place, 0, size - 1) : reflect(place, -0.5, size - 0.5);
    return place;
  };
  const zeros = padding === "zeros";
  const floats = x.dtype.startsWith("float") || x.dtype === "bfloat16" ? x : x.astype("float32");
  const read = (): NdArray => {
    if (mode === "nearest") return readAt(floats, positions.map((p, i) => move(np.rint(p), i)), zeros); // prettier-ignore
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
