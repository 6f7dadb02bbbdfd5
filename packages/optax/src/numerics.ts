/** Functions with a defined value or derivative where the plain formula has none. */
import { type Array, type DType, numpy as np } from "@jax-js/jax";
import { type Scalar, pure } from "./base";
import { type Rest, named } from "./named";
import { like } from "./scalars";

/** The int32 scalar 0 that step counters start from. */
export function zeroCount(): Array {
  return np.array(0, { dtype: "int32" });
}

/** A scalar as an array of a dtype. */
export function scalarOf(x: Scalar, dtype: DType): Array {
  return typeof x === "number" ? np.array(x, { dtype }) : x.astype(dtype);
}

const INT32_MAX = 2147483647;

/**
 * `count + 1`, but the greatest value of its dtype stays.
 *
 * Source: optax.safe_increment.
 * @example
 * safeIncrement(np.array(2147483647, { dtype: "int32" })).item(); // => 2147483647
 */
export function safeIncrement(count: Array): Array {
  return pure(() => {
    const max = /^float/.test(count.dtype) ? np.finfo(count.dtype as never).max : INT32_MAX;
    return np.where(count.less(max), count.add(1), count);
  }, [count]);
}

/** As `safeIncrement`. @example safeInt32Increment(np.array(3, { dtype: "int32" })).item(); // => 4 */
export function safeInt32Increment(count: Array): Array {
  return safeIncrement(count);
}

export interface SafeNormOptions {
  /** Order of the norm, as in `np.linalg.norm`. */
  ord?: number | string | null | undefined;
  axis?: number | number[] | null | undefined;
  keepdims?: boolean | undefined;
}

/**
 * `max(norm(x), minNorm)`, whose gradient is zero and not NaN where the norm is less.
 *
 * Options: ord, axis, keepdims = false; by position too.
 * Source: optax.safe_norm.
 * @example
 * grad((x) => safeNorm(x, 1e-3))(np.zeros([2])).js(); // => [0, 0]
 */
export function safeNorm(x: Array, minNorm: Scalar, ...rest: Rest<SafeNormOptions>): Array {
  const options = named<SafeNormOptions>("safeNorm", ["ord", "axis", "keepdims"], rest);
  const { ord = null, axis = null, keepdims = false } = options;
  return pure(() => {
    const norm = (v: Array, keep: boolean): Array => vectorNorm(v, ord, axis, keep);
    const kept = norm(x, true);
    const small = kept.lessEqual(minNorm);
    const masked = np.where(small, np.onesLike(x), x);
    const flat = keepdims ? small : small.reshape(norm(x, false).shape);
    const floor = like(minNorm, x);
    return np.where(flat, floor, norm(masked, keepdims));
  }, [x]);
}

function vectorNorm(x: Array, ord: SafeNormOptions["ord"], axis: number | number[] | null, keepdims: boolean): Array {
  if (ord === null || ord === undefined || ord === 2) return np.sqrt(np.sum(np.square(x), axis, { keepdims }));
  return np.linalg.norm(x, { ord, axis, keepdims } as never);
}

/**
 * `max(sqrt(mean(x ** 2)), minRms)`, whose gradient is zero and not NaN where the root is less.
 *
 * Source: optax.safe_root_mean_squares.
 * @example
 * safeRootMeanSquares(np.array([3, 3]), 1).item(); // => 3
 */
export function safeRootMeanSquares(x: Array, minRms: Scalar): Array {
  return pure(() => {
    const small = np.sqrt(np.mean(np.square(x))).lessEqual(minRms);
    const masked = np.where(small, np.onesLike(x), x);
    return np.where(small, like(minRms, x), np.sqrt(np.mean(np.square(masked))));
  }, [x]);
}

/** Zeros like every array, in another dtype if one is given. */
export const zerosOf = (x: Array, dtype?: DType | null): Array => np.zerosLike(x, { dtype: dtype ?? x.dtype });
