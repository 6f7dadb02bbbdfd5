/**
 * Optional parameters: by position, in the order of optax, or by name in one last object, or both.
 * `adam(0.1, { b1: 0.8 })` and `adam(0.1, 0.8)` are the same.
 */
export type Rest<O> = readonly (O | O[keyof O] | undefined)[];

/**
 * Names for what was given; parameters that are undefined are left out, so that defaults apply.
 *
 * Errors: TypeError for unknown names, and for too many arguments.
 */
export function named<O extends object>(
  op: string,
  names: readonly (keyof O & string)[],
  rest: readonly unknown[],
): Partial<{ [K in keyof O]: Exclude<O[K], undefined> }> {
  const out: Record<string, unknown> = {};
  const byName = optionsIn(op, names, rest);
  const positional = byName === null ? rest : rest.slice(0, -1);
  if (positional.length > names.length) {
    throw new TypeError(`${op}: at most ${names.length} optional arguments (${names.join(", ")}), got ${rest.length}`);
  }
  positional.forEach((value, i) => {
    if (value !== undefined) out[names[i]!] = value;
  });
  for (const [name, value] of Object.entries(byName ?? {})) if (value !== undefined) out[name] = value;
  return out as never;
}

type Plain = Record<string, unknown>;

const isPlain = (x: unknown): x is Plain =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

/** Parameters that are trees or tables (masks, vectors to begin with), and objects with methods (transformations, distributions). */
const isValue = (name: string | undefined, x: Plain): boolean =>
  /mask$|numbers|boundaries|v0/i.test(name ?? "") || typeof x.update === "function" || typeof x.sample === "function";

/** The options in the last argument, if it is one of options. */
function optionsIn(op: string, names: readonly string[], rest: readonly unknown[]): Plain | null {
  const last = rest[rest.length - 1];
  if (!isPlain(last)) return null;
  if (isValue(names[rest.length - 1], last) && Object.keys(last).some((key) => !names.includes(key))) return null;
  checkNames(op, names, last);
  return last;
}

/** Errors: TypeError for an option that is none of `names`. */
export function checkNames<O extends object>(op: string, names: readonly (keyof O & string)[], options: O): void {
  for (const key in options) {
    if (names.includes(key)) continue;
    throw new TypeError(`${op}: unknown option ${JSON.stringify(key)}; expected one of ${names.join(", ")}`);
  }
}

/** Errors: TypeError unless all of `names` are given. */
export function needGiven<O extends object>(op: string, options: O, names: readonly (keyof O & string)[]): void {
  for (const name of names) if ((options[name] ?? null) === null) throw new TypeError(`${op}: ${name} must be given`);
}
