/** Pre-tokenizers of `tokenizer.json`: text into the pieces that the model sees one by one. */
import { toByteChars } from "../byte-strings";
import { PUNCTUATION, SPACE, classAt, widthAt } from "../char-classes";
import { WORD_CLASS, escapePattern } from "../patterns";
import { scanGpt2 } from "../scanners";
import type { Config } from "./config";
import { readPattern } from "./pattern-field";
import { splitByScript } from "./scripts";
import { readBehavior, scanAll, splitBy } from "./splitting";

/** Pieces of a text; `isFirst` if the text begins where the whole input begins. */
export type PreTokenizer = (text: string, isFirst: boolean) => string[];

export const WORD_CHARACTER = /* @__PURE__ */ new RegExp(`[${WORD_CLASS}]`, "u");
const WORDS = /* @__PURE__ */ new RegExp(`[${WORD_CLASS}]+|[^${WORD_CLASS}\\p{White_Space}]+`, "gu");
const PUNCTUATIONS = /[\p{P}!-/:-@[-`{-~]/gu;

/** How a metaspace is put before a text. */
export type PrependScheme = "always" | "first" | "never";

export function readPrependScheme(config: Config): PrependScheme {
  const named = config.optionalString("prepend_scheme");
  if (named === null) return config.boolean("add_prefix_space", true) ? "always" : "never";
  if (named === "always" || named === "first" || named === "never") return named;
  return config.fail("prepend_scheme", "always, first or never");
}

function metaspace(config: Config): PreTokenizer {
  const mark = config.string("replacement", "▁");
  const scheme = readPrependScheme(config);
  const doSplit = config.boolean("split", true);
  const pattern = new RegExp(escapePattern(mark), "gu");
  return (text, isFirst) => {
    const marked = text.replaceAll(" ", mark);
    const prepend = (scheme === "always" || (scheme === "first" && isFirst)) && !marked.startsWith(mark);
    const whole = prepend ? mark + marked : marked;
    return doSplit ? splitBy(whole, pattern, "MergedWithNext") : [whole];
  };
}

/** Words, and each punctuation mark by itself. */
export function bertWords(text: string): string[] {
  const out: string[] = [];
  let begin = 0;
  const flush = (end: number) => {
    if (end > begin) out.push(text.slice(begin, end));
  };
  for (let at = 0; at < text.length;) {
    const width = widthAt(text, at);
    const c = classAt(text, at);
    if (c & (SPACE | PUNCTUATION)) {
      flush(at);
      if (!(c & SPACE)) out.push(text.slice(at, at + width));
      begin = at + width;
    }
    at += width;
  }
  flush(text.length);
  return out;
}

function split(config: Config): PreTokenizer {
  const { regex, scanner } = readPattern(config);
  const behavior = readBehavior(config);
  const invert = config.boolean("invert", false);
  // The known patterns cover all text, so that nothing but matches is left.
  if (scanner !== undefined && (behavior === "Isolated" || (behavior === "Removed" && invert))) {
    return (text) => scanAll(text, scanner);
  }
  return (text) => splitBy(text, regex, behavior, invert);
}

/** Without the mapping of bytes, which the tokenizer does when it first sees a piece. */
function byteLevelSplit(config: Config): PreTokenizer {
  const prefix = config.boolean("add_prefix_space", true);
  const useRegex = config.boolean("use_regex", true);
  return (text) => {
    const whole = prefix && !text.startsWith(" ") ? ` ${text}` : text;
    return useRegex ? scanAll(whole, scanGpt2) : [whole];
  };
}

const READERS: Readonly<Record<string, (config: Config) => PreTokenizer>> = {
  Sequence: (config) => inSequence(config.objects("pretokenizers").map(readPreTokenizer)),
  Metaspace: metaspace,
  Split: split,
  BertPreTokenizer: () => bertWords,
  ByteLevel(config) {
    const pieces = byteLevelSplit(config);
    return (text, isFirst) => pieces(text, isFirst).map(toByteChars);
  },
  Whitespace: () => (text) => text.match(WORDS) ?? [],
  WhitespaceSplit: () => (text) => text.match(/\P{White_Space}+/gu) ?? [],
  Punctuation(config) {
    const behavior = readBehavior(config, "Isolated");
    return (text) => splitBy(text, PUNCTUATIONS, behavior);
  },
  Digits(config) {
    const behavior = config.boolean("individual_digits", false) ? "Isolated" : "Contiguous";
    return (text) => splitBy(text, /\p{N}/gu, behavior);
  },
  CharDelimiterSplit(config) {
    const pattern = new RegExp(escapePattern(config.string("delimiter")), "gu");
    return (text) => splitBy(text, pattern, "Removed");
  },
  UnicodeScripts: () => splitByScript,
  FixedLength(config) {
    const n = config.integer("length", 5);
    if (n === 0) config.fail("length", "above 0");
    const pattern = new RegExp(`.{1,${n}}`, "gsu");
    return (text) => text.match(pattern) ?? [];
  },
};

function inSequence(steps: readonly PreTokenizer[]): PreTokenizer {
  return (text, isFirst) => {
    let pieces = [text];
    for (const step of steps) pieces = pieces.flatMap((piece, i) => step(piece, isFirst && i === 0));
    return pieces;
  };
}

/** Errors: FormatError for one that is unknown. */
export function readPreTokenizer(config: Config): PreTokenizer {
  const { type } = config;
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  return read === undefined ? config.unknownType() : read(config);
}

/** Splits a byte-level step off the end, whose mapping can then wait until a piece is looked up. */
export function readPipeline(config: Config | null): { pieces: PreTokenizer; byteLevel: boolean } {
  if (config === null) return { pieces: (text) => [text], byteLevel: false };
  if (config.type === "ByteLevel") return { pieces: byteLevelSplit(config), byteLevel: true };
  if (config.type === "Sequence") {
    const steps = config.objects("pretokenizers");
    const last = steps.at(-1);
    if (last?.type === "ByteLevel") {
      return {
        pieces: inSequence([...steps.slice(0, -1).map(readPreTokenizer), byteLevelSplit(last)]),
        byteLevel: true,
      };
    }
  }
  return { pieces: readPreTokenizer(config), byteLevel: false };
}
