/** Optional arguments by position or by name: `dct(x, 2, 8)` is `dct(x, { type: 2, n: 8 })` and `dct(x, 2, { n: 8 })`. */
import { checkOptionNames } from "../base/option-names";
import { isOptions } from "./options";

/**
 * What was given for `names`, in order, and in options objects. `others` are given by name only. Errors: TypeError for an
 * option of another name.
 */
export function byPosition<O extends object>(
  names: readonly (keyof O & string)[],
  given: readonly unknown[],
  others: readonly (keyof O & string)[] = [],
): O {
  const out: Record<string, unknown> = {};
  for (let i = 0; i < given.length; i++) {
    const value = given[i];
    if (isOptions(value)) {
      checkOptionNames(value, [...names, ...others]);
      Object.assign(out, definedOnly(value));
    } else if (value !== undefined && i < names.length) out[names[i]!] = value;
  }
  return out as O;
}

/** One optional argument, given by position or by its name; `fallback` if it was not given. Errors: TypeError. */
export function named<K extends string, T>(key: K, given: T | Named<K, T> | undefined, fallback: T): T {
  if (isOptions(given)) checkOptionNames(given, [key]);
  const value = isOptions(given) ? (given as Record<string, unknown>)[key] : given;
  return value === undefined ? fallback : (value as T);
}

/** An options object with this key. */
export type Named<K extends string, T> = { readonly [key in K]?: T | undefined };

/** Keys whose value is undefined are as if they had not been given. */
function definedOnly(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined));
}
