/** Layers of `exampleLibraries.stax` give JAX's parameters, outputs and gradients for the same keys (oracles/stax.py). */
import { type Array as JaxArray, exampleLibraries, grad, jit, numpy as np, random, tree } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { syncDevices } from "./devices";
import oracle from "./oracles/stax.json";
import { owned, test } from "./scoped";

const { stax } = exampleLibraries;
type Layer = exampleLibraries.stax.Layer;

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A layer as the script writes it: a name, or a list of a name and arguments. */
function build(spec: unknown): Layer {
  const [name, ...args] = (typeof spec === "string" ? [spec] : spec) as [string, ...unknown[]];
  if (name === "serial" || name === "parallel") return stax[name](...args.map(build));
  const made = stax[name as "Relu"] as Layer | ((...args: unknown[]) => Layer);
  return typeof made === "function" ? made(...args) : made;
}

function expectClose(got: JaxArray, { shape, data }: Plain, what: string): void {
  expect(got.shape, what).toEqual(shape);
  const scale = Math.max(1, ...data.map(Math.abs));
  got
    .ravel()
    .js()
    .forEach((v: number, i: number) => {
      // prettier-ignore
      if (Math.abs(v - data[i]!) > 1e-5 * scale) throw new Error(`${what}: element ${i} is ${v}, JAX has ${data[i]!}`);
    });
}

const expectAll = (got: unknown, want: readonly Plain[], what: string): void => {
  const leaves = tree.leaves<JaxArray>(got);
  expect(leaves.length, what).toBe(want.length);
  leaves.forEach((x, k) => expectClose(owned(x), want[k]!, `${what} ${k}`));
};

describe.each(syncDevices)("layers on %s", (device) => {
  for (const c of oracle.cases) {
    test(`${JSON.stringify(c.layer)} of [${c.shape.join()}]`, () => {
      const [init, apply] = build(c.layer);
      const [outShape, params] = init(owned(random.key(c.seed)), c.shape) as [unknown, unknown];
      owned(params);
      expect(outShape).toEqual(c.outShape);
      expectAll(params, c.params, "parameter");
      const x = owned(np.array(c.x.data, { device }).reshape(c.shape));
      const rng = owned(random.key(100 + c.seed));
      expectAll(apply(params, x, { rng }), [c.out], "output");
      const weights = owned(np.array(Array.from(c.out.data, (_, i) => Math.cos(0.7 * i + 0.3)), { device })); // prettier-ignore
      const loss = (p: unknown, v: JaxArray): JaxArray => np.dot((apply(p, v, { rng }) as JaxArray).ravel(), weights);
      const compiled = owned(jit(grad(loss, { argnums: [0, 1] })));
      expectAll(compiled(params, x), c.grads, "gradient");
    });
  }
});

describe("what JAX's layers do besides", () => {
  test("every result has a handle of its own, and nothing else is left", () => {
    const [init, apply] = stax.serial(stax.FanOut(2), stax.parallel(stax.Identity, stax.Dense(3)), stax.FanInSum);
    const params = owned(init(owned(random.key(0)), [2, 3])[1] as unknown);
    const x = owned(np.ones([2, 3]));
    owned(apply(params, x) as unknown);
    const [y, z] = stax.FanOut(2)[1]([], x) as [JaxArray, JaxArray];
    y.dispose();
    z.dispose();
    expect(x.refCount).toBe(1);
  });

  test("shapes with any batch, and layers made by shape", () => {
    const layer = stax.serial(
      stax.Conv(4, [3, 3], { padding: "SAME" }),
      stax.shapeDependent((shape: number[]) => stax.Dense(shape.at(-1)! * 2)),
      stax.Flatten,
    );
    const [shape, params] = layer[0](owned(random.key(0)), [-1, 5, 5, 1]);
    owned(params);
    expect(shape).toEqual([-1, 200]);
    expect((owned(layer[1](params, owned(np.ones([2, 5, 5, 1])))) as JaxArray).shape).toEqual([2, 200]);
  });

  test("options go to the layers", () => {
    const seen: unknown[] = [];
    const probe: Layer = [
      (_rng, shape: unknown) => [shape, []],
      (_params, inputs: unknown, options) => (seen.push(options?.["mode"], options?.rng === undefined), inputs),
    ];
    owned(stax.serial(probe, stax.serial(probe))[1]([[], [[]]], owned(np.ones([1])), { mode: "x" }) as unknown);
    expect(seen).toEqual(["x", true, "x", true]);
  });

  it("errors", () => {
    expect(() => stax.Dropout(0.5)[1]([], 1)).toThrow(/Dropout: apply needs a key/);
    expect(() => stax.parallel(stax.Relu, stax.Relu)[1]([[], []], [1])).toThrow(/parallel: got 1 inputs; expected 2/);
    expect(() => stax.Dense(2, { wInit: 1 } as never)).toThrow(/unknown option "wInit": did you mean "WInit"/);
  });
});
