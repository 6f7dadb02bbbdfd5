/** Images (and tensors of any rank) of another size: axis by axis a weighted sum of a few elements. */
import { numpy as np } from "@jax-js/jax";
import { isFloatType } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { type OperatorTable } from "./operator";

/** How one axis changes. */
interface AxisPlan {
  readonly axis: number;
  readonly size: number;
  readonly out: number;
  /** Output positions per input position; not always `out / size`. */
  readonly scale: number;
  readonly roi: readonly [number, number];
}

/** For each output position, the input positions that make it and their weights. */
interface Taps {
  readonly at: number[][];
  readonly weights: number[][];
  /** Where the position was outside of the input. */
  readonly outside: boolean[];
}

interface Method {
  readonly mode: string;
  readonly coordinates: string;
  /** Null before operator set 11, which did not say: onnxruntime goes up where an axis shrinks. */
  readonly nearest: string | null;
  readonly cubic: number;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
}

/** The first Upsample had a scale for the height and one for the width of images. */
function firstScales(n: NodeContext): number[] | undefined {
  const [height, width] = [n.attributes.optionalFloat("height_scale"), n.attributes.optionalFloat("width_scale")];
  return height === undefined || width === undefined ? undefined : [1, 1, height, width];
}

/** Output sizes and scales of the node's axes. */
function plans(n: NodeContext, x: readonly number[]): AxisPlan[] {
  const { attributes } = n;
  const old = n.version < 11 || n.step.opType === "Upsample";
  const axes = attributes.ints("axes")?.map((a) => n.axis(a)) ?? x.map((_, i) => i);
  const scaleInput = old ? 1 : 2;
  const oldScales = attributes.floats("scales") ?? firstScales(n);
  const scales = oldScales?.length ? oldScales : n.has(scaleInput) ? n.numbers(scaleInput) : [];
  const sizes = old ? undefined : n.optionalNumbers(3);
  const roi = !old && n.has(1) ? n.numbers(1) : [];
  const range = (k: number): [number, number] =>
    roi.length === 2 * axes.length ? [roi[k]!, roi[k + axes.length]!] : [0, 1];
  if (sizes?.length) {
    const ratios = axes.map((axis, k) => sizes[k]! / x[axis]!);
    const policy = attributes.string("keep_aspect_ratio_policy", "stretch");
    const common =
      policy === "not_larger" ? Math.min(...ratios) : policy === "not_smaller" ? Math.max(...ratios) : null;
    return axes.map((axis, k) => {
      const out = common === null ? sizes[k]! : Math.floor(common * x[axis]! + 0.5);
      return { axis, size: x[axis]!, out, scale: common ?? ratios[k]!, roi: range(k) };
    });
  }
  if (scales.length !== axes.length) n.fail(`wants ${axes.length} scales or sizes, got ${scales.length}`);
  return axes.map((axis, k) => {
    const out = Math.floor(Math.fround(x[axis]! * scales[k]!)); // in float32, as the scale is
    return { axis, size: x[axis]!, out, scale: scales[k]!, roi: range(k) };
  });
}

/** Where an output position lies in the input. */
function original(p: AxisPlan, coordinates: string, i: number): number {
  const { size, out, scale, roi } = p;
  switch (coordinates) {
    case "align_corners":
      // The wanted width may be fractional: it is a scale times the size.
      return out === 1 ? 0 : (i * (size - 1)) / (scale * size - 1);
    case "asymmetric":
      return i / scale;
    case "tf_half_pixel_for_nn":
      return (i + 0.5) / scale;
    case "pytorch_half_pixel":
      return out > 1 ? (i + 0.5) / scale - 0.5 : 0;
    case "half_pixel_symmetric": {
      const center = size / 2;
      return center * (1 - out / (scale * size)) + (i + 0.5) / scale - 0.5;
    }
    case "tf_crop_and_resize": {
      const [start, end] = roi;
      if (out <= 1) return 0.5 * (start + end) * (size - 1);
      return start * (size - 1) + (i * (end - start) * (size - 1)) / (out - 1);
    }
    default:
      return (i + 0.5) / scale - 0.5;
  }
}

function nearestOf(x: number, how: string): number {
  if (how === "floor") return Math.floor(x);
  if (how === "ceil") return Math.ceil(x);
  return how === "round_prefer_ceil" ? Math.floor(x + 0.5) : Math.ceil(x - 0.5);
}

