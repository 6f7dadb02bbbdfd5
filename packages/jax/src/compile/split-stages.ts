/**
 * Stages over tall columns as kernels of their own. Down its columns, some at a time, a kernel touches another page at
 * every step, and where an array does not fit the cache it is read anew for every stage. Stage by stage it is read row by
 * row, and threads share rows too.
 */
import type { DType } from "../aval/dtype";
import { contiguousStrides, prod } from "../base/list";
import { ScalarBuilder, topological } from "../kernel/build";
import type { Axis, LoopKernel, Reduction, Stage, Store } from "../kernel/program";
import { importer, rebuild } from "../kernel/rebuild";
import type { ReducedScalar, Scalar } from "../kernel/scalar";
import { collapseAxes } from "./collapse";
import { isColumn } from "./split-reduction";

/** Elements, columns and rows from which on that is faster. */
const [LEAST_SIZE, LEAST_COLUMNS, LEAST_ROWS] = [2 ** 17, 256, 64];

/** The stages as kernels, with memory for what columns come to from `workspace`; the kernel alone where that is better. */
export function splitStages(
  kernel: LoopKernel,
  workspace: (dtype: DType, length: number) => number,
): readonly LoopKernel[] {
  const { axes } = kernel;
  const column = axes.at(-1);
  const rows = kernel.stages[0]!.axes[0];
  if (kernel.stages.length < 2 || column === undefined || rows === undefined) return [kernel];
  if (kernel.stages.some((s) => s.axes.length !== 1 || s.axes[0]!.size !== rows.size)) return [kernel];
  const points = prod(axes.map((a) => a.size));
  if (column.size < LEAST_COLUMNS || rows.size < LEAST_ROWS || points * rows.size < LEAST_SIZE) return [kernel];
  const b = new ScalarBuilder();
  const stages = kernel.stages.map((s) => mapStage(s, importer(b)));
  if (!isColumn(b, stages[0]!, column)) return [kernel];

  const point = b.dot(
    axes.map(({ id, size }) => (size === 1 ? b.int(0) : b.axis(id, size))),
    contiguousStrides(axes.map((a) => a.size)),
  );
  const facts = new Facts(new Set(stages.map((s) => s.axes[0]!.id)));
  // What later stages read of a column, by the stage after which it is known.
  const finished = stages.map(() => new Map<Scalar, Store>());
  const read = (s: Scalar): Scalar => {
    const at = facts.stageOf(s);
    let store = finished[at]!.get(s);
    if (store === undefined) {
      store = { buffer: workspace(s.dtype, points), index: point, value: rewrite(s, at) };
      finished[at]!.set(s, store);
    }
    return b.load(store.buffer, point, null, s.dtype);
  };
  /** A value of stage `at`, or one that is computed when that is finished. */
  const rewrite = (root: Scalar, at: number, given?: ReadonlyMap<Scalar, Scalar>): Scalar => {
    const memo = new Map<Scalar, Scalar>(given);
    const visit = (s: Scalar): Scalar => {
      let out = memo.get(s);
      if (out !== undefined) return out;
      if (facts.stageOf(s) < 0) out = s;
      else if (s.tag === "reduced" && s.stage === at) out = b.reduced(0, s.slot, s.dtype);
      else if (facts.stageOf(s) < at && facts.isOfColumn(s)) out = read(s);
      else {
        if (s.tag === "op") s.args.forEach(visit);
        else if (s.tag === "load") [s.index, s.guard].forEach((x) => x !== null && visit(x));
        out = rebuild(b, s, memo, () => null);
      }
      memo.set(s, out);
      return out;
    };
    return visit(root);
  };

  const kernels = stages.map(({ axes: [row], reductions, stores }, at): LoopKernel[] => {
    const out: LoopKernel[] = [];
    const loads = new Map<Scalar, Scalar>();
    if (stores.length > 0) {
      const written = stores.map((s) => ({ ...s, value: rewrite(s.value, at) }));
      out.push(loopOf([...axes.slice(0, -1), row!, column], [{ axes: [], reductions: [], stores: written }]));
      for (const s of stores) loads.set(s.value, b.load(s.buffer, s.index, null, s.value.dtype));
    }
    if (reductions.length === 0) return out;
    const values = reductions.map((r): Reduction => ({ ...r, value: rewrite(r.value, at, loads) }));
    return [...out, loopOf(axes, [{ axes: [row!], reductions: values, stores: [] }])];
  });
  return kernels.flatMap((list, at) =>
    list.map((k) => {
      if (k.stages[0]!.reductions.length === 0) return k;
      const stores = [...finished[at]!.values()];
      return collapseAxes({ ...k, stages: [...k.stages, { axes: [], reductions: [], stores }] });
    }),
  );
}

const loopOf = (axes: readonly Axis[], stages: readonly Stage[]): LoopKernel => ({ kind: "loop", axes, stages });

const mapStage = (stage: Stage, f: (s: Scalar) => Scalar): Stage => ({
  axes: stage.axes,
  reductions: stage.reductions.map((r) => ({ ...r, value: f(r.value) })),
  stores: stage.stores.map((s) => ({ ...s, index: f(s.index), value: f(s.value) })),
});

/** What values depend on. */
class Facts {
  private readonly rows: ReadonlySet<number>;
  private readonly known = new Map<Scalar, { readonly stage: number; readonly hasRow: boolean }>();

  constructor(rows: ReadonlySet<number>) {
    this.rows = rows;
  }

  /** The last stage that a value needs a reduction of; -1 if none. */
  stageOf(s: Scalar): number {
    return this.of(s).stage;
  }

  /** Whether it is the same for all rows. */
  isOfColumn(s: Scalar): boolean {
    return !this.of(s).hasRow;
  }

  private of(root: Scalar): { readonly stage: number; readonly hasRow: boolean } {
    const known = this.known.get(root);
    if (known !== undefined) return known;
    for (const s of topological([root])) {
      const under = s.tag === "op" ? s.args : s.tag === "load" ? [s.index, ...(s.guard === null ? [] : [s.guard])] : [];
      const all = under.map((x) => this.known.get(x)!);
      const own = s.tag === "reduced" ? (s as ReducedScalar).stage : -1;
      const isRow = s.tag === "axis" && this.rows.has(s.axis);
      this.known.set(s, {
        stage: Math.max(own, ...all.map((f) => f.stage)),
        hasRow: isRow || all.some((f) => f.hasRow),
      });
    }
    return this.known.get(root)!;
  }
}
