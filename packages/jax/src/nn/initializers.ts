/** Initial weights: each function gives an initializer `(key, shape, dtype) => array`. */
import { type Named, byPosition, named } from "../numpy/arguments";
import type { DType } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import { prod } from "../base/list";
import type { Tracer } from "../core/tracer";
import { multiply } from "../numpy/arithmetic";
import { full } from "../numpy/creation";
import { type ArrayLike, convert } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { atIndex } from "../numpy/at";
import { normal as normalOf, truncatedNormal as truncatedNormalOf } from "../random/normal";
import { orthogonal as orthogonalOf } from "../random/matrix";
import { uniform as uniformOf } from "../random/uniform";

export type Initializer = (key: Tracer, shape: readonly number[], dtype?: DType) => Tracer;

/** Zeros. @example nn.initializers.zeros(random.key(0), [1]).js(); // => [0] */
export function zeros(_key: Tracer, shape: readonly number[], dtype: DType = "float32"): Tracer {
  return full(shape, 0, dtype);
}

/** Ones. @example nn.initializers.ones(random.key(0), [1]).js(); // => [1] */
export function ones(_key: Tracer, shape: readonly number[], dtype: DType = "float32"): Tracer {
  return full(shape, 1, dtype);
}

/** One value. @example nn.initializers.constant(2)(random.key(0), [1]).js(); // => [2] */
export function constant(value: ArrayLike, dtype?: DType | Named<"dtype", DType>): Initializer {
  const given = named("dtype", dtype, "float32");
  return (_key, shape, d = given) => full(shape, value, d);
}

interface ScaleOptions {
  scale?: number;
  columnAxis?: number;
  dtype?: DType;
}

interface SpreadOptions {
  stddev?: number;
  dtype?: DType;
  lower?: number;
  upper?: number;
}

type Spread = [
  stddev?: number | SpreadOptions,
  dtype?: DType | SpreadOptions,
  lower?: number | SpreadOptions,
  upper?: number | SpreadOptions,
];

type Scaled = [scale?: number | ScaleOptions, columnAxis?: number | ScaleOptions, dtype?: DType | ScaleOptions];

const SCALED = ["scale", "columnAxis", "dtype"] as const;

/** Uniform from 0 to `scale`. @example nn.initializers.uniform(1)(random.key(0), [2]).shape; // => [2] */
export function uniform(...given: [scale?: number | ScaleOptions, dtype?: DType | ScaleOptions]): Initializer {
  const { scale = 1e-2, dtype = "float32" } = byPosition<ScaleOptions>(["scale", "dtype"], given);
  return (key, shape, d = dtype) => owned(() => convert(multiply(uniformOf(key, shape, { dtype: d }), scale), d));
}

/** Normal with standard deviation `stddev`. @example nn.initializers.normal(1)(random.key(0), [2]).shape; // => [2] */
export function normal(...given: Spread): Initializer {
  const { stddev = 1e-2, dtype = "float32" } = byPosition<SpreadOptions>(["stddev", "dtype"], given);
  return (key, shape, d = dtype) => owned(() => convert(multiply(normalOf(key, shape, { dtype: d }), stddev), d));
}

/** Normal cut at `lower` and `upper` standard deviations. @example nn.initializers.truncatedNormal(1)(random.key(0), [2]).shape; // => [2] */
export function truncatedNormal(...given: Spread): Initializer {
  const names = ["stddev", "dtype", "lower", "upper"] as const;
  const { stddev = 1e-2, dtype = "float32", lower = -2, upper = 2 } = byPosition<SpreadOptions>(names, given);
  return (key, shape, d = dtype) =>
    owned(() => {
      // The cut distribution is narrower; this is its standard deviation relative to the whole one at -2 and 2.
      const scale = stddev / 0.87962566103423978;
      return convert(multiply(truncatedNormalOf(key, lower, upper, shape, { dtype: d }), scale), d);
    });
}

const FANS = ["fan_in", "fan_out", "fan_avg", "fan_geo_avg"] as const;
const DISTRIBUTIONS = ["truncated_normal", "normal", "uniform"] as const;
type Fan = (typeof FANS)[number];
type Distribution = (typeof DISTRIBUTIONS)[number];

const AXES = ["inAxis", "outAxis", "batchAxis", "dtype"] as const;

export interface VarianceScalingOptions {
  /** In place of the positional arguments. */
  mode?: Fan | undefined;
  distribution?: Distribution | undefined;
  inAxis?: number | readonly number[] | undefined;
  outAxis?: number | readonly number[] | undefined;
  batchAxis?: number | readonly number[] | undefined;
  dtype?: DType | undefined;
}

function fans(shape: readonly number[], o: VarianceScalingOptions): [fanIn: number, fanOut: number] {
  if (shape.length < 2) throw new ShapeError(`varianceScaling: expected at least 2 axes, got [${shape.join(", ")}]`);
  const axes = (a: number | readonly number[] | undefined, byDefault: readonly number[]): number[] =>
    (a === undefined ? byDefault : typeof a === "number" ? [a] : a).map((i) => (i < 0 ? i + shape.length : i));
  const size = (list: readonly number[]): number => prod(list.map((i) => shape[i]!));
  const [inAxes, outAxes, batchAxes] = [axes(o.inAxis, [-2]), axes(o.outAxis, [-1]), axes(o.batchAxis, [])];
  const receptive = prod(shape) / size(inAxes) / size(outAxes) / size(batchAxes);
  return [size(inAxes) * receptive, size(outAxes) * receptive];
}

