/**
 * Maps in pieces, so that what is decided by the place alone is decided before the loops. An axis that is divided by a
 * small number (upsampling, interleaved results of phases) is walked so many points at a time, one that is divided by a
 * larger one (tiles, repeated heads) becomes two; an axis that is compared with constants (padding, joined arrays, rolls)
 * is cut where the answers change, into loops of their own.
 */
import { prod } from "../../base/list";
import { ScalarBuilder, topological } from "../../kernel/build";
import { addLinear } from "../../kernel/linear";
import type { Axis, LoopKernel, Stage, Store } from "../../kernel/program";
import { importer, replacer } from "../../kernel/rebuild";
import type { OpScalar, Scalar } from "../../kernel/scalar";
import { Analysis, loadsOf } from "./loop-analysis";
import { findWindow, mayBeWindow } from "./loop-window";

/** Points below which a loop is done before its pieces were called. */
const LEAST_POINTS = 4096;
/** The same for kernels of any size, where every kind of piece is a module. */
const LEAST_GENERIC = 1 << 14;
/** Points that may be written out one by one. */
const FEW_POINTS = 16;
/** Points walked at a time along one axis, and along all together. */
const MOST_PHASES = 4;
const MOST_COPIES = 16;
/** Operations written out, of all points together. */
const MOST_OPS = 400;
/** Ranges that an axis is cut into, and pieces altogether. */
const MOST_RANGES = 4;
const MOST_PIECES = 12;
/** A range shorter than this is a border: it is not cut further. */
const BORDER = 32;

export interface MapLoop {
  readonly axes: readonly Axis[];
  readonly stores: readonly Store[];
  /** The same with its reductions as stages, if it had some. */
  readonly inStages?: readonly Stage[] | undefined;
}

export const isMap = ({ stages }: LoopKernel): boolean =>
  stages.length === 1 && stages[0]!.axes.length === 0 && stages[0]!.reductions.length === 0;

const mapOf = ({ axes, stages }: LoopKernel, f: (s: Scalar) => Scalar): MapLoop => ({
  axes,
  stores: mapStage(stages[0]!, f).stores,
});

/** Loops that together do what the kernel does, in any order. */
export function piecesOf(kernel: LoopKernel): readonly LoopKernel[] {
  if (!isMap(kernel) || kernel.axes.some((a) => a.sizeParam !== undefined)) return [kernel];
  // Windows with weights know of padding themselves.
  if (kernel.inStages !== undefined && mayBeWindow(kernel.inStages)) {
    const whole = asKernel({ ...kernel, stores: kernel.stages[0]!.stores });
    if (whole.stages === kernel.inStages) return [whole];
  }
  const points = prod(kernel.axes.map((a) => a.size));
  if (points > FEW_POINTS && points < LEAST_POINTS) return [kernel];
  const builder = new ScalarBuilder();
  const imported = importer(builder);
  const whole = mapOf(kernel, imported);
  if (points <= FEW_POINTS) return [pointByPoint(builder, whole, points) ?? kernel];
  const divide = (loop: MapLoop): MapLoop => inFours(builder, inPhases(builder, inTwo(builder, loop)));
  const even = evenParts(builder, whole);
  if (even.length > 1) {
    const parts = even.flatMap((part) => cut(builder, divide(part), 0));
    if (parts.length <= MOST_PIECES) return parts.map(asKernel);
  }
  const divided = divide(whole);
  const staged = (stages: readonly Stage[]): Stage[] => stages.map((s) => mapStage(s, imported));
  const { inStages } = kernel;
  const isWindow = divided === whole && inStages !== undefined && mayBeWindow(inStages);
  const phased = isWindow ? { ...whole, inStages: staged(inStages) } : divided;
  const pieces = cut(builder, phased, 0);
  if (pieces.length > MOST_PIECES) return [asKernel(phased)];
  return pieces.length === 1 && divided === whole ? [kernel] : pieces.map(asKernel);
}

/** A map of a few points without loops, if they are fewer than a vector has lanes or differ in what they are made of. */
function pointByPoint(b: ScalarBuilder, loop: MapLoop, points: number): LoopKernel | null {
  const nodes = nodesOf(loop);
  const ops = nodes.filter((s): s is OpScalar => s.tag === "op");
  if (points < 2 || ops.length * points > MOST_OPS) return null;
  if (points > 3 && !ops.some((s) => s.args[0]!.dtype === "int32" && (s.dtype === "bool" || /^(div|rem)$/.test(s.op))))
    return null;
  const stores: Store[] = [];
  for (let point = 0; point < points; point++) {
    const at = new Map<number, Scalar>();
    let rest = point;
    for (const { id, size } of [...loop.axes].reverse()) {
      at.set(id, b.int(rest % size));
      rest = Math.floor(rest / size);
    }
    stores.push(...placed(b, loop.stores, at));
  }
  return { kind: "loop", axes: [], stages: [{ axes: [], reductions: [], stores }] };
}

