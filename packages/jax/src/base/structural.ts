/** Equality of plain values: what counts as the same static argument, or the same fixed part of a pytree node. */

const isPlain = (x: object): boolean => Array.isArray(x) || Object.getPrototypeOf(x) === Object.prototype;

/** True for values that `Object.is` takes for the same, and for lists and plain objects whose parts are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((k) => k in b && sameValue((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]));
}
