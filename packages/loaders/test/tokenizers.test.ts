/** Tokenizers against Hugging Face's and SentencePiece's own (oracles/tokenizers.py): the same ids, the same text. */
import { tokenizers } from "@jax-js/loaders";
import { describe, expect, test } from "vitest";
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
