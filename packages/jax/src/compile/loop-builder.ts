/** Builds a loop kernel from expressions of one shape: reductions inside become stages before the one that stores. */
import { type DType, computeDType } from "../aval/dtype";
import { contiguousStrides, prod, range } from "../base/list";
import { ScalarBuilder, topological } from "../kernel/build";
import type { Expr, ReduceExpr } from "../kernel/expr";
import type { Axis, LoopKernel, Reduction, Stage, Store } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { type InlineContext, Inliner, type Memory, NotInline, reductionIndex } from "./inline";
import { collapseAxes } from "./collapse";
import { keepValues } from "./keep-values";
import { rebuild } from "../kernel/rebuild";
import { simplifySoftmax } from "./softmax";
import { areWrittenOut, writeOutReductions } from "./write-out";

/** What a kernel stores: an expression into a buffer, row-major, or at a place in something larger. */
export interface Root {
  readonly expr: Expr;
  readonly buffer: number;
  readonly place?: { readonly strides: readonly number[]; readonly offset: number };
}

/** Rows that are reduced whole by one point when there is nothing else to be parallel over. */
const MAX_LONE_ROW = 65536;

interface PendingReduction {
  readonly reduction: Reduction;
  readonly depth: number;
  readonly axes: readonly Axis[];
  readonly of: ReduceExpr;
  slot: number;
  stage: number;
}

/** Builds a kernel for roots of equal shape. `memoryOf` says what is loaded; roots without a place are computed. */
export function buildLoop(roots: readonly Root[], memoryOf: (x: Expr) => Memory | null): LoopKernel {
  const builder = new ScalarBuilder();
  const { shape } = roots[0]!.expr;
  const rootAxes: Axis[] = shape.map((size, id) => ({ id, size }));
  const rootIndex = rootAxes.map(({ id, size }) => (size === 1 ? builder.int(0) : builder.axis(id, size)));
  const own = new Set(roots.flatMap((r) => (r.place === undefined ? [r.expr] : [])));
  const pending: PendingReduction[] = [];
  const depths = new Map<Scalar, number>();
  const outerIds = new Set<number>();
  let nextAxis = shape.length;
  const reduceAxes = new Map<string, Axis>();

  const context: InlineContext = {
    builder,
    memoryOf: (x) => (own.has(x) ? null : memoryOf(x)),
    reduction(x, index, guard, inliner) {
      const axesOfIndex = axisIdsOf(index);
      // A guard keeps loads inside their buffers only where the index is in question.
      const axesOfGuard = guard === null ? [] : [...axisIdsOf([guard])];
      const guarded = axesOfGuard.some((id) => axesOfIndex.has(id)) ? guard : null;
      for (const id of guarded === null ? axesOfIndex : [...axesOfIndex, ...axesOfGuard]) {
        if (id >= shape.length) throw new NotInline(x, "a reduction inside another one");
        outerIds.add(id);
      }
      const axes = x.axes.map((axis, i) => {
        const size = x.x.shape[axis]!;
        const key = `${i}:${size}`;
        let known = reduceAxes.get(key);
        if (known === undefined) reduceAxes.set(key, (known = { id: nextAxis++, size }));
        return known;
      });
      const inner = axes.map(({ id, size }) => (size === 1 ? builder.int(0) : builder.axis(id, size)));
      const value = inliner.at(x.x, reductionIndex(x, index, inner), guarded);
      const depth = 1 + Math.max(-1, ...topological([value]).map((s) => depths.get(s) ?? -1));
      // The placeholder is numbered by order; stages are numbered when all are known.
      const entry: PendingReduction = {
        reduction: { op: x.op, value, dtype: x.op === "argmax" || x.op === "argmin" ? "int32" : computeDType(x.dtype) },
        depth,
        axes,
        of: x,
        slot: -1,
        stage: -1,
      };
      const node = builder.reduced(pending.length, 0, entry.reduction.dtype);
      pending.push(entry);
      depths.set(node, depth);
      return node;
    },
  };
  const inliner = new Inliner(context);
  const strides = contiguousStrides(shape);
  const stores: Store[] = roots.map(({ expr, buffer, place }) => ({
    buffer,
    index: builder.dot(rootIndex, place?.strides ?? strides, place?.offset),
    value: storedValue(builder, inliner.at(expr, rootIndex), expr.dtype),
  }));
  if (pending.length === 0) {
    return collapseAxes({ kind: "loop", axes: rootAxes, stages: [{ axes: [], reductions: [], stores }] });
  }
  const isReduceRoot = roots.every((r) => r.expr.kind === "reduce");
  const outer = rootAxes.filter((a) => isReduceRoot || outerIds.has(a.id) || a.size === 1);
  const innerAxes = rootAxes.filter((a) => !outer.includes(a));
  checkParallel(roots, outer, innerAxes, memoryOf);
  const dtypes = new Map(roots.map((r) => [r.buffer, r.expr.dtype]));
  const arranged = arrange(builder, pending, outer, innerAxes, stores);
  if (areWrittenOut(builder, arranged)) return writeOutReductions(collapseAxes(arranged));
  checkRepeated(pending, prod(outer.map((a) => a.size)));
  const kept = keepValues(builder, arranged, (buffer) => dtypes.get(buffer)!);
  return collapseAxes(simplifySoftmax(builder, kept));
}

