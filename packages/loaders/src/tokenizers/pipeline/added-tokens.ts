/** Tokens that are found in the text before anything else happens to it. */
import { escapePattern } from "../patterns";
import { type Config } from "./config";
import type { Normalizer } from "./normalizers";
import { WORD_CHARACTER } from "./pre-tokenizers";

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

export function readAddedTokens(config: Config): AddedToken[] {
  if (config.raw("added_tokens") === null) return [];
  return config
    .objects("added_tokens")
    .map((token) => ({
      id: token.integer("id", undefined, 2 ** 22),
      content: token.string("content"),
      singleWord: token.boolean("single_word", false),
      lstrip: token.boolean("lstrip", false),
      rstrip: token.boolean("rstrip", false),
      normalized: token.boolean("normalized", !token.boolean("special", false)),
      special: token.boolean("special", false),
    }))
    .filter((token) => token.content !== "");
}

/** A stretch of text, or a token that was found. */
export type Segment = { text: string; begin: number } | { id: number };

/** Cuts a text at tokens: the leftmost first, of those that begin together the longest. */
export type TokenFinder = (text: string) => Segment[];

function finderOf(tokens: readonly AddedToken[], contentOf: (token: AddedToken) => string): TokenFinder {
  const byContent = new Map(tokens.map((token) => [contentOf(token), token]));
  byContent.delete("");
  if (byContent.size === 0) return (text) => (text === "" ? [] : [{ text, begin: 0 }]);
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapePattern).join("|"), "gu");
  return (text) => {
    const out: Segment[] = [];
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0])!;
      let begin = match.index;
      let end = begin + match[0].length;
      if (begin < at) continue;
      if (token.singleWord && (endsWithWord(text.slice(0, begin)) || startsWithWord(text.slice(end)))) continue;
      if (token.lstrip) while (begin > at && isSpace(text[begin - 1]!)) begin--;
      if (token.rstrip) while (end < text.length && isSpace(text[end]!)) end++;
      if (begin > at) out.push({ text: text.slice(at, begin), begin: at });
      out.push({ id: token.id });
      at = end;
    }
    if (at < text.length) out.push({ text: text.slice(at), begin: at });
    return out;
  };
}

const isSpace = (c: string) => /\p{White_Space}/u.test(c);
const endsWithWord = (text: string) => WORD_CHARACTER.test([...text.slice(-2)].at(-1) ?? "");
const startsWithWord = (text: string) => WORD_CHARACTER.test([...text.slice(0, 2)][0] ?? "");

/** Finders for the text as it is, and for the normalized text. */
export function findersOf(
  tokens: readonly AddedToken[],
  normalize: Normalizer,
): { raw: TokenFinder; normalized: TokenFinder } {
  return {
    raw: finderOf(
      tokens.filter((token) => !token.normalized),
      (token) => token.content,
    ),
    normalized: finderOf(
      tokens.filter((token) => token.normalized),
      (token) => normalize(token.content),
    ),
  };
}
