/** The deterministic mode: no relaxed SIMD in what is generated, and the bits are the same wherever it runs. */
import {
  type Array as JaxArray,
  isDeterministic,
  jit,
  numThreads,
  numpy as np,
  random,
  setDeterministic,
  setNumThreads,
} from "@jax-js/jax";
import { afterEach, describe, expect, it } from "vitest";
import { wasmFeatures } from "../src/targets/wasm/features";

type A = JaxArray;

const threads = numThreads();
afterEach(() => {
  setDeterministic(false);
  setNumThreads(threads);
});

function inputs(): [A, A] {
  using key = random.key(3);
  using both = random.normal(key, [2, 96, 96]);
  return [both.slice(0), both.slice(1)];
}

const model = (x: A, y: A): A =>
  np
    .tanh(np.matmul(x, y))
    .add(np.exp(x.mul(0.5)))
    .sum(0);

describe("deterministic mode", () => {
  it("is off, and can be turned on and off", () => {
    expect(isDeterministic()).toBe(false);
    setDeterministic(true);
    expect(isDeterministic()).toBe(true);
  });

  it("uses no relaxed instruction", () => {
    const [x, y] = inputs();
    using f = jit(model);
    const text = (): string => f.lower(x, y).compile().asText();
    expect(text().includes("relaxed")).toBe(wasmFeatures().relaxed);
    setDeterministic(true);
    expect(text()).not.toContain("relaxed");
    x.dispose();
    y.dispose();
  });

  // test/strict-page.node.test.ts compares the bits of two engines.
  it("gives the same bits with every number of threads", () => {
    setDeterministic(true);
    const [x, y] = inputs();
    using f = jit(model);
    using some = f(x, y);
    setNumThreads(1);
    using one = f(x, y);
    expect(some.dataSync()).toEqual(one.dataSync());
    x.dispose();
    y.dispose();
  });
});
