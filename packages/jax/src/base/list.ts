/** Small pure functions on lists of numbers; shapes, axes and permutations are made of them. */

/** `[0, 1, ..., n - 1]`, or `[start, ..., stop - 1]`. */
export function range(start: number, stop?: number): number[] {
  const [lo, hi] = stop === undefined ? [0, start] : [start, stop];
  const out: number[] = [];
  for (let i = lo; i < hi; i++) out.push(i);
  return out;
}

/** `xs` itself. Errors: TypeError unless it is a list, or can be gone through as one. */
export function needList<T extends object>(op: string, xs: T): T {
  if (typeof xs === "object" && xs !== null && Symbol.iterator in xs) return xs;
  throw new TypeError(`${op}: expected a list, got ${xs === null ? "null" : typeof xs}`);
}

/** Product of the numbers; 1 for an empty list. */
export function prod(xs: readonly number[]): number {
  let p = 1;
  for (const x of xs) p *= x;
  return p;
}

/** True if both lists have the same elements in the same order. */
export function listsEqual<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The list without the elements at `positions`. */
export function without<T>(xs: readonly T[], positions: readonly number[]): T[] {
  return xs.filter((_, i) => !positions.includes(i));
}

/** A copy with `value` put in before position `at`. */
export function insertAt<T>(xs: readonly T[], at: number, value: T): T[] {
  return [...xs.slice(0, at), value, ...xs.slice(at)];
}

/** The elements at `positions`. */
export function pick<T>(xs: readonly T[], positions: readonly number[]): T[] {
  return positions.map((p) => xs[p]!);
}

/** Row-major strides of a shape, in elements. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return strides;
}

/** The permutation that undoes `perm`. */
export function inversePermutation(perm: readonly number[]): number[] {
  const inv = new Array<number>(perm.length);
  perm.forEach((p, i) => (inv[p] = i));
  return inv;
}

/** True if `perm` holds each of `0 .. n-1` once. */
export function isPermutation(perm: readonly number[], n: number): boolean {
  return perm.length === n && new Set(perm).size === n && perm.every((p) => Number.isInteger(p) && p >= 0 && p < n);
}

/** Splits a list in two at the predicate: `[those for which it holds, the others]`. */
export function partitionList<T>(xs: readonly T[], keep: (x: T, i: number) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  xs.forEach((x, i) => (keep(x, i) ? yes : no).push(x));
  return [yes, no];
}

/** Pairs the elements of two lists of equal length. */
export function zip<A, B>(a: readonly A[], b: readonly B[]): [A, B][] {
  return a.map((x, i) => [x, b[i]!]);
}
