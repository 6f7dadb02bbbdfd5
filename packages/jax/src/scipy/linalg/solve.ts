/** Linear equations in SciPy's call forms. */
import { broadcastShapes } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import { type Tracer } from "../../core/tracer";
import { luPivotsToPermutation } from "../../lax/householder";
import { cholesky as laxCholesky, lu as laxLu, triangularSolve } from "../../lax/linalg";
import { customLinearSolve } from "../../lax/linear-solve";
import { byPosition, named } from "../../numpy/arguments";
import { gatherAlong } from "../../numpy/gather";
import { type ArrayLike, broadcastArray, inexact, lift, promoteInexactDTypes } from "../../numpy/lift";
import { solve as numpySolve } from "../../numpy/linalg";
import { matmul } from "../../numpy/linear";
import { owned } from "../../numpy/owned";
import { matrixTranspose } from "../../numpy/shape";
import * as ops from "../../ops/index";
import { matrixSizes, squareSize } from "./factor";

/** Runs `f(matrices, columns)` with batches of both broadcast; vectors on the right are columns, and vectors again after it. */
function withColumns(op: string, a: Tracer, b: Tracer, f: (a: Tracer, b: Tracer) => Tracer): Tracer {
  const n = squareSize(op, a);
  const vectors = b.ndim === 1 || b.ndim === a.ndim - 1;
  const columns = vectors ? ops.reshape(b, [...b.shape, 1]) : b;
  const [m, k] = matrixSizes(op, columns);
  if (m !== n) throw new ShapeError(`${op}: ${a.aval} does not fit the right side ${b.aval}`);
  const lead = broadcastShapes(op, a.shape.slice(0, -2), columns.shape.slice(0, -2));
  const out = f(broadcastArray(a, [...lead, n, n]), broadcastArray(columns, [...lead, n, k]));
  return vectors ? ops.reshape(out, out.shape.slice(0, -1)) : out;
}

/** Solves `uᵀ u x = b` with the upper factor, or `l lᵀ x = b` with the lower one. */
function solveFactored(c: Tracer, columns: Tracer, lower: boolean): Tracer {
  const half = triangularSolve(c, columns, { leftSide: true, lower, transposeA: !lower });
  return triangularSolve(c, half, { leftSide: true, lower, transposeA: lower });
}

/**
 * Solves `a x = b` with what `choFactor` gives for a.
 *
 * Shapes: `[f32[.., n, n], lower] x f32[.., n, k] -> f32[.., n, k]`; also with vectors `f32[.., n]`.
 * Errors: ShapeError for sizes that do not fit.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.cho_solve.html
 * @example
 * scipy.linalg.choSolve([np.array([[2, 0], [0, 1]]), false], np.array([8, 3])).js(); // => [2, 3]
 */
export function choSolve(cAndLower: readonly [c: ArrayLike, lower: boolean], b: ArrayLike): Tracer {
  const [c, lower] = cAndLower;
  return owned(() => {
    const [x, y] = promoteInexactDTypes([c, b]) as [Tracer, Tracer];
    return withColumns("choSolve", x, y, (m, columns) => solveFactored(m, columns, lower));
  });
}

/**
 * LU factors in one matrix, l below the diagonal (its ones are not stored) and u above, and for each row the row that
 * it was exchanged with: the form that `luSolve` takes.
 *
 * Shapes: `f32[.., m, n] -> [f32[.., m, n], i32[.., k]]`, k = min(m, n).
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.lu_factor.html
 * @example
 * const factors = scipy.linalg.luFactor(np.array([[0, 1], [2, 0]]));
 * scipy.linalg.luSolve(factors, np.array([3, 4])).js(); // => [2, 3]
 */
export function luFactor(a: ArrayLike): [lu: Tracer, piv: Tracer] {
  return owned((): [Tracer, Tracer] => {
    const [lu, pivots] = laxLu(inexact(a));
    return [lu, pivots];
  });
}

/** 0 or "N": as it is. 1 or "T", 2 or "C": transposed. */
export type Trans = 0 | 1 | 2 | "N" | "T" | "C";

function isTransposed(op: string, trans: Trans): boolean {
  if (trans === 0 || trans === "N") return false;
  if (trans === 1 || trans === "T" || trans === 2 || trans === "C") return true;
  throw new ShapeError(`${op}: trans must be 0, 1 or 2, or "N", "T" or "C", got ${String(trans)}`);
}

/**
 * Solves `a x = b`, or with trans 1 or 2 `aᵀ x = b`, with what `luFactor` gives for a.
 *
 * Shapes: `[f32[.., n, n], i32[.., n]] x f32[.., n, k] -> f32[.., n, k]`; also with vectors `f32[.., n]`.
 * Errors: ShapeError for sizes that do not fit, or another trans.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.lu_solve.html
 * @example
 * const factors = scipy.linalg.luFactor(np.array([[1, 2], [0, 1]]));
 * scipy.linalg.luSolve(factors, np.array([1, 3]), 1).js(); // => [1, 1]
 */