/**
 * The same for kernels whose sizes are parameters later, so that pieces of one kind are one function: axes that are
 * divided become two, and joined arrays are cut. Padding and rolls have more kinds of pieces than they gain.
 */
export function genericPieces(kernel: LoopKernel): readonly LoopKernel[] {
  if (!isMap(kernel) || kernel.inStages !== undefined) return [kernel];
  if (prod(kernel.axes.map((a) => a.size)) < LEAST_GENERIC) return [kernel];
  const builder = new ScalarBuilder();
  const whole = mapOf(kernel, importer(builder));
  const divided = inTwo(builder, whole);
  const buffers = new Set(loadsOf(whole.stores.map((s) => s.value)).map((l) => l.buffer));
  const pieces = buffers.size > 1 ? cut(builder, divided, 0) : [divided];
  if (pieces.length > MOST_PIECES) return [asKernel(divided)];
  return pieces.length === 1 && divided === whole ? [kernel] : pieces.map(asKernel);
}

/** Reductions over windows that need not ask where they are become that again. */
function asKernel({ axes, stores, inStages }: MapLoop): LoopKernel {
  if (inStages !== undefined) {
    const staged: LoopKernel = { kind: "loop", axes, stages: inStages };
    const analysis = new Analysis(axes, inStages.flatMap((s) => s.axes)); // prettier-ignore
    if (findWindow(staged, analysis) !== null) return staged;
  }
  return { kind: "loop", axes, stages: [{ axes: [], reductions: [], stores }] };
}

const mapStage = (stage: Stage, f: (s: Scalar) => Scalar): Stage => ({
  axes: stage.axes,
  reductions: stage.reductions.map((r) => ({ ...r, value: f(r.value) })),
  stores: stage.stores.map((s) => ({ ...s, index: f(s.index), value: f(s.value) })),
});

export const nodesOf = ({ stores }: MapLoop): Scalar[] => topological(stores.flatMap((s) => [s.index, s.value]));

/** The stores with axes replaced, and what that decides. */
export function placed(b: ScalarBuilder, stores: readonly Store[], at: ReadonlyMap<number, Scalar>): Store[] {
  const visit = replacerAt(b, at);
  return stores.map((s) => ({ ...s, index: visit(s.index), value: visit(s.value) }));
}

const replacerAt = (b: ScalarBuilder, at: ReadonlyMap<number, Scalar>) =>
  replacer(b, (leaf) => (leaf.tag === "axis" ? (at.get(leaf.axis) ?? null) : null));

/** Axes that are divided by more than are walked at a time, as two axes each. */
function inTwo(b: ScalarBuilder, loop: MapLoop): MapLoop {
  const nodes = nodesOf(loop);
  const at = new Map<number, Scalar>();
  let id = 1 + Math.max(-1, ...loop.axes.map((a) => a.id));
  const axes = loop.axes.flatMap((axis): Axis[] => {
    const by = divisorOf(b, nodes, axis);
    if (by <= MOST_PHASES || axis.size % by !== 0 || axis.size === by) return [axis];
    const [outer, inner]: Axis[] = [{ id: id++, size: axis.size / by }, { id: axis.id, size: by }]; // prettier-ignore
    at.set(axis.id, b.dot([b.axis(outer!.id, outer!.size), b.axis(inner!.id, by)], [by, 1]));
    return [outer!, inner!];
  });
  return at.size === 0 ? loop : { axes, stores: placed(b, loop.stores, at) };
}

/** Rows longer than this are loops of vectors. */
const LONGEST_ROW = 24;
/** Operations of all vectors of some rows, beyond which loops do as well. */
const SHORT_OPS = 64;
const SIMPLE = /^(add|sub|mul|fma|max|min|neg|abs|select|lt|le|eq|ne|and|or|cast)$/;

/**
 * Short rows, as of one-hot vectors, as vectors without a loop. The last one begins where it fits the row, and does some
 * elements again: not where an input may be overwritten by the result.
 */
