/** Splitting text by matches of a pattern, with the ways that a delimiter can go. */
import { type Scanner } from "../scanners";
import type { Config } from "./config";

export type Behavior = "Removed" | "Isolated" | "MergedWithPrevious" | "MergedWithNext" | "Contiguous";

const BEHAVIORS: readonly string[] = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"];

export function readBehavior(config: Config, otherwise?: Behavior): Behavior {
  const name = config.string("behavior", otherwise);
  // Some files have it in snake case.
  const found = BEHAVIORS.find((b) => b.toLowerCase() === name.replaceAll("_", "").toLowerCase());
  return (found as Behavior | undefined) ?? config.fail("behavior", `one of ${BEHAVIORS.join(", ")}`);
}

interface Span {
  begin: number;
  end: number;
  isMatch: boolean;
}

function spansOf(text: string, regex: RegExp): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(regex)) {
    const end = match.index + match[0].length;
    if (match.index > at) spans.push({ begin: at, end: match.index, isMatch: false });
    if (end > match.index) spans.push({ begin: match.index, end, isMatch: true });
    at = Math.max(at, end);
  }
  if (at < text.length) spans.push({ begin: at, end: text.length, isMatch: false });
  return spans;
}

/** Pieces of a text. With `invert`, what lies between matches counts as the match. */
export function splitBy(text: string, regex: RegExp, behavior: Behavior, invert = false): string[] {
  const spans = spansOf(text, regex);
  if (invert) for (const span of spans) span.isMatch = !span.isMatch;
  const cut = (list: readonly Span[]) => list.map(({ begin, end }) => text.slice(begin, end));
  switch (behavior) {
    case "Removed":
      return cut(spans.filter((span) => !span.isMatch));
    case "Isolated":
      return cut(spans);
    case "Contiguous":
      return cut(joined(spans, (a, b) => a.isMatch === b.isMatch));
    case "MergedWithPrevious":
      return cut(joined(spans, (a, b) => b.isMatch && !a.isMatch));
    case "MergedWithNext":
      return cut(joined(spans, (a, b) => a.isMatch && !b.isMatch));
  }
}

/** Joins neighbours; the rule sees the span before, not what it was joined to. */
function joined(spans: readonly Span[], together: (before: Span, span: Span) => boolean): Span[] {
  const out: Span[] = [];
  spans.forEach((span, i) => {
    const last = out.at(-1);
    if (last !== undefined && together(spans[i - 1]!, span)) last.end = span.end;
    else out.push({ ...span });
  });
  return out;
}

/** Pieces that a scanner finds, which cover the text. */
export function scanAll(text: string, scan: Scanner): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = scan(text, at);
    out.push(text.slice(at, end));
    at = end;
  }
  return out;
}
