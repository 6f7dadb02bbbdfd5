/**
 * Damaged files: each gives an error of this package or a valid result, does not hang, and takes memory in
 * proportion to its size. FUZZ=100000 tries so many of each kind.
 */
import { LoaderError, audio, gguf, npy, npz, safetensors, tokenizers } from "@jax-js/loaders";
import { describe, expect, test } from "vitest";
import { fromBase64, readJson } from "./gz-file";
import { mutateBytes, mutateJson } from "./mutations";
import type audioJson from "./oracles/audio.json";
import type filesJson from "./oracles/files.json";
import type ggufJson from "./oracles/gguf.json";
import { Rng } from "./random-bytes";

const inNode = typeof process !== "undefined" && typeof process.memoryUsage === "function";
const nTries = Number((inNode ? process.env.FUZZ : undefined) ?? 2000);

const files = await readJson<typeof filesJson>(new URL("./oracles/files.json", import.meta.url));
const ggufFile = fromBase64((await readJson<typeof ggufJson>(new URL("./oracles/gguf.json", import.meta.url))).file);
const wavFile = fromBase64(
  (await readJson<typeof audioJson>(new URL("./oracles/audio.json", import.meta.url))).wav[1]!.file,
);

interface TokenizerOracle {
  readonly blobs: Readonly<Record<string, string>>;
  readonly huggingface: readonly { readonly name: string; readonly json: unknown }[];
  readonly sentencepiece: readonly { readonly name: string; readonly model: readonly string[] }[];
}
const oracle = await readJson<TokenizerOracle>(new URL("./oracles/tokenizers.json.gz", import.meta.url));