/** Weights whose variance is `scale` over the number of inputs ("fan_in"), outputs ("fan_out"), or their mean ("fan_avg"). @example nn.initializers.varianceScaling(1, "fan_in", "normal")(random.key(0), [2, 3]).shape; // => [2, 3] */
export function varianceScaling(
  scale: number,
  ...given: readonly (Fan | Distribution | VarianceScalingOptions | undefined)[]
): Initializer {
  const options = byPosition<VarianceScalingOptions>(["mode", "distribution"], given, AXES);
  const { mode, distribution } = options;
  if (!FANS.includes(mode!))
    throw new TypeError(`varianceScaling: mode must be one of ${FANS.join(", ")}, got ${mode}`);
  if (!DISTRIBUTIONS.includes(distribution!))
    throw new TypeError(
      `varianceScaling: distribution must be one of ${DISTRIBUTIONS.join(", ")}, got ${distribution}`,
    );
  return (key, shape, dtype = options.dtype ?? "float32") =>
    owned(() => {
      const [fanIn, fanOut] = fans(shape, options);
      const by = {
        fan_in: fanIn,
        fan_out: fanOut,
        fan_avg: (fanIn + fanOut) / 2,
        fan_geo_avg: Math.sqrt(fanIn * fanOut),
      }[mode!];
      const variance = scale / Math.max(by, Number.MIN_VALUE);
      if (distribution === "normal")
        return convert(multiply(normalOf(key, shape, { dtype }), Math.sqrt(variance)), dtype);
      if (distribution === "truncated_normal") return truncatedNormal(Math.sqrt(variance), dtype)(key, shape, dtype);
      return convert(multiply(uniformOf(key, shape, { dtype, minval: -1, maxval: 1 }), Math.sqrt(3 * variance)), dtype);
    });
}

/** Glorot's uniform weights. @example nn.initializers.glorotUniform()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function glorotUniform(options: VarianceScalingOptions = {}): Initializer {
  return varianceScaling(1, "fan_avg", "uniform", options);
}
/** Glorot's normal weights. @example nn.initializers.glorotNormal()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function glorotNormal(options: VarianceScalingOptions = {}): Initializer {
  return varianceScaling(1, "fan_avg", "truncated_normal", options);
}
/** As `glorotUniform`. @example nn.initializers.xavierUniform()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function xavierUniform(options: VarianceScalingOptions = {}): Initializer {
  return glorotUniform(options);
}
/** As `glorotNormal`. @example nn.initializers.xavierNormal()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function xavierNormal(options: VarianceScalingOptions = {}): Initializer {
  return glorotNormal(options);
}
/** LeCun's uniform weights. @example nn.initializers.lecunUniform()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function lecunUniform(options: VarianceScalingOptions = {}): Initializer {
  return varianceScaling(1, "fan_in", "uniform", options);
}
/** LeCun's normal weights. @example nn.initializers.lecunNormal()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function lecunNormal(options: VarianceScalingOptions = {}): Initializer {
  return varianceScaling(1, "fan_in", "truncated_normal", options);
}
/** He's uniform weights, for ReLU. @example nn.initializers.heUniform()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function heUniform(options: VarianceScalingOptions = {}): Initializer {
  return varianceScaling(2, "fan_in", "uniform", options);
}
/** He's normal weights, for ReLU. @example nn.initializers.heNormal()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function heNormal(options: VarianceScalingOptions = {}): Initializer {
  return varianceScaling(2, "fan_in", "truncated_normal", options);
}
/** As `heUniform`. @example nn.initializers.kaimingUniform()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function kaimingUniform(options: VarianceScalingOptions = {}): Initializer {
  return heUniform(options);
}
/** As `heNormal`. @example nn.initializers.kaimingNormal()(random.key(0), [2, 3]).shape; // => [2, 3] */
export function kaimingNormal(options: VarianceScalingOptions = {}): Initializer {
  return heNormal(options);
}

/** Orthogonal rows or columns, times `scale`. @example nn.initializers.orthogonal()(random.key(0), [2, 2]).shape; // => [2, 2] */
export function orthogonal(...given: Scaled): Initializer {
  const { scale = 1, columnAxis = -1, dtype = "float32" } = byPosition<ScaleOptions>(SCALED, given);
  return (key, shape, d = dtype) =>
    owned(() => {
      if (shape.length < 2) throw new ShapeError(`orthogonal: expected at least 2 axes, got [${shape.join(", ")}]`);
      const at = columnAxis < 0 ? columnAxis + shape.length : columnAxis;
      const columns = shape[at]!;
      const rows = prod(shape) / columns;
      const q = orthogonalOf(key, rows, { m: columns, dtype: d }).reshape([
        ...shape.filter((_, i) => i !== at),
        columns,
      ]);
      const order = shape.map((_, i) => (i === at ? shape.length - 1 : i < at ? i : i - 1));
      return multiply(q.transpose(order), scale);
    });
}

/** An orthogonal matrix in the middle of a kernel `[...space, in, out]`, zeros around. @example nn.initializers.deltaOrthogonal()(random.key(0), [3, 2, 2]).shape; // => [3, 2, 2] */
export function deltaOrthogonal(...given: Scaled): Initializer {
  const { scale = 1, columnAxis = -1, dtype = "float32" } = byPosition<ScaleOptions>(SCALED, given);
  return (key, shape, d = dtype) =>
    owned(() => {
      const n = shape.length;
      if (n < 3 || n > 5) throw new ShapeError(`deltaOrthogonal: expected 3 to 5 axes, got [${shape.join(", ")}]`);
      if (shape[n - 1]! < shape[n - 2]!)
        throw new ShapeError("deltaOrthogonal: the last size must not be below the one before");
      const q = orthogonal(scale, columnAxis, d)(key, [shape[n - 1]!, shape[n - 1]!]).slice([0, shape[n - 2]!]);
      const middle = shape.slice(0, -2).map((k) => Math.floor((k - 1) / 2));
      return atIndex(full(shape, 0, d), ...middle).set(q);
    });
}
