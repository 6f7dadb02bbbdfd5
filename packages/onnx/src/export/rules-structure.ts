/** What primitives that move elements to known places are in ONNX. */
import { ShapedArray } from "@jax-js/jax";
import type { GraphBuilder, Value } from "./graph-builder";
import type { RuleOf, Rules } from "./rule";
import { cast, computed, constantOf, expand, range, reshape, scalar, sizeOf, slice, transpose, wide } from "./values";

type Numbers = readonly number[];
type Pads = readonly (readonly [number, number, number])[];

/** Zeros between the elements of an axis, by way of one more axis behind it. */
function spread(g: GraphBuilder, x: Value, fill: Value, axis: number, interior: number): Value {
  const { shape } = x.aval;
  const n = shape[axis]!;
  if (interior === 0 || n === 0) return x;
  const split = [...shape.slice(0, axis), n, 1, ...shape.slice(axis + 1)];
  const pads = split.map(() => 0);
  pads[axis + 1] = interior;
  const wider = [...shape.slice(0, axis), n, 1 + interior, ...shape.slice(axis + 1)];
  const padded = padNode(g, reshape(g, x, split), fill, [...split.map(() => 0), ...pads], wider);
  const merged = reshape(g, padded, [...shape.slice(0, axis), n * (1 + interior), ...shape.slice(axis + 1)]);
  const size = (n - 1) * (1 + interior) + 1;
  const out = [...shape.slice(0, axis), size, ...shape.slice(axis + 1)];
  return slice(g, merged, g.list([0]), g.list([size]), [axis], out);
}

function padNode(g: GraphBuilder, x: Value, fill: Value, pads: Numbers, shape: Numbers): Value {
  if (pads.every((p) => p === 0)) return x;
  return wide(g, [x, fill], ([y, v]) => g.node("Pad", [y!, g.list(pads), v!], y!.aval.withShape(shape)));
}

function pad(g: GraphBuilder, x: Value, fill: Value, config: Pads): Value {
  const spaced = config.reduce((y, [, , interior], axis) => spread(g, y, fill, axis, interior), x);
  const { shape } = spaced.aval;
  const grown = shape.map((n, i) => n + Math.max(0, config[i]![0]) + Math.max(0, config[i]![1]));
  const pads = [0, 1].flatMap((side) => config.map((p) => Math.max(0, p[side]!)));
  const padded = padNode(g, spaced, fill, pads, grown);
  if (config.every(([low, high]) => low >= 0 && high >= 0)) return padded;
  const starts = config.map(([low]) => Math.max(0, -low));
  const ends = grown.map((n, i) => n - Math.max(0, -config[i]![1]));
  return slice(g, padded, g.list(starts), g.list(ends), range(shape.length), ends.map((e, i) => Math.max(0, e - starts[i]!))); // prettier-ignore
}

/** Matrix products of batches: axes in the order [batch, free, contracted] and [batch, contracted, free]. */
const dotGeneral: RuleOf = (g, [x, y], { dimensionNumbers }, [out]) => {
  const [[xc, yc], [xb, yb]] = dimensionNumbers as readonly [readonly [Numbers, Numbers], readonly [Numbers, Numbers]];
  const free = (v: Value, used: Numbers): number[] => range(v.aval.ndim).filter((a) => !used.includes(a));
  const [xf, yf] = [free(x!, [...xc, ...xb]), free(y!, [...yc, ...yb])];
  const sizes = (v: Value, axes: Numbers): number => sizeOf(axes.map((a) => v.aval.shape[a]!));
  const batch = xb.map((a) => x!.aval.shape[a]!);
  const lhs = reshape(g, transpose(g, x!, [...xb, ...xf, ...xc]), [...batch, sizes(x!, xf), sizes(x!, xc)]);
  const rhs = reshape(g, transpose(g, y!, [...yb, ...yc, ...yf]), [...batch, sizes(y!, yc), sizes(y!, yf)]);
  const product = wide(g, [lhs, rhs], ([a, b]) =>
    g.node("MatMul", [a!, b!], a!.aval.withShape([...batch, sizes(x!, xf), sizes(y!, yf)])),
  );
  return [cast(g, reshape(g, product, out!.shape), out!.dtype)];
};

