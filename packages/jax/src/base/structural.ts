/** Equality of plain values: what counts as the same static argument, parameter, or fixed part of a pytree node. */

const isPlain = (x: object): boolean => Object.getPrototypeOf(x) === Object.prototype;

/** True for values that `Object.is` takes for the same, and for lists and plain objects whose parts are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || a === b) return Object.is(a, b);
  if (!Array.isArray(a)) return !Array.isArray(b) && isPlain(a) && isPlain(b) && sameParts(a, b);
  if (!Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
  return true;
}

function sameParts(a: object, b: object): boolean {
  let more = 0;
  for (const key in a) {
    const y = (b as Record<string, unknown>)[key];
    if (!sameValue((a as Record<string, unknown>)[key], y) || (y === undefined && !(key in b))) return false;
    more++;
  }
  for (const _ in b) more--;
  return more === 0;
}

/** A copy of a plain value, which stays as it is when the lists and objects inside are changed; what else there is itself. */
export function copyValue<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyValue) as T;
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyValue(part)])) as T;
}
