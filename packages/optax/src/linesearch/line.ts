/** The loss along a line from the parameters in the direction of the updates. */
import { type Array, numpy as np, tree } from "@jax-js/jax";
import { type ExtraArgs, type Scalar, valueAndGradOf } from "../base";
import { scalarOf } from "../numerics";
import { treeAddScale, treeCastLike } from "../tree/math";
import { treeVdot } from "../tree/reduce";

/** A step along the line: its size, and the loss, slope and gradient there. */
export interface Point {
  stepsize: Array;
  value: Array;
  /** Derivative of the loss along the line. */
  slope: Array;
  grad: unknown;
}

/** What line searches need besides the updates. */
export interface Loss {
  value: Scalar;
  grad: unknown;
  valueFn: (params: unknown) => Array;
}

/** The extra arguments of a line search. The other ones go to the loss as its second argument. */
export function lossOf(op: string, { value, grad, valueFn, ...others }: ExtraArgs): Loss {
  if (value === undefined || grad === undefined || typeof valueFn !== "function") {
    throw new TypeError(`${op}: update needs { value, grad, valueFn } as its fourth argument`);
  }
  const f = valueFn as (params: unknown, others: object) => Array;
  return { value, grad, valueFn: (params) => f(params, others) };
}

/** Dtype of values and step sizes: that of the first parameter. */
export const valueDtype = (params: unknown): "float32" => tree.leaves<Array>(params)[0]!.dtype as "float32";

/** Where the search begins. */
export function origin(updates: unknown, params: unknown, { value, grad }: Loss): Point {
  const dtype = valueDtype(params);
  return {
    stepsize: np.zeros([], { dtype }),
    value: scalarOf(value, dtype),
    slope: treeVdot(updates, grad).astype(dtype),
    grad,
  };
}

/** The point at a step size. */
export function pointAt(stepsize: Array, updates: unknown, params: unknown, { valueFn, grad: like }: Loss): Point {
  const at = treeAddScale(params, stepsize, updates);
  const [value, grad] = valueAndGradOf(valueFn)(at);
  const dtype = stepsize.dtype;
  return {
    stepsize,
    value: value.astype(dtype),
    slope: treeVdot(grad, updates).astype(dtype),
    grad: treeCastLike(grad, like),
  };
}
