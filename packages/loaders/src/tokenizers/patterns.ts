/** Regular expressions of tokenizers, written for Rust or Oniguruma, as those of JavaScript. */
import { quoted } from "../bytes/quoted";
import { TokenizerError } from "../errors";

/** Letters and such, as `\w` is there. */
export const WORD_CLASS = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;

/** What shorthands stand for, as parts of a class. */
const SHORTHANDS: Readonly<Record<string, string>> = {
  s: String.raw`\p{White_Space}`,
  S: String.raw`\P{White_Space}`,
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  w: WORD_CLASS,
  h: String.raw`\t\p{Zs}`,
};
const NOT_WORD = `[^${WORD_CLASS}]`;
const BOUNDARY = `(?:(?<=[${WORD_CLASS}])(?![${WORD_CLASS}])|(?<![${WORD_CLASS}])(?=[${WORD_CLASS}]))`;

/** A letter in both cases; Unicode folds two more characters to ASCII letters. */
function bothCases(letter: string): string {
  const lower = letter.toLowerCase();
  const third = lower === "s" ? "ſ" : lower === "k" ? "\u212a" : "";
  return lower + lower.toUpperCase() + third;
}

const MAX_DEPTH = 50;

/** One pass over a pattern. */
class Translator {
  readonly #source: string;
  #at = 0;
  /** Nested classes and intersections need the flag v, whose syntax for classes is another. */
  needsSets = false;
  #depth = 0;
  /** Whether the item just read repeats without end. */
  #repeats = false;

  constructor(source: string) {
    this.#source = source;
  }

