/** Decoders of `tokenizer.json`: tokens back into text, as a chain over lists of strings. */
import { bytesOfStrings, fromByteChars, utf8String } from "../byte-strings";
import type { Config } from "./config";
import { readPattern } from "./pattern-field";
import { readPrependScheme } from "./pre-tokenizers";

export type Decoder = (tokens: string[]) => string[];

const lossy = (parts: readonly string[]): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOfStrings(parts));

const byteLevel: Decoder = (tokens) => [lossy(tokens.map((token) => fromByteChars(token) ?? utf8String(token)))];

/** Spaces before punctuation and English short forms, as BERT's decoder takes them out. */
function cleanUp(text: string): string {
  return text
    .replaceAll(" .", ".")
    .replaceAll(" ?", "?")
    .replaceAll(" !", "!")
    .replaceAll(" ,", ",")
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(" do not", " don't")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");
}

function wordPiece(config: Config): Decoder {
  const prefix = config.string("prefix", "##");
  const clean = config.boolean("cleanup", true);
  return (tokens) =>
    tokens.map((token, i) => {
      const joined = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
      return clean ? cleanUp(joined) : joined;
    });
}

function metaspace(config: Config): Decoder {
  const mark = config.string("replacement", "▁");
  const dropFirst = readPrependScheme(config) !== "never";
  return (tokens) => tokens.map((token, i) => token.replaceAll(mark, i === 0 && dropFirst ? "" : " "));
}

/** `<0x41>` tokens in a row are bytes of UTF-8; each becomes U+FFFD if they are none. */
const byteFallback: Decoder = (tokens) => {
  const out: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      out.push(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)));
    } catch {
      for (let i = 0; i < bytes.length; i++) out.push("\ufffd");
    }
    bytes = [];
  };
  for (const token of tokens) {
    const match = /^<0x([\da-fA-F]{2})>$/.exec(token);
    if (match !== null) bytes.push(parseInt(match[1]!, 16));
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
};

function strip(config: Config): Decoder {
  const content = config.string("content", " ");
  const most = [config.integer("start", 0), config.integer("stop", 0)] as const;
  return (tokens) =>
    tokens.map((token) => {
      let text = token;
      for (let n = 0; n < most[0] && content !== "" && text.startsWith(content); n++) text = text.slice(content.length);
      for (let n = 0; n < most[1] && content !== "" && text.endsWith(content); n++)
        text = text.slice(0, -content.length);
      return text;
    });
}

/** Connectionist temporal classification: repeated tokens are one, the padding token is nothing. */
function ctc(config: Config): Decoder {
  const pad = config.string("pad_token", "<pad>");
  const delimiter = config.string("word_delimiter_token", "|");
  const clean = config.boolean("cleanup", true);
  return (tokens) =>
    tokens
      .filter((token, i) => token !== tokens[i - 1])
      .map((token) => token.replaceAll(pad, ""))
      .map((token) => (clean ? cleanUp(token).replaceAll(delimiter, " ") : token))
      .filter((token) => token !== "");
}

const READERS: Readonly<Record<string, (config: Config) => Decoder>> = {
  ByteLevel: () => byteLevel,
  WordPiece: wordPiece,
  Metaspace: metaspace,
  ByteFallback: () => byteFallback,
  Fuse: () => (tokens) => [tokens.join("")],
  Strip: strip,
  CTC: ctc,
  Replace(config) {
    const { regex } = readPattern(config);
    const content = config.string("content");
    return (tokens) => tokens.map((token) => token.replace(regex, () => content));
  },
  BPEDecoder(config) {
    const suffix = config.string("suffix", "</w>");
    return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " "));
  },
  Sequence(config) {
    const steps = config.objects("decoders").map(readDecoder);
    return (tokens) => steps.reduce((t, step) => step(t), tokens);
  },
};

/** Errors: FormatError for one that is unknown. */
export function readDecoder(config: Config): Decoder {
  const { type } = config;
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  return read === undefined ? config.unknownType() : read(config);
}
