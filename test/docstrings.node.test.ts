/** Runs the `@example` of every docstring, and the JavaScript blocks of README.md: `expr; // => value` is checked. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as jax from "@jax-js/jax";
import * as loaders from "@jax-js/loaders";
import * as onnx from "@jax-js/onnx";
import * as optax from "@jax-js/optax";
import { leavesArraysToCollector } from "./leak-rule";

leavesArraysToCollector("examples show one thing each, and leave the rest to garbage collection");

const root = fileURLToPath(new URL("..", import.meta.url));

function sources(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return name === "node_modules" || name === "dist" ? [] : sources(path);
    return /\.ts$/.test(name) && !/\.test\.ts$/.test(name) ? [path] : [];
  });
}

interface Example {
  readonly where: string;
  readonly code: string;
}

function examplesOf(path: string): Example[] {
  const text = readFileSync(path, "utf8");
  const out: Example[] = [];
  for (const match of text.matchAll(/@example\n((?:[ \t]*\*(?!\/).*\n)+)/g)) {
    const lines = match[1]!.split("\n").map((line) => line.replace(/^[ \t]*\* ?/, ""));
    const end = lines.findIndex((line) => line.startsWith("@"));
    const code = (end < 0 ? lines : lines.slice(0, end)).filter((line) => !line.startsWith("```")).join("\n");
    const line = text.slice(0, match.index).split("\n").length;
    out.push({ where: `${relative(root, path)}:${line}`, code });
  }
  for (const match of text.matchAll(/@example +(\S.*?) *\*\//g)) {
    const line = text.slice(0, match.index).split("\n").length;
    out.push({ where: `${relative(root, path)}:${line}`, code: match[1]! });
  }
  return out;
}

const packages: Readonly<Record<string, object>> = {
  "@jax-js/jax": jax,
  "@jax-js/loaders": loaders,
  "@jax-js/onnx": onnx,
  "@jax-js/optax": optax,
};

/** An import as a declaration of the same names, which the package must have. */
function imported(_statement: string, names: string, from: string): string {
  const missing = names
    .slice(1, -1)
    .split(",")
    .map((name) => name.trim().split(" as ")[0]!)
    .filter((name) => name !== "" && !(name in packages[from]!));
  if (missing.length > 0) return `throw new Error("${from} does not export ${missing.join(", ")}");`;
  return `const ${names.replace(/ as /g, ": ")} = packages["${from}"];`;
}

function blocksOf(path: string): Example[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/```(?:js|ts)\n([\s\S]*?)```/g)].map((match) => ({
    where: `${relative(root, path)}:${text.slice(0, match.index).split("\n").length}`,
    code: match[1]!.replace(/^import (\{[^}]*\}) from "(@jax-js\/\w+)";$/gm, imported),
  }));
}

/** `expr; // => value` becomes a check; statements that span lines are joined up to their first line. */
function instrument(code: string): string {
  return code
    .split("\n")
    .map((line) => {
      const match = /^(\s*)(.*?);?\s*\/\/ => (.*)$/.exec(line);
      if (match === null) return line;
      const [, indent, expression, wanted] = match;
      return `${indent}await check(${expression}, ${JSON.stringify(wanted)}, () => (${wanted}));`;
    })
    .join("\n");
}

function matches(got: unknown, wanted: unknown): boolean {
  if (typeof wanted === "number" && typeof got === "number") {
    return Object.is(got, wanted) || Math.abs(got - wanted) <= 2e-4 * Math.max(1e-3, Math.abs(wanted));
  }
  if (Array.isArray(wanted)) {
    return Array.isArray(got) && got.length === wanted.length && wanted.every((w, i) => matches(got[i], w));
  }
  if (wanted !== null && typeof wanted === "object") {
    return Object.keys(wanted).every((k) => matches((got as never)[k], (wanted as never)[k]));
  }
  return got === wanted;
}

/** Arrays as lists, typed arrays as lists. */
function plain(x: unknown): unknown {
  if (x instanceof jax.Array) return x.js();
  if (ArrayBuffer.isView(x)) return [...(x as unknown as number[])];
  if (Array.isArray(x)) return x.map(plain);
  if (x !== null && typeof x === "object" && Object.getPrototypeOf(x) === Object.prototype) {
    return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, plain(v)]));
  }
  return x;
}

let nChecks = 0;

async function check(value: unknown, text: string, wanted: () => unknown): Promise<void> {
  nChecks++;
  const got = plain(await value);
  const want = plain(wanted());
  expect(matches(got, want), `got ${JSON.stringify(got)}, the docstring says ${text}`).toBe(true);
}

/** False for exports whose names cannot be variables, as np.delete. */
function isVariableName(name: string): boolean {
  try {
    return /^[A-Za-z_$][\w$]*$/.test(name) && Boolean(new Function(name, ""));
  } catch {
    return false;
  }
}

const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>;

async function run({ code, where }: Example): Promise<void> {
  const { numpy: np, ...rest } = jax as unknown as { numpy: object };
  const names: Record<string, unknown> = {
    ...optax,
    ...jax.nn,
    ...jax.lax,
    ...jax.random,
    ...np,
    ...rest,
    ...(where.startsWith("packages/optax") ? optax : {}),
    ...(where.startsWith("packages/loaders") ? loaders : {}),
    ...(where.startsWith("packages/onnx") ? onnx : {}),
    np,
    jax,
    optax,
    packages,
    check,
  };
  const keys = Object.keys(names).filter(isVariableName);
  // A block, so that examples may declare names that are exports too.
  await new AsyncFunction(...keys, `{\n${instrument(code)}\n}`)(...keys.map((k) => names[k]));
}

const files = ["jax", "optax", "loaders", "onnx"].flatMap((name) => sources(join(root, "packages", name, "src")));
const examples = files.flatMap(examplesOf);

describe("docstring examples", () => {
  for (const example of examples) it(example.where, () => run(example));
  it("has examples that check something", () => {
    expect(nChecks).toBeGreaterThan(examples.length / 2);
  });
});

describe("README code blocks", () => {
  for (const page of [
    "README.md",
    ...["jax", "loaders", "onnx", "optax"].map((name) => `packages/${name}/README.md`),
  ]) {
    for (const block of blocksOf(join(root, page))) it(block.where, () => run(block));
  }
});

describe("worked examples", () => {
  const folder = join(root, "docs/examples");
  const pages = readdirSync(folder).map((name) => join(folder, name));
  for (const block of pages.flatMap(blocksOf)) it(block.where, () => run(block), 60000);
});
