/** Cases that onnxruntime, ONNX's reference evaluator and, for old versions, NumPy answered: models, inputs and outputs. */
import { type Array as NdArray, type DType, numpy as np, tree } from "@jax-js/jax";
import { expect } from "vitest";
import { type ModelInput, type ModelOutput, ONNXModel } from "../src/index";
import text from "./oracles/cases.json?raw";
import oldVersions from "./oracles/old-versions.json?raw";

interface Plain {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

type Encoded = Plain | readonly Encoded[];

export interface Case {
  readonly name: string;
  readonly model: string;
  readonly inputs: Readonly<Record<string, Encoded>>;
  readonly outputs: Readonly<Record<string, Encoded>>;
  readonly tolerance?: number;
}

export const cases = [text, oldVersions].flatMap((file) => JSON.parse(file) as readonly Case[]);

export const caseNamed = (name: string): Case => cases.find((c) => c.name === name)!;

/** Wide integers are held in 32 bits. */
const dtypeOf = (type: string): DType => (({ int64: "int32", uint64: "uint32" }) as never)[type] ?? (type as DType);

const special: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const numbers = (data: Plain["data"]): number[] => data.map((x) => (typeof x === "number" ? x : special[x]!));

type Strings = string | readonly Strings[];

function nested(data: readonly string[], shape: readonly number[]): Strings {
  if (shape.length === 0) return data[0]!;
  const size = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, i) => nested(data.slice(i * size, (i + 1) * size), shape.slice(1)));
}

export function decode(x: Encoded): ModelInput {
  if (!("type" in x)) return x.map(decode);
  if (x.type === "string") return nested(x.data as string[], x.shape);
  return np.array(Float64Array.from(numbers(x.data)), { shape: x.shape, dtype: dtypeOf(x.type) });
}

export const inputsOf = (c: Case): Record<string, ModelInput> =>
  Object.fromEntries(Object.entries(c.inputs).map(([name, x]) => [name, decode(x)]));

export const isNumeric = (x: Encoded): boolean => ("type" in x ? x.type !== "string" : x.every(isNumeric));

export const modelOf = (c: Case): ONNXModel => new ONNXModel(Uint8Array.from(atob(c.model), (s) => s.charCodeAt(0)));

/** Elementwise within `tolerance`, absolute and relative; integers exactly. */
export function expectClose(got: NdArray, want: Plain, tolerance: number, where: string): void {
  expect(got.dtype, where).toBe(dtypeOf(want.type));
  expect(got.shape, where).toEqual(want.shape);
  const values = got.size === 0 ? [] : Array.from(got.dataSync(), Number);
  const slack = want.type === "float16" ? 5e-3 : want.type.startsWith("float") ? tolerance : 0;
  numbers(want.data).forEach((w, i) => {
    const g = values[i]!;
    const same = Number.isNaN(w) ? Number.isNaN(g) : g === w || Math.abs(g - w) <= slack * (1 + Math.abs(w));
    if (!same) expect.fail(`${where}[${i}]: got ${g}, want ${w}`);
  });
}

export function expectOutput(got: ModelOutput, want: Encoded, tolerance: number, where: string): void {
  if (!("type" in want)) {
    const items = got as readonly ModelOutput[];
    expect(items.length, where).toBe(want.length);
    want.forEach((w, i) => expectOutput(items[i]!, w, tolerance, `${where}[${i}]`));
  } else if (want.type === "string") expect(got, where).toEqual(nested(want.data as string[], want.shape));
  else expectClose(got as NdArray, want, tolerance, where);
}

/** The arrays in inputs or outputs, for disposal. */
export function disposeAll(...values: unknown[]): void {
  tree.dispose(values.filter((v) => v !== null) as never);
}
