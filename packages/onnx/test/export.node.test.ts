/** Exported models in onnxruntime-web give our results: every record's samples, whole models, random programs. */
import { type Array as NdArray, grad, init, jit, lax, nn, numpy as np, random, tree, vmap } from "@jax-js/jax";
import { beforeAll, describe, expect, it } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";
import { expectSame, makeInputs, readAll } from "../../jax/test/laws/arrays";
import { sampleName } from "../../jax/test/laws/sample";
import { samplesByRecord } from "../../jax/test/laws/samples";
import { ONNXModel, OnnxExportError, exportOnnx } from "../src/index";
import { ortTakes, runOrt } from "./ort";

leavesArraysToCollector("models are the subject here");

beforeAll(() => init());

type Flat = (...xs: NdArray[]) => NdArray[];

async function check(name: string, f: Flat, args: readonly NdArray[], slack = 1): Promise<void> {
  const model = exportOnnx(f)(...args);
  const want = await readAll(f(...args));
  const got = await runOrt(model, await readAll(args)).catch((error: unknown) => {
    throw new Error(`${name}: onnxruntime: ${String(error)}`);
  });
  expectSame(name, got, want, slack, TOLERANCE);
}

/** ORT computes much in float32, and sums in another order. */
const TOLERANCE = 1e-5;

/** What ONNX, or opset 18 of it, has no counterpart of. */
const WITHOUT: ReadonlySet<string> = new Set([
  "cholesky", "clz", "digamma", "eig", "eigh", "geqrf", "hessenberg", "lgamma", "lu", "nextafter", "population_count", "qr", "schur",
  "svd", "triangular_solve", "tridiagonal",
]); // prettier-ignore

describe("samples of every record", () => {
  for (const [record, samples] of samplesByRecord) {
    it(record.name, async () => {
      for (const s of samples) {
        const xs = makeInputs(s, "cpu");
        const f: Flat = (...args) => s.call(args);
        if (WITHOUT.has(record.name)) {
          expect(() => exportOnnx(f)(...xs)).toThrow(OnnxExportError);
          expect(() => exportOnnx(f)(...xs)).toThrow(`exportOnnx: ${record.name} has no counterpart in ONNX`);
          continue;
        }
        if (record.name === "bitcast_convert_type" && xs[0]!.dtype.startsWith("float")) {
          expect(() => exportOnnx(f)(...xs)).toThrow(/^bitcast_convert_type from float.* has no counterpart in ONNX/);
          continue;
        }
        const types = [...xs, ...f(...xs)].map((x) => x.dtype);
        if (types.every(ortTakes)) await check(sampleName(s), f, xs, s.slack);
      }
    });
  }
});

const weights = (seed: number, shape: number[]): NdArray => random.normal(random.key(seed), shape).mul(0.3);

