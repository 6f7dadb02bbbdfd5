/** Regions of images: pooling over boxes, and the choice of boxes. */
import { numpy as np } from "@jax-js/jax";
import { INT64 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value, hostTensor } from "../value";
import { type OperatorTable } from "./operator";

/** What a bin along one axis reads: positions [r, bins, samples], and which samples count [r, 1, samples]. */
interface Samples {
  readonly at: NdArray;
  readonly counted: NdArray;
}

/** Samples per bin: given, or as many as the box is long in each bin. */
function samplesAlong(
  n: NodeContext,
  start: NdArray,
  end: NdArray,
  bins: number,
  ratio: number,
  lengths: number[] | null,
  atLeastOne: boolean,
): Samples {
  const length = atLeastOne ? np.maximum(end.sub(start), 1) : end.sub(start);
  const bin = length.div(bins); // [r]
  // A box that ends before it starts has no samples.
  const counts = lengths?.map((l) => Math.max(Math.ceil(l / bins), 0)) ?? null;
  const most = counts ? Math.max(1, ...counts) : ratio;
  n.allow([start.shape[0]!, bins, most]);
  const count = counts ? np.array(Float32Array.from(counts)) : np.full(start.shape, ratio);
  const column = (x: NdArray): NdArray => x.reshape([-1, 1, 1]);
  const b = np.arange(bins).astype("float32").reshape([1, bins, 1]);
  const s = np.arange(most).astype("float32").reshape([1, 1, most]);
  const within = s
    .add(0.5)
    .div(np.maximum(column(count), 1))
    .mul(column(bin));
  return {
    at: column(start)
      .add(b.mul(column(bin)))
      .add(within),
    counted: np.less(s, column(count)),
  };
}

/** The two rows (or columns) around each position and their weights; nothing beyond one pixel outside. */
function bilinear(at: NdArray, size: number): { low: NdArray; high: NdArray; wLow: NdArray; wHigh: NdArray } {
  const valid = np.logicalAnd(np.greaterEqual(at, -1), np.lessEqual(at, size));
  const p = np.maximum(at, 0);
  const floor = np.minimum(np.floor(p), size - 1);
  const part = np.where(np.greaterEqual(floor, size - 1), np.zerosLike(p), p.sub(floor));
  const zero = np.zerosLike(p);
  return {
    low: floor.astype("int32"),
    high: np.minimum(floor.add(1), size - 1).astype("int32"),
    wLow: np.where(valid, np.subtract(1, part), zero),
    wHigh: np.where(valid, part, zero),
  };
}

function roiAlign(n: NodeContext): NdArray {
  const x = n.x(0); // [n, c, h, w]
  const [images, c, h, w] = x.shape as [number, number, number, number];
  const { attributes } = n;
  const mode = attributes.string("coordinate_transformation_mode", n.version < 16 ? "output_half_pixel" : "half_pixel");
  const offset = mode === "half_pixel" ? 0.5 : 0;
  const scale = attributes.float("spatial_scale", 1);
  const rois = n.x(1).astype("float32").mul(scale).sub(offset); // [r, 4]
  const count = rois.shape[0]!;
  const bins = [attributes.int("output_height", 1), attributes.int("output_width", 1)] as const;
  if (count === 0) return np.zeros([0, c, ...bins], { dtype: x.dtype });
  const ratio = attributes.int("sampling_ratio", 0);
  const known = ratio > 0 ? null : n.numbers(1).map((v) => v * scale);
  const legacy = offset === 0;
  const lengths = (first: number): number[] | null =>
    known && Array.from({ length: count }, (_, r) => {
      const length = known[4 * r + first + 2]! - known[4 * r + first]!;
      return legacy ? Math.max(length, 1) : length;
    }); // prettier-ignore
  const side = (i: number): NdArray => rois.slice([], i);
  const ys = samplesAlong(n, side(1), side(3), bins[0], ratio, lengths(1), legacy); // [r, ph, gy]
  const xs = samplesAlong(n, side(0), side(2), bins[1], ratio, lengths(0), legacy); // [r, pw, gx]
  const [gy, gx] = [ys.at.shape[2]!, xs.at.shape[2]!];
  const cells = [count, bins[0], bins[1], 4 * gy * gx];
  n.allow([...cells, c]);
  const [rows, columns] = [bilinear(ys.at, h), bilinear(xs.at, w)];
  // Rows and columns of all corners of the samples of a bin: [r, ph, 1, 2 gy, 1] and [r, 1, pw, 1, 2 gx].
  const down = (low: NdArray, high: NdArray): NdArray => np.stack([low, high], -1).reshape([count, -1, 1, 2 * gy, 1]);
  const across = (low: NdArray, high: NdArray): NdArray => np.stack([low, high], -1).reshape([count, 1, -1, 1, 2 * gx]);
  const image = np.clip(n.x(2).astype("int32"), 0, images - 1).reshape([count, 1, 1, 1, 1]);
  const at = image.mul(h).add(down(rows.low, rows.high)).mul(w).add(across(columns.low, columns.high));
  const isCounted = np.logicalAnd(down(ys.counted, ys.counted), across(xs.counted, xs.counted));
  const weight = down(rows.wLow, rows.wHigh).mul(across(columns.wLow, columns.wHigh)).astype(x.dtype);
  const perCorner = (v: NdArray): NdArray => np.broadcastTo(v, [count, bins[0], bins[1], 2 * gy, 2 * gx]).reshape([...cells, 1]); // prettier-ignore
  // Pixels with their features side by side, of which each corner takes one.
  const pixels = np.transpose(x, [0, 2, 3, 1]).reshape([images * h * w, c]);
  const read = (weights: NdArray): NdArray =>
    np.take(pixels, at.reshape(cells), { axis: 0, mode: "clip" }).mul(weights);
  const samples = np.sum(isCounted.astype(x.dtype), [3, 4]).div(4).reshape([count, 1, 1, 1]);
  let pooled: NdArray; // [r, ph, pw, c]
  if (attributes.string("mode", "avg") === "max") {
    const most = np.max(np.where(perCorner(isCounted), read(perCorner(weight)), -Infinity), 3);
    pooled = np.where(np.equal(samples, 0), np.zerosLike(most), most);
  } else {
    pooled = np.sum(read(perCorner(np.where(isCounted, weight, 0))), 3).div(np.maximum(samples, 1));
  }
  return np.transpose(pooled, [0, 3, 1, 2]);
}

