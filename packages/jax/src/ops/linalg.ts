/**
 * Factorizations and triangular solves of matrices in the last two axes. Derivatives: Giles, "An extended collection of
 * matrix derivative results for forward and reverse mode AD" (2008); Walter and Lehmann, "Algorithmic differentiation
 * of linear algebra functions" (2010) for QR.
 */
import { ShapedArray } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { bind, bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import { type Tracer, literal } from "../core/tracer";
import { add, addTangents, mul, neg, sub } from "./arith";
import { fullLike } from "./broadcast";
import { batchMatmul } from "./dot";
import { gather } from "./gather";
import { adjoint, columns, diagonal, eyeLike, lower, rows, safeReciprocal, upper } from "./matrix";
import { pad, slice } from "./slice";
import { reshape } from "./reshape";
import { type RoutineParams, matrixSizes, routineRecord, squareSizes } from "./routine";
import { range } from "../base/list";

const half = (x: Tracer): Tracer => mul(x, fullLike(x, 0.5));

export const cholesky_p: Primitive<RoutineParams, 1> = /* @__PURE__ */ routineRecord<RoutineParams, 1>({
  name: "cholesky",
  routine: "cholesky",
  type([x]) {
    squareSizes("cholesky", x);
    return [x];
  },
  derivative: {
    kind: "jvp",
    jvp([x], [dx]) {
      const l = bind1(cholesky_p, [x], {});
      const inner = triangularSolve(l, adjoint(triangularSolve(l, adjoint(dx!), { lower: true })), { lower: true });
      const phi = sub(lower(inner), half(mul(inner, eyeLike(inner))));
      return [[l], [batchMatmul(l, phi)]];
    },
  },
});

/**
 * Lower factor l of symmetric positive definite x = l lᵀ, NaN where x is not. Half of x and its transpose is taken, unless
 * x is known to be symmetric.
 */
export function cholesky(x: Tracer, isSymmetric = false): Tracer {
  return bind1(cholesky_p, [isSymmetric ? x : half(add(x, adjoint(x)))], {});
}

export interface TriangularSolveOptions {
  readonly leftSide?: boolean;
  readonly lower?: boolean;
  readonly transposeA?: boolean;
  readonly unitDiagonal?: boolean;
}

interface TriangularParams extends RoutineParams {
  readonly lower: boolean;
  readonly transpose: boolean;
  readonly unit_diagonal: boolean;
}

export const triangular_solve_p: Primitive<TriangularParams, 2> = /* @__PURE__ */ routineRecord<TriangularParams, 2>({
  name: "triangular_solve",
  routine: "triangular_solve",
  type([a, b]) {
    const [lead, n] = squareSizes("triangular_solve", a);
    const [leadB, m] = matrixSizes("triangular_solve", b);
    if (m !== n || lead.join() !== leadB.join()) throw new ShapeError(`triangular_solve: ${a} does not fit ${b}`);
    if (a.dtype !== b.dtype) throw new DTypeError(`triangular_solve: dtypes must be equal, got ${a} and ${b}`);
    return [b];
  },
  derivative: {
    kind: "jvp",
    jvp([a, b], [da, db], params) {
      const x = bind1(triangular_solve_p, [a, b], params);
      const fromB = db === null ? null : bind1(triangular_solve_p, [a, db], params);
      if (da === null) return [[x], [fromB]];
      const strict = params.unit_diagonal;
      const part = params.lower ? lower(da, strict ? -1 : 0) : upper(da, strict ? 1 : 0);
      const moved = batchMatmul(params.transpose ? adjoint(part) : part, x);
      return [[x], [addTangents(fromB, neg(bind1(triangular_solve_p, [a, moved], params)))]];
    },
    transpose: ([ct], [a], _avals, params) => [
      null,
      bind1(triangular_solve_p, [a!, ct!], { ...params, transpose: !params.transpose }),
    ],
  },
});

/** x with `a x = b` (or `x a = b`, or with aᵀ) for a triangular a; the other triangle is not read. */
export function triangularSolve(
  a: Tracer,
  b: Tracer,
  { leftSide = true, lower: isLower = false, transposeA = false, unitDiagonal = false }: TriangularSolveOptions = {},
): Tracer {
  const solve = (rhs: Tracer, transpose: boolean): Tracer =>
    bind1(triangular_solve_p, [a, rhs], { lower: isLower, transpose, unit_diagonal: unitDiagonal });
  return leftSide ? solve(b, transposeA) : adjoint(solve(adjoint(b), !transposeA));
}

export const lu_p: Primitive<RoutineParams, 1> = /* @__PURE__ */ routineRecord<RoutineParams, 1>({
  name: "lu",
  routine: "lu",
  type([x]) {
    const [lead, m, n] = matrixSizes("lu", x);
    return [x, ShapedArray.of([...lead, Math.min(m, n)], "int32"), ShapedArray.of([...lead, m], "int32")];
  },
  derivative: {
    kind: "jvp",
    jvp([x], [dx]) {
      const [factors, pivots, permutation] = lu(x) as [Tracer, Tracer, Tracer];
      const [, m, n] = matrixSizes("lu", x.aval);
      const k = Math.min(m, n);
      const zeros = x.shape.map(() => 0);
      const crop = (r: number, c: number): Tracer => slice(factors, zeros, [...x.shape.slice(0, -2), r, c]);
      const grow = (y: Tracer, r: number, c: number): Tracer =>
        pad(
          y,
          literal(0, y.dtype),
          zeros,
          y.shape.map((s, i) => (i === y.ndim - 2 ? r - s : i === y.ndim - 1 ? c - s : 0)),
        );
      const l0 = grow(lower(crop(m, k), -1), m, m);
      const l = add(l0, eyeLike(l0));
      const u0 = grow(upper(crop(k, n)), n, n);
      // Ones on the part of the diagonal that is only padding.
      const padding = sub(eyeLike(u0), grow(eyeLike(crop(k, k)), n, n));
      const u = add(u0, padding);
      const rowsOf = permuteRows(dx!, permutation);
      const la = triangularSolve(l, rowsOf, { lower: true, unitDiagonal: true });
      const lau = triangularSolve(u, la, { leftSide: false });
      const dFactors = add(batchMatmul(l, lower(lau, -1)), batchMatmul(upper(lau), u));
      return [
        [factors, pivots, permutation],
        [dFactors, null, null],
      ];
    },
  },
});

function permuteRows(x: Tracer, permutation: Tracer): Tracer {
  if (x.size === 0) return x;
  const n = x.ndim;
  const lead = range(n - 2);
  const dims = {
    offsetDims: [n - 1],
    collapsedSliceDims: [n - 2],
    startIndexMap: [n - 2],
    operandBatchingDims: lead,
    startIndicesBatchingDims: lead,
  };
  const sizes = x.shape.map((s, i) => (i === n - 1 ? s : 1));
  return gather(x, reshape(permutation, [...permutation.shape, 1]), dims, sizes, "promise_in_bounds");
}

/** LU with partial pivoting: `[factors, pivots, permutation]`; x[permutation] = l u, l with ones on its diagonal. */
export function lu(x: Tracer): Tracer[] {
  return bind(lu_p, [x], {});
}

interface FullParams extends RoutineParams {
  readonly full: boolean;
}

export const qr_p: Primitive<FullParams, 1> = /* @__PURE__ */ routineRecord<FullParams, 1>({
  name: "qr",
  routine: "qr",
  type([x], { full }) {
    const [lead, m, n] = matrixSizes("qr", x);
    const k = full ? m : Math.min(m, n);
    return [x.withShape([...lead, m, k]), x.withShape([...lead, k, n])];
  },
  derivative: {
    kind: "jvp",
    jvp([x], [dx], { full }) {
      const [q, r] = qr(x, full) as [Tracer, Tracer];
      const [, m, n] = matrixSizes("qr", x.aval);
      if (m < n || (full && m !== n)) {
        throw new ShapeError(
          `qr: the derivative is known for at least as many rows as columns, and reduced factors, got ${x.aval}`,
        );
      }
      const dxr = triangularSolve(r, dx!, { leftSide: false });
      const qdxr = batchMatmul(adjoint(q), dxr);
      const strict = lower(qdxr, -1);
      const skew = sub(strict, adjoint(strict));
      const dq = add(batchMatmul(q, sub(skew, qdxr)), dxr);
      const dr = batchMatmul(sub(qdxr, skew), r);
      return [
        [q, r],
        [dq, dr],
      ];
    },
  },
});

/** `[q, r]` with q orthonormal and r upper triangular; q is square if `full`. */
export function qr(x: Tracer, full = false): Tracer[] {
  return bind(qr_p, [x], { full });
}

export const eigh_p: Primitive<RoutineParams, 1> = /* @__PURE__ */ routineRecord<RoutineParams, 1>({
  name: "eigh",
  routine: "eigh",
  type([x]) {
    const [lead, n] = squareSizes("eigh", x);
    return [x.withShape([...lead, n]), x];
  },
  derivative: {
    kind: "jvp",
    jvp([x], [dx]) {
      const [w, v] = bind(eigh_p, [x], {}) as [Tracer, Tracer];
      const inner = batchMatmul(adjoint(v), batchMatmul(dx!, v));
      const gaps = sub(rows(w, x.shape), columns(w, x.shape));
      // Vectors of equal eigenvalues are not unique: within their space they stay.
      return [
        [w, v],
        [diagonal(inner), batchMatmul(v, mul(safeReciprocal(gaps), inner))],
      ];
    },
  },
});

/** Eigenvalues (ascending) and eigenvectors (columns) of symmetric matrices; x is symmetrized first. */
export function eigh(x: Tracer): Tracer[] {
  return bind(eigh_p, [half(add(x, adjoint(x)))], {});
}

export const svd_p: Primitive<FullParams, 1> = /* @__PURE__ */ routineRecord<FullParams, 1>({
  name: "svd",
  routine: "svd",
  type([x], { full }) {
    const [lead, m, n] = matrixSizes("svd", x);
    const k = Math.min(m, n);
    return [
      x.withShape([...lead, m, full ? m : k]),
      x.withShape([...lead, k]),
      x.withShape([...lead, full ? n : k, n]),
    ];
  },
  derivative: {
    kind: "jvp",
    jvp([x], [dx], { full }) {
      const [u, s, vt] = svd(x, full) as [Tracer, Tracer, Tracer];
      const [, m, n] = matrixSizes("svd", x.aval);
      if (full && m !== n)
        throw new ShapeError(
          `svd: the derivative of full matrices is not known for ${x.aval}; use fullMatrices: false`,
        );
      const v = adjoint(vt);
      const ds = batchMatmul(batchMatmul(adjoint(u), dx!), v);
      const [byRow, byColumn] = [columns(s, ds.shape), rows(s, ds.shape)];
      const gaps = mul(add(byColumn, byRow), sub(byColumn, byRow));
      // Vectors of equal singular values are not unique: within their space they stay.
      const weights = safeReciprocal(gaps);
      const [right, left] = [mul(byColumn, ds), mul(byRow, ds)];
      const inverse = mul(eyeLike(ds), rows(safeReciprocal(s), ds.shape));
      const skew = mul(half(sub(ds, adjoint(ds))), inverse);
      let du = batchMatmul(u, add(mul(weights, add(right, adjoint(right))), skew));
      let dv = batchMatmul(v, mul(weights, add(left, adjoint(left))));
      const outside = (t: Tracer, basis: Tracer): Tracer =>
        mul(sub(t, batchMatmul(basis, batchMatmul(adjoint(basis), t))), rows(safeReciprocal(s), t.shape));
      if (m > n) du = add(du, outside(batchMatmul(dx!, v), u));
      if (n > m) dv = add(dv, outside(batchMatmul(adjoint(dx!), u), v));
      return [
        [u, s, vt],
        [du, diagonal(ds), adjoint(dv)],
      ];
    },
  },
});

/** `[u, s, vt]` with x = u diag(s) vt, s descending; u and vt are square if `full`. */
export function svd(x: Tracer, full = false): Tracer[] {
  return bind(svd_p, [x], { full });
}

interface FftParams extends RoutineParams {
  readonly inverse: boolean;
}

export const fft_p: Primitive<FftParams, 2> = /* @__PURE__ */ routineRecord<FftParams, 2>({
  name: "fft",
  routine: "fft",
  type([re, im]) {
    if (re.ndim === 0 || re.shape.join() !== im.shape.join() || re.dtype !== im.dtype) {
      throw new ShapeError(`fft: expected real and imaginary parts of one shape and dtype, got ${re} and ${im}`);
    }
    return [re, im];
  },
  derivative: { kind: "linear", transpose: ([re, im], _xs, { inverse }) => fft(re!, im!, !inverse) },
});

/** Discrete Fourier transform along the last axis, of real and imaginary parts, not normalised. */
export function fft(re: Tracer, im: Tracer, inverse = false): Tracer[] {
  return bind(fft_p, [re, im], { inverse });
}