/** Keys' cubic kernel. */
function cubicKernel(t: number, a: number): number {
  const d = Math.abs(t);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function tapsOf(p: AxisPlan, m: Method): Taps {
  const stretch = m.antialias ? Math.min(p.scale, 1) : 1;
  const half = m.mode === "cubic" ? 2 : 1;
  const reach = Math.ceil(half / stretch);
  const kernel = (t: number): number => (m.mode === "cubic" ? cubicKernel(t, m.cubic) : Math.max(0, 1 - Math.abs(t)));
  const taps: Taps = { at: [], weights: [], outside: [] };
  for (let i = 0; i < p.out; i++) {
    const x = original(p, m.coordinates, i);
    taps.outside.push(x < 0 || x > p.size - 1);
    if (m.mode === "nearest") {
      taps.at.push([clamped(nearestOf(x, m.nearest ?? (p.scale < 1 ? "ceil" : "floor")), p.size)]);
      taps.weights.push([1]);
      continue;
    }
    const base = Math.floor(x);
    const places = Array.from({ length: 2 * reach }, (_, k) => base - reach + 1 + k);
    const raw = places.map((at) => (m.excludeOutside && (at < 0 || at >= p.size) ? 0 : kernel((x - at) * stretch)));
    const sum = m.antialias || m.excludeOutside ? raw.reduce((a, b) => a + b, 0) : 1;
    taps.at.push(places.map((at) => clamped(at, p.size)));
    taps.weights.push(raw.map((w) => w / (sum || 1)));
  }
  return taps;
}

const clamped = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);

const column = (values: ArrayLike<number>, axis: number, rank: number, dtype: NdArray["dtype"]): NdArray =>
  np.array(Float64Array.from(values), {
    shape: Array.from({ length: rank }, (_, i) => (i === axis ? values.length : 1)),
    dtype,
  });

function along(x: NdArray, p: AxisPlan, { at, weights }: Taps): NdArray {
  const count = at[0]?.length ?? 0;
  const terms = Array.from({ length: count }, (_, k) => k).filter((k) => weights.some((w) => w[k] !== 0));
  if (terms.length === 0) return np.zeros(x.shape.map((d, i) => (i === p.axis ? p.out : d)), { dtype: x.dtype }); // prettier-ignore
  const take = (k: number): NdArray =>
    np.take(
      x,
      np.array(
        Int32Array.from(at, (a) => a[k]!),
        { shape: [p.out], dtype: "int32" },
      ),
      {
        axis: p.axis,
        mode: "clip",
      },
    );
  if (terms.length === 1 && weights.every((w) => w[terms[0]!] === 1)) return take(terms[0]!);
  return terms
    .map((k) =>
      take(k).mul(
        column(
          weights.map((w) => w[k]!),
          p.axis,
          x.ndim,
          x.dtype,
        ),
      ),
    ) // prettier-ignore
    .reduce(np.add);
}

function resize(n: NodeContext): NdArray {
  const { attributes } = n;
  const old = n.version < 11 || n.step.opType === "Upsample";
  const mode = attributes.string("mode", "nearest");
  const method: Method = {
    mode: mode === "bilinear" || mode === "trilinear" ? "linear" : mode,
    coordinates: attributes.string("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel"),
    nearest: old ? null : attributes.string("nearest_mode", "round_prefer_floor"),
    cubic: attributes.float("cubic_coeff_a", -0.75),
    antialias: attributes.flag("antialias"),
    excludeOutside: attributes.flag("exclude_outside"),
  };
  if (!["nearest", "linear", "cubic"].includes(method.mode)) n.fail(`the mode "${mode}" is not known`);
  const given = n.x(0);
  const whole = !isFloatType(n.type(0));
  const floats = whole && method.mode !== "nearest";
  let x = floats ? given.astype("float32") : given;
  const crop = method.coordinates === "tf_crop_and_resize";
  let outside: NdArray | null = null;
  const axes = plans(n, given.shape);
  n.allow(axes.map((p) => p.out));
  for (const p of axes) {
    if (p.out === p.size && p.scale === 1 && !crop) continue;
    const taps = tapsOf(p, method);
    x = along(x, p, taps);
    if (!crop || !taps.outside.some(Boolean)) continue;
    const here = column(taps.outside.map(Number), p.axis, x.ndim, "bool");
    outside = outside ? np.logicalOr(outside, here) : here;
  }
  if (outside) x = np.where(outside, np.full([], attributes.float("extrapolation_value", 0), { dtype: x.dtype }), x);
  return floats ? np.rint(x).astype(given.dtype) : x;
}

export const resizing: OperatorTable = { Resize: resize, Upsample: resize };
