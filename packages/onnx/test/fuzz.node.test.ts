/**
 * Broken model files give an error of this package or a result: never another error, a hang, or a huge allocation.
 * FUZZ=100000 tries so many.
 */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, it } from "vitest";
import { ONNXModel, OnnxError } from "../src/index";
import { cases, disposeAll, inputsOf } from "./oracle";

const COUNT = Number(process.env.FUZZ ?? 2000);
/** What does not end, not what is slow: a first call compiles, and a busy machine has needed a second of the processor for it. */
const LONGEST_S = 10;
/** Errors and what the engine compiles take memory of their own; results are bounded by `limits`. */
const FREE_BYTES = 8e6;
const limits = { elements: 2 ** 20, iterations: 1000 };

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = generator(20);
const below = (n: number): number => Math.floor(random() * n);
const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;

/** Bytes changed, cut, put in or taken out. */
function damaged(bytes: Uint8Array): Uint8Array {
  const kind = below(5);
  let out = [...bytes];
  for (let k = 1 + below(3); k > 0 && out.length > 0; k--) {
    const at = below(out.length);
    if (kind === 0) out[at]! ^= 1 << below(8);
    else if (kind === 1) out = out.slice(0, at);
    else if (kind === 2) out.splice(at, 0, ...Array.from({ length: 1 + below(10) }, () => below(256)));
    else if (kind === 3) out.splice(at, 1 + below(8));
    else for (let i = 0; i < 10 && at + i < out.length; i++) out[at + i] = i < 9 ? 0xff : 1; // a huge varint
  }
  return Uint8Array.from(out);
}

const integers = [0n, 1n, -1n, 2n, 3n, 7n, 100n, 65536n, 2n ** 31n, -(2n ** 31n), 2n ** 40n, 2n ** 62n];
const floats = [0, -1, 1, 2, NaN, Infinity, 1e30];
const operators = [...new Set(cases.map((c) => c.name.replace(/^(ms|ml) /, "").split(" ")[0]!))];

type Fields = Record<string, unknown>;

/** All places in a message where a value can be changed. */
function places(message: unknown, out: [Fields, string][] = []): [Fields, string][] {
  for (const key of Object.keys(message as Fields)) {
    if (key.startsWith("$")) continue;
    const value = (message as Fields)[key];
    const isTree = typeof value === "object" && value !== null && !(value instanceof Uint8Array);
    if (!isTree || Array.isArray(value)) out.push([message as Fields, key]);
    if (isTree) places(value, out);
  }
  return out;
}

function changed(key: string, value: unknown): unknown {
  if (typeof value === "bigint") return random() < 0.5 ? pick(integers) : value + BigInt(below(7) - 3);
  if (typeof value === "number") return pick([...floats, below(30), value * 2]);
  if (typeof value === "string") return key === "opType" ? pick(operators) : pick(["", "x", "y0", `${value}q`, "axis"]);
  if (value instanceof Uint8Array) {
    const copy = value.slice();
    if (copy.length > 0) copy[below(copy.length)] = below(256);
    return random() < 0.2 ? copy.slice(0, below(copy.length + 1)) : copy;
  }
  if (!Array.isArray(value)) return value;
  const list = [...(value as unknown[])];
  if (random() < 0.5) list.splice(below(list.length + 1), 1);
  else if (list.length > 0) list.splice(below(list.length + 1), 0, pick(list));
  return list;
}

/** The model with one or two of its fields changed, so that it can still be parsed. */
function altered(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  for (let k = 1 + below(2); k > 0; k--) {
    const [fields, key] = pick(places([model.graph, model.opsetImport]));
    fields[key] = changed(key, fields[key]);
  }
  try {
    return toBinary(ModelProtoSchema, model);
  } catch {
    return damaged(bytes); // a number that the format cannot hold
  }
}

/** Memory that was taken and not given back: an upper bound of what is alive. */
function memoryBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What happened: a result, an error of the package, or the description of what must not be. */
function attempt(bytes: Uint8Array, inputs: ReturnType<typeof inputsOf>): string {
  let model: ONNXModel | null = null;
  try {
    const before = memoryBytes();
    model = new ONNXModel(bytes, { limits });
    const taken = memoryBytes() - before;
    if (taken > 10 * bytes.length + FREE_BYTES) return `it took ${taken} bytes to read ${bytes.length}`;
    disposeAll(model.run(inputs));
    return "result";
  } catch (error) {
    return error instanceof OnnxError && error.message ? "error" : `untyped: ${String(error)}`;
  } finally {
    model?.dispose();
  }
}

it(
  `${COUNT} broken files`,
  () => {
    const seen: Record<string, number> = {};
    for (let i = 0; i < COUNT; i++) {
      const c = pick(cases);
      const whole = Uint8Array.from(atob(c.model), (s) => s.charCodeAt(0));
      const bytes = random() < 0.3 ? damaged(whole) : altered(whole);
      const inputs = inputsOf(c);
      const start = process.cpuUsage();
      const outcome = attempt(bytes, inputs);
      const { user } = process.cpuUsage(start);
      disposeAll(inputs);
      expect(user / 1e6, `seconds for file ${i}, of "${c.name}"`).toBeLessThan(LONGEST_S);
      seen[outcome] = (seen[outcome] ?? 0) + 1;
    }
    expect(Object.keys(seen).sort()).toEqual(["error", "result"]);
    expect(seen.result).toBeGreaterThan(COUNT / 4);
  },
  240_000 + COUNT * 30,
);
