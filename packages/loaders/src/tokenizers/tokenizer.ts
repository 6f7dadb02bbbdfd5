/** Tokenizers of Hugging Face: the whole of a `tokenizer.json`. */
import { type ByteSource, readBytes } from "../bytes/source";
import { FormatError, TokenizerError } from "../errors";
import { toByteChars } from "./byte-strings";
import { type DecodeStream, windowedStream } from "./decode-stream";
import { readBpe } from "./models/bpe";
import type { Model } from "./models/model";
import { readUnigram } from "./models/unigram";
import { readWordLevel, readWordPiece } from "./models/word-piece";
import { type AddedToken, type TokenFinder, findersOf, readAddedTokens } from "./pipeline/added-tokens";
import { Config } from "./pipeline/config";
import { type Decoder, readDecoder } from "./pipeline/decoders";
import { type Normalizer, readNormalizer } from "./pipeline/normalizers";
import {
  type PostProcessor,
  type Sequence,
  concatenate,
  readPostProcessor,
  sequenceOf,
} from "./pipeline/post-processors";
import { type PreTokenizer, readPipeline } from "./pipeline/pre-tokenizers";

export interface EncodeOptions {
  /** A second text, for models of two. */
  readonly pair?: string;
  /** Adds what the post-processor adds: beginning, end, separators. Default true. */
  readonly addSpecialTokens?: boolean;
}

export interface DecodeOptions {
  /** Leaves special tokens out. Default true. */
  readonly skipSpecialTokens?: boolean;
}

const MODELS: Readonly<Record<string, (config: Config) => Model>> = {
  BPE: readBpe,
  WordPiece: readWordPiece,
  WordLevel: readWordLevel,
  Unigram: readUnigram,
};

/** Older files do not name the type of the model. */
function readModel(config: Config): Model {
  const guess = config.raw("merges") !== null ? "BPE" : Array.isArray(config.raw("vocab")) ? "Unigram" : "WordPiece";
  const type = config.string("type", guess);
  const read = Object.hasOwn(MODELS, type) ? MODELS[type] : undefined;
  return read === undefined ? config.unknownType() : read(config);
}

/** Pieces remembered, and their longest. */
const CACHE_PIECES = 50_000;
const CACHE_LENGTH = 64;

/**
 * A tokenizer of a `tokenizer.json`: BPE, WordPiece, WordLevel or Unigram, with its normalizer, pre-tokenizer, added
 * tokens, post-processor and decoder. Truncation and padding of the file are not applied.
 *
 * Errors: FormatError naming the field that is wrong or not supported.
 * Source: https://huggingface.co/docs/tokenizers
 * @example
 * const tok = new tokenizers.Tokenizer({ model: { type: "WordLevel", vocab: { hi: 0, you: 1, "?": 2 }, unk_token: "?" },
 *   pre_tokenizer: { type: "Whitespace" } });
 * tok.encode("hi you two"); // => [0, 1, 2]
 * tok.decode([0, 1]); // => "hi you"
 */
export class Tokenizer {
  readonly #model: Model;
  readonly #normalize: Normalizer;
  readonly #pieces: PreTokenizer;
  readonly #byteLevel: boolean;
  readonly #postProcess: PostProcessor;
  readonly #decoder: Decoder | null;
  readonly #find: { raw: TokenFinder; normalized: TokenFinder };
  readonly #tokens: (string | undefined)[] = [];
  readonly #ids: Map<string, number>;
  readonly #special = new Set<number>();
  readonly #cache = new Map<string, readonly number[]>();
  /** The tokens that are looked for in the text. */
  readonly addedTokens: readonly AddedToken[];

