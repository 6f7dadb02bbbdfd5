/** Scatters: `out` is a copy of the operand into which updates are combined, one after the other. */
import { type DType, computeDType, sizeBytesOf } from "../../aval/dtype";
import { Decomposer, memoryDType } from "../../kernel/decompose";
import { SharingBuilder, lang } from "../../kernel/math/lang";
import type { LoopKernel, ScatterKernel, Store } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { Func } from "./assembler";
import type { SimpleFunction } from "./cumulative";
import { Analysis, loadsOf } from "./loop-analysis";
import { COLUMN_BLOCK, counterOf, itemFunction, itemLoop, pointCuts } from "./loop-items";
import { type KernelContext, kernelParams, pointerName } from "./loop-kernel";
import { loopWhileFits, runMultiple } from "./loop-nest";
import { emitColumns } from "./loop-parallel";
import { emitStores } from "./loop-store";
import { emitCalls } from "./loop";
import type { EmitContext } from "./context";
import { isNativeOnWasm } from "./native";

export function emitScatter(c: EmitContext, kernel: ScatterKernel, name: string): SimpleFunction {
  const { store, guard } = formulas(kernel, c.dtypeOf);
  const axes = kernel.axes.length > 0 ? kernel.axes : [{ id: 0, size: 1 }];
  const last = axes.at(-1)!;
  const loop: LoopKernel = { kind: "loop", axes, stages: [{ axes: [], reductions: [], stores: [store] }] };
  const analysis = new Analysis(axes, []);
  const roots = [store.index, store.value, ...(guard === null ? [] : [guard])];
  analysis.count(roots);
  const buffers = [...new Set([kernel.operand, kernel.out, ...loadsOf(roots).map((l) => l.buffer)])];
  const k: KernelContext = {
    module: c.module,
    name,
    kernel: { ...loop, axes: axes.slice(0, -1), stages: [{ axes: [last], reductions: [], stores: [store] }] },
    analysis,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(c.dtypeOf(b)),
    buffers,
    nParams: 0,
    bursts: [],
  };
  const whole: Func = c.module.func(`${name}_all`, kernelParams(k), []);
  const { e, start, end } = itemFunction(k);
  const part = e.f;
  const col = part.local("i32", "col");
  const size = part.local("i32", "size");
  part.i32(last.size).set(size);
  // Points of the last axis must not meet, or what one stores would be hidden from the next.
  const step = analysis.step(store.index, last.id);
  const apart =
    typeof step === "number" && step !== 0 && (guard === null || (analysis.mask(guard) & analysis.bit(last.id)) === 0);
  itemLoop(
    e,
    pointCuts(k.kernel).map((cut) => counterOf(e, cut)),
    start,
    end,
    () => {
      e.axes.set(last.id, col);
      part.i32(0).set(col);
      if (apart) {
        const columns = (): void =>
          emitColumns(e, loop, col, size, step === 1 && last.size >= 4, runMultiple(last, COLUMN_BLOCK));
        if (guard === null) return columns();
        e.push(guard);
        part.if(() => e.scoped(columns));
        e.lanes = null;
        return;
      }
      loopWhileFits(e, col, size, 1, () =>
        e.scoped(() => {
          if (guard === null) return emitStores(e, [store]);
          e.push(guard);
          part.if(() => e.scoped(() => emitStores(e, [store])));
        }),
      );
    },
  );
  if (kernel.operand !== kernel.out) {
    whole.get(whole.params[pointerName(kernel.out)]!).get(whole.params[pointerName(kernel.operand)]!);
    whole.i32(kernel.length * sizeBytesOf(c.dtypeOf(kernel.out))).memoryCopy();
  }
  emitCalls(k, whole, part, pointCuts(k.kernel));
  return { func: whole, shared: null, buffers, scratchBytes: 0 };
}

/** The update as a store of what is there, combined with the value. */
function formulas(kernel: ScatterKernel, dtypeOf: (buffer: number) => DType): { store: Store; guard: Scalar | null } {
  const b = new SharingBuilder();
  const d = new Decomposer(isNativeOnWasm, b);
  const { combine, out, index, value } = kernel;
  const stored = dtypeOf(out);
  const dtype = computeDType(stored);
  const m = lang(b, dtype);
  const old = m.cast({ tag: "load", dtype: stored, buffer: out, index, guard: null }, dtype);
  const operand = value.dtype === dtype ? value : m.cast(value, dtype);
  const combined = combine === "set" ? operand : m.op(combine, dtype, old, operand);
  const store = d.store({ buffer: out, index, value: m.cast(combined, stored) }, stored);
  return { store, guard: kernel.guard === null ? null : d.scalar(kernel.guard) };
}
