/** What reductions and cumulative operations are in ONNX. */
import type { DType } from "@jax-js/jax";
import type { GraphBuilder, Value } from "./graph-builder";
import type { RuleOf, Rules } from "./rule";
import { cast, expand, isFloat, op, range, reshape, scalar, slice, test, where, wide } from "./values";

type Numbers = readonly number[];

const node = (g: GraphBuilder, type: string, x: Value, axes: Numbers, shape: Numbers): Value =>
  g.node(type, [x, g.list(axes)], x.aval.withShape(shape), { keepdims: { int: 0 } });

const reduce =
  (type: string): RuleOf =>
  (g, [x], { axes }, [out]) => {
    if ((axes as Numbers).length === 0) return [x!];
    if (x!.aval.dtype !== "bool") return [wide(g, [x!], ([y]) => node(g, type, y!, axes as Numbers, out!.shape))];
    return [cast(g, node(g, type, cast(g, x!, "int32"), axes as Numbers, out!.shape), "bool")];
  };

/** Of truth values the least or the greatest; of words one slice after the other. */
const bits =
  (logical: string, ofBits: string): RuleOf =>
  (g, [x], params, outs) => {
    const all = ofBits === "BitwiseAnd";
    if (x!.aval.size === 0) return [expand(g, scalar(g, all ? 1 : 0, x!.aval.dtype), outs[0]!.shape)];
    if (x!.aval.dtype === "bool") return reduce(logical)(g, [x!], params, outs);
    const folded = (params["axes"] as Numbers).reduce((y, axis) => {
      const shape = y.aval.shape.map((n, i) => (i === axis ? 1 : n));
      const parts = range(y.aval.shape[axis]!).map((k) => slice(g, y, g.list([k]), g.list([k + 1]), [axis], shape));
      return parts.reduce((a, b) => op(g, ofBits, a, b));
    }, x!);
    return [reshape(g, folded, outs[0]!.shape)];
  };

/** Runtimes know the greatest of floats and of int32. */
const argExtreme =
  (type: string): RuleOf =>
  (g, [x], { axes }, [out]) => {
    const y = cast(g, x!, isFloat(x!.aval.dtype) && x!.aval.dtype !== "float64" ? "float32" : "float64");
    const place = g.integers(type, [y], { axis: { int: (axes as Numbers)[0]! }, keepdims: { int: 0 } });
    return [g.node("Cast", [place], out!, { to: { int: 6 } })];
  };

const pool =
  (type: string): RuleOf =>
  (g, [x], params, [out]) => {
    const [dims, strides, dilation] = ["windowDimensions", "windowStrides", "windowDilation"].map(
      (key) => params[key] as Numbers,
    ) as [Numbers, Numbers, Numbers];
    const own = range(x!.aval.ndim);
    const windows = own.reduce(
      (y, axis) => axisWindows(g, y, axis, dims[axis]!, strides[axis]!, dilation[axis]!, type),
      x!,
    );
    return [{ ...windows, aval: out! }];
  };

/** The extreme over windows along one axis: an elementwise one over shifted slices. */
function axisWindows(
  g: GraphBuilder,
  x: Value,
  axis: number,
  n: number,
  stride: number,
  dilation: number,
  type: string,
) {
  if (n === 1 && stride === 1) return x;
  const { shape } = x.aval;
  const count = Math.max(0, Math.floor((shape[axis]! - (n - 1) * dilation - 1) / stride) + 1);
  const out = shape.map((m, i) => (i === axis ? count : m));
  const parts = range(n).map((k) => {
    const from = k * dilation;
    const to = from + Math.max(0, (count - 1) * stride + 1);
    return slice(g, x, g.list([from]), g.list([count === 0 ? from : to]), [axis], out, [stride]);
  });
  return wide(g, parts, (ys) => g.node(type, ys, ys[0]!.aval));
}

interface Monoid {
  readonly combine: (g: GraphBuilder, x: Value, y: Value) => Value;
  readonly identity: (dtype: DType) => number;
}

