/** Complex matrices as pairs of real ones. */
import { range } from "../../base/list";
import type { Tracer } from "../../core/tracer";
import type { ComplexPair } from "../../numpy/fft";
import { constantLike } from "../../numpy/lift";
import { matmul } from "../../numpy/linear";
import { matrixTranspose } from "../../numpy/shape";
import * as ops from "../../ops/index";

export const add = (x: ComplexPair, y: ComplexPair): ComplexPair => ({
  real: ops.add(x.real, y.real),
  imag: ops.add(x.imag, y.imag),
});

export const subtract = (x: ComplexPair, y: ComplexPair): ComplexPair => ({
  real: ops.sub(x.real, y.real),
  imag: ops.sub(x.imag, y.imag),
});

/** The matrix product. */
export const product = (x: ComplexPair, y: ComplexPair): ComplexPair => ({
  real: ops.sub(matmul(x.real, y.real), matmul(x.imag, y.imag)),
  imag: ops.add(matmul(x.real, y.imag), matmul(x.imag, y.real)),
});

/** The conjugate transpose. */
export const adjoint = (x: ComplexPair): ComplexPair => ({
  real: matrixTranspose(x.real),
  imag: ops.neg(matrixTranspose(x.imag)),
});

/** Without imaginary part. */
export const complexOf = (x: Tracer): ComplexPair => ({ real: x, imag: constantLike(x, 0) });

/** Elementwise `x / y`, scaled so that nothing overflows; 0 where x is 0. */
export function quotient(x: ComplexPair, y: ComplexPair): ComplexPair {
  const zero = constantLike(x.real, 0);
  const nothing = ops.and(ops.eq(x.real, zero), ops.eq(x.imag, zero));
  const size = ops.max(ops.abs(y.real), ops.abs(y.imag));
  const [re, im] = [ops.div(y.real, size), ops.div(y.imag, size)];
  const norm = ops.mul(size, ops.add(ops.mul(re, re), ops.mul(im, im)));
  const part = (a: Tracer): Tracer => ops.where(nothing, zero, ops.div(a, norm));
  return {
    real: part(ops.add(ops.mul(x.real, re), ops.mul(x.imag, im))),
    imag: part(ops.sub(ops.mul(x.imag, re), ops.mul(x.real, im))),
  };
}

/** The square root with real part at least 0, elementwise. */
export function squareRoot(x: ComplexPair): ComplexPair {
  const { real: a, imag: b } = x;
  const zero = constantLike(a, 0);
  const [p, q] = [ops.abs(a), ops.abs(b)];
  const size = ops.max(p, q);
  const none = ops.eq(size, zero);
  const safe = ops.where(none, constantLike(a, 1), size);
  const [u, v] = [ops.div(p, safe), ops.div(q, safe)];
  const length = ops.sqrt(ops.add(ops.mul(u, u), ops.mul(v, v)));
  const half = ops.mul(ops.sqrt(safe), ops.sqrt(ops.mul(constantLike(a, 0.5), ops.add(u, length))));
  const other = ops.div(q, ops.add(half, half));
  const right = ops.ge(a, zero);
  const imag = ops.where(right, other, half);
  return {
    real: ops.where(none, zero, ops.where(right, half, other)),
    imag: ops.where(none, zero, ops.where(ops.lt(b, zero), ops.neg(imag), imag)),
  };
}

/** The diagonal of square matrices. */
export function diagonalOf(x: ComplexPair): ComplexPair {
  const { shape, ndim } = x.real;
  const here = ops.eq(ops.iota("int32", shape, ndim - 2), ops.iota("int32", shape, ndim - 1));
  const pick = (a: Tracer): Tracer => ops.reduceSum(ops.where(here, a, constantLike(a, 0)), [ndim - 1]);
  return { real: pick(x.real), imag: pick(x.imag) };
}

/** Vectors as matrices of this shape: equal columns, or with `asRows` equal rows. */
export function spread(v: ComplexPair, shape: readonly number[], asRows: boolean): ComplexPair {
  const n = shape.length;
  const axes = asRows ? [...range(n - 2), n - 1] : range(n - 1);
  const wide = (a: Tracer): Tracer => ops.broadcastInDim(a, shape, axes);
  return { real: wide(v.real), imag: wide(v.imag) };
}

/** x where the condition holds, else y. */
export const choose = (condition: Tracer, x: ComplexPair, y: ComplexPair): ComplexPair => ({
  real: ops.where(condition, x.real, y.real),
  imag: ops.where(condition, x.imag, y.imag),
});

/** Places (i, j) of matrices with `j - i = k`, k an integer scalar. */
export function onDiagonal(shape: readonly number[], k: Tracer): Tracer {
  const n = shape.length;
  const [i, j] = [ops.iota("int32", shape, n - 2), ops.iota("int32", shape, n - 1)];
  return ops.eq(ops.sub(j, i), ops.broadcastInDim(k, shape, []));
}
