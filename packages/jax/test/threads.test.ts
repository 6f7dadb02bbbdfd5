/** The team of workers: what threads compute together is, bit for bit, what one computes. */
import {
  type Array as JaxArray,
  grad,
  jit,
  lax,
  nn,
  numThreads,
  numpy as np,
  random,
  setNumThreads,
} from "@jax-js/jax";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WasmDevice } from "../src/devices/wasm/device";
import type { WorkerTeam } from "../src/devices/wasm/team";
import { getDevice } from "../src/runtime/registry";
import { Module } from "../src/targets/wasm/assembler";
import { Owner } from "./owner";

type A = JaxArray;

const wasm = (): WasmDevice => getDevice("wasm") as WasmDevice;
const before = numThreads();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

afterAll(() => setNumThreads(before));

const normal = (seed: number, shape: number[]): A => random.normal(random.key(seed), shape);

/** Disposes what the operations leave between their arguments and the result. */
const eager =
  (f: (...xs: A[]) => A) =>
  (...xs: A[]): A => {
    const owner = new Owner();
    try {
      return owner.run(() => f(...xs).ref);
    } finally {
      owner[Symbol.dispose]();
    }
  };

interface Case {
  readonly args: () => A[];
  readonly f: (...xs: A[]) => A;
}

const recurrent = (w: A, x: A): A => {
  const step = (c: A, y: A): [A, A] => {
    const next = np.tanh(np.matmul(c, w).add(y));
    return [next, next.sum(0)];
  };
  return (lax.scan(step, x.slice(0), x) as [A, A])[1];
};