/** Every element with the one 1, 2, 4, ... before it: after the last step, with all before it. */
const cumulative =
  ({ combine, identity }: Monoid): RuleOf =>
  (g, [x], params) => {
    const [axis, reverse] = [params["axis"] as number, params["reverse"] as boolean];
    const { shape, dtype } = x!.aval;
    const n = shape[axis]!;
    let y = x!;
    for (let by = 1; by < n; by *= 2) {
      const block = shape.map((m, i) => (i === axis ? by : m));
      const rest = shape.map((m, i) => (i === axis ? n - by : m));
      const fill = expand(g, scalar(g, identity(dtype), dtype), block);
      const kept = slice(g, y, g.list([reverse ? by : 0]), g.list([reverse ? n : n - by]), [axis], rest);
      const shifted = g.node("Concat", reverse ? [kept, fill] : [fill, kept], y.aval, { axis: { int: axis } });
      y = combine(g, y, shifted);
    }
    return [y];
  };

const extreme = (dtype: DType, sign: 1 | -1): number => {
  if (isFloat(dtype)) return sign * Infinity;
  const bits = Number(/\d+/.exec(dtype)?.[0] ?? 1);
  if (dtype.startsWith("u") || dtype === "bool") return sign > 0 ? 2 ** bits - 1 : 0;
  return sign > 0 ? 2 ** (bits - 1) - 1 : -(2 ** (bits - 1));
};

const combined =
  (type: string) =>
  (g: GraphBuilder, x: Value, y: Value): Value =>
    wide(g, [x, y], ([a, b]) => op(g, type, a!, b!));

/** log(exp(x) + exp(y)) without overflow. */
function logAdd(g: GraphBuilder, x: Value, y: Value): Value {
  const [most, least] = [op(g, "Max", x, y), op(g, "Min", x, y)];
  const apart = op(g, "Add", most, op(g, "Log", op(g, "Add", op(g, "Exp", op(g, "Sub", least, most)), scalar(g, 1, x.aval.dtype)))); // prettier-ignore
  return where(g, test(g, "Equal", least, scalar(g, -Infinity, x.aval.dtype)), most, apart);
}

export const reduceRules: Rules = {
  reduce_sum: reduce("ReduceSum"),
  reduce_prod: reduce("ReduceProd"),
  reduce_max: reduce("ReduceMax"),
  reduce_min: reduce("ReduceMin"),
  reduce_and: bits("ReduceMin", "BitwiseAnd"),
  reduce_or: bits("ReduceMax", "BitwiseOr"),
  argmax: argExtreme("ArgMax"),
  argmin: argExtreme("ArgMin"),
  reduce_window_max: pool("Max"),
  reduce_window_min: pool("Min"),
  cumsum(g, [x], { axis, reverse }) {
    const at = g.int64([], [axis as number]);
    const attributes = { reverse: { int: reverse === true ? 1 : 0 } };
    return [wide(g, [x!], ([y]) => g.node("CumSum", [y!, at], y!.aval, attributes))];
  },
  cumprod: cumulative({ combine: combined("Mul"), identity: () => 1 }),
  cummax: cumulative({ combine: combined("Max"), identity: (dtype) => extreme(dtype, -1) }),
  cummin: cumulative({ combine: combined("Min"), identity: (dtype) => extreme(dtype, 1) }),
  cumlogsumexp: cumulative({ combine: (g, x, y) => wide(g, [x, y], ([a, b]) => logAdd(g, a!, b!)), identity: () => -Infinity }), // prettier-ignore
  fft(g, [re, im], { inverse }) {
    const { aval } = re!;
    // The operator wants an axis of batches.
    const shape = [1, ...aval.shape, 1];
    const last = shape.length - 1;
    // The inverse without its factor is the forward transform with real and imaginary parts exchanged, before and after.
    const pair = inverse === true ? [im!, re!] : [re!, im!];
    const both = aval.withShape([1, ...aval.shape, 2]);
    const parts = pair.map((x) => reshape(g, x, shape));
    const z = g.node("Concat", parts, both, { axis: { int: last } });
    const y = g.node("DFT", [z], both, { axis: { int: last - 1 } });
    const outs = [0, 1].map((k) => reshape(g, slice(g, y, g.list([k]), g.list([k + 1]), [last], shape), aval.shape));
    return inverse === true ? outs.reverse() : outs;
  },
};
