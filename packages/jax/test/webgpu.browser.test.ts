/** Programs on WebGPU in a real browser, against the cpu device. */
import {
  type Array as JaxArray,
  type Device,
  DTypeError,
  DeviceError,
  DeviceLostError,
  OutOfMemoryError,
  checkLeaks,
  defaultDevice,
  devicePut,
  grad,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
} from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("expressions do not dispose their intermediate results");

type Program = (...xs: JaxArray[]) => JaxArray;

beforeAll(async () => {
  expect(await init("webgpu")).toEqual(["webgpu"]);
});
afterAll(() => void defaultDevice("wasm"));

/** Standard normal numbers, the same on every device: those of the reference, since rare ones differ by 1e-5 on a GPU. */
const normal = (seed: number, ...shape: number[]): (() => JaxArray) => {
  return () => {
    const device = defaultDevice();
    defaultDevice("cpu");
    const numbers = random.normal(random.key(seed), shape).dataSync();
    defaultDevice(device);
    return np.array(numbers).reshape(shape);
  };
};

async function valuesOn(device: Device, f: Program, inputs: readonly (() => JaxArray)[], jitted: boolean) {
  defaultDevice(device);
  const y = (jitted ? jit(f) : f)(...inputs.map((make) => make()));
  expect(y.device).toBe(device);
  return { dtype: y.dtype, shape: y.shape, data: Array.from(await y.data(), Number) };
}

/** Eager and jitted results on webgpu are those of the reference device. */
async function agrees(f: Program, inputs: readonly (() => JaxArray)[], tolerance = 1e-5): Promise<void> {
  const want = await valuesOn("cpu", f, inputs, false);
  for (const jitted of [false, true]) {
    const got = await valuesOn("webgpu", f, inputs, jitted);
    expect([got.dtype, got.shape]).toEqual([want.dtype, want.shape]);
    got.data.forEach((x, i) => {
      const e = want.data[i]!;
      const near = Object.is(x, e) || Math.abs(x - e) <= tolerance * Math.max(1, Math.abs(e));
      if (!near) expect.fail(`${jitted ? "jit" : "eager"}: element ${i} is ${x}, expected ${e}`);
    });
  }
}

const x = normal(1, 6, 10);
const w = normal(2, 10, 7);
const one = normal(3, 10);

