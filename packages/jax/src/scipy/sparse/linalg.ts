/** Linear equations solved by applying the operator to vectors, which may be trees of arrays. */
import { ShapeError } from "../../base/errors";
import { checkOptionNames } from "../../base/option-names";
import { Tracer } from "../../core/tracer";
import { customLinearSolve } from "../../lax/linear-solve";
import { ravelPytree } from "../../lax/ravel-pytree";
import { type ArrayLike, convert, inexact } from "../../numpy/lift";
import { matmul } from "../../numpy/linear";
import { isOptions } from "../../numpy/options";
import { owned } from "../../numpy/owned";
import * as ops from "../../ops/index";
import { flattenArgs } from "../../transforms/arguments";
import { map } from "../../tree/index";
import { type Apply, type Setting, biconjugateGradients, conjugateGradients, norm, scalar } from "./gradients";
import { leastResiduals } from "./residuals";

/* eslint-disable @typescript-eslint/no-explicit-any -- unknowns are trees of any depth */

/** A function of a tree like b that gives one, or a square matrix. */
export type LinearOperator = ((x: any) => any) | Tracer;

export interface SolverOptions {
  /** Where to begin, a tree like b; zeros by default. */
  x0?: any;
  /** It ends where the norm of the residual is at most `max(tol * norm(b), atol)`; 1e-5 and 0 by default. */
  tol?: number | undefined;
  atol?: number | undefined;
  /** Iterations, of gmres restarts; 10 for each unknown by default. */
  maxiter?: number | null | undefined;
  /** About the inverse of A. */
  M?: LinearOperator | null | undefined;
}

export interface GmresOptions extends SolverOptions {
  /** Steps after which it begins again with what it has; 20 by default, and at most one for each unknown. */
  restart?: number | undefined;
  /** Taken for JAX's sake: all steps of a restart are done. */
  solveMethod?: "batched" | "incremental" | undefined;
}

/** Third and fourth argument: x0 and options, or one of them. */
type Rest = readonly any[];

const NAMES = ["x0", "tol", "atol", "maxiter", "M"];
const GMRES_NAMES = [...NAMES, "restart", "solveMethod"];

/** The operator on flat vectors. */
function applied(op: string, name: string, f: LinearOperator, unravel: (v: Tracer) => unknown): Apply {
  if (f instanceof Tracer && (f.ndim !== 2 || f.shape[0] !== f.shape[1])) {
    throw new ShapeError(`${op}: ${name} must be a function or a square matrix, got ${f.aval}`);
  }
  return (v) => {
    const tree = unravel(v);
    const [out] = ravelPytree<unknown>(typeof f === "function" ? (f(tree) as unknown) : matmul(f, tree as Tracer));
    if (out.size !== v.size) {
      throw new ShapeError(`${op}: ${name} must give a tree like b, of ${v.size} elements; got ${out.size}`);
    }
    return convert(out, v.dtype);
  };
}

const shapesOf = (op: string, tree: unknown): string => {
  const [leaves, def] = flattenArgs(op, [tree]);
  return `${String(def.childTreedefs[0])} of shapes ${leaves.map((x) => `[${x.shape.join(", ")}]`).join(" ")}`;
};

