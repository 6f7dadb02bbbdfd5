/** Indices of every kind take and update the elements that JAX's do: oracles/indexing.py. */
import { type Array as JaxArray, defaultDevice, grad, jit, lax, numpy as np } from "@jax-js/jax";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { topological } from "../src/kernel/build";
import { syncDevices } from "./devices";
import oracle from "./oracles/indexing.json";
import { wasmProgramOf } from "./program-of";
import { owned, test } from "./scoped";

type Packed = readonly [shape: number[], values: number[]];
type Part = number | null | "..." | { s: (number | null)[] } | { i: Packed } | { m: Packed };
interface Case {
  readonly x: number[];
  readonly i: readonly Part[];
  readonly s: readonly number[];
  readonly v: readonly number[];
  readonly set?: readonly number[];
  readonly add: readonly number[];
}
type Index = number | null | "..." | readonly (number | null)[] | JaxArray;

const cases = oracle.cases as unknown as readonly Case[];

function indexOf(part: Part): Index {
  if (part === null || typeof part !== "object") return part;
  if ("s" in part) return part.s;
  const [shape, values] = "i" in part ? part.i : part.m;
  return np.array(Int32Array.from(values), { shape, dtype: "i" in part ? "int32" : "bool" });
}

const at = (...is: number[]): JaxArray => owned(np.array(is, { dtype: "int32" }));

const iota = (shape: number[]): JaxArray => {
  const n = shape.reduce((p, q) => p * q, 1);
  return np.array(Float32Array.from({ length: n }, (_, i) => i), { shape }); // prettier-ignore
};
const flat = (x: JaxArray): number[] => Array.from(owned(x).dataSync(), (v) => v + 0);

function failure(c: Case): string | null {
  const x = iota(c.x);
  const index = c.i.map(indexOf);
  const got = x.slice(...index);
  const what = `[${c.x}] at ${JSON.stringify(c.i)}`;
  if (got.shape.join() !== c.s.join()) return `${what} has shape [${got.shape}], not [${c.s}]`;
  const data = flat(got);
  if (data.join() !== c.v.join()) return `${what} is ${data.join()}, not ${c.v.join()}`;
  const values = iota([...c.s])
    .neg()
    .sub(1);
  for (const kind of ["set", "add"] as const) {
    const want = c[kind];
    if (want === undefined) continue;
    const updated = flat(x.at(...index)[kind](values)).join();
    if (updated !== want.join()) return `${what}: ${kind} gives ${updated}, not ${want.join()}`;
  }
  return null;
}

for (const device of syncDevices) {
  describe(`on ${device}`, () => {
    beforeEach(() => void defaultDevice(device));
    afterEach(() => void defaultDevice("wasm"));

    for (let i = 0; i < cases.length; i += 60) {
      test(`indices from number ${i}`, () => {
        expect(
          cases
            .slice(i, i + 60)
            .map(failure)
            .filter((f) => f !== null),
        ).toEqual([]);
      });
    }

    test("under jit", () => {
      const f = owned(jit((x: JaxArray, i: JaxArray) => x.slice([null, null, -2], null, i)));
      expect(owned(f(iota([3, 4]), np.array([1, -1], { dtype: "int32" }))).js()).toEqual([[[9, 11]], [[1, 3]]]);
    });

    test("iteration goes along axis 0", () => {
      const [a, b] = iota([2, 2]);
      expect([a!, b!].map((row) => row.js() as unknown)).toEqual([[0, 1], [2, 3]]); // prettier-ignore
      expect(() => [...np.array(1)]).toThrow(/a scalar has no axis/);
    });
  });
}

describe("derivatives of updates", () => {
  const slope = (update: (x: JaxArray, u: JaxArray) => JaxArray, u: number[]): unknown => {
    const f = (x: JaxArray, y: JaxArray): JaxArray =>
      update(x, y)
        .mul(np.array([1, 2, 3]))
        .sum();
    const grads = grad(f, { argnums: [0, 1] })(np.array([1, 5, 3]), np.array(u)) as unknown as JaxArray[];
    return grads.map((g) => owned(g).js() as unknown);
  };

  // Values of jax.grad 0.10.2; the last index is out of range there too.
  test("what ties shares the derivative, what is dropped has none", () => {
    const i = at(0, 0, 1, 2, 7);
    expect(slope((x, u) => x.at(i).max(u), [2, 2, 5, 1, 9])).toEqual([[0, 1, 3], [0.5, 0.5, 1, 0, 0]]); // prettier-ignore
    expect(slope((x, u) => x.at(i).min(u), [2, 2, 5, 1, 9])).toEqual([[1, 1, 0], [0, 0, 1, 3, 0]]); // prettier-ignore
  });

  test("products, where no place is named twice", () => {
    const i = at(0, 2);
    expect(slope((x, u) => x.at(i).mul(u, { uniqueIndices: true }), [4, 5])).toEqual([[4, 2, 15], [1, 9]]); // prettier-ignore
    expect(() => slope((x, u) => x.at(i).mul(u), [4, 5])).toThrow(
      /scatter_mul: has no derivative.*uniqueIndices: true/,
    );
  });
});

describe("rows that are added to where they were taken", () => {
  const loss = (w: JaxArray, i: JaxArray): JaxArray => np.sum(np.square(np.take(w, i, 0)));

  // A row out of range is NaN in the loss, and drops out of the derivative.
  test("have the derivative of each time they were taken", () => {
    const w = owned(np.array([[1, 2], [3, 4], [5, 6]])); // prettier-ignore
    for (const f of [grad(loss), owned(jit(grad(loss)))]) {
      expect(owned(f(w, at(2, 0, 2, -3, 7))).js()).toEqual([[4, 8], [0, 0], [20, 24]]); // prettier-ignore
    }
  });

  // What is added is known to be no padding where it is added, so nothing asks again: it may not be read elsewhere.
  test("or is padded, and hangs over", () => {
    const f = owned(jit((x: JaxArray) => {
      const i = np.arange(4).sub(1).reshape([4, 1]);
      return lax.scatterAdd(np.abs(x), i, lax.pad(x, 1, [[1, 1, 0]]), { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] });
    })); // prettier-ignore
    for (const device of syncDevices) {
      defaultDevice(device);
      expect(owned(f(owned(np.array([-1, 2])))).js()).toEqual([0, 4]);
    }
    defaultDevice("wasm");
  });

  test("are looked for once", () => {
    const program = wasmProgramOf(grad(loss), owned(np.ones([3, 2])), at(0, 1));
    const [scatter] = program.kernels.filter((k) => k.kind === "scatter");
    expect(scatter!.guard).not.toBe(null);
    const loads = topological([scatter!.value]).filter((s) => s.tag === "load");
    expect(loads.map((load) => load.tag === "load" && load.guard)).toEqual(loads.map(() => null));
  });
});

describe("errors", () => {
  test("say what fits", () => {
    const x = iota([3, 4]);
    expect(() => x.slice(3)).toThrow(
      /index 3 is out of range for axis 0 of size 3; expected a whole number from -3 to 2/,
    );
    expect(() => x.slice(0, 0, 0)).toThrow(/3 indices for the 2 axes/);
    expect(() => x.slice("...", 0, "...")).toThrow(/only one "..."/);
    expect(() => x.slice([0, 2, 0])).toThrow(/a step other than 0/);
    expect(() => x.slice(np.array([true, false]))).toThrow(/a mask of shape \[2\] does not fit axes of sizes \[3\]/);
    expect(() => x.slice(np.array([0.5]))).toThrow(/indices must be integers/);
  });
});
