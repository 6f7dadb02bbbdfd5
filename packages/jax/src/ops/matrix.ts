/** Small words on matrices in the last two axes, for the rules of factorizations. */
import { range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { add, div, mul, sub } from "./arith";
import { broadcastInDim, fullLike, iota, onesLike, zerosLike } from "./broadcast";
import { eq, lt } from "./compare";
import { convertElementType } from "./convert";
import { reduceSum } from "./reduce";
import { where } from "./select";
import { transpose } from "./transpose";

/** Rows and columns exchanged. */
export const adjoint = (x: Tracer): Tracer => transpose(x, [...range(x.ndim - 2), x.ndim - 1, x.ndim - 2]);

const row = (x: Tracer): Tracer => iota("int32", x.shape, x.ndim - 2);
const column = (x: Tracer): Tracer => iota("int32", x.shape, x.ndim - 1);

/** Elements with column > row + k zeroed (k = 0 keeps the diagonal, -1 drops it). */
export function lower(x: Tracer, k: 0 | -1 = 0): Tracer {
  const above = k === 0 ? lt(row(x), column(x)) : lt(row(x), add(column(x), fullLike(column(x), 1)));
  return where(above, zerosLike(x), x);
}

/** Elements under the diagonal zeroed; with k = 1 those on it too. */
export const upper = (x: Tracer, k: 0 | 1 = 0): Tracer => sub(x, lower(x, k === 0 ? -1 : 0));

/** The unit matrix in the shape of x. */
export const eyeLike = (x: Tracer): Tracer => convertElementType(eq(row(x), column(x)), x.dtype);

/** The diagonal of square matrices. */
export const diagonal = (x: Tracer): Tracer => reduceSum(mul(x, eyeLike(x)), [x.ndim - 1]);

/** v[.., n] as the columns of matrices [.., m, n]: each row is v. */
export const rows = (v: Tracer, shape: readonly number[]): Tracer =>
  broadcastInDim(v, shape, [...range(shape.length - 2), shape.length - 1]);

/** v[.., m] as matrices [.., m, n]: each column is v. */
export const columns = (v: Tracer, shape: readonly number[]): Tracer =>
  broadcastInDim(v, shape, range(shape.length - 1));

/** `1 / x`, with 0 where x is 0. */
export function safeReciprocal(x: Tracer): Tracer {
  const zero = eq(x, zerosLike(x));
  return where(zero, zerosLike(x), div(onesLike(x), where(zero, onesLike(x), x)));
}
