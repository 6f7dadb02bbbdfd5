/** Dtypes and weak types of binary operations, for every pair of types, as JAX has them: oracles/promotion.py. */
import { type Array as JaxArray, type DType, evalShape, numpy as np } from "@jax-js/jax";
import { expect } from "vitest";
import oracle from "./oracles/promotion.json";
import { convert } from "../src/numpy/lift";
import { test } from "./scoped";

type Operand = JaxArray | number | boolean;
type Binary = (x: Operand, y: Operand) => JaxArray;

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
const SCALARS: Readonly<Record<string, number | boolean>> = { "bool()": true, "int()": 1, "float()": 1.5 };

function operand(type: string): Operand {
  if (type in SCALARS) return SCALARS[type]!;
  const weak = type.endsWith("*");
  return convert(np.ones([1], { dtype: "int8" }), type.replace("*", "") as DType, weak);
}

function operation(name: string): Binary {
  if (name === "where") return (x, y) => np.where(true, x, y);
  return (np as unknown as Record<string, Binary>)[camel(name)]!;
}

/** Operations whose results JAX makes in ways that forget weakness; their dtypes are compared alone. */
const FORGETFUL = ["power", "hypot", "heaviside", "gcd"];

function result(f: Binary, a: string, b: string): string {
  const out: string[] = [];
  try {
    evalShape(() => {
      const { dtype, weakType } = f(operand(a), operand(b));
      out.push(dtype + (weakType && dtype !== "bool" ? "*" : ""));
      return np.zeros([]);
    });
  } catch {
    return "!";
  }
  return out[0]!;
}

for (const [name, rows] of Object.entries(oracle.table)) {
  test(`${name}: ${oracle.types.length ** 2} pairs`, () => {
    const f = operation(name);
    const wrong = rows.flatMap((row, i) =>
      row.split(" ").flatMap((want, j) => {
        const [a, b] = [oracle.types[i]!, oracle.types[j]!];
        // Of numbers alone: JS has one kind, which is a float here.
        if (want === "-" || (a === "int()" && b === "int()")) return [];
        const got = result(f, a, b);
        const same = FORGETFUL.includes(name) ? got.replace("*", "") === want.replace("*", "") : got === want;
        return same ? [] : [`${a}, ${b}: ${got} for ${want}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
}
