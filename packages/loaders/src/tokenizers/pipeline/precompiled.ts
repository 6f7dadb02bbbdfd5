/**
 * The compiled character map of SentencePiece: a double-array trie from UTF-8 to replacements.
 * Source: darts-clone; spm_precompiled of huggingface
 */
import { FormatError } from "../../errors";
import { utf8String } from "../byte-strings";
import type { Config } from "./config";
import type { Normalizer } from "./normalizers";

/** Bytes of a prefix, and what stands in its place. */
export interface Prefix {
  readonly nBytes: number;
  readonly replacement: string;
}

/** Replacement of prefixes of a text. */
export class CharsMap {
  readonly #units: Uint32Array;
  readonly #blob: Uint8Array;

  constructor(data: Uint8Array) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const size = data.length >= 4 ? view.getUint32(0, true) : 0;
    if (size < 4 || size % 4 !== 0 || size > data.length - 4) {
      throw new FormatError("precompiled_charsmap", `a trie of ${size} bytes in a map of ${data.length}`, 0);
    }
    this.#units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
    this.#blob = data.subarray(4 + size);
  }

  /** The shortest prefix of `bytes` that has a replacement, and the replacement. */
  shortest(bytes: string): Prefix | null {
    return this.#walk(bytes, 0, true);
  }

  /** The longest prefix of `bytes`, from `at`, that has a replacement. */
  longest(bytes: string, at: number): Prefix | null {
    return this.#walk(bytes, at, false);
  }

  #walk(bytes: string, at: number, stopAtFirst: boolean): Prefix | null {
    const units = this.#units;
    let nBytes = 0;
    let text = 0;
    let position = offsetOf(units[0]!);
    for (let i = at; i < bytes.length; i++) {
      const c = bytes.charCodeAt(i);
      if (c === 0) break;
      position ^= c;
      const unit = units[position];
      // The label, with the bit that marks values.
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== c) break;
      position ^= offsetOf(unit);
      const value = (unit >>> 8) & 1 ? units[position] : undefined;
      if (value === undefined) continue;
      nBytes = i + 1 - at;
      text = value & 0x7fffffff;
      if (stopAtFirst) break;
    }
    return nBytes === 0 ? null : { nBytes, replacement: this.#text(text) };
  }

  #text(at: number): string {
    const end = this.#blob.indexOf(0, at);
    return new TextDecoder().decode(this.#blob.subarray(at, end < 0 ? this.#blob.length : end));
  }
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);

/** As Hugging Face has it: graphemes below six bytes as a whole, by their shortest prefix; else characters. */
export function readPrecompiled(config: Config): Normalizer {
  const packed = config.optionalString("precompiled_charsmap");
  if (packed === null || packed === "") return (text) => text;
  let data: string;
  try {
    data = atob(packed);
  } catch {
    return config.fail("precompiled_charsmap", "base64");
  }
  const map = new CharsMap(Uint8Array.from(data, (c) => c.charCodeAt(0)));
  const known = new Map<string, string | null>();
  const look = (part: string): string | null => {
    let out = known.get(part);
    if (out === undefined) {
      out = map.shortest(utf8String(part))?.replacement ?? null;
      if (known.size > 10_000) known.clear();
      known.set(part, out);
    }
    return out;
  };
  /** Each grapheme of a text by itself; slow. */
  const mapGraphemes = (text: string): string => {
    let out = "";
    for (const segment of graphemesOf(text)) {
      const whole = utf8String(segment).length < 6 ? look(segment) : null;
      if (whole !== null) out += whole;
      else for (const c of segment) out += look(c) ?? c;
    }
    return out;
  };
  const ways = new Uint8Array(2 ** 16);
  const wayOf = (text: string, at: number): number => {
    const code = text.charCodeAt(at);
    return (
      ways[code] ||
      (ways[code] = isPlain(code) ? ((look(text[at]!) ?? text[at]) === text[at] ? STAYS : CHANGES) : JOINS)
    );
  };
  return (text) => {
    let out = "";
    let start = 0; // of what is not in `out` yet, and stays as it is
    for (let at = 0; at < text.length;) {
      const way = wayOf(text, at);
      const isAlone = way !== JOINS && (at + 1 === text.length || wayOf(text, at + 1) !== JOINS);
      let end = at + 1;
      if (!isAlone) {
        // Up to two plain characters in a row, between which there is a border.
        while (end < text.length && (wayOf(text, end - 1) === JOINS || wayOf(text, end) === JOINS)) end++;
      }
      if (!isAlone || way === CHANGES) {
        out += text.slice(start, at) + (isAlone ? look(text[at]!)! : mapGraphemes(text.slice(at, end)));
        start = end;
      }
      at = end;
    }
    return out + text.slice(start);
  };
}

/** What becomes of a UTF-16 code unit: a grapheme that stays, one that is replaced, or perhaps a part of one. */
const [STAYS, CHANGES, JOINS] = [1, 2, 3];

/** Code units segmented at a time: engines keep a copy of the text with each segment. */
const WINDOW = 256;

/** Made when first needed: it is slow to make. */
let segmenter: Intl.Segmenter | undefined;

/** Graphemes of a text. The last one of a window may go on after it: it is looked at again. */
export function* graphemesOf(text: string): Generator<string> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let size = WINDOW;
  for (let at = 0; at < text.length;) {
    const last = text.charCodeAt(at + size - 1);
    const end = at + size + (last >= 0xd800 && last < 0xdc00 ? 1 : 0); // not within a surrogate pair
    const segments = Array.from(segmenter.segment(text.slice(at, end)), ({ segment }) => segment);
    const isEnd = end >= text.length;
    if (!isEnd && segments.length === 1) {
      size *= 2;
      continue;
    }
    for (const segment of isEnd ? segments : segments.slice(0, -1)) {
      yield segment;
      at += segment.length;
    }
    size = WINDOW;
  }
}

/**
 * First and last of characters that never share a grapheme with one another: letters and signs of Latin (without the
 * carriage return), Greek, Cyrillic, Armenian, Hebrew and Arabic, kana, Chinese and Korean characters.
 */
const PLAIN = [
  [0x00, 0x0c], [0x0e, 0x2ff], [0x370, 0x482], [0x48a, 0x58f], [0x5d0, 0x5ea], [0x620, 0x64a], [0x2010, 0x2027],
  [0x3000, 0x3029], [0x3041, 0x3096], [0x309b, 0x30ff], [0x4e00, 0x9fff], [0xac00, 0xd7a3], [0xff01, 0xff60],
] as const; // prettier-ignore

export const isPlain = (code: number): boolean => PLAIN.some(([first, last]) => code >= first && code <= last);

/** Text of a byte string. */
export function decodeUtf8(bytes: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
}
