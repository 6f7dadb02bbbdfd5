import { describe, expect, it } from "vitest";
import { storageView } from "../../aval/data-array";
import { type DType, isFloat, sizeBytesOf } from "../../aval/dtype";
import { ShapedArray } from "../../aval/shaped-array";
import { contiguousStrides, prod } from "../../base/list";
import { compileExprs } from "../../compile/index";
import type { Device } from "../../kernel/device";
import type { Expr } from "../../kernel/expr";
import {
  exprBroadcast,
  exprCast,
  exprConcat,
  exprConst,
  exprFlip,
  exprInput,
  exprIota,
  exprPad,
  exprPermute,
  exprReduce,
  exprReshape,
  exprScalar,
  exprSlice,
} from "../../kernel/expr-build";
import type { Program } from "../../kernel/program";
import { createCpuDevice } from "../cpu/device";
import { type WasmDevice, createWasmDevice } from "./device";

const cpu = createCpuDevice();
const wasm = createWasmDevice() as WasmDevice;

interface Operand {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  readonly strides?: readonly number[];
  /** Elements before the first. */
  readonly offset?: number;
}

let seed = 1;
const random = (): number => ((seed = (Math.imul(seed, 1664525) + 1013904223) | 0) >>> 8) / 2 ** 24;
const below = (n: number): number => Math.floor(random() * n);

/** Writes the operands, runs the program, reads the results. */
function runOn(device: Device, program: Program, operands: readonly Operand[], data: readonly number[][]): number[][] {
  const inputs = operands.map(({ dtype = "float32" }, i) => {
    const bytes = new Uint8Array(data[i]!.length * sizeBytesOf(dtype));
    (storageView(bytes, dtype) as Float32Array).set(data[i]!);
    const buffer = device.malloc(bytes.length);
    device.write(buffer, dtype, bytes);
    return buffer;
  });
  const specs = program.buffers.filter((b) => b.place.at === "output");
  const outputs = specs.map((b) => device.malloc(device.byteLength(b.dtype, b.length)));
  const executable = device.prepare(program, { generic: true, name: "test" });
  const offsets = operands.map((o) => o.offset ?? 0);
  executable.run(inputs, offsets, outputs);
  const results = specs.map((b, i) =>
    Array.from(storageView(device.readSync(outputs[i]!, b.dtype, 0, b.length), b.dtype) as ArrayLike<number>),
  );
  executable.dispose();
  for (const b of [...inputs, ...outputs]) device.free(b);
  return results;
}

const span = ({ shape, strides = contiguousStrides(shape), offset = 0 }: Operand): number =>
  shape.includes(0) ? offset : offset + 1 + shape.reduce((sum, n, i) => sum + (n - 1) * Math.max(0, strides[i]!), 0);

function agrees(operands: readonly Operand[], build: (...xs: Expr[]) => Expr): void {
  const avals = operands.map(({ shape, dtype = "float32" }) => ShapedArray.of([...shape], dtype));
  const specs = avals.map((aval, i) => ({ aval, strides: operands[i]!.strides ?? null }));
  const program = compileExprs(specs, [build(...avals.map((a, i) => exprInput(i, a)))]);
  expect(program.kernels.every((k) => k.kind === "loop")).toBe(true);
  const data = operands.map((o) =>
    Array.from({ length: span(o) }, () => (isFloat(o.dtype ?? "float32") ? random() * 4 - 2 : below(100) - 50)),
  );
  const [want, got] = [cpu, wasm].map((d) => runOn(d, program, operands, data)[0]!) as [number[], number[]];
  expect(got.length).toBe(want.length);
  const bad = want.findIndex((w, i) => !(Math.abs(got[i]! - w) <= 2e-5 * Math.max(1, Math.abs(w))));
  if (bad >= 0) expect.fail(`[${bad}] of ${want.length}: got ${got[bad]}, expected ${want[bad]}`);
}

/** Number of functions compiled by `f`. */
function compiled(f: () => void): number {
  const before = wasm.generic.size;
  f();
  return wasm.generic.size - before;
}

