/**
 * Matrices made easier before the QR iteration, by similar ones: rows and columns that hold an eigenvalue alone go to the
 * ends, and those between are scaled to like sizes. The order is LAPACK's (gebal), and so is that of eigenvalues.
 * Source: Parlett and Reinsch, "Balancing a matrix for calculation of eigenvalues and eigenvectors" (1969);
 * James, Langou and Lowery, "On matrix balancing and eigenvector computation" (2014).
 */

/** b[i, j] = a[order[i], order[j]]; rows before `low` and from `high` on are triangular. */
export interface Permutation {
  readonly order: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** Brings rows and columns of `a` in place into such an order. */
export function permute(a: Float64Array, n: number): Permutation {
  const order = Array.from({ length: n }, (_, i) => i);
  const exchange = (i: number, j: number): void => {
    if (i === j) return;
    [order[i], order[j]] = [order[j]!, order[i]!];
    for (let k = 0; k < n; k++) [a[k * n + i], a[k * n + j]] = [a[k * n + j]!, a[k * n + i]!];
    for (let k = 0; k < n; k++) [a[i * n + k], a[j * n + k]] = [a[j * n + k]!, a[i * n + k]!];
  };
  let [low, high] = [0, n];
  /** All elements of row i (or column i) in the middle part are 0, but that on the diagonal. */
  const isAlone = (i: number, byRow: boolean): boolean => {
    for (let j = low; j < high; j++) if (j !== i && a[byRow ? i * n + j : j * n + i] !== 0) return false;
    return true;
  };
  for (let again = true; again;) {
    again = false;
    for (let i = high - 1; i >= 0 && high > 0; i--) {
      if (i >= high || !isAlone(i, true)) continue;
      exchange(i, --high);
      again = true;
    }
  }
  for (let again = true; again;) {
    again = false;
    for (let j = low; j < high; j++) {
      if (!isAlone(j, false)) continue;
      exchange(j, low++);
      again = true;
    }
  }
  return { order, low, high };
}

/** In place, `d⁻¹ a d` with powers of 2, so that rows and columns between low and high are about as long; gives d. */
export function scaleRows(a: Float64Array, n: number, { low, high }: Permutation): Float64Array {
  const d = new Float64Array(n).fill(1);
  for (let again = true; again;) {
    again = false;
    for (let i = low; i < high; i++) {
      let [column, row] = [0, 0];
      for (let j = low; j < high; j++) {
        column = Math.hypot(column, a[j * n + i]!);
        row = Math.hypot(row, a[i * n + j]!);
      }
      if (!(column > 0 && row > 0 && Number.isFinite(column + row))) continue;
      const before = column + row;
      let f = 1;
      for (; column < row / 2; f *= 2) [column, row] = [column * 2, row / 2];
      for (; column / 2 >= row; f /= 2) [column, row] = [column / 2, row * 2];
      if (column + row >= 0.95 * before) continue;
      again = true;
      d[i]! *= f;
      for (let j = 0; j < n; j++) a[i * n + j]! /= f;
      for (let j = 0; j < n; j++) a[j * n + i]! *= f;
    }
  }
  return d;
}
