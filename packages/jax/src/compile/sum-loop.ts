/**
 * Contractions that are better loops than products of matrices: columns of products added up, a few results of many
 * terms that lie in short rows (gradients of depthwise kernels), and outer products of a few terms.
 */
import { contiguousStrides, prod, range } from "../base/list";
import { ScalarBuilder } from "../kernel/build";
import type { Axis, ContractKernel, ContractOperand, LoopKernel, Reduction } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { collapseAxes } from "./collapse";
import { unflatten } from "./inline";
import { storesAt } from "./window";

/** Results that one loop sums up side by side, of rows of at least so many terms. */
const [MOST_RESULTS, LEAST_ROW] = [16, 8];
/** Terms of an outer product, and elements of its rows; together they stay in the L1 cache. */
const [MOST_TERMS, LEAST_COLUMNS, MOST_ELEMENTS] = [4, 32, 4096];

/** The loop, or null where the contraction is better left to a product of matrices. */
export function sumLoop(kernel: ContractKernel): LoopKernel | null {
  if ([kernel.lhs, kernel.rhs].some((x) => x.computed !== undefined || x.dtype !== undefined)) return null;
  if (prod(kernel.k) === 0) return null;
  if (isOuter(kernel)) return outerLoop(kernel);
  return isColumns(kernel) || isFewResults(kernel) ? dotLoop(kernel) : null;
}

/** A dot product for each point of the batch, which lies side by side as the terms do not. */
function isColumns({ batch, m, n, k, lhs, rhs }: ContractKernel): boolean {
  if (prod(m) !== 1 || prod(n) !== 1 || (batch.at(-1) ?? 1) < LEAST_ROW || prod(k) === 1) return false;
  const along = (x: ContractOperand): boolean => x.batchStrides.at(-1) === 1 && x.kStrides.at(-1) !== 1;
  return along(lhs) && along(rhs);
}

function isFewResults({ m, n, k, lhs, rhs }: ContractKernel): boolean {
  const results = prod(m) * prod(n);
  if (Math.min(prod(m), prod(n)) !== 1 || results < 2 || results > MOST_RESULTS) return false;
  return k.length > 1 && k.at(-1)! >= LEAST_ROW && lhs.kStrides.at(-1) === 1 && rhs.kStrides.at(-1) === 1;
}

function isOuter({ m, n, k, rhs }: ContractKernel): boolean {
  const columns = prod(n);
  if (prod(m) === 1 || prod(k) > MOST_TERMS || n.length !== 1 || rhs.outerStrides[0] !== 1) return false;
  return columns >= LEAST_COLUMNS && columns * prod(k) <= MOST_ELEMENTS;
}

const axesOf = (sizes: readonly number[], from: number): Axis[] => sizes.map((size, i) => ({ id: from + i, size }));

/** All terms of the batch's points as sums of a loop. */
function dotLoop(kernel: ContractKernel): LoopKernel {
  const { batch, k, dtype } = kernel;
  const b = new ScalarBuilder();
  const batchAxes = axesOf(batch, 0);
  const kAxes = axesOf(k, batch.length);
  const at = [...batchAxes, ...kAxes].map(({ id, size }) => b.axis(id, size));
  const element = (x: ContractOperand, sizes: readonly number[], i: number): Scalar => {
    const outer = unflatten(b, b.int(i), sizes);
    const strides = [...x.batchStrides, ...x.kStrides, ...x.outerStrides];
    return b.load(x.buffer, b.dot([...at, ...outer], strides, x.offset), null, dtype);
  };
  const columns = prod(kernel.n);
  const places = range(prod(kernel.m) * columns).map((i) => [Math.floor(i / columns), i % columns] as const);
  const reductions = places.map(([i, j]): Reduction => {
    const pair = [element(kernel.lhs, kernel.m, i), element(kernel.rhs, kernel.n, j)];
    return { op: "add", value: b.op("mul", pair, dtype), dtype };
  });
  const flatBatch = b.dot(at.slice(0, batch.length), contiguousStrides(batch));
  const stores = places.flatMap(([i, j], slot) =>
    storesAt(kernel, b, [flatBatch, b.int(i), b.int(j)], b.reduced(0, slot, dtype)),
  );
  const stages = [
    { axes: kAxes, reductions, stores: [] },
    { axes: [], reductions: [], stores },
  ];
  return collapseAxes({ kind: "loop", axes: batchAxes, stages });
}

/** Every result is the sum of its terms, written out. */
function outerLoop(kernel: ContractKernel): LoopKernel {
  const { batch, m, n, k, lhs, rhs, dtype } = kernel;
  const b = new ScalarBuilder();
  const axes = [...axesOf(batch, 0), ...axesOf(m, batch.length), ...axesOf(n, batch.length + m.length)];
  const at = axes.map(({ id, size }) => b.axis(id, size));
  const [ofBatch, ofRow, ofColumn] = [
    at.slice(0, batch.length),
    at.slice(batch.length, -n.length),
    at.slice(-n.length),
  ];
  const element = (x: ContractOperand, outer: readonly Scalar[], term: number): Scalar => {
    const strides = [...x.batchStrides, ...x.outerStrides, ...x.kStrides];
    const index = b.dot([...ofBatch, ...outer, ...unflatten(b, b.int(term), k)], strides, x.offset);
    return b.load(x.buffer, index, null, dtype);
  };
  const sum = range(prod(k)).reduce<Scalar | null>((before, term) => {
    const pair = [element(lhs, ofRow, term), element(rhs, ofColumn, term)];
    return before === null ? b.op("mul", pair, dtype) : b.op("fma", [...pair, before], dtype);
  }, null);
  const flat = [
    b.dot(ofBatch, contiguousStrides(batch)),
    b.dot(ofRow, contiguousStrides(m)),
    b.dot(ofColumn, contiguousStrides(n)),
  ] as const;
  const stage = { axes: [], reductions: [], stores: storesAt(kernel, b, flat, sum!) };
  return collapseAxes({ kind: "loop", axes, stages: [stage] });
}
