/**
 * Contractions of few terms whose one operand is a vector (depthwise convolutions, short filters) as loops over their
 * results: every result is the sum of all its terms, written out. A blocked product would spend its time on packing.
 */
import { contiguousStrides, prod } from "../base/list";
import { ScalarBuilder, topological } from "../kernel/build";
import type { Axis, ContractKernel, LoopKernel, Store } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { importer, rebuild } from "../kernel/rebuild";
import { collapseAxes } from "./collapse";

/** More terms than this do not fit the registers. */
const MAX_TERMS = 32;
/** Rows of results shorter than this leave lanes idle. */
const MIN_ROW = 8;
/** Elements of a row that are further apart are better gathered once, by packing. */
const MAX_STEP = 2;

/** The loop, or null where the contraction is better left to a product of matrices. */
export function windowLoop(kernel: ContractKernel): LoopKernel | null {
  const { batch, k, dtype } = kernel;
  if ([kernel.lhs, kernel.rhs].some((x) => x.computed !== undefined || x.dtype !== undefined)) return null;
  if (prod(kernel.m) !== 1) return null;
  const { lhs: small, rhs: big, n: outer } = kernel;
  const terms = prod(k);
  if (terms < 2 || terms > MAX_TERMS || (outer.at(-1) ?? 1) < MIN_ROW) return null;
  const step = big.outerStrides.at(-1)!;
  if (step < 1 || step > MAX_STEP || (step > 1 && outer.length === 1)) return null;

  const b = new ScalarBuilder();
  const axesOf = (sizes: readonly number[], from: number): Axis[] => sizes.map((size, i) => ({ id: from + i, size }));
  const batchAxes = axesOf(batch, 0);
  const outerAxes = axesOf(outer, batch.length);
  const at = (axes: readonly Axis[]): Scalar[] => axes.map(({ id, size }) => b.axis(id, size));
  let sum: Scalar | null = null;
  for (let t = 0; t < terms; t++) {
    const indices: number[] = [];
    for (let axis = k.length - 1, rest = t; axis >= 0; rest = Math.floor(rest / k[axis]!), axis--) {
      indices[axis] = rest % k[axis]!;
    }
    const [x, y] = [small, big].map((side) => {
      const offset = indices.reduce((all, i, axis) => all + i * side.kStrides[axis]!, side.offset);
      const strides = [...side.batchStrides, ...(side === big ? big.outerStrides : [])];
      const axes = side === big ? [...batchAxes, ...outerAxes] : batchAxes;
      return b.load(side.buffer, b.dot(at(axes), strides, offset), null, dtype);
    }) as [Scalar, Scalar];
    sum = sum === null ? b.op("mul", [x, y], dtype) : b.op("fma", [x, y, sum], dtype);
  }
  const flatBatch = b.dot(at(batchAxes), contiguousStrides(batch));
  const flatOuter = b.dot(at(outerAxes), contiguousStrides(outer));
  const stores = storesAt(kernel, b, [flatBatch, b.int(0), flatOuter], sum!);
  const stage = { axes: [], reductions: [], stores };
  return collapseAxes({ kind: "loop", axes: [...batchAxes, ...outerAxes], stages: [stage] });
}

/** The kernel's stores of `sum`, with its flat axes (batch, m, n) in terms of a loop's. */
export function storesAt(
  kernel: ContractKernel,
  b: ScalarBuilder,
  flat: readonly [batch: Scalar, m: Scalar, n: Scalar],
  sum: Scalar,
): Store[] {
  if (kernel.epilogue === null) {
    const [m, n] = [prod(kernel.m), prod(kernel.n)];
    return [{ buffer: kernel.out, index: b.dot(flat, [m * n, n, 1]), value: sum }];
  }
  const imported = importer(b);
  const memo = new Map<Scalar, Scalar>();
  const inLoop = (root: Scalar): Scalar => {
    const replace = (leaf: Scalar): Scalar | null => {
      if (leaf.tag === "axis") return flat[leaf.axis]!;
      return leaf.tag === "acc" ? sum : null;
    };
    for (const s of topological([root])) if (!memo.has(s)) memo.set(s, rebuild(b, s, memo, replace));
    return memo.get(root)!;
  };
  return kernel.epilogue.stores.map(({ buffer, index, value }) => ({
    buffer,
    index: inLoop(imported(index)),
    value: inLoop(imported(value)),
  }));
}