  #fail(what: string): never {
    throw new TokenizerError(`tokenizer: ${what} in pattern ${quoted(this.#source)}`);
  }

  whole(): string {
    const ignoreCase = this.#source.startsWith("(?i)");
    if (ignoreCase) this.#at = 4;
    const { source } = this.#alternatives(ignoreCase);
    if (this.#at < this.#source.length) this.#fail("unbalanced group");
    return source;
  }

  /** Up to the end of the group, or of the pattern. `onlyRepeats` if an alternative is nothing but a repetition. */
  #alternatives(ignoreCase: boolean): { source: string; onlyRepeats: boolean } {
    if (++this.#depth > MAX_DEPTH) this.#fail("groups nested too deeply");
    let source = "";
    let onlyRepeats = false;
    let nItems = 0;
    this.#repeats = false;
    const endAlternative = () => {
      onlyRepeats ||= nItems === 1 && this.#repeats;
      nItems = 0;
    };
    while (this.#at < this.#source.length && this.#source[this.#at] !== ")") {
      if (this.#source[this.#at] === "|") endAlternative();
      else nItems++;
      source += this.#item(ignoreCase);
    }
    endAlternative();
    this.#depth--;
    return { source, onlyRepeats };
  }

  #item(ignoreCase: boolean): string {
    const c = this.#source[this.#at]!;
    if (c === "(") return this.#group(ignoreCase);
    if (c === "[") return this.#characterClass(ignoreCase) + this.#quantifier();
    if (c === "\\") return this.#escape(false) + this.#quantifier();
    this.#at++;
    if (c === "|" || c === "^" || c === "$") {
      this.#repeats = false;
      return c;
    }
    if (c === ".") return String.raw`[^\n]` + this.#quantifier();
    // A code point, so that a quantifier is of all of it.
    const whole = String.fromCodePoint(this.#source.codePointAt(this.#at - 1)!);
    this.#at += whole.length - 1;
    const letter =
      ignoreCase && /[a-zA-Z]/.test(whole) ? `[${bothCases(whole)}]` : /[\]}]/.test(whole) ? `\\${whole}` : whole;
    return letter + this.#quantifier();
  }

  #group(ignoreCase: boolean): string {
    const head = /\((?:\?(?:i:|:|=|!|<=|<!|<\w+>|P<\w+>))?/y;
    head.lastIndex = this.#at;
    const opening = head.exec(this.#source)![0];
    this.#at += opening.length;
    if (opening === "(" && this.#source[this.#at] === "?") this.#fail("a group of unknown kind");
    const { source, onlyRepeats } = this.#alternatives(ignoreCase || opening === "(?i:");
    if (this.#source[this.#at++] !== ")") this.#fail("unbalanced group");
    const quantifier = this.#quantifier();
    // There are exponentially many ways to match such a thing, and JavaScript would try them all.
    if (onlyRepeats && this.#repeats) this.#fail("a repetition of nothing but a repetition");
    if (quantifier === "") this.#repeats = onlyRepeats;
    return `${opening === "(?i:" ? "(?:" : opening.replace("(?P<", "(?<")}${source})${quantifier}`;
  }

  /** Possessive quantifiers become greedy ones. */
  #quantifier(): string {
    const pattern = /[*+?]|\{\d+(?:,\d*)?\}/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    this.#repeats = found !== undefined && /^[*+]|,\}$/.test(found);
    if (found === undefined) {
      if (this.#source[this.#at] !== "{") return "";
      // A brace that begins no quantifier stands for itself.
      this.#at++;
      return `\\{${this.#quantifier()}`;
    }
    this.#at += found.length;
    if (this.#source[this.#at] === "+") this.#at++;
    else if (this.#source[this.#at] === "?") return `${found}${this.#source[this.#at++]}`;
    return found;
  }

  #escape(inClass: boolean): string {
    const c = String.fromCodePoint(this.#source.codePointAt(this.#at + 1) ?? this.#fail("a backslash at the end"));
    this.#at += 1 + c.length;
    const shorthand = SHORTHANDS[c];
    if (shorthand !== undefined) return inClass ? shorthand : `[${shorthand}]`;
    switch (c) {
      case "p":
      case "P":
        return this.#property(c);
      case "x":
      case "u":
        return this.#codePoint(c);
      case "W":
        return NOT_WORD;
      case "b":
        return inClass ? "\\b" : BOUNDARY;
      case "A":
        return "^";
      case "z":
      case "Z":
        return "$";
      case "B":
        return this.#fail("\\B");
    }
    if (/[tnrfv0]/.test(c)) return `\\${c}`;
    if (c === "a" || c === "e") return c === "a" ? "\\x07" : "\\x1b";
    if (/[1-9]/.test(c) && !inClass) return `\\${c}`;
    if (/[a-zA-Z]/.test(c)) return this.#fail(`\\${c}`);
    return escaped(c);
  }

  /** `\pL`, `\p{L}`, `\p{^L}`, and scripts by their names alone. */
  #property(p: string): string {
    const pattern = /[A-Z]|\{(\^?)([\w =:]+)\}/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source) ?? this.#fail(`\\${p}`);
    this.#at += match[0].length;
    const name = (match[2] ?? match[0]).replace(":", "=");
    const letter = match[1] === "^" ? (p === "p" ? "P" : "p") : p;
    for (const property of [name, `Script=${name}`, name[0]!.toUpperCase() + name.slice(1).toLowerCase()]) {
      if (compiles(`\\p{${property}}`, "u")) return `\\${letter}{${property}}`;
    }
    return this.#fail(`the unknown property ${name}`);
  }

  #codePoint(kind: string): string {
    const pattern = kind === "x" ? /\{([\da-fA-F]{1,6})\}|[\da-fA-F]{2}/y : /\{([\da-fA-F]{1,6})\}|[\da-fA-F]{4}/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source) ?? this.#fail(`\\${kind}`);
    this.#at += match[0].length;
    return `\\u{${match[1] ?? match[0]}}`;
  }

  /** A class: operands of intersections, each a union of characters, ranges and classes. */
  #characterClass(ignoreCase: boolean): string {
    if (++this.#depth > MAX_DEPTH) this.#fail("classes nested too deeply");
    this.#at++;
    const negated = this.#source[this.#at] === "^";
    if (negated) this.#at++;
    const operands = [""];
    for (let isFirst = true; ; isFirst = false) {
      const c = this.#source[this.#at];
      if (c === undefined) this.#fail("a class without an end");
      if (c === "]" && !isFirst) break;
      if (c === "[") {
        this.needsSets = true;
        operands[operands.length - 1] += this.#characterClass(ignoreCase);
      } else if (c === "&" && this.#source[this.#at + 1] === "&") {
        this.needsSets = true;
        this.#at += 2;
        operands.push("");
      } else {
        operands[operands.length - 1] += this.#member(ignoreCase);
      }
    }
    this.#at++;
    this.#depth--;
    const inside = operands.length === 1 ? operands[0]! : operands.map((o) => `[${o}]`).join("&&");
    return `[${negated ? "^" : ""}${inside}]`;
  }

  #member(ignoreCase: boolean): string {
    const c = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    if (c === "\\") return this.#escape(true);
    this.#at += c.length;
    if (c === "-") {
      // Between two members it makes a range; at either end it is itself.
      const before = this.#source[this.#at - 2];
      return before === "[" || before === "^" || this.#source[this.#at] === "]" ? "\\-" : "-";
    }
    const isRange = this.#source[this.#at] === "-" || this.#source[this.#at - 2] === "-";
    return ignoreCase && !isRange && /[a-zA-Z]/.test(c) ? bothCases(c) : escaped(c);
  }
}

/** A character that stands for itself, in a class or out of it, under the flags u and v. */
function escaped(c: string): string {
  if (/[\^$\\.*+?()[\]{}|/]/.test(c)) return `\\${c}`;
  // Two of these in a row would mean something under the flag v; a hyphen may be escaped in classes alone.
  return /[&!#%,:;<=>@`~-]/.test(c) ? `\\u{${c.codePointAt(0)!.toString(16)}}` : c;
}

function compiles(source: string, flags: string): boolean {
  try {
    return Boolean(new RegExp(source, flags));
  } catch {
    return false;
  }
}

/**
 * The pattern as a global regular expression: `\s`, `\d` and `\w` have Unicode's meaning, `(?i:` is written out,
 * possessive quantifiers are greedy, classes may be nested.
 *
 * Errors: TokenizerError if it uses what JavaScript does not have.
 */
export function compilePattern(source: string): RegExp {
  const translator = new Translator(source);
  const translated = translator.whole();
  try {
    return new RegExp(translated, translator.needsSets ? "gv" : "gu");
  } catch (cause) {
    throw new TokenizerError(`tokenizer: pattern ${quoted(source)} is not understood`, { cause });
  }
}

/** Text as a pattern that matches it alone. */
export const escapePattern = (text: string): string => text.replace(/[/\\^$*+?.()|[\]{}]/g, "\\$&");
