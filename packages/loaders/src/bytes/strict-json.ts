/**
 * JSON of file headers, read strictly: errors name the byte, a key may not be given twice, integers keep their literal
 * form, nesting is bounded, and `__proto__` is a key like any other.
 */
import { quoted } from "./quoted";
import { FormatError } from "../errors";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WHITESPACE = /[ \t\n\r]*/y;
// eslint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const WORDS = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

/** Parses all of `text`. `base` is the offset of its first character in the file, for messages. */
export function parseStrictJson(format: string, text: string, base = 0): Json {
  let at = 0;

  const fail = (what: string, where = at): never => {
    throw new FormatError(format, `header is not valid JSON: ${what}`, base + where);
  };

  const skip = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)!;
    if (match !== null) at = pattern.lastIndex;
    return match;
  };

  function string(): string {
    const start = at++;
    let out = "";
    for (;;) {
      out += skip(PLAIN)[0];
      const c = text[at];
      if (c === '"') {
        at++;
        return out;
      }
      if (c !== "\\") return fail(c === undefined ? "string without an end" : "control character in a string", at);
      const e = text[at + 1];
      if (e === "u") {
        const hex = text.slice(at + 2, at + 6);
        if (!/^[\da-fA-F]{4}$/.test(hex)) fail("bad \\u escape");
        out += String.fromCharCode(parseInt(hex, 16));
        at += 6;
      } else {
        out += ESCAPES[e ?? ""] ?? fail("bad escape");
        at += 2;
      }
      if (at > text.length) fail("string without an end", start);
    }
  }

  function object(depth: number): JsonObject {
    const out: JsonObject = new Map();
    at++;
    skip(WHITESPACE);
    if (text[at] === "}") {
      at++;
      return out;
    }
    for (;;) {
      skip(WHITESPACE);
      const where = at;
      if (text[at] !== '"') fail("expected a key");
      const key = string();
      if (out.has(key)) fail(`key ${quoted(key)} is given twice`, where);
      skip(WHITESPACE);
      if (text[at++] !== ":") fail("expected ':'", at - 1);
      out.set(key, value(depth + 1));
      skip(WHITESPACE);
      const c = text[at++];
      if (c === "}") return out;
      if (c !== ",") fail("expected ',' or '}'", at - 1);
    }
  }

  function array(depth: number): Json[] {
    const out: Json[] = [];
    at++;
    skip(WHITESPACE);
    if (text[at] === "]") {
      at++;
      return out;
    }
    for (;;) {
      out.push(value(depth + 1));
      skip(WHITESPACE);
      const c = text[at++];
      if (c === "]") return out;
      if (c !== ",") fail("expected ',' or ']'", at - 1);
    }
  }

  function value(depth: number): Json {
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH}`);
    skip(WHITESPACE);
    const c = text[at];
    if (c === "{") return object(depth);
    if (c === "[") return array(depth);
    if (c === '"') return string();
    for (const [word, meaning] of WORDS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    const match = skip(NUMBER);
    if (match === null) return fail(c === undefined ? "it ends too early" : `unexpected ${quoted(c)}`);
    // A fraction or exponent is no size or offset, even where its value is whole: NaN fails every check for one.
    return match[1] === undefined && match[2] === undefined ? Number(match[0]) : NaN;
  }

  const out = value(0);
  skip(WHITESPACE);
  if (at < text.length) fail("something follows the value");
  return out;
}
