/** Evenly spaced numbers and grids of indices. */
import { checkOptions } from "../base/option-names";
import { type DType, isFloat, isInteger } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import { concatenate, div, floor, iota, slice } from "../ops/index";
import * as ops from "../ops/index";
import { add, divide, multiply, subtract } from "./arithmetic";
import { owned } from "./owned";
import { type CreationOptions, creationOptions, full } from "./creation";
import { abs, exp, log, sign as signOf } from "./elementwise";
import { arrayFromHost } from "./host";
import {
  type ArrayLike,
  broadcastArray,
  convert,
  inexact,
  lift,
  own,
  promoteInexact,
  promoteShapes,
  scalarLike,
} from "./lift";
import { positionsOf } from "./index-plan";
import { isOptions } from "./options";
import { expandDims, moveaxis, reshape } from "./shape";

export interface SpaceOptions extends CreationOptions {
  num?: number | undefined;
  endpoint?: boolean | undefined;
  /** Base of `logspace`. */
  base?: number | undefined;
  /** Where the new axis goes when start and stop are arrays. */
  axis?: number | undefined;
  /** `linspace` also gives the distance of neighbours. */
  retstep?: boolean | undefined;
}

function spaceOptions(
  num: number | SpaceOptions | undefined,
  endpoint: boolean | SpaceOptions | undefined,
  options: SpaceOptions | DType | undefined,
): SpaceOptions & { num: number; endpoint: boolean } {
  const early = isOptions(num) ? (num as SpaceOptions) : isOptions(endpoint) ? (endpoint as SpaceOptions) : options;
  const o = creationOptions(early as CreationOptions) as SpaceOptions;
  const n = typeof num === "number" ? num : (o.num ?? 50);
  if (!Number.isInteger(n) || n < 0) throw new ShapeError(`linspace: the number of samples must be >= 0, got ${n}`);
  return { ...o, num: n, endpoint: typeof endpoint === "boolean" ? endpoint : (o.endpoint ?? true) };
}

