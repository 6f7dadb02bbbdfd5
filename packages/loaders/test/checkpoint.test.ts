/** Checkpoints: every kind of leaf comes back bit for bit, in every store; damage and mismatch are told. */
import { type Array as JaxArray, checkLeaks, jit, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import {
  CheckpointError,
  CheckpointManager,
  type FileStore,
  FormatError,
  LoaderError,
  QuotaError,
  checkpoint,
  indexedDbStore,
  memoryStore,
  nodeStore,
  opfsStore,
  safetensors,
} from "@jax-js/loaders";
import { adam, applyUpdates } from "@jax-js/optax";
import { afterEach, describe, expect, test } from "vitest";
import { Rng } from "./random-bytes";

const inBrowser = typeof window !== "undefined";

class Pair {
  readonly a: unknown;
  readonly b: unknown;
  readonly name: string;
  constructor(a: unknown, b: unknown, name: string) {
    this.a = a;
    this.b = b;
    this.name = name;
  }
}
tree.registerPytreeNode(
  Pair,
  (p) => [[p.a, p.b], p.name],
  (name, [a, b]) => new Pair(a, b, name),
);

const bitsOf = (x: ArrayBufferView) => [...new Uint8Array(x.buffer, x.byteOffset, x.byteLength)];

/** One array of each dtype, with the values at its edges. */
function arraysOfAllDtypes(): Record<string, JaxArray> {
  const floats = [0, -0, 1, -1.5, Infinity, -Infinity, NaN, 2 ** -14, 2 ** -24];
  return {
    bool: np.array([true, false]),
    int8: np.array(Int8Array.of(-128, 127)),
    int16: np.array(Int16Array.of(-32768, 32767)),
    int32: np.array(Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
    uint8: np.array(Uint8Array.of(0, 255)),
    uint16: np.array(Uint16Array.of(0, 65535)),
    uint32: np.array(Uint32Array.of(0, 2 ** 32 - 1)),
    float16: np.array(floats, { dtype: "float16" }),
    bfloat16: np.array(floats, { dtype: "bfloat16" }),
    float32: np.array(Float32Array.of(...floats, 1e-45, 3.4e38)),
    float64: np.array(Float64Array.of(...floats, 5e-324, 1.7e308)),
    empty: np.zeros([0, 3]),
    scalar: np.array(2),
    matrix: np.array([1, 2, 3, 4, 5, 6], { shape: [2, 3] }),
  };
}

describe("bytes of a state", () => {
  test("arrays of all dtypes", async () => {
    const state = arraysOfAllDtypes();
    const restored = checkpoint.parse<typeof state>(await checkpoint.serialize(state));
    expect(Object.keys(restored)).toEqual(Object.keys(state));
    for (const [name, x] of Object.entries(state)) {
      const y = restored[name]!;
      expect([name, y.dtype, y.shape]).toEqual([name, x.dtype, x.shape]);
      expect(bitsOf(await y.data())).toEqual(bitsOf(await x.data()));
    }
    tree.dispose([state, restored]);
  });

  test("leaves that are no arrays", async () => {
    const state = {
      numbers: [0, -0, 1.1, NaN, Infinity, -Infinity, 5e-324],
      others: ["text ✓", "", true, false, null, undefined, 12345678901234567890n, -1n],
      typed: [Uint8Array.of(1, 2), Float64Array.of(NaN, -0), BigInt64Array.of(-(2n ** 63n)), new Int16Array(0)],
      "key.with.dots": { "": [[], {}] },
      __proto__x: 1,
    };
    const restored = checkpoint.parse(await checkpoint.serialize(state));
    expect(restored).toEqual(state);
    expect(Object.is(restored.numbers[1], -0)).toBe(true);
  });

  test("names that would be equal", async () => {
    const state = { "a.b": np.array([1]), a: { b: np.array([2]) }, "a.b~2": np.array([3]) };
    const restored = checkpoint.parse<typeof state>(await checkpoint.serialize(state));
    expect([restored["a.b"].js(), restored.a.b.js(), restored["a.b~2"].js()]).toEqual([[1], [2], [3]]);
    tree.dispose([state, restored]);
  });

  test("is a safetensors file", async () => {
    using w = np.array([1, 2]);
    const { tensors } = safetensors.parse(await checkpoint.serialize({ layers: [{ w }] }));
    expect([...(tensors["layers.0.w"]!.data as Float32Array)]).toEqual([1, 2]);
  });

  test("objects of classes need a model", async () => {
    const state = { p: new Pair(np.array([1]), [np.array([2]), 3], "seven") };
    const bytes = await checkpoint.serialize(state);
    expect(() => checkpoint.parse(bytes)).toThrow(/p is of a class of its own; give a state/);
    const restored = checkpoint.parse(bytes, { like: state });
    expect(restored.p).toBeInstanceOf(Pair);
    expect(restored.p.name).toBe("seven");
    expect((restored.p.b as [JaxArray, number])[0].js()).toEqual([2]);
    tree.dispose([state, restored]);
  });

  test("what cannot be saved is named", async () => {
    for (const [state, message] of [
      [{ a: [{ f: () => 1 }] }, /a\.0\.f is a function/],
      [{ d: new Date() }, /d is an object of class Date/],
      [[Symbol("s")], /0 is a symbol/],
    ] as const) {
      await expect(checkpoint.serialize(state)).rejects.toThrow(CheckpointError);
      await expect(checkpoint.serialize(state)).rejects.toThrow(message);
    }
    const loop: unknown[] = [];
    loop.push(loop);
    await expect(checkpoint.serialize(loop)).rejects.toThrow(/nested/);
  });

  test("a model of another structure", async () => {
    using w = np.zeros([2, 3]);
    using wrongShape = np.zeros([3, 2]);
    using wrongDtype = np.zeros([2, 3], "int32");
    const bytes = await checkpoint.serialize({ layers: [{ w }], step: 1 });
    const cases: [unknown, RegExp][] = [
      [
        { layers: [{ w: wrongShape }], step: 1 },
        /layers\.0\.w was saved as float32\[2,3\], the model has float32\[3,2\]/,
      ],
      [{ layers: [{ w: wrongDtype }], step: 1 }, /the model has int32\[2,3\]/],
      [{ layers: [{ w }, { w }], step: 1 }, /layers was saved as a list of 1, the model has a list of 2/],
      [{ layers: [{ w, b: w }], step: 1 }, /layers\.0\.b of the model was not saved/],
      [{ layers: [{ w }] }, /step was saved, and is not in the model/],
      [{ layers: [{ w }], step: "1" }, /step was saved as 1, the model has a string/],
      [{ layers: [{ w }], step: null }, /step was saved as 1, the model has null/],
      [[w], /the state was saved as an object, the model has a list of 1/],
    ];
    for (const [like, message] of cases) {
      expect(() => checkpoint.parse(bytes, { like })).toThrow(CheckpointError);
      expect(() => checkpoint.parse(bytes, { like })).toThrow(message);
    }
  });

  test("damaged bytes are never taken for whole", async () => {
    using w = np.array([1, 2, 3, 4]);
    const bytes = await checkpoint.serialize({ w, list: [1, "two"] }, { loss: 0.5 });
    const rng = new Rng(11);
    let nFailed = 0;
    for (let i = 0; i < 1000; i++) {
      const damaged = bytes.slice(0, rng.below(20) === 0 ? rng.below(bytes.length) : bytes.length);
      for (let k = 0; k <= rng.below(3); k++) damaged[rng.below(damaged.length)] = rng.next();
      try {
        const state: unknown = checkpoint.parse(damaged);
        tree.dispose(state);
      } catch (error) {
        nFailed++;
        expect(error).toBeInstanceOf(LoaderError);
      }
    }
    expect(nFailed).toBeGreaterThan(500);
    const flipped = bytes.slice();
    flipped[bytes.length - 8] = flipped[bytes.length - 8]! ^ 1;
    expect(() => checkpoint.parse(flipped)).toThrow(/the bytes of w are damaged/);
  });
});

interface Place {
  readonly name: string;
  open(): Promise<{ store: FileStore; remove(): Promise<void> }>;
}

let nStores = 0;
const places: Place[] = [
  { name: "memory", open: async () => ({ store: memoryStore(), remove: async () => {} }) },
  ...(inBrowser
    ? [
        {
          name: "OPFS",
          async open() {
            const directory = `test-${nStores++}-${Date.now()}`;
            const root = await navigator.storage.getDirectory();
            return { store: opfsStore(directory), remove: () => root.removeEntry(directory, { recursive: true }) };
          },
        },
        {
          name: "IndexedDB",
          async open() {
            const name = `test-${nStores++}-${Date.now()}`;
            return { store: indexedDbStore(name), remove: async () => void indexedDB.deleteDatabase(`jax-js-${name}`) };
          },
        },
      ]
    : [
        {
          name: "a folder",
          async open() {
            const fs = process.getBuiltinModule("node:fs");
            const { join } = process.getBuiltinModule("node:path");
            const folder = fs.mkdtempSync(join(process.getBuiltinModule("node:os").tmpdir(), "jax-js-"));
            const remove = async () => fs.rmSync(folder, { recursive: true });
            return { store: nodeStore(join(folder, "deep", "down")), remove };
          },
        },
      ]),
];

for (const place of places) {
  describe(`a store in ${place.name}`, () => {
    let removals: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const remove of removals) await remove();
      removals = [];
    });
    const opened = async (): Promise<FileStore> => {
      const { store, remove } = await place.open();
      removals.push(remove);
      return store;
    };

    test("files of any name", async () => {
      const store = await opened();
      expect(await store.list()).toEqual([]);
      expect(await store.read("none")).toBe(null);
      expect(await store.info("none")).toBe(null);
      expect(await store.remove("none")).toBe(null);
      const names = ["a", "b/../c", "..", ".hidden", "ünï %41 ✓", "x".repeat(100), 'a*?<>|:"b'];
      for (const [i, name] of names.entries()) await store.write(name, new Uint8Array(i).fill(i));
      expect((await store.list()).map((f) => f.name).sort()).toEqual([...names].sort());
      for (const [i, name] of names.entries()) {
        expect([...(await store.read(name))!]).toEqual(new Array(i).fill(i));
        expect((await store.info(name))!.size).toBe(i);
        expect(Math.abs((await store.info(name))!.lastModified.getTime() - Date.now())).toBeLessThan(60_000);
      }
      expect((await store.remove(".."))!.size).toBe(2);
      expect(await store.read("..")).toBe(null);
    });

    test("a write that fails leaves the old file, and none where there was none", async () => {
      const store = await opened();
      async function* broken() {
        yield Uint8Array.of(9, 9);
        throw new Error("power cut");
      }
      await store.write("a", Uint8Array.of(1, 2, 3));
      await expect(store.write("a", broken())).rejects.toThrow("power cut");
      await expect(store.write("b", broken())).rejects.toThrow("power cut");
      expect([...(await store.read("a"))!]).toEqual([1, 2, 3]);
      expect((await store.list()).map((f) => f.name)).toEqual(["a"]);
    });

    test("a reader sees whole files while they are replaced", async () => {
      const store = await opened();
      await store.write("a", new Uint8Array(50_000).fill(0));
      const writes = (async () => {
        for (let i = 1; i <= 10; i++) await store.write("a", new Uint8Array(50_000).fill(i));
      })();
      for (let i = 0; i < 20; i++) {
        const bytes = (await store.read("a"))!;
        expect(bytes.length).toBe(50_000);
        expect(new Set(bytes).size).toBe(1);
      }
      await writes;
    });

    test("keeps the newest checkpoints", async () => {
      const store = await opened();
      const manager = new CheckpointManager(store, { maxToKeep: 2, keepPeriod: 4, saveIntervalSteps: 2 });
      const saved: boolean[] = [];
      for (let step = 1; step <= 11; step++) {
        using w = np.full([3], step);
        saved.push(await manager.save(step, { w, step }, { metadata: { loss: 1 / step } }));
      }
      expect(saved.map((s, i) => (s ? i + 1 : 0)).filter(Boolean)).toEqual([2, 4, 6, 8, 10]);
      expect(await manager.allSteps()).toEqual([4, 6, 8, 10]);
      const again = new CheckpointManager(store);
      expect(await again.latestStep()).toBe(10);
      const state = await again.restore<{ w: JaxArray; step: number }>();
      expect([state.w.js(), state.step]).toEqual([[10, 10, 10], 10]);
      expect(await again.metadata(6)).toEqual({ loss: 1 / 6 });
      state.w.dispose();
      await again.delete(10);
      expect(await again.latestStep()).toBe(8);
      await expect(again.delete(10)).rejects.toThrow(/no checkpoint of step 10/);
      await expect(again.restore(5)).rejects.toThrow(/no checkpoint of step 5.*there are 4, 6, 8/);
    });
  });
}