const add = (x: Expr, y: Expr): Expr => exprScalar("add", [x, y]);
const sizes = [5, 8, 16, 19, 100, 5000];
/** Three lengths, no two of them equal. */
const shapes = [[4, 5, 6], [7, 9, 11], [16, 4, 33], [12, 100, 8], [40, 37, 5]]; // prettier-ignore

describe("size-generic kernels", () => {
  it("compiles one add for all lengths, empty ones too", () => {
    const n = compiled(() => {
      for (const n of [...sizes, 2, 3, 0]) agrees([{ shape: [n] }, { shape: [n] }], add);
    });
    expect(n).toBe(1);
  });

  it("treats contiguous arrays of any rank as the same", () => {
    const n = compiled(() => {
      for (const shape of [[6], [2, 3], [7, 3, 5]]) agrees([{ shape }, { shape }], (x, y) => exprScalar("mul", [x, y]));
    });
    expect(n).toBe(1);
  });

  /** Name, operands, operation, and how many functions it takes if more than one. */
  const cases: [string, (shape: number[]) => readonly Operand[], (...xs: Expr[]) => Expr, number?][] = [
    ["broadcast scalar", (shape) => [{ shape }, { shape: [] }], (x, y) => add(x, exprBroadcast(y, x.shape, []))],
    [
      "broadcast row",
      ([a, b, c]) => [{ shape: [a! * b!, c!] }, { shape: [c!] }],
      (x, y) => add(x, exprBroadcast(y, x.shape, [1])),
    ],
    [
      "broadcast column",
      ([a, b, c]) => [{ shape: [a!, b! * c!] }, { shape: [a!] }],
      (x, y) => add(x, exprBroadcast(y, x.shape, [0])),
    ],
    ["transpose", (shape) => [{ shape }], (x) => exprScalar("neg", [exprPermute(x, [0, 2, 1])])],
    ["transpose all", (shape) => [{ shape }], (x) => exprScalar("neg", [exprPermute(x, [2, 1, 0])])],
    [
      "strided input",
      ([a, b, c]) => [{ shape: [a!, b!], strides: [b! * c!, c!], offset: 3 }, { shape: [a!, b!] }],
      add,
    ],
    ["reversed", (shape) => [{ shape }], (x) => exprScalar("neg", [exprFlip(x, [0, 2])])],
    [
      "slice with steps",
      (shape) => [{ shape }],
      (x) => exprScalar("abs", [exprSlice(x, [1, 0, 2], x.shape, [1, 2, 1])]),
      4, // some of the results have short axes
    ],
    ["pad", (shape) => [{ shape }], (x) => exprPad(x, exprConst(7, "float32"), [2, 0, 3], [4, 3, 2])],
    [
      "concatenate",
      (shape) => [{ shape }, { shape }],
      (x, y) => exprConcat([x, y], 1),
      3, // large ones are two pieces, the first at offset 0
    ],
    ["concatenate flat", ([a]) => [{ shape: [a!] }, { shape: [a! + 3] }], (x, y) => exprConcat([x, y], 0)],
    ["iota", (shape) => [{ shape }], (x) => add(x, exprCast(exprIota("int32", x.shape, 1), "float32"))],
    [
      "reshape of a transpose",
      ([a, b, c]) => [{ shape: [a!, b!, c!] }],
      (x) => exprScalar("neg", [exprReshape(exprPermute(x, [1, 0, 2]), [x.shape[2]!, x.shape[0]! * x.shape[1]!])]),
      2, // sizes with common divisors have simpler indices
    ],
    ["sum of rows", (shape) => [{ shape }], (x) => exprReduce("add", x, [1, 2])],
    ["sum of columns", (shape) => [{ shape }], (x) => exprReduce("add", x, [0])],
    ["sum of the middle", (shape) => [{ shape }], (x) => exprReduce("add", x, [1])],
    ["sum of all", (shape) => [{ shape }], (x) => exprReduce("add", x, [0, 1, 2])],
    ["sum of a transpose", (shape) => [{ shape }], (x) => exprReduce("add", exprPermute(x, [2, 0, 1]), [0, 2])],
    ["greatest", (shape) => [{ shape }], (x) => exprReduce("max", x, [2])],
    ["argmax", (shape) => [{ shape }], (x) => exprReduce("argmax", x, [1])],
    ["argmin", (shape) => [{ shape }], (x) => exprReduce("argmin", x, [2])],
    ["bytes", (shape) => [{ shape, dtype: "int8" }], (x) => exprCast(x, "float32")],
    ["doubles", (shape) => [{ shape, dtype: "float64" }], (x) => exprReduce("add", exprScalar("exp", [x]), [2])],
  ];
  for (const [name, operands, build, most = 1] of cases) {
    it(`${name}: shares one function between shapes`, () => {
      const n = compiled(() => {
        for (const shape of shapes) agrees(operands(shape), build);
      });
      expect(n).toBeLessThanOrEqual(most);
    });
    it(`${name}: short and empty axes`, () => {
      for (const shape of [[1, 5, 3], [3, 4, 4], [2, 3, 1], [5, 2, 4]]) agrees(operands(shape), build); // prettier-ignore
    });
  }

  it("agrees with the reference on random views", () => {
    for (let i = 0; i < 60; i++) {
      const rank = 1 + below(3);
      const shape = Array.from({ length: rank }, () => 1 + below(9));
      const parent = shape.map((n) => n + below(3));
      const strides = contiguousStrides(parent).map((s) => [0, -s, s, s, s][below(5)]!);
      const back = strides.reduce((sum, s, a) => sum + (shape[a]! - 1) * Math.max(0, -s), 0);
      const x: Operand = { shape, strides, offset: back + below(4) };
      const axes = shape.flatMap((_, a) => (below(2) === 0 ? [a] : []));
      const low = shape.map(() => below(3));
      agrees([x, { shape }], (a, b) => {
        let y = exprScalar(below(2) === 0 ? "mul" : "max", [a, b]);
        if (below(2) === 0) y = exprFlip(y, axes);
        if (below(3) === 0) y = exprPad(y, exprConst(1.5, "float32"), low, low);
        if (below(2) === 0) y = exprReduce("add", y, axes);
        return y;
      });
    }
  });

  it("compiles much work on short rows and on borders for its sizes", () => {
    const rows: [string, (shape: number[]) => (x: Expr) => Expr][] = [
      ["sums of rows", () => (x) => exprReduce("add", x, [1])],
      ["greatest of rows", () => (x) => exprReduce("max", x, [1])],
      ["a border", () => (x) => exprPad(x, exprConst(1.5, "float32"), [1, 2], [2, 0])],
    ];
    const found = rows.map(([name, build]) => {
      const of = (shape: number[]): number => {
        wasm.forgetKernels();
        return compiled(() => agrees([{ shape }], build(shape)));
      };
      return [name, of([3001, 4]), of([1000, 17]), of([20, 4]) > 0];
    });
    expect(found).toEqual(rows.map(([name]) => [name, 0, 0, true]));
    wasm.forgetKernels();
    expect(compiled(() => agrees([{ shape: [300, 100] }], (x) => exprReduce("add", x, [1])))).toBe(1);
  });

  it("compiles other kernels for their sizes", () => {
    const aval = ShapedArray.of([4, 4], "float32");
    const program: Program = {
      buffers: [
        { dtype: "float32", length: 16, place: { at: "input", index: 0 } },
        { dtype: "float32", length: prod(aval.shape), place: { at: "output", index: 0 } },
      ],
      inputs: [0],
      outputs: [{ kind: "buffer", buffer: 1 }],
      kernels: [
        {
          kind: "cumulative",
          op: "add",
          dtype: "float32",
          outer: 4,
          size: 4,
          inner: 1,
          reverse: false,
          x: 0,
          out: 1,
          blocks: null,
        },
      ],
      arenaBytes: 0,
      cuts: [],
    };
    const ones = [new Array<number>(16).fill(1)];
    expect(
      compiled(() => expect(runOn(wasm, program, [{ shape: [4, 4] }], ones)[0]!.slice(0, 5)).toEqual([1, 2, 3, 4, 1])),
    ).toBe(0);
  });
});
