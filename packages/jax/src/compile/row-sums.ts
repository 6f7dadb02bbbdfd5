/**
 * Products of a computed operand with few rows, where what it is made of lies side by side along k: rows of it are summed
 * up while they are computed, in registers.
 */
import type { DType } from "../aval/dtype";
import { prod, range } from "../base/list";
import { ScalarBuilder } from "../kernel/build";
import { importer } from "../kernel/rebuild";
import type { Axis, ContractKernel, Kernel } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { collapseAxes } from "./collapse";
import { unflatten } from "./inline";
import { storesAt } from "./window";

const MOST_ROWS = 4;

/** The kernels, or null where the contraction is better left to a product of matrices. */
export function rowSums(kernel: ContractKernel, workspace: (dtype: DType, length: number) => number): Kernel[] | null {
  const { dtype } = kernel;
  const swapped = kernel.lhs.computed !== undefined;
  const [small, big] = swapped ? [kernel.rhs, kernel.lhs] : [kernel.lhs, kernel.rhs];
  const [smallSizes, bigSizes] = swapped ? [kernel.n, kernel.m] : [kernel.m, kernel.n];
  const [nBatch, rows, depth] = [prod(kernel.batch), prod(smallSizes), prod(kernel.k)];
  const { computed } = big;
  if (computed?.along !== "k" || small.computed !== undefined || rows > MOST_ROWS) return null;
  const { values, run, step, turn } = computed;
  const count = values.length;

  const b = new ScalarBuilder();
  const axisOf = ({ id, size }: Axis): Scalar => (size === 1 ? b.int(0) : b.axis(id, size));
  const sizes = [nBatch, prod(bigSizes), depth / (run * count), run];
  const axes: Axis[] = sizes.map((size, id) => ({ id, size }));
  const [batch, outer, ...places] = axes.map(axisOf) as [Scalar, Scalar, Scalar, Scalar];

  /** Element (batch, row, k) of the small operand where it lies. */
  const source = (at: Scalar, row: Scalar, k: Scalar): Scalar => {
    const indices = [...unflatten(b, at, kernel.batch), ...unflatten(b, row, smallSizes), ...unflatten(b, k, kernel.k)];
    const strides = [...small.batchStrides, ...small.outerStrides, ...small.kStrides];
    return b.load(small.buffer, b.dot(indices, strides, small.offset), null, dtype);
  };
  const kernels: Kernel[] = [];
  const depthOf = (i: number): Scalar => b.dot(places, [run * count, step], i * turn);
  let element = (row: number, i: number): Scalar => source(batch, b.int(row), depthOf(i));
  if (step > 1 || kernel.k.length !== 1 || small.kStrides[0] !== 1) {
    // The small operand first in the order in which it is wanted: [batch, row, value, k / step].
    const buffer = workspace(dtype, nBatch * rows * depth);
    const parts: Axis[] = [nBatch, rows, step, depth / step].map((size, id) => ({ id, size }));
    const [at, row, i, k] = parts.map(axisOf) as [Scalar, Scalar, Scalar, Scalar];
    const strides = [rows * depth, depth, depth / step, 1];
    const store = { buffer, index: b.dot([at, row, i, k], strides), value: source(at, row, b.dot([i, k], [1, step])) };
    kernels.push(collapseAxes({ kind: "loop", axes: parts, stages: [{ axes: [], reductions: [], stores: [store] }] }));
    element = (s, j) => {
      const [value, k] = step > 1 ? [j, b.dot(places, [run, 1])] : [0, depthOf(j)];
      return b.load(buffer, b.dot([batch, b.int(s), b.int(value), k], strides), null, dtype);
    };
  }
  const factors = values.map(importer(b));
  const reductions = range(rows).map((row) => {
    const terms = factors.map((factor, i) => [element(row, i), factor] as const);
    const value = terms.reduce<Scalar | null>(
      (sum, pair) => (sum === null ? b.op("mul", pair, dtype) : b.op("fma", [...pair, sum], dtype)),
      null,
    );
    return { op: "add" as const, value: value!, dtype };
  });
  const stores = range(rows).flatMap((row) => {
    const at = swapped ? ([batch, outer, b.int(row)] as const) : ([batch, b.int(row), outer] as const);
    return storesAt(kernel, b, at, b.reduced(0, row, dtype));
  });
  const stages = [
    { axes: axes.slice(2), reductions, stores: [] },
    { axes: [], reductions: [], stores },
  ];
  kernels.push(collapseAxes({ kind: "loop", axes: axes.slice(0, 2), stages }));
  return kernels;
}