function inFours(b: ScalarBuilder, loop: MapLoop): MapLoop {
  const last = loop.axes.at(-1)!;
  const { size } = last;
  if (loop.axes.length < 2 || size < 4 || size > LONGEST_ROW) return loop;
  const nodes = nodesOf(loop);
  if (!nodes.every((x) => x.tag !== "load" || isAlongRow(b, x.index, last))) return loop;
  const before = loop.axes.at(-2)!;
  const rows = before.size % 4 === 0 && before.size > 4 ? 4 : 1;
  const starts: [row: number, column: number][] = [];
  for (let row = 0; row < rows; row++) for (let at = 0; at < size; at += 4) starts.push([row, Math.min(at, size - 4)]);
  const written = new Set(loop.stores.map((s) => s.index));
  const again = size % 4 > 0;
  if (again && nodes.some((s) => s.tag === "load" && written.has(s.index))) return loop;
  const ops = nodes.filter((s): s is OpScalar => s.tag === "op" && s.dtype !== "int32");
  if (ops.length * starts.length > (again ? MOST_OPS : SHORT_OPS)) return loop;
  if (!again && !ops.every(({ op }) => SIMPLE.test(op))) return loop;
  if ([last, before].some((axis) => rangesOf(b, nodes, axis).length > 1)) return loop;
  const [outer, inner]: Axis[] = [{ ...before, size: before.size / rows }, { ...last, size: 4 }]; // prettier-ignore
  const stores = starts.flatMap(([row, column]) => {
    const lane = b.dot([b.axis(inner!.id, 4)], [1], column);
    return placed(b, loop.stores, new Map([[last.id, lane], [before.id, b.dot([b.axis(outer!.id, outer!.size)], [rows], row)]])); // prettier-ignore
  });
  return { axes: [...loop.axes.slice(0, -2), outer!, inner!], stores };
}

function inPhases(b: ScalarBuilder, loop: MapLoop): MapLoop {
  const nodes = nodesOf(loop);
  const factors = loop.axes.map((axis, i) => {
    if (i > 0 && i === loop.axes.length - 1 && isShortRow(b, nodes, axis, loop.axes[i - 1]!)) return axis.size;
    const factor = divisorOf(b, nodes, axis);
    const least = i === loop.axes.length - 1 ? 4 * factor : factor;
    return factor <= MOST_PHASES && axis.size % factor === 0 && axis.size >= least ? factor : 1;
  });
  const copies = prod(factors);
  const ops = nodes.filter((s) => s.tag === "op" && s.dtype !== "int32").length;
  if (copies === 1 || copies > MOST_COPIES || ops * copies > MOST_OPS) return loop;
  const axes = loop.axes.map((a, i) => ({ ...a, size: a.size / factors[i]! }));
  const stores: Store[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const at = new Map<number, Scalar>();
    let rest = copy;
    for (let i = axes.length - 1; i >= 0; i--) {
      const [axis, factor] = [axes[i]!, factors[i]!];
      const turn = axis.size === 1 ? b.int(0) : b.axis(axis.id, axis.size);
      if (factor > 1) at.set(axis.id, b.dot([turn], [factor], rest % factor));
      rest = Math.floor(rest / factor);
    }
    stores.push(...placed(b, loop.stores, at));
  }
  return { axes: axes.filter((a) => a.size > 1), stores };
}

/** The loop up to where axes are no longer multiples of what they are divided by, and the rest along each of them. */
function evenParts(b: ScalarBuilder, loop: MapLoop): MapLoop[] {
  const nodes = nodesOf(loop);
  let main = loop;
  const rests: MapLoop[] = [];
  for (const axis of loop.axes) {
    const left = axis.size % divisorOf(b, nodes, axis);
    if (left === 0 || axis.size < BORDER) continue;
    rests.push(part(b, main, axis, axis.size - left, axis.size));
    main = part(b, main, axis, 0, axis.size - left);
  }
  return rests.length === 0 || inPhases(b, main) === main ? [loop] : [main, ...rests];
}

/** The points of an axis from start to end. */
export function part(
  b: ScalarBuilder,
  { axes, stores, inStages }: MapLoop,
  { id }: Axis,
  start: number,
  end: number,
): MapLoop {
  const size = end - start;
  const here = size === 1 ? b.int(start) : b.dot([b.axis(id, size)], [1], start);
  const at = new Map([[id, here]]);
  return {
    axes: axes.flatMap((a) => (a.id !== id ? [a] : size === 1 ? [] : [{ ...a, size }])),
    stores: placed(b, stores, at),
    inStages: inStages?.map((s) => mapStage(s, replacerAt(b, at))),
  };
}