describe("equals the reference", () => {
  const programs: Readonly<Record<string, readonly [Program, ...(() => JaxArray)[]]>> = {
    "arithmetic and broadcasting": [(a, b) => a.mul(2).add(b).div(a.mul(a).add(1)).sub(b.neg()), x, one],
    "elementary functions": [
      (a) =>
        np
          .exp(a)
          .add(np.sin(a))
          .add(np.tanh(a))
          .add(np.log1p(a.mul(a))),
      x,
    ],
    "full reduction": [(a) => a.sum(), x],
    "long reduction": [(a) => np.stack([a.mean(), a.max(), a.min()]), normal(4, 3, 5000)],
    "reductions along axes": [(a) => np.concatenate([a.sum(0), a.max(1), np.prod(a, 0)]), x],
    "argmax and argmin": [(a) => np.concatenate([np.argmax(a, 1), np.argmin(a, 0)]), x],
    softmax: [(a) => nn.softmax(a, -1), x],
    "softmax of long rows": [(a) => nn.softmax(a, -1), normal(5, 4, 1000)],
    standardize: [(a) => nn.standardize(a, -1), normal(6, 4, 100)],
    "matmul with epilogue": [(a, b) => nn.relu(np.matmul(a, b).add(1)), x, w],
    "matmul of several tiles": [(a, b) => np.matmul(a, b), normal(7, 70, 50), normal(8, 50, 45)],
    "transposed and batched matmul": [(a) => np.matmul(a, np.swapaxes(a, 1, 2)), normal(9, 3, 5, 4)],
    conv: [(a, k) => lax.convGeneralDilated(a, k, [2, 1], "SAME"), normal(10, 2, 3, 9, 8), normal(11, 4, 3, 3, 3)],
    "gather by an array": [(a) => np.take(a, np.array([3, 0, 5, -1], { dtype: "int32" }), 0), x],
    "scatter add and set": [
      (a) =>
        a
          .at(np.array([1, 1, 4], { dtype: "int32" }))
          .add(10)
          .at(0)
          .set(-1),
      x,
    ],
    "scatter of rows, some of them equal": [
      (a) =>
        np
          .zeros([5, 10])
          .at(np.array([1, 1, 4, 0, 1, 3], { dtype: "int32" }))
          .add(a),
      x,
    ],
    "scatter of overlapping windows": [
      (a) =>
        grad((b: JaxArray) =>
          np
            .stack([b.slice([0, 4]), b.slice([2, 6])])
            .mul(a.slice([0, 4]))
            .sum(),
        )(a),
      () => x().slice([], 0),
    ],
    cumsum: [(a) => np.cumsum(a, 1).add(np.cumsum(a, 0)), x],
    sort: [(a) => np.sort(a, 1), x],
    argsort: [(a) => np.argsort(a, 0), x],
    "negative strides": [
      (a) =>
        np
          .flip(a)
          .slice([1, 5], [2, 9])
          .add(a.slice([0, 4], [0, 7])),
      x,
    ],
    "remainder with either sign": [(a) => np.fmod(a.mul(1000.7), 0.7), () => np.arange(-30, 30).astype("float32")],
    "integers wrap": [(a) => a.astype("int32").mul(0x7fffffff).add(5), () => x().mul(100)],
    "narrow integers": [(a) => a.mul(100).astype("int8").mul(3).add(a.mul(1000).astype("uint8").astype("int8")), x],
    "float16 storage": [(a) => a.astype("float16").mul(3).add(1), x],
    "bfloat16 storage": [(a) => np.matmul(a.astype("bfloat16"), a.transpose().astype("bfloat16")), x],
    "sort of float16": [(a) => np.sort(a.astype("float16"), 0), x],
    "bool masks": [(a) => np.where(np.logicalAnd(a.greater(0), a.less(1)), a, -1), x],
    "empty axes": [(a) => np.concatenate([a.slice([0, 0]).sum(0), np.zeros([2])]), x],
  };
  for (const [name, [f, ...inputs]] of Object.entries(programs)) {
    test(name, () => agrees(f, inputs, /float16/.test(name) ? 1e-2 : 2e-5));
  }

  const step = (c: JaxArray, row: JaxArray): [JaxArray, JaxArray] => {
    const next = np.tanh(np.matmul(c, row.reshape([5, 5])).add(c));
    return [next, next.mul(2)];
  };
  const rows = normal(13, 6, 25);
  const start = normal(14, 5);
  for (const length of [1, 2, 5, 6]) {
    test(`scan of ${length} steps`, async () => {
      await agrees(
        (c, xs) => {
          const [last, all] = lax.scan(step, c, xs.slice([0, length])) as [JaxArray, JaxArray];
          return np.concatenate([last, all.reshape([-1])]);
        },
        [start, rows],
      );
    });
  }

  test("gradient of a scan", async () => {
    const loss = (c: JaxArray, xs: JaxArray): JaxArray => (lax.scan(step, c, xs) as [JaxArray, JaxArray])[0].sum();
    await agrees((c, xs) => (grad(loss) as unknown as Program)(c, xs), [start, rows]);
  });

  test("scan in scan, and a branch inside", async () => {
    const inner = (c: JaxArray, v: JaxArray): [JaxArray, JaxArray] => {
      const next = lax.cond(
        v.greater(0),
        (u: JaxArray) => np.sin(u),
        (u: JaxArray) => u.mul(0.5),
        c,
      ) as JaxArray;
      return [next.add(v), next];
    };
    const outer = (c: JaxArray, row: JaxArray): [JaxArray, JaxArray] => lax.scan(inner, c, row) as [JaxArray, JaxArray];
    await agrees(
      (c, xs) => {
        const [last, all] = lax.scan(outer, c, xs, { reverse: true }) as [JaxArray, JaxArray];
        return np.concatenate([last, all.reshape([-1])]);
      },
      [normal(15, 3), normal(16, 4, 3)],
    );
  });

  test("more operands than the device binds at once", async () => {
    const many = Array.from({ length: 24 }, (_, i) => normal(i, 3));
    await agrees((...xs) => np.concatenate(xs.map((a, i) => a.mul(i))), many);
    await agrees((...xs) => xs.reduce((a, b) => np.sin(a).add(b)), many);
    await agrees((...xs) => np.concatenate(xs.map((a) => np.flip(a))), many);
  });

  test("random bits are the same on every device", async () => {
    defaultDevice("webgpu");
    const got = await random.bits(random.key(1701), [1000]).data();
    defaultDevice("wasm");
    expect(got).toEqual(random.bits(random.key(1701), [1000]).dataSync());
  });

  test("gradient of an MLP", async () => {
    const loss = (w1: JaxArray, w2: JaxArray, a: JaxArray): JaxArray => {
      const logits = np.matmul(nn.relu(np.matmul(a, w1)), w2);
      return nn.logSoftmax(logits).slice([], 0).mean().neg();
    };
    const g = grad(loss, { argnums: [0, 1] }) as unknown as (...xs: JaxArray[]) => [JaxArray, JaxArray];
    const both: Program = (...xs) => {
      const [a, b] = g(...xs);
      return np.concatenate([a.reshape([-1]), b.reshape([-1])]);
    };
    await agrees(both, [normal(1, 10, 16), normal(2, 16, 4), normal(3, 12, 10)]);
  });
});

