/** Arithmetic on scalars that are JS numbers, or arrays when one of them is: numbers stay numbers. */
import { type Array, numpy as np } from "@jax-js/jax";
import { type Scalar, isArray } from "./base";

type Condition = boolean | Array;

/** Errors: TypeError unless it is a number or an array. */
export function needScalar(op: string, x: unknown): void {
  if (isNumber(x) || isArray(x)) return;
  throw new TypeError(`${op}: expected a number or an array, got ${x === null ? "null" : typeof x}`);
}

const isNumber = (x: unknown): x is number => typeof x === "number";
const lift = (x: Scalar): Array => (isNumber(x) ? np.array(x) : x);

export const add = (a: Scalar, b: Scalar): Scalar => (isNumber(a) ? (isNumber(b) ? a + b : b.add(a)) : a.add(b));

export const sub = (a: Scalar, b: Scalar): Scalar => (isNumber(a) ? (isNumber(b) ? a - b : b.neg().add(a)) : a.sub(b));

export const mul = (a: Scalar, b: Scalar): Scalar => (isNumber(a) ? (isNumber(b) ? a * b : b.mul(a)) : a.mul(b));

export const div = (a: Scalar, b: Scalar): Scalar => (isNumber(a) && isNumber(b) ? a / b : float(lift(a)).div(b));

/** `a ** b`, in float32. */
export const pow = (a: Scalar, b: Scalar): Scalar =>
  isNumber(a) && isNumber(b) ? a ** b : np.power(float(lift(a)), float(lift(b)));

export const minimum = (a: Scalar, b: Scalar): Scalar =>
  isNumber(a) && isNumber(b) ? Math.min(a, b) : np.minimum(lift(a), lift(b));

export const maximum = (a: Scalar, b: Scalar): Scalar =>
  isNumber(a) && isNumber(b) ? Math.max(a, b) : np.maximum(lift(a), lift(b));

export const clip = (x: Scalar, low: Scalar, high: Scalar): Scalar => minimum(maximum(x, low), high);

export const floor = (x: Scalar): Scalar => (isNumber(x) ? Math.floor(x) : np.floor(float(x)));
export const cos = (x: Scalar): Scalar => (isNumber(x) ? Math.cos(x) : np.cos(x));
export const sqrt = (x: Scalar): Scalar => (isNumber(x) ? Math.sqrt(x) : np.sqrt(x));

export const less = (a: Scalar, b: Scalar): Condition =>
  isNumber(a) && isNumber(b) ? a < b : np.less(lift(a), lift(b));

export const lessEqual = (a: Scalar, b: Scalar): Condition =>
  isNumber(a) && isNumber(b) ? a <= b : np.lessEqual(lift(a), lift(b));

export const where = (c: Condition, a: Scalar, b: Scalar): Scalar =>
  typeof c === "boolean" ? (c ? a : b) : np.where(c, float(lift(a)), float(lift(b)));

/** An integer as float32. */
const float = (x: Array): Array => (/^u?int|^bool/.test(x.dtype) ? x.astype("float32") : x);

/** A scalar in the dtype of an array that it is to be combined with. */
export const like = (x: Scalar, a: Array): Scalar => (isNumber(x) || x.dtype === a.dtype ? x : x.astype(a.dtype));

/** `x * s` in the dtype of x. */
export const times = (x: Array, s: Scalar): Array => x.mul(like(s, x));

/** `x + s` in the dtype of x; x itself for the number 0. */
export const plus = (x: Array, s: Scalar): Array => (s === 0 ? x : x.add(like(s, x)));
