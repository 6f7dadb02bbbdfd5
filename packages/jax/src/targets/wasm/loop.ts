/**
 * Loop kernels as WebAssembly functions. `emitLoop` gives a function of (pointers, sizes) that does the whole kernel,
 * in calls of an inner function (pointers, sizes, start, end) of some 0.2 ms at most: V8 changes to optimised code only
 * between calls, and the range is what workers share.
 */
import type { DType } from "../../aval/dtype";
import { prod } from "../../base/list";
import type { Axis, LoopKernel, Stage } from "../../kernel/program";
import type { ScalarOp } from "../../kernel/scalar-op";
import type { Callable, Func, Module } from "./assembler";
import { Analysis, loadsOf, rootsOf } from "./loop-analysis";
import { burstBytes, burstStores } from "./loop-bursts";
import { type Cut, pushCount, rowBlockCuts } from "./loop-items";
import { type KernelContext, SCRATCH, emitterFor, kernelParams, opsOf, paramName, pointerName } from "./loop-kernel";
import { isStatic, pushSize, sizeParamOf } from "./loop-nest";
import { emitParallel } from "./loop-parallel";
import { emitRows } from "./loop-rows";
import { emitTiled, findTile, tileCuts } from "./loop-tile";
import { emitWindows, findWindow } from "./loop-window";
import { CLAIMS, type Team } from "./team";

export interface LoopOptions {
  readonly name: string;
  readonly relaxed: boolean;
  readonly hostMath: (op: ScalarOp) => Callable;
  readonly dtypeOf: (buffer: number) => DType;
  /** The threads that share the kernel's items, if it is worth that. */
  readonly team?: Team | null;
}

export interface LoopFunction {
  /** Parameters: a pointer for each of `buffers`, then `nParams` sizes. */
  readonly func: Func;
  /** The same for one thread of a team: it does the items that it claims. */
  readonly shared: Func | null;
  readonly buffers: readonly number[];
  readonly nParams: number;
  /** Bytes of scratch memory, whose address is the last parameter if there are any. */
  readonly scratchBytes: number;
}

/** Operations on elements that one call of an inner function may do. */
const CALL_OPS = 200_000;

export function emitLoop(module: Module, kernel: LoopKernel, options: LoopOptions): LoopFunction {
  const roots = rootsOf(kernel);
  const analysis = new Analysis(
    kernel.axes,
    kernel.stages.flatMap((s) => s.axes),
  );
  analysis.count(roots);
  const buffers = new Set(loadsOf(roots).map((l) => l.buffer));
  for (const stage of kernel.stages) for (const store of stage.stores) buffers.add(store.buffer);
  const nParams = countParams(kernel);
  const bursts = burstStores(kernel, analysis, options.dtypeOf);
  const k: KernelContext = { ...options, module, kernel, analysis, buffers: [...buffers], nParams, bursts };
  const tile = findTile(k);
  const window = tile === null ? findWindow(kernel, analysis) : null;
  const [part, cuts] =
    tile !== null
      ? [emitTiled(k, tile), tileCuts(kernel, tile)]
      : window !== null
        ? [emitWindows(k, window), rowBlockCuts(kernel)]
        : lanesAlongPoints(k)
          ? [emitParallel(k), rowBlockCuts(kernel)]
          : emitRows(k);
  const whole = (suffix: string, team: Team | null): Func => {
    const func: Func = module.func(`${options.name}_${suffix}`, kernelParams(k), []);
    emitCalls(k, func, part, cuts, team);
    return func;
  };
  const func = whole("all", null);
  const shared = options.team ? whole("shared", options.team) : null;
  return { func, shared, buffers: k.buffers, nParams, scratchBytes: burstBytes(bursts) };
}

function countParams(kernel: LoopKernel): number {
  let n = 0;
  const visit = (slot: number | null): void => void (n = slot === null ? n : Math.max(n, slot + 1));
  for (const axis of [...kernel.axes, ...kernel.stages.flatMap((s) => s.axes)]) visit(sizeParamOf(axis));
  const params = new Set(rootsOf(kernel));
  for (const s of params) {
    if (s.tag === "param") visit(s.slot);
    else if (s.tag === "op") for (const a of s.args) params.add(a);
    else if (s.tag === "load") {
      params.add(s.index);
      if (s.guard !== null) params.add(s.guard);
    }
  }
  return n;
}

