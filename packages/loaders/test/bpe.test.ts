/** The parts of byte-pair encodings: scanners equal their patterns, merges equal the definition, hooks and streams. */
import { FormatError, TokenizerError, tokenizers } from "@jax-js/loaders";
import { describe, expect, test, vi } from "vitest";
import { memoryStore } from "@jax-js/loaders";
import { mergePairs } from "../src/tokenizers/merge";
import { compilePattern } from "../src/tokenizers/patterns";
import { CL100K_PATTERN, GPT2_PATTERN, O200K_PATTERN, QWEN2_PATTERN, scannerOf } from "../src/tokenizers/scanners";
import { Rng } from "./random-bytes";

const PIECES = [
  " ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "\u0085", "\ufeff", "\u200b", "a", "Z", "ab", "The", "'s", "'S", "'ſ", "'ll", "'LL", "'Re", "'",
  "1", "23", "4567", "½", "Ⅷ", "٣", "é", "e\u0301", "ß", "ñ", "Ç", "ǅ", "ʰ", "中", "日本", "の", "😀", "👍🏽", "🇺🇸", "𝒳", "𠮷", "अ", "ा", "!", "...", "/", "//", "—", "_",
  "$", "^", "`", "\ud83d", "\udc00", "\u0000", "ﬁ", "K", "\u1d00",
]; // prettier-ignore

describe("scanners are their patterns", () => {
  const patterns = { gpt2: GPT2_PATTERN, cl100k: CL100K_PATTERN, qwen2: QWEN2_PATTERN, o200k: O200K_PATTERN };

  test.each(Object.entries(patterns))("%s", (_, source) => {
    const scan = scannerOf(source)!;
    const pattern = compilePattern(source);
    const rng = new Rng(1);
    for (let i = 0; i < 4000; i++) {
      const text = Array.from({ length: 1 + rng.below(12) }, () => rng.pick(PIECES))
        .join("")
        .replace(/\p{Surrogate}/gu, "\ufffd");
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const end = scan(text, at);
        expect(end).toBeGreaterThan(at);
        pieces.push(text.slice(at, end));
        at = end;
      }
      expect(pieces, JSON.stringify(text)).toEqual(text.match(pattern));
    }
  });
});

describe("merges", () => {
  /** As the definition says it: again and again the pair of lowest rank, of equal ones the leftmost. */
  function byDefinition(ids: number[], ranks: ReadonlyMap<string, number>): number[] {
    const out = [...ids];
    for (;;) {
      let best = -1;
      let rank = Infinity;
      for (let i = 0; i + 1 < out.length; i++) {
        const r = ranks.get(`${out[i]},${out[i + 1]}`) ?? Infinity;
        if (r < rank) [best, rank] = [i, r];
      }
      if (best < 0) return out;
      out.splice(best, 2, 1000 + rank);
    }
  }

  test("short and long texts, with random tables", () => {
    const rng = new Rng(2);
    for (let i = 0; i < 300; i++) {
      const ranks = new Map<string, number>();
      for (let r = 0; r < 40; r++) {
        const symbol = () => (r > 0 && rng.below(2) === 0 ? 1000 + rng.below(r) : rng.below(4));
        const pair = `${symbol()},${symbol()}`;
        if (!ranks.has(pair)) ranks.set(pair, ranks.size);
      }
      const ids = Array.from({ length: rng.below(i % 10 === 0 ? 600 : 30) }, () => rng.below(4));
      const wanted = byDefinition(ids, ranks);
      const got = [...ids];
      mergePairs(got, { rank: (a, b) => ranks.get(`${a},${b}`) ?? -1, merged: (rank) => 1000 + rank });
      expect(got).toEqual(wanted);
    }
  });

  test("a megabyte without a space takes no quadratic time", { timeout: 60_000 }, () => {
    const encoder = new Map(Array.from({ length: 256 }, (_, b) => [String.fromCharCode(b), b] as const));
    for (let n = 2, id = 256; n <= 64; n *= 2) encoder.set("a".repeat(n), id++);
    const enc = new tokenizers.BpeEncoding(encoder, {}, /.+/gsu);
    // Quadratic time would be hours.
    expect(enc.encode("a".repeat(2 ** 20)).length).toBe(2 ** 14);
  });
});

