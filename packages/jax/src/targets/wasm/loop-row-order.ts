/**
 * Sums of columns in the order of rows. A block of rows is added to the block's result a few rows at a time, over all
 * columns: the rows are read as a few linear streams, and the running sums stay in the L1 cache. The compiler has cut
 * such reductions into blocks of rows (`compile/split-reduction.ts`).
 */
import type { DType } from "../../aval/dtype";
import { prod } from "../../base/list";
import { ScalarBuilder, topological } from "../../kernel/build";
import type { LoopKernel, Stage, Store } from "../../kernel/program";
import { importer, replacer } from "../../kernel/rebuild";
import type { Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";

/** Rows that are read side by side. */
const STREAMS = 4;
const LEAST_COLUMNS = 256;
/** Maxima of floats are as fast down the columns: each needs a look for NaN, which is one for all rows there. */
const OPS: ReadonlySet<string> = /* @__PURE__ */ new Set(["add", "mul", "and", "or"]);
const DTYPES: ReadonlySet<DType> = /* @__PURE__ */ new Set<DType>(["float32", "float64", "int32", "uint32"]);

/** The kernel in two stages, the first rows and the others, or as it is. */
export function inRowOrder(kernel: LoopKernel, dtypeOf: (buffer: number) => DType): LoopKernel {
  const { axes, stages } = kernel;
  const [rows, out] = stages as [Stage, Stage];
  const columns = axes.at(-1);
  if (stages.length !== 2 || columns === undefined || columns.size < LEAST_COLUMNS) return kernel;
  if (rows.axes.length !== 1 || rows.stores.length > 0 || out.axes.length > 0 || out.reductions.length > 0)
    return kernel;
  const [row] = rows.axes;
  if (row!.sizeParam !== undefined || columns.sizeParam !== undefined || row!.size % STREAMS !== 0) return kernel;
  if (row!.size < 2 * STREAMS || prod(axes.slice(0, -1).map((a) => a.size)) < 2) return kernel;
  if (out.stores.length !== rows.reductions.length) return kernel;
  const stores = rows.reductions.map(({ op, dtype, value }, slot): Store | null => {
    const store = out.stores[slot]!;
    const isPlain = store.value.tag === "reduced" && store.value.slot === slot && dtypeOf(store.buffer) === dtype;
    return isPlain && OPS.has(op) && DTYPES.has(dtype) && value.dtype === dtype ? store : null;
  });
  if (stores.some((s) => s === null)) return kernel;

  const b = new ScalarBuilder();
  const imported = importer(b);
  const stride = (x: Scalar): number =>
    [...b.linearOf(imported(x)).terms].find(([t]) => t.tag === "axis" && t.axis === columns.id)?.[1] ?? 0;
  const loads = topological(rows.reductions.map((r) => r.value)).flatMap((s) => (s.tag === "load" ? [s.index] : []));
  if (!loads.some((index) => stride(index) === 1) || stores.some((s) => stride(s!.index) !== 1)) return kernel;

  const size = row!.size / STREAMS;
  const group = { id: 1 + Math.max(row!.id, ...axes.map((a) => a.id)), size: size - 1 };
  const at = (first: Scalar, op: ScalarOp, value: Scalar, start: Scalar | null): Scalar => {
    let sum = start;
    for (let i = 0; i < STREAMS; i++) {
      const step = b.op("add", [first, b.int(i * size)], "int32");
      const x = replacer(b, (s) => (s.tag === "axis" && s.axis === row!.id ? step : null))(imported(value));
      sum = sum === null ? x : b.op(op, [sum, x], value.dtype);
    }
    return sum!;
  };
  const stored = (first: Scalar, start: (s: Store, index: Scalar) => Scalar | null): Store[] =>
    rows.reductions.map(({ op, value }, slot) => {
      const store = stores[slot]!;
      const index = imported(store.index);
      return { buffer: store.buffer, index, value: at(first, op as ScalarOp, value, start(store, index)) };
    });
  const next = group.size === 1 ? b.int(1) : b.op("add", [b.axis(group.id, group.size), b.int(1)], "int32");
  return {
    kind: "loop",
    axes: axes.slice(0, -1),
    stages: [
      { axes: [columns], reductions: [], stores: stored(b.int(0), () => null) },
      {
        axes: [group, columns],
        reductions: [],
        stores: stored(next, (s, index) => b.load(s.buffer, index, null, dtypeOf(s.buffer))),
      },
    ],
  };
}
