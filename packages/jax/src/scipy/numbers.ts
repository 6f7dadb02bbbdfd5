/** Constants that are computed in JS numbers. */

/** Riemann's zeta function of whole k > 1: a sum, and Euler and Maclaurin's formula for its tail. */
export function zetaNumber(k: number): number {
  const n = 40;
  let sum = n ** (1 - k) / (k - 1) + n ** -k / 2 + (k * n ** (-k - 1)) / 12;
  sum -= (k * (k + 1) * (k + 2) * n ** (-k - 3)) / 720;
  sum += (k * (k + 1) * (k + 2) * (k + 3) * (k + 4) * n ** (-k - 5)) / 30240;
  for (let i = n - 1; i >= 1; i--) sum += i ** -k;
  return sum;
}

/** B_k, with B_1 = -1/2. */
export function bernoulliNumber(k: number): number {
  if (k < 2) return k === 0 ? 1 : -0.5;
  if (k % 2 === 1) return 0;
  // |B_k| = 2 k! zeta(k) / (2 pi)^k
  let size = 2;
  for (let i = 1; i <= k; i++) size *= i / (2 * Math.PI);
  return (k % 4 === 0 ? -1 : 1) * size * zetaNumber(k);
}
