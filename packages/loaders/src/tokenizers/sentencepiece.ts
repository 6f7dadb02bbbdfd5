/** Tokenizers of SentencePiece, from their `.model` files. */
import { asBytes } from "../bytes/source";
import { TokenizerError } from "../errors";
import { type CachedFetchInit, cachedFetch } from "../fetch/cached-fetch";
import { type DecodeStream, windowedStream } from "./decode-stream";
import { charModel, scoredBpeModel, wordModel } from "./models/scored";
import { unigramModel } from "./models/unigram";
import { escapePattern } from "./patterns";
import { PIECE, type SentencePieceFile, readSentencePieceFile } from "./sentencepiece-file";
import { MARK, sentencePieceNormalizer } from "./sentencepiece-normalizer";
import { wellFormed } from "./tokenizer";

/**
 * A SentencePiece model, of the kinds unigram, BPE, word and char.
 *
 * Source: https://github.com/google/sentencepiece
 */
export class SentencePiece {
  readonly bosToken: number;
  readonly eosToken: number;
  readonly unkToken: number;
  readonly #file: SentencePieceFile;
  readonly #encode: (normalized: string) => number[];
  readonly #normalize: (text: string) => string;
  readonly #bytes: ReadonlyMap<number, number>;

  private constructor(file: SentencePieceFile) {
    this.#file = file;
    this.bosToken = file.bos;
    this.eosToken = file.eos;
    this.unkToken = file.unknown;
    const userDefined = patternOf(
      file.pieces.filter((_, id) => file.kinds[id] === PIECE.userDefined).map(([token]) => token),
    );
    this.#normalize = sentencePieceNormalizer(file, userDefined);
    this.#encode = encoderOf(file, userDefined);
    const bytes: [number, number][] = [];
    file.kinds.forEach((kind, id) => {
      if (kind === PIECE.byte) bytes.push([id, parseInt(file.pieces[id]![0].slice(3, 5), 16)]);
    });
    this.#bytes = new Map(bytes);
  }

  /** Reads a `.model` file. Errors: FormatError naming the byte. */
  static fromBinary(data: Uint8Array): SentencePiece {
    return new SentencePiece(readSentencePieceFile(asBytes(data)));
  }

  get vocabSize(): number {
    return this.#file.pieces.length;
  }

  /** Tokens of a text, without beginning and end. */
  encode(text: string): number[] {
    const normalized = this.#normalize(wellFormed(text));
    return normalized === "" ? [] : this.#encode(normalized);
  }

  /** Text of tokens. Errors: TokenizerError for an unknown token. */
  decode(tokens: readonly number[]): string {
    const { pieces, kinds, addDummyPrefix, removeExtraSpaces, unknownSurface } = this.#file;
    let out = "";
    let bytes: number[] = [];
    // The space before the first word was put there by the normalizer.
    let maySkipSpace = addDummyPrefix || removeExtraSpaces;
    let hasSkipped = false;
    const flush = () => {
      if (bytes.length > 0) out += textOfBytes(Uint8Array.from(bytes));
      bytes = [];
    };
    for (const token of tokens) {
      const piece = pieces[token];
      if (piece === undefined) throw new TokenizerError(`decode: ${token} is not a token of ${pieces.length}`);
      const byte = this.#bytes.get(token);
      if (byte !== undefined) {
        bytes.push(byte);
        continue;
      }
      flush();
      if (hasSkipped || out !== "") maySkipSpace = false;
      hasSkipped = false;
      if (kinds[token] === PIECE.control) continue;
      if (kinds[token] === PIECE.unknown) {
        out += unknownSurface;
        continue;
      }
      const skips = maySkipSpace && piece[0].startsWith(MARK);
      hasSkipped = skips && !removeExtraSpaces;
      out += (skips ? piece[0].slice(1) : piece[0]).replaceAll(MARK, " ");
    }
    flush();
    return out;
  }

  /** A decoder of tokens that come one by one. */
  decodeStream(): DecodeStream {
    return windowedStream((tokens) => this.decode(tokens));
  }
}

/** Matches any of these, the longest first. */
function patternOf(tokens: readonly string[]): RegExp {
  const longestFirst = [...tokens].sort((a, b) => b.length - a.length).map(escapePattern);
  return new RegExp(longestFirst.length === 0 ? "(?!)" : longestFirst.join("|"), "gu");
}

function encoderOf(file: SentencePieceFile, userDefined: RegExp): (normalized: string) => number[] {
  const hidden: readonly (number | undefined)[] = [PIECE.control, PIECE.unused, PIECE.byte];
  const rules = { userDefined, isHidden: (id: number) => hidden.includes(file.kinds[id]) };
  switch (file.model) {
    case "bpe":
      return scoredBpeModel(file, rules);
    case "char":
      return charModel(file, rules);
    case "word":
      return wordModel(file);
    case "unigram":
      return unigramModel(file.pieces, {
        unknown: file.unknown < 0 ? undefined : file.unknown,
        byteFallback: file.byteFallback,
        single: true,
        isHidden: rules.isHidden,
        isUserDefined: (id) => file.kinds[id] === PIECE.userDefined,
      }).encode;
    default:
      return file.model satisfies never;
  }
}

/** UTF-8, in which each byte that belongs to no character is U+FFFD. */
function textOfBytes(bytes: Uint8Array): string {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const tryDecode = (part: Uint8Array): string | null => {
    try {
      return strict.decode(part);
    } catch {
      return null;
    }
  };
  const whole = tryDecode(bytes);
  if (whole !== null) return whole;
  let out = "";
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at]!;
    const width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const c = at + width <= bytes.length ? tryDecode(bytes.subarray(at, at + width)) : null;
    out += c ?? "\ufffd";
    at += c === null ? 1 : width;
  }
  return out;
}

/** Downloads a `.model` file, and keeps it. Errors: as `cachedFetch`, whose `init` it takes, and `fromBinary`. */
export async function loadSentencePiece(url: string, init: CachedFetchInit = {}): Promise<SentencePiece> {
  return SentencePiece.fromBinary(await cachedFetch(url, init));
}