/** Lanes along the last parallel axis, or along the stages' own axes: whichever is less work. */
function lanesAlongPoints({ kernel, analysis }: KernelContext): boolean {
  const last = kernel.axes.at(-1);
  if (last === undefined) return false;
  if (kernel.stages.every((s) => s.axes.length === 0)) return true;
  let points = 0;
  let rows = 0;
  for (const stage of kernel.stages) {
    const inner = stage.axes.at(-1);
    if (inner === undefined) continue;
    const values = [...stage.reductions.map((r) => r.value), ...stage.stores.map((s) => s.value)];
    const accesses = [...loadsOf([...values, ...stage.stores.map((s) => s.index)]), ...stage.stores];
    const cost = (axis: Axis): number =>
      accesses.reduce((sum, { index }) => sum + accessCost(analysis, index, axis), 0);
    const isShort = isStatic(inner) && inner.size <= SHORT_ROW;
    // A short row's last few elements are done one by one, and its lanes are brought together.
    const vectors = isShort ? Math.floor(inner.size / 4) + (inner.size % 4) : 1;
    const ops = isShort ? opsOf(values) : 0;
    points += (isShort ? inner.size / 4 : 1) * (cost(last) + ops);
    rows += vectors * (cost(inner) + ops) + (isShort ? ROW_COST : 0);
  }
  if (isStatic(last) && last.size < 4) points *= 4;
  return points < rows;
}

/** Elements of a row for which it matters how a row begins and ends, and what that costs in operations. */
const SHORT_ROW = 64;
const ROW_COST = 20;

function accessCost(analysis: Analysis, index: Parameters<Analysis["step"]>[0], axis: Axis): number {
  const step = analysis.step(index, axis.id);
  return step === 1 ? 1 : step === 0 ? 0.5 : step === null ? 6 : 4;
}

/** Operations on an element of a stage. */
const pointCost = ({ reductions, stores }: Stage): number =>
  2 + opsOf([...reductions.map((r) => r.value), ...stores.map((s) => s.value)]);

/** How many items a small kernel has that is done by one call; null for others. */
function itemsOfOneCall({ kernel }: KernelContext, cuts: readonly Cut[]): number | null {
  const { axes, stages } = kernel;
  if (![...axes, ...stages.flatMap((s) => s.axes)].every(isStatic)) return null;
  const ops = stages.map((s) => pointCost(s) * prod(s.axes.map((a) => a.size)));
  const cost = prod(axes.map((a) => a.size)) * ops.reduce((sum, n) => sum + n, 0);
  return cost <= CALL_OPS ? prod(cuts.map(({ axis, block }) => Math.ceil(axis.size / block))) : null;
}

/** Calls `part` for all items, a chunk at a time; those of a team claim their chunks. */
export function emitCalls(
  k: KernelContext,
  whole: Func,
  part: Func,
  cuts: readonly Cut[],
  team: Team | null = null,
): void {
  const e = emitterFor(k, whole);
  const f = whole;
  const pushParams = (): void => {
    for (const b of k.buffers) f.get(f.params[pointerName(b)]!);
    for (let s = 0; s < k.nParams; s++) f.get(f.params[paramName(s)]!);
    if (k.bursts.length > 0) f.get(f.params[SCRATCH]!);
  };
  const known = team === null ? itemsOfOneCall(k, cuts) : null;
  if (known !== null) {
    pushParams();
    f.i32(0).i32(known).call(part);
    return;
  }
  const items = f.local("i32", "items");
  const chunk = f.local("i32", "chunk");
  const start = f.local("i32", "start");
  const end = f.local("i32", "end");
  // Cost of an item: in f32, since sizes of a stage may multiply to more than 2^31.
  const cost = f.local("f32", "cost");
  f.f32(0).set(cost);
  for (const stage of k.kernel.stages) {
    f.f32(pointCost(stage));
    for (const axis of stage.axes) {
      pushSize(e, axis);
      f.op("f32.convert_i32_s").op("f32.mul");
    }
    f.get(cost).op("f32.add").set(cost);
  }
  f.i32(1).set(items);
  for (const cut of cuts) {
    const { axis, block } = cut;
    f.get(items);
    pushCount(e, cut);
    f.op("i32.mul").set(items);
    if (block === 1) continue;
    pushSize(e, axis);
    f.op("f32.convert_i32_s").f32(block).op("f32.min").get(cost).op("f32.mul").set(cost);
  }
  f.f32(CALL_OPS)
    .get(cost)
    .f32(1)
    .op("f32.max")
    .op("f32.div")
    .f32(1)
    .op("f32.max")
    .op("i32.trunc_sat_f32_s")
    .set(chunk);
  const callPart = (): void => {
    f.get(start).get(chunk).op("i32.add").tee(end).get(items).get(end).get(items).op("i32.lt_u").op("select").set(end);
    pushParams();
    f.get(start).get(end).call(part);
  };
  if (team !== null) {
    // At most an even share of the items, cut into claims.
    f.get(items).getGlobal(team.threads).i32(CLAIMS).op("i32.mul").op("i32.div_u").i32(1).op("i32.add").tee(end);
    f.get(chunk).get(end).get(chunk).op("i32.lt_u").op("select").set(chunk);
    f.block((done) => {
      f.loop((again) => {
        team.emitClaim(f, chunk);
        f.tee(start).get(items).op("i32.ge_s").brIf(done);
        callPart();
        f.br(again);
      });
    });
    return;
  }
  f.i32(0).set(start);
  f.block((done) => {
    f.get(items).i32(0).op("i32.le_s").brIf(done);
    f.loop((again) => {
      callPart();
      f.get(end).tee(start).get(items).op("i32.lt_s").brIf(again);
    });
  });
}