describe("saving while training goes on", () => {
  test("the state may be disposed at once, and typed arrays changed", async () => {
    const manager = new CheckpointManager(memoryStore());
    const w = np.array([1, 2, 3]);
    const counts = Int32Array.of(1, 2);
    const first = manager.save(1, { w, counts });
    const second = manager.save(2, { w, counts });
    w.dispose();
    counts.fill(0);
    expect(await Promise.all([first, second])).toEqual([true, true]);
    const state = await manager.restore<{ w: JaxArray; counts: Int32Array }>(2);
    expect(state.w.js()).toEqual([1, 2, 3]);
    expect([...state.counts]).toEqual([1, 2]);
    state.w.dispose();
  });

  test("errors need not be awaited, and are told when waiting", async () => {
    const manager = new CheckpointManager(memoryStore(10));
    using w = np.zeros([100]);
    void manager.save(1, { w });
    await expect(manager.waitUntilFinished()).rejects.toThrow(QuotaError);
    await manager.waitUntilFinished();
    await expect(manager.save(2, { w })).rejects.toThrow(QuotaError);
    expect(await manager.allSteps()).toEqual([]);
  });

  test("a step is saved once, unless forced", async () => {
    const manager = new CheckpointManager(memoryStore());
    await manager.save(1, { a: 1 });
    await expect(manager.save(1, { a: 2 })).rejects.toThrow(/step 1 is there already/);
    await manager.save(1, { a: 3 }, { force: true });
    expect(await manager.restore(1)).toEqual({ a: 3 });
  });

  test("wrong arguments", async () => {
    expect(() => new CheckpointManager(memoryStore(), { maxToKeep: 0 })).toThrow(CheckpointError);
    const manager = new CheckpointManager(memoryStore());
    expect(() => manager.save(-1, {})).toThrow(/-1 is not a whole number/);
    expect(() => manager.save(1.5, {})).toThrow(CheckpointError);
    await expect(manager.restore()).rejects.toThrow(/there is no checkpoint in memory/);
  });

  test("a foreign file is no checkpoint", async () => {
    const store = memoryStore();
    await store.write("step-0000000001.safetensors", safetensors.serialize({}));
    const manager = new CheckpointManager(store);
    await expect(manager.restore()).rejects.toThrow(FormatError);
    await store.write(
      "step-0000000001.safetensors",
      safetensors.serialize({}, { kind: "jax-js checkpoint", version: "9" }),
    );
    await expect(manager.restore()).rejects.toThrow(/version 9/);
  });

  test("no array is held after a failed restore", async () => {
    using w = np.zeros([2]);
    const bytes = await checkpoint.serialize({ a: w, b: w, c: 1 });
    expect(checkLeaks.active).toBe(true);
    expect(() => checkpoint.parse(bytes, { like: { a: w, b: w, c: "text" } })).toThrow(CheckpointError);
  });
});