/**
 * `num` evenly spaced numbers from `start` to `stop`; with `endpoint: false` without `stop`. Arrays broadcast and give a
 * new axis of samples first (or at `axis`). With `retstep` also the distance of neighbours, as a pair.
 *
 * Dtypes: float32 unless `dtype` is given; integer dtypes round down.
 * @example
 * np.linspace(0, 1, 5).js(); // => [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(
  start: ArrayLike,
  stop: ArrayLike,
  num: SpaceOptions & { retstep: true },
): [samples: Tracer, step: Tracer];
export function linspace(
  start: ArrayLike,
  stop: ArrayLike,
  num: number,
  options: SpaceOptions & { retstep: true },
): [samples: Tracer, step: Tracer];
export function linspace(
  start: ArrayLike,
  stop: ArrayLike,
  num?: number | SpaceOptions,
  endpoint?: boolean | SpaceOptions,
  options?: SpaceOptions | DType,
): Tracer;
export function linspace(
  start: ArrayLike,
  stop: ArrayLike,
  num?: number | SpaceOptions,
  endpoint?: boolean | SpaceOptions,
  options?: SpaceOptions | DType,
): Tracer | [Tracer, Tracer] {
  const o = spaceOptions(num, endpoint, options);
  return owned(() => {
    const samples = evenlySpaced(start, stop, o);
    if (o.retstep !== true) return samples;
    const steps = o.endpoint ? o.num - 1 : o.num;
    const [lo, hi] = promoteInexact("linspace", start, stop) as [Tracer, Tracer];
    return [samples, ops.copy(divide(subtract(hi, lo), steps > 0 ? steps : NaN))];
  });
}

function evenlySpaced(start: ArrayLike, stop: ArrayLike, o: SpaceOptions & { num: number; endpoint: boolean }): Tracer {
  const steps = o.endpoint ? o.num - 1 : o.num;
  if (typeof start === "number" && typeof stop === "number") {
    const dtype = o.dtype ?? "float32";
    const values = dtype === "float32" ? new Float32Array(o.num) : new Float64Array(o.num);
    for (let i = 0; i < o.num; i++) values[i] = steps > 0 ? start + (i * (stop - start)) / steps : start;
    if (o.endpoint && o.num > 1) values[o.num - 1] = stop;
    return arrayFromHost("linspace", isInteger(dtype) ? values.map(Math.floor) : values, { dtype, device: o.device });
  }
  const [lo, hi] = promoteShapes("linspace", promoteInexact("linspace", start, stop)) as [Tracer, Tracer];
  const { dtype, shape } = lo.ndim >= hi.ndim ? lo : hi;
  const full1 = [o.num, ...shape];
  const t = reshape(div(iota(dtype, [o.num], 0), broadcastArray(scalarLike(lo, Math.max(1, steps)), [o.num])), [
    o.num,
    ...shape.map(() => 1),
  ]);
  let out = add(multiply(lo, subtract(1, t)), multiply(hi, t));
  if (o.endpoint && o.num > 1) {
    const last = broadcastArray(expandDims(hi, 0), [1, ...shape]);
    out = concatenate([slice(out, [0, ...shape.map(() => 0)], [o.num - 1, ...shape]), last], 0);
  }
  out = broadcastArray(out, full1);
  if (o.axis !== undefined && o.axis !== 0) out = moveaxis(out, 0, o.axis);
  const target = o.dtype ?? dtype;
  return isFloat(target) ? convert(out, target) : convert(floor(out), target);
}

/** `base ** linspace(start, stop)`. Dtypes: as linspace. @example np.logspace(0, 2, 3).js(); // => [1, 10, 100] */
export function logspace(
  start: ArrayLike,
  stop: ArrayLike,
  num?: number | SpaceOptions,
  endpoint?: boolean | SpaceOptions,
  base?: number | SpaceOptions,
  options?: SpaceOptions | DType,
): Tracer {
  const early = isOptions(base) ? (base as SpaceOptions) : options;
  const o = spaceOptions(num, endpoint, early);
  const b = typeof base === "number" ? base : (o.base ?? 10);
  if (typeof start === "number" && typeof stop === "number") {
    const steps = o.endpoint ? o.num - 1 : o.num;
    const values = Float64Array.from({ length: o.num }, (_, i) =>
      Math.pow(b, start + (steps > 0 ? (i * (stop - start)) / steps : 0)),
    );
    return arrayFromHost("logspace", values, { dtype: o.dtype ?? "float32", device: o.device });
  }
  const { dtype, ...rest } = o;
  const out = exp(multiply(evenlySpaced(start, stop, rest), Math.log(b)));
  return convert(out, dtype ?? out.dtype);
}

/** Numbers spaced evenly in ratio. Dtypes: as linspace. @example np.geomspace(1, 4, 3).js(); // => [1, 2, 4] */
export function geomspace(
  start: ArrayLike,
  stop: ArrayLike,
  num?: number | SpaceOptions,
  endpoint?: boolean | SpaceOptions,
  options?: SpaceOptions | DType,
): Tracer {
  const o = spaceOptions(num, endpoint, options);
  if (typeof start !== "number" || typeof stop !== "number") {
    return owned(() => {
      const [lo, hi] = promoteInexact("geomspace", start, stop) as [Tracer, Tracer];
      const { dtype, ...rest } = o;
      const sizes = exp(evenlySpaced(log(abs(lo)), log(abs(hi)), rest));
      const signs = evenlySpaced(signOf(lo), signOf(hi), rest);
      return convert(multiply(sizes, signs), dtype ?? sizes.dtype);
    });
  }
  if (start === 0 || stop === 0) throw new ShapeError("geomspace: start and stop must not be 0");
  const sign = start < 0 && stop < 0 ? -1 : 1;
  const [lo, hi] = [Math.log10(start * sign), Math.log10(stop * sign)];
  const steps = o.endpoint ? o.num - 1 : o.num;
  const values = Float64Array.from({ length: o.num }, (_, i) => {
    if (i === 0) return start;
    if (o.endpoint && i === o.num - 1) return stop;
    return sign * Math.pow(10, lo + (steps > 0 ? (i * (hi - lo)) / steps : 0));
  });
  return arrayFromHost("geomspace", values, { dtype: o.dtype ?? "float32", device: o.device });
}

/**
 * Coordinate arrays of a grid, one per vector. `indexing` "xy" (default) swaps the first two axes; `sparse` leaves size 1
 * on the other axes. Takes a list of vectors, or vectors one by one with the options last.
 * @example
 * np.meshgrid([np.arange(2), np.arange(3)])[0].shape; // => [3, 2]
 */
