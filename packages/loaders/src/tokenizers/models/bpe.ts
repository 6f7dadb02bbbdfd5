/** Byte-pair encoding with a list of merges, as Hugging Face and SentencePiece have it. */
import { quoted } from "../../bytes/quoted";
import { FormatError } from "../../errors";
import { utf8String } from "../byte-strings";
import { PairTable, mergePairs } from "../merge";
import { type Config, readVocabulary } from "../pipeline/config";
import { type Model, byteTokens } from "./model";

export interface BpeOptions {
  readonly unknown?: number | undefined;
  /** Unknown characters in a row are one token. */
  readonly fuseUnknown?: boolean;
  readonly byteFallback?: boolean;
  readonly wordPrefix?: string;
  readonly wordSuffix?: string;
  /** A piece that is a token is that token, whatever merges would make of it. */
  readonly ignoreMerges?: boolean;
}

/** Merges in order of rank: left, right, result. */
export function bpeModel(
  vocabulary: ReadonlyMap<string, number>,
  merges: readonly (readonly [number, number, number])[],
  options: BpeOptions = {},
): Model {
  const pairs = new PairTable(merges.length);
  merges.forEach(([a, b], rank) => {
    if (pairs.get(a, b, -1) < 0) pairs.set(a, b, rank);
  });
  const table = { rank: (a: number, b: number) => pairs.get(a, b, -1), merged: (rank: number) => merges[rank]![2] };
  const bytes = options.byteFallback ? byteTokens(vocabulary) : null;
  const { wordPrefix = "", wordSuffix = "", unknown } = options;

  function symbols(piece: string): number[] {
    const ids: number[] = [];
    let lastUnknown = false;
    for (let at = 0; at < piece.length;) {
      const c = String.fromCodePoint(piece.codePointAt(at)!);
      const isFirst = at === 0;
      at += c.length;
      const symbol = (isFirst ? "" : wordPrefix) + c + (at >= piece.length ? wordSuffix : "");
      const id = vocabulary.get(symbol);
      if (id !== undefined) ids.push(id);
      else if (bytes !== null) for (const b of utf8String(c)) ids.push(bytes[b.charCodeAt(0)]!);
      else if (unknown !== undefined && !(lastUnknown && options.fuseUnknown)) ids.push(unknown);
      lastUnknown = id === undefined && bytes === null;
    }
    return ids;
  }

  return {
    vocabulary,
    encode(piece) {
      const whole = options.ignoreMerges ? vocabulary.get(piece) : undefined;
      if (whole !== undefined) return [whole];
      const ids = symbols(piece);
      mergePairs(ids, table);
      return ids;
    },
  };
}

/** Reads `model` of a tokenizer.json. */
export function readBpe(config: Config): Model {
  const vocabulary = readVocabulary(config);
  const wordPrefix = config.optionalString("continuing_subword_prefix") ?? "";
  const wordSuffix = config.optionalString("end_of_word_suffix") ?? "";
  const fail = (i: number, what: string): never => {
    throw new FormatError("tokenizer.json", `model.merges[${i}]: ${what}`);
  };
  const idOf = (token: string, i: number) => vocabulary.get(token) ?? fail(i, `${quoted(token)} is no token`);
  const merges = config.list("merges").map((merge, i): [number, number, number] => {
    const pair: unknown = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((p) => typeof p === "string")) {
      return fail(i, "it is not a pair of tokens");
    }
    const [a, b] = pair as [string, string];
    return [idOf(a, i), idOf(b, i), idOf(a + (b.startsWith(wordPrefix) ? b.slice(wordPrefix.length) : b), i)];
  });
  if (merges.length >= 2 ** 22) config.fail("merges", "of a length that can be");
  const unknownToken = config.optionalString("unk_token");
  return bpeModel(vocabulary, merges, {
    unknown: unknownToken === null ? undefined : vocabulary.get(unknownToken),
    fuseUnknown: config.boolean("fuse_unk", false),
    byteFallback: config.boolean("byte_fallback", false),
    ignoreMerges: config.boolean("ignore_merges", false),
    wordPrefix,
    wordSuffix,
  });
}
