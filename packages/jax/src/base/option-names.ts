/** Names of options: what is misspelt would be ignored otherwise. */

/** Options of JAX's that change no result here: taken, so that translated code runs. */
const WITHOUT_EFFECT = [
  "precision", "optimize", "outSharding", "indicesAreSorted", "uniqueIndices", "preventCse", "unroll", "inline",
  "keepUnused", "copy", "inplace", "overwriteA", "overwriteB", "overwriteInput", "checkFinite", "hermitian",
  "implementation", "out",
]; // prettier-ignore

/** Throws TypeError for a key that is none of `names`, with the one that was probably meant. */
export function checkOptionNames(options: object, names: readonly string[], op?: string): void {
  for (const name in options) {
    if (names.includes(name) || WITHOUT_EFFECT.includes(name)) continue;
    const plain = name.replaceAll("_", "").toLowerCase();
    const meant = [...names, ...WITHOUT_EFFECT].find((n) => n.toLowerCase() === plain);
    throw new TypeError(
      `${op === undefined ? "" : `${op}: `}unknown option ${JSON.stringify(name)}: ` +
        (meant === undefined ? `expected one of ${names.join(", ")}` : `did you mean ${JSON.stringify(meant)}?`),
    );
  }
}

/** The names of a function's options, complete by their type. */
export type OptionNames<O> = Readonly<Record<keyof O, true>>;

/**
 * Throws TypeError for an option that the function does not have, with the one that was probably meant. What is no plain
 * object, as a dtype in the place of options, is left to others.
 */
export function checkOptions<O extends object>(op: string, options: O | undefined, names: OptionNames<O>): void {
  if (options === undefined || options === null || Object.getPrototypeOf(options) !== Object.prototype) return;
  for (const name in options) if (!(name in names)) return checkOptionNames(options, Object.keys(names), op);
}
