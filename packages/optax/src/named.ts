/**
 * Optional parameters: by position, in the order of optax, or by name in one last object, or both.
 * `adam(0.1, { b1: 0.8 })` and `adam(0.1, 0.8)` are the same.
 */
export type Rest<O> = readonly (O | O[keyof O] | undefined)[];

/** Names for what was given; parameters that are undefined are left out, so that defaults apply. */
export function named<O extends object>(
  op: string,
  names: readonly (keyof O & string)[],
  rest: readonly unknown[],
): Partial<{ [K in keyof O]: Exclude<O[K], undefined> }> {
  const out: Record<string, unknown> = {};
  const last = rest[rest.length - 1];
  const byName = isOptions(last, names) ? last : {};
  const positional = byName === last ? rest.slice(0, -1) : rest;
  if (positional.length > names.length) {
    throw new TypeError(`${op}: at most ${names.length} optional arguments (${names.join(", ")}), got ${rest.length}`);
  }
  positional.forEach((value, i) => {
    if (value !== undefined) out[names[i]!] = value;
  });
  for (const [name, value] of Object.entries(byName)) if (value !== undefined) out[name] = value;
  return out as never;
}

/** A plain object is one of options if it has only their names; otherwise it is a tree (a mask). */
function isOptions(x: unknown, names: readonly string[]): x is Record<string, unknown> {
  if (typeof x !== "object" || x === null || Object.getPrototypeOf(x) !== Object.prototype) return false;
  return Object.keys(x).every((key) => names.includes(key));
}
