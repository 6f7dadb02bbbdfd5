/** Chebyshev series fitted at first use, in float64, to a function that JS computes slowly but exactly. */
import { sizeBytesOf } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { constantLike } from "../numpy/lift";
import * as ops from "../ops/index";

/** Coefficients of a function on [-1, 1], interpolated at the Chebyshev points. */
export type Series = () => readonly number[];

/** The series of f on [low, high], computed once. */
export function chebyshev(f: (x: number) => number, low: number, high: number, degree = 48): Series {
  let known: readonly number[] | null = null;
  return () => (known ??= fit((y) => f(low + ((y + 1) / 2) * (high - low)), degree));
}

/** Four points for each coefficient: the rounding errors of the values average out. */
function fit(f: (y: number) => number, degree: number): number[] {
  const n = 4 * (degree + 1);
  // The angles are brought to one turn while they are whole numbers.
  const cosine = (k: number, i: number): number => Math.cos((((2 * i + 1) * k) % (4 * n)) * (Math.PI / (2 * n)));
  const values = Array.from({ length: n }, (_, i) => f(cosine(1, i)));
  return Array.from({ length: degree + 1 }, (_, k) => {
    const sum = values.reduce((s, v, i) => s + v * cosine(k, i), 0);
    return ((k === 0 ? 1 : 2) * sum) / n;
  });
}

/** The sum of a series at y in [-1, 1] by Clenshaw's recurrence, with as many terms as the dtype can tell. */
export function sumSeries(series: Series, y: Tracer): Tracer {
  const all = series();
  const scale = Math.max(...all.map(Math.abs)) * (sizeBytesOf(y.dtype) === 8 ? 1e-16 : 1e-9);
  let n = all.length;
  while (n > 2 && Math.abs(all[n - 1]!) < scale) n--;
  const twice = ops.add(y, y);
  let [b1, b2] = [constantLike(y, all[n - 1]!), constantLike(y, 0)];
  for (let k = n - 2; k >= 1; k--) [b1, b2] = [ops.add(ops.sub(ops.mul(twice, b1), b2), constantLike(y, all[k]!)), b1];
  return ops.add(ops.sub(ops.mul(y, b1), b2), constantLike(y, all[0]!));
}
