/** Formulas that are computed for several vectors side by side: all sizes around those of the vectors. */
import { describe, it } from "vitest";
import { type DType, isFloat } from "../../aval/dtype";
import { createCpuDevice } from "../../devices/cpu/device";
import { createWasmDevice } from "../../devices/wasm/device";
import { K, agreement, loop, range, values } from "../../devices/wasm/test-programs";
import type { LoopKernel, Stage } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { ReduceOp } from "../../kernel/scalar-op";

const agrees = agreement(createCpuDevice(), createWasmDevice());

const SIZES = [1, 3, 4, 5, 15, 16, 17, 31, 32, 35, 67, 300];
const DTYPES: readonly DType[] = ["float32", "float64", "int32", "uint32", "float16"];

/** More than 4 operations; more than 40 with `more`. An arm of the select costs so much that it has a branch. */
function formula(k: K, x: Scalar, more: boolean): Scalar {
  const { dtype } = x;
  const c = (value: number): Scalar => k.const(value, dtype);
  const around = (y: Scalar, times: number): Scalar =>
    range(times).reduce<Scalar>((z, i) => k.op("sub", dtype, k.mul(z, isFloat(dtype) ? c(0.5) : x), c(i + 1)), y);
  const costly = isFloat(dtype) && dtype !== "float64" ? k.op("sin", dtype, around(x, 10)) : around(x, 20);
  const y = k.op("select", dtype, k.op("lt", "bool", x, c(3)), around(x, 3), costly);
  return around(k.add(y, x), more ? 20 : 2);
}

describe.each(DTYPES)("long formulas of %s", (dtype) => {
  // of float16 the bits are compared, and the last may differ
  const tolerance = dtype === "float16" ? 1e-4 : 1e-5;
  const memory = (length: number) => ({ dtype, length });

  it.each([false, true])("in maps, with two results (longer: %s)", (more) => {
    for (const n of SIZES) {
      const k = new K();
      const i = k.axis(0, n);
      const value = formula(k, k.load(dtype, 0, i, null), more);
      const stores = [
        { buffer: 1, index: i, value },
        { buffer: 2, index: i, value: k.op("neg", dtype, value) },
      ];
      const stage: Stage = { axes: [], reductions: [], stores };
      const buffers = [{ dtype, length: n, data: values(n, dtype, true) }, memory(n), memory(n)];
      agrees(buffers, [loop([n], [stage])], tolerance, `map of ${n}`);
    }
  });

  const ops: ReduceOp[] = ["add", "max", "min", "argmax"];
  it.each(ops)("reduced by %s, along rows and columns, and stored on the way", (op) => {
    const out = op === "argmax" ? "int32" : dtype;
    for (const n of SIZES) {
      for (const along of [0, 1]) {
        const sizes = along === 1 ? [3, n] : [n, 19];
        const [rows, cols] = sizes as [number, number];
        const k = new K();
        const [i, j] = [k.axis(0, rows), k.axis(1, cols)];
        const at = k.at(i, cols, j);
        const value = formula(k, k.load(dtype, 0, at, null), false);
        const kept = along === 1 ? i : j;
        const inner = [{ id: along, size: sizes[along]! }];
        const stages: Stage[] = [
          { axes: inner, reductions: [{ op, value, dtype: out }], stores: [{ buffer: 1, index: at, value }] },
          { axes: [], reductions: [], stores: [{ buffer: 2, index: kept, value: k.reduced(out, 0) }] },
        ];
        const outer = { id: 1 - along, size: sizes[1 - along]! };
        const kernel: LoopKernel = { kind: "loop", axes: [outer], stages };
        const length = rows * cols;
        const data = values(length, dtype, isFloat(dtype) && n % 2 === 1);
        const buffers = [{ dtype, length, data }, memory(length), { dtype: out, length: outer.size }];
        agrees(buffers, [kernel], 10 * tolerance, `${op} of ${rows}x${cols} along ${along}`);
      }
    }
  });
});

describe.each(["float32", "float64"] as const)("formulas of %s with arms that are seldom needed", (dtype) => {
  const n = 37;
  const c = (k: K, value: number): Scalar => k.const(value, dtype);
  /** sqrt x - 2x + 1, but below 0 its own: the square of -x - 1, and what an arm of that has. */
  function formulaOf(k: K, x: Scalar): Scalar {
    const moved = k.add(x, c(k, 1));
    const usual = k.op("sub", dtype, k.op("sqrt", dtype, x), k.op("sub", dtype, k.add(x, x), c(k, 1)));
    const inner = k.op("rarely", dtype, k.op("lt", "bool", x, c(k, -5)), k.op("abs", dtype, x), k.mul(moved, moved));
    const one = k.op("rarely", dtype, k.op("lt", "bool", x, c(k, 0)), inner, usual);
    return k.op("rarely", dtype, k.op("lt", "bool", c(k, 9), one), k.op("neg", dtype, x), one);
  }
  // one element, two, all, and none that need an arm
  const places = [...range(n).map((i) => [i]), [3, 20], [16, 17], range(n), []];
  const dataOf = (at: readonly number[]): number[] => range(n).map((i) => (at.includes(i) ? -i : i / 8));

  it("give what they give one by one, also where the result replaces its operand", () => {
    for (const at of places) {
      const k = new K();
      const i = k.axis(0, n);
      const value = formulaOf(k, k.load(dtype, 0, i, null));
      const stores = [1, 0].map((buffer) => ({ buffer, index: i, value }));
      const stage: Stage = { axes: [], reductions: [], stores };
      const buffers = [
        { dtype, length: n, data: dataOf(at) },
        { dtype, length: n },
      ];
      agrees(buffers, [loop([n], [stage])], 1e-6, `arm at ${at.join()}`);
    }
  });

  it.each(["add", "max"] as const)("reduced by %s, along rows and columns", (op) => {
    for (const [rows, cols, along] of [
      [1, n, 1],
      [n, 1, 0],
      [n, 20, 0],
      [3, 128, 1],
    ] as const) {
      for (const at of places.slice(-5)) {
        const k = new K();
        const [i, j] = [k.axis(0, rows), k.axis(1, cols)];
        const length = rows * cols;
        const value = formulaOf(k, k.load(dtype, 0, k.at(i, cols, j), null));
        const inner = { id: along, size: along === 1 ? cols : rows };
        const outer = { id: 1 - along, size: length / inner.size };
        const kept = { buffer: 1, index: along === 1 ? i : j, value: k.reduced(dtype, 0) };
        const stages: Stage[] = [
          { axes: [inner], reductions: [{ op, value, dtype }], stores: [] },
          { axes: [], reductions: [], stores: [kept] },
        ];
        const data = range(length).map((place) => dataOf(at)[place % n]!);
        const buffers = [
          { dtype, length, data },
          { dtype, length: outer.size },
        ];
        agrees(
          buffers,
          [{ kind: "loop", axes: [outer], stages }],
          1e-5,
          `${op} of ${rows}x${cols}, arm at ${at.join()}`,
        );
      }
    }
  });
});
