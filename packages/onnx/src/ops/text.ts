/** Strings, and counts of the n-grams of strings and numbers. */
import { BOOL, FLOAT, INT64, STRING } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type Value, hostTensor, sizeOf, stringTensor } from "../value";
import { type OperatorTable } from "./operator";

/** Places of the elements of a broadcast tensor in one of its shapes. */
function places(shape: readonly number[], out: readonly number[]): number[] {
  const offset = out.length - shape.length;
  return Array.from({ length: sizeOf(out) }, (_, flat) => {
    let rest = flat;
    let at = 0;
    let stride = 1;
    for (let i = out.length - 1; i >= 0; i--) {
      const c = rest % out[i]!;
      rest = Math.floor(rest / out[i]!);
      const size = i >= offset ? shape[i - offset]! : 1;
      if (i >= offset && size > 1) at += c * stride;
      stride *= size;
    }
    return at;
  });
}

function broadcastShape(n: NodeContext, a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const at = (s: readonly number[], i: number): number => s[i - rank + s.length] ?? 1;
  return Array.from({ length: rank }, (_, i) => {
    const [p, q] = [at(a, i), at(b, i)];
    if (p !== q && p !== 1 && q !== 1) n.fail(`the shapes [${a}] and [${b}] do not broadcast`);
    return p === 1 ? q : p;
  });
}

/** The strings of two inputs, broadcast, in pairs. */
function pairs(n: NodeContext): { shape: number[]; pairs: (readonly [string, string])[] } {
  const [a, b] = [n.strings(0), n.strings(1)];
  const shape = broadcastShape(n, n.shape(0), n.shape(1));
  n.allow(shape);
  const [pa, pb] = [places(n.shape(0), shape), places(n.shape(1), shape)];
  return { shape, pairs: pa.map((p, i) => [a[p]!, b[pb[i]!]!] as const) };
}

function concat(n: NodeContext): Value {
  const { shape, pairs: both } = pairs(n);
  return stringTensor(shape, both.map(([a, b]) => a + b)); // prettier-ignore
}

export function equalStrings(n: NodeContext): Value {
  const { shape, pairs: both } = pairs(n);
  return hostTensor(BOOL, shape, both.map(([a, b]) => Number(a === b))); // prettier-ignore
}

/** Parts of each string, filled with empty ones to the longest list, and how many there are. */
function split(n: NodeContext): Value[] {
  const delimiter = n.attributes.string("delimiter", "");
  const most = n.attributes.optionalInt("maxsplit");
  const lists = n.strings(0).map((s) => {
    const all = delimiter ? s.split(delimiter) : s.split(/\s+/).filter(Boolean);
    if (most === undefined || all.length <= most + 1) return all;
    if (delimiter) return [...all.slice(0, most), all.slice(most).join(delimiter)];
    const rest = new RegExp(`^\\s*(?:\\S+\\s+){${most}}(.*)$`, "s").exec(s);
    return [...all.slice(0, most), rest?.[1]?.trimEnd() ?? ""];
  });
  const width = Math.max(0, ...lists.map((list) => list.length));
  const flat = lists.flatMap((list) => [...list, ...Array.from({ length: width - list.length }, () => "")]);
  const shape = n.shape(0);
  return [stringTensor([...shape, width], flat), hostTensor(INT64, shape, lists.map((list) => list.length))]; // prettier-ignore
}

function normalize(n: NodeContext): Value {
  const change = n.attributes.string("case_change_action", "NONE");
  const sensitive = n.attributes.flag("is_case_sensitive");
  const locale = n.attributes.string("locale", "en_US").split(/[._@]/).slice(0, 2).join("-");
  const lower = (s: string): string => s.toLocaleLowerCase(locale);
  const stop = new Set((n.attributes.strings("stopwords") ?? []).map((s) => (sensitive ? s : lower(s))));
  const changed = (s: string): string =>
    change === "LOWER" ? lower(s) : change === "UPPER" ? s.toLocaleUpperCase(locale) : s;
  const kept = n.strings(0).filter((s) => !stop.has(sensitive ? s : lower(s)));
  const out = kept.length ? kept.map(changed) : [""];
  return stringTensor(n.rank() === 2 ? [1, out.length] : [out.length], out);
}

function regexFullMatch(n: NodeContext): Value {
  const pattern = n.attributes.string("pattern", "");
  let regex: RegExp;
  try {
    regex = new RegExp(`^(?:${pattern})$`, "su");
  } catch {
    return n.fail(`the pattern "${pattern}" is no regular expression`);
  }
  return hostTensor(BOOL, n.shape(0), n.strings(0).map((s) => Number(regex.test(s)))); // prettier-ignore
}

/** Counts of n-grams, whose elements may be some places apart. */
function tfIdfVectorizer(n: NodeContext): Value {
  const { attributes } = n;
  const pool: (string | number)[] = attributes.strings("pool_strings")?.length
    ? attributes.strings("pool_strings")!
    : (attributes.ints("pool_int64s") ?? []);
  const starts = attributes.ints("ngram_counts") ?? [];
  const columns = attributes.ints("ngram_indexes") ?? [];
  const weights = attributes.floats("weights");
  const mode = attributes.string("mode", "TF");
  const [least, most] = [attributes.int("min_gram_length", 1), attributes.int("max_gram_length", 1)];
  const skips = attributes.int("max_skip_count", 0);
  const known = new Map<string, number>();
  let order = 0;
  starts.forEach((start, k) => {
    const length = k + 1;
    const end = starts[k + 1] ?? pool.length;
    for (let i = start; i + length <= end; i += length) {
      if (length >= least && length <= most) known.set(JSON.stringify(pool.slice(i, i + length)), order);
      order++;
    }
  });
  const width = columns.reduce((a, b) => Math.max(a, b), -1) + 1;
  const shape = n.shape(0);
  const size = shape.at(-1) ?? 1;
  const rows = shape.length === 2 ? shape[0]! : 1;
  const values: readonly (string | number)[] = n.type(0) === STRING ? n.strings(0) : n.numbers(0);
  n.allow([rows, width]);
  const out = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const row = values.slice(r * size, (r + 1) * size);
    for (let length = Math.max(least, 1); length <= Math.min(most, size); length++) {
      for (let skip = 0; skip <= (length === 1 ? 0 : Math.min(skips, size)); skip++) {
        for (let i = 0; i + (length - 1) * (skip + 1) < size; i++) {
          const gram = Array.from({ length }, (_, k) => row[i + k * (skip + 1)]!);
          const found = known.get(JSON.stringify(gram));
          if (found !== undefined) out[r * width + columns[found]!]! += 1;
        }
      }
    }
  }
  if (mode !== "TF") {
    columns.forEach((column, i) => {
      const weight = weights?.[i] ?? 1;
      for (let r = 0; r < rows; r++) {
        const at = r * width + column;
        out[at] = (mode === "IDF" ? Math.min(out[at]!, 1) : out[at]!) * weight;
      }
    });
  }
  return hostTensor(FLOAT, shape.length === 2 ? [rows, width] : [width], out);
}

export const text: OperatorTable = {
  RegexFullMatch: regexFullMatch,
  StringConcat: concat,
  StringNormalizer: normalize,
  StringSplit: split,
  TfIdfVectorizer: tfIdfVectorizer,
};
