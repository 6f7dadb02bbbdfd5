/** Derivatives of roots, by the equation they solve and not by the steps of the solver. */
import { needFunction } from "../transforms/arguments";
import { named } from "../numpy/arguments";
import { isFloat } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { TreeMismatchError } from "../base/errors";
import { range } from "../base/list";
import { currentTrace } from "../core/interpreter";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { neg } from "../ops/arith";
import { zerosLike } from "../ops/broadcast";
import type { AnyFunction } from "../transforms/arguments";
import { applyFlat, flattenTree, sameTree, tangentJaxpr } from "../transforms/custom-call";
import { callWithJvp } from "../transforms/custom-jvp";
import { splitJaxpr } from "../transforms/partial-eval";
import { type SubFunction, releaseCaptured, subFunction } from "../transforms/sub-program";
import { type JsTreeDef, structure, unflatten } from "../tree/index";

/* eslint-disable @typescript-eslint/no-explicit-any -- unknowns are trees of any depth */

export interface CustomRootOptions {
  /** `solve` gives `[solution, aux]`, and so does customRoot; aux has no derivative. */
  readonly hasAux?: boolean;
}

/**
 * A root x of f, `f(x) = 0`, whose derivatives are those of the root.
 *
 * `solve(f, initialGuess)` finds it, by any means; `tangentSolve(g, y)` solves the linear equation `g(x) = y`, where g is
 * f linearized at the root. f may capture traced values: the derivative is with respect to them,
 * `dx = -g⁻¹(∂f)`. The initial guess has none.
 * Gradient: forward mode; reverse mode if tangentSolve can be transposed.
 * Errors: TreeMismatchError, ShapeError, DTypeError if f does not give what it takes.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.custom_root.html
 * @example
 * const sqrtOf = (a) => lax.customRoot((x) => x.mul(x).sub(a), a, () => np.sqrt(a), (g, y) => y.div(g(np.array(1))));
 * grad(sqrtOf)(np.array(4)).item(); // => 0.25
 */
export function customRoot(
  f: AnyFunction,
  initialGuess: any,
  solve: (f: AnyFunction, initialGuess: any) => any,
  tangentSolve: (g: AnyFunction, y: any) => any,
  options: CustomRootOptions = {},
): any {
  const op = "customRoot";
  for (const given of [f, solve, tangentSolve]) needFunction(op, given);
  const hasAux = named("hasAux", options, false);
  if (currentTrace().parent === null) return solve(f, initialGuess);
  const [guess, tree, inTree] = flattenTree(op, initialGuess);
  const avals = guess.map((x) => x.aval);
  const subs: SubFunction[] = [];
  const traced = (fun: AnyFunction, args: JsTreeDef, types: readonly Aval[]): SubFunction => {
    const sub = subFunction(op, fun, args, types);
    subs.push(sub);
    return sub;
  };
  try {
    const eq = traced(f, inTree, avals);
    sameTree(op, "what f gives", eq.outTree, tree);
    const { jaxpr } = eq;
    const n = eq.consts.length;
    const constAvals = eq.consts.map((c) => c.aval);
    const whole = unflatten(tree, range(tree.size));
    const apply = (program: Jaxpr, captured: readonly Tracer[]): AnyFunction =>
      applyFlat(op, program, captured, tree, eq.outTree);
    const find = traced(
      (consts: Tracer[], x0: any) => solve(apply(jaxpr, consts), x0) as unknown,
      structure([range(n), whole]),
      [...constAvals, ...avals],
    );
    const [rootTree] = hasAux ? pairTree(op, find.outTree) : [find.outTree];
    sameTree(op, "the solution", rootTree!, tree);
    // f linearized at the root: what does not depend on the tangent is computed once.
    const slope = tangentJaxpr(jaxpr, [...constAvals.map(() => false), ...avals.map(() => true)]);
    const unknown = slope.inBinders.map((_, i) => i >= n + avals.length);
    const split = splitJaxpr(
      slope,
      unknown,
      slope.outs.map(() => true),
    );
    const tangent = traced(
      (consts: Tracer[], xs: Tracer[], y: any) =>
        tangentSolve(apply(split.unknown, evalJaxpr(split.known, [...consts, ...xs])), y) as unknown,
      structure([range(n), range(avals.length), whole]),
      [...constAvals, ...avals, ...avals],
    );
    sameTree(op, "what tangentSolve gives", tangent.outTree, tree);
    const along = [...constAvals.map((a) => isFloat(a.dtype)), ...avals.map(() => false)];
    const alongConsts = along.includes(true) ? tangentJaxpr(jaxpr, along) : null;
    type Operands = [consts: Tracer[], forSolve: Tracer[], forTangent: Tracer[], guess: Tracer[]];
    const run = (consts: Tracer[], forSolve: Tracer[], _: Tracer[], x0: Tracer[]): Tracer[] =>
      evalJaxpr(find.jaxpr, [...forSolve, ...consts, ...x0]);
    const rule = (operands: Operands, [tangents]: Operands): [Tracer[], Tracer[]] => {
      const [consts, , forTangent] = operands;
      const outs = callWithJvp({ op, name: op, f: run, rule }, operands) as Tracer[];
      const xs = outs.slice(0, avals.length);
      const rhs =
        alongConsts === null
          ? xs.map((x) => zerosLike(x))
          : evalJaxpr(alongConsts, [...consts, ...xs, ...tangents.filter((_t, i) => along[i])]);
      const dx = evalJaxpr(tangent.jaxpr, [...forTangent, ...consts, ...xs, ...rhs]).map(neg);
      return [outs, [...dx, ...outs.slice(avals.length).map((a) => zerosLike(a))]];
    };
    const outs = callWithJvp({ op, name: op, f: run, rule }, [eq.consts, find.consts, tangent.consts, guess]);
    return unflatten(find.outTree, outs as Tracer[]);
  } finally {
    releaseCaptured(...subs);
  }
}

function pairTree(op: string, tree: JsTreeDef): readonly JsTreeDef[] {
  if (tree.nodeType === "Array" && tree.childTreedefs.length === 2) return tree.childTreedefs;
  throw new TreeMismatchError(`${op}: with hasAux, solve must return a list [solution, aux], got ${tree}`);
}
