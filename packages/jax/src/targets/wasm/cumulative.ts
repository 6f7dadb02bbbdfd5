/**
 * Running combinations along the middle axis of [outer, size, inner]: in lanes along inner where there are enough. Rows,
 * blocks of columns, and blocks of a long row are items that threads share.
 */
import { type DType, computeDType, sizeBytesOf } from "../../aval/dtype";
import { Decomposer, memoryDType } from "../../kernel/decompose";
import { lang, SharingBuilder } from "../../kernel/math/lang";
import type { Axis, CumulativeKernel, LoopKernel, Store } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";
import type { Func, Local } from "./assembler";
import { identityOf } from "./loop-accumulate";
import { Analysis } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { type Cut, blockRange, counterOf, itemFunction, itemLoop } from "./loop-items";
import { type KernelContext, kernelParams } from "./loop-kernel";
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
const BEFORE = 4;

export interface SimpleFunction {
  readonly func: Func;
  /** The same for one thread of a team. */
  readonly shared: Func | null;
  readonly buffers: readonly number[];
  /** Bytes of scratch memory, whose address is the last parameter if there are any. */
  readonly scratchBytes: number;
}

export function emitCumulative(c: EmitContext, kernel: CumulativeKernel, name: string): SimpleFunction {
  const { outer, inner, blocks } = kernel;
  const size = blocks === null ? kernel.size : blocks.size;
  const wide = kernel.dtype !== "float64" && kernel.op === "add" && computeDType(kernel.dtype) === "float32";
  const dtype: DType = wide ? "float64" : computeDType(kernel.dtype);
  // Rows, or blocks of one, are taken in pairs: each of the two running values is a chain that the processor waits for.
  // Rows that are a multiple of 4 KB apart are not: a store to one makes a load from the other wait.
  const isChain = kernel.op === "add" || kernel.op === "mul" || blocks !== null;
  const inPairs = isChain && inner === 1 && (size * sizeBytesOf(kernel.dtype)) % 4096 !== 0;
  const all = (inPairs ? [0, 1] : [0]).map((number) => formulas(kernel, dtype, number));
  const row = { id: OUTER, size: outer };
  const column = { id: INNER, size: inner };
  const block = { id: BLOCK, size: Math.ceil(kernel.size / size) };
  // Of a length that is known when an item begins.
  const step = { id: STEP, size, sizeParam: 0 };
  const before = { id: BEFORE, size: block.size, sizeParam: 1 };
  const earlier = blocks === null ? null : before;
  const axes = [row, column, block];
  const along = blocks === null ? row : block;
  const cuts: Cut[] =
    inner > 1
      ? [{ axis: row, block: 1 }, { axis: column, block: CUMULATIVE_COLUMNS }]
      : [...(blocks === null ? [] : [{ axis: row, block: 1 }]), { axis: along, block: inPairs ? 2 : 1 }]; // prettier-ignore
  const stores = all.map((f) => f.store);
  const loop: LoopKernel = {
    kind: "loop",
    axes: cuts.map((cut) => cut.axis),
    stages: [{ axes: [{ id: STEP, size }], reductions: [], stores: stores.slice(0, 1) }],
  };
  const analysis = new Analysis([...axes, step, before], []);
  analysis.count(all.flatMap(({ next, store, first, total }) => [next, store.value, store.index, first, total]));
  const k: KernelContext = {
    module: c.module,
    name,
    kernel: loop,
    analysis,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
    buffers: [...new Set([kernel.x, kernel.out, ...(blocks === null ? [] : [blocks.totals])])],
    nParams: 0,
    bursts: [],
  };
  const whole: Func = c.module.func(`${name}_all`, kernelParams(k), []);
  const { e, start, end } = itemFunction(k);
  const part = e.f;
  const length = part.local("i32", "length");
  const nBefore = part.local("i32", "before");
  e.params.set(0, length).set(1, nBefore);
  const counters = cuts.map((cut) => counterOf(e, cut));
  itemLoop(
    e,
    counters.filter((counter) => counter !== null),
    start,
    end,
    () => {
      const from = e.temp("i32");
      const to = e.temp("i32");
      blockRange(e, cuts.at(-1)!, counters.at(-1)!, from, to);
      e.axes.set(inner > 1 ? INNER : along.id, from);
      part.i32(size).set(length);
      if (inner === 1) {
        const zero = e.temp("i32");
        e.axes.set(INNER, zero);
        part.i32(0).set(zero);
      }
      if (inPairs) {
        part.get(from).i32(2).op("i32.add");
        if (blocks === null) part.get(to).op("i32.eq");
        else part.i32(Math.floor(kernel.size / size)).op("i32.le_s");
        part.if(() => {
          e.scoped(() => run(e, dtype, all, step, earlier, 0));
          part.get(to).set(from);
        });
      } else if (inner >= 4) {
        e.lanes = { axis: INNER, copy: 0 };
        hoist(e, all.flatMap((f) => [f.next, f.store.value]), analysis.maskOf([...axes, step]), true, 1); // prettier-ignore
        for (const copies of [4, 2, 1]) {
          if (inner < 4 * copies) continue;
          loopWhileFits(e, from, to, 4 * copies, () => e.scoped(() => run(e, dtype, all, step, null, copies)));
        }
        e.lanes = null;
      }
      loopWhileFits(e, from, to, 1, () => {
        if (blocks !== null) {
          part.i32(size).i32(kernel.size).get(from).i32(size).op("i32.mul").op("i32.sub").tee(length);
          part.i32(size).get(length).op("i32.lt_s").op("select").set(length);
        }
        e.scoped(() => run(e, dtype, all.slice(0, 1), step, earlier, 0));
      });
    },
  );
  emitCalls(k, whole, part, cuts);
  let shared: Func | null = null;
  if (c.team !== null && isWorthSharing(kernel, c.shareFrom)) {
    shared = c.module.func(`${name}_shared`, kernelParams(k), []);
    emitCalls(k, shared, part, cuts, c.team);
  }
  return { func: whole, shared, buffers: k.buffers, scratchBytes: 0 };
}

