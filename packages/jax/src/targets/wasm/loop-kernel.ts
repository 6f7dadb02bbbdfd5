/** What the functions of one loop kernel have in common: parameters, and stages at one point. */
import type { DType } from "../../aval/dtype";
import type { LoopKernel, Stage, Store } from "../../kernel/program";
import type { OpScalar, Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";
import type { Callable, Func, Module, ValType } from "./assembler";
import { ScalarAccumulator, positionOf } from "./loop-accumulate";
import { VectorAccumulator } from "./loop-accumulate-lanes";
import { type Analysis, usualChildren } from "./loop-analysis";
import { LoopEmitter } from "./loop-emitter";
import { interleave, interleaveRoots } from "./loop-interleave";
import { accessesOf, isStatic, nestLoops } from "./loop-nest";
import { reducedKey } from "./loop-point";
import { emitStores } from "./loop-store";

export interface KernelContext {
  readonly module: Module;
  readonly name: string;
  readonly kernel: LoopKernel;
  readonly analysis: Analysis;
  readonly relaxed: boolean;
  readonly hostMath: (op: ScalarOp) => Callable;
  readonly dtypeOf: (buffer: number) => DType;
  /** Buffers that the kernel touches, in the order of its pointer parameters. */
  readonly buffers: readonly number[];
  /** Number of int32 parameters of a size-generic kernel. */
  readonly nParams: number;
  /** Stores that go through scratch memory, whose address is the last parameter then. */
  readonly bursts: readonly Store[];
}

/** A float32 sum is added to its float64 total after this many steps. */
export const FLUSH_STEPS = 256;

export const pointerName = (buffer: number): string => `p${buffer}`;
export const paramName = (slot: number): string => `s${slot}`;
export const SCRATCH = "scratch";

/** Parameters of every function of a kernel: pointers, then sizes, then scratch memory. */
export function kernelParams(k: KernelContext): Record<string, ValType> {
  const params: Record<string, ValType> = {};
  for (const b of k.buffers) params[pointerName(b)] = "i32";
  for (let s = 0; s < k.nParams; s++) params[paramName(s)] = "i32";
  if (k.bursts.length > 0) params[SCRATCH] = "i32";
  return params;
}

/** An emitter for a function whose parameters include the named pointers and sizes. */
export function emitterFor(k: KernelContext, f: Func): LoopEmitter {
  const e = new LoopEmitter({ ...k, f });
  for (const b of k.buffers) {
    const local = f.params[pointerName(b)];
    if (local !== undefined) e.pointers.set(b, local);
  }
  for (let s = 0; s < k.nParams; s++) {
    const local = f.params[paramName(s)];
    if (local !== undefined) e.params.set(s, local);
  }
  return e;
}

/** Everything that a stage evaluates. */
export function stageRoots(stage: Stage): Scalar[] {
  return [...stage.reductions.map((r) => r.value), ...stage.stores.map((s) => s.value)];
}

/** Indices too: what must be known about before code is emitted. */
export const stageAccesses = (stage: Stage) => accessesOf(stageRoots(stage), stage.stores);

const isCounted = (s: Scalar): s is OpScalar => s.tag === "op" && s.dtype !== "int32";

/** Number of operations at one point, or their weights, without those that are seldom needed; for unrolling and chunks. */
export function opsOf(roots: readonly Scalar[], weight: (op: ScalarOp) => number = () => 1): number {
  let n = 0;
  const seen = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (seen.has(s)) return;
    seen.add(s);
    if (isCounted(s)) n += weight(s.op);
    usualChildren(s).forEach(visit);
  };
  roots.forEach(visit);
  return n;
}

/** Operations on the longest way to a root, counted as by `opsOf`. */
function depthOf(roots: readonly Scalar[]): number {
  const known = new Map<Scalar, number>();
  const depth = (s: Scalar): number => {
    let d = known.get(s);
    if (d === undefined) {
      d = Math.max(0, ...usualChildren(s).map(depth)) + (isCounted(s) ? 1 : 0);
      known.set(s, d);
    }
    return d;
  };
  return Math.max(...roots.map(depth));
}