export function meshgrid(...args: readonly (ArrayLike | readonly ArrayLike[] | MeshgridOptions)[]): Tracer[] {
  const last = args[args.length - 1];
  const options = (isOptions(last) ? last : {}) as MeshgridOptions;
  checkOptions("meshgrid", options, { indexing: true, sparse: true });
  const given = isOptions(last) ? args.slice(0, -1) : args;
  const xs = (given.length === 1 && Array.isArray(given[0]) ? given[0] : given) as ArrayLike[];
  const vectors = xs.map((x) => {
    const v = lift(x);
    if (v.ndim > 1) throw new ShapeError(`meshgrid: expected vectors, got ${v.aval}`);
    return reshape(v, [-1]);
  });
  const n = vectors.length;
  const xy = (options.indexing ?? "xy") === "xy" && n >= 2;
  const at = (i: number): number => (xy && i < 2 ? 1 - i : i);
  const shape = new Array<number>(n).fill(1);
  vectors.forEach((v, i) => (shape[at(i)] = v.size));
  return vectors.map((v, i) => {
    const thin = shape.map((size, axis) => (axis === at(i) ? size : 1));
    const out = reshape(v, thin);
    return own(options.sparse === true ? out : broadcastArray(out, shape), xs[i]);
  });
}

export interface MeshgridOptions {
  indexing?: "xy" | "ij" | undefined;
  sparse?: boolean | undefined;
}

/**
 * The index along each axis of a grid: `[n, ...dimensions]`, or with `sparse` a list of arrays that broadcast.
 * Dtypes: int32 unless `dtype` is given.
 * @example
 * np.indices([2, 2]).js(); // => [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
 */
export function indices(
  dimensions: readonly number[],
  options?: DType | (CreationOptions & { sparse?: false }),
): Tracer;
export function indices(dimensions: readonly number[], options: CreationOptions & { sparse: true }): Tracer[];
export function indices(
  dimensions: readonly number[],
  dtypeOrOptions?: DType | (CreationOptions & { sparse?: boolean }),
  late?: { sparse?: boolean },
): Tracer | Tracer[] {
  const options: CreationOptions & { sparse?: boolean } = { ...creationOptions(dtypeOrOptions), ...late };
  const dtype = options.dtype ?? "int32";
  const n = dimensions.length;
  if (options.sparse === true) {
    return dimensions.map((size, i) =>
      reshape(
        iota(dtype, [size], 0),
        dimensions.map((_, a) => (a === i ? size : 1)),
      ),
    );
  }
  if (n === 0) return full([0], 0, { dtype });
  return concatenate(
    dimensions.map((_, i) => iota(dtype, [1, ...dimensions], i + 1)),
    0,
  );
}

/**
 * Open grids of index arrays that select a product of positions. Masks stand for the positions where they are true.
 * Takes vectors one by one, or a list of them.
 * @example
 * np.ix_(np.arange(2), np.arange(3))[1].shape; // => [1, 3]
 */
export function ix_(...args: readonly (ArrayLike | readonly ArrayLike[])[]): Tracer[] {
  const vectors = (args.length === 1 && Array.isArray(args[0]) ? args[0] : args) as readonly ArrayLike[];
  return vectors.map((v, i) => {
    const given = lift(v);
    if (given.ndim !== 1) throw new ShapeError(`ix_: expected vectors, got ${given.aval}`);
    const x = given.dtype === "bool" ? positionsOf(given)[0]! : given;
    return reshape(
      x,
      vectors.map((_, a) => (a === i ? x.size : 1)),
    );
  });
}

/** Evaluates a function on the index grids of a shape. Results that are scalars broadcast. @example np.fromfunction((i, j) => np.add(i, j), [2, 2]).js(); // => [[0, 1], [1, 2]] */
export function fromfunction(
  func: (...indices: Tracer[]) => ArrayLike,
  shape: readonly number[],
  options?: CreationOptions,
): Tracer {
  const grids = shape.map((_, i) => iota(creationOptions(options).dtype ?? "float32", shape, i));
  const out = inexactIfNumber(func(...grids));
  return out.ndim < shape.length ? broadcastArray(out, shape) : out;
}

const inexactIfNumber = (x: ArrayLike): Tracer => (typeof x === "number" ? inexact(x) : lift(x));
