/** Softmax and its relatives; normalisation. */
import { checkOptions } from "../base/option-names";
import { isFloat } from "../aval/dtype";
import type { DType } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { byPosition } from "../numpy/arguments";
import { add, divide, multiply, subtract } from "../numpy/arithmetic";
import {
  type ArrayLike,
  type Axis,
  broadcastArray,
  constantLike,
  convert,
  inexact,
  lift,
  promoteInexact,
  truth,
} from "../numpy/lift";
import { owned } from "../numpy/owned";
import { max, mean, sum } from "../numpy/reductions";
import { eagerProgram } from "../transforms/eager-program";
import { countOf, keepAxes, reduceAxes } from "../numpy/reduce";

export interface SoftmaxOptions {
  axis?: Axis | undefined;
  /** Only elements where this is true take part; the others give 0. */
  where?: ArrayLike | undefined;
}

/** Which elements take part: by position or by name. */
type Where = ArrayLike | SoftmaxOptions;

function softmaxArguments(x: ArrayLike, axis: Axis | SoftmaxOptions | undefined, where: Where | undefined) {
  const o = byPosition<SoftmaxOptions>(["axis", "where"], [axis, where]);
  const y = inexact(x);
  const at = o.axis === undefined ? -1 : o.axis;
  const mask = o.where === undefined ? null : broadcastArray(truth(o.where), y.shape);
  const masked = mask === null ? y : ops.where(mask, y, constantLike(y, -Infinity));
  return { y: masked, axes: reduceAxes("softmax", at, y), mask };
}

/** The largest element along the axes, kept with size 1; of none it is -Infinity. */
function top(y: Tracer, axes: readonly number[]): Tracer {
  return max(y, axes, { keepdims: true, ...(countOf(y.shape, axes) === 0 ? { initial: -Infinity } : {}) });
}

/** Minus the largest element along the axes, which takes no part in gradients. */
function centered(y: Tracer, axes: readonly number[]): Tracer {
  return subtract(y, ops.stopGradient(top(y, axes)));
}

/** `exp(x)` over its sum along an axis (the last). Gradient and value without overflow. @example nn.softmax(np.array([0, 0])).js(); // => [0.5, 0.5] */
export const softmax = /* @__PURE__ */ eagerProgram(function softmax(
  x: ArrayLike,
  axis?: Axis | SoftmaxOptions,
  where?: Where,
): Tracer {
  return owned(() => {
    const { y, axes, mask } = softmaxArguments(x, axis, where);
    const e = ops.exp(centered(y, axes));
    const out = divide(e, sum(e, axes, { keepdims: true }));
    return mask === null ? out : ops.where(mask, out, constantLike(out, 0));
  });
});

/** Logarithm of the softmax. @example nn.logSoftmax(np.array([0, 0])).js(); // => [-0.693147, -0.693147] */
export const logSoftmax = /* @__PURE__ */ eagerProgram(function logSoftmax(
  x: ArrayLike,
  axis?: Axis | SoftmaxOptions,
  where?: Where,
): Tracer {
  return owned(() => {
    const { y, axes, mask } = softmaxArguments(x, axis, where);
    const shifted = centered(y, axes);
    const out = subtract(shifted, ops.log(sum(ops.exp(shifted), axes, { keepdims: true })));
    return mask === null ? out : ops.where(mask, out, constantLike(out, -Infinity));
  });
});

export interface LogsumexpOptions {
  axis?: Axis | undefined;
  keepdims?: boolean | undefined;
  /** Factors of the exponentials. */
  b?: ArrayLike | null | undefined;
  /** Gives a pair: the logarithm of the absolute value of the sum, and its sign. */
  returnSign?: boolean | undefined;
  where?: ArrayLike | undefined;
}

/**
 * `log(sum(exp(x)))` along axes (all) without overflow; of nothing but -Infinity it is -Infinity.
 * @example
 * nn.logsumexp(np.array([0, 0])).js(); // => 0.693147
 */
export function logsumexp(
  x: ArrayLike,
  axis: LogsumexpOptions & { returnSign: true },
): [logarithm: Tracer, sign: Tracer];
export function logsumexp(
  x: ArrayLike,
  axis: Axis,
  options: LogsumexpOptions & { returnSign: true },
): [logarithm: Tracer, sign: Tracer];
export function logsumexp(
  x: ArrayLike,
  axis?: Axis | LogsumexpOptions,
  b?: ArrayLike | null | LogsumexpOptions,
  keepdims?: boolean | LogsumexpOptions,
): Tracer;
export function logsumexp(x: ArrayLike, ...given: unknown[]): Tracer | [Tracer, Tracer] {
  const o = byPosition<LogsumexpOptions>(["axis", "b", "keepdims", "returnSign", "where"], given);
  return o.returnSign === true ? logOfSum(x, o) : logsumexpProgram(x, o);
}

const logsumexpProgram = /* @__PURE__ */ eagerProgram(function logsumexp(x: ArrayLike, o: LogsumexpOptions): Tracer {
  return logOfSum(x, o) as Tracer;
});

