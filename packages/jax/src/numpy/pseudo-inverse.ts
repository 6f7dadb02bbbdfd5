/** Pseudo-inverses and least squares. */
import { checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { currentTrace } from "../core/interpreter";
import type { Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { callWithJvp } from "../transforms/custom-jvp";
import { multiply } from "./arithmetic";
import { finfo } from "./dtypes";
import { type ArrayLike, broadcastArray, constantLike, inexact, promoteInexactDTypes } from "./lift";
import { svd } from "./linalg";
import { matmul } from "./linear";
import { isOptions } from "./options";
import { owned } from "./owned";
import { max } from "./reductions";
import { expandDims, matrixTranspose } from "./shape";

export interface PinvOptions {
  /** Singular values below this times the largest count as 0; 10 max(m, n) eps by default. */
  rtol?: ArrayLike | undefined;
  rcond?: ArrayLike | undefined;
}

function bySingularValues(x: Tracer, limit: ArrayLike): Tracer {
  const [u, s, vt] = svd(x, { fullMatrices: false });
  const cutoff = multiply(limit, max(s, -1, { keepdims: true, initial: 0 }));
  const large = ops.gt(s, broadcastArray(cutoff, s.shape));
  const one = constantLike(s, 1);
  const inverse = ops.where(large, ops.div(one, ops.where(large, s, one)), constantLike(s, 0));
  return matmul(matrixTranspose(vt), multiply(expandDims(inverse, -1), matrixTranspose(u)));
}

/** Its derivative needs no singular vectors, which are not unique: Golub and Pereyra (1973). */
function differentiable(x: Tracer, limit: ArrayLike): Tracer {
  const f = (a: Tracer): Tracer => bySingularValues(a, limit);
  if (currentTrace().parent === null) return f(x);
  const rule = ([a]: [Tracer], [da]: [Tracer]): [Tracer, Tracer] => {
    const p = differentiable(a, limit);
    const [pt, dat] = [matrixTranspose(p), matrixTranspose(da)];
    const inside = matmul(matmul(p, da), p);
    // What lies outside the columns, and outside the rows of a.
    const byColumns = matmul(matmul(p, pt), ops.sub(dat, matmul(dat, matmul(a, p))));
    const byRows = matmul(ops.sub(dat, matmul(matmul(p, a), dat)), matmul(pt, p));
    return [p, ops.add(ops.sub(byColumns, inside), byRows)];
  };
  return callWithJvp({ op: "pinv", name: "pinv", f, rule }, [x]) as Tracer;
}

/**
 * Pseudo-inverse by singular values.
 *
 * Shapes: `f32[.., m, n] -> f32[.., n, m]`
 * Gradient: where the rank does not change; also at equal singular values.
 * Errors: ShapeError for fewer than 2 axes.
 * @example
 * np.linalg.pinv(np.array([[2, 0], [0, 4]])).js(); // => [[0.5, 0], [0, 0.25]]
 */
export function pinv(a: ArrayLike, rcond?: ArrayLike | PinvOptions): Tracer {
  const o = (isOptions(rcond) ? rcond : { rcond }) as PinvOptions;
  checkOptions("pinv", o, { rtol: true, rcond: true });
  return owned(() => {
    const x = inexact(a);
    if (x.ndim < 2) throw new ShapeError(`pinv: expected matrices, got ${x.aval}`);
    const [m, n] = x.shape.slice(-2) as [number, number];
    return differentiable(x, o.rtol ?? o.rcond ?? 10 * Math.max(m, n) * finfo(x.dtype).eps);
  });
}

/**
 * Least squares: the x that brings `a x` nearest to b, of those the shortest.
 *
 * Shapes: `f32[m, n] x f32[m, k] -> f32[n, k]`; also with a vector `f32[m]`.
 * Errors: ShapeError for sizes that do not fit.
 * Differs from JAX: gives x only.
 * @example
 * np.linalg.lstsq(np.array([[1], [1]]), np.array([1, 3])).js(); // => [2]
 */
export function lstsq(a: ArrayLike, b: ArrayLike, rcond?: ArrayLike | { rcond?: ArrayLike }): Tracer {
  if (isOptions(rcond)) checkOptions<{ rcond?: ArrayLike }>("lstsq", rcond, { rcond: true });
  return owned(() => {
    const [x, y] = promoteInexactDTypes([a, b]) as [Tracer, Tracer];
    if (x.ndim !== 2 || x.shape[0] !== y.shape[0]) throw new ShapeError(`lstsq: ${x.aval} does not fit ${y.aval}`);
    const limit =
      (isOptions(rcond) ? (rcond as { rcond?: ArrayLike }).rcond : (rcond as ArrayLike)) ??
      finfo(x.dtype).eps * Math.max(...x.shape);
    return matmul(pinv(x, { rtol: limit }), y);
  });
}
