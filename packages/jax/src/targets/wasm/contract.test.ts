import { describe, expect, it } from "vitest";
import type { ContractKernel, ContractOperand } from "../../kernel/program";
import { Module } from "./assembler";
import { contractScratchBytes, contractUnits, emitContract, EPILOGUE_PARAMS, type ContractTuning } from "./contract";
import { wasmFeatures, type WasmFeatures } from "./features";

type DType = "float32" | "float64" | "int32";
type Numbers = Float32Array | Float64Array | Int32Array;
const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

const memory = new WebAssembly.Memory({ initial: 1024, maximum: 4096 });
const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

function operand(batchStrides: number[], outerStrides: number[], kStrides: number[], offset = 0): ContractOperand {
  return { buffer: 0, offset, batchStrides, outerStrides, kStrides };
}

type Sizes = Pick<ContractKernel, "m" | "n" | "k" | "lhs" | "rhs"> & Partial<ContractKernel>;
const contraction = (parts: Sizes): ContractKernel => ({
  kind: "contract",
  dtype: "float32",
  batch: [],
  out: 2,
  epilogue: null,
  ...parts,
});

/** `form`: n(ot) or t(ransposed) for lhs and rhs. */
function matmul(m: number, n: number, k: number, form: string, dtype: DType = "float32"): ContractKernel {
  return contraction({
    dtype,
    m: [m],
    n: [n],
    k: [k],
    lhs: form.startsWith("n") ? operand([], [k], [1]) : operand([], [1], [m]),
    rhs: form.endsWith("n") ? operand([], [1], [n]) : operand([], [k], [1]),
  });
}

/** NCHW over a padded image; k = [c, kh, kw], n = [oh, ow]. */
function conv(
  [batch, c, h, w]: [number, number, number, number],
  [o, kh, kw]: [number, number, number],
  stride = 1,
  dilation = 1,
  dtype: DType = "float32",
): ContractKernel {
  const out = (size: number, window: number) => Math.floor((size - (window - 1) * dilation - 1) / stride) + 1;
  return contraction({
    dtype,
    batch: [batch],
    m: [o],
    n: [out(h, kh), out(w, kw)],
    k: [c, kh, kw],
    lhs: operand([0], [c * kh * kw], [kh * kw, kw, 1]),
    rhs: operand([c * h * w], [stride * w, stride], [h * w, dilation * w, dilation]),
  });
}

/** All offsets of the axes, in row-major order. */
function offsets(sizes: readonly number[], strides: readonly number[]): number[] {
  return sizes.reduce<number[]>(
    (all, size, axis) => all.flatMap((o) => Array.from({ length: size }, (_, i) => o + i * (strides[axis] as number))),
    [0],
  );
}

const operandOffsets = (kernel: ContractKernel, side: "lhs" | "rhs") => {
  const { batchStrides, outerStrides, kStrides } = kernel[side];
  return {
    batch: offsets(kernel.batch, batchStrides),
    outer: offsets(side === "lhs" ? kernel.m : kernel.n, outerStrides),
    k: offsets(kernel.k, kStrides),
  };
};

const least = (x: readonly number[]) => x.reduce((a, b) => Math.min(a, b), 0);
const most = (x: readonly number[]) => x.reduce((a, b) => Math.max(a, b), 0);

function reference(kernel: ContractKernel, lhs: Numbers, rhs: Numbers): number[] {
  const [l, r] = [operandOffsets(kernel, "lhs"), operandOffsets(kernel, "rhs")];
  const [x, y] = [Float64Array.from(lhs), Float64Array.from(rhs)];
  return l.batch.flatMap((lb, b) =>
    l.outer.flatMap((lm) =>
      r.outer.map((rn) => {
        const [row, column] = [kernel.lhs.offset + lb + lm, kernel.rhs.offset + r.batch[b]! + rn];
        let sum = 0;
        for (let i = 0; i < l.k.length; i++) sum += x[row + l.k[i]!]! * y[column + r.k[i]!]!;
        return sum;
      }),
    ),
  );
}

/** Deterministic numbers in [0, 1). */
function randomSource(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 8) / 2 ** 24;
  };
}

interface Compiled {
  readonly run: (...args: number[]) => void;
  readonly scratchBytes: number;
  readonly units: number;
}

