import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

const fields = {
  name: `name: "planted"`,
  derivative: `derivative: { kind: "zero", because: "a test" }`,
  type: "type: ([x]) => [x]",
  batch: "batch: ([x], [bdim]) => [[x], [bdim]]",
  lower: "lower: ([x]) => [x]",
};

/** A module with one record, of these fields. */
const record = (chosen: string[]) => `
import type { Primitive } from "../packages/jax/src/core/primitive";
export const planted_p: Primitive<object, 1> = { ${chosen.join(", ")} };
`;

const without = (left: keyof typeof fields) =>
  Object.entries(fields).flatMap(([name, text]) => (name === left ? [] : [text]));

const silentRefusal = { ...fields, derivative: `derivative: { kind: "refused" }` };
const wrongArity = { ...fields, type: "type: ([x, y]) => [x, y]" };

const modules: Record<string, string> = {
  complete: record(Object.values(fields)),
  "no-derivative": record(without("derivative")),
  "no-type": record(without("type")),
  "no-batch": record(without("batch")),
  "no-lower": record(without("lower")),
  "no-reason": record(Object.values(silentRefusal)),
  "wrong-arity": record(Object.values(wrongArity)),
};

const messages = new Map<string, string>();

/** Checks all modules as one program, as files of this folder that exist in memory only. */
beforeAll(() => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, undefined, undefined);
  const here = dirname(fileURLToPath(import.meta.url));
  const texts = new Map(Object.entries(modules).map(([name, text]) => [join(here, `${name}.planted.ts`), text]));

  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = texts.get(path);
    return text === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
  };

  const program = ts.createProgram([...texts.keys()], options, host);
  for (const name of Object.keys(modules)) {
    const file = program.getSourceFile(join(here, `${name}.planted.ts`));
    const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    messages.set(name, diagnostics.map((d) => ts.flattenDiagnosticMessageText(d.messageText, "\n")).join("\n"));
  }
}, 60_000);

test("a complete record compiles", () => {
  expect(messages.get("complete")).toBe("");
});

test.each(["derivative", "type", "batch", "lower"])("a record without `%s` does not compile", (field) => {
  expect(messages.get(`no-${field}`)).toContain(`Property '${field}' is missing`);
});

test("a refused derivative without its reason does not compile", () => {
  expect(messages.get("no-reason")).toContain("because");
});

test("a rule for two arguments in a record for one does not compile", () => {
  expect(messages.get("wrong-arity")).toContain("has no element at index '1'");
});
