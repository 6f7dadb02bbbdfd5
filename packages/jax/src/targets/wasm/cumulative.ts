/**
 * Running combinations along the middle axis of [outer, size, inner]: in lanes along inner where there are enough. Rows,
 * blocks of columns, and blocks of a long row are items that threads share.
 */
import { type DType, computeDType } from "../../aval/dtype";
import { Decomposer, memoryDType } from "../../kernel/decompose";
import { lang, SharingBuilder } from "../../kernel/math/lang";
import type { Axis, CumulativeKernel, LoopKernel, Store } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import { identityOf } from "./loop-accumulate";
import { Analysis } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { type Cut, type KernelContext, blockRange, counterOf, emitterFor, itemLoop, kernelParams } from "./loop-kernel";
import { loopWhileFits, nestLoops } from "./loop-nest";
import { reducedKey } from "./loop-point";
import { emitStores } from "./loop-store";
import { emitCalls } from "./loop";
import { isNativeOnWasm } from "./native";
import type { EmitContext } from "./context";
import { valTypeOf } from "./scalar";
import { CUMULATIVE_COLUMNS, isWorthSharing } from "./team-work";
import type { Half } from "./vector";

const OUTER = 0;
const INNER = 1;
const STEP = 2;
const BLOCK = 3;
const ACC = reducedKey(0, 0);

export interface SimpleFunction {
  readonly func: Func;
  /** The same for one thread of a team. */
  readonly shared: Func | null;
  readonly buffers: readonly number[];
}

export function emitCumulative(c: EmitContext, kernel: CumulativeKernel, name: string): SimpleFunction {
  const { outer, inner, blocks } = kernel;
  const size = blocks === null ? kernel.size : blocks.size;
  const wide = kernel.dtype !== "float64" && kernel.op === "add" && computeDType(kernel.dtype) === "float32";
  const dtype: DType = wide ? "float64" : computeDType(kernel.dtype);
  const { next, store, first } = formulas(kernel, dtype);
  const row = { id: OUTER, size: outer };
  const column = { id: INNER, size: inner };
  const block = { id: BLOCK, size: Math.ceil(kernel.size / size) };
  // Of a length that is known when an item begins.
  const step = { id: STEP, size, sizeParam: 0 };
  const axes = [row, column, block];
  const loop: LoopKernel = {
    kind: "loop",
    axes: [row, blocks === null ? column : block],
    stages: [{ axes: [{ id: STEP, size }], reductions: [], stores: [store] }],
  };
  const cuts: Cut[] = [
    { axis: row, block: 1 },
    blocks === null ? { axis: column, block: CUMULATIVE_COLUMNS } : { axis: block, block: 1 },
  ];
  const analysis = new Analysis([...axes, step], []);
  analysis.count([next, store.value, store.index, first]);
  const k: KernelContext = {
    module: c.module,
    name,
    kernel: loop,
    analysis,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
    buffers: [...new Set([kernel.x, kernel.out, ...(blocks === null ? [] : [blocks.starts])])],
    nParams: 0,
  };
  const whole: Func = c.module.func(`${name}_all`, kernelParams(k), []);
  const part: Func = c.module.func(name, { ...kernelParams(k), start: "i32", end: "i32" }, []);
  const e = emitterFor(k, part);
  const { start, end } = part.params as { start: Local; end: Local };
  const length = part.local("i32", "length");
  e.params.set(0, length);
  const counters = cuts.map((cut) => counterOf(e, cut));
  if (blocks === null) part.i32(size).set(length);
  itemLoop(e, counters, start, end, () => {
    const col = e.temp("i32");
    const colEnd = e.temp("i32");
    e.axes.set(INNER, col);
    if (blocks === null) blockRange(e, cuts[1]!, counters[1]!, col, colEnd);
    else {
      part.i32(0).set(col).i32(1).set(colEnd);
      const rest = part.local("i32");
      part.i32(kernel.size).get(counters[1]!.at).i32(size).op("i32.mul").op("i32.sub").tee(rest).i32(size);
      part.get(rest).i32(size).op("i32.lt_s").op("select").set(length).release(rest);
    }
    const steps = (copies: number): void =>
      loopWhileFits(e, col, colEnd, 4 * Math.max(copies, 0.25), () =>
        e.scoped(() => run(e, dtype, first, next, store, step, copies)),
      );
    if (inner >= 4) {
      e.lanes = { axis: INNER, copy: 0 };
      hoist(e, [next, store.value], analysis.maskOf([...axes, step]), true, 1);
      for (const copies of [4, 2, 1]) if (inner >= 4 * copies) steps(copies);
      e.lanes = null;
    }
    if (inner % 4 !== 0 || inner < 4) steps(0);
  });
  emitCalls(k, whole, part, cuts);
  let shared: Func | null = null;
  if (c.team !== null && isWorthSharing(kernel, c.shareFrom)) {
    shared = c.module.func(`${name}_shared`, kernelParams(k), []);
    emitCalls(k, shared, part, cuts, c.team);
  }
  return { func: whole, shared, buffers: k.buffers };
}

