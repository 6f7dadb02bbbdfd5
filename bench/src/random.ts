/** Numbers that depend only on a seed and their index, so every process makes the same ones. */

/** A well mixed 32-bit integer. */
export function hash(index: number, seed: number): number {
  let x = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca77);
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Uniform in [-scale, scale). */
export function uniform(n: number, seed: number, scale = 1): Float32Array {
  const factor = (2 * scale) / 2 ** 32;
  return Float32Array.from({ length: n }, (_, i) => hash(i, seed) * factor - scale);
}

/** Whole numbers in [0, limit). */
export function integers(n: number, seed: number, limit: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => hash(i, seed) % limit);
}

/** Places at which results of `n` values are compared: all, or the first, the last and scattered ones. */
export function probes(n: number, count: number): number[] {
  if (n <= count) return Array.from({ length: n }, (_, i) => i);
  return [0, n - 1, ...Array.from({ length: count - 2 }, (_, i) => hash(i, 777) % n)];
}
