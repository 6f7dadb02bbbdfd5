import { describe, expect, it } from "vitest";
import { type DType, isFloat } from "../../aval/dtype";
import { createCpuDevice } from "../../devices/cpu/device";
import { WasmDevice, createWasmDevice } from "../../devices/wasm/device";
import { K, agreement, loop, range, runOn, store, values } from "../../devices/wasm/test-programs";
import type { LoopKernel, Stage } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { ReduceOp, ScalarOp } from "../../kernel/scalar-op";

const wasm = createWasmDevice();
const agrees = agreement(createCpuDevice(), wasm);

describe("map kernels", () => {
  for (const n of [0, 1, 3, 4, 7, 16, 19, 5000]) {
    it(`adds ${n} elements`, () => {
      const k = new K();
      const i = k.axis(0, n);
      const value = k.add(k.load("float32", 0, i, null), k.load("float32", 1, i, null));
      agrees(
        [
          { dtype: "float32", length: n, data: range(n) },
          { dtype: "float32", length: n, data: range(n, (x) => 0.5 * x) },
          { dtype: "float32", length: n },
        ],
        [loop([n], [store(2, i, value)])],
      );
    });
  }

  it("transposes, broadcasts, strides, gathers and pads", () => {
    const [n, m] = [9, 13];
    const k = new K();
    const [i, j] = [k.axis(0, n), k.axis(1, m)];
    const f = (index: Scalar, guard: Scalar | null = null) => k.load("float32", 0, index, guard);
    const gathered = k.load("int32", 1, k.op("rem", "int32", k.at(i, m, j), k.i(50)), null);
    const inside = k.op("and", "bool", k.op("le", "bool", k.i(3), j), k.op("lt", "bool", j, k.i(11)));
    const cases: Scalar[] = [
      f(k.at(j, n, i)),
      f(i),
      f(j),
      f(k.at(i, 0, k.mul(j, k.i(3)))),
      f(k.add(k.mul(i, k.i(m)), k.op("sub", "int32", k.i(m - 1), j))),
      f(gathered),
      f(k.at(i, m, k.add(j, k.i(-3))), inside),
      f(k.at(i, m, j), k.op("lt", "bool", i, k.i(4))),
      f(gathered, inside),
      f(i, inside),
      f(k.op("div", "int32", k.at(i, m, j), k.i(3))),
    ];
    for (const value of cases) {
      agrees(
        [
          { dtype: "float32", length: 150, data: values(150, "float32") },
          { dtype: "int32", length: 50, data: range(50, (x) => (x * 37) % 150) },
          { dtype: "float32", length: n * m },
        ],
        [loop([n, m], [store(2, k.at(i, m, j), value)])],
      );
      agrees(
        [
          { dtype: "float32", length: 150, data: values(150, "float32") },
          { dtype: "int32", length: 50, data: range(50, (x) => (x * 37) % 150) },
          { dtype: "float32", length: n * m },
        ],
        [loop([n, m], [store(2, k.at(j, n, i), value)])],
      );
    }
  });

  it.each([-4, -3, -2, -1, 2, 3, 4])(
    "reads every %i-th element, and none outside of the first and the last",
    (step) => {
      for (const [dtype, guarded] of [
        ["float32", false],
        ["int32", true],
        ["float64", false],
      ] as const) {
        for (const n of [1, 3, 4, 7, 16, 21]) {
          const k = new K();
          const i = k.axis(0, n);
          const length = Math.abs(step) * (n - 1) + 1;
          const from = k.i(step > 0 ? 0 : length - 1);
          const guard = guarded ? k.op("lt", "bool", i, k.i(n - 1)) : null;
          agrees(
            [
              { dtype, length, data: values(length, dtype) },
              { dtype, length: n },
            ],
            [loop([n], [store(1, i, k.load(dtype, 0, k.add(from, k.mul(i, k.i(step))), guard))])],
          );
        }
      }
    },
  );

  for (const phases of [2, 3, 4, 5]) {
    it(`writes ${phases} phases in turn`, () => {
      for (const dtype of ["float32", "int32", "float64", "int8"] as const) {
        for (const n of [4, 19, 48]) {
          const k = new K();
          const i = k.axis(0, n);
          const x = k.load(dtype, 0, i, null);
          const stores = [...new Array(phases).keys()].flatMap((p) => {
            const value = p % 2 === 0 ? x : k.load(dtype, 0, k.add(i, k.i(p)), null);
            return store(1, k.add(k.mul(i, k.i(phases)), k.i(p)), value).stores;
          });
          const stage = (all: Stage["stores"]): Stage => ({ axes: [], reductions: [], stores: all });
          const length = n * phases;
          const buffers = [
            { dtype, length: n + phases, data: values(n + phases, dtype) },
            { dtype, length, data: values(length, dtype) },
          ];
          agrees(buffers, [loop([n], [stage(stores)])]);
          // one of them missing
          agrees(buffers, [loop([n], [stage(stores.slice(1))])]);
        }
      }
    });
  }

  for (const [rows, columns] of [
    [512, 40],
    [1024, 35],
    [530, 32],
  ] as const) {
    it(`transposes and adds ${rows} x ${columns} whose lines conflict in the cache`, () => {
      const k = new K();
      const [i, j] = [k.axis(0, rows), k.axis(1, columns)];
      const stride = 1024;
      const turned = k.load("float32", 0, k.at(j, stride, i), null);
      const value = k.add(turned, k.load("float32", 1, k.at(i, columns, j), null));
      const n = rows * columns;
      agrees(
        [
          { dtype: "float32", length: columns * stride, data: values(columns * stride, "float32") },
          { dtype: "float32", length: n, data: values(n, "float32") },
          { dtype: "float32", length: n },
        ],
        [loop([rows, columns], [store(2, k.at(i, columns, j), value)])],
      );
    });
  }

  const DTYPES: DType[] = [
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "float16",
    "bfloat16",
    "float32",
    "float64",
  ];
  it("casts between all dtypes", () => {
    const n = 37;
    for (const from of DTYPES) {
      for (const to of DTYPES) {
        const k = new K();
        const i = k.axis(0, n);
        const x = k.load(from, 0, i, null);
        const compute = isFloat(from) && from !== "float64" ? "float32" : from;
        const value = from === to ? x : k.op("cast", to, compute === from ? x : k.op("cast", compute, x));
        agrees(
          [
            { dtype: from, length: n, data: values(n, from) },
            { dtype: to, length: n },
          ],
          [loop([n], [store(1, i, value)])],
        );
      }
    }
  });

  it("rounds to half precision as the reference does", () => {
    const data = [
      0,
      -0,
      1,
      65504,
      65519.996,
      65520,
      1e6,
      -1e6,
      NaN,
      Infinity,
      6e-8,
      2.98e-8,
      3e-8,
      1e-10,
      6.1e-5,
      1.0009765625,
      1.00048828125,
      1.0014648,
      3e38,
    ];
    for (const to of ["float16", "bfloat16"] as const) {
      const k = new K();
      const i = k.axis(0, data.length);
      const value = k.op("cast", to, k.load("float32", 0, i, null));
      const back = k.op("cast", "float32", k.load(to, 1, i, null));
      const kernels = [loop([data.length], [store(1, i, value)]), loop([data.length], [store(2, i, back)])];
      agrees(
        [
          { dtype: "float32", length: data.length, data },
          { dtype: to, length: data.length },
          { dtype: "float32", length: data.length },
        ],
        kernels,
        0,
      );
    }
  });

  it("works on the bits of float64", () => {
    const n = 7; // vectors and single points
    const k = new K();
    const i = k.axis(0, n);
    const [x, y] = [0, 1].map((b) => k.load("float64", b, i, null)) as [Scalar, Scalar];
    const bits = (op: ScalarOp, other: Scalar): Scalar => k.op(op, "float64", x, other);
    const cases = [bits("and", y), bits("or", y), bits("xor", y), bits("shl", k.i(5)), bits("shr_logical", k.i(13))];
    const data = [
      [1.5, -2.75, 1e300, -0, 3e-310, 1 / 3, -1e-5],
      [-1, 3, -1e299, 2, -0, 0.1, 1e5],
    ];
    const inputs = data.map((d) => ({ dtype: "float64" as const, length: n, data: d }));
    const outputs = cases.map(() => ({ dtype: "float64" as const, length: n }));
    agrees(
      [...inputs, ...outputs],
      cases.map((value, c) => loop([n], [store(2 + c, i, value)])),
      0,
    );
  });

  it("does every operation on every dtype", () => {
    const n = 61;
    const float: ScalarOp[] = ["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "rsqrt", "is_finite"];
    const int: ScalarOp[] = ["neg", "abs", "sign", "not", "popcount", "clz"];
    const binaryFloat: ScalarOp[] = ["add", "sub", "mul", "div", "max", "min", "eq", "ne", "lt", "le"];
    const binaryInt: ScalarOp[] = [...binaryFloat, "rem", "and", "or", "xor", "shl", "shr_logical", "shr_arithmetic"];
    const binaryBool: ScalarOp[] = ["and", "or", "xor", "eq", "ne", "lt", "le", "max", "min"];
    for (const dtype of ["bool", "int32", "uint32", "float32", "float64"] as const) {
      const unary = dtype === "bool" ? (["not"] as const) : isFloat(dtype) ? float : int;
      const binary = dtype === "bool" ? binaryBool : isFloat(dtype) ? binaryFloat : binaryInt;
      for (const op of [...unary, ...binary]) {
        const k = new K();
        const i = k.axis(0, n);
        const args = [k.load(dtype, 0, i, null), k.load(dtype, 1, i, null)].slice(
          0,
          (unary as readonly string[]).includes(op) ? 1 : 2,
        );
        const out = ["eq", "ne", "lt", "le", "is_finite"].includes(op) ? "bool" : dtype;
        const value = k.op(op, out, ...args);
        const y = values(n + 1, dtype, true).slice(1);
        agrees(
          [
            { dtype, length: n, data: values(n, dtype, true) },
            {
              dtype,
              length: n,
              data: isFloat(dtype) ? y : y.map((v, j) => (j % 5 === 0 ? 0 : j % 5 === 1 ? v & 31 : v)),
            },
            { dtype: out, length: n },
          ],
          [loop([n], [store(2, i, value)])],
          2e-6,
          `${op} ${dtype}`,
        );
      }
    }
  });
});

describe("reductions", () => {
  const OPS: ReduceOp[] = ["add", "mul", "max", "min", "argmax", "argmin"];
  const cases: [DType, ReduceOp][] = [];
  for (const dtype of ["float32", "float64", "int32", "uint32"] as const) for (const op of OPS) cases.push([dtype, op]);
  cases.push(["bool", "and"], ["bool", "or"], ["bool", "argmax"], ["int32", "and"], ["uint32", "or"]);
  for (const [rows, cols] of [
    [5, 3],
    [3, 50],
    [7, 19],
    [2, 1100],
    [1, 9000],
    [40, 8],
    [70, 24],
  ] as const) {
    // prettier-ignore
    it(`of rows and columns of ${rows}x${cols}`, () => {
      for (const [dtype, op] of cases) {
        for (const special of isFloat(dtype) ? [false, true] : [false]) {
          const k = new K();
          const [i, j] = [k.axis(0, rows), k.axis(1, cols)];
          const data = values(rows * cols, dtype, special).map((x) => (op === "mul" && isFloat(dtype) ? x / 2.5 : x));
          const out = op.startsWith("arg") ? "int32" : dtype;
          for (const along of [0, 1]) {
            const value = k.load(dtype, 0, k.at(i, cols, j), null);
            const kept = along === 1 ? i : j;
            const stages: Stage[] = [
              { axes: [{ id: along, size: along === 1 ? cols : rows }], reductions: [{ op, value, dtype: out }], stores: [] },
              store(1, kept, k.reduced(out, 0)),
            ];
            const n = along === 1 ? rows : cols;
            const kernel: LoopKernel = { kind: "loop", axes: [{ id: 1 - along, size: n }], stages };
            agrees([{ dtype, length: rows * cols, data }, { dtype: out, length: n }], [kernel], 1e-5, `${op} ${dtype} along ${along}`);
          }
          if (op.startsWith("arg")) continue;
          const value = k.load(dtype, 0, k.at(i, cols, j), null);
          const axes = [{ id: 0, size: rows }, { id: 1, size: cols }]; // prettier-ignore
          const all: Stage[] = [{ axes, reductions: [{ op, value, dtype: out }], stores: [] }, store(1, k.i(0), k.reduced(out, 0))];
          agrees([{ dtype, length: rows * cols, data }, { dtype: out, length: 1 }], [{ kind: "loop", axes: [], stages: all }], 1e-5, `${op} ${dtype} all`);
        }
      }
    });
  }

  it("of nothing give the neutral value", () => {
    const k = new K();
    const i = k.axis(0, 3);
    const value = k.load("float32", 0, k.at(i, 0, k.axis(1, 0)), null);
    const stages: Stage[] = [
      { axes: [{ id: 1, size: 0 }], reductions: [{ op: "add", value, dtype: "float32" }, { op: "max", value, dtype: "float32" }], stores: [] },
      store(1, i, k.add(k.reduced("float32", 0, 0), k.op("max", "float32", k.reduced("float32", 0, 1), k.const(-7, "float32")))),
    ]; // prettier-ignore
    agrees(
      [
        { dtype: "float32", length: 0, data: [] },
        { dtype: "float32", length: 3 },
      ],
      [loop([3], stages)],
    );
  });

  for (const along of [0, 1]) {
    it(`softmax along axis ${along}`, () => {
      const [rows, cols] = along === 1 ? [6, 533] : [41, 37];
      const k = new K();
      const [i, j] = [k.axis(0, rows), k.axis(1, cols)];
      const at = k.at(i, cols, j);
      const x = k.load("float32", 0, at, null);
      const e = k.op("exp", "float32", k.op("sub", "float32", x, k.reduced("float32", 0)));
      const axes = [{ id: along, size: along === 1 ? cols : rows }];
      const stages: Stage[] = [
        { axes, reductions: [{ op: "max", value: x, dtype: "float32" }], stores: [] },
        { axes, reductions: [{ op: "add", value: e, dtype: "float32" }], stores: [] },
        {
          axes,
          reductions: [],
          stores: [{ buffer: 1, index: at, value: k.op("div", "float32", e, k.reduced("float32", 1)) }],
        },
      ];
      const kernel: LoopKernel = { kind: "loop", axes: [{ id: 1 - along, size: along === 1 ? rows : cols }], stages };
      const length = rows * cols;
      agrees(
        [
          { dtype: "float32", length, data: values(length, "float32") },
          { dtype: "float32", length },
        ],
        [kernel],
      );
    });
  }

  it("sum ten million ones exactly, and random numbers closely", () => {
    const n = 10_000_000;
    const k = new K();
    const i = k.axis(0, n);
    const sum = (value: Scalar): LoopKernel => ({
      kind: "loop",
      axes: [],
      stages: [{ axes: [{ id: 0, size: n }], reductions: [{ op: "add", value, dtype: "float32" }], stores: [] }, store(1, k.i(0), k.reduced("float32", 0))],
    }); // prettier-ignore
    const data = new Float32Array(n).fill(1);
    const x = k.load("float32", 0, i, null);
    expect(
      runOn(
        wasm,
        [
          { dtype: "float32", length: n, data },
          { dtype: "float32", length: 1 },
        ],
        [sum(x)],
      )[0]![0],
    ).toBe(n);
    let exact = 0;
    for (let j = 0; j < n; j++) exact += data[j] = Math.fround((j * 0.618034) % 1);
    const got = runOn(
      wasm,
      [
        { dtype: "float32", length: n, data },
        { dtype: "float32", length: 1 },
      ],
      [sum(x)],
    )[0]![0]!;
    expect(Math.abs(got - exact) / exact).toBeLessThan(2e-7);
  });
});

describe("cumulative kernels", () => {
  for (const op of ["add", "mul", "max", "min", "logsumexp"] as const) {
    it(op, () => {
      for (const dtype of ["float32", "float64", "int32", "float16"] as const) {
        if (op === "logsumexp" && dtype === "int32") continue;
        for (const [outer, size, inner] of [
          [2, 11, 1],
          [3, 5, 3],
          [2, 6, 13],
          [1, 4, 40],
        ] as const) {
          // prettier-ignore
          for (const reverse of [false, true]) {
            const length = outer * size * inner;
            const data = values(length, dtype, op === "max");
            agrees(
              [{ dtype, length, data }, { dtype, length }],
              [{ kind: "cumulative", op, dtype, outer, size, inner, reverse, x: 0, out: 1, blocks: null }],
              dtype === "float16" ? 1 : 1e-5,
            );
          }
        }
      }
    });
  }
});

describe("scatter kernels", () => {
  it("combine rows and single elements", () => {
    const [n, m, rows] = [12, 9, 20];
    const k = new K();
    const [i, j] = [k.axis(0, n), k.axis(1, m)];
    for (const dtype of ["float32", "int32", "float16", "bool"] as const) {
      for (const combine of ["set", "add", "mul", "min", "max"] as const) {
        const row = k.load("int32", 1, i, null);
        const value = k.load(dtype, 2, k.at(i, m, j), null);
        const inside = k.op("lt", "bool", row, k.i(rows));
        for (const [index, guard, size] of [
          [k.at(row, m, j), inside, rows * m],
          [row, inside, rows],
          [k.at(j, rows, row), k.op("and", "bool", inside, k.op("ne", "bool", j, k.i(4))), rows * m],
          [k.at(row, m, k.op("sub", "int32", k.i(m - 1), j)), inside, rows * m],
        ] as const) {
          agrees(
            [
              { dtype, length: size, data: values(size, dtype) },
              { dtype: "int32", length: n, data: range(n, (x) => (x * 7) % 25) },
              { dtype, length: n * m, data: values(n * m, dtype) },
              { dtype, length: size },
            ],
            [{ kind: "scatter", combine, dtype, operand: 0, out: 3, length: size, axes: [{ id: 0, size: n }, { id: 1, size: m }], index, guard, value }],
            dtype === "float16" ? 16 : 1e-5,
          ); // prettier-ignore
        }
      }
    }
  });
});

describe("contractions", () => {
  it("with an epilogue", () => {
    const [b, m, n, c] = [2, 7, 13, 9];
    const k = new K();
    const [ib, i, j] = [k.axis(0, b), k.axis(1, m), k.axis(2, n)];
    const acc = k.leaf({ tag: "acc", dtype: "float32" });
    const at = k.at(k.at(ib, m, i), n, j);
    const value = k.op("max", "float32", k.add(acc, k.load("float32", 2, j, null)), k.const(0, "float32"));
    agrees(
      [
        { dtype: "float32", length: b * m * c, data: values(b * m * c, "float32") },
        { dtype: "float32", length: b * c * n, data: values(b * c * n, "float32") },
        { dtype: "float32", length: n, data: values(n, "float32") },
        { dtype: "float32", length: b * m * n },
      ],
      [
        {
          kind: "contract",
          dtype: "float32",
          batch: [b],
          m: [m],
          n: [n],
          k: [c],
          lhs: { buffer: 0, offset: 0, batchStrides: [m * c], outerStrides: [c], kStrides: [1] },
          rhs: { buffer: 1, offset: 0, batchStrides: [c * n], outerStrides: [1], kStrides: [n] },
          out: 3,
          epilogue: { stores: [{ buffer: 3, index: at, value }] },
        },
      ],
      1e-5,
    );
  });
});

void WasmDevice;