function logOfSum(x: ArrayLike, o: LogsumexpOptions): Tracer | [Tracer, Tracer] {
  return owned(() => {
    const [y, b] = (o.b === undefined || o.b === null ? [inexact(x), null] : promoteInexact("logsumexp", x, o.b)) as [
      Tracer,
      Tracer | null,
    ];
    const axes = reduceAxes("logsumexp", o.axis ?? null, y);
    const used =
      o.where === undefined ? y : ops.where(broadcastArray(truth(o.where), y.shape), y, constantLike(y, -Infinity));
    const weighted = b === null ? used : ops.where(ops.eq(b, constantLike(b, 0)), constantLike(used, -Infinity), used);
    const largest = ops.stopGradient(top(weighted, axes));
    const finite = ops.where(ops.isFinite(largest), largest, constantLike(largest, 0));
    const e = ops.exp(subtract(weighted, finite));
    const total = sum(b === null ? e : ops.mul(e, b), axes);
    const kept = (t: Tracer): Tracer => (o.keepdims === true ? keepAxes(t, y.shape, axes) : t);
    const logarithm = (t: Tracer): Tracer => kept(add(ops.log(t), ops.reshape(finite, total.shape)));
    return o.returnSign === true ? [logarithm(ops.abs(total)), kept(ops.sign(total))] : logarithm(total);
  });
}

/** Logarithm of the mean of exponentials. @example nn.logmeanexp(np.array([1, 1])).js(); // => 1 */
export function logmeanexp(
  x: ArrayLike,
  axis?: Axis | LogsumexpOptions,
  where?: ArrayLike | LogsumexpOptions,
  keepdims?: boolean | LogsumexpOptions,
): Tracer {
  const o = byPosition<LogsumexpOptions>(["axis", "where", "keepdims"], [axis, where, keepdims]);
  return owned(() => {
    const y = inexact(x);
    const axes = reduceAxes("logmeanexp", o.axis ?? null, y);
    const total = logsumexp(y, { ...o, axis: axes });
    if (o.where === undefined) return subtract(total, Math.log(countOf(y.shape, axes)));
    const count = sum(convert(broadcastArray(truth(o.where), y.shape), y.dtype), axes, { keepdims: o.keepdims });
    return subtract(total, ops.log(count));
  });
}

export interface StandardizeOptions {
  axis?: Axis | undefined;
  mean?: ArrayLike | undefined;
  variance?: ArrayLike | undefined;
  epsilon?: ArrayLike | undefined;
  where?: ArrayLike | undefined;
}

/** Minus the mean, over the root of the variance plus `epsilon` (1e-5), along an axis (the last). @example nn.standardize(np.array([1, 3])).js(); // => [-0.999995, 0.999995] */
export const standardize = /* @__PURE__ */ eagerProgram(function standardize(
  x: ArrayLike,
  axis?: Axis | StandardizeOptions,
  ...given: readonly (StandardizeOptions | ArrayLike | null | undefined)[]
): Tracer {
  const names = ["axis", "mean", "variance", "epsilon", "where"] as const;
  const o = byPosition<StandardizeOptions>(names, [axis, ...given]);
  return owned(() => {
    const y = inexact(x);
    const axes = reduceAxes("standardize", o.axis === undefined ? -1 : o.axis, y);
    const reduce = { keepdims: true, where: o.where };
    const center = subtract(y, o.mean ?? mean(y, axes, reduce));
    const variance = o.variance ?? mean(ops.square(center), axes, reduce);
    const scale = add(variance, o.epsilon ?? 1e-5);
    return multiply(center, ops.rsqrt(inexact(scale)));
  });
});

export interface OneHotOptions {
  dtype?: DType | undefined;
  /** Where the new axis goes: last by default. */
  axis?: number | undefined;
}

/** 1 at the position that each element says, 0 elsewhere; all 0 if it is out of range. Dtypes: float32 unless given. @example nn.oneHot(np.array([1], { dtype: "int32" }), 3).js(); // => [[0, 1, 0]] */
export const oneHot = /* @__PURE__ */ eagerProgram(function oneHot(
  x: ArrayLike,
  numClasses: number,
  options: OneHotOptions = {},
): Tracer {
  checkOptions("oneHot", options, { dtype: true, axis: true });
  return owned(() => {
    const index = lift(x);
    const y = index.dtype === "bool" ? convert(index, "int32") : index;
    const at = canonicalAxis("oneHot", options.axis ?? -1, y.ndim + 1);
    const shape = [...y.shape.slice(0, at), numClasses, ...y.shape.slice(at)];
    const dims = shape.map((_, i) => i).filter((i) => i !== at);
    const classes = ops.iota(isFloat(y.dtype) ? y.dtype : "int32", shape, at);
    const wide = ops.broadcastInDim(convert(y, classes.dtype), shape, dims);
    return convert(ops.eq(wide, classes), options.dtype ?? "float32");
  });
});