/** The largest element in each of the bins, whose edges are whole pixels. */
function maxRoiPool(n: NodeContext): NdArray {
  const x = n.x(0);
  const [, , h, w] = x.shape as [number, number, number, number];
  const [ph, pw] = (n.attributes.ints("pooled_shape") ?? [1, 1]) as [number, number];
  const scale = n.attributes.float("spatial_scale", 1);
  const rois = n.numbers(1);
  n.allow([rois.length, ph, pw]);
  const pooled = Array.from({ length: rois.length / 5 }, (_, r) => {
    const [image, ...box] = rois.slice(5 * r, 5 * r + 5) as [number, number, number, number, number];
    const [x1, y1, x2, y2] = box.map((v) => Math.round(Math.fround(v * scale))) as [number, number, number, number];
    const edges = (start: number, end: number, bins: number, size: number): [number, number][] =>
      Array.from({ length: bins }, (__, i) => {
        const bin = Math.max(end - start + 1, 1) / bins;
        const at = (v: number): number => Math.min(Math.max(v + start, 0), size);
        return [at(Math.floor(i * bin)), at(Math.ceil((i + 1) * bin))];
      });
    const cells = edges(y1, y2, ph, h).map(([top, bottom]) =>
      edges(x1, x2, pw, w).map(([left, right]) => {
        if (bottom <= top || right <= left) return np.zeros([x.shape[1]!], { dtype: x.dtype });
        return np.max(x.slice(image, [], [top, bottom], [left, right]), [1, 2]);
      }),
    );
    return np.stack(cells.map((row) => np.stack(row, -1)), -2); // prettier-ignore
  });
  return pooled.length ? np.stack(pooled) : np.zeros([0, x.shape[1]!, ph, pw], { dtype: x.dtype });
}

interface Box {
  readonly y1: number;
  readonly x1: number;
  readonly y2: number;
  readonly x2: number;
}

function boxOf(v: readonly number[], center: boolean): Box {
  const [a, b, c, d] = v as [number, number, number, number];
  if (center) return { x1: a - c / 2, x2: a + c / 2, y1: b - d / 2, y2: b + d / 2 };
  return { y1: Math.min(a, c), y2: Math.max(a, c), x1: Math.min(b, d), x2: Math.max(b, d) };
}

/** Area of the intersection over the area of the union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared);
}

/** Boxes by falling score, each unless it overlaps one chosen before: [count, 3] of batch, class and box. */
function nonMaxSuppression(n: NodeContext): Value {
  const [batch, count] = n.shape(0) as [number, number, number];
  const classes = n.shape(1)[1]!;
  const [boxes, scores] = [n.numbers(0), n.numbers(1)];
  const most = n.has(2) ? n.number(2) : 0;
  const threshold = n.has(3) ? n.number(3) : 0;
  const least = n.has(4) ? n.number(4) : -Infinity;
  const center = n.attributes.flag("center_point_box");
  const out: number[] = [];
  for (let b = 0; b < batch; b++) {
    const all = Array.from({ length: count }, (_, i) =>
      boxOf(boxes.slice((b * count + i) * 4, (b * count + i) * 4 + 4), center),
    );
    for (let c = 0; c < classes; c++) {
      const score = (i: number): number => scores[(b * classes + c) * count + i]!;
      const order = all.flatMap((_, i) => (score(i) > least ? [i] : [])).sort((i, j) => score(j) - score(i));
      const chosen: number[] = [];
      for (const i of order) {
        if (chosen.length >= most) break;
        if (chosen.every((j) => Math.fround(overlap(all[i]!, all[j]!)) <= threshold)) chosen.push(i);
      }
      for (const i of chosen) out.push(b, c, i);
    }
  }
  return hostTensor(INT64, [out.length / 3, 3], out);
}

export const regions: OperatorTable = {
  MaxRoiPool: maxRoiPool,
  NonMaxSuppression: nonMaxSuppression,
  RoiAlign: roiAlign,
};