/** What all solvers do: trees to vectors and back, options, and derivatives, which are solutions too. */
function solved(
  op: string,
  A: LinearOperator,
  b: any,
  [first, second]: Rest,
  symmetric: boolean,
  solve: (apply: Apply, b: Tracer, setting: Setting, options: GmresOptions) => Tracer,
): [any, null] {
  const names = op === "gmres" ? GMRES_NAMES : NAMES;
  // A tree may be an object, as options are; a tree like b has the names that b has.
  const isTree = first !== undefined && !(isOptions(first) && !(isOptions(b) && sameKeys(first, b)));
  const options = ((isTree ? second : (first ?? second)) ?? {}) as GmresOptions;
  checkOptionNames(options, names, op);
  const x0: unknown = isTree ? first : options.x0;
  const x = owned((): unknown => {
    const [right, unravel] = ravelPytree<unknown>(map((leaf: ArrayLike) => inexact(leaf), b));
    const isGiven = x0 !== undefined && x0 !== null;
    if (isGiven && shapesOf(op, x0) !== shapesOf(op, b)) {
      throw new ShapeError(`${op}: x0 must be like b, ${shapesOf(op, b)}; got ${shapesOf(op, x0)}`);
    }
    const { tol = 1e-5, atol = 0, maxiter, M } = options;
    const setting: Setting = {
      start: isGiven ? convert(ravelPytree(x0)[0], right.dtype) : ops.full(right.shape, 0, right.dtype),
      precondition: M === undefined || M === null ? (v) => v : applied(op, "M", M, unravel),
      maxiter: maxiter ?? 10 * right.size,
      goal: (r) => ops.max(ops.mul(norm(r), scalar(r, tol)), scalar(r, atol)),
    };
    const one = (apply: Apply, r: Tracer): Tracer => solve(apply, r, setting, options);
    const out = customLinearSolve(applied(op, "A", A, unravel), right, one, {
      transposeSolve: one,
      symmetric,
    }) as Tracer;
    return unravel(out);
  });
  return [x, null];
}

const sameKeys = (x: object, y: object): boolean => Object.keys(x).sort().join() === Object.keys(y).sort().join();

/**
 * The x of `A x = b` for a symmetric positive definite A, by conjugate gradients; and null, as in JAX.
 *
 * b: an array or a tree of arrays, of floats. A: a function of such a tree, or a matrix.
 * Gradient: forward and reverse mode, with respect to b and to what A captures; each is another solution.
 * Errors: ShapeError if A, M or x0 do not fit b; TypeError for options of other names.
 * Source: Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems" (1952);
 * https://docs.jax.dev/en/latest/_autosummary/jax.scipy.sparse.linalg.cg.html
 * @example
 * const [x] = scipy.sparse.linalg.cg((x) => x.mul(np.array([2, 4])), np.array([1, 1]));
 * x.js(); // => [0.5, 0.25]
 */
export function cg(A: LinearOperator, b: any, x0?: any, options?: SolverOptions): [x: any, info: null] {
  return solved("cg", A, b, [x0, options], true, conjugateGradients);
}

/**
 * The x of `A x = b` for any A, by stabilised biconjugate gradients; and null, as in JAX. All else as for `cg`.
 *
 * Source: H. van der Vorst, "Bi-CGSTAB" (SIAM J. Sci. Stat. Comput. 13, 1992);
 * https://docs.jax.dev/en/latest/_autosummary/jax.scipy.sparse.linalg.bicgstab.html
 * @example
 * const [x] = scipy.sparse.linalg.bicgstab(np.array([[2, 1], [0, 4]]), np.array([4, 8]));
 * np.round(x).js(); // => [1, 2]
 */
export function bicgstab(A: LinearOperator, b: any, x0?: any, options?: SolverOptions): [x: any, info: null] {
  return solved("bicgstab", A, b, [x0, options], false, biconjugateGradients);
}

/**
 * The x of `A x = b` for any A, with the least residual after each restart; and null, as in JAX. All else as for `cg`.
 * A restart keeps `restart + 1` vectors of all unknowns.
 *
 * Source: Saad and Schultz, "GMRES" (SIAM J. Sci. Stat. Comput. 7, 1986);
 * https://docs.jax.dev/en/latest/_autosummary/jax.scipy.sparse.linalg.gmres.html
 * @example
 * const [x] = scipy.sparse.linalg.gmres(np.array([[2, 1], [-1, 4]]), np.array([4, 7]));
 * np.round(x).js(); // => [1, 2]
 */
export function gmres(A: LinearOperator, b: any, x0?: any, options?: GmresOptions): [x: any, info: null] {
  return solved("gmres", A, b, [x0, options], false, leastResiduals);
}