/** Whether an address stays, or moves by one, from one point of an axis to the next. */
function isAlongRow(b: ScalarBuilder, index: Scalar, { id }: Axis): boolean {
  return [...b.linearOf(index).terms].every(([term, by]) => {
    if (term.tag === "axis" && term.axis === id) return by === 1;
    return !topological([term]).some((s) => s.tag === "axis" && s.axis === id);
  });
}

/** A last axis shorter than a vector, where something lies along the one before (planes that become pixels). */
function isShortRow(b: ScalarBuilder, nodes: readonly Scalar[], last: Axis, before: Axis): boolean {
  if (last.size >= 4 || before.size < BORDER) return false;
  const along = (s: Scalar): boolean => s.tag === "axis" && s.axis === before.id;
  return nodes.some((s) => s.tag === "load" && [...b.linearOf(s.index).terms].some(([t, by]) => by === 1 && along(t)));
}

/** By how much an axis is divided wherever it is; 1 if that is not one number. */
function divisorOf(b: ScalarBuilder, nodes: readonly Scalar[], axis: Axis): number {
  let factor = 1;
  for (const s of nodes) {
    if (s.tag !== "op" || (s.op !== "div" && s.op !== "rem") || s.dtype !== "int32") continue;
    const [x, d] = s.args as [Scalar, Scalar];
    if (d.tag !== "const") continue;
    const by = d.value;
    for (const [term, f] of b.linearOf(x).terms) {
      if (term.tag !== "axis" || term.axis !== axis.id || f % by === 0) continue;
      if (factor % by === 0) continue;
      if (by % factor !== 0) return 1;
      factor = by;
    }
  }
  return factor;
}

/** The loop cut along the axes from number `from` on. */
function cut(b: ScalarBuilder, loop: MapLoop, from: number): MapLoop[] {
  const axis = loop.axes[from];
  if (axis === undefined) return [loop];
  const ranges = rangesOf(b, nodesOf(loop), axis);
  if (ranges.length === 1) return cut(b, loop, from + 1);
  const longest = Math.max(...ranges.map(([start, end]) => end - start));
  return ranges.flatMap(([start, end]) => {
    const size = end - start;
    const piece = part(b, loop, axis, start, end);
    const isBorder = size < BORDER && (loop.inStages === undefined || size < longest);
    return isBorder ? [piece] : cut(b, piece, from + 1);
  });
}

/** Ranges of an axis in which comparisons with constants have one answer each, or all but the longest joined. */
function rangesOf(b: ScalarBuilder, nodes: readonly Scalar[], { id, size }: Axis): [number, number][] {
  const borders = new Set([0, size]);
  for (const s of nodes) {
    if (s.tag !== "op") continue;
    for (const at of bordersOf(b, s, id)) if (at > 0 && at < size) borders.add(at);
  }
  const sorted = [...borders].sort((p, q) => p - q);
  const ranges = sorted.slice(1).map((end, i): [number, number] => [sorted[i]!, end]);
  if (ranges.length <= MOST_RANGES) return ranges;
  const [start, end] = ranges.reduce((best, r) => (r[1] - r[0] > best[1] - best[0] ? r : best));
  const joined: [number, number][] = [[0, start], [start, end], [end, size]]; // prettier-ignore
  return joined.filter((r) => r[0] < r[1]);
}

/** Where a comparison of the axis with a constant changes its answer. */
function bordersOf(b: ScalarBuilder, s: OpScalar, id: number): number[] {
  if ((s.op !== "lt" && s.op !== "le" && s.op !== "eq" && s.op !== "ne") || s.args[0]!.dtype !== "int32") return [];
  const { constant, terms } = addLinear(b.linearOf(s.args[1]!), b.linearOf(s.args[0]!), -1);
  const [only] = terms;
  if (only === undefined || terms.size > 1) return [];
  const [axis, factor] = only;
  if (axis.tag !== "axis" || axis.axis !== id) return [];
  const root = -constant / factor;
  if (s.op === "eq" || s.op === "ne") return Number.isInteger(root) ? [root, root + 1] : [];
  // the first point at or beyond the root, or beyond it
  return [(s.op === "le") === factor > 0 ? Math.ceil(root) : Math.floor(root) + 1];
}
