/** The `pattern` of a normalizer, pre-tokenizer or decoder: `{ "String": ... }` or `{ "Regex": ... }`. */
import { compilePattern, escapePattern } from "../patterns";
import { type Scanner, scannerOf } from "../scanners";
import type { Config } from "./config";

export interface Pattern {
  readonly regex: RegExp;
  /** For patterns that we know, the same written out. */
  readonly scanner: Scanner | undefined;
}

export function readPattern(config: Config): Pattern {
  const direct = config.raw("pattern");
  if (typeof direct === "string") return { regex: new RegExp(escapePattern(direct), "gu"), scanner: undefined };
  const pattern = config.object("pattern");
  const literal = pattern.optionalString("String");
  if (literal !== null) return { regex: new RegExp(escapePattern(literal), "gu"), scanner: undefined };
  const source = pattern.string("Regex");
  return { regex: compilePattern(source), scanner: scannerOf(source) };
}
