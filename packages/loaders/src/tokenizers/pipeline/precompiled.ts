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
  const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return (text) => {
    let out = "";
    for (const { segment } of graphemes.segment(text)) {
      const whole = utf8String(segment).length < 6 ? look(segment) : null;
      if (whole !== null) out += whole;
      else for (const c of segment) out += look(c) ?? c;
    }
    return out;
  };
}

/** Text of a byte string. */
export function decodeUtf8(bytes: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
}
