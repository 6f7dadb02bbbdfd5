/** Averages and spreads. */
import { type DType, isFloat } from "../aval/dtype";
import { DTypeError, ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { divide, multiply, subtract } from "./arithmetic";
import { byPosition } from "./arguments";
import { sqrt } from "./elementwise";
import { concatenate } from "./joining";
import {
  type ArrayLike,
  type Axis,
  broadcastArray,
  constantLike,
  convert,
  inexact,
  lift,
  promoteInexact,
} from "./lift";
import { dot } from "./linear";
import { diagonal } from "./matrix";
import { eagerProgram } from "../transforms/eager-program";
import { axisAndOptions } from "./options";
import { owned } from "./owned";
import { mean, meanOf, sum } from "./reductions";
import { asFloat, countOf, divisorOf, masked, reduceAxes, widen } from "./reduce";
import { clip } from "./selection";
import { atleast2d, expandDims, reshape, transpose } from "./shape";

export interface VarOptions {
  axis?: Axis | undefined;
  /** Taken from the count in the divisor. */
  correction?: number | undefined;
  ddof?: number | undefined;
  keepdims?: boolean | undefined;
  /** The mean, if it is known (with axes kept). */
  mean?: ArrayLike | undefined;
  where?: ArrayLike | undefined;
  dtype?: DType | undefined;
}

/**
 * Variance: the mean of squared distances from the mean, in two passes.
 *
 * Dtypes: integers and bools give float32; 16-bit floats are computed in float32.
 * @example
 * np.var_(np.array([1, 2, 3, 4])).js(); // => 1.25
 */
export function var_(x: ArrayLike, axis?: Axis | VarOptions, options?: VarOptions | DType): Tracer {
  return varOf(...varArguments(x, axis, options));
}

/** Standard deviation: square root of the variance. @example np.std(np.array([1, 3])).js(); // => 1 */
export function std(x: ArrayLike, axis?: Axis | VarOptions, options?: VarOptions | DType): Tracer {
  const args = varArguments(x, axis, options);
  needFloat("std", args[4].dtype);
  return stdOf(...args);
}

/** Roots of variances are floats. */
export function needFloat(op: string, dtype: DType | undefined): void {
  if (dtype !== undefined && !isFloat(dtype)) throw new DTypeError(`${op}: expected a float dtype, got ${dtype}`);
}

type VarArguments = [given: Tracer, axes: readonly number[], n: Tracer, divisor: Tracer, o: VarOptions];

function varArguments(x: ArrayLike, axis?: Axis | VarOptions, options?: VarOptions | DType): VarArguments {
  const o = axisAndOptions<VarOptions>(axis, options);
  const given = lift(x);
  const axes = reduceAxes("var", o.axis, given);
  const dtype = o.dtype ?? (isFloat(given.dtype) ? given.dtype : "float32");
  const n = countOf(given.shape, axes);
  const left = n - (o.correction ?? o.ddof ?? 0);
  return [given, axes, divisorOf(n, dtype), divisorOf(left > 0 ? left : NaN, dtype), { ...o, dtype }];
}

const varOf = /* @__PURE__ */ eagerProgram(function var_(...[given, axes, n, divisor, o]: VarArguments): Tracer {
  return owned(() => {
    const y = widen(convert(asFloat(given), o.dtype!));
    const center =
      o.mean === undefined ? meanOf(y, axes, n, { keepdims: true, where: o.where }) : convert(lift(o.mean), y.dtype);
    const centered = subtract(y, center);
    const squares = ops.square(centered);
    const total = sum(squares, axes, { keepdims: o.keepdims, where: o.where });
    if (o.where !== undefined) {
      const count = sum(masked(ops.full(y.shape, 1, y.dtype), o.where, 0), axes, { keepdims: o.keepdims });
      const left = subtract(count, o.correction ?? o.ddof ?? 0);
      const enough = ops.gt(left, constantLike(left, 0));
      return convert(divide(total, ops.where(enough, left, constantLike(left, NaN))), o.dtype!);
    }
    return convert(ops.div(total, broadcastArray(convert(divisor, total.dtype), total.shape)), o.dtype!);
  });
});

const stdOf = /* @__PURE__ */ eagerProgram(function std(...args: VarArguments): Tracer {
  return owned(() => sqrt(varOf(...args)));
});

export interface AverageOptions {
  axis?: Axis | undefined;
  weights?: ArrayLike | null | undefined;
  keepdims?: boolean | undefined;
  returned?: boolean | undefined;
}

/** Weighted mean. With `returned` also the sum of the weights. @example np.average(np.array([1, 2]), null, { weights: np.array([3, 1]) }).js(); // => 1.25 */
export function average(
  a: ArrayLike,
  axis: Axis | AverageOptions | undefined,
  options: AverageOptions & { returned: true },
): [Tracer, Tracer];
export function average(a: ArrayLike, axis?: Axis | AverageOptions, weights?: AverageOptions | ArrayLike): Tracer;
export function average(a: ArrayLike, ...given: unknown[]): Tracer | [Tracer, Tracer] {
  const o = byPosition<AverageOptions>(["axis", "weights", "returned", "keepdims"], given);
  return owned((): Tracer | [Tracer, Tracer] => {
    const x = lift(a);
    const axes = reduceAxes("average", o.axis ?? null, x);
    const reduce = { keepdims: o.keepdims };
    if (o.weights === undefined || o.weights === null) {
      const out = mean(x, axes, reduce);
      return o.returned === true ? [out, constantLike(out, countOf(x.shape, axes))] : out;
    }
    let w = lift(o.weights);
    if (w.shape.join() !== x.shape.join()) {
      if (w.ndim !== axes.length || w.shape.some((n, i) => n !== x.shape[axes[i]!])) {
        throw new ShapeError(`average: weights ${w.aval} do not fit axes [${axes.join(", ")}] of ${x.aval}`);
      }
      w = broadcastArray(
        reshape(
          w,
          x.shape.map((n, i) => (axes.includes(i) ? n : 1)),
        ),
        x.shape,
      );
    }
    const [y, v] = promoteInexact("average", x, w) as [Tracer, Tracer];
    const total = sum(v, axes, reduce);
    const out = divide(sum(ops.mul(y, v), axes, reduce), total);
    return o.returned === true ? [out, total] : out;
  });
}

export interface CovOptions {
  y?: ArrayLike | null | undefined;
  /** Rows are variables (default), else columns. */
  rowvar?: boolean | undefined;
  /** Divides by n, not n - 1. */
  bias?: boolean | undefined;
  ddof?: number | null | undefined;
  fweights?: ArrayLike | null | undefined;
  aweights?: ArrayLike | null | undefined;
}

/**
 * Covariance matrix of variables (rows) over observations (columns); of one variable a scalar.
 * @example
 * np.cov(np.array([[1, 2], [1, 2]])).js(); // => [[0.5, 0.5], [0.5, 0.5]]
 */
export function cov(x: ArrayLike, ...given: readonly (CovOptions | CovOptions[keyof CovOptions])[]): Tracer {
  const o = byPosition<CovOptions>(["y", "rowvar", "bias", "ddof", "fweights", "aweights"], given);
  return owned(() => {
    const rows = (a: ArrayLike): Tracer => {
      const m = inexact(a);
      if (m.ndim > 2) throw new ShapeError(`cov: expected at most 2 axes, got ${m.aval}`);
      const table = atleast2d(m);
      return o.rowvar === false && m.ndim === 2 ? transpose(table) : table;
    };
    let data = rows(x);
    if (o.y !== undefined && o.y !== null) data = concatenate([data, rows(o.y)], 0);
    const n = data.shape[1]!;
    const ddof = o.ddof ?? (o.bias === true ? 0 : 1);
    const weights = [o.fweights, o.aweights].filter((w): w is ArrayLike => w !== undefined && w !== null).map(inexact);
    const w = weights.length === 0 ? null : weights.length === 1 ? weights[0]! : multiply(weights[0]!, weights[1]!);
    if (w === null) {
      const centered = subtract(data, mean(data, 1, { keepdims: true }));
      return squeezeScalar(divide(dot(centered, transpose(centered)), Math.max(0, n - ddof)));
    }
    const total = sum(w);
    const center = divide(sum(multiply(data, w), 1, { keepdims: true }), total);
    const centered = subtract(data, center);
    let norm = subtract(total, ddof);
    if (o.aweights !== undefined && o.aweights !== null && ddof !== 0) {
      norm = subtract(total, divide(multiply(ddof, sum(multiply(w, inexact(o.aweights)))), total));
    }
    return squeezeScalar(divide(dot(multiply(centered, w), transpose(centered)), norm));
  });
}

const squeezeScalar = (m: Tracer): Tracer => (m.shape[0] === 1 && m.shape[1] === 1 ? reshape(m, []) : m);

/** Correlation coefficients: covariances over the product of standard deviations. @example np.corrcoef(np.array([[1, 2], [2, 4]])).js(); // => [[1, 1], [1, 1]] */
export function corrcoef(x: ArrayLike, y?: ArrayLike | null | CovOptions, options?: CovOptions): Tracer {
  return owned(() => {
    const c = cov(x, y, options);
    if (c.ndim === 0) return divide(c, c);
    const deviation = sqrt(diagonal(c));
    return clip(divide(divide(c, expandDims(deviation, 1)), expandDims(deviation, 0)), -1, 1);
  });
}
