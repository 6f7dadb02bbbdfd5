/** Roots of unity, right to the last bit or two: angles are brought into the first octant exactly. */

/** cos(2 pi j / n) for 0 <= j < n */
export function cosOfTurn(j: number, n: number): number {
  if (2 * j > n) j = n - j;
  const sign = 4 * j > n ? -1 : 1;
  if (4 * j > n) j = n / 2 - j;
  return sign * (8 * j > n ? Math.sin((2 * Math.PI * (n / 4 - j)) / n) : Math.cos((2 * Math.PI * j) / n));
}

/** sin(2 pi j / n) for 0 <= j < n */
export function sinOfTurn(j: number, n: number): number {
  const sign = 2 * j > n ? -1 : 1;
  if (2 * j > n) j = n - j;
  if (4 * j > n) j = n / 2 - j;
  return sign * (8 * j > n ? Math.cos((2 * Math.PI * (n / 4 - j)) / n) : Math.sin((2 * Math.PI * j) / n));
}