/**
 * `next` is the new running value, from the old one and the element; it is stored. `first` is the value before all, and
 * `total` the new value from the old one and what an earlier block combines to.
 */
interface Formulas {
  readonly next: Scalar;
  readonly store: Store;
  readonly first: Scalar;
  readonly total: Scalar;
}

/** Of the row or block that is `number` after the current one. */
function formulas(kernel: CumulativeKernel, dtype: DType, number: number): Formulas {
  const { size, inner, reverse, blocks } = kernel;
  const b = new SharingBuilder();
  const m = lang(b, dtype);
  const axis = (id: number, n: number): Scalar => b.leaf({ tag: "axis", dtype: "int32", axis: id, size: n });
  const nBlocks = blocks === null ? 1 : Math.ceil(size / blocks.size);
  const row = m.add(axis(OUTER, kernel.outer), blocks === null ? number : 0);
  const block = m.add(axis(BLOCK, nBlocks), blocks === null ? 0 : number);
  const step = blocks === null ? axis(STEP, size) : m.add(m.mul(block, blocks.size), axis(STEP, blocks.size));
  const at = reverse ? m.sub(m.i(size - 1), step) : step;
  const index = m.add(m.mul(m.add(m.mul(row, size), at), inner), axis(INNER, inner));
  const x = m.cast(m.cast(b.load(kernel.dtype, kernel.x, index, null), computeDType(kernel.dtype)), dtype);
  const acc = b.leaf({ tag: "reduced", dtype, stage: 0, slot: number });
  const value = kernel.op === "logsumexp" ? logAddExp() : m.op(kernel.op, dtype, acc, x);
  const d = new Decomposer(isNativeOnWasm);
  const store = d.store({ buffer: kernel.out, index, value: m.cast(value, kernel.dtype) }, kernel.dtype);
  const first = b.const(identityOf(kernel.op === "logsumexp" ? "max" : kernel.op, dtype), dtype);
  const before = m.add(m.mul(row, nBlocks - 1), axis(BEFORE, nBlocks));
  const combine = (): Scalar =>
    m.op(
      kernel.op as ScalarOp,
      dtype,
      acc,
      m.cast(b.load(computeDType(kernel.dtype), blocks!.totals, before, null), dtype),
    );
  return { next: d.scalar(value), store, first, total: blocks === null ? first : d.scalar(combine()) };

  /** log(e^acc + e^x); infinities and NaN as they come */
  function logAddExp(): Scalar {
    const most = m.max(acc, x);
    const e = m.op("exp", dtype, m.neg(m.abs(m.sub(acc, x))));
    const sum = m.add(most, m.op("log1p", dtype, e));
    return m.select(m.lt(m.abs(most), Infinity), sum, most);
  }
}

/**
 * All steps of one row or block (or of several, one point at a time), or of the lanes of `copies` vectors. `blocks` are
 * those before the current one.
 */
function run(
  e: LoopEmitter,
  dtype: DType,
  all: readonly Formulas[],
  step: Axis,
  blocks: Axis | null,
  copies: number,
): void {
  const { f, lanes } = e;
  const halves: readonly Half[] = dtype === "float64" ? [0, 1] : [0];
  const points = all.map(({ first, total }, number) => {
    if (copies > 0) return null;
    const local = e.temp(valTypeOf(dtype));
    e.push(first);
    f.set(local);
    e.reduced.set(reducedKey(0, number), local);
    if (blocks !== null) {
      f.get(e.axes.get(BLOCK)!).i32(number).op("i32.add").set(e.params.get(1)!);
      nestLoops(e, [blocks], [total], [], 0, () => {
        e.push(total);
        f.set(local);
      });
    }
    return local;
  });
  const running: { readonly local: Local; readonly copy: number; readonly half: Half }[] = [];
  const [{ next, store, first }] = all as [Formulas];
  if (copies > 0) {
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
    e.reducedLanes.set(reducedKey(0, 0), locals);
  }
  const stores = all.map((x) => x.store);
  const values = all.flatMap((x) => [x.next, x.store.value]);
  nestLoops(e, [step], values, stores, copies, () => {
    if (lanes === null) {
      all.forEach((x, number) => {
        emitStores(e, [x.store]);
        e.push(x.next);
        f.set(points[number]!);
      });
      return;
    }
    for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) {
      emitStores(e, [store]);
      const nexts = halves.map((half) => e.keepVector(next, half));
      for (const r of running) if (r.copy === lanes.copy) f.get(nexts[r.half]!).set(r.local);
    }
    lanes.copy = 0;
  });
}
