// Speed of tokenizers, ours against those of npm, in processor time of one run: the first pass over a text, and later ones.
// Fails if ours is slower than the best, or gives other ids. Run: npm run bench
import { Buffer } from "node:buffer";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";
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
for (const name of /** @type {const} */ (["cl100k_base", "o200k_base"])) {
  const { encode: encodeGpt } = await import(`gpt-tokenizer/encoding/${name}`);
  const ranks = gunzipSync(readFileSync(here(`../test/conformance/${name}.tiktoken.gz`)));
  globalThis.fetch = async () => new globalThis.Response(ranks);
  const ours = await loaders.tokenizers.getBpe(name, { store: loaders.memoryStore() });
  const wasm = get_encoding(name);
  /** @type {Record<string, (text: string) => ArrayLike<number>>} */
  const encoders = {
    "jax-js": (text) => ours.encode(text),
    "gpt-tokenizer": (text) => encodeGpt(text, { allowedSpecial: new Set() }),
    tiktoken: (text) => wasm.encode_ordinary(text),
  };
  for (const [kind, text] of Object.entries(texts)) {
    console.log(`\n${name}, ${kind}, ${text.length} characters`);
    /** @type {Record<string, { first: number, later: number }>} */
    const speeds = {};
    for (const [library, encode] of Object.entries(encoders)) {
      const first = timed(() => encode(text));
      // Processor time is told in coarse steps, so that many passes are timed as one.
      const nPasses = Math.ceil(1e7 / text.length);
      encode(text);
      const later = timed(() => {
        for (let i = 0; i < nPasses; i++) encode(text);
      });
      const [a, b] = [encode(text), wasm.encode_ordinary(text)];
      if (a.length !== b.length || b.some((id, i) => id !== a[i]))
        throw new Error(`${library} gives other ids than tiktoken`);
      const speed = { first: text.length / first / 1000, later: (nPasses * text.length) / later / 1000 };
      speeds[library] = speed;
      console.log(
        `  ${library.padEnd(14)} ${speed.first.toFixed(2).padStart(7)} then ${speed.later.toFixed(2).padStart(7)} million characters/s`,
      );
    }
    const best = Math.max(...Object.entries(speeds).map(([library, { later }]) => (library === "jax-js" ? 0 : later)));
    isBest &&= (speeds["jax-js"]?.later ?? 0) >= best;
  }
  wasm.free();
}
console.log(isBest ? "\njax-js is the fastest on every text" : "\njax-js is not the fastest on every text");
process.exitCode = isBest ? 0 : 1;