/** A reduction that has fewer results than the kernel has points around it would be done again for many of them. */
function checkRepeated(pending: readonly PendingReduction[], points: number): void {
  for (const { of } of pending)
    if (points >= 2 * prod(of.shape))
      throw new NotInline(of, "a reduction with fewer results than its kernel has points");
}

/** A reduction over everything whose result the same kernel then uses everywhere would run on one point. */
function checkParallel(
  roots: readonly Root[],
  outer: readonly Axis[],
  inner: readonly Axis[],
  memoryOf: (x: Expr) => Memory | null,
): void {
  if (inner.length === 0) return;
  if (prod(outer.map((a) => a.size)) >= 4 || prod(inner.map((a) => a.size)) <= MAX_LONE_ROW) return;
  const lone = findReduce(
    roots.map((r) => r.expr),
    memoryOf,
  );
  if (lone !== null) throw new NotInline(lone, "a long reduction with nothing to be parallel over");
}

function findReduce(roots: readonly Expr[], memoryOf: (x: Expr) => Memory | null): ReduceExpr | null {
  const stack = [...roots];
  const seen = new Set<Expr>();
  while (stack.length > 0) {
    const x = stack.pop()!;
    if (seen.has(x)) continue;
    seen.add(x);
    // What another kernel computes is loaded here.
    if (!roots.includes(x) && memoryOf(x) !== null) continue;
    if (x.kind === "reduce") return x;
    if (x.kind === "view") stack.push(x.x);
    if (x.kind === "scalar") stack.push(...x.args);
  }
  return null;
}

/** Numbers the stages: reductions of equal depth over equal axes share one. */
function arrange(
  builder: ScalarBuilder,
  pending: readonly PendingReduction[],
  outer: readonly Axis[],
  innerAxes: readonly Axis[],
  stores: readonly Store[],
): LoopKernel {
  const stages: { axes: readonly Axis[]; reductions: Reduction[]; depth: number }[] = [];
  const order = range(pending.length).sort((i, j) => pending[i]!.depth - pending[j]!.depth);
  for (const i of order) {
    const p = pending[i]!;
    let at = stages.findIndex(
      (s) => s.depth === p.depth && s.axes.length === p.axes.length && s.axes.every((a, k) => a === p.axes[k]),
    );
    if (at < 0) at = stages.push({ axes: p.axes, reductions: [], depth: p.depth }) - 1;
    p.stage = at;
    p.slot = stages[at]!.reductions.length;
    stages[at]!.reductions.push(p.reduction);
  }
  const rename = renamer(builder, (s) => {
    const p = pending[s]!;
    return builder.reduced(pending.length + p.stage, p.slot, p.reduction.dtype);
  });
  // Placeholders and final numbers must not meet: final ones are shifted up, then down again.
  const settle = renamer(builder, (s, slot, dtype) =>
    s >= pending.length ? builder.reduced(s - pending.length, slot, dtype) : null,
  );
  const final = (s: Scalar): Scalar => settle(rename(s));
  const done: Stage[] = stages.map((s) => ({
    axes: s.axes,
    reductions: s.reductions.map((r) => ({ ...r, value: final(r.value) })),
    stores: [],
  }));
  done.push({
    axes: innerAxes,
    reductions: [],
    stores: stores.map((s) => ({ ...s, index: final(s.index), value: final(s.value) })),
  });
  return { kind: "loop", axes: outer, stages: done };
}

function renamer(
  builder: ScalarBuilder,
  replace: (stage: number, slot: number, dtype: DType) => Scalar | null,
): (s: Scalar) => Scalar {
  const memo = new Map<Scalar, Scalar>();
  return (root) => {
    for (const s of topological([root])) {
      if (memo.has(s)) continue;
      memo.set(
        s,
        rebuild(builder, s, memo, (leaf) =>
          leaf.tag === "reduced" ? replace(leaf.stage, leaf.slot, leaf.dtype) : null,
        ),
      );
    }
    return memo.get(root)!;
  };
}

/** A value as it is stored: in the buffer's dtype. */
export function storedValue(builder: ScalarBuilder, value: Scalar, dtype: DType): Scalar {
  return builder.cast(value, dtype);
}

/** Ids of the axes that the scalars depend on. */
export function axisIdsOf(scalars: readonly Scalar[]): Set<number> {
  const out = new Set<number>();
  for (const s of topological(scalars)) if (s.tag === "axis") out.add(s.axis);
  return out;
}