/** `next` is the new running value, from the old one and the element; it is stored. `first` is the value before. */
function formulas(kernel: CumulativeKernel, dtype: DType): { next: Scalar; store: Store; first: Scalar } {
  const { size, inner, reverse, blocks } = kernel;
  const b = new SharingBuilder();
  const m = lang(b, dtype);
  const axis = (id: number, n: number): Scalar => b.leaf({ tag: "axis", dtype: "int32", axis: id, size: n });
  const nBlocks = blocks === null ? 1 : Math.ceil(size / blocks.size);
  const step =
    blocks === null ? axis(STEP, size) : m.add(m.mul(axis(BLOCK, nBlocks), blocks.size), axis(STEP, blocks.size));
  const at = reverse ? m.sub(m.i(size - 1), step) : step;
  const index = m.add(m.mul(m.add(m.mul(axis(OUTER, kernel.outer), size), at), inner), axis(INNER, inner));
  const x = m.cast(m.cast(b.load(kernel.dtype, kernel.x, index, null), computeDType(kernel.dtype)), dtype);
  const acc = b.leaf({ tag: "reduced", dtype, stage: 0, slot: 0 });
  const value = kernel.op === "logsumexp" ? logAddExp() : m.op(kernel.op, dtype, acc, x);
  const d = new Decomposer(isNativeOnWasm);
  const store = d.store({ buffer: kernel.out, index, value: m.cast(value, kernel.dtype) }, kernel.dtype);
  const identity = b.const(identityOf(kernel.op === "logsumexp" ? "max" : kernel.op, dtype), dtype);
  if (blocks === null) return { next: d.scalar(value), store, first: identity };
  const narrow = computeDType(kernel.dtype);
  const block = m.add(m.mul(axis(OUTER, kernel.outer), nBlocks), axis(BLOCK, nBlocks));
  const first = m.cast(b.load(narrow, blocks.starts, block, null), dtype);
  return { next: d.scalar(value), store, first: d.scalar(first) };

  /** log(e^acc + e^x); infinities and NaN as they come */
  function logAddExp(): Scalar {
    const most = m.max(acc, x);
    const e = m.op("exp", dtype, m.neg(m.abs(m.sub(acc, x))));
    const sum = m.add(most, m.op("log1p", dtype, e));
    return m.select(m.lt(m.abs(most), Infinity), sum, most);
  }
}

function run(
  e: LoopEmitter,
  dtype: DType,
  first: Scalar,
  next: Scalar,
  store: Store,
  step: Axis,
  copies: number,
): void {
  const { f, lanes } = e;
  const halves: readonly Half[] = dtype === "float64" ? [0, 1] : [0];
  const running: { readonly local: Local; readonly copy: number; readonly half: Half }[] = [];
  if (copies === 0) {
    const local = e.temp(valTypeOf(dtype));
    e.push(first);
    f.set(local);
    e.reduced.set(ACC, local);
    running.push({ local, copy: 0, half: 0 });
  } else {
    const locals: Local[] = [];
    for (let copy = 0; copy < copies; copy++) {
      for (const half of halves) {
        const local = e.temp("v128");
        e.pushVector(first, half);
        f.set(local);
        locals[2 * copy + half] = local;
        running.push({ local, copy, half });
      }
    }
    e.reducedLanes.set(ACC, locals);
  }
  nestLoops(e, [step], [next, store.value], [store], copies, () => {
    if (lanes === null) {
      emitStores(e, [store]);
      e.push(next);
      f.set(running[0]!.local);
      return;
    }
    for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) {
      emitStores(e, [store]);
      const values = halves.map((half) => e.keepVector(next, half));
      for (const r of running) if (r.copy === lanes.copy) f.get(values[r.half]!).set(r.local);
    }
    lanes.copy = 0;
  });
}
