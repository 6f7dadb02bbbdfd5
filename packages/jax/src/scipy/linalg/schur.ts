/** Schur forms, real and complex. */
import { named } from "../../numpy/arguments";
import { range } from "../../base/list";
import { ShapeError } from "../../base/errors";
import type { Tracer } from "../../core/tracer";
import { hypot } from "../../numpy/arithmetic";
import { finfo } from "../../numpy/dtypes";
import type { ComplexPair } from "../../numpy/fft";
import { type ArrayLike, broadcastArray, constantLike, inexact, promoteInexactDTypes } from "../../numpy/lift";
import { triu } from "../../numpy/matrix";
import { owned } from "../../numpy/owned";
import * as ops from "../../ops/index";
import { broadcastShapes } from "../../aval/promote";
import { adjoint, complexOf, product } from "./complex-matrix";
import { squareSize } from "./factor";

export interface SchurOptions {
  /** "complex" gives an upper triangular t, and pairs `{ real, imag }`. */
  output?: "real" | "complex" | undefined;
}

/**
 * The Schur form `[t, z]`, `a = z t zᵀ`: z orthogonal, t upper triangular but for a 2 x 2 block for each pair of complex
 * eigenvalues. With "complex" t is triangular and z unitary, as pairs `{ real, imag }`.
 *
 * Shapes: `f32[.., n, n] -> [f32[.., n, n], f32[.., n, n]]`
 * Gradient: none. Runs on cpu and wasm.
 * Errors: ShapeError unless square, or for another output. NaN for matrices that are not finite.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.schur.html
 * @example
 * scipy.linalg.schur(np.array([[1, 2], [0, 3]]))[0].js(); // => [[1, 2], [0, 3]]
 */
export function schur(a: ArrayLike, output: "complex" | { output: "complex" }): [t: ComplexPair, z: ComplexPair];
export function schur(a: ArrayLike, output?: "real" | { output?: "real" }): [t: Tracer, z: Tracer];
export function schur(
  a: ArrayLike,
  output: string | SchurOptions = "real",
): [Tracer, Tracer] | [ComplexPair, ComplexPair] {
  const how = named<"output", string>("output", output, "real");
  if (how !== "real" && how !== "complex") {
    throw new ShapeError(`schur: output must be "real" or "complex", got ${String(how)}`);
  }
  return owned((): [Tracer, Tracer] | [ComplexPair, ComplexPair] => {
    const x = inexact(a);
    squareSize("schur", x);
    if (how === "complex") return complexSchur(x);
    return ops.schur(x) as [Tracer, Tracer];
  });
}

/** Complex Schur form of real matrices. */
export function complexSchur(x: Tracer): [t: ComplexPair, z: ComplexPair] {
  const [t, z] = ops.schur(x) as [Tracer, Tracer];
  return triangular(t, z);
}

/**
 * The complex Schur form of a real one.
 *
 * Shapes: `f32[.., n, n] x f32[.., n, n] -> [f32[.., n, n], f32[.., n, n]]`, real and imaginary parts each.
 * Errors: ShapeError unless square and of one size.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.scipy.linalg.rsf2csf.html
 * @example
 * const [t] = scipy.linalg.rsf2csf(np.array([[0, 1], [-1, 0]]), np.eye(2));
 * t.imag.js(); // => [[1, 0], [0, -1]]
 */
export function rsf2csf(T: ArrayLike, Z: ArrayLike): [t: ComplexPair, z: ComplexPair] {
  return owned(() => {
    const [t, z] = promoteInexactDTypes([T, Z]) as [Tracer, Tracer];
    const n = squareSize("rsf2csf", t);
    if (squareSize("rsf2csf", z) !== n) throw new ShapeError(`rsf2csf: ${t.aval} does not fit ${z.aval}`);
    const shape = broadcastShapes("rsf2csf", t.shape, z.shape);
    return triangular(broadcastArray(t, shape), broadcastArray(z, shape));
  });
}