test("a lost device says so, and init makes a new one", async () => {
  await init("webgpu");
  const made: GPUDevice[] = [];
  const { createCommandEncoder } = GPUDevice.prototype;
  GPUDevice.prototype.createCommandEncoder = function (...args) {
    made.push(this);
    return createCommandEncoder.apply(this, args);
  };
  defaultDevice("webgpu");
  const f = jit((a: JaxArray) => a.mul(2).sum());
  const old = np.arange(4).add(1);
  f(old);
  GPUDevice.prototype.createCommandEncoder = createCommandEncoder;
  made[0]!.destroy();
  await made[0]!.lost;
  await new Promise((done) => setTimeout(done, 10));
  await expect(old.data()).rejects.toThrow(DeviceLostError);
  expect(() => f(old)).toThrow(/webgpu: the device was lost.*call await init\("webgpu"\) again/);
  expect(() => np.ones([2])).toThrow(/call await init\("webgpu"\) first/);
  expect(await init("webgpu")).toEqual(["webgpu"]);
  expect(await f(np.arange(4).add(1)).jsAsync()).toBe(20);
  expect(await np.arange(4).add(1).jsAsync()).toEqual([1, 2, 3, 4]);
});

describe("the device", () => {
  beforeAll(() => void defaultDevice("webgpu"));

  test("values come asynchronously; asking at once says how", async () => {
    const y = np.arange(3).mul(2);
    expect(await y.jsAsync()).toEqual([0, 2, 4]);
    expect(Array.from(await y.data())).toEqual([0, 2, 4]);
    for (const read of [() => y.js() as unknown, () => y.dataSync(), () => y.slice(0).item()]) {
      expect(read).toThrow(DeviceError);
      expect(read).toThrow(/await x\.jsAsync\(\)/);
    }
    expect(await y.jsAsync()).toEqual([0, 2, 4]);
  });

  test("arrays go to it and come back", async () => {
    const y = await devicePut(np.array([[1, 2]], { device: "wasm" }).transpose(), "webgpu");
    const z = await devicePut(y.add(1), "wasm");
    expect([y.device, z.device, z.js()]).toEqual(["webgpu", "wasm", [[2], [3]]]);
  });

  test("one call of a jitted function is one submit", async () => {
    const f = jit((a: JaxArray) => nn.softmax(np.matmul(a, a)).sum(0));
    const a = x().slice([0, 6], [0, 6]).add(0);
    f(a);
    const submit = GPUQueue.prototype.submit;
    let calls = 0;
    GPUQueue.prototype.submit = function (...args) {
      calls++;
      return submit.apply(this, args);
    };
    f(a);
    GPUQueue.prototype.submit = submit;
    expect(calls).toBe(1);
  });

  test("float64 is refused", () => {
    expect(() => np.zeros([2], { dtype: "float64" })).toThrow(DTypeError);
    expect(() => np.arange(2).astype("float64")).toThrow(/webgpu: the device has no float64/);
  });

  test("an array that no buffer can hold is refused, and nothing else is lost", async () => {
    const before = np.arange(4).mul(3);
    const large = (): JaxArray => np.zeros([2 ** 15, 2 ** 15]).add(1);
    expect(large).toThrow(OutOfMemoryError);
    expect(large).toThrow(/out of memory: asked 4294967296 bytes/);
    expect(await before.jsAsync()).toEqual([0, 3, 6, 9]);
  });

  test("no buffer is left behind", async () => {
    const f = jit((a: JaxArray) => np.matmul(a, a).sum(0));
    const a = normal(1, 8, 8)();
    f(a).dispose();
    checkLeaks.start();
    for (let i = 0; i < 5; i++) f(a).dispose();
    expect(checkLeaks.stop().leaked).toBe(0);
  });
});
