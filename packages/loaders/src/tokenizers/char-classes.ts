/** Unicode classes of characters, as bits: a table filled page by page, some twenty times faster than regular expressions. */

export const LETTER = 1;
export const NUMBER = 2;
/** White_Space, as in Rust and Oniguruma. JavaScript's \s has U+FEFF besides, and lacks U+0085. */
export const SPACE = 4;
/** Lu, Lt, Lm, Lo, M: may stand in the first part of a word of o200k. */
export const HEAD = 8;
/** Ll, Lm, Lo, M: may stand in the second part. */
export const TAIL = 16;
export const NEWLINE = 32;
/** Characters that are punctuation to BERT: category P, and ASCII symbols. */
export const PUNCTUATION = 64;

const TESTS: readonly (readonly [RegExp, number])[] = [
  [/\p{L}/u, LETTER],
  [/\p{N}/u, NUMBER],
  [/\p{White_Space}/u, SPACE],
  [/[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u, HEAD],
  [/[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u, TAIL],
  [/[\r\n]/u, NEWLINE],
  [/[\p{P}!-/:-@[-`{-~]/u, PUNCTUATION],
];

const pages: (Uint8Array | undefined)[] = /* @__PURE__ */ new Array<Uint8Array | undefined>(0x1100);

function fillPage(page: number): Uint8Array {
  const out = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    const c = String.fromCodePoint(page * 256 + i);
    for (const [pattern, bit] of TESTS) if (pattern.test(c)) out[i]! |= bit;
  }
  pages[page] = out;
  return out;
}

/** Bits of a code point. */
export function classOf(codePoint: number): number {
  return (pages[codePoint >> 8] ?? fillPage(codePoint >> 8))[codePoint & 255]!;
}

/** Bits of the character at `at`; 0 at the end. */
export function classAt(text: string, at: number): number {
  const c = text.charCodeAt(at);
  if (c !== c) return 0;
  return classOf(c >= 0xd800 && c < 0xdc00 ? text.codePointAt(at)! : c);
}

/** UTF-16 units of the character at `at`. */
export function widthAt(text: string, at: number): 1 | 2 {
  const c = text.charCodeAt(at);
  if (c < 0xd800 || c >= 0xdc00) return 1;
  const d = text.charCodeAt(at + 1);
  return d >= 0xdc00 && d < 0xe000 ? 2 : 1;
}

/** End of the run of characters that have one of `bits`. */
export function runOf(text: string, at: number, bits: number): number {
  while (classAt(text, at) & bits) at += widthAt(text, at);
  return at;
}
