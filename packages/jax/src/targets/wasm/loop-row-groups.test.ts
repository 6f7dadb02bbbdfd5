/** Kernels of several stages over rows, for which neighbouring rows are taken together. */
import { describe, expect, it } from "vitest";
import type { DType } from "../../aval/dtype";
import { createCpuDevice } from "../../devices/cpu/device";
import { createWasmDevice } from "../../devices/wasm/device";
import { K, agreement, range } from "../../devices/wasm/test-programs";
import type { LoopKernel } from "../../kernel/program";
import { groupRows } from "./loop-row-groups";

const agrees = agreement(createCpuDevice(), createWasmDevice());
/** So small that sums and products of them are exact. */
const numbers = (n: number): number[] => range(n).map((i) => ((i * 37) % 11) - 5);

/**
 * (x - s) * (q + row number) * gain + bias of each row, with s the sum of the row and q the greatest x - s; stored in
 * buffer `out`, and its negative in buffer 3. Buffers: x, gain, bias (one for each row), the results.
 */
function normalization(outer: number, rows: number, cols: number, dtype: DType, out: number): LoopKernel {
  const k = new K();
  const [o, i, j] = [k.axis(0, outer), k.axis(1, rows), k.axis(2, cols)];
  const row = k.at(o, rows, i);
  const at = k.at(row, cols, j);
  const x = k.load(dtype, 0, at, null);
  const sum = k.reduced(dtype, 0);
  const greatest = { ...k.reduced(dtype, 0), stage: 1 };
  const less = k.op("sub", dtype, x, sum);
  const number = k.op("cast", dtype, i);
  const scaled = k.mul(k.mul(less, k.add(greatest, number)), k.load(dtype, 1, j, null));
  const value = k.add(scaled, k.load(dtype, 2, row, null));
  const axes = [{ id: 2, size: cols }];
  return {
    kind: "loop",
    axes: [{ id: 0, size: outer }, { id: 1, size: rows }],
    stages: [
      { axes, reductions: [{ op: "add", value: x, dtype }], stores: [] },
      { axes, reductions: [{ op: "max", value: less, dtype }], stores: [] },
      {
        axes,
        reductions: [],
        stores: [
          { buffer: out, index: at, value },
          { buffer: 3, index: at, value: k.op("neg", dtype, value) },
        ],
      },
    ],
  }; // prettier-ignore
}

describe("rows of several stages", () => {
  it("are taken by fours or twos, if there are enough", () => {
    const sizes = [16, 18, 8, 17, 4, 1].map((rows) => groupRows(normalization(3, rows, 20, "float32", 4))?.size);
    expect(sizes).toEqual([4, 2, 2, undefined, undefined, undefined]);
  });

  it.each(["float32", "int32", "float64"] as const)("give what they give one by one, of %s", (dtype) => {
    for (const rows of [8, 16, 17, 18, 24]) {
      for (const cols of [1, 3, 4, 17, 64, 130]) {
        for (const out of [4, 0]) {
          const n = 3 * rows * cols;
          const buffers = [
            { dtype, length: n, data: numbers(n) },
            { dtype, length: cols, data: numbers(cols) },
            { dtype, length: 3 * rows, data: numbers(3 * rows) },
            { dtype, length: n },
            ...(out === 4 ? [{ dtype, length: n }] : []),
          ];
          const kernel = normalization(3, rows, cols, dtype, out);
          agrees(buffers, [kernel], 0, `${rows} rows of ${cols}, to ${out}`);
        }
      }
    }
  });
});