  /** `json` is the parsed file, or its text. */
  constructor(json: unknown) {
    const config = new Config(typeof json === "string" ? parseJson(json) : json);
    this.#model = readModel(config.object("model"));
    const normalizer = config.optionalObject("normalizer");
    this.#normalize = normalizer === null ? (text) => text : readNormalizer(normalizer);
    ({ pieces: this.#pieces, byteLevel: this.#byteLevel } = readPipeline(config.optionalObject("pre_tokenizer")));
    const post = config.optionalObject("post_processor");
    this.#postProcess = post === null ? (sequences) => sequences : readPostProcessor(post);
    const decoder = config.optionalObject("decoder");
    this.#decoder = decoder === null ? null : readDecoder(decoder);
    this.addedTokens = readAddedTokens(config);
    this.#find = findersOf(this.addedTokens, this.#normalize);
    this.#ids = new Map(this.#model.vocabulary);
    for (const { content, id, special } of this.addedTokens) {
      this.#ids.set(content, id);
      if (special) this.#special.add(id);
    }
    for (const [token, id] of this.#ids) this.#tokens[id] = token;
    // As the text has it when it is found.
    for (const { content, id, normalized } of this.addedTokens)
      if (normalized) this.#tokens[id] = this.#normalize(content);
  }

  /** Reads a file from any source. */
  static async load(source: ByteSource): Promise<Tokenizer> {
    return new Tokenizer(new TextDecoder().decode(await readBytes(source)));
  }

  /** Number of tokens, with the added ones. */
  get vocabSize(): number {
    return this.#ids.size;
  }

  tokenToId(token: string): number | undefined {
    return this.#ids.get(token);
  }

  idToToken(id: number): string | undefined {
    return this.#tokens[id];
  }

  /** Tokens of a text. */
  encode(text: string, options: EncodeOptions = {}): number[] {
    return this.encodeWithTypes(text, options).ids;
  }

  /** As `encode`; also tells for each token whether it is of the first text or of the pair. */
  encodeWithTypes(text: string, options: EncodeOptions = {}): Sequence {
    const sequences = [sequenceOf(this.#encodeText(text))];
    if (options.pair !== undefined) sequences.push(sequenceOf(this.#encodeText(options.pair), 1));
    return concatenate(options.addSpecialTokens === false ? sequences : this.#postProcess(sequences));
  }

  #encodeText(text: string): number[] {
    const out: number[] = [];
    for (const raw of this.#find.raw(wellFormed(text))) {
      if ("id" in raw) {
        out.push(raw.id);
        continue;
      }
      for (const segment of this.#find.normalized(this.#normalize(raw.text))) {
        if ("id" in segment) out.push(segment.id);
        else this.#encodeSegment(segment.text, raw.begin === 0 && segment.begin === 0, out);
      }
    }
    return out;
  }

  #encodeSegment(text: string, isFirst: boolean, out: number[]): void {
    for (const piece of this.#pieces(text, isFirst)) {
      const ids = this.#cache.get(piece) ?? this.#encodePiece(piece);
      for (let i = 0; i < ids.length; i++) out.push(ids[i]!);
    }
  }

  #encodePiece(piece: string): readonly number[] {
    const ids = this.#model.encode(this.#byteLevel ? toByteChars(piece) : piece);
    if (piece.length <= CACHE_LENGTH) {
      if (this.#cache.size >= CACHE_PIECES) this.#cache.clear();
      this.#cache.set(piece, ids);
    }
    return ids;
  }

  /** Text of tokens. Ids that are no tokens are left out, as those of padded vocabularies. */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const skip = options.skipSpecialTokens ?? true;
    const tokens: string[] = [];
    for (const id of ids) {
      const token = this.#tokens[id];
      if (token !== undefined && !(skip && this.#special.has(id))) tokens.push(token);
    }
    return this.#decoder === null ? tokens.join(" ") : this.#decoder(tokens).join("");
  }

  /** A decoder of tokens that come one by one; the parts make up the text of all. */
  decodeStream(options: DecodeOptions = {}): DecodeStream {
    return windowedStream((ids) => this.decode(ids, options));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const at = /position (\d+)/.exec(String(cause))?.[1];
    throw new FormatError("tokenizer.json", `not valid JSON`, at === undefined ? undefined : Number(at));
  }
}

/** Lone surrogates as U+FFFD, as UTF-8 cannot hold them. */
export function wellFormed(text: unknown): string {
  if (typeof text !== "string") throw new TokenizerError(`encode: expected a string, got ${typeof text}`);
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
