/** Derivatives of solutions of linear equations, which are solutions too. */
import { DifferentiationError } from "../base/errors";
import { range } from "../base/list";
import { bind, currentTrace } from "../core/interpreter";
import type { BatchDim, Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { lowerJaxpr } from "../jaxpr/lower";
import { byPosition } from "../numpy/arguments";
import { neg, sub } from "../ops/arith";
import { broadcastInDim } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { type AnyFunction, flattenResult } from "../transforms/arguments";
import { applyFlat, fitTo, flattenTree, padded, pair, sameTree, tangentJaxpr } from "../transforms/custom-call";
import { batchJaxpr, memo, reorder, stageClosed, transposeJaxpr } from "../transforms/derived";
import { instantiate } from "../transforms/jvp";
import { splitJaxpr } from "../transforms/partial-eval";
import { type SubFunction, releaseCaptured, subFunction } from "../transforms/sub-program";
import type { TransposeRule } from "../transforms/transpose";
import { structure, unflatten } from "../tree/index";

/* eslint-disable @typescript-eslint/no-explicit-any -- unknowns are trees of any depth */

/** key: the number of captured values. What depends on them alone is computed first, the rest runs backward. */
const transposeMemo = /* @__PURE__ */ memo<Jaxpr>((jaxpr, key) => {
  const nConsts = Number(key);
  const all = jaxpr.outs.map(() => true);
  const isUnknown = jaxpr.inBinders.map((_, i) => i >= nConsts);
  const { known, unknown } = splitJaxpr(jaxpr, isUnknown, all);
  const isKnown = unknown.inBinders.map((_, i) => i < known.outs.length);
  const back = transposeJaxpr(unknown, isKnown, all, true).jaxpr;
  return stageClosed(
    (xs) => evalJaxpr(back, [...evalJaxpr(known, xs.slice(0, nConsts)), ...xs.slice(nConsts)]),
    [...jaxpr.inAvals.slice(0, nConsts), ...jaxpr.outAvals],
  );
});

/** The transpose of a Jaxpr that is linear in all but its first `nConsts` inputs. */
const transposed = (jaxpr: Jaxpr, nConsts: number): Jaxpr => transposeMemo(jaxpr, String(nConsts));

interface LinearSolveParams {
  /** All take [captured values..., vector...]. */
  readonly matvec: Jaxpr;
  /** To [solution..., aux...]. */
  readonly solve: Jaxpr;
  readonly transposeSolve: Jaxpr | null;
  /** Number of captured values; the first `nMatvec` of them are those of matvec. */
  readonly nConsts: number;
  readonly nMatvec: number;
  /** The transpose of matvec is matvec. */
  readonly symmetric: boolean;
}

const linear_solve_p: Primitive<LinearSolveParams> & TransposeRule = {
  name: "linear_solve",
  type: (_xs, { solve }) => solve.outAvals,
  derivative: {
    kind: "jvp",
    jvp(primals, tangents, params) {
      const { matvec, nConsts, nMatvec } = params;
      const outs = bind(linear_solve_p, primals, params);
      const n = primals.length - nConsts;
      const x = outs.slice(0, n);
      const along = tangents.map((t, i) => i < nMatvec && t !== null);
      const db = tangents.slice(nConsts);
      let rhs: Tangent[] = db;
      // A dx = db - dA x
      if (along.includes(true)) {
        const dAx = evalJaxpr(tangentJaxpr(matvec, along), [
          ...primals.slice(0, nConsts),
          ...x,
          ...tangents.filter((_, i) => along[i]).map((t) => t!),
        ]);
        rhs = dAx.map((t, i) => (db[i] === null ? neg(t) : sub(db[i]!, t)));
      }
      if (rhs.every((t) => t === null)) return [outs, []];
      const all = rhs.map((t, i) => instantiate(t, primals[nConsts + i]!.aval));
      return [outs, bind(linear_solve_p, [...primals.slice(0, nConsts), ...all], params).slice(0, n)];
    },
  },
  batch(xs, dims, size, params) {
    const { matvec, solve, transposeSolve, nConsts } = params;
    const consts = dims.slice(0, nConsts).map((d) => d !== null);
    const batched = [...consts, ...dims.slice(nConsts).map(() => true)];
    const operands = xs.map((x, i) => {
      if (dims[i] !== null) return moveaxis(x, dims[i]!, 0);
      return batched[i] ? broadcastInDim(x, [size, ...x.shape], range(1, x.ndim + 1)) : x;
    });
    const all = (jaxpr: Jaxpr): Jaxpr =>
      batchJaxpr(
        jaxpr,
        size,
        batched,
        jaxpr.outs.map(() => true),
      ).jaxpr;
    const outs = bind(linear_solve_p, operands, {
      ...params,
      matvec: all(matvec),
      solve: all(solve),
      transposeSolve: transposeSolve && all(transposeSolve),
    });
    return [outs, outs.map((): BatchDim => 0)];
  },
  lower: (xs, _avals, { solve }) => lowerJaxpr(solve, xs),
  transposeJaxpr(cts: readonly Tangent[], xs, params: LinearSolveParams) {
    const { solve, transposeSolve, nConsts, symmetric } = params;
    if (transposeSolve === null) {
      throw new DifferentiationError(
        "customLinearSolve: reverse mode needs transposeSolve, which solves the transposed equation; pass it, or { symmetric: true }",
      );
    }
    const consts = xs.slice(0, nConsts) as Tracer[];
    const n = xs.length - nConsts;
    const avals = solve.outAvals;
    const ct = range(n).map((i) => instantiate(cts[i]!, avals[i]!));
    const matvec = symmetric ? params.matvec : transposed(params.matvec, nConsts);
    const back = bind(linear_solve_p, [...consts, ...ct], {
      ...params,
      matvec,
      solve: transposeSolve,
      transposeSolve: solve,
    });
    return [...consts.map(() => null), ...back.slice(0, n)];
  },
};

type TransposeSolve = (vecmat: AnyFunction, b: any) => any;

export interface CustomLinearSolveOptions {
  /** matvec is its own transpose: `solve` serves both ways. */
  readonly symmetric?: boolean;
  /** Solves the transposed equation; in place of the positional argument. */
  readonly transposeSolve?: TransposeSolve | null;
  /** `solve` and `transposeSolve` give `[x, aux]`, and so does customLinearSolve; aux has no derivative. */
  readonly hasAux?: boolean;
}

/**
 * The solution x of the linear equation `matvec(x) = b`, whose derivatives are solutions too.
 *
 * `solve(matvec, b)` finds it, by any means; `transposeSolve(vecmat, b)` solves the transposed equation. matvec may
 * capture traced values and is differentiated with respect to them: `A dx = db - dA x`.
 * Gradient: forward mode; reverse mode with transposeSolve or `symmetric`.
 * Errors: TreeMismatchError, ShapeError, DTypeError unless x and matvec(x) are as b; DifferentiationError in reverse mode
 * without transposeSolve.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.custom_linear_solve.html
 * @example
 * const solve = (matvec, b) => b.div(matvec(np.ones([2])));
 * const f = (a) => lax.customLinearSolve((x) => x.mul(a), np.array([1, 2]), solve, solve).sum();
 * grad(f)(np.array([1, 2])).js(); // => [-1, -0.5]
 */
export function customLinearSolve(
  matvec: AnyFunction,
  b: any,
  solve: (matvec: AnyFunction, b: any) => any,
  ...rest: readonly (TransposeSolve | boolean | null | CustomLinearSolveOptions | undefined)[]
): any {
  const names = ["transposeSolve", "symmetric", "hasAux"] as const;
  const { transposeSolve, symmetric = false, hasAux = false } = byPosition<CustomLinearSolveOptions>(names, rest);
  const op = "customLinearSolve";
  if (currentTrace().parent === null) return solve(matvec, b);
  const [bs, tree, args] = flattenTree(op, b);
  const avals = bs.map((x) => x.aval);
  const subs: SubFunction[] = [];
  try {
    const m = subFunction(op, matvec, args, avals);
    subs.push(m);
    sameTree(op, "what matvec gives", m.outTree, tree);
    const n = m.consts.length;
    /** [captured by the solver..., captured by matvec..., vector...], with aux behind the solution. */
    const solver = (how: AnyFunction, apply: Jaxpr): SubFunction => {
      const inTree = structure([range(n), unflatten(tree, range(tree.size))]);
      const run: AnyFunction = (consts: Tracer[], y: any): unknown => {
        const result: unknown = how(applyFlat(op, apply, consts, tree, tree), y);
        const [x, aux] = hasAux ? pair(op, "[x, aux]", result) : [result, null];
        const [xs, xTree] = flattenResult(op, x);
        sameTree(op, "the solution", xTree, tree);
        return [unflatten(tree, fitTo(op, "the solution", xs, avals)), aux];
      };
      const s = subFunction(op, run, inTree, [...m.consts.map((c) => c.aval), ...avals]);
      subs.push(s);
      return s;
    };
    const s = solver(solve, m.jaxpr);
    const t = symmetric ? null : transposeSolve ? solver(transposeSolve, transposed(m.jaxpr, n)) : null;
    const consts = [...m.consts, ...s.consts, ...(t?.consts ?? [])];
    // Every program takes the captured values of all, those of matvec first.
    const common = (sub: SubFunction, before: number): Jaxpr => {
      const [own, count] = [sub.consts.length, sub.jaxpr.inBinders.length];
      const first = sub === m ? sub.jaxpr : reorder(sub.jaxpr, [...range(own, own + n), ...range(own), ...range(own + n, count)], range(sub.jaxpr.outs.length)); // prettier-ignore
      const left = padded(first, n, consts.slice(n, n + before).map((c) => c.aval)); // prettier-ignore
      const after = consts.slice(n + before + (sub === m ? 0 : own)).map((c) => c.aval);
      return padded(left, n + before + (sub === m ? 0 : own), after);
    };
    const solveJaxpr = common(s, 0);
    const outs = bind(linear_solve_p, [...consts, ...bs], {
      matvec: common(m, 0),
      solve: solveJaxpr,
      transposeSolve: symmetric ? solveJaxpr : t && common(t, s.consts.length),
      nConsts: consts.length,
      nMatvec: n,
      symmetric,
    } as LinearSolveParams);
    const [x, aux] = unflatten(s.outTree, outs) as unknown as [unknown, unknown];
    return hasAux ? [x, aux] : x;
  } finally {
    releaseCaptured(...subs);
  }
}
