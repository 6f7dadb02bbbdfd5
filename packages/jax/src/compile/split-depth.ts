/**
 * Long products of few rows by a matrix, x[k] A[k, n], as four of a quarter of the depth each, and their sum. Threads then
 * read whole rows of A, one after the other; cut by columns, the pieces of rows would come without the processor's
 * prefetching, and two threads were no faster than one. Done for any number of threads, so that results do not depend on it.
 */
import { contiguousStrides, prod, range } from "../base/list";
import { ScalarBuilder } from "../kernel/build";
import type { Axis, ComputedOperand, ContractKernel, ContractOperand, Kernel } from "../kernel/program";
import { importer, replacer } from "../kernel/rebuild";
import { collapseAxes } from "./collapse";
import { storesAt } from "./window";

const PARTS = 4;
/** Elements of the matrix from which on reading it is all that matters. */
const LEAST_SIZE = 2 ** 19;
const LEAST_DEPTH = 512;
const MOST_ROWS = 4;

/** The kernels, with memory for the parts from `workspace`; null where the product is better left whole. */
export function splitDepth(kernel: ContractKernel, workspace: (length: number) => number): Kernel[] | null {
  const { dtype, batch, k, lhs, rhs } = kernel;
  const [m, n] = [prod(kernel.m), prod(kernel.n)];
  if ((dtype !== "float32" && dtype !== "float64") || prod(batch) !== 1 || Math.min(m, n) > MOST_ROWS) return null;
  const [big, sizes] = m < n ? [rhs, kernel.n] : [lhs, kernel.m];
  const depth = prod(k);
  const first = k.findIndex((size) => size > 1);
  if (depth < LEAST_DEPTH || depth * prod(sizes) < LEAST_SIZE || k[first]! % PARTS !== 0) return null;
  const rowMajor = contiguousStrides(sizes);
  if (
    big.computed !== undefined
      ? big.computed.along !== "outer"
      : !sizes.every((size, i) => size === 1 || big.outerStrides[i] === rowMajor[i]) || big.kStrides.at(-1) === 1
  )
    return null;

  const part = k[first]! / PARTS;
  const cut = (x: ContractOperand): ContractOperand => ({
    ...x,
    batchStrides: [...x.batchStrides, part * x.kStrides[first]!],
    ...(x.computed && { computed: partsOf(x.computed, depth / PARTS) }),
  });
  const sums = workspace(PARTS * m * n);
  const product: ContractKernel = {
    ...kernel,
    batch: [...batch, PARTS],
    k: k.map((size, i) => (i === first ? part : size)),
    lhs: cut(lhs),
    rhs: cut(rhs),
    out: sums,
    epilogue: null,
  };
  const b = new ScalarBuilder();
  const axes: Axis[] = [m, n].map((size, id) => ({ id, size }));
  const at = axes.map(({ id, size }) => (size === 1 ? b.int(0) : b.axis(id, size)));
  const sum = range(PARTS)
    .map((p) => b.load(sums, b.dot(at, [n, 1], p * m * n), null, dtype))
    .reduce((x, y) => b.op("add", [x, y], dtype) as typeof x);
  const stores = storesAt(kernel, b, [b.int(0), at[0]!, at[1]!], sum);
  return [product, collapseAxes({ kind: "loop", axes, stages: [{ axes: [], reductions: [], stores }] })];
}

/** A computed operand whose batches are parts of its depth. */
function partsOf(computed: ComputedOperand, part: number): ComputedOperand {
  const b = new ScalarBuilder();
  const k = b.dot([b.axis(0, PARTS), b.axis(3, part)], [part, 1]);
  const inPart = replacer(b, (s) => (s.tag === "axis" && s.axis === 3 ? k : null));
  const imported = importer(b);
  return { ...computed, values: computed.values.map((v) => inPart(imported(v))), run: part, turn: part };
}
