/** Functions from functions: the transpose of a linear one, and one without captured values. */
import type { Aval } from "../aval/shaped-array";
import { ShapedArray } from "../aval/shaped-array";
import { DifferentiationError, InternalError } from "../base/errors";
import { type Scope, closeScope, currentTrace, withScope, withTrace } from "../core/interpreter";
import { Literal, type Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import { flatten } from "../tree/index";
import { unflatten } from "../tree/flatten";
import { type AnyFunction, flattenArgs, flattenResult, leafToTracer, release } from "./arguments";
import { fitTo, sameTree } from "./custom-call";
import { LinearMap, type OwnedFunction, ownedFunction } from "./linearize";
import { ShapeDtypeStruct } from "./make-jaxpr";
import { PartialEvalTrace } from "./partial-eval";
import { releaseCaptured, subFunction } from "./sub-program";

function avalOf(op: string, leaf: unknown): Aval {
  if (leaf instanceof ShapeDtypeStruct) return ShapedArray.of(leaf.shape, leaf.dtype);
  return leafToTracer(op, leaf, () => "a primal").aval;
}

/**
 * The transpose of a linear function: from a cotangent of its result to the list of cotangents of its arguments.
 *
 * `primals` are arrays or `ShapeDtypeStruct`s; only their shapes and dtypes count. `dispose()` of the function that is
 * given frees what f captured.
 * Errors: DifferentiationError where f is not linear; TreeMismatchError, ShapeError, DTypeError if the cotangent does not
 * fit.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.linear_transpose.html
 * @example
 * const transposed = linearTranspose((x) => x.mul(3).sum(), np.zeros([2]));
 * transposed(np.array(1))[0].js(); // => [3, 3]
 * transposed.dispose();
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the primals
export function linearTranspose(f: AnyFunction, ...primals: readonly unknown[]): OwnedFunction<(ct: any) => any> {
  const op = "linearTranspose";
  const [leaves, inTree] = flatten(primals);
  const avals = leaves.map((leaf) => avalOf(op, leaf));
  const owned: Scope = new Set();
  try {
    const trace = new PartialEvalTrace(currentTrace(), owned);
    const unknowns = avals.map((a) => trace.unknown(a));
    const args = unflatten(inTree, unknowns as Tracer[]) as unknown as unknown[];
    const [outs, outTree] = flattenResult(
      op,
      withTrace(trace, () => f(...args) as unknown),
    );
    const outAvals = outs.map((y) => y.aval);
    const { jaxpr, residuals } = trace.build(unknowns, outs);
    const kept = residuals.map((r) => (owned.delete(r) || r instanceof Literal ? r : r.handle()));
    const map = new LinearMap(op, jaxpr, kept);
    const transposed = (ct: unknown): unknown => {
      const [[...cts], tree] = flattenArgs(op, [ct]);
      sameTree(op, "the cotangent", tree.childTreedefs[0]!, outTree);
      const made: Scope = new Set();
      try {
        const fits = withScope(made, () => fitTo(op, "the cotangent", cts, outAvals));
        return unflatten(inTree, map.backward(fits));
      } catch (error) {
        if (!(error instanceof InternalError)) throw error;
        throw new DifferentiationError(`${op}: the function is not linear: ${error.message}`);
      } finally {
        closeScope(made, new Set());
      }
    };
    return ownedFunction(transposed, () => map.dispose());
  } finally {
    closeScope(owned, new Set());
  }
}

/**
 * f as a function without captured values: `[pure, consts]` such that `pure(...args, ...consts)` is `f(...args)`.
 *
 * Rules of `customVjp` and `customJvp` may not differentiate with respect to values that a function argument captured;
 * this makes them arguments. The arrays in `consts` are handles of their own.
 * Differs from JAX: all captured arrays are hoisted, not only those that are being differentiated.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.closure_convert.html
 * @example
 * const w = np.array(3);
 * const [pure, consts] = closureConvert((x) => x.mul(w), np.array(2));
 * pure(np.array(2), ...consts).item(); // => 6
 */
export function closureConvert(f: AnyFunction, ...exampleArgs: readonly unknown[]): [AnyFunction, Tracer[]] {
  const op = "closureConvert";
  const [leaves, inTree] = flatten(exampleArgs);
  const sub = subFunction(
    op,
    f,
    inTree,
    leaves.map((leaf) => avalOf(op, leaf)),
  );
  const consts = release(sub.consts, new Set());
  releaseCaptured(sub);
  const n = exampleArgs.length;
  const pure = (...args: unknown[]): unknown => {
    const [xs, tree] = flattenArgs(op, args.slice(0, n));
    sameTree(op, "the list of arguments", tree, inTree);
    const [cs] = flattenArgs(op, args.slice(n));
    const owned: Scope = new Set();
    const trace = currentTrace();
    // Tracers of a transformation in progress may hold what is made here; it frees it when it ends.
    if (trace.parent !== null) return unflatten(sub.outTree, evalJaxpr(sub.jaxpr, [...cs, ...xs]));
    try {
      return unflatten(
        sub.outTree,
        release(
          withScope(owned, () => evalJaxpr(sub.jaxpr, [...cs, ...xs])),
          owned,
        ),
      );
    } finally {
      closeScope(owned, new Set());
    }
  };
  return [pure, consts];
}
