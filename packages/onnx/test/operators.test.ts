/** Each operator gives what onnxruntime, ONNX's reference evaluator or its document gives; also under jit and vmap. */
import { type Array as NdArray, jit, numpy as np, tree, vmap } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { type ModelOutput, type ONNXModel } from "../src/index";
import { type Case, cases, disposeAll, expectOutput, inputsOf, isNumeric, modelOf } from "./oracle";

type Outputs = Record<string, ModelOutput>;
type Arrays = Record<string, NdArray>;

function check(c: Case, got: Outputs): void {
  for (const [name, want] of Object.entries(c.outputs)) expectOutput(got[name]!, want, c.tolerance ?? 2e-5, name);
}

/** Operators whose results have as many elements as the values of an input say, or that count on the host. */
const needValues = /^(Compress|NonZero|Unique|NonMaxSuppression|TfIdfVectorizer)/;

describe("eagerly", () => {
  for (const c of cases) {
    it(c.name, () => {
      using model = modelOf(c);
      const inputs = inputsOf(c);
      const got = model.run(inputs);
      check(c, got);
      disposeAll(inputs, got);
    });
  }
});

const numeric = cases.filter((c) => {
  const all = [...Object.values(c.inputs), ...Object.values(c.outputs)];
  return Object.keys(c.inputs).length > 0 && all.every(isNumeric);
});

/** Runs a transformed model; what must know values says so. */
function transformed(c: Case, run: (model: ONNXModel, inputs: Arrays) => Outputs): void {
  using model = modelOf(c);
  const inputs = inputsOf(c) as Arrays;
  if (needValues.test(c.name)) expect(() => run(model, inputs)).toThrow(/which are not known here/);
  else {
    const got = run(model, inputs);
    check(c, got);
    disposeAll(got);
  }
  disposeAll(inputs);
}

describe("under jit", () => {
  for (const c of numeric) {
    it(c.name, () =>
      transformed(c, (model, inputs) => {
        using f = jit(model.run);
        return f(inputs as never);
      }),
    );
  }
});

/** Results that do not depend on the inputs are arrays that vmap takes copies of. */
function isConcrete(x: NdArray): boolean {
  try {
    return x.device !== undefined;
  } catch {
    return false;
  }
}

describe("under vmap", () => {
  for (const c of numeric) {
    it(c.name, () =>
      transformed(c, (model, inputs) => {
        const pairs = tree.map((x: NdArray) => np.stack([x, x]), inputs) as Arrays;
        const constants: NdArray[] = [];
        try {
          const f = (xs: never): Outputs => {
            const out = model.run(xs);
            constants.push(...(tree.leaves(out as never) as NdArray[]).filter(isConcrete));
            return out;
          };
          const both = vmap(f)(pairs as never) as Outputs;
          const second = tree.map((x: NdArray) => x.slice(1), both as never) as Outputs;
          disposeAll(both);
          return second;
        } finally {
          disposeAll(pairs, constants);
        }
      }),
    );
  }
});
