/** Sylvester's equation. */
import { checkOptions } from "../../base/option-names";
import { broadcastShapes } from "../../aval/promote";
import { ShapeError } from "../../base/errors";
import type { Tracer } from "../../core/tracer";
import { foriLoop } from "../../lax/control";
import { customLinearSolve } from "../../lax/linear-solve";
import type { ComplexPair } from "../../numpy/fft";
import { type ArrayLike, broadcastArray, constantLike, promoteInexactDTypes } from "../../numpy/lift";
import { matmul } from "../../numpy/linear";
import { owned } from "../../numpy/owned";
import { matrixTranspose } from "../../numpy/shape";
import * as ops from "../../ops/index";
import { add, adjoint, choose, complexOf, diagonalOf, product, quotient, spread, subtract } from "./complex-matrix";
import { matrixSizes, squareSize } from "./factor";
import { complexSchur } from "./schur";

export interface SylvesterOptions {
  /** Both are solved by Schur forms. */
  method?: "schur" | "eigen" | undefined;
  /** How near to 0 sums of eigenvalues of A and B may come before the result is NaN; 1e-8 by default. */
  tol?: number | undefined;
}

/** y with `r y + y s = f` for upper triangular r and s: from the last row and the first column on. */
function backSubstitute(r: ComplexPair, s: ComplexPair, f: ComplexPair, sums: ComplexPair): ComplexPair {
  const { shape, ndim } = f.real;
  const [m, n] = shape.slice(-2) as [number, number];
  const [i, j] = [ops.iota("int32", shape, ndim - 2), ops.iota("int32", shape, ndim - 1)];
  const wave = ops.add(ops.sub(constantLike(i, m - 1), i), j);
  // What is not known yet is 0 in y, and does not count.
  const step = (k: Tracer, y: ComplexPair): ComplexPair => {
    const known = add(product(r, y), product(y, s));
    const now = ops.eq(wave, ops.broadcastInDim(k, shape, []));
    return choose(now, quotient(subtract(f, known), sums), y);
  };
  return foriLoop(0, m + n - 1, step, complexOf(constantLike(f.real, 0))) as ComplexPair;
}

/** Source: Bartels and Stewart, "Solution of the matrix equation AX + XB = C" (1972). */
function bartelsStewart(a: Tracer, b: Tracer, c: Tracer, tol: number): Tracer {
  const [[r, u], [s, v]] = [complexSchur(a), complexSchur(b)];
  const f = product(product(adjoint(u), complexOf(c)), v);
  const sums = add(spread(diagonalOf(r), c.shape, false), spread(diagonalOf(s), c.shape, true));
  const x = product(product(u, backSubstitute(r, s, f, sums)), adjoint(v)).real;
  const size = ops.max(ops.abs(sums.real), ops.abs(sums.imag));
  const least = ops.reduceMin(size, [c.ndim - 2, c.ndim - 1]);
  const singular = ops.lt(least, constantLike(least, tol));
  return ops.where(ops.broadcastInDim(singular, c.shape, [...Array(c.ndim - 2).keys()]), constantLike(x, NaN), x);
}

/**
 * The X of `A X + X B = C`.
 *
 * Shapes: `f32[.., m, m] x f32[.., n, n] x f32[.., m, n] -> f32[.., m, n]`
 * Gradient: with respect to A, B and C. Runs on cpu and wasm.
 * Errors: ShapeError for sizes that do not fit. NaN where A and -B have an eigenvalue in common.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.solve_sylvester.html
 * @example
 * scipy.linalg.solveSylvester(np.array([[1]]), np.array([[3]]), np.array([[8]])).js(); // => [[2]]
 */
export function solveSylvester(A: ArrayLike, B: ArrayLike, C: ArrayLike, options: SylvesterOptions = {}): Tracer {
  checkOptions("solveSylvester", options, { method: true, tol: true });
  const op = "solveSylvester";
  const { method = "schur", tol = 1e-8 } = options;
  if (method !== "schur" && method !== "eigen") {
    throw new ShapeError(`${op}: method must be "schur" or "eigen", got ${String(method)}`);
  }
  return owned(() => {
    const [a, b, c] = promoteInexactDTypes([A, B, C]) as [Tracer, Tracer, Tracer];
    const [m, n] = matrixSizes(op, c);
    if (squareSize(op, a) !== m || squareSize(op, b) !== n) {
      throw new ShapeError(`${op}: ${a.aval} and ${b.aval} do not fit ${c.aval}`);
    }
    const lead = broadcastShapes(op, ...[a, b, c].map((x) => x.shape.slice(0, -2)));
    if (m === 0 || n === 0) return ops.full([...lead, m, n], 0, c.dtype);
    const wide = (x: Tracer): Tracer => broadcastArray(x, [...lead, ...x.shape.slice(-2)]);
    const [x, y] = [wide(a), wide(b)];
    return customLinearSolve(
      (z: Tracer) => ops.add(matmul(x, z), matmul(z, y)),
      wide(c),
      (_: unknown, rhs: Tracer) => bartelsStewart(x, y, rhs, tol),
      (_: unknown, rhs: Tracer) => bartelsStewart(matrixTranspose(x), matrixTranspose(y), rhs, tol),
    ) as Tracer;
  });
}
