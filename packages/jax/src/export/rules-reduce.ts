/** What reductions, cumulative operations and factorizations are in StableHLO. */
import type { DType } from "../aval/dtype";
import type { ShapedArray } from "../aval/shaped-array";
import type { RuleOf, Rules } from "./rule";
import { type Value, type Writer, i64s, list, signature, typeOf } from "./writer";

type Numbers = readonly number[];

interface Monoid {
  /** Operation of StableHLO, or what two values give. */
  readonly combine: string | ((w: Writer, x: Value, y: Value) => Value);
  readonly identity: (dtype: DType) => number;
}

const bits = (dtype: DType): number => Number(/\d+$/.exec(dtype)?.[0] ?? 1);

/** The least (or the greatest) value of a dtype. */
function extreme(dtype: DType, greatest: boolean): number {
  if (dtype.includes("float")) return greatest ? Infinity : -Infinity;
  if (!dtype.startsWith("int")) return greatest ? 2 ** bits(dtype) - 1 : 0;
  return greatest ? 2 ** (bits(dtype) - 1) - 1 : -(2 ** (bits(dtype) - 1));
}

/** log(exp(x) + exp(y)) without overflow; -inf with -inf is -inf. */
function logAdd(w: Writer, x: Value, y: Value): Value {
  const op = (name: string, ...xs: Value[]): Value => w.same(`stablehlo.${name}`, xs);
  const most = op("maximum", x, y);
  const difference = op("subtract", x, y);
  const apart = op("add", most, op("log_plus_one", op("exponential", op("negate", op("abs", difference)))));
  return w.select(w.compare("NE", difference, difference), op("add", x, y), apart);
}

const sum: Monoid = { combine: "add", identity: () => 0 };
const product: Monoid = { combine: "multiply", identity: () => 1 };
const max: Monoid = { combine: "maximum", identity: (dtype) => extreme(dtype, false) };
const min: Monoid = { combine: "minimum", identity: (dtype) => extreme(dtype, true) };
const and: Monoid = { combine: "and", identity: (dtype) => (dtype === "bool" ? 1 : dtype.startsWith("u") ? extreme(dtype, true) : -1) }; // prettier-ignore
const or: Monoid = { combine: "or", identity: () => 0 };
const logSum: Monoid = { combine: logAdd, identity: () => -Infinity };

const applied = ({ combine }: Monoid, w: Writer, x: Value, y: Value): Value =>
  typeof combine === "string" ? w.same(`stablehlo.${combine}`, [x, y]) : combine(w, x, y);

const reduce =
  (monoid: Monoid & { readonly combine: string }): RuleOf =>
  (w, [x], { axes }, [out]) => {
    const { aval } = x!;
    const start = w.constant(monoid.identity(aval.dtype), aval.withShape([]));
    const head = `stablehlo.reduce(${x!.name} init: ${start.name}) applies stablehlo.${monoid.combine} across dimensions = ${list(axes as Numbers)}`;
    return [w.one(out!, `${head} : ${signature([aval, start.aval], [out!])}`)];
  };

interface Window {
  readonly dimensions: Numbers;
  readonly strides: Numbers;
  readonly dilations: Numbers;
  readonly padding: readonly (readonly [number, number])[];
}

function reduceWindow(w: Writer, x: Value, out: ShapedArray, monoid: Monoid, window: Window): Value {
  const { aval } = x;
  const scalar = aval.withShape([]);
  const start = w.constant(monoid.identity(aval.dtype), scalar);
  const n = aval.ndim;
  const pairs = `dense<[${window.padding.map(list).join(", ")}]> : tensor<${n}x2xi64>`;
  const attributes = [
    `base_dilations = ${i64s(aval.shape.map(() => 1))}`,
    `padding = ${pairs}`,
    `window_dilations = ${i64s(window.dilations)}`,
    `window_dimensions = ${i64s(window.dimensions)}`,
    `window_strides = ${i64s(window.strides)}`,
  ].join(", ");
  const [result] = w.many(
    [out],
    `"stablehlo.reduce_window"(${x.name}, ${start.name}) <{${attributes}}> ({`,
    () => {
      const [a, b] = w.block([scalar, scalar]);
      w.yield([applied(monoid, w, a!, b!)]);
    },
    `}) : ${signature([aval, scalar], [out])}`,
  );
  return result!;
}

const pooled =
  (monoid: Monoid): RuleOf =>
  (w, [x], p, [out]) => {
    const window = {
      dimensions: p["windowDimensions"] as Numbers,
      strides: p["windowStrides"] as Numbers,
      dilations: p["windowDilation"] as Numbers,
      padding: x!.aval.shape.map(() => [0, 0] as const),
    };
    return [x!.aval.ndim === 0 ? x! : reduceWindow(w, x!, out!, monoid, window)];
  };

