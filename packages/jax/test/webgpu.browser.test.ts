/** Programs on WebGPU in a real browser, against the cpu device. */
import { defaultDevice, init, jit, nn, numpy as np, random } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  expect(await init("webgpu")).toEqual(["webgpu"]);
  defaultDevice("webgpu");
});

test("smoke", async () => {
  const x = np.arange(12).reshape([3, 4]).astype("float32");
  console.log(await x.add(1).jsAsync());
  console.log(await nn.softmax(x).jsAsync());
  console.log(await np.matmul(x, x.transpose()).jsAsync());
  console.log(await jit((y: typeof x) => np.matmul(y, y.transpose()).add(1).sum())(x).jsAsync());
  console.log(await random.normal(random.key(0), [4]).jsAsync());
});