export function luSolve(
  luAndPiv: readonly [lu: ArrayLike, piv: ArrayLike],
  b: ArrayLike,
  trans: Trans | { trans?: Trans } = 0,
): Tracer {
  const transposed = isTransposed("luSolve", named<"trans", Trans>("trans", trans, 0));
  return owned(() => {
    const [lu, y] = promoteInexactDTypes([luAndPiv[0], b]) as [Tracer, Tracer];
    const n = squareSize("luSolve", lu);
    const permutation = luPivotsToPermutation(lift(luAndPiv[1]), n);
    return withColumns("luSolve", lu, y, (m, columns) => {
      const nLead = m.ndim - 2;
      const spread = (rows: Tracer): Tracer => broadcastArray(ops.reshape(rows, [...rows.shape, 1]), columns.shape);
      const rowsAt = (x: Tracer, rows: Tracer): Tracer => gatherAlong(x, spread(rows), nLead, "promise_in_bounds");
      const solve = (rhs: Tracer, lower: boolean): Tracer =>
        triangularSolve(m, rhs, { leftSide: true, lower, unitDiagonal: lower, transposeA: transposed });
      if (!transposed) return solve(solve(rowsAt(columns, permutation), true), false);
      return rowsAt(solve(solve(columns, false), true), inversePermutation(permutation));
    });
  });
}

/** Where each number stands in a permutation. */
function inversePermutation(p: Tracer): Tracer {
  const places = ops.iota("int32", p.shape, p.ndim - 1);
  return ops.sort([p, places], p.ndim - 1)[1]!;
}

export interface SolveOptions {
  /** Which triangle is read for `assumeA: "pos"`. */
  lower?: boolean | undefined;
  /** What is known of a: "gen" nothing (default), "sym", "her" symmetric, "pos" positive definite. */
  assumeA?: "gen" | "sym" | "her" | "pos" | undefined;
}

/**
 * Solves `a x = b`, for positive definite a by Cholesky's factors.
 *
 * Shapes: `f32[.., n, n] x f32[.., n, k] -> f32[.., n, k]`; also with one vector `f32[n]`.
 * Errors: ShapeError for sizes that do not fit, or another `assumeA`. Singular matrices give infinities or NaN.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.solve.html
 * @example
 * scipy.linalg.solve(np.array([[2, 1], [1, 2]]), np.array([3, 3]), { assumeA: "pos" }).js(); // => [1, 1]
 */
export function solve(a: ArrayLike, b: ArrayLike, lower?: boolean | SolveOptions, options: SolveOptions = {}): Tracer {
  const o = byPosition<SolveOptions>(["lower"], [lower, options], ["assumeA"]);
  const known = o.assumeA ?? "gen";
  if (!["gen", "sym", "her", "pos"].includes(known)) {
    throw new ShapeError(`solve: assumeA must be "gen", "sym", "her" or "pos", got ${String(known)}`);
  }
  if (known !== "pos") return numpySolve(a, b);
  return owned(() => {
    const [x, y] = promoteInexactDTypes([a, b]) as [Tracer, Tracer];
    squareSize("solve", x);
    const factor = laxCholesky(o.lower === true ? x : matrixTranspose(x), { symmetrizeInput: false });
    return withColumns("solve", x, y, (m, columns) => {
      const wide = broadcastArray(factor, m.shape);
      const byFactor = (_: unknown, rhs: Tracer): Tracer => solveFactored(wide, rhs, true);
      return customLinearSolve((z: Tracer) => matmul(m, z), columns, byFactor, null, { symmetric: true }) as Tracer;
    });
  });
}

export interface SolveTriangularOptions {
  trans?: Trans | undefined;
  /** Reads the lower triangle, else the upper one. */
  lower?: boolean | undefined;
  /** Takes the diagonal as ones. */
  unitDiagonal?: boolean | undefined;
}

/**
 * Solves `a x = b`, or with trans 1 or 2 `aᵀ x = b`, for triangular a; the other triangle is not read.
 *
 * Shapes: `f32[.., n, n] x f32[.., n, k] -> f32[.., n, k]`; also with vectors `f32[.., n]`.
 * Errors: ShapeError for sizes that do not fit, or another trans.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.solve_triangular.html
 * @example
 * scipy.linalg.solveTriangular(np.array([[2, 0], [1, 1]]), np.array([2, 3]), { lower: true }).js(); // => [1, 2]
 */
export function solveTriangular(
  a: ArrayLike,
  b: ArrayLike,
  trans?: Trans | SolveTriangularOptions,
  lower?: boolean | SolveTriangularOptions,
  unitDiagonal?: boolean,
): Tracer {
  const o = byPosition<SolveTriangularOptions>(["trans", "lower", "unitDiagonal"], [trans, lower, unitDiagonal]);
  const transposeA = isTransposed("solveTriangular", o.trans ?? 0);
  return owned(() => {
    const [x, y] = promoteInexactDTypes([a, b]) as [Tracer, Tracer];
    return withColumns("solveTriangular", x, y, (m, columns) =>
      triangularSolve(m, columns, {
        leftSide: true,
        lower: o.lower ?? false,
        unitDiagonal: o.unitDiagonal ?? false,
        transposeA,
      }),
    );
  });
}
