/** Normalizers of `tokenizer.json`: what happens to text before it is split. */
import type { Config } from "./config";
import { readPattern } from "./pattern-field";
import { readPrecompiled } from "./precompiled";
import { toByteChars } from "../byte-strings";

export type Normalizer = (text: string) => string;

/** Characters in turn, without the rule for a sigma at the end of a word that toLowerCase has. */
export const lowercase: Normalizer = (text) => text.replaceAll("Σ", "σ").toLowerCase();

const MARKS = /\p{M}/gu;
const NONSPACING = /\p{Mn}/gu;
const LEFT = /^\p{White_Space}+/u;
const RIGHT = /\p{White_Space}+$/u;
/** Ideographs, to each of which BERT gives a word. */
const CJK =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
const BERT_REMOVED = /(?![\t\n\r])[\0\ufffd\p{Cc}\p{Cf}\p{Co}]/gu;
// eslint-disable-next-line no-control-regex -- the rule removes control characters
const NMT_REMOVED = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g;
const NMT_SPACES = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;

function bert(config: Config): Normalizer {
  const clean = config.boolean("clean_text", true);
  const chinese = config.boolean("handle_chinese_chars", true);
  const lower = config.boolean("lowercase", true);
  const strip = config.boolean("strip_accents", lower);
  return (text) => {
    let out = text;
    if (clean) out = out.replace(BERT_REMOVED, "").replace(/\p{White_Space}/gu, " ");
    if (chinese) out = out.replace(CJK, (c) => ` ${c} `);
    if (strip) out = out.normalize("NFD").replace(NONSPACING, "");
    return lower ? lowercase(out) : out;
  };
}

function strip(config: Config): Normalizer {
  const left = config.boolean("strip_left", true);
  const right = config.boolean("strip_right", true);
  return (text) => {
    const rest = left ? text.replace(LEFT, "") : text;
    return right ? rest.replace(RIGHT, "") : rest;
  };
}

function replace(config: Config): Normalizer {
  const { regex } = readPattern(config);
  const content = config.string("content");
  return (text) => text.replace(regex, () => content);
}

const READERS: Readonly<Record<string, (config: Config) => Normalizer>> = {
  Sequence(config) {
    const steps = config.objects("normalizers").map(readNormalizer);
    return (text) => steps.reduce((t, step) => step(t), text);
  },
  BertNormalizer: bert,
  Strip: strip,
  Replace: replace,
  Precompiled: readPrecompiled,
  Lowercase: () => lowercase,
  StripAccents: () => (text) => text.replace(MARKS, ""),
  NFC: () => (text) => text.normalize("NFC"),
  NFD: () => (text) => text.normalize("NFD"),
  NFKC: () => (text) => text.normalize("NFKC"),
  NFKD: () => (text) => text.normalize("NFKD"),
  Nmt: () => (text) => text.replace(NMT_REMOVED, "").replace(NMT_SPACES, " "),
  ByteLevel: () => toByteChars,
  Prepend(config) {
    const prefix = config.string("prepend");
    return (text) => (text === "" ? "" : prefix + text);
  },
};

/** Errors: FormatError for one that is unknown. */
export function readNormalizer(config: Config): Normalizer {
  const { type } = config;
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  return read === undefined ? config.unknownType() : read(config);
}