describe("models", () => {
  it("a perceptron, with names", async () => {
    const params = { w1: weights(0, [4, 8]), b1: weights(1, [8]), w2: weights(2, [8, 3]) };
    const mlp = (x: NdArray): { logits: NdArray; best: NdArray } => {
      const logits = np.matmul(nn.relu(np.matmul(x, params.w1).add(params.b1)), params.w2);
      return { logits, best: np.argmax(logits, -1) };
    };
    const x = weights(3, [5, 4]);
    const model = exportOnnx(mlp, { inputNames: ["image"] })(x);
    const want = await readAll(tree.leaves<NdArray>(mlp(x)));
    const got = await runOrt(model, await readAll([x]));
    expectSame("mlp", got, want, 1, TOLERANCE);
    // Our own importer reads it too.
    const again = new ONNXModel(model).run({ image: x }) as Record<string, NdArray>;
    expect(Object.keys(again).sort()).toEqual(["out.best", "out.logits"]);
    expectSame("imported", await readAll([again["out.best"]!, again["out.logits"]!]), want, 1, TOLERANCE);
  });

  it("a convolutional network, and its gradient", async () => {
    const params = [weights(0, [4, 1, 3, 3]), weights(1, [6, 4, 3, 3]), weights(2, [24, 10])] as const;
    const net = (x: NdArray): NdArray => {
      const pooled = (y: NdArray): NdArray => lax.reduceWindow(y, -Infinity, lax.max, [1, 1, 2, 2], [1, 1, 2, 2], "VALID"); // prettier-ignore
      const a = pooled(nn.relu(lax.convGeneralDilated(x, params[0], [1, 1], "SAME")));
      const b = pooled(nn.gelu(lax.convGeneralDilated(a, params[1], [2, 2], "SAME")));
      return nn.logSoftmax(np.matmul(b.reshape([x.shape[0]!, -1]), params[2]));
    };
    const x = weights(4, [2, 1, 16, 16]);
    await check("conv net", (y) => [net(y!)], [x], 4);
    await check("its gradient", (y) => [grad((z: NdArray) => net(z).mul(np.arange(10)).sum())(y!)], [x], 8);
  });

  it("a transformer block", async () => {
    const [d, heads] = [16, 4];
    const p = { qkv: weights(0, [d, 3 * d]), out: weights(1, [d, d]), up: weights(2, [d, 4 * d]), down: weights(3, [4 * d, d]) }; // prettier-ignore
    const norm = (x: NdArray): NdArray => nn.standardize(x, -1);
    const block = (x: NdArray): NdArray => {
      const [n, t] = x.shape as [number, number];
      const parts = np.split(np.matmul(norm(x), p.qkv), 3, -1).map((y) => y.reshape([n, t, heads, d / heads]));
      const a = nn.dotProductAttention(parts[0]!, parts[1]!, parts[2]!, { isCausal: true }).reshape([n, t, d]);
      const y = x.add(np.matmul(a, p.out));
      return y.add(np.matmul(nn.gelu(np.matmul(norm(y), p.up)), p.down));
    };
    await check("block", (x) => [jit(block)(x!)], [weights(5, [2, 6, d])], 8);
  });

  it("a GRU over time", async () => {
    const [h, i] = [6, 3];
    const [w, u, b] = [weights(0, [i, 3 * h]), weights(1, [h, 3 * h]), weights(2, [3 * h])];
    const cell = (state: NdArray, x: NdArray): [NdArray, NdArray] => {
      const [xz, xr, xn] = np.split(np.matmul(x, w).add(b), 3, -1) as [NdArray, NdArray, NdArray];
      const [hz, hr, hn] = np.split(np.matmul(state, u), 3, -1) as [NdArray, NdArray, NdArray];
      const z = nn.sigmoid(xz.add(hz));
      const n = np.tanh(xn.add(nn.sigmoid(xr.add(hr)).mul(hn)));
      const next = z.mul(state).add(np.subtract(1, z).mul(n));
      return [next, next];
    };
    const run: Flat = (xs) => lax.scan(cell, np.zeros([2, h]), xs!) as NdArray[];
    await check("gru", run, [weights(3, [9, 2, i])], 4);
    await check("gru backwards", (xs) => lax.scan(cell, np.zeros([2, h]), xs!, { reverse: true }) as NdArray[], [weights(3, [9, 2, i])], 4); // prettier-ignore
    await check("gradient", (xs) => [grad((x: NdArray) => run(x)[1]!.sum())(xs!)], [weights(3, [4, 2, i])], 8);
  });

  it("random numbers, and loops of unknown length", async () => {
    const seed = np.array([0, 7], { dtype: "uint32" });
    await check("normal", (k) => [random.normal(random.wrapKeyData(k!), [5])], [seed], 4);
    const collatz: Flat = (n) =>
      lax.whileLoop(
        ([m]: [NdArray, NdArray]) => m.greater(1),
        ([m, k]: [NdArray, NdArray]) => [
          lax.cond(
            m.mod(2).equal(0),
            (x: NdArray) => x.div(2),
            (x: NdArray) => x.mul(3).add(1),
            m,
          ) as NdArray,
          k.add(1),
        ],
        [n!, np.array(0, { dtype: "int32" })],
      ) as NdArray[];
    await check("while", collatz, [np.array(27)]);
    await check("vmap of while", (xs) => [vmap((x: NdArray) => collatz(x)[1]!)(xs!)], [np.array([1, 6, 7])]);
  });
});

