/** A random order that is computed place by place: no list of indices is made or kept. */

/** What a seed may be: a number, or a key of `random.key`. */
export type Seed = number | ArrayLike<number> | { dataSync(): ArrayLike<number> };

/** Two words of a seed. */
export function seedWords(seed: Seed): [number, number] {
  if (typeof seed === "number") return [Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0];
  const words = "dataSync" in seed ? seed.dataSync() : seed;
  return [(words[0] ?? 0) >>> 0, (words[1] ?? 0) >>> 0];
}

/** 32 bits that all bits of both words reach (the finalizer of murmur3, twice). */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ b;
  for (let round = 0; round < 2; round++) {
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

const ROUNDS = 6;

/**
 * Where place `i` of 0 to n - 1 goes under the permutation of a seed: a Feistel network over the bits of n, walked until
 * it comes back below n.
 */
export function permuted(i: number, n: number, [high, low]: readonly [number, number]): number {
  if (n <= 1) return i;
  const halfBits = Math.max(1, Math.ceil(Math.log2(n) / 2));
  const half = 2 ** halfBits;
  const keys = Array.from({ length: ROUNDS }, (_, round) => mix(high ^ round, low));
  let at = i;
  do {
    let left = Math.floor(at / half);
    let right = at % half;
    for (const key of keys) {
      const next = (left ^ (mix(key, right) % half)) >>> 0;
      left = right;
      right = next;
    }
    at = left * half + right;
  } while (at >= n);
  return at;
}
