/** Loops and branches that can be traced, differentiated and vectorized. */
import { DTypeError, ShapeError, TreeMismatchError } from "../base/errors";
import { bind } from "../core/interpreter";
import { type Tracer, literal } from "../core/tracer";
import { clamp } from "../ops/arith";
import { convertElementType } from "../ops/convert";
import { type AnyFunction, flattenArgs, needFunction } from "../transforms/arguments";
import { cond_p } from "../transforms/cond";
import { plainMode } from "../transforms/plain-mode";
import {
  type SubFunction,
  fitCarry,
  leafPath,
  releaseCaptured,
  sharedOperands,
  subFunction,
} from "../transforms/sub-program";
import { asArray, flattenTree, plainScan } from "./scan-loop";
import { while_p } from "../transforms/while";
import { needList, range } from "../base/list";
import { structure, unflatten } from "../tree/index";
import { type ArrayLike, convert, lift } from "../numpy/lift";

/* eslint-disable @typescript-eslint/no-explicit-any -- carries and operands are trees of any depth */

/**
 * Runs `carry = bodyFun(carry)` while `condFun(carry)` is true.
 *
 * Gradient: forward mode only.
 * Errors: DifferentiationError in reverse mode, with what to use instead; DTypeError unless the condition is one bool;
 * TreeMismatchError, ShapeError, DTypeError if the carry changes.
 * @example
 * lax.whileLoop((x) => x.less(100), (x) => x.mul(2), np.array(3)).item(); // => 192
 */
export function whileLoop(condFun: AnyFunction, bodyFun: AnyFunction, initVal: any): any {
  const plainly = plainMode()?.whileLoop(condFun, bodyFun, initVal);
  if (plainly) return plainly.out as unknown;
  const [first, tree] = flattenTree("whileLoop", initVal);
  const inTree = structure([unflatten(tree, range(tree.size))]);
  const trace = (carry: readonly Tracer[]): SubFunction =>
    subFunction(
      "whileLoop",
      bodyFun,
      inTree,
      carry.map((x) => x.aval),
    );
  let body = trace(first);
  const fitted = fitCarry("whileLoop", first, tree, body.jaxpr.outAvals, body.outTree);
  const carry = fitted ?? first;
  if (fitted !== null) {
    releaseCaptured(body);
    body = trace(carry);
    fitCarry("whileLoop", carry, tree, body.jaxpr.outAvals, body.outTree);
  }
  const cond = subFunction(
    "whileLoop",
    condFun,
    inTree,
    carry.map((x) => x.aval),
  );
  const test = cond.jaxpr.outAvals;
  if (test.length !== 1 || test[0]!.ndim !== 0 || test[0]!.dtype !== "bool") {
    releaseCaptured(body, cond);
    throw new DTypeError(
      `whileLoop: the condition must give one bool, got ${test.map(String).join(", ")}; compare with less, equal, ...`,
    );
  }
  const outs = bind(while_p, [...cond.consts, ...body.consts, ...carry], {
    condJaxpr: cond.jaxpr,
    condNconsts: cond.consts.length,
    bodyJaxpr: body.jaxpr,
    bodyNconsts: body.consts.length,
  }).map(asArray);
  releaseCaptured(body, cond);
  return unflatten(tree, outs);
}

/**
 * Runs `val = bodyFun(i, val)` for i from `lower` up to, not including, `upper`.
 *
 * Bounds that are JS numbers make it a scan, which reverse mode can differentiate; traced bounds make it a whileLoop.
 * @example
 * lax.foriLoop(0, 5, (i, x) => x.add(i), np.array(0)).item(); // => 10
 */
export function foriLoop(lower: ArrayLike, upper: ArrayLike, bodyFun: AnyFunction, initVal: any): any {
  needFunction("foriLoop", bodyFun);
  if (typeof lower === "number" && typeof upper === "number") {
    const step = ([i, val]: [Tracer, any]): [any, null] => [[i.add(1), bodyFun(i, val)], null];
    const [[last, out]] = plainScan(step, [literal(lower, "int32"), initVal], null, {
      length: Math.max(0, upper - lower),
    });
    (last as Tracer)[Symbol.dispose]();
    return out;
  }
  const [from, to] = [convert(lift(lower), "int32"), convert(lift(upper), "int32")];
  const [last, out] = whileLoop(
    ([i]: [Tracer]) => i.less(to),
    ([i, val]: [Tracer, any]) => [i.add(1), bodyFun(i, val)],
    [from, initVal],
  ) as [Tracer, any];
  last[Symbol.dispose]();
  return out;
}

/** Runs the branch with number `which`; all branches get the same operands. */
function branch(op: string, which: Tracer, functions: readonly AnyFunction[], operands: readonly unknown[]): any {
  const plainly = plainMode()?.branch(which, functions, operands);
  if (plainly) return plainly.out as unknown;
  const [xs, inTree] = flattenArgs(op, operands);
  const avals = xs.map((x) => x.aval);
  const subs = functions.map((f) => subFunction(op, f, inTree, avals));
  const [first] = subs as [SubFunction, ...SubFunction[]];
  subs.forEach((s, k) => {
    if (!s.outTree.equals(first.outTree)) {
      throw new TreeMismatchError(
        `${op}: branches must give the same structure, got ${first.outTree} and, from branch ${k}, ${s.outTree}`,
      );
    }
    s.jaxpr.outAvals.forEach((a, i) => {
      const b = first.jaxpr.outAvals[i]!;
      if (a.shape.join() === b.shape.join() && a.dtype === b.dtype) return;
      const Kind = a.dtype === b.dtype ? ShapeError : DTypeError;
      throw new Kind(
        `${op}: branches must give equal shapes and dtypes, got ${b} and, from branch ${k}, ${a} at result${leafPath(first.outTree, i)}`,
      );
    });
  });
  const branches = sharedOperands(subs);
  const consts = subs.flatMap((s) => s.consts);
  const outs = bind(cond_p, [which, ...consts, ...xs], { branches }).map(asArray);
  releaseCaptured(...subs);
  return unflatten(first.outTree, outs);
}

/**
 * `trueFun(...operands)` where pred is true, else `falseFun(...operands)`; one of them runs.
 *
 * Errors: TreeMismatchError, ShapeError, DTypeError if the branches differ in what they give.
 * @example
 * lax.cond(np.array(1).greater(0), (x) => x.mul(2), (x) => x, np.array(5)).item(); // => 10
 */
export function cond(pred: ArrayLike, trueFun: AnyFunction, falseFun: AnyFunction, ...operands: any[]): any {
  const p = lift(pred);
  if (p.ndim !== 0)
    throw new ShapeError(`cond: the predicate must be a scalar, got ${p.aval}; use np.where for arrays`);
  const flag = p.dtype === "bool" ? p : p.notEqual(0);
  return branch("cond", convertElementType(flag, "int32"), [falseFun, trueFun], operands);
}

function switchCase(index: ArrayLike, branches: readonly AnyFunction[], ...operands: any[]): any {
  const i = lift(index);
  if (needList("switch", branches).length === 0) throw new ShapeError("switch: expected at least one branch");
  if (i.ndim !== 0) throw new ShapeError(`switch: the index must be a scalar, got ${i.aval}`);
  const at = clamp(literal(0, "int32"), convert(i, "int32"), literal(branches.length - 1, "int32"));
  return branch("switch", at, branches, operands);
}

export {
  /**
   * `branches[index](...operands)`, with the index clamped into range; one branch runs.
   * @example
   * lax.switch(np.array(1).astype("int32"), [(x) => x, (x) => x.neg()], np.array(2)).item(); // => -2
   */
  switchCase as switch,
};