function compile(kernel: ContractKernel, features: WasmFeatures, tuning: ContractTuning): Compiled {
  const m = new Module();
  m.importMemory({ min: 1, max: 65536 });
  m.export(emitContract(m, "contract", kernel, features, { tuning }));
  const { contract } = new WebAssembly.Instance(new WebAssembly.Module(m.toBytes()), { env: { memory } }).exports;
  return {
    run: contract as Compiled["run"],
    scratchBytes: contractScratchBytes(kernel, features, tuning),
    units: contractUnits(kernel, features, tuning),
  };
}

const random = randomSource(1);
const integer = (below: number) => Math.floor(random() * below);

/** Null when the result is right and nothing else was written; else what is wrong. */
function check(kernel: ContractKernel, features: WasmFeatures, tuning: ContractTuning = {}): string | null {
  const { run, scratchBytes, units } = compile(kernel, features, tuning);
  const array = ARRAYS[kernel.dtype as DType];
  const extent = (side: "lhs" | "rhs") => {
    const { batch, outer, k } = operandOffsets(kernel, side);
    return kernel[side].offset + most(batch) + most(outer) + most(k) + 1;
  };
  const nOut = product([...kernel.batch, ...kernel.m, ...kernel.n]);
  let at = 64;
  const take = (bytes: number) => {
    const start = at;
    at = Math.ceil((at + bytes) / 64) * 64;
    return start;
  };
  const width = array.BYTES_PER_ELEMENT;
  const fill = (length: number) => {
    const view = new array(memory.buffer, take(length * width), length);
    for (let i = 0; i < length; i++) view[i] = kernel.dtype === "int32" ? integer(2000) - 1000 : random() - 0.5;
    return view;
  };
  const [lhs, rhs] = [fill(extent("lhs")), fill(extent("rhs"))];
  const guard = 8;
  const out = new array(memory.buffer, take((nOut + guard) * width), nOut + guard).fill(77);
  const scratch = take(scratchBytes);
  const scratchGuard = new Uint8Array(memory.buffer, take(64), 64).fill(77);
  const half = integer(units + 1); // in two calls, as two threads would
  run(lhs.byteOffset, rhs.byteOffset, out.byteOffset, scratch, 0, half, units);
  run(lhs.byteOffset, rhs.byteOffset, out.byteOffset, scratch, 0, 0, half);
  const expected = reference(kernel, lhs, rhs);
  const depth = product(kernel.k);
  const tolerance =
    { float32: 1e-6, float64: 1e-14, int32: 0 }[kernel.dtype as DType] * Math.max(4, 2 * Math.sqrt(depth));
  const error = most(expected.map((x, i) => Math.abs(x - (out[i] as number)) || (Number.isNaN(out[i]) ? Infinity : 0)));
  if (error > tolerance) return `error ${error} of ${JSON.stringify({ kernel, tuning })}`;
  if (out.subarray(nOut).some((x) => x !== 77)) return `wrote beyond the result: ${JSON.stringify({ kernel, tuning })}`;
  if (scratchGuard.some((x) => x !== 77)) return `wrote beyond scratch: ${JSON.stringify({ kernel, tuning })}`;
  return null;
}

const detected = wasmFeatures();
const VARIANTS = [
  { name: "mul + add", features: { ...detected, relaxed: false } },
  ...(detected.relaxed ? [{ name: "relaxed SIMD", features: detected }] : []),
];
const DTYPES: readonly DType[] = ["float32", "float64", "int32"];
const FORMS = ["nn", "nt", "tn", "tt"];

