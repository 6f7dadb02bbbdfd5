/** Merges neighbouring axes of a loop kernel when every address treats them as one: contiguous elementwise work is one loop. */
import { ScalarBuilder, topological } from "../kernel/build";
import type { Axis, LoopKernel, Stage } from "../kernel/program";
import type { Scalar } from "../kernel/scalar";
import { importer, replacer } from "../kernel/rebuild";

/** Drops axes of size 1, and merges where possible. */
export function collapseAxes(kernel: LoopKernel): LoopKernel {
  const builder = new ScalarBuilder();
  const imported = importer(builder);
  const stages: Stage[] = kernel.stages.map((s) => ({
    axes: s.axes.filter((a) => a.size !== 1),
    reductions: s.reductions.map((r) => ({ ...r, value: imported(r.value) })),
    stores: s.stores.map((x) => ({ ...x, index: imported(x.index), value: imported(x.value) })),
  }));
  const facts = addressFacts(builder, stages);
  // An argmax counts along its one axis, so that axis stays.
  const merges = new Map<number, { into: Axis; keep: boolean }>();
  const axes = mergeList(
    kernel.axes.filter((a) => a.size !== 1),
    facts,
    merges,
  );
  const lists = new Map<string, Axis[]>();
  const stageAxes = stages.map((s) => {
    const key = listKey(s.axes);
    let list = lists.get(key);
    if (list === undefined) lists.set(key, (list = mergeList(s.axes, facts, merges)));
    return list;
  });
  if (merges.size === 0) return { kind: "loop", axes, stages: stages.map((s, i) => ({ ...s, axes: stageAxes[i]! })) };
  const replaced = replacer(builder, (s) => {
    if (s.tag !== "axis") return null;
    const m = merges.get(s.axis);
    return m === undefined ? null : m.keep ? builder.axis(m.into.id, m.into.size) : builder.int(0);
  });
  return {
    kind: "loop",
    axes,
    stages: stages.map((s, i) => ({
      axes: stageAxes[i]!,
      reductions: s.reductions.map((r) => ({ ...r, value: replaced(r.value) })),
      stores: s.stores.map((x) => ({ ...x, index: replaced(x.index), value: replaced(x.value) })),
    })),
  };
}

const listKey = (axes: readonly Axis[]): string => axes.map((a) => a.id).join();

interface AddressFacts {
  /** Factors of each axis in every address, in the same order of addresses. */
  readonly factors: ReadonlyMap<number, readonly number[]>;
  /** Axes used otherwise than as a term of an address. */
  readonly pinned: ReadonlySet<number>;
}

function addressFacts(builder: ScalarBuilder, stages: readonly Stage[]): AddressFacts {
  const roots = stages.flatMap((s) => [...s.reductions.map((r) => r.value), ...s.stores.map((x) => x.value)]);
  const addresses = new Set<Scalar>(stages.flatMap((s) => s.stores.map((x) => x.index)));
  const pinned = new Set<number>();
  const all = topological([...roots, ...addresses]);
  for (const s of all) if (s.tag === "load") addresses.add(s.index);
  const list = [...addresses];
  const linears = list.map((a) => builder.linearOf(a));
  const factors = new Map<number, number[]>();
  linears.forEach(({ terms }, i) => {
    for (const [term, factor] of terms) {
      if (term.tag !== "axis") continue;
      let row = factors.get(term.axis);
      if (row === undefined) factors.set(term.axis, (row = new Array<number>(list.length).fill(0)));
      row[i] = factor;
    }
  });
  // Everything that is not the sum of an address: values, guards, and the terms inside addresses that are not axes.
  const free = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (free.has(s)) return;
    free.add(s);
    if (s.tag === "axis") pinned.add(s.axis);
    else if (s.tag === "op") s.args.forEach(visit);
    else if (s.tag === "load" && s.guard !== null) visit(s.guard);
  };
  for (const root of roots) visit(root);
  for (const s of all) if (s.tag === "load") visit(s);
  for (const { terms } of linears) for (const [term] of terms) if (term.tag !== "axis") visit(term);
  for (const s of stages) {
    for (const r of s.reductions) if (r.op === "argmax" || r.op === "argmin") s.axes.forEach((a) => pinned.add(a.id));
  }
  // An axis of several different loop nests stays as it is in all of them.
  const nestOf = new Map<number, string>();
  for (const s of stages) {
    for (const a of s.axes) {
      const key = listKey(s.axes);
      if ((nestOf.get(a.id) ?? key) !== key) pinned.add(a.id);
      nestOf.set(a.id, key);
    }
  }
  return { factors, pinned };
}

function mergeList(
  axes: readonly Axis[],
  facts: AddressFacts,
  merges: Map<number, { into: Axis; keep: boolean }>,
): Axis[] {
  const out: Axis[] = [];
  for (const inner of axes) {
    const outer = out[out.length - 1];
    if (outer !== undefined && mergeable(outer, inner, facts)) {
      const into: Axis = { id: inner.id, size: outer.size * inner.size };
      out[out.length - 1] = into;
      // The outer one (perhaps merged already) becomes 0, the inner one the whole.
      for (const [id, m] of merges) if (m.into.id === outer.id) merges.set(id, { into, keep: false });
      merges.set(outer.id, { into, keep: false });
      merges.set(inner.id, { into, keep: true });
    } else out.push(inner);
  }
  return out;
}

function mergeable(outer: Axis, inner: Axis, { factors, pinned }: AddressFacts): boolean {
  if (pinned.has(outer.id) || pinned.has(inner.id)) return false;
  const a = factors.get(outer.id) ?? [];
  const b = factors.get(inner.id) ?? [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) if ((a[i] ?? 0) !== inner.size * (b[i] ?? 0)) return false;
  return true;
}
