/** Calls that leave this thread free: the same results as the calls themselves, in their order, and nothing is left. */
import {
  type Array as JaxArray,
  debug,
  grad,
  init,
  jit,
  lax,
  nn,
  numThreads,
  numpy as np,
  random,
  setNumThreads,
  valueAndGrad,
} from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WasmDevice } from "../src/devices/wasm/device";
import { getDevice } from "../src/runtime/registry";
import { testDevices } from "./devices";

type A = JaxArray;

const wasm = (): WasmDevice => getDevice("wasm") as WasmDevice;
const normal = (seed: number, shape: number[]): A => {
  using key = random.key(seed);
  return random.normal(key, shape);
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Some kernels of each kind, large enough for a team. */
const mixed = (x: A): A => {
  const y = np.tanh(np.matmul(x, x).mul(0.01));
  const [z] = lax.scan((c: A, _: A): [A, A] => [np.sin(c).add(y), c.sum()], y, np.arange(6)) as [A, A];
  return nn
    .softmax(z, -1)
    .add(np.sort(z.slice(0)))
    .add(np.cumsum(z.slice(1)));
};

describe("async", () => {
  for (const device of testDevices) {
    it(`gives what the call gives on ${device}`, async () => {
      using x = np.array([1, 2, 3], { device });
      using f = jit((a: A, s: number) => ({ sum: a.sum(), scaled: [a.mul(s), a] }));
      const want = f(x, 2);
      const got = await f.async(x, 2);
      expect(got.sum.device).toBe(device);
      expect(await got.sum.data()).toEqual(await want.sum.data());
      expect(await got.scaled[0]!.data()).toEqual(await want.scaled[0]!.data());
      expect(await got.scaled[1]!.data()).toEqual(await x.data());
      for (const y of [want.sum, got.sum, ...want.scaled, ...got.scaled]) y.dispose();
    });
  }

  it("of large programs, many at a time, with calls in between", { timeout: 30_000 }, async () => {
    using x = normal(0, [256, 256]);
    using f = jit(mixed);
    using want = f(x);
    const runs = Array.from({ length: 8 }, () => f.async(x));
    for (const run of runs) {
      using between = f(x);
      expect(between.dataSync()).toEqual(want.dataSync());
      using got = await run;
      expect(got.dataSync()).toEqual(want.dataSync());
    }
    if (wasm().driver !== null) expect(wasm().driver!.nRuns).toBeGreaterThan(0);
  });

  it("composes with derivatives, and results are arguments of the next call", async () => {
    const loss = (w: A, x: A): A => np.square(np.matmul(x, w).sub(1)).mean();
    using step = jit((w: A, x: A): [A, A] => {
      const [value, g] = valueAndGrad(loss)(w, x) as [A, A];
      return [w.sub(g.mul(0.1)), value];
    });
    using x = normal(1, [64, 16]);
    let w = np.zeros([16, 4]);
    let [first, last] = [NaN, NaN];
    for (let i = 0; i < 20; i++) {
      const [next, value] = await step.async(w, x);
      w.dispose();
      w = next;
      last = value.item();
      value.dispose();
      if (i === 0) first = last;
    }
    w.dispose();
    expect(first).toBeCloseTo(1, 5);
    expect(last).toBeLessThan(0.9);
  });

  it("holds its arguments while it runs", async () => {
    using f = jit(mixed);
    const x = normal(0, [200, 200]);
    using want = f(x);
    const runs = [f.async(x), f.async(x), f.async(x)];
    x.dispose();
    // Memory that was given back would be taken by these.
    using ones = np.ones([200, 200]);
    for (const run of runs) {
      using got = await run;
      expect(got.dataSync()).toEqual(want.dataSync());
    }
    using sum = ones.sum();
    expect(sum.item()).toBe(40_000);
  });

  it("disposes donated arguments when it has been called", async () => {
    using f = jit((x: A) => x.add(1), { donateArgnums: 0 });
    const x = np.ones([5]);
    const run = f.async(x);
    expect(x.refCount).toBe(0);
    using y = await run;
    expect(y.js()).toEqual([2, 2, 2, 2, 2]);
  });

  it("goes on when the function is disposed", async () => {
    const f = jit(mixed);
    using x = normal(0, [128, 128]);
    using want = f(x);
    const runs = [f.async(x), f.async(x)];
    f.dispose();
    for (const run of runs) {
      using got = await run;
      expect(got.dataSync()).toEqual(want.dataSync());
    }
  });

  it("rejects with the errors of tracing", async () => {
    using x = np.ones([3]);
    using f = jit((y: A) => y.add(np.ones([2])));
    const text = (() => {
      try {
        f(x);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    })();
    expect(text).toMatch(/add/);
    await expect(f.async(x)).rejects.toThrow(text);
  });

  it("does not donate when tracing fails", async () => {
    using x = np.ones([3]);
    using f = jit((y: A) => y.add(np.ones([2])), { donateArgnums: 0 });
    await expect(f.async(x)).rejects.toThrow("add");
    expect(x.refCount).toBe(1);
  });

  it("is refused inside transformations", async () => {
    using f = jit((y: A) => y.mul(2));
    let run: Promise<A> | null = null;
    using x = np.array(1);
    grad((y: A) => {
      run = f.async(y);
      return y;
    })(x).dispose();
    await expect(run!).rejects.toThrow("async was called inside a transformation");
  });

  it("runs callbacks in order, and rejects with their errors", async () => {
    const seen: number[] = [];
    using f = jit((x: A) => {
      debug.callback((v) => {
        seen.push((v as { data: ArrayLike<number> }).data[0]!);
        if (seen.length === 3) throw new Error("the third one");
      }, x);
      return x.mul(2);
    });
    const xs = [1, 2, 3, 4].map((v) => np.array(v));
    const runs = xs.map((x) => f.async(x));
    expect(seen).toEqual([]);
    const results = await Promise.allSettled(runs);
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(results.map((r) => r.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(String((results[2] as PromiseRejectedResult).reason)).toContain("the third one");
    for (const r of results) if (r.status === "fulfilled") r.value.dispose();
    for (const x of xs) x.dispose();
  });
});

const canShare = (await init("wasm")).length > 0 && wasm().driver !== null;

describe.runIf(canShare)("async on workers", { timeout: 30_000 }, () => {
  const before = numThreads();
  afterAll(() => setNumThreads(before));

  for (const threads of [1, 2]) {
    it(`this thread is free, with ${threads} computing`, async () => {
      setNumThreads(threads);
      using x = normal(0, [512, 512]);
      using f = jit((y: A) => lax.foriLoop(0, 60, (_i: A, z: A) => np.tanh(np.matmul(y, z)), y) as A);
      (await f.async(x)).dispose();
      let turns = 0;
      let longest = 0;
      let busy = true;
      const run = f.async(x).finally(() => (busy = false));
      const start = performance.now();
      for (let last = start; busy; turns++) {
        await pause(1);
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
      }
      (await run).dispose();
      expect(turns).toBeGreaterThan(10);
      expect(longest).toBeLessThan((performance.now() - start) / 2);
    });
  }

  it("with all threads: bit for bit what one computes", async () => {
    setNumThreads(1);
    using x = normal(0, [256, 256]);
    using f = jit(mixed);
    using want = f(x);
    setNumThreads(2);
    wasm().adaptive = false;
    try {
      (await f.async(x)).dispose();
      const { team } = wasm();
      for (let i = 0; i < 1000 && !team!.isReady; i++) await pause(10);
      const shared = team!.nShared;
      for (let i = 0; i < 5; i++) {
        const run = f.async(x);
        using between = f(x);
        expect(between.dataSync()).toEqual(want.dataSync());
        using got = await run;
        expect(got.dataSync()).toEqual(want.dataSync());
      }
      expect(team!.nShared).toBeGreaterThan(shared);
    } finally {
      wasm().adaptive = true;
    }
  });

  it("threads can be set meanwhile", async () => {
    setNumThreads(2);
    using x = normal(0, [256, 256]);
    using f = jit(mixed);
    using want = f(x);
    const runs: Promise<A>[] = [];
    for (const n of [1, 2, 3, 2]) {
      runs.push(f.async(x));
      await pause(2);
      setNumThreads(n);
    }
    for (const run of runs) {
      using got = await run;
      expect(got.dataSync()).toEqual(want.dataSync());
    }
  });

  it("workers that die in the middle of a run", { timeout: 60_000 }, async () => {
    setNumThreads(2);
    wasm().adaptive = false;
    try {
      using x = normal(0, [300, 300]);
      using f = jit((y: A) => lax.foriLoop(0, 60, (_i: A, z: A) => np.tanh(np.matmul(y, z)), y) as A);
      using want = f(x);
      (await f.async(x)).dispose();
      for (const kill of [() => wasm().driver!.terminate(), () => void wasm().team!.terminateWorkers()]) {
        const { team } = wasm();
        for (let i = 0; i < 1000 && !team!.isReady; i++) await pause(10);
        const runs = [f.async(x), f.async(x)];
        await pause(5);
        kill();
        for (const run of runs) {
          using got = await run;
          expect(got.dataSync()).toEqual(want.dataSync());
        }
        using after = await f.async(x);
        expect(after.dataSync()).toEqual(want.dataSync());
      }
    } finally {
      wasm().adaptive = true;
    }
  });
});

describe("async without workers", () => {
  const { driver } = wasm();
  beforeAll(() => void ((wasm() as { driver: unknown }).driver = null));
  afterAll(() => void ((wasm() as { driver: unknown }).driver = driver));

  it("runs in pieces, and the event loop turns in between", async () => {
    using x = normal(0, [300, 300]);
    using f = jit((y: A) => {
      let z = y;
      for (let i = 0; i < 60; i++) z = np.tanh(np.matmul(y, z));
      return z;
    });
    using want = f(x);
    let turns = 0;
    let busy = true;
    const run = f.async(x).finally(() => (busy = false));
    while (busy) {
      await pause(0);
      turns++;
    }
    using got = await run;
    expect(got.dataSync()).toEqual(want.dataSync());
    expect(turns).toBeGreaterThan(3);
  });
});
