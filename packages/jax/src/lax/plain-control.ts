/** Loops and branches while jit is disabled: JavaScript runs them, on values that can be read. */
import { ConcretizationError, DeviceError } from "../base/errors";
import { range } from "../base/list";
import { Literal, type Tracer } from "../core/tracer";
import { type ArrayLike, lift, own } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { concatenate, reshape, sliceInDim } from "../ops/index";
import type { AnyFunction } from "../transforms/arguments";
import * as tree from "../tree/index";

/* eslint-disable @typescript-eslint/no-explicit-any -- carries and operands are trees of any depth */

/** The number in a scalar; null if it is not known, as in vmap, or cannot be read at once, as on webgpu. */
function valueOf(x: ArrayLike): number | null {
  const y = lift(x);
  if (y instanceof Literal) return y.value;
  try {
    return Number(y.item());
  } catch (error) {
    if (error instanceof ConcretizationError || error instanceof DeviceError) return null;
    throw error;
  }
}

const toArray = (x: ArrayLike): Tracer => own(lift(x));

/** The leaves of a tree as arrays that its caller may dispose. */
const withHandles = (t: any, ...given: unknown[]): any => {
  const before = given.flatMap((g) => tree.leaves(g));
  return tree.map((x: ArrayLike) => own(lift(x), ...before), t) as unknown;
};

/** `lax.scan` of one step or more. */
export function scanPlainly(f: AnyFunction, init: any, xs: any, length: number, reverse: boolean): [any, any] {
  return owned((): [any, any] => {
    const sliceAt = (i: number): unknown =>
      tree.map((x: Tracer) => reshape(sliceInDim(x, i, i + 1), x.shape.slice(1)), xs);
    let carry: unknown = tree.map(toArray, init);
    const ys: unknown[] = [];
    for (const i of reverse ? range(length).reverse() : range(length)) {
      const step = f(carry, sliceAt(i)) as [unknown, unknown];
      carry = step[0];
      ys[i] = step[1];
    }
    const stack = (...parts: ArrayLike[]): Tracer =>
      concatenate(
        parts.map((part) => reshape(lift(part), [1, ...lift(part).shape])),
        0,
      );
    return [withHandles(carry, init), tree.map(stack, ys[0], ...ys.slice(1)) as unknown];
  });
}

/** `lax.whileLoop`; null if the condition is not known. */
export function whilePlainly(condFun: AnyFunction, bodyFun: AnyFunction, initVal: any): { out: any } | null {
  return owned(() => {
    let carry: unknown = tree.map(toArray, initVal);
    for (;;) {
      const more = valueOf(condFun(carry) as ArrayLike);
      if (more === null) return null;
      if (more === 0) return { out: withHandles(carry, initVal) as unknown };
      carry = bodyFun(carry);
    }
  });
}

/** The branch with number `which`; null if that is not known. */
export function branchPlainly(
  which: Tracer,
  functions: readonly AnyFunction[],
  operands: readonly unknown[],
): { out: any } | null {
  const i = valueOf(which);
  if (i === null) return null;
  return owned(() => {
    const args = tree.map(toArray, operands) as unknown as unknown[];
    return { out: withHandles(functions[i]!(...args), args) as unknown };
  });
}
