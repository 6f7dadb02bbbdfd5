/** Arrays print as NumPy's do: oracles/printing.py wrote the texts. */
import { numpy as np } from "@jax-js/jax";
import { describe, expect, test as plainTest } from "vitest";
import { ShapedArray } from "../src/aval/shaped-array";
import type { DType } from "../src/aval/dtype";
import { formatRepr, formatValues } from "../src/runtime/format";
import { type PrintOptions, printOptions } from "../src/runtime/print-options";
import oracle from "./oracles/printing.json";
import { test } from "./scoped";

interface Case {
  readonly d: DType;
  readonly s: readonly number[];
  readonly v?: readonly (number | string)[];
  /** Element i is `((i * a) % m - b) / d`. */
  readonly rule?: readonly [number, number, number, number];
  readonly weak?: boolean;
  readonly o?: Partial<PrintOptions>;
  readonly str: string;
  readonly repr: string;
}

const SPELLED: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN, "-0.0": -0 };

function valuesOf({ d: dtype, s: shape, v, rule }: Case): number[] {
  if (v !== undefined) return v.map((x) => (typeof x === "string" ? SPELLED[x]! : x));
  const [a, m, b, d] = rule!;
  const n = shape.reduce((p, q) => p * q, 1);
  const exact = Array.from({ length: n }, (_, i) => (((i * a) % m) - b) / d);
  return dtype === "float32" ? exact.map(Math.fround) : exact;
}

const cases = oracle.cases as unknown as readonly Case[];

describe(`${cases.length} arrays`, () => {
  for (const [i, c] of cases.entries()) {
    plainTest(`${i}: ${c.d}[${c.s.join(",")}] ${JSON.stringify(c.o ?? {})}`, () => {
      const options = { ...printOptions(), ...c.o };
      const values = valuesOf(c);
      expect(formatValues({ values, shape: c.s, dtype: c.d }, options)).toBe(c.str);
      expect(formatRepr(values, ShapedArray.of(c.s, c.d, c.weak ?? false), options)).toBe(c.repr);
    });
  }
});

describe("where it shows", () => {
  test("strings of arrays", () => {
    expect(String(np.array([1, 2.5]))).toBe("[1.  2.5]");
    expect(`${np.array([[1, 2], [3, 4]], { dtype: "int32" })}`).toBe("[[1 2]\n [3 4]]"); // prettier-ignore
    expect(np.array(2).toString()).toBe("2.0");
    expect(np.array([true, false]).toString()).toBe("[ True False]");
  });
  test("inspection in Node", () => {
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    const x = np.array([1, 2]) as unknown as Record<symbol, () => string>;
    expect(x[inspect]!()).toBe("Array([1., 2.], dtype=float32)");
  });
  test("a disposed array says so", () => {
    const x = np.array([1, 2]).add(1);
    x.dispose();
    expect(x.toString()).toBe("Array:float32[2] (disposed)");
  });
});
