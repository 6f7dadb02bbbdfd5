/**
 * The patterns that split text before byte pairs are merged, written out as scanners. Each is equal to the regular
 * expression beside it (the tests compare them), and covers all of the text.
 */
import { HEAD, LETTER, NEWLINE, NUMBER, SPACE, TAIL, classAt, runOf, widthAt } from "./char-classes";

/** The end of the piece that begins at `at`. */
export type Scanner = (text: string, at: number) => number;

const APOSTROPHE = 39;

/** End of `'s 't 're 've 'm 'll 'd` at `at`, or `at`. Ignoring case, `ſ` is an `s`, as Unicode's case folding has it. */
function contraction(text: string, at: number, ignoreCase: boolean): number {
  if (text.charCodeAt(at) !== APOSTROPHE) return at;
  const fold = (i: number): string => {
    const c = text[i] ?? "";
    return ignoreCase ? (c === "ſ" ? "s" : c < "\x80" ? c.toLowerCase() : c) : c;
  };
  const a = fold(at + 1);
  if (a === "s" || a === "t" || a === "m" || a === "d") return at + 2;
  const b = fold(at + 2);
  const two = (a === "l" && b === "l") || (a === "v" && b === "e") || (a === "r" && b === "e");
  return two ? at + 3 : at;
}

/** `\s+(?!\S)|\s+`: all but the last space, which goes with the word after it. */
function spaces(text: string, at: number): number {
  const end = runOf(text, at, SPACE);
  return end === text.length || end - at === 1 ? end : end - 1;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line break of the run. */
function spacesByLine(text: string, at: number): number {
  const end = runOf(text, at, SPACE);
  for (let i = end; i > at; i--) if (classAt(text, i - 1) & NEWLINE) return i;
  return end === text.length || end - at === 1 ? end : end - 1;
}

/** End of characters that are no space, letter or number. */
function symbols(text: string, at: number): number {
  while (at < text.length && !(classAt(text, at) & (SPACE | LETTER | NUMBER))) at += widthAt(text, at);
  return at;
}

function digits(text: string, at: number, most: number): number {
  for (let n = 0; n < most && classAt(text, at) & NUMBER; n++) at += widthAt(text, at);
  return at;
}

export const GPT2_PATTERN = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/** GPT-2, r50k and p50k. */
export function scanGpt2(text: string, at: number): number {
  const short = contraction(text, at, false);
  if (short > at) return short;
  const from = text.charCodeAt(at) === 32 ? at + 1 : at;
  const c = classAt(text, from);
  if (c & LETTER) return runOf(text, from, LETTER);
  if (c & NUMBER) return runOf(text, from, NUMBER);
  if (c & SPACE || from === text.length) return spaces(text, at);
  return symbols(text, from);
}

const cl100k = (numbers: string) =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${numbers}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
export const CL100K_PATTERN = /* @__PURE__ */ cl100k(String.raw`\p{N}{1,3}`);
export const QWEN2_PATTERN = /* @__PURE__ */ cl100k(String.raw`\p{N}`);

function scanWords(text: string, at: number, mostDigits: number): number {
  const short = contraction(text, at, true);
  if (short > at) return short;
  const c = classAt(text, at);
  if (c & LETTER) return runOf(text, at, LETTER);
  if (c & NUMBER) return digits(text, at, mostDigits);
  if (!(c & NEWLINE)) {
    const next = at + widthAt(text, at);
    if (classAt(text, next) & LETTER) return runOf(text, next, LETTER);
  }
  const end = symbols(text, text.charCodeAt(at) === 32 ? at + 1 : at);
  if (end > at + 1 || (end > at && !(c & SPACE))) return runOf(text, end, NEWLINE);
  return spacesByLine(text, at);
}

/** cl100k and Llama 3: numbers in threes. */
export const scanCl100k: Scanner = (text, at) => scanWords(text, at, 3);
/** Qwen 2: numbers digit by digit. */
export const scanQwen2: Scanner = (text, at) => scanWords(text, at, 1);

const shortForms = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)?`;
export const O200K_PATTERN = /* @__PURE__ */ [
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+${shortForms}`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*${shortForms}`,
  String.raw`\p{N}{1,3}`,
  String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*`,
  String.raw`\s*[\r\n]+`,
  String.raw`\s+(?!\S)`,
  String.raw`\s+`,
].join("|");

/** `HEAD* TAIL+` from `at`, or `at`: a run of HEAD gives back what TAIL needs. */
function headThenTail(text: string, at: number): number {
  let lastBoth = at;
  let i = at;
  for (let c = classAt(text, i); c & HEAD; c = classAt(text, i)) {
    i += widthAt(text, i);
    if (c & TAIL) lastBoth = i;
  }
  const end = runOf(text, i, TAIL);
  return end > i ? end : lastBoth;
}

/** o200k: words begin anew at a capital after small letters. */
export function scanO200k(text: string, at: number): number {
  const c = classAt(text, at);
  const second = at + widthAt(text, at);
  const mayPrefix = !(c & (LETTER | NUMBER | NEWLINE));
  if (!(c & NUMBER)) {
    let end = mayPrefix ? headThenTail(text, second) : at;
    if (end <= second && mayPrefix) end = headThenTail(text, at);
    else if (!mayPrefix) end = headThenTail(text, at);
    if (end <= at && mayPrefix) end = wordOfHeads(text, second);
    if (end <= at) end = runOf(text, at, HEAD);
    if (end > at) return contraction(text, end, true);
  }
  if (c & NUMBER) return digits(text, at, 3);
  let end = symbols(text, text.charCodeAt(at) === 32 ? at + 1 : at);
  if (end > at + 1 || (end > at && !(c & SPACE))) {
    while (classAt(text, end) & NEWLINE || text[end] === "/") end++;
    return end;
  }
  return spacesByLine(text, at);
}

/** `HEAD+` from `at`, or -1. */
function wordOfHeads(text: string, at: number): number {
  const end = runOf(text, at, HEAD);
  return end > at ? end : -1;
}

const SCANNERS = new Map<string, Scanner>([
  [GPT2_PATTERN, scanGpt2],
  [CL100K_PATTERN, scanCl100k],
  [QWEN2_PATTERN, scanQwen2],
  [O200K_PATTERN, scanO200k],
]);

/** The scanner that does what the pattern does, if it is a known one. */
export const scannerOf = (pattern: string): Scanner | undefined => SCANNERS.get(pattern);