/** Memory that was taken and not given back: an upper bound of what is alive. */
const memoryBytes = (): number => {
  if (!inNode) return 0;
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Processor time where it is told: other programs may hold up a machine for longer. */
const clockMs = (): number => (inNode ? process.cpuUsage().user / 1000 : performance.now());
/** What does not end, not what a busy machine makes slow. */
const LONGEST_MS = 10_000;

/** Errors, strings and regular expressions of their own size come with any file. */
const FREE_BYTES = 4e6;

interface Outcome {
  nValid: number;
  nFailed: number;
}

/** Reads a damaged file; anything but a result or an error of ours fails the test. */
async function attempt(read: () => unknown, sizeBytes: number, outcome: Outcome, about: () => string): Promise<void> {
  const before = memoryBytes();
  const start = clockMs();
  let message = "";
  try {
    await read();
    outcome.nValid++;
  } catch (error) {
    outcome.nFailed++;
    if (!(error instanceof LoaderError)) throw new Error(`${about()}: ${String(error)}`, { cause: error });
    message = error.message;
  }
  if (message.length > 2000) throw new Error(`${about()}: a message of ${message.length} characters`);
  const ms = clockMs() - start;
  if (ms > LONGEST_MS) throw new Error(`${about()}: it took ${Math.round(ms)} ms`);
  const taken = memoryBytes() - before;
  if (taken > 10 * sizeBytes + FREE_BYTES)
    throw new Error(`${about()}: it took ${taken} bytes of memory for ${sizeBytes}`);
}

async function fuzzBytes(
  seeds: readonly Uint8Array[],
  read: (bytes: Uint8Array<ArrayBuffer>) => unknown,
  seed: number,
): Promise<Outcome> {
  const rng = new Rng(seed);
  const outcome: Outcome = { nValid: 0, nFailed: 0 };
  for (let i = 0; i < nTries; i++) {
    const damaged = mutateBytes(rng.pick(seeds), rng);
    await attempt(
      () => read(damaged),
      damaged.length,
      outcome,
      () => `try ${i} of seed ${seed}`,
    );
  }
  return outcome;
}

/** Some texts through a tokenizer: encoded, and decoded again. */
function use(tok: { encode(text: string): number[]; decode(ids: number[]): string }): void {
  for (const text of ["", "Hello, world! It's 2026 – naïve café 日本 😀", " <mask> aaaaaaaaaaaaaaaaaaaaaaaaaaab"])
    tok.decode(tok.encode(text));
}

const timeout = 60_000 + nTries * 10;

describe(`${nTries} damaged files of each kind`, () => {
  test("safetensors", { timeout }, async () => {
    const plain = safetensors.serialize(
      {
        a: { dtype: "F32", shape: [2, 2], data: new Float32Array(4) },
        b: { dtype: "BF16", shape: [3], data: new Float32Array(3) },
      },
      { note: "x" },
    );
    const read = (bytes: Uint8Array) => {
      for (const t of Object.values(safetensors.parse(bytes).tensors)) void t.data.length;
    };
    const { nFailed } = await fuzzBytes([plain, fromBase64(files.safetensors.file)], read, 1);
    expect(nFailed).toBeGreaterThan(nTries / 2);
  });

  test("headers of safetensors, as JSON", { timeout }, async () => {
    const rng = new Rng(2);
    const outcome: Outcome = { nValid: 0, nFailed: 0 };
    const header = {
      __metadata__: { a: "b" },
      w: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      v: { dtype: "I8", shape: [], data_offsets: [24, 25] },
    };
    for (let i = 0; i < nTries; i++) {
      const json = new TextEncoder().encode(JSON.stringify(mutateJson(header, rng)));
      const bytes = new Uint8Array(8 + json.length + 25);
      new DataView(bytes.buffer).setUint32(0, json.length, true);
      bytes.set(json, 8);
      await attempt(
        () => Object.values(safetensors.parse(bytes).tensors).map((t) => t.data.length),
        bytes.length,
        outcome,
        () => `try ${i}: ${new TextDecoder().decode(json)}`,
      );
    }
    expect(outcome.nFailed).toBeGreaterThan(nTries / 2);
    expect(outcome.nValid).toBeGreaterThan(0);
  });

  test("streams and shards of safetensors", { timeout }, async () => {
    const file = fromBase64(files.safetensors.file);
    const read = async (bytes: Uint8Array<ArrayBuffer>) => {
      for await (const [, tensor] of safetensors.stream(new Blob([bytes]))) void tensor.data.length;
    };
    await fuzzBytes([file], read, 3);
    const index = new TextEncoder().encode(
      JSON.stringify({ metadata: { total_size: 1 }, weight_map: { f32: "a", u8: "a" } }),
    );
    await fuzzBytes([index], (bytes) => safetensors.loadSharded(bytes, async () => file), 4);
  });

  test("GGUF", { timeout }, async () => {
    const read = (bytes: Uint8Array) => {
      for (const tensor of Object.values(gguf.parse(bytes).tensors)) gguf.dequantize(tensor);
    };
    const { nFailed } = await fuzzBytes([ggufFile, ggufFile.subarray(0, 3000)], read, 5);
    expect(nFailed).toBeGreaterThan(nTries / 3);
  });

  test("npy, npz and wav", { timeout }, async () => {
    await fuzzBytes(
      files.npy.map((f) => fromBase64(f.file)),
      (bytes) => npy.parse(bytes).data.length,
      6,
    );
    await fuzzBytes([fromBase64(files.npz.plain)], (bytes) => npz.parse(bytes), 7);
    await fuzzBytes([wavFile], (bytes) => audio.decodeWav(bytes).channels.length, 8);
  });

  test("tokenizer.json", { timeout }, async () => {
    const rng = new Rng(9);
    const outcome: Outcome = { nValid: 0, nFailed: 0 };
    // Small vocabularies, so that a change hits the rest often enough.
    const seeds = oracle.huggingface.map(({ json }) => small(json));
    for (let i = 0; i < nTries; i++) {
      const damaged = mutateJson(rng.pick(seeds), rng);
      const text = JSON.stringify(damaged);
      await attempt(
        () => use(new tokenizers.Tokenizer(damaged)),
        text.length,
        outcome,
        () => `try ${i}: ${text.slice(-1500)}`,
      );
    }
    expect(outcome.nFailed).toBeGreaterThan(nTries / 10);
    expect(outcome.nValid).toBeGreaterThan(nTries / 10);
  });

  test("text of tokenizer.json", { timeout }, async () => {
    const seeds = oracle.huggingface.map(({ json }) => new TextEncoder().encode(JSON.stringify(small(json))));
    await fuzzBytes(seeds, async (bytes) => use(await tokenizers.Tokenizer.load(bytes)), 10);
  });

  test("SentencePiece", { timeout }, async () => {
    const seeds = oracle.sentencepiece.map(({ model }) => {
      const parts = model.map((part) =>
        part.startsWith("@") ? fromBase64(oracle.blobs[part]!).subarray(0, 0) : fromBase64(part),
      );
      return Uint8Array.from(parts.flatMap((part) => [...part]));
    });
    await fuzzBytes(seeds, (bytes) => use(tokenizers.SentencePiece.fromBinary(bytes)), 11);
  });

  test("rank files", { timeout }, async () => {
    const lines = Array.from({ length: 256 }, (_, b) => `${btoa(String.fromCharCode(b))} ${b}`);
    const seed = new TextEncoder().encode(`${lines.join("\n")}\nYWI= 256\n`);
    const read = (bytes: Uint8Array) =>
      use(new tokenizers.BpeEncoding(tokenizers.parseRanks(bytes), {}, String.raw`\S+|\s+`));
    const { nFailed } = await fuzzBytes([seed], read, 12);
    expect(nFailed).toBeGreaterThan(nTries / 3);
  });
});

/** A tokenizer with some 60 of its tokens. */
function small(json: unknown): unknown {
  const text = JSON.stringify(json).replace(/"@charsmap\d"/g, '""');
  const config = JSON.parse(text) as {
    model: { vocab: Record<string, number> | unknown[]; merges?: [string, string][] };
  };
  const { model } = config;
  if (Array.isArray(model.vocab)) model.vocab = model.vocab.slice(0, 60);
  else {
    const tokens = Object.entries(model.vocab).sort((a, b) => a[1] - b[1]);
    model.vocab = Object.fromEntries(tokens.slice(0, 60));
  }
  if (model.merges !== undefined) {
    const vocab = model.vocab as Record<string, number>;
    model.merges = model.merges.filter(([a, b]) => [a, b, a + b].every((t) => Object.hasOwn(vocab, t)));
  }
  return config;
}