/** Blocks do not touch each other, so one unitary matrix makes all of them triangular. */
function triangular(t: Tracer, z: Tracer): [ComplexPair, ComplexPair] {
  const n = t.shape[t.ndim - 1]!;
  if (n < 2) return [complexOf(ops.copy(t)), complexOf(ops.copy(z))];
  const q = blockRotations(t, n);
  const turned = product(adjoint(q), product(complexOf(t), q));
  return [{ real: triu(turned.real), imag: triu(turned.imag) }, product(complexOf(z), q)];
}

/** The unitary matrix with a rotation for each 2 x 2 block of t: its first column is the eigenvector of the first eigenvalue. */
function blockRotations(t: Tracer, n: number): ComplexPair {
  const lead = t.shape.slice(0, -2);
  const axis = lead.length;
  // Elements t[k + row, k + column] of each possible block, [.., n - 1].
  const entry = (row: 0 | 1, column: 0 | 1): Tracer => {
    const start = [...lead.map(() => 0), row, column];
    const block = ops.slice(t, start, [...lead, n - 1 + row, n - 1 + column]);
    const i = ops.iota("int32", block.shape, axis);
    const here = ops.eq(i, ops.iota("int32", block.shape, axis + 1));
    return ops.reduceSum(ops.where(here, block, constantLike(block, 0)), [axis + 1]);
  };
  const [a, b, c, d] = [entry(0, 0), entry(0, 1), entry(1, 0), entry(1, 1)];
  const k = (value: number): Tracer => constantLike(a, value);
  const limit = ops.mul(k(finfo(t.dtype).eps), ops.add(ops.abs(a), ops.abs(d)));
  const isBlock = ops.gt(ops.abs(c), limit);
  const half = ops.mul(k(0.5), ops.sub(a, d));
  const disc = ops.add(ops.mul(half, half), ops.mul(b, c));
  const root = ops.sqrt(ops.where(isBlock, ops.abs(disc), k(1)));
  const isReal = ops.ge(disc, k(0));
  // The first eigenvalue less d, and c, are its vector.
  const [re, im] = [ops.add(half, ops.where(isReal, root, k(0))), ops.where(isReal, k(0), root)];
  const low = ops.where(isBlock, c, k(1));
  const norm = hypot(hypot(re, im), low);
  const part = (x: Tracer, otherwise: number): Tracer => ops.where(isBlock, ops.div(x, norm), k(otherwise));
  const [cosRe, cosIm, sin] = [part(re, 1), part(im, 0), part(low, 0)];
  const zero = ops.full([], 0, t.dtype);
  const none = lead.map(() => 0);
  /** v[k] at (k + row, k + column). */
  const place = (v: Tracer, row: 0 | 1, column: 0 | 1): Tracer => {
    const shape = [...lead, n - 1, n - 1];
    const wide = ops.broadcastInDim(v, shape, range(axis + 1));
    const here = ops.eq(ops.iota("int32", shape, axis), ops.iota("int32", shape, axis + 1));
    const square = ops.where(here, wide, constantLike(wide, 0));
    return ops.pad(square, zero, [...none, row, column], [...none, 1 - row, 1 - column]);
  };
  const one = constantLike(cosRe, 1);
  const unit = ops.where(
    ops.eq(ops.iota("int32", t.shape, axis), ops.iota("int32", t.shape, axis + 1)),
    constantLike(t, 1),
    constantLike(t, 0),
  );
  const turn = ops.sub(cosRe, one);
  const diagonal = ops.add(unit, ops.add(place(turn, 0, 0), place(turn, 1, 1)));
  return {
    real: ops.add(diagonal, ops.sub(place(sin, 1, 0), place(sin, 0, 1))),
    imag: ops.sub(place(cosIm, 0, 0), place(cosIm, 1, 1)),
  };
}