/** Beyond, the code gets too long. */
const MOST_UNROLLED = 240;
/** Operations of a formula that fits the registers with four vectors, however wide it is. */
const SHORT = 24;
/** Operations that a formula has side by side, on average, from which on two vectors of it are enough. */
const WIDE = 2.4;

/**
 * How many vectors to work on at once: long formulas gain as short ones do, though their values go to memory. Engines
 * without relaxed SIMD (V8 before 11.4) do not keep the order of operations: with four vectors of sums of formulas
 * everything is begun before anything is finished, and twice as many values go to memory.
 */
export function unrollOf(roots: readonly Scalar[], relaxed: boolean): number {
  const ops = opsOf(roots);
  if (ops > MOST_UNROLLED) return ops > 2 * MOST_UNROLLED ? 1 : 2;
  return relaxed || ops < SHORT || ops < WIDE * depthOf(roots) ? 4 : 2;
}

/** Operations from which on vectors are computed side by side. */
export const isLongFormula = (roots: readonly Scalar[]): boolean => opsOf(roots) > 4;

/**
 * Emits all stages at the current point (copies = 0), or at the lanes of `copies` vectors. Values of reductions are
 * known to the stages after.
 */
export function emitStages(e: LoopEmitter, kernel: LoopKernel, copies: number): void {
  kernel.stages.forEach((stage, number) => {
    if (copies === 0) emitScalarStage(e, stage, number);
    else emitLaneStage(e, stage, number, copies);
  });
}

function emitScalarStage(e: LoopEmitter, stage: Stage, number: number): void {
  const position = stage.axes.length > 0 ? positionOf(stage.axes) : ZERO;
  const accumulators = stage.reductions.map((r) => new ScalarAccumulator(e, r, true));
  for (const a of accumulators) a.init();
  const body = (): void => {
    for (const a of accumulators) a.accumulate(position);
    emitStores(e, stage.stores);
  };
  if (stage.axes.length === 0) body();
  else nestLoops(e, stage.axes, stageRoots(stage), stage.stores, 1, body);
  accumulators.forEach((a, slot) => e.reduced.set(reducedKey(number, slot), a.finish()));
}

const ZERO: Scalar = { tag: "const", dtype: "int32", value: 0 };

function emitLaneStage(e: LoopEmitter, stage: Stage, number: number, copies: number): void {
  const { axes } = stage;
  const position = axes.length > 0 ? positionOf(axes) : ZERO;
  const last = axes.at(-1);
  const roots = stageRoots(stage);
  const long = copies > 1 && isLongFormula(roots);
  const deep = last !== undefined && (!isStatic(last) || last.size > 2 * FLUSH_STEPS || axes.length > 1);
  const accumulators = stage.reductions.map((r) => new VectorAccumulator(e, r, copies, true, deep));
  for (const a of accumulators) a.init();
  const lanes = e.lanes!;
  const body = (): void => {
    const finish = (): void => {
      for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) {
        for (const a of accumulators) a.accumulate(lanes.copy, position);
        emitStores(e, stage.stores);
      }
      lanes.copy = 0;
    };
    if (long) interleave(e, roots, copies, finish);
    else if (stage.areAlike === true) interleaveRoots(e, roots, finish);
    else finish();
  };
  if (axes.length === 0) body();
  else {
    const after = (): void => accumulators.forEach((a) => a.flush());
    const split = deep && accumulators.length > 0 ? { block: FLUSH_STEPS, after } : null;
    nestLoops(e, axes, roots, stage.stores, copies, body, split);
  }
  accumulators.forEach((a, slot) => e.reducedLanes.set(reducedKey(number, slot), a.finishLanes()));
}
