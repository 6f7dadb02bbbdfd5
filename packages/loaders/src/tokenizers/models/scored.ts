/** The models of SentencePiece other than unigram: byte pairs merged by score, whole words, characters. */
import { utf8String } from "../byte-strings";
import { mergePairs } from "../merge";
import type { SentencePieceFile } from "../sentencepiece-file";
import { byteTokens } from "./model";

/** Which pieces text does not become, and which are found in it first. */
export interface PieceRules {
  readonly isHidden: (id: number) => boolean;
  readonly userDefined: RegExp;
}

type Encode = (normalized: string) => number[];

/** What users defined, found in a text before anything else, and the characters between. */
function* symbolsOf(text: string, userDefined: RegExp): Generator<{ symbol: string; isWhole: boolean }> {
  let at = 0;
  for (const match of text.matchAll(userDefined)) {
    for (const symbol of text.slice(at, match.index)) yield { symbol, isWhole: false };
    yield { symbol: match[0], isWhole: true };
    at = match.index + match[0].length;
  }
  for (const symbol of text.slice(at)) yield { symbol, isWhole: false };
}

/** Of a string that is no token: its bytes, or the unknown token. Unknown strings in a row are one token. */
function unknownTokens(
  file: SentencePieceFile,
  vocabulary: ReadonlyMap<string, number>,
): (text: string, out: number[], wasUnknown: boolean) => void {
  const bytes = file.byteFallback ? byteTokens(vocabulary) : null;
  return (text, out, wasUnknown) => {
    if (bytes !== null) for (const b of utf8String(text)) out.push(bytes[b.charCodeAt(0)]!);
    else if (file.unknown >= 0 && !wasUnknown) out.push(file.unknown);
  };
}

const vocabularyOf = (file: SentencePieceFile) => new Map(file.pieces.map(([token], id) => [token, id]));

/** Each part a token, or unknown. */
function tokensOf(file: SentencePieceFile, partsOf: (text: string) => Iterable<string>): Encode {
  const vocabulary = vocabularyOf(file);
  const addUnknown = unknownTokens(file, vocabulary);
  return (text) => {
    const out: number[] = [];
    let wasUnknown = false;
    for (const part of partsOf(text)) {
      const id = vocabulary.get(part) ?? file.unknown;
      if (id === file.unknown) addUnknown(part, out, wasUnknown);
      else out.push(id);
      wasUnknown = id === file.unknown;
    }
    return out;
  };
}

/** A token per character. */
export const charModel = (file: SentencePieceFile, { userDefined }: PieceRules): Encode =>
  tokensOf(file, function* (text) {
    for (const { symbol } of symbolsOf(text, userDefined)) yield symbol;
  });

/** A token per word; words begin, or end, with the mark for spaces. */
export const wordModel = (file: SentencePieceFile): Encode => {
  const words = file.spaceIsSuffix ? /[^▁]*▁|[^▁]+/gu : /▁[^▁]*|[^▁]+/gu;
  return tokensOf(file, (text) => text.match(words) ?? []);
};

/** Merges by score: of all neighbours that make up a token, those whose token scores highest. */
export function scoredBpeModel(file: SentencePieceFile, { isHidden, userDefined }: PieceRules): Encode {
  const vocabulary = vocabularyOf(file);
  const order = file.pieces.map((_, id) => id).sort((a, b) => file.pieces[b]![1] - file.pieces[a]![1] || a - b);
  const rankOf = new Int32Array(order.length);
  order.forEach((id, rank) => {
    rankOf[id] = rank;
  });
  const addUnknown = unknownTokens(file, vocabulary);
  return (text) => {
    // Characters that are no tokens get numbers above all tokens; frozen ones, which merge with nothing, below zero.
    const others: string[] = [];
    const textOf = (id: number) => (id < order.length ? file.pieces[id]![0] : others[id - order.length]!);
    const ids: number[] = [];
    for (const { symbol, isWhole } of symbolsOf(text, userDefined)) {
      const id = vocabulary.get(symbol);
      if (isWhole) ids.push(-1 - id!);
      else ids.push(id === undefined || isHidden(id) ? order.length + others.push(symbol) - 1 : id);
    }
    mergePairs(ids, {
      rank(a, b) {
        if (a < 0 || b < 0) return -1;
        const id = vocabulary.get(textOf(a) + textOf(b));
        return id === undefined || isHidden(id) ? -1 : rankOf[id]!;
      },
      merged: (rank) => order[rank]!,
    });
    const out: number[] = [];
    let wasUnknown = false;
    for (const id of ids) {
      const isUnknown = id >= order.length;
      if (isUnknown) addUnknown(textOf(id), out, wasUnknown);
      else out.push(id < 0 ? -1 - id : id);
      wasUnknown = isUnknown;
    }
    return out;
  };
}
