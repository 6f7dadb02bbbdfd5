/** The unigram language model: of all ways to cut a text into tokens, the one with the highest sum of scores. */
import { FormatError } from "../../errors";
import { utf8String } from "../byte-strings";
import { widthAt } from "../char-classes";
import { PairTable } from "../merge";
import type { Config } from "../pipeline/config";
import { type Model, byteTokens } from "./model";

/** A token and the logarithm of its probability. */
export type ScoredPiece = readonly [token: string, score: number];

export interface UnigramOptions {
  readonly unknown?: number | undefined;
  readonly byteFallback?: boolean;
  /** Adds in float32, as SentencePiece does; Hugging Face adds doubles. */
  readonly single?: boolean;
  /** True for tokens that text may not become: control tokens and unused ones. */
  readonly isHidden?: (id: number) => boolean;
  /** Tokens that win wherever they stand. */
  readonly isUserDefined?: (id: number) => boolean;
}

/** How much worse than the worst token an unknown character is. */
const UNKNOWN_PENALTY = 10;

/** A trie over UTF-16 units: node 0 is the root. */
class Trie {
  readonly #next: PairTable;
  readonly #id: number[] = [-1];

  constructor(nTokens: number) {
    this.#next = new PairTable(nTokens * 2);
  }

  add(token: string, id: number): void {
    let node = 0;
    for (let i = 0; i < token.length; i++) {
      let next = this.step(node, token.charCodeAt(i));
      if (next < 0) {
        next = this.#id.length;
        this.#id.push(-1);
        this.#next.set(node, token.charCodeAt(i), next);
      }
      node = next;
    }
    this.#id[node] = id;
  }

  step(node: number, unit: number): number {
    return this.#next.get(node, unit, -1);
  }

  idOf(node: number): number {
    return this.#id[node]!;
  }
}

export function unigramModel(pieces: readonly ScoredPiece[], options: UnigramOptions = {}): Model {
  const round = options.single ? Math.fround : (x: number) => x;
  const vocabulary = new Map<string, number>();
  const trie = new Trie(pieces.length);
  let worst = Infinity;
  let best = -Infinity;
  pieces.forEach(([token, score], id) => {
    vocabulary.set(token, id);
    if (options.isHidden?.(id)) return;
    worst = Math.min(worst, score);
    best = Math.max(best, score);
    if (token !== "" && id !== options.unknown) trie.add(token, id);
  });
  const unknownScore = round(worst - UNKNOWN_PENALTY);
  const bytes = options.byteFallback ? byteTokens(vocabulary) : null;
  const scoreOf = (id: number, nUnits: number) =>
    options.isUserDefined?.(id) ? round(nUnits * best - 0.1) : pieces[id]![1];

  /** Viterbi: for each place the best way there. */
  function bestPath(text: string): [id: number, begin: number, end: number][] {
    const n = text.length;
    const scores = new Float64Array(n + 1).fill(-Infinity);
    const from = new Int32Array(n + 1).fill(-1);
    const ids = new Int32Array(n + 1).fill(-1);
    scores[0] = 0;
    for (let at = 0; at < n;) {
      const width = widthAt(text, at);
      const here = scores[at]!;
      let hasSingle = false;
      let node = 0;
      for (let i = at; i < n; i++) {
        node = trie.step(node, text.charCodeAt(i));
        if (node < 0) break;
        const id = trie.idOf(node);
        if (id < 0) continue;
        const end = i + 1;
        const score = round(here + scoreOf(id, end - at));
        if (from[end]! < 0 || score > scores[end]!) {
          scores[end] = score;
          from[end] = at;
          ids[end] = id;
        }
        if (end - at === width) hasSingle = true;
      }
      if (!hasSingle) {
        const end = at + width;
        const score = round(here + unknownScore);
        if (from[end]! < 0 || score > scores[end]!) {
          scores[end] = score;
          from[end] = at;
          ids[end] = -1;
        }
      }
      at += width;
    }
    const path: [number, number, number][] = [];
    for (let end = n; end > 0; end = from[end]!) path.push([ids[end]!, from[end]!, end]);
    return path.reverse();
  }

  return {
    vocabulary,
    encode(text) {
      const out: number[] = [];
      let lastUnknown = false;
      for (const [id, begin, end] of bestPath(text)) {
        if (id >= 0) out.push(id);
        else if (bytes !== null) for (const b of utf8String(text.slice(begin, end))) out.push(bytes[b.charCodeAt(0)]!);
        // Unknown characters in a row are one token.
        else if (options.unknown !== undefined && !lastUnknown) out.push(options.unknown);
        lastUnknown = id < 0;
      }
      return out;
    },
  };
}

/** Reads `model` of a tokenizer.json. */
export function readUnigram(config: Config): Model {
  const pieces = config.list("vocab").map((entry, i): ScoredPiece => {
    const [token, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof token !== "string" || typeof score !== "number") {
      throw new FormatError("tokenizer.json", `model.vocab[${i}] is not a pair of a token and its score`);
    }
    return [token, score];
  });
  const unknown = config.raw("unk_id") === null ? undefined : config.integer("unk_id");
  if (unknown !== undefined && unknown >= pieces.length) config.fail("unk_id", "a token");
  return unigramModel(pieces, { unknown, byteFallback: config.boolean("byte_fallback", false) });
}
