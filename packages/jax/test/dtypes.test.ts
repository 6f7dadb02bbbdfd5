/** `dtypes`: facts about dtypes (oracles/dtypes.py: as in JAX without 64-bit types). */
import { type DType, DTypeError, dtypes, numpy as np } from "@jax-js/jax";
import { expect, it } from "vitest";
import oracle from "./oracles/dtypes.json";

const table = <T>(f: (name: DType) => T, like: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.keys(like).map((name) => [name, f(name as DType)]));

it("canonicalizeDtype", () => {
  expect(table(dtypes.canonicalizeDtype, oracle.canonical)).toEqual(oracle.canonical);
  expect(dtypes.canonicalizeDtype("float64")).toBe("float64");
  using x = np.ones([1], { dtype: "int8" });
  expect(dtypes.canonicalizeDtype(x)).toBe("int8");
  expect(() => dtypes.canonicalizeDtype("foo")).toThrow(/"foo" is not a dtype/);
});

it("itemsizeBits", () => {
  expect(table(dtypes.itemsizeBits, oracle.bits)).toEqual(oracle.bits);
  expect(() => dtypes.itemsizeBits("int64" as DType)).toThrow(DTypeError);
});

it("scalarTypeOf", () => {
  const of = (dtype: DType): string => {
    using x = np.zeros([2], { dtype });
    return dtypes.scalarTypeOf(x);
  };
  expect(table(of, oracle.scalar)).toEqual(oracle.scalar);
  expect([dtypes.scalarTypeOf(1.5), dtypes.scalarTypeOf(true)]).toEqual(["float", "bool"]);
});

it("resultType, finfo, iinfo, bfloat16 are those of numpy", () => {
  const of = (pair: string): string => dtypes.resultType(...(pair.split(" ") as DType[]));
  expect(table(of, oracle.result)).toEqual(oracle.result);
  expect(table((name) => dtypes.finfo(name).eps, oracle.epsilon)).toEqual(oracle.epsilon);
  expect(table((name) => dtypes.iinfo(name).max, oracle.greatest)).toEqual(oracle.greatest);
  expect([dtypes.bfloat16, dtypes.issubdtype("int8", "integer")]).toEqual(["bfloat16", true]);
});
