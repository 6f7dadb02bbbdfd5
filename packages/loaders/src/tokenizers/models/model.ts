/** What turns a piece of text into tokens. */
export interface Model {
  /** Token strings and their ids. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Tokens of one piece. */
  encode(piece: string): number[];
}

/** The tokens `<0x00>` to `<0xFF>`, or null if the vocabulary lacks one. */
export function byteTokens(vocabulary: ReadonlyMap<string, number>): number[] | null {
  const ids: number[] = [];
  for (let b = 0; b < 256; b++) {
    const id = vocabulary.get(`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
    if (id === undefined) return null;
    ids.push(id);
  }
  return ids;
}