describe.each(VARIANTS)("contract, $name", ({ features }) => {
  describe.each(DTYPES)("%s", (dtype) => {
    const checkAll = (kernels: readonly ContractKernel[], tunings: readonly ContractTuning[] = [{}]) => {
      const wrong = kernels.flatMap((kernel) => tunings.map((t) => check({ ...kernel, dtype }, features, t)));
      expect(wrong.filter((w) => w !== null)).toEqual([]);
    };

    it("multiplies matrices of all small sizes, in place and packed", () => {
      const kernels: ContractKernel[] = [];
      for (let m = 1; m <= 17; m++) {
        for (let n = 1 + (m % 2); n <= 17; n += 2) kernels.push(matmul(m, n, 1 + integer(20), FORMS[n % 4] as string));
        for (const form of FORMS) kernels.push(matmul(m, 1 + integer(17), 1 + integer(9), form));
      }
      checkAll(kernels, [{}, { skinny: false }, { skinny: false, lhsMode: "packed", rhsMode: "packed" }]);
    });

    it("multiplies matrices of several blocks", () => {
      const sizes = [
        [100, 70, 500],
        [49, 9, 385],
        [6, 8, 384],
        [13, 1030, 40],
        [97, 33, 769],
        [20, 40, 1024],
      ] as const;
      checkAll(FORMS.flatMap((form) => sizes.map(([m, n, k]) => matmul(m, n, k, form))));
    });

    it("multiplies matrices by tiles that are wide without fused multiply-add", () => {
      const sizes = [
        [37, 79, 90],
        [5, 64, 385],
        [1, 95, 64],
        [51, 1039, 70],
        [8, 16, 130],
      ] as const;
      const kernels = FORMS.flatMap((form) => sizes.map(([m, n, k]) => matmul(m, n, k, form)));
      checkAll(kernels, [{ skinny: false }, { skinny: false, lhsMode: "inPlace", rhsMode: "packed" }]);
    });

    it("multiplies a matrix by few rows", () => {
      const sizes = [
        [1, 1],
        [1, 9000],
        [7, 4097],
        [2051, 3],
        [300, 101],
        [40, 8193],
      ] as const;
      for (const [l, k] of sizes) {
        checkAll([1, 2, 3, 4].flatMap((few) => FORMS.map((form) => matmul(few, l, k, form))));
        checkAll(FORMS.map((form) => matmul(l, 1, k, form)));
        checkAll([
          contraction({
            batch: [3],
            m: [1, 2],
            n: [l],
            k: [k],
            lhs: operand([5], [1, 17], [3]),
            rhs: operand([0], [k], [1], 2),
          }),
          contraction({
            m: [l],
            n: [1],
            k: [2, k],
            lhs: operand([], [2 * k], [k, 1]),
            rhs: operand([], [0], [3 * k + 7, 3]),
          }),
        ]);
      }
    });

    it("multiplies a long matrix by few rows, in several blocks of streams", () => {
      checkAll([
        matmul(1, 91, 20001, "nt"),
        matmul(2, 67, 20001, "nt"),
        matmul(1, 9001, 17, "nn"),
        matmul(3, 2500, 9, "nn"),
      ]);
    });

    it("convolves", () => {
      const nhwc = (b: number, c: number, h: number, w: number, o: number, kh: number, kw: number) =>
        contraction({
          m: [b, h - kh + 1, w - kw + 1],
          n: [o],
          k: [kh, kw, c],
          lhs: operand([], [h * w * c, w * c, c], [w * c, c, 1]),
          rhs: operand([], [1], [kw * c * o, c * o, o]),
        });
      const depthwise = contraction({
        batch: [5],
        m: [1],
        n: [6, 7],
        k: [3, 3],
        lhs: operand([9], [0], [3, 1]),
        rhs: operand([72], [9, 1], [9, 1]),
      });
      checkAll([
        conv([1, 3, 8, 8], [4, 3, 3]),
        conv([2, 2, 9, 11], [5, 3, 3], 2),
        conv([2, 3, 12, 12], [7, 3, 2], 1, 2),
        conv([1, 1, 5, 5], [1, 5, 5]),
        conv([3, 4, 7, 7], [9, 1, 1]),
        conv([1, 16, 16, 16], [8, 3, 3]),
        nhwc(2, 2, 9, 11, 5, 3, 3),
        nhwc(2, 5, 7, 6, 9, 2, 3),
        depthwise,
      ]);
    });

    it("takes any strides: broadcast, reversed, overlapping", () => {
      const sizes = (most: number, size: number) => Array.from({ length: integer(most + 1) }, () => 1 + integer(size));
      const anyStrides = (s: number[]) => s.map(() => [0, 1, 1, 2, 3, 5, 7, -1, -3, 11][integer(10)] as number);
      const dense = (s: number[]) => s.map((_, axis) => product(s.slice(axis + 1)));
      const pick = (s: number[]) => (integer(2) === 0 ? anyStrides(s) : dense(s));
      const kernels = Array.from({ length: 150 }, () => {
        const [batch, m, n, k] = [sizes(2, 3), sizes(3, 7), sizes(3, 7), sizes(3, 6)] as [
          number[],
          number[],
          number[],
          number[],
        ];
        const kernel = contraction({
          batch,
          m,
          n,
          k,
          lhs: operand(anyStrides(batch), pick(m), pick(k)),
          rhs: operand(anyStrides(batch), pick(n), pick(k)),
        });
        const above = (side: "lhs" | "rhs") => {
          const { batch: b, outer, k: depth } = operandOffsets(kernel, side);
          return { ...kernel[side], offset: integer(5) - least(b) - least(outer) - least(depth) };
        };
        return { ...kernel, lhs: above("lhs"), rhs: above("rhs") };
      });
      checkAll(kernels);
    });

    it("is defined for empty axes", () => {
      checkAll([
        matmul(5, 3, 0, "nn"),
        matmul(60, 3, 0, "nn"),
        matmul(1, 4, 0, "nn"),
        matmul(0, 3, 2, "nn"),
        matmul(2, 0, 2, "nn"),
      ]);
    });
  });

  it("calls the epilogue once for every finished element", () => {
    const kernels = [
      matmul(100, 70, 500, "nn"),
      matmul(7, 2100, 20, "nn"),
      matmul(1, 100, 300, "nt"),
      matmul(3, 2100, 50, "nn"),
      matmul(100, 1, 30, "nn"),
      matmul(60, 5, 0, "nn"),
      conv([2, 3, 8, 8], [4, 3, 3]),
    ];
    for (const kernel of kernels) {
      const [m, n] = [product(kernel.m), product(kernel.n)];
      const nOut = product(kernel.batch) * m * n;
      const module = new Module();
      module.importMemory({ min: 1, max: 65536 });
      // out = -out, and a count of calls per element at `context`
      const epilogue = module.func("negate", EPILOGUE_PARAMS, []);
      const { context, batch, m0, m1, n0, n1 } = epilogue.params;
      const [row, col, at] = [epilogue.local("i32"), epilogue.local("i32"), epilogue.local("i32")];
      epilogue.range(row, m0, m1, 1, () =>
        epilogue.range(col, n0, n1, 1, () => {
          epilogue.get(batch).i32(m).op("i32.mul").get(row).op("i32.add").i32(n).op("i32.mul").get(col).op("i32.add");
          epilogue.i32(4).op("i32.mul").get(context).op("i32.add").set(at);
          epilogue.get(at).get(at).mem("f32.load").op("f32.neg").mem("f32.store");
          epilogue
            .get(at)
            .get(at)
            .mem("i32.load", 4 * nOut)
            .i32(1)
            .op("i32.add")
            .mem("i32.store", 4 * nOut);
        }),
      );
      module.export(emitContract(module, "contract", kernel, features, { epilogue }));
      const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
      const [lhs, rhs] = [64, 4 * 2 ** 20];
      const out = 8 * 2 ** 20;
      const [l, r] = [new Float32Array(memory.buffer, lhs, 2 ** 18), new Float32Array(memory.buffer, rhs, 2 ** 18)];
      for (let i = 0; i < l.length; i++) [l[i], r[i]] = [random() - 0.5, random() - 0.5];
      const results = new Float32Array(memory.buffer, out, nOut);
      const counts = new Int32Array(memory.buffer, out + 4 * nOut, nOut).fill(0);
      const run = instance.exports["contract"] as (...args: number[]) => void;
      run(lhs, rhs, out, 12 * 2 ** 20, out, 0, contractUnits(kernel, features));
      const expected = reference(kernel, l, r);
      expect(counts.every((c) => c === 1)).toBe(true);
      expect(most(expected.map((x, i) => Math.abs(x + (results[i] as number))))).toBeLessThan(1e-4);
    }
  });

  it("shares micro kernels and packers in a module", () => {
    const m = new Module();
    for (let i = 0; i < 10; i++) emitContract(m, `contract${i}`, matmul(120 + 6 * i, 600, 96 + i, "nn"), features);
    expect(m.funcs.length).toBeLessThan(10 + 5);
  });
});