const CASES: Readonly<Record<string, Case>> = {
  "a product with an epilogue": {
    args: () => [normal(0, [200, 96]), normal(1, [96, 150]), normal(2, [150])],
    f: (x, y, b) => nn.relu(np.matmul(x!, y!).add(b!)),
  },
  "a chain of functions": {
    args: () => [normal(0, [301, 703])],
    f: (x) => np.tanh(x!.mul(2)).add(np.exp(x!.neg())),
  },
  "softmax over rows": { args: () => [normal(0, [333, 517])], f: (x) => nn.softmax(x!, -1) },
  "sums over columns": { args: () => [normal(0, [1001, 513])], f: (x) => np.square(x!).sum(0) },
  "a sum of everything": { args: () => [normal(0, [300_001])], f: (x) => np.sum(x!) },
  "the greatest of few rows": { args: () => [normal(0, [3, 100_003])], f: (x) => np.argmax(x!, 1) },
  "a variance of narrow columns": { args: () => [normal(0, [60_001, 6])], f: (x) => np.var(x!, 0) },
  "running sums of one row": { args: () => [normal(0, [200_003])], f: (x) => np.cumsum(x!) },
  "running products backward": { args: () => [normal(0, [3, 140_000])], f: (x) => lax.cumprod(x!, 1, true) },
  "running maxima of rows": { args: () => [normal(0, [301, 999])], f: (x) => lax.cummax(x!, 1) },
  "running sums of columns": { args: () => [normal(0, [999, 301])], f: (x) => np.cumsum(x!, 0) },
  "a sort of rows": { args: () => [normal(0, [70, 3001])], f: (x) => np.sort(x!, -1) },
  "a sort of columns": { args: () => [normal(0, [3001, 80])], f: (x) => np.sort(x!, 0) },
  "one long row in order": { args: () => [normal(0, [100_003])], f: (x) => np.sort(x!) },
  "one long row with NaN and zeros in order": {
    args: () => [np.where(random.bernoulli(random.key(1), 0.1, [60_001]), NaN, np.round(normal(0, [60_001])))],
    f: (x) => np.sort(x!),
  },
  "one long row of doubles in order": { args: () => [normal(0, [50_001]).astype("float64")], f: (x) => np.sort(x!) },
  "one long row of bytes in order": {
    args: () => [random.randint(random.key(0), [70_001], -128, 128, "int8")],
    f: (x) => np.sort(x!),
  },
  "places in the order of one long row": { args: () => [normal(0, [100_003])], f: (x) => np.argsort(x!) },
  "places in the order of many equal numbers": {
    args: () => [np.round(normal(0, [90_001]))],
    f: (x) => np.argsort(x!),
  },
  "places in the order of three long rows": { args: () => [normal(0, [3, 40_000])], f: (x) => np.argsort(x!, 1) },
  "places in the order of two keys": {
    args: () => [np.round(normal(0, [50_000])), normal(1, [50_000]).astype("float64")],
    f: (x, y) => np.lexsort([y!, x!]),
  },
  "places in the order of columns": { args: () => [normal(0, [3001, 80])], f: (x) => np.argsort(x!, 0) },
  "places of the greatest of rows": { args: () => [normal(0, [70, 3001])], f: (x) => np.argsort(x!, -1) },
  "transforms of rows": { args: () => [normal(0, [33, 1500])], f: (x) => np.fft.fft(x!).real as A },
  "one long transform": { args: () => [normal(0, [1 << 15])], f: (x) => np.fft.fft(x!).imag as A },
  "two long transforms with odd factors": { args: () => [normal(0, [2, 45_000])], f: (x) => np.fft.fft(x!).real as A },
  "a long transform of a prime length": { args: () => [normal(0, [20_011])], f: (x) => np.fft.ifft(x!).real as A },
  "one large factor": {
    args: () => [normal(0, [301, 301])],
    f: (x) => np.linalg.cholesky(np.matmul(x!, x!.T).add(np.eye(301))),
  },
  "one large factor in doubles": {
    args: () => [normal(0, [203, 203]).astype("float64")],
    f: (x) => np.linalg.cholesky(np.matmul(x!, x!.T).add(np.eye(203))),
  },
  "no factor, for the matrix is not positive definite": {
    args: () => [np.eye(300).sub(np.diag(np.where(np.arange(300).equal(200), 2, 0)))],
    f: (x) => np.linalg.cholesky(x!),
  },
  "rows exchanged in one large matrix": { args: () => [normal(0, [307, 251])], f: (x) => lax.linalg.lu(x!)[0] },
  "the order of rows in one large matrix": {
    args: () => [normal(0, [251, 307])],
    f: (x) => lax.linalg.lu(x!)[2].astype("float32"),
  },
  "one large orthogonal matrix": { args: () => [normal(0, [307, 211])], f: (x) => np.linalg.qr(x!)[0] },
  "one large triangle": { args: () => [normal(0, [211, 307])], f: (x) => np.linalg.qr(x!)[1] },
  "many right sides of one system": {
    args: () => [normal(0, [203, 203]), normal(1, [203, 301])],
    f: (x, y) => np.linalg.solve(x!, y!),
  },
  "many factorizations": {
    args: () => [normal(0, [31, 40, 40])],
    f: (x) => np.linalg.cholesky(np.matmul(x!, np.swapaxes(x!, 1, 2)).add(np.eye(40))),
  },
  "many systems": {
    args: () => [normal(0, [31, 33, 33]), normal(1, [31, 33, 2])],
    f: (a, b) => np.linalg.solve(a!, b!),
  },
  "many singular values": {
    args: () => [normal(0, [23, 30, 21])],
    f: (x) => np.linalg.svd(x!, { computeUv: false }) as A,
  },
  "a transposed copy": { args: () => [normal(0, [700, 501])], f: (x) => x!.transpose().add(1) },
  "a convolution": {
    args: () => [normal(0, [2, 16, 30, 30]), normal(1, [24, 16, 3, 3])],
    f: (x, w) => lax.convGeneralDilated(x!, w!, [1, 1], "SAME"),
  },
  "large and small kernels in turn": {
    args: () => [normal(0, [256, 256])],
    f: (x) =>
      np
        .matmul(x!, x!)
        .sub(x!.mean())
        .mul(np.cumsum(x!.slice(0)))
        .add(np.sort(x!.slice(1))),
  },
  "a loop with a large body": { args: () => [normal(0, [128, 128]), normal(1, [6, 100, 128])], f: recurrent },
  "its gradient": {
    args: () => [normal(0, [128, 128]).mul(0.1), normal(1, [6, 100, 128])],
    f: (w, x) => grad((v: A) => recurrent(v, x!).sum())(w!),
  },
  "a loop as long as values say": {
    args: () => [normal(0, [300, 300])],
    f: (x) =>
      lax.whileLoop(
        ([y]: [A, A]) => np.abs(y).max().greater(0.5),
        ([y, n]: [A, A]) => [np.sin(y).mul(0.9), n.add(1)] as [A, A],
        [x!, np.array(0)],
      )[0] as A,
  },
  "one of two branches": {
    args: () => [normal(0, [300, 300])],
    f: (x) => lax.cond(x!.sum().greater(0), (y: A) => np.exp(y), (y: A) => np.matmul(y, y), x!) as A, // prettier-ignore
  },
};

/** Operations outside of jit, which are compiled for all sizes. */
const EAGER: Readonly<Record<string, Case>> = {
  "an exponential": { args: () => [normal(0, [301, 703])], f: (x) => np.exp(x!) },
  "a sum of a column, a row, and what is turned and reversed": {
    args: () => [normal(0, [403, 301]), normal(1, [301, 1]), normal(2, [403])],
    f: (x, y, z) => np.flip(x!.transpose(), 1).add(y!).add(z!),
  },
  "softmax of other rows": { args: () => [normal(0, [211, 517])], f: (x) => nn.softmax(x!, -1) },
  "sums of rows": { args: () => [normal(0, [333, 517])], f: (x) => np.sum(x!, 1) },
  "standardization over columns": { args: () => [normal(0, [517, 333])], f: (x) => nn.standardize(x!, 0) },
};

const canShare = wasm().moduleOptions.shared;

