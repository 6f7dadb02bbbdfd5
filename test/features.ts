/** The text of FEATURES.md, made from what the packages export. */
import * as jax from "@jax-js/jax";
import * as loaders from "@jax-js/loaders";
import * as onnx from "@jax-js/onnx";
import * as optax from "@jax-js/optax";

interface Section {
  readonly title: string;
  readonly names: readonly string[];
}

/** A function, or a layer: a pair of them. */
const isFeature = (value: unknown): boolean =>
  typeof value === "function" || (Array.isArray(value) && value.every((part) => typeof part === "function"));

function functionsOf(module: object): string[] {
  return Object.entries(module)
    .filter(([, value]) => isFeature(value))
    .map(([name]) => name)
    .sort();
}

const isModule = (value: unknown): value is object => Object.prototype.toString.call(value) === "[object Module]";

/** A section for the module and one for each namespace in it; one that is there under two names is told once. */
function sectionsOf(title: string, module: object, prefix = "", told = new Set<object>()): Section[] {
  const inside = Object.entries(module).filter((entry): entry is [string, object] => isModule(entry[1]));
  const sections: Section[] = [{ title, names: functionsOf(module) }];
  for (const [name, inner] of inside.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (told.has(inner)) continue;
    told.add(inner);
    sections.push(...sectionsOf(`${prefix}${name}`, inner, `${prefix}${name}.`, told));
  }
  return sections.filter(({ names }) => names.length > 0);
}

/** What of ONNX can be run, by domain. */
const operators = (): Section[] =>
  Object.entries(onnx.operatorNames()).map(([domain, names]) => ({ title: `Operators of ${domain || "ONNX"}`, names }));

const sections = (): Section[] => [
  ...sectionsOf("@jax-js/jax", jax),
  ...sectionsOf("@jax-js/optax", optax),
  ...sectionsOf("@jax-js/loaders", loaders, "loaders."),
  ...sectionsOf("@jax-js/onnx", onnx),
  ...operators(),
];

/** By section: what is made of the factorizations that webgpu has no routine for, or reads arrays at once. */
const NOT_ON_WEBGPU: Readonly<Record<string, readonly string[]>> = {
  "lax.linalg": ["eig", "hessenberg", "schur", "tridiagonal"],
  "numpy.linalg": ["eig", "eigvals"],
  "scipy.linalg": ["hessenberg", "schur", "sqrtm"],
  testUtil: ["checkGrads", "checkJvp", "checkVjp"],
};

const list = (names: readonly string[]): string => names.map((n) => `\`${n}\``).join(" ");

/** What FEATURES.md must be. */
export function featuresText(): string {
  const parts = [
    "# Features",
    "",
    "Made from the exports of the packages by `UPDATE_FEATURES=1 npx vitest run test/features`, and checked by the tests:",
    "a feature is here when it is implemented, tested and documented. float64 is on cpu and wasm; webgpu has the other",
    "dtypes, and may take numbers below 2^-126 for 0. Primitives are tested on each of their devices; functions that are",
    "made of them are compared with NumPy, SciPy and JAX on cpu and wasm, those of `scipy.stats` also on webgpu. `qr` with",
    "`raw` or `pivoting` is not on webgpu.",
    "",
  ];
  for (const { title, names } of sections()) {
    parts.push(`## ${title}`, "", "| devices | functions |", "|---|---|");
    const without = NOT_ON_WEBGPU[title] ?? [];
    const everywhere = names.filter((n) => !without.includes(n));
    if (everywhere.length > 0) parts.push(`| cpu, wasm, webgpu | ${list(everywhere)} |`);
    if (without.length > 0) parts.push(`| cpu, wasm | ${list(without)} |`);
    parts.push("");
  }
  return parts.join("\n");
}
