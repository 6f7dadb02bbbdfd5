// Speed of tokenizers, ours against those of npm, in processor time of one run: the first pass over a text, and later ones.
// Fails if ours is slower than the best, or gives other ids. Run: npm run bench
import { Buffer } from "node:buffer";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { Tokenizer } from "@huggingface/tokenizers";
import { build } from "esbuild";
import { Tiktoken } from "js-tiktoken/lite";
import { get_encoding } from "tiktoken";

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @type {typeof import("../src/index")} */
const loaders = await (async () => {
  const { outputFiles } = await build({
    entryPoints: [here("../src/index.ts")],
    alias: { "@jax-js/jax": here("../../jax/src/index.ts") },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
  });
  const [file] = outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(/** @type {any} */ (file).contents).toString("base64")}`);
})();

/** Program text: the sources of the core. @param {string} folder @returns {string} */
function codeOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? codeOf(path) : readFileSync(path, "utf8");
    })
    .join("\n");
}

/** Words of many languages, in random order. */
function manyLanguages() {
  const script = readFileSync(here("../test/oracles/tokenizers.py"), "utf8");
  const words = (/CORPUS = """([^]*?)"""/.exec(script)?.[1] ?? "").split(/(?<=\s)/);
  let seed = 1;
  const out = [];
  for (let i = 0; i < 60_000; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    out.push(words[seed % words.length]);
  }
  return out.join("");
}

const texts = {
  code: codeOf(here("../../jax/src")).slice(0, 1_000_000),
  prose: [
    "README.md",
    "FEATURES.md",
    "LICENSE",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "packages/loaders/README.md",
  ]
    .map((path) => readFileSync(here(`../../../${path}`), "utf8"))
    .join("\n"),
  languages: manyLanguages(),
};

/** Processor time in ms. @param {() => unknown} f */
function timed(f) {
  const start = process.cpuUsage();
  f();
  return process.cpuUsage(start).user / 1000;
}

let isBest = true;
/** The libraries take turns; the best of so many counts, since other programs disturb. */
const ROUNDS = 3;

/**
 * Times encoders of one vocabulary on a text, and prints what they do.
 *
 * @param {string} title @param {string} text
 * @param {Record<string, (text: string) => ArrayLike<number>>} encoders "jax-js" and others
 * @param {string} judge whose ids must be those of "jax-js"
 */
function compare(title, text, encoders, judge) {
  console.log(`\n${title}, ${text.length} characters`);
  const want = encoders[judge](text);
  /** @type {Record<string, number>} Milliseconds of the first pass, and the best speed of later ones. */
  const firsts = {};
  /** @type {Record<string, number>} */
  const speeds = {};
  for (const [library, encode] of Object.entries(encoders)) {
    const first = timed(() => encode(text));
    const ids = encode(text);
    if (ids.length !== want.length || Array.from(ids).some((id, i) => id !== want[i])) {
      if (library === "jax-js") throw new Error(`jax-js gives other ids than ${judge}`);
      console.log(`  ${library.padEnd(14)} gives other ids`);
    }
    firsts[library] = first;
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [library, encode] of Object.entries(encoders)) {
      // Processor time is told in coarse steps, so that many passes are timed as one.
      const nPasses = Math.ceil(Math.min(5e6 / text.length, 500 / Math.max(firsts[library], 1)));
      const ms = timed(() => {
        for (let i = 0; i < nPasses; i++) encode(text);
      });
      speeds[library] = Math.max(speeds[library] ?? 0, (nPasses * text.length) / ms / 1000);
    }
  }
  for (const [library, speed] of Object.entries(speeds)) {
    const [a, b] = [text.length / firsts[library] / 1000, speed].map((x) => x.toFixed(2).padStart(7));
    console.log(`  ${library.padEnd(14)} ${a} then ${b} million characters/s`);
  }
  const best = Math.max(...Object.entries(speeds).map(([library, speed]) => (library === "jax-js" ? 0 : speed)));
  isBest &&= speeds["jax-js"] >= best;
}

for (const name of /** @type {const} */ (["cl100k_base", "o200k_base"])) {
  const { encode: encodeGpt } = await import(`gpt-tokenizer/encoding/${name}`);
  const ranks = gunzipSync(readFileSync(here(`../test/conformance/${name}.tiktoken.gz`)));
  globalThis.fetch = async () => new globalThis.Response(ranks);
  const ours = await loaders.tokenizers.getBpe(name, { store: loaders.memoryStore() });
  const wasm = get_encoding(name);
  const pureJs = new Tiktoken((await import(`js-tiktoken/ranks/${name}`)).default);
  /** @type {Record<string, (text: string) => ArrayLike<number>>} */
  const encoders = {
    "jax-js": (text) => ours.encode(text),
    "gpt-tokenizer": (text) => encodeGpt(text, { allowedSpecial: new Set() }),
    tiktoken: (text) => wasm.encode_ordinary(text),
    "js-tiktoken": (text) => pureJs.encode(text, [], []),
  };
  for (const [kind, text] of Object.entries(texts)) compare(`${name}, ${kind}`, text, encoders, "tiktoken");
  wasm.free();
}
// tokenizer.json of all kinds, with the small vocabularies of the tests.
const oracle = JSON.parse(gunzipSync(readFileSync(here("../test/oracles/tokenizers.json.gz"))).toString("utf8"));
for (const { name, json } of oracle.huggingface) {
  // Parts of pipelines, which no model is made with.
  if (/^(words|split|punctuation|fixed|digits|scripts)/.test(name)) continue;
  const text = JSON.stringify(json).replace(/"@\w+"/g, (blob) =>
    JSON.stringify(oracle.blobs[JSON.parse(blob)] ?? JSON.parse(blob)),
  );
  const ours = new loaders.tokenizers.Tokenizer(JSON.parse(text));
  try {
    const theirs = new Tokenizer(JSON.parse(text), {});
    const encoders = {
      "jax-js": (/** @type {string} */ s) => ours.encode(s),
      "@huggingface": (/** @type {string} */ s) => theirs.encode(s).ids,
    };
    compare(`tokenizer.json ${name}`, texts.prose, encoders, "jax-js");
  } catch (error) {
    console.log(`\ntokenizer.json ${name}: @huggingface/tokenizers cannot read it (${error})`);
  }
}
console.log(isBest ? "\njax-js is the fastest on every text" : "\njax-js is not the fastest on every text");
process.exitCode = isBest ? 0 : 1;