describe.runIf(canShare)("programs of several threads", () => {
  const inputs = new Map<string, A[]>();
  const alone = new Map<string, ArrayLike<number>>();

  /** The case's arguments, and what one thread makes of them. */
  const prepare = (name: string, { args }: Case, f: (...xs: A[]) => A): void => {
    const xs = args();
    using y = f(...xs);
    inputs.set(name, xs);
    alone.set(name, y.dataSync() as ArrayLike<number>);
  };

  beforeAll(async () => {
    setNumThreads(1);
    for (const [name, c] of Object.entries(CASES)) {
      using g = jit(c.f);
      prepare(name, c, g);
    }
    for (const [name, c] of Object.entries(EAGER)) prepare(name, c, eager(c.f));
    setNumThreads(2);
    wasm().adaptive = false;
    const { team } = wasm();
    for (let i = 0; i < 1000 && !team!.isReady; i++) await pause(10);
    expect(team!.isReady).toBe(true);
  });
  afterAll(() => {
    wasm().adaptive = true;
    for (const xs of inputs.values()) for (const x of xs) x.dispose();
  });

  const agrees = async (name: string, g: (...xs: A[]) => A): Promise<void> => {
    const xs = inputs.get(name)!;
    const shared = wasm().team!.nShared;
    // Workers that compile the module, or sleep, are not waited for.
    for (let i = 0; i < 2000 && wasm().team!.nShared === shared; i++) {
      g(...xs).dispose();
      await pause(1);
    }
    expect(wasm().team!.nShared).toBeGreaterThan(shared);
    for (let i = 0; i < 3; i++) {
      using y = g(...xs);
      expect(y.dataSync()).toEqual(alone.get(name));
    }
  };

  for (const [name, { f }] of Object.entries(CASES)) {
    it(name, { timeout: 30_000 }, async () => {
      using g = jit(f);
      await agrees(name, g);
    });
  }

  for (const [name, { f }] of Object.entries(EAGER)) {
    it(`${name}, outside of jit`, { timeout: 30_000 }, () => agrees(name, eager(f)));
  }

  /** Runs a case with a team that `spoil` has changed, until a worker takes part. */
  const runSpoilt = async (name: string, g: (...xs: A[]) => A, spoil: (team: WorkerTeam) => void): Promise<void> => {
    const device = wasm();
    for (let i = 0; i < 1000 && !device.team!.isReady; i++) await pause(10);
    const xs = inputs.get(name)!;
    const team = device.team!;
    spoil(team);
    for (let i = 0; i < 2000 && device.team === team; i++) {
      using y = g(...xs);
      expect(y.dataSync()).toEqual(alone.get(name));
      await pause(1);
    }
    expect(team.nShared).toBeGreaterThan(0);
    expect(device.team).not.toBe(team);
  };

  const [first, { f }] = Object.entries(CASES)[0]!;
  const [firstEager, { f: operation }] = Object.entries(EAGER)[0]!;

  it("are done again by the caller when a worker fails", async () => {
    using g = jit(f);
    await runSpoilt(first, g, (team) => {
      const open = team.open.bind(team);
      team.open = (id, args, blockBytes, patience) => {
        // no address of the worker's block is in the memory
        wasm().words.fill(-64, (args + blockBytes) >>> 2, (args + 2 * blockBytes) >>> 2);
        return open(id, args, blockBytes, patience);
      };
    });
  });

  const runSilent = async (name: string, g: (...xs: A[]) => A): Promise<void> => {
    const silent = new Module();
    silent.importMemory({ min: 1, max: 65536, shared: true });
    silent.export(silent.func("gone", { args: "i32", thread: "i32", threads: "i32", block: "i32" }, []), "runTeam");
    await runSpoilt(name, g, (team) => {
      const load = team.load.bind(team);
      team.load = (content) => load({ ...content, bytes: silent.toBytes() });
    });
  };

  const blocks = (): number => wasm().ownMemory().ownBlocks;

  /** Workers that were given up have ended; until then memory that they might write to is kept back. */
  const ended = async (): Promise<void> => {
    for (let i = 0; i < 1000 && wasm()["nDying"] > 0; i++) await pause(10);
    expect(wasm()["nDying"]).toBe(0);
  };
  afterAll(ended);

  it("are done again by the caller when a worker is silent", { timeout: 30_000 }, async () => {
    await ended();
    const before = blocks();
    {
      using g = jit(f);
      await runSilent(first, g);
    }
    await ended();
    expect(blocks()).toBeLessThanOrEqual(before);
  });

  it("outside of jit too", { timeout: 30_000 }, async () => {
    const before = blocks();
    await runSilent(firstEager, eager(operation));
    await ended();
    expect(blocks()).toBeLessThanOrEqual(before);
  });

  it("go on alone when workers die", async () => {
    using g = jit(f);
    const xs = inputs.get(first)!;
    g(...xs).dispose();
    await wasm().team!.terminateWorkers();
    for (let i = 0; i < 3; i++) {
      using y = g(...xs);
      expect(y.dataSync()).toEqual(alone.get(first));
    }
  });
});

it.skipIf(canShare)("one thread where memory cannot be shared", () => {
  setNumThreads(4);
  expect(numThreads()).toBe(1);
});

it("numbers of threads that are none", () => {
  expect(() => setNumThreads(0)).toThrow("setNumThreads: expected a whole number from 1 to 16, got 0");
  expect(() => setNumThreads(1.5)).toThrow(RangeError);
});
