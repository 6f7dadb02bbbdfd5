/** Names of options: what is misspelt would be ignored otherwise. */

/** Throws TypeError for a key that is none of `names`, with the one that was probably meant. */
export function checkOptionNames(options: object, names: readonly string[], op?: string): void {
  for (const name in options) {
    if (names.includes(name)) continue;
    const plain = name.replaceAll("_", "").toLowerCase();
    const meant = names.find((n) => n.toLowerCase() === plain);
    throw new TypeError(
      `${op === undefined ? "" : `${op}: `}unknown option ${JSON.stringify(name)}: ` +
        (meant === undefined ? `expected one of ${names.join(", ")}` : `did you mean ${JSON.stringify(meant)}?`),
    );
  }
}