/** A window over everything up to the element: compilers know this form. */
const cumulative =
  (monoid: Monoid): RuleOf =>
  (w, [x], p, [out]) => {
    const [axis, reverse] = [p["axis"] as number, p["reverse"] as boolean];
    const { shape } = x!.aval;
    if (x!.aval.size === 0) return [x!];
    const ones = shape.map(() => 1);
    const before = shape[axis]! - 1;
    const padding = shape.map(
      (_, i) => (i !== axis ? [0, 0] : reverse ? [0, before] : [before, 0]) as [number, number],
    );
    const dimensions = shape.map((n, i) => (i === axis ? n : 1));
    return [reduceWindow(w, x!, out!, monoid, { dimensions, strides: ones, dilations: ones, padding })];
  };

/** The first of the greatest (or least) elements; NaN is greater and less than all. */
const argExtreme =
  (how: "GT" | "LT"): RuleOf =>
  (w, [x], { axes }, [out]) => {
    const [axis] = axes as [number];
    const { aval } = x!;
    const index = w.iota(aval.shape, "int32", axis);
    const starts = [
      w.constant(extreme(aval.dtype, how === "LT"), aval.withShape([])),
      w.constant(0, index.aval.withShape([])),
    ] as const;
    const scalars = starts.map((s) => s.aval);
    const outs = [aval.withShape(out!.shape), out!];
    const types = signature([aval, index.aval, ...scalars], outs);
    const results = w.many(
      outs,
      `"stablehlo.reduce"(${[x!, index, ...starts].map((v) => v.name).join(", ")}) <{dimensions = ${i64s([axis])}}> ({`,
      () => {
        const [a, i, b, j] = w.block([...scalars, ...scalars]) as [Value, Value, Value, Value];
        const op = (name: string, p: Value, q: Value): Value => w.same(`stablehlo.${name}`, [p, q]);
        const better = op("or", w.compare(how, a, b), w.compare("NE", a, a));
        const tie = op("and", w.compare("EQ", a, b), w.compare("LT", i, j));
        w.yield([w.select(better, a, b), w.select(op("or", better, tie), i, j)]);
      },
      `}) : ${types}`,
    );
    return [results[1]!];
  };

/** The triangle of square matrices at and below the diagonal; zeros elsewhere. */
function lowerTriangle(w: Writer, x: Value): Value {
  const { shape, ndim } = x.aval;
  const [rows, columns] = [w.iota(shape, "int32", ndim - 2), w.iota(shape, "int32", ndim - 1)];
  return w.select(w.compare("GE", rows, columns), x, w.constant(0, x.aval));
}

export const reduceRules: Rules = {
  reduce_sum: reduce({ ...sum, combine: "add" }),
  reduce_prod: reduce({ ...product, combine: "multiply" }),
  reduce_max: reduce({ ...max, combine: "maximum" }),
  reduce_min: reduce({ ...min, combine: "minimum" }),
  reduce_and: reduce({ ...and, combine: "and" }),
  reduce_or: reduce({ ...or, combine: "or" }),
  argmax: argExtreme("GT"),
  argmin: argExtreme("LT"),
  reduce_window_max: pooled(max),
  reduce_window_min: pooled(min),
  cumsum: cumulative(sum),
  cumprod: cumulative(product),
  cummax: cumulative(max),
  cummin: cumulative(min),
  cumlogsumexp: cumulative(logSum),
  cholesky: (w, [x]) => [
    lowerTriangle(w, w.one(x!.aval, `stablehlo.cholesky ${x!.name}, lower = true : ${typeOf(x!.aval)}`)),
  ],
  triangular_solve(w, [a, b], p, [out]) {
    const attributes = [
      "left_side = true",
      `lower = ${String(p["lower"])}`,
      `transpose_a = #stablehlo<transpose ${p["transpose"] === true ? "TRANSPOSE" : "NO_TRANSPOSE"}>`,
      `unit_diagonal = ${String(p["unit_diagonal"])}`,
    ].join(", ");
    const text = `"stablehlo.triangular_solve"(${a!.name}, ${b!.name}) <{${attributes}}>`;
    return [w.one(out!, `${text} : ${signature([a!.aval, b!.aval], [out!])}`)];
  },
  fft(w, [re, im], { inverse }) {
    const { aval } = re!;
    const n = aval.shape.at(-1)!;
    const complex = typeOf(aval).replace(/(f\d+)>$/, "complex<$1>>");
    const z = w.one(aval, `stablehlo.complex ${re!.name}, ${im!.name} : ${complex}`);
    const kind = inverse === true ? "IFFT" : "FFT";
    const y = w.one(aval, `stablehlo.fft ${z.name}, type = ${kind}, length = [${n}] : (${complex}) -> ${complex}`);
    const parts = ["real", "imag"].map((part) =>
      w.one(aval, `stablehlo.${part} ${y.name} : (${complex}) -> ${typeOf(aval)}`),
    );
    // Ours has no factor in either direction.
    if (inverse !== true) return parts;
    return parts.map((x) => w.same("stablehlo.multiply", [x, w.constant(n, aval)]));
  },
};
