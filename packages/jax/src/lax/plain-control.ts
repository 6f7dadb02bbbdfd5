/** Calls, loops and branches while jit is disabled: JavaScript runs them, on values that can be read. */
import { ConcretizationError, DeviceError } from "../base/errors";
import { range } from "../base/list";
import { type Scope, currentScope, withScope } from "../core/interpreter";
import { Literal, type Tracer } from "../core/tracer";
import { type ArrayLike, lift, own } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { concatenate, reshape, sliceInDim } from "../ops/index";
import { type AnyFunction, flattenResult, leafToTracer, release } from "../transforms/arguments";
import type { PlainMode } from "../transforms/plain-mode";
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

/** Runs f: its results are arrays, each a handle of its own; what else it made belongs to whoever owns what is made here. */
function settled(f: () => unknown): any {
  const outer = currentScope();
  const made: Scope = new Set();
  const [outs, treedef] = withScope(made, () => flattenResult("disableJit", f()));
  const released = release(outs, made);
  for (const x of made) outer?.add(x);
  return tree.unflatten(treedef, released);
}

function scan(f: AnyFunction, init: any, xs: any, length: number, reverse: boolean): [any, any] {
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
    return settled(() => [carry, tree.map(stack, ys[0], ...ys.slice(1)) as unknown]) as [any, any];
  });
}

function whileLoop(condFun: AnyFunction, bodyFun: AnyFunction, initVal: any): { out: any } | null {
  return owned(() => {
    let carry: unknown = tree.map(toArray, initVal);
    for (;;) {
      const more = valueOf(condFun(carry) as ArrayLike);
      if (more === null) return null;
      if (more === 0) return { out: settled(() => carry) as unknown };
      carry = bodyFun(carry);
    }
  });
}

function branch(which: Tracer, functions: readonly AnyFunction[], operands: readonly unknown[]): { out: any } | null {
  const i = valueOf(which);
  if (i === null) return null;
  return owned(() => {
    const args = tree.map(toArray, operands) as unknown as unknown[];
    return { out: settled(() => functions[i]!(...args) as unknown) as unknown };
  });
}

/** Numbers among the arguments become arrays. */
function call(f: AnyFunction, args: readonly unknown[], statics: readonly number[]): unknown {
  const lifted = (arg: unknown, i: number): unknown =>
    tree.map((leaf: unknown) => own(leafToTracer("jit", leaf, () => `a part of argument ${i}`)), arg);
  return settled(() => f(...args.map((arg, i) => (statics.includes(i) ? arg : lifted(arg, i)))) as unknown) as unknown;
}

export const plainControl: PlainMode = { call, scan, whileLoop, branch };