describe("BpeEncoding", () => {
  const bytes = new Map(Array.from({ length: 256 }, (_, b) => [String.fromCharCode(b), b] as const));

  test("any bytes, and characters in pieces", () => {
    const enc = new tokenizers.BpeEncoding(new Map(bytes), { "<end>": 256 }, /.+/gsu);
    const text = "aé中😀\ufeff";
    const ids = enc.encode(text);
    expect(ids).toEqual([...new TextEncoder().encode(text)]);
    expect(enc.decode(ids)).toBe(text);
    const stream = enc.decodeStream();
    const parts = [...ids, 256].map((id) => stream.push(id));
    expect(parts.join("")).toBe(`${text}<end>`);
    expect(parts.every((part) => !part.includes("\ufffd"))).toBe(true);
    expect(enc.decodeBytes([0xff, 0xc3])).toEqual(Uint8Array.of(0xff, 0xc3));
    expect(enc.decode([0xff, 65])).toBe("\ufffdA");
    const cut = enc.decodeStream();
    expect([cut.push(0xc3), cut.end()]).toEqual(["", "\ufffd"]);
    expect(enc.encode("\ud83d")).toEqual([0xef, 0xbf, 0xbd]);
  });

  test("hooks of sub-classes", () => {
    class Loud extends tokenizers.BpeEncoding {
      override _beforeEncode(text: string): string {
        return text.toUpperCase();
      }
      override _afterEncode(tokens: number[]): number[] {
        return [256, ...tokens];
      }
      override _beforeDecode(tokens: number[]): number[] {
        return tokens.slice(1);
      }
    }
    const enc = new Loud(new Map(bytes), { "<start>": 256 }, /.+/gsu);
    expect(enc.encode("ab")).toEqual([256, 65, 66]);
    expect(enc.decode(enc.encode("ab"))).toBe("AB");
  });

  test("the longest of special tokens that begin alike", () => {
    const enc = new tokenizers.BpeEncoding(new Map(bytes), { "<a>": 256, "<a><b>": 257 }, /.+/gsu);
    expect(enc.encodeWithSpecialTokens("<a><b><a>")).toEqual([257, 256]);
  });

  test("what cannot be", () => {
    expect(() => new tokenizers.BpeEncoding(new Map([["a", 0], ["b", 0]]), {}, /./gu)).toThrow(TokenizerError); // prettier-ignore
    expect(() => new tokenizers.BpeEncoding(new Map([["a", -1]]), {}, /./gu)).toThrow(TokenizerError);
    expect(() => new tokenizers.BpeEncoding(new Map([["a", 0]]), {}, /./u)).toThrow(/needs the flag g/);
    expect(() => new tokenizers.BpeEncoding(new Map([["a", 0]]), {}, "(")).toThrow(TokenizerError);
    expect(() => new tokenizers.BpeEncoding(new Map([["a", 0]]), {}, /./gu).encode("b")).toThrow(
      /no token for byte 98/,
    );
  });

  test("names that are none", async () => {
    await expect(tokenizers.getBpe("toString")).rejects.toThrow(
      /no encoding toString; expected one of clip, r50k_base/,
    );
  });
});

describe("CLIP", () => {
  test("small letters, ends of words, 77 tokens", async () => {
    const merges = ["#version: 0.2", "c a", "ca t</w>", "a n", "an d</w>"].join("\n");
    vi.stubGlobal("fetch", async () => new Response(merges));
    const enc = await tokenizers.getBpe("clip", { store: memoryStore() });
    vi.unstubAllGlobals();
    const ids = enc.encode("Cat and");
    const end = enc.specialTokensEncoder.get("<|endoftext|>")!;
    expect(ids.length).toBe(77);
    expect(ids.slice(0, 4)).toEqual([end - 1, 512 + 1, 512 + 3, end]);
    expect(enc.decode(ids)).toBe("<|startoftext|>cat and <|endoftext|>");
    const long = enc.encode("cat ".repeat(100));
    expect([long.length, long[76]]).toEqual([77, end]);
  });
});

describe("patterns of Rust and Oniguruma", () => {
  const matches = (source: string, text: string) => text.match(compilePattern(source)) ?? [];

  test("what they mean there", () => {
    expect(matches(String.raw`\s+`, "a\u0085b\ufeffc d")).toEqual(["\u0085", " "]);
    expect(matches(String.raw`\d+`, "1٣ ½")).toEqual(["1٣"]);
    expect(matches(String.raw`\w+`, "naïve_1 – ª")).toEqual(["naïve_1", "ª"]);
    expect(matches(String.raw`\bñ\w`, "añb ña")).toEqual(["ña"]);
    expect(matches(String.raw`(?i:k's)`, "K'S k's \u212a'ſ")).toEqual(["K'S", "k's", "\u212a'ſ"]);
    expect(matches(String.raw`[^\s\p{L}]++`, "ab!! c?")).toEqual(["!!", "?"]);
    expect(matches(String.raw`\p{Han}+|\pN`, "日本1の")).toEqual(["日本", "1"]);
    expect(matches(String.raw`[\p{L}&&[^\p{Han}a-c]]+`, "abcd日é")).toEqual(["d", "é"]);
    expect(matches(String.raw`[a[b(]\-]+`, "a-(b)c")).toEqual(["a-(b"]);
    expect(matches(String.raw`\x41\x{1F600}{2}`, "A😀😀")).toEqual(["A😀😀"]);
    expect(matches(String.raw`a{,b}`, "a{,b}")).toEqual(["a{,b}"]);
    expect(matches(".", "\n\r😀")).toEqual(["\r", "😀"]);
    expect(matches(String.raw`[-a]+|[a-]+|[]]`, "-a]")).toEqual(["-a", "]"]);
  });

  test("what JavaScript does not have, or would never end", () => {
    for (const source of [
      "(?>a)",
      "(a",
      "a)",
      "[a",
      "\\",
      String.raw`\G`,
      String.raw`\p{Nothing}`,
      "(a+)+",
      "(?:a*)*",
      "((a+))+",
      "(".repeat(200),
    ]) {
      expect(() => compilePattern(source), source).toThrow(TokenizerError);
    }
  });
});

describe("rank files", () => {
  const parse = (text: string) => tokenizers.parseRanks(new TextEncoder().encode(text));

  test("lines, empty ones too", () => {
    expect([...parse("YQ== 0\n\n/w== 1\r\n")]).toEqual([["a", 0], ["\xff", 1]]); // prettier-ignore
  });

  test("lines that are none", () => {
    for (const text of [
      "",
      "YQ==",
      "YQ== x",
      "YQ== -1",
      "!! 0",
      " 0",
      "YQ== 0\nYQ== 1",
      "YQ== 0\nYg== 0",
      "YQ== 99999999",
    ]) {
      expect(() => parse(text), text).toThrow(FormatError);
    }
  });
});
