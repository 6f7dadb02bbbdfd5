/** What SentencePiece does to text before it looks for tokens: characters are mapped, spaces marked and squeezed. */
import { utf8String } from "./byte-strings";
import { CharsMap, decodeUtf8 } from "./pipeline/precompiled";
import type { SentencePieceFile } from "./sentencepiece-file";

/** Stands for a space. */
export const MARK = "▁";

/** Parts of a text as the character map has them: stretches without an entry as they are, each entry by itself. */
function mappedParts(map: CharsMap | null, text: string): string[] {
  if (map === null) return [text];
  const bytes = utf8String(text);
  const out: string[] = [];
  let plain = 0;
  const flush = (to: number) => {
    if (to > plain) out.push(decodeUtf8(bytes.slice(plain, to)));
  };
  for (let at = 0; at < bytes.length;) {
    const longest = map.longest(bytes, at);
    if (longest === null) {
      const lead = bytes.charCodeAt(at);
      at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      continue;
    }
    flush(at);
    out.push(longest.replacement);
    at += longest.nBytes;
    plain = at;
  }
  flush(bytes.length);
  return out;
}

/** The normalizer of a model. What users defined stays as it is. */
export function sentencePieceNormalizer(file: SentencePieceFile, userDefined: RegExp): (text: string) => string {
  const map = file.charsMap === undefined ? null : new CharsMap(file.charsMap);
  const space = file.escapeSpaces ? MARK : " ";
  const dummy = file.addDummyPrefix ? space : "";

  return (text) => {
    const parts: string[] = [];
    let at = 0;
    for (const match of text.matchAll(userDefined)) {
      parts.push(...mappedParts(map, text.slice(at, match.index)), match[0]);
      at = match.index + match[0].length;
    }
    parts.push(...mappedParts(map, text.slice(at)));

    let out = "";
    let isAfterSpace = file.removeExtraSpaces;
    for (const part of parts) {
      const kept = file.removeExtraSpaces ? squeezed(part, isAfterSpace) : part;
      if (kept === "") continue;
      out += file.escapeSpaces ? kept.replaceAll(" ", MARK) : kept;
      isAfterSpace = kept.endsWith(" ");
    }
    if (file.removeExtraSpaces) while (out.endsWith(space)) out = out.slice(0, -1);
    if (out === "" && !/[^ ]/.test(parts.join(""))) return parts.join("") === "" || file.removeExtraSpaces ? "" : out;
    return file.spaceIsSuffix ? out + dummy : dummy + out;
  };
}

/** One space for several, and none after a space. */
function squeezed(part: string, isAfterSpace: boolean): string {
  const single = part.replace(/ {2,}/g, " ");
  return isAfterSpace && single.startsWith(" ") ? single.slice(1) : single;
}
