/** The text of FEATURES.md, made from what the packages export and from the lists of what a device lacks. */
import * as jax from "@jax-js/jax";
import * as optax from "@jax-js/optax";

interface Section {
  readonly title: string;
  readonly names: readonly string[];
  /** Names that run on cpu and wasm, and not on webgpu. */
  readonly notOnWebgpu: readonly string[];
}

/** Needs a factorization, which webgpu has not yet. */
const FACTORED = new Set([
  "linalg.cholesky linalg.cond linalg.det linalg.eigh linalg.eigvalsh linalg.inv linalg.lstsq linalg.matrixRank",
  "linalg.pinv linalg.qr linalg.slogdet linalg.solve linalg.svd linalg.svdvals linalg.tensorinv linalg.tensorsolve",
  "numpy.polyfit lax.linalg.cholesky lax.linalg.eigh lax.linalg.lu lax.linalg.qr lax.linalg.svd lax.linalg.triangularSolve",
  "nn.initializers.orthogonal nn.initializers.deltaOrthogonal random.orthogonal random.multivariateNormal",
].flatMap((line) => line.split(" "))); // prettier-ignore

const TRANSFORMED_FFT = /^fft\.(?!fftfreq|rfftfreq|fftshift|ifftshift)/;
const LOOPS = new Set(["scan", "whileLoop", "foriLoop", "cond", "switch", "map", "customRoot"].map((n) => `lax.${n}`));

const lacksWebgpu = (name: string): boolean => FACTORED.has(name) || TRANSFORMED_FFT.test(name) || LOOPS.has(name);

function functionsOf(module: object): string[] {
  return Object.entries(module)
    .filter(([, value]) => typeof value === "function")
    .map(([name]) => name)
    .sort();
}

function section(title: string, prefix: string, module: object): Section {
  const all = functionsOf(module);
  const notOnWebgpu = all.filter((name) => lacksWebgpu(`${prefix}${name}`));
  return { title, names: all.filter((name) => !notOnWebgpu.includes(name)), notOnWebgpu };
}

const sections = (): Section[] => [
  section("@jax-js/jax", "", jax),
  section("numpy", "numpy.", jax.numpy),
  section("numpy.linalg", "linalg.", jax.numpy.linalg),
  section("numpy.fft", "fft.", jax.numpy.fft),
  section("lax", "lax.", jax.lax),
  section("lax.linalg", "lax.linalg.", jax.lax.linalg),
  section("nn", "nn.", jax.nn),
  section("nn.initializers", "nn.initializers.", jax.nn.initializers),
  section("random", "random.", jax.random),
  section("scipySpecial", "scipySpecial.", jax.scipySpecial),
  section("tree", "tree.", jax.tree),
  section("@jax-js/optax", "optax.", optax),
];

const list = (names: readonly string[]): string => names.map((n) => `\`${n}\``).join(" ");

/** What FEATURES.md must be. */
export function featuresText(): string {
  const parts = [
    "# Features",
    "",
    "Made from the exports of the packages by `UPDATE_FEATURES=1 npx vitest run test/features`, and checked by the tests:",
    "a feature is here when it is implemented, tested and documented. float64 is on cpu and wasm; webgpu has the other",
    "dtypes.",
    "",
  ];
  for (const { title, names, notOnWebgpu } of sections()) {
    parts.push(`## ${title}`, "", "| devices | functions |", "|---|---|");
    if (names.length > 0) parts.push(`| cpu, wasm, webgpu | ${list(names)} |`);
    if (notOnWebgpu.length > 0) parts.push(`| cpu, wasm | ${list(notOnWebgpu)} |`);
    parts.push("");
  }
  return parts.join("\n");
}
