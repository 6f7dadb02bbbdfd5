/** Cases of independent implementations (see conformance/README.md). */
import { LoaderError, memoryStore, safetensors, tokenizers } from "@jax-js/loaders";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fromBase64, readJson, readUnpacked } from "./gz-file";

type Element = number | string;

interface BpeCase {
  readonly kind2: "bpe";
  readonly id: string;
  readonly enc: string;
  readonly text: string;
  readonly ids: number[];
}

interface FileCase {
  readonly kind2: "safetensors";
  readonly id: string;
  readonly b64: string;
  readonly throws?: true;
  readonly offset?: number;
  readonly metadata?: Record<string, string> | null;
  readonly tensors: Readonly<Record<string, { dtype: string; shape: number[]; data: Element[] }>>;
}

const { cases } = await readJson<{ cases: (BpeCase | FileCase)[] }>(
  new URL("./conformance/loaders.json.gz", import.meta.url),
);
const bpeCases = cases.filter((c) => c.kind2 === "bpe");
const fileCases = cases.filter((c) => c.kind2 === "safetensors");

// Written out, so that the bundler of the browser tests finds the files.
const RANKS: Readonly<Record<string, URL>> = {
  r50k_base: new URL("./conformance/r50k_base.tiktoken.gz", import.meta.url),
  cl100k_base: new URL("./conformance/cl100k_base.tiktoken.gz", import.meta.url),
  o200k_base: new URL("./conformance/o200k_base.tiktoken.gz", import.meta.url),
};

describe("encodings of tiktoken", () => {
  const encodings = new Map<string, tokenizers.BpeEncoding>();

  beforeAll(async () => {
    const store = memoryStore();
    const files = await Promise.all(
      Object.entries(RANKS).map(async ([name, url]) => [name, await readUnpacked(url)] as const),
    );
    for (const [name, ranks] of files) {
      vi.stubGlobal("fetch", async () => new Response(ranks));
      encodings.set(name, await tokenizers.getBpe(name, { store }));
    }
    vi.unstubAllGlobals();
  }, 60_000);
  afterAll(() => encodings.clear());

  test.each(Object.keys(RANKS))("%s: the same ids, and the text back", (name) => {
    const enc = encodings.get(name)!;
    const own = bpeCases.filter((c) => c.enc === name);
    expect(own.length).toBe(120);
    const wrong = own.filter((c) => {
      const stream = enc.decodeStream();
      const streamed = c.ids.map((id) => stream.push(id)).join("") + stream.end();
      return enc.encode(c.text).join() !== c.ids.join() || enc.decode(c.ids) !== c.text || streamed !== c.text;
    });
    expect(wrong.map((c) => c.text)).toEqual([]);
  });

  test("special tokens are text unless they are allowed", () => {
    const enc = encodings.get("cl100k_base")!;
    const text = "a<|endoftext|>b<|fim_prefix|>";
    expect(enc.encode(text, new Set(["<|endoftext|>"])).filter((t) => t >= 100257)).toEqual([100257]);
    expect(enc.encode(text).filter((t) => t >= 100257)).toEqual([]);
    expect(enc.encodeWithSpecialTokens(text).filter((t) => t >= 100257)).toEqual([100257, 100258]);
    expect(enc.decode(enc.encodeWithSpecialTokens(text))).toBe(text);
    expect(enc.decode(enc.encode(text))).toBe(text);
    expect([...enc.specialTokens()].length).toBe(5);
    expect(enc.decoder.size).toBe(100256);
    expect(() => enc.decode([200_000])).toThrow(LoaderError);
  });
});

describe("safetensors", () => {
  const read = (c: FileCase) => {
    const bytes = fromBase64(c.b64);
    const { offset = 0 } = c;
    const shifted = new Uint8Array(bytes.length + offset + 5).fill(255);
    shifted.set(bytes, offset);
    return safetensors.parse(offset > 0 ? shifted.subarray(offset, offset + bytes.length) : bytes);
  };

  test("malformed files are errors", () => {
    const malformed = fileCases.filter((c) => c.throws);
    expect(malformed.length).toBeGreaterThan(15);
    for (const c of malformed) expect(() => read(c), c.id).toThrow(LoaderError);
  });

  test("well-formed files are read", () => {
    const spelled = (v: number | bigint, like: Element): Element => {
      if (typeof v === "bigint") return String(v);
      if (typeof like === "string" && !Number.isFinite(v)) return Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf";
      return typeof like === "string" ? String(v) : v;
    };
    for (const c of fileCases.filter((f) => !f.throws)) {
      const file = read(c);
      expect(Object.keys(file.tensors).sort(), c.id).toEqual(Object.keys(c.tensors).sort());
      for (const [name, { dtype, shape, data }] of Object.entries(c.tensors)) {
        const tensor = file.tensors[name]!;
        const got = Array.from(tensor.data as ArrayLike<number | bigint>, (v, i) => spelled(v, data[i]!));
        expect([tensor.dtype, tensor.shape], c.id).toEqual([dtype, shape]);
        got.forEach((v, i) =>
          expect(v === data[i] || String(v) === String(data[i]), `${c.id} ${name}[${i}]: ${v}`).toBe(true),
        );
      }
      if (c.metadata) expect(file.metadata).toEqual(c.metadata);
    }
  });
});
