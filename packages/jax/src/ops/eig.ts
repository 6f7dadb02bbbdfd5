/** Schur forms and eigenvalues of matrices that need not be symmetric. Complex results are pairs of arrays. */
import { DifferentiationError } from "../base/errors";
import { bind } from "../core/interpreter";
import type { Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { add, div, mul, sub } from "./arith";
import { fullLike, iota } from "./broadcast";
import { eq } from "./compare";
import { batchMatmul } from "./dot";
import { type RoutineParams, routineRecord, squareSizes } from "./routine";
import { adjoint, columns, diagonal, eyeLike, rows } from "./matrix";
import { argmax, reduceSum } from "./reduce";
import { convertElementType } from "./convert";

export const schur_p: Primitive<RoutineParams, 1> = /* @__PURE__ */ routineRecord<RoutineParams, 1>({
  name: "schur",
  routine: "schur",
  type([x]) {
    squareSizes("schur", x);
    return [x, x];
  },
  derivative: { kind: "refused", because: "the Schur form is not unique; differentiate eigvals, or expm and solve" },
});

/** `[t, z]` with `x = z t zᵀ`, z orthogonal and t upper triangular but for 2 x 2 blocks of complex eigenvalues. */
export function schur(x: Tracer): Tracer[] {
  return bind(schur_p, [x], {});
}

interface EigParams extends RoutineParams {
  /** Which vectors are wanted; all come in any case. */
  readonly left: boolean;
  readonly right: boolean;
  /** Vectors may be differentiated. */
  readonly vectorDerivatives: boolean;
}

/** A complex matrix or vector. */
type Pair = readonly [re: Tracer, im: Tracer];

const product = ([a, b]: Pair, [c, d]: Pair): Pair => [
  sub(batchMatmul(a, c), batchMatmul(b, d)),
  add(batchMatmul(a, d), batchMatmul(b, c)),
];
const times = ([a, b]: Pair, [c, d]: Pair): Pair => [sub(mul(a, c), mul(b, d)), add(mul(a, d), mul(b, c))];
const hermitian = ([a, b]: Pair): Pair => [adjoint(a), sub(fullLike(adjoint(b), 0), adjoint(b))];

/** 1 / x, with 0 for 0. */
function reciprocal([a, b]: Pair): Pair {
  const size = add(mul(a, a), mul(b, b));
  const zero = convertElementType(eq(size, fullLike(size, 0)), size.dtype);
  const inverse = div(sub(fullLike(size, 1), zero), add(size, zero));
  return [mul(a, inverse), sub(fullLike(b, 0), mul(b, inverse))];
}

export const eig_p: Primitive<EigParams, 1> = /* @__PURE__ */ routineRecord<EigParams, 1>({
  name: "eig",
  routine: "eig",
  type([x]) {
    const [lead, n] = squareSizes("eig", x);
    const values = x.withShape([...lead, n]);
    return [values, values, x, x, x, x];
  },
  derivative: {
    kind: "jvp",
    jvp([x], [dx], params) {
      if ((params.left || params.right) && !params.vectorDerivatives) {
        throw new DifferentiationError(
          "eig: eigenvectors have derivatives only where eigenvalues are distinct and no eigenvector has two largest " +
            "elements; say that this is so with lax.linalg.eig(x, { enableEigvecDerivs: true }), or use eigvals",
        );
      }
      const outs = bind(eig_p, [x], params);
      const [wr, wi, lr, li, vr, vi] = outs as [Tracer, Tracer, Tracer, Tracer, Tracer, Tracer];
      const v: Pair = [vr, vi];
      const left = hermitian([lr, li]);
      // Rows of the inverse of v are left eigenvectors, scaled.
      const norms = product(left, v);
      const scale = reciprocal([diagonal(norms[0]), diagonal(norms[1])]);
      const spread = (p: Pair): Pair => [columns(p[0], x.shape), columns(p[1], x.shape)];
      const inverse = times(spread(scale), left);
      const moved = product(inverse, [batchMatmul(dx!, vr), batchMatmul(dx!, vi)]);
      const values: Tangent[] = [diagonal(moved[0]), diagonal(moved[1])];
      if (!params.vectorDerivatives) return [outs, [...values, null, null, null, null]];
      const dRight = vectorTangent(v, moved, [wr, wi], false);
      const dLeft = params.left ? leftTangent([lr, li], v, [wr, wi], dx!) : [null, null];
      return [outs, [...values, ...dLeft, ...dRight]];
    },
  },
});

/** Tangents of eigenvectors v of unit length with real largest elements, from `moved = v⁻¹ da v`. */
function vectorTangent(v: Pair, moved: Pair, [wr, wi]: Pair, conjugate: boolean): Tangent[] {
  const { shape } = v[0];
  const gaps: Pair = [
    sub(rows(wr, shape), columns(wr, shape)),
    conjugate ? sub(columns(wi, shape), rows(wi, shape)) : sub(rows(wi, shape), columns(wi, shape)),
  ];
  const off = sub(fullLike(gaps[0], 1), eyeLike(gaps[0]));
  const weights = reciprocal(gaps).map((g) => mul(g, off)) as unknown as Pair;
  const [dr, di] = product(v, times(weights, moved));
  const [vr, vi] = v;
  const axis = vr.ndim - 2;
  const sum = (x: Tracer): Tracer => reduceSum(x, [axis]);
  const back = (x: Tracer): Tracer => rows(x, shape);
  // Along v itself: the length stays 1, and the largest element real.
  const growth = sum(add(mul(vr, dr), mul(vi, di)));
  const size = add(mul(vr, vr), mul(vi, vi));
  const at = argmax(size, axis);
  const best = convertElementType(eq(iota("int32", shape, axis), back(at)), vr.dtype);
  const turn = div(sum(mul(best, di)), sum(mul(best, vr)));
  return [
    sub(dr, sub(mul(vr, back(growth)), mul(vi, back(turn)))),
    sub(di, add(mul(vi, back(growth)), mul(vr, back(turn)))),
  ];
}

/** Left eigenvectors are right ones of xᵀ for the conjugate eigenvalues. */
function leftTangent(u: Pair, v: Pair, w: Pair, dx: Tracer): Tangent[] {
  const right = hermitian(v);
  const norms = product(right, u);
  const scale = reciprocal([diagonal(norms[0]), diagonal(norms[1])]);
  const { shape } = u[0];
  const inverse = times([columns(scale[0], shape), columns(scale[1], shape)], right);
  const moved = product(inverse, [batchMatmul(adjoint(dx), u[0]), batchMatmul(adjoint(dx), u[1])]);
  return vectorTangent(u, moved, w, true);
}

/**
 * Eigenvalues and eigenvectors, `[wr, wi, left re, left im, right re, right im]`: `x v = v w`, `uᴴ x = w uᴴ`. Vectors have
 * length 1 and a real largest element.
 */
export function eig(x: Tracer, params: EigParams): Tracer[] {
  return bind(eig_p, [x], params);
}
