/** Tokenizers against Hugging Face's and SentencePiece's own (oracles/tokenizers.py): the same ids, the same text. */
import { tokenizers } from "@jax-js/loaders";
import { describe, expect, test } from "vitest";
import { graphemesOf, isPlain } from "../src/tokenizers/pipeline/precompiled";
import { fromBase64, readJson } from "./gz-file";

interface Row {
  readonly text: string;
  readonly ids: number[];
  readonly decoded: string;
}

interface HuggingFaceCase {
  readonly name: string;
  readonly json: unknown;
  readonly rows: readonly (Row & { readonly all: number[]; readonly kept: string })[];
  readonly pairs: readonly {
    readonly text: string;
    readonly pair: string;
    readonly ids: number[];
    readonly types: number[];
  }[];
}

interface SentencePieceCase {
  readonly name: string;
  readonly model: readonly string[];
  readonly rows: readonly Row[];
  readonly bos: number;
  readonly eos: number;
  readonly unk: number;
  readonly size: number;
}

interface Oracle {
  readonly blobs: Readonly<Record<string, string>>;
  readonly huggingface: readonly HuggingFaceCase[];
  readonly ctc: {
    readonly json: unknown;
    readonly rows: readonly { readonly ids: number[]; readonly decoded: string }[];
  };
  readonly sentencepiece: readonly SentencePieceCase[];
}

const oracle = await readJson<Oracle>(new URL("./oracles/tokenizers.json.gz", import.meta.url));

/** The file's text, with the large character map put back. */
const jsonOf = (config: unknown): string =>
  JSON.stringify(config).replace(/"(@charsmap\d)"/g, (_, name: string) => JSON.stringify(oracle.blobs[name]));

/** What differs, for a message that shows it. */
function differences<T>(rows: readonly T[], got: (row: T) => unknown, wanted: (row: T) => unknown): unknown[] {
  const out: unknown[] = [];
  for (const row of rows) {
    const g = got(row);
    const w = wanted(row);
    if (JSON.stringify(g) !== JSON.stringify(w)) out.push({ row: (row as { text?: string }).text, got: g, wanted: w });
  }
  return out;
}

describe.each(oracle.huggingface)("tokenizer.json: $name", ({ json, rows, pairs }) => {
  const tok = new tokenizers.Tokenizer(jsonOf(json));

  test("encode", () => {
    expect(
      differences(
        rows,
        (r) => tok.encode(r.text, { addSpecialTokens: false }),
        (r) => r.ids,
      ),
    ).toEqual([]);
    expect(
      differences(
        rows,
        (r) => tok.encode(r.text),
        (r) => r.all,
      ),
    ).toEqual([]);
  });

  test("decode", () => {
    expect(
      differences(
        rows,
        (r) => tok.decode(r.all),
        (r) => r.decoded,
      ),
    ).toEqual([]);
    expect(
      differences(
        rows,
        (r) => tok.decode(r.all, { skipSpecialTokens: false }),
        (r) => r.kept,
      ),
    ).toEqual([]);
  });

  test("decode token by token", () => {
    const streamed = (ids: readonly number[]): string => {
      const stream = tok.decodeStream();
      return ids.map((id) => stream.push(id)).join("") + stream.end();
    };
    expect(
      differences(
        rows,
        (r) => streamed(r.all),
        (r) => r.decoded,
      ),
    ).toEqual([]);
  });

  test("pairs", () => {
    const both = (r: (typeof pairs)[number]) => tok.encodeWithTypes(r.text, { pair: r.pair });
    expect(
      differences(
        pairs,
        (r) => both(r).ids,
        (r) => r.ids,
      ),
    ).toEqual([]);
    expect(
      differences(
        pairs,
        (r) => both(r).typeIds,
        (r) => r.types,
      ),
    ).toEqual([]);
  });
});

test("decoder of connectionist temporal classification", () => {
  const tok = new tokenizers.Tokenizer(jsonOf(oracle.ctc.json));
  for (const { ids, decoded } of oracle.ctc.rows) expect(tok.decode(ids)).toBe(decoded);
});

describe.each(oracle.sentencepiece)("SentencePiece: $name", ({ model, rows, bos, eos, unk, size }) => {
  const bytes = model.map((part) => fromBase64(oracle.blobs[part] ?? part));
  const joined = new Uint8Array(bytes.reduce((n, b) => n + b.length, 0));
  let at = 0;
  for (const part of bytes) {
    joined.set(part, at);
    at += part.length;
  }
  const tok = tokenizers.SentencePiece.fromBinary(joined);

  test("encode", () => {
    expect(
      differences(
        rows,
        (r) => tok.encode(r.text),
        (r) => r.ids,
      ),
    ).toEqual([]);
  });

  test("decode", () => {
    expect(
      differences(
        rows,
        (r) => tok.decode(r.ids),
        (r) => r.decoded,
      ),
    ).toEqual([]);
  });

  test("special tokens and size", () => {
    expect([tok.bosToken, tok.eosToken, tok.unkToken, tok.vocabSize]).toEqual([bos, eos, unk, size]);
  });
});

describe("graphemes", () => {
  const lengths = (text: string): number[] => [...graphemesOf(text)].map((grapheme) => grapheme.length);

  test("plain characters are graphemes by themselves, beside each other", () => {
    const plain = Array.from({ length: 2 ** 16 }, (_, code) => code).filter(isPlain);
    expect(plain.length).toBeGreaterThan(20_000);
    for (const [i, code] of plain.entries()) {
      const text = String.fromCharCode(code, code, plain[(i * 7919) % plain.length]!, code);
      if (lengths(text).length !== 4) expect.fail(`U+${code.toString(16)} is not plain`);
    }
  });

  test("longer than what is segmented at a time, and across its ends", () => {
    const family = "👨‍👩‍👧";
    const accents = `e${"\u0301".repeat(1000)}`;
    for (let n = 0; n < 40; n++) {
      const text = "x".repeat(230 + n) + family + "🇺🇸".repeat(70) + accents + "\r\n".repeat(200);
      const want = [...new Array(230 + n).fill(1), 8, ...new Array(70).fill(4), 1001, ...new Array(200).fill(2)];
      expect(lengths(text)).toEqual(want);
    }
  });

  test("a long text without plain characters takes no quadratic time", () => {
    expect(lengths("नमस्ते ".repeat(20_000)).length).toBeGreaterThanOrEqual(80_000);
  });
});
