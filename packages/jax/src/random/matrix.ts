/** Random vectors with a covariance, and random orthogonal matrices. */
import type { DType } from "../aval/dtype";
import { broadcastShapes } from "../aval/promote";
import { ShapeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { add, multiply } from "../numpy/arithmetic";
import { sign, sqrt } from "../numpy/elementwise";
import { type ArrayLike, convert, lift } from "../numpy/lift";
import { cholesky, eigh, qr, svd } from "../numpy/linalg";
import { matvec } from "../numpy/linear";
import { diagonal } from "../numpy/matrix";
import { owned } from "../numpy/owned";
import { expandDims, matrixTranspose } from "../numpy/shape";
import {
  type SampleOptions,
  type ShapeArg,
  floatDType,
  liftKey,
  paramShape,
  sampleOptions,
  sampleShape,
} from "./arguments";
import { normalOf } from "./normal";

export interface MultivariateNormalOptions extends SampleOptions {
  /** How the covariance is factored; "cholesky" by default. */
  method?: "cholesky" | "eigh" | "svd" | undefined;
}

/**
 * Vectors of the normal distribution with a mean and a covariance.
 *
 * Shapes: `u32[2] x [..., n] x [..., n, n] -> f32[...shape, n]`; shape is that of the leading axes by default.
 * Gradient: with respect to mean and cov. Errors: ShapeError. NaN where cov is not positive definite.
 * @example
 * random.multivariateNormal(random.key(0), np.zeros([2]), np.eye(2), [3]).shape; // => [3, 2]
 */
export function multivariateNormal(
  key: ArrayLike,
  mean: ArrayLike,
  cov: ArrayLike,
  shape?: ShapeArg<MultivariateNormalOptions>,
  options?: MultivariateNormalOptions | DType | null,
  method?: MultivariateNormalOptions["method"],
): Tracer {
  const o = { method, ...sampleOptions(shape, options) };
  const dtype = floatDType("multivariateNormal", o.dtype);
  return owned(() => {
    const keys = liftKey("multivariateNormal", key);
    const [m, c] = [convert(lift(mean), dtype), convert(lift(cov), dtype)];
    const n = m.shape[m.ndim - 1];
    if (n === undefined || c.ndim < 2 || c.shape[c.ndim - 1] !== n || c.shape[c.ndim - 2] !== n) {
      throw new ShapeError(
        `multivariateNormal: expected a mean [..., n] and a covariance [..., n, n], got ${m.aval} and ${c.aval}`,
      );
    }
    const common = broadcastShapes("multivariateNormal", m.shape.slice(0, -1), c.shape.slice(0, -2));
    const size = o.shape === undefined ? common : sampleShape("multivariateNormal", o.shape);
    if (broadcastShapes("multivariateNormal", size, common).length !== size.length)
      paramShape("multivariateNormal", size, [m]);
    const z = normalOf(keys, [...size, n], dtype);
    return add(m, matvec(factor(c, o.method ?? "cholesky"), z));
  });
}

/** A matrix whose product with its transpose is the covariance. */
function factor(cov: Tracer, method: "cholesky" | "eigh" | "svd"): Tracer {
  if (method === "cholesky") return cholesky(cov);
  if (method === "svd") {
    const [u, s] = svd(cov);
    return multiply(u, expandDims(sqrt(s), -2));
  }
  const [w, v] = eigh(cov);
  return multiply(v, expandDims(sqrt(w), -2));
}

export interface OrthogonalOptions extends SampleOptions {
  /** Columns, if not as many as rows. */
  m?: number | undefined;
}

/**
 * Orthogonal matrices distributed uniformly, n x m: rows or columns, whichever are fewer, are orthonormal.
 *
 * Shapes: `u32[2] -> f32[...shape, n, m]`.
 * Source: Mezzadri, "How to generate random matrices from the classical compact groups" (2007).
 * @example
 * np.abs(random.orthogonal(random.key(0), 1)).js(); // => [[1]]
 */
export function orthogonal(
  key: ArrayLike,
  n: number,
  shape?: ShapeArg<OrthogonalOptions>,
  options?: OrthogonalOptions | DType,
): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = floatDType("orthogonal", o.dtype);
  const m = o.m ?? n;
  return owned(() => {
    const keys = liftKey("orthogonal", key);
    const size = sampleShape("orthogonal", o.shape);
    const z = normalOf(keys, [...size, Math.max(n, m), Math.min(n, m)], dtype);
    const [q, r] = qr(z);
    const x = multiply(q, expandDims(sign(diagonal(r, 0, -2, -1)), -2));
    return n < m ? matrixTranspose(x) : x;
  });
}