const conv: RuleOf = (g, [x, w], params, [out]) => {
  const strides = params["windowStrides"] as Numbers;
  const padding = params["padding"] as readonly (readonly [number, number])[];
  const lhsDilation = params["lhsDilation"] as Numbers;
  const rhsDilation = params["rhsDilation"] as Numbers;
  const { dtype } = x!.aval;
  const [input, kernel] = [cast(g, x!, "float32"), cast(g, w!, "float32")];
  const plain = lhsDilation.every((d) => d === 1) && padding.every(([a, b]) => a >= 0 && b >= 0);
  const config = [[0, 0, 0], [0, 0, 0], ...padding.map(([a, b], i) => [a, b, lhsDilation[i]! - 1])] as unknown as Pads;
  const spaced = plain ? input : pad(g, input, scalar(g, 0, "float32"), config);
  const aval = ShapedArray.of(out!.shape, "float32");
  const y = g.node("Conv", [spaced, kernel], aval, {
    strides: { ints: strides },
    dilations: { ints: rhsDilation },
    pads: { ints: plain ? [0, 1].flatMap((side) => padding.map((p) => p[side]!)) : padding.flatMap(() => [0, 0]) },
    group: { int: params["featureGroupCount"] as number },
    kernel_shape: { ints: w!.aval.shape.slice(2) },
  });
  return [cast(g, y, dtype)];
};

/** Numbers 0, 1, ... along one axis. */
function iota(g: GraphBuilder, shape: Numbers, dimension: number, aval: ShapedArray): Value {
  const n = shape[dimension]!;
  const line = constantOf(g, range(n), shape.map((_, i) => (i === dimension ? n : 1)), aval.dtype); // prettier-ignore
  return expand(g, line, shape);
}

export const structureRules: Rules = {
  broadcast_in_dim(g, [x], params) {
    const [shape, dims] = [params["shape"] as Numbers, params["broadcastDimensions"] as Numbers];
    const padded = shape.map(() => 1);
    dims.forEach((d, i) => (padded[d] = x!.aval.shape[i]!));
    return [expand(g, reshape(g, x!, padded), shape)];
  },
  iota: (g, _xs, { shape, dimension }, [out]) => [iota(g, shape as Numbers, dimension as number, out!)],
  reshape: (g, [x], { newSizes }) => [reshape(g, x!, newSizes as Numbers)],
  transpose: (g, [x], { permutation }) => [transpose(g, x!, permutation as Numbers)],
  rev(g, [x], { dimensions }) {
    const axes = dimensions as Numbers;
    if (axes.length === 0 || x!.aval.size === 0) return [x!];
    const far = -(2 ** 31);
    const [from, to] = [g.list(axes.map(() => -1)), g.list(axes.map(() => far))];
    return [slice(g, x!, from, to, axes, x!.aval.shape, axes.map(() => -1))]; // prettier-ignore
  },
  concatenate: (g, xs, { dimension }, [out]) => [g.node("Concat", xs, out!, { axis: { int: dimension as number } })],
  slice(g, [x], params, [out]) {
    if (x!.aval.ndim === 0) return [x!];
    const steps = (params["strides"] as Numbers | null) ?? undefined;
    const [from, to] = [g.list(params["startIndices"] as Numbers), g.list(params["limitIndices"] as Numbers)];
    return [slice(g, x!, from, to, range(x!.aval.ndim), out!.shape, steps)];
  },
  pad: (g, [x, fill], { paddingConfig }) => [pad(g, x!, fill!, paddingConfig as Pads)],
  dot_general: dotGeneral,
  conv_general_dilated: conv,
  sort(g, xs, params, outs) {
    const [axis, nKeys] = [params["dimension"] as number, params["numKeys"] as number];
    const n = xs[0]!.aval.shape[axis]!;
    let current = xs;
    // Stable sorts by one key after the other, the most important one last.
    for (let k = nKeys - 1; k >= 0; k--) {
      const order = orderOf(g, current[k]!, axis, n);
      current = current.map((x, i) => g.node("GatherElements", [x, order], outs[i]!, { axis: { int: axis } }));
    }
    return current;
  },
};

/** Places of the elements in ascending order; equal ones stay as they are. */
function orderOf(g: GraphBuilder, x: Value, axis: number, n: number): string {
  const type = computed(x.aval.dtype);
  const keys = type === "int64" ? cast(g, x, "float64") : cast(g, x, type);
  const attributes = { axis: { int: axis }, largest: { int: 0 }, sorted: { int: 1 } };
  return g.several("TopK", [keys, g.list([n])], 2, attributes)[1]!;
}