/** Numbers in [0, 1) from a seed. */
function randomNumbers(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

type Step = (x: NdArray, y: NdArray, pick: (n: number) => number) => NdArray;

const STEPS: readonly Step[] = [
  (x, y) => x.add(y),
  (x, y) => x.mul(y),
  (x, y) => np.maximum(x, y.sub(0.1)),
  (x, y) => np.where(x.greater(y), x, y.neg()),
  (x, y) => np.tanh(x).div(np.square(y).add(1)),
  (x) => nn.silu(x),
  (x) => nn.softplus(x),
  (x) => np.log1p(np.abs(x)),
  (x) => np.expm1(np.minimum(x, 1)),
  (x) => lax.erf(x),
  (x) => np.sin(x),
  (x) => np.arctan(x),
  (x) => np.flip(x, -1),
  (x, _y, pick) => np.roll(x, pick(3), 0),
  (x) => np.cumsum(np.tanh(x), 1),
  (x) => np.sort(x, 0),
  (x, y) => np.matmul(np.matmul(x, y.transpose()), y).mul(0.1),
  (x, y) => np.einsum("ij,ij,kj->kj", x, y, x).mul(0.1),
  (x) => x.sub(x.mean(1, { keepdims: true })),
  (x) => x.mul(np.prod(np.tanh(x), 0)),
  (x) => nn.logSoftmax(x, 0),
  (x, _y, pick) => np.concatenate([x.slice(pick(3)).reshape([1, 4]), x.slice([1, 3])], 0),
  (x) => np.pad(x.slice([], [1, 3]), [[0, 0], [1, 1]]), // prettier-ignore
  (x, _y, pick) => np.take(x, np.array([pick(3), 2, 0], { dtype: "int32" }), 0),
  (x, y) => x.at(1).add(y.slice(0)),
  (x) => np.std(x, 0, { keepdims: true }).add(x),
];

describe("random programs", () => {
  it("one hundred of them, values and gradients", async () => {
    for (let seed = 0; seed < 100; seed++) {
      const next = randomNumbers(seed + 1);
      const pick = (n: number): number => Math.floor(next() * n);
      const plan = Array.from({ length: 3 + pick(6) }, () => [pick(STEPS.length), next(), next(), pick(3)] as const);
      const program = (a: NdArray, b: NdArray): NdArray => {
        const pool = [a, b];
        for (const [step, i, j, k] of plan) {
          const [x, y] = [pool[Math.floor(i * pool.length)]!, pool[Math.floor(j * pool.length)]!];
          pool.push(STEPS[step]!(x, y, (n) => k % n));
        }
        return pool.at(-1)!;
      };
      const args = [weights(2 * seed, [3, 4]), weights(2 * seed + 1, [3, 4])];
      const f: Flat =
        seed % 2 === 0
          ? (a, b) => [program(a!, b!)]
          : (a, b) => grad((...xs: NdArray[]) => program(xs[0]!, xs[1]!).sum(), { argnums: [0, 1] })(a!, b!) as unknown as NdArray[]; // prettier-ignore
      await check(`program ${seed}: ${plan.map(([step]) => step).join()}`, f, args, 30);
    }
  });
});

describe("errors", () => {
  it("names that do not fit, and what ONNX does not have", () => {
    const x = np.ones([2, 2]);
    expect(() => exportOnnx((y: NdArray) => y, { inputNames: ["a", "b"] })(x)).toThrow(
      "exportOnnx: inputNames must be 1 different names, one for each of arg0; got 2",
    );
    expect(() => exportOnnx((y: NdArray) => np.linalg.svd(y)[1]!)(x)).toThrow(OnnxExportError);
  });
});