describe("a run that is resumed", () => {
  interface State {
    params: { w: JaxArray; b: JaxArray };
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- of the optimizer
    optState: any;
    key: JaxArray;
  }
  const optimizer = adam(0.05);

  const init = (): State => {
    const params = { w: np.full([4, 1], 0.1), b: np.zeros([1]) };
    return { params, optState: optimizer.init(params), key: random.key(3) };
  };

  function stepper() {
    return jit((state: State): [State, JaxArray] => {
      const [key, sub] = random.split(state.key) as unknown as [JaxArray, JaxArray];
      const x = random.normal(sub, [8, 4]);
      const y = x.sum(1, { keepdims: true }).mul(0.5);
      const loss = (p: State["params"]) => np.square(np.matmul(x, p.w).add(p.b).sub(y)).mean();
      const [value, grads] = valueAndGrad(loss)(state.params);
      const [updates, optState] = optimizer.update(grads, state.optState, state.params);
      return [{ params: applyUpdates(state.params, updates), optState, key }, value];
    });
  }

  /** Losses, as bits, and the last state. */
  async function train(from: State, nSteps: number): Promise<[number[], State]> {
    using step = stepper();
    let state = from;
    const losses: number[] = [];
    for (let i = 0; i < nSteps; i++) {
      const [next, loss] = step(state);
      losses.push(loss.item());
      tree.dispose([state, loss]);
      state = next;
    }
    return [losses, state];
  }

  test("continues its loss curve bit for bit", async () => {
    const [whole, last] = await train(init(), 20);
    const store = memoryStore();
    const [before, middle] = await train(init(), 9);
    await new CheckpointManager(store).save(9, middle);
    const like = init();
    const restored = await new CheckpointManager(store).restore<State>(null, { like });
    const [after, end] = await train(restored, 11);
    expect([...before, ...after]).toEqual(whole);
    for (const [i, x] of tree.leaves<JaxArray>(end).entries()) {
      expect(bitsOf(await x.data())).toEqual(bitsOf(await tree.leaves<JaxArray>(last)[i]!.data()));
    }
    tree.dispose([last, middle, like, end]);
  });
});
