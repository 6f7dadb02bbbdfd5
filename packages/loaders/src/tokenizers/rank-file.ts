/** The rank files of tiktoken: a line per token, its bytes in base64 and its rank. */
import { quoted } from "../bytes/quoted";
import { FormatError } from "../errors";

/** More than any vocabulary has. */
const MAX_RANK = 2 ** 22;
/** Arrays are indexed by ranks: a small file must not ask for large ones. */
const highestRank = (nTokens: number): number => 2 * nTokens + 2 ** 16;

/**
 * Reads a rank file to a map from byte strings to ranks.
 *
 * Errors: FormatError naming the byte of the line that is none.
 * @example tokenizers.parseRanks(new TextEncoder().encode("YQ== 0\nYg== 1\n")).get("b"); // => 1
 */
export function parseRanks(data: Uint8Array): Map<string, number> {
  // What is not ASCII is no base64 either.
  const text = new TextDecoder().decode(data);
  const ranks = new Map<string, number>();
  const seen = new Set<number>();
  let highest = 0;
  for (let at = 0; at < text.length;) {
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    const line = text.slice(at, end).trimEnd();
    if (line !== "") {
      const gap = line.indexOf(" ");
      const digits = line.slice(gap + 1);
      const rank = Number(digits);
      if (gap < 0 || !/^\d+$/.test(digits) || rank >= MAX_RANK) {
        throw new FormatError("rank file", `line is not "base64 rank": ${quoted(line)}`, at);
      }
      const bytes = decodeBase64(line.slice(0, gap), at);
      if (ranks.has(bytes) || seen.has(rank)) throw new FormatError("rank file", `token ${rank} is given twice`, at);
      ranks.set(bytes, rank);
      seen.add(rank);
      highest = Math.max(highest, rank);
    }
    at = end + 1;
  }
  if (ranks.size === 0) throw new FormatError("rank file", "it holds no tokens", 0);
  if (highest > highestRank(ranks.size))
    throw new FormatError("rank file", `rank ${highest} is too high for ${ranks.size} tokens`, 0);
  return ranks;
}

function decodeBase64(text: string, at: number): string {
  try {
    const bytes = atob(text);
    if (bytes !== "") return bytes;
  } catch {
    // Reported below.
  }
  throw new FormatError("rank file", `${quoted(text)} is not base64`, at);
}
