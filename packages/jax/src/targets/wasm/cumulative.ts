/** Running combinations along the middle axis of [outer, size, inner]: in lanes along inner where there are enough. */
import { type DType, computeDType } from "../../aval/dtype";
import { Decomposer, memoryDType } from "../../kernel/decompose";
import { lang, SharingBuilder } from "../../kernel/math/lang";
import type { CumulativeKernel, LoopKernel, Store } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import { identityOf } from "./loop-accumulate";
import { Analysis } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { type KernelContext, counterOf, emitterFor, itemLoop, kernelParams } from "./loop-kernel";
import { loopWhileFits, nestLoops } from "./loop-nest";
import { reducedKey } from "./loop-point";
import { rowCuts } from "./loop-rows";
import { emitStores } from "./loop-store";
import { emitCalls } from "./loop";
import { isNativeOnWasm } from "./native";
import type { EmitContext } from "./context";
import { valTypeOf } from "./scalar";
import type { Half } from "./vector";

const OUTER = 0;
const INNER = 1;
const STEP = 2;
const ACC = reducedKey(0, 0);

export interface SimpleFunction {
  readonly func: Func;
  readonly buffers: readonly number[];
}

export function emitCumulative(c: EmitContext, kernel: CumulativeKernel, name: string): SimpleFunction {
  const { outer, size, inner } = kernel;
  const wide = kernel.dtype !== "float64" && kernel.op === "add" && computeDType(kernel.dtype) === "float32";
  const dtype: DType = wide ? "float64" : computeDType(kernel.dtype);
  const { next, store } = formulas(kernel, dtype);
  const axes = [{ id: OUTER, size: outer }, { id: INNER, size: inner }]; // prettier-ignore
  const step = { id: STEP, size };
  const loop: LoopKernel = {
    kind: "loop",
    axes: axes.slice(0, 1),
    stages: [{ axes: [axes[1]!, step], reductions: [], stores: [store] }],
  };
  const analysis = new Analysis([...axes, step], []);
  analysis.count([next, store.value, store.index]);
  const k: KernelContext = {
    module: c.module,
    name,
    kernel: loop,
    analysis,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
    buffers: [...new Set([kernel.x, kernel.out])],
    nParams: 0,
  };
  const whole: Func = c.module.func(`${name}_all`, kernelParams(k), []);
  const part: Func = c.module.func(name, { ...kernelParams(k), start: "i32", end: "i32" }, []);
  const e = emitterFor(k, part);
  const { start, end } = part.params as { start: Local; end: Local };
  const identity = identityOf(kernel.op === "logsumexp" ? "max" : kernel.op, dtype);
  itemLoop(
    e,
    rowCuts(loop).map((cut) => counterOf(e, cut)),
    start,
    end,
    () => {
      const col = e.temp("i32");
      const colEnd = e.temp("i32");
      e.axes.set(INNER, col);
      part.i32(0).set(col).i32(inner).set(colEnd);
      if (inner >= 4) {
        e.lanes = { axis: INNER, copy: 0 };
        hoist(e, [next, store.value], analysis.maskOf([...axes, step]), true, 1);
        for (const copies of inner >= 8 ? [2, 1] : [1]) {
          loopWhileFits(e, col, colEnd, 4 * copies, () =>
            e.scoped(() => run(e, dtype, identity, next, store, size, copies)),
          );
        }
        e.lanes = null;
      }
      loopWhileFits(e, col, colEnd, 1, () => e.scoped(() => run(e, dtype, identity, next, store, size, 0)));
    },
  );
  emitCalls(k, whole, part, rowCuts(loop));
  return { func: whole, buffers: k.buffers };
}

/** `next` is the new running value, from the old one and the element; it is stored. */
function formulas(kernel: CumulativeKernel, dtype: DType): { next: Scalar; store: Store } {
  const { size, inner, reverse } = kernel;
  const b = new SharingBuilder();
  const m = lang(b, dtype);
  const axis = (id: number, n: number): Scalar => b.leaf({ tag: "axis", dtype: "int32", axis: id, size: n });
  const step = axis(STEP, size);
  const at = reverse ? m.sub(m.i(size - 1), step) : step;
  const index = m.add(m.mul(m.add(m.mul(axis(OUTER, kernel.outer), size), at), inner), axis(INNER, inner));
  const x = m.cast(m.cast(b.load(kernel.dtype, kernel.x, index, null), computeDType(kernel.dtype)), dtype);
  const acc = b.leaf({ tag: "reduced", dtype, stage: 0, slot: 0 });
  const value = kernel.op === "logsumexp" ? logAddExp() : m.op(kernel.op, dtype, acc, x);
  const d = new Decomposer(isNativeOnWasm);
  const store = d.store({ buffer: kernel.out, index, value: m.cast(value, kernel.dtype) }, kernel.dtype);
  return { next: d.scalar(value), store };

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
  identity: number,
  next: Scalar,
  store: Store,
  size: number,
  copies: number,
): void {
  const { f, lanes } = e;
  const halves: readonly Half[] = dtype === "float64" ? [0, 1] : [0];
  const running: { readonly local: Local; readonly copy: number; readonly half: Half }[] = [];
  if (copies === 0) {
    const local = e.temp(valTypeOf(dtype));
    if (local.type === "f64") f.f64(identity);
    else if (local.type === "f32") f.f32(identity);
    else f.i32(identity);
    f.set(local);
    e.reduced.set(ACC, local);
    running.push({ local, copy: 0, half: 0 });
  } else {
    const locals: Local[] = [];
    for (let copy = 0; copy < copies; copy++) {
      for (const half of halves) {
        const local = e.temp("v128");
        if (dtype === "float64") f.f64x2(identity);
        else if (dtype === "float32") f.f32x4(identity);
        else f.i32x4(dtype === "bool" ? -identity : identity);
        f.set(local);
        locals[2 * copy + half] = local;
        running.push({ local, copy, half });
      }
    }
    e.reducedLanes.set(ACC, locals);
  }
  nestLoops(e, [{ id: STEP, size }], [next, store.value], [store], copies, () => {
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
