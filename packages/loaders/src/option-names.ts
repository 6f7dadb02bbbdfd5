/** Names of options: what is misspelt would be ignored otherwise. */

/** Every option of a function, by its type. */
export type OptionNames<O> = Readonly<Record<keyof O, true>>;

/** Errors: TypeError for an option that the function does not have. */
export function checkOptions<O extends object>(op: string, options: O, names: OptionNames<O>): void {
  for (const name in options) {
    if (name in names) continue;
    throw new TypeError(
      `${op}: unknown option ${JSON.stringify(name)}; expected one of ${Object.keys(names).join(", ")}`,
    );
  }
}
