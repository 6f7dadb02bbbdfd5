/** Functions that compute operands of contractions: a block of elements to memory, or times few rows at once. */
import { prod } from "../../base/list";
import { ScalarBuilder } from "../../kernel/build";
import { Decomposer, memoryDType } from "../../kernel/decompose";
import { COMPUTED_AXES, type ContractKernel, type LoopKernel, type Store } from "../../kernel/program";
import { importer, replacer } from "../../kernel/rebuild";
import type { Scalar } from "../../kernel/scalar";
import type { Func, Local } from "./assembler";
import type { EmitContext } from "./context";
import type { PushPointer } from "./contract-call";
import { type BlockFunc, BLOCK_PARAMS, type RowsFunc, ROWS_PARAMS } from "./contract-func";
import { pushMin, pushScaled } from "./contract-index";
import type { OperandPlan } from "./contract-plan";
import { Analysis, loadsOf } from "./loop-analysis";
import { LoopEmitter } from "./loop-emitter";
import { hoist } from "./loop-hoist";
import { emitColumns } from "./loop-parallel";
import { isNativeOnWasm } from "./native";

/** Buffers that are parameters of the functions. */
const BLOCK = -1;
const SMALL = -2;

const { batch: BATCH_AXIS, outer: OUTER_AXIS, run: RUN_AXIS, k: K_AXIS } = COMPUTED_AXES;

/** The elements [o0, o1) x [k0, k1) of a batch, to `dst` in the strides of the plan. */
export function emitBlockFunc(
  c: EmitContext,
  kernel: ContractKernel,
  { source, size, outerStride, kStride }: OperandPlan,
  name: string,
  pushPointer: PushPointer,
): BlockFunc {
  const { values, run, step, turn, along } = source.computed!;
  const count = values.length;
  const f = c.module.func(name, BLOCK_PARAMS, []);
  const { context, batch, o0, o1, k0, k1, dst } = f.params;
  const b = new ScalarBuilder();
  const axis = (id: number, n: number): Scalar => (n === 1 ? b.int(0) : b.axis(id, n));
  const nRuns = prod(kernel.k) / (run * count);
  const places = [axis(OUTER_AXIS, size), axis(RUN_AXIS, nRuns), axis(K_AXIS, run)];
  const strides = [outerStride!, run * count * kStride!, step * kStride!];
  const stores = values.map((value, i): Store => ({
    buffer: BLOCK,
    index: b.dot(places, strides, i * turn * kStride!),
    value,
  }));
  const sizeBytes = kernel.dtype === "float64" ? 8 : 4;
  // index 0 is that of the whole operand
  f.get(dst);
  pushScaled(f, o0, outerStride! * sizeBytes).op("i32.sub");
  pushScaled(f, k0, kStride! * sizeBytes)
    .op("i32.sub")
    .set(dst);
  const outer = { id: OUTER_AXIS, size };
  const along3 = { id: K_AXIS, size: run };
  const axes = [
    { id: BATCH_AXIS, size: prod(kernel.batch) },
    { id: RUN_AXIS, size: nRuns },
    ...(along === "outer" ? [along3, outer] : [outer, along3]),
  ];
  const { e, loop } = emitterOf(c, f as Func, kernel, axes, stores, pushPointer, context);
  const [col, end] = [f.local("i32", "col"), f.local("i32", "end")];
  e.pointers.set(BLOCK, dst);
  e.axes.set(BATCH_AXIS, batch);
  if (along === "outer") {
    e.axes.set(K_AXIS, k0).set(OUTER_AXIS, col);
    f.range(k0, k0, k1, 1, () => {
      f.get(o0).set(col);
      emitRow(e, loop, col, o1);
    });
    return f;
  }
  const [number, start] = [f.local("i32", "run"), f.local("i32", "start")];
  e.axes.set(OUTER_AXIS, o0).set(RUN_AXIS, number).set(K_AXIS, col);
  for (const k of [k0, k1]) if (count > 1) f.get(k).i32(count).op("i32.div_u").set(k);
  f.range(o0, o0, o1, 1, () => {
    f.get(k0).i32(run).op("i32.div_u").set(number);
    f.get(k0).get(number).i32(run).op("i32.mul").op("i32.sub").set(col);
    f.loop((again) => {
      f.get(number).i32(run).op("i32.mul").set(start);
      f.get(k1).get(start).op("i32.sub").set(end);
      pushMin(f, end, run).set(end);
      emitRow(e, loop, col, end);
      f.i32(0).set(col).inc(number, 1);
      f.get(start).i32(run).op("i32.add").get(k1).op("i32.lt_s").brIf(again);
    });
  });
  return f;
}

/**
 * Operations up to which two rows of k, half of the depth apart, are computed and added up at once. Formulas of more need
 * the registers: rows of float16 one at a time take 0.6 of the time of four.
 */
const MOST_STREAMED_WORK = 4;

/** Operations on elements, without those of indices. */
function workOf(value: Scalar): number {
  const seen = new Set([value]);
  for (const s of seen) if (s.tag === "op") for (const arg of s.args) seen.add(arg);
  return [...seen].reduce((n, s) => n + (s.tag === "op" ? 1 : s.dtype === "float16" ? MOST_STREAMED_WORK : 0), 0);
}

/**
 * out[s, l] = the sum over k of small[s, k] times element (l, k), for l in [l0, l1). Rows of `small` and `out` are that
 * many elements apart.
 */
export function emitRowsFunc(
  c: EmitContext,
  kernel: ContractKernel,
  big: OperandPlan,
  rows: number,
  smallRow: number,
  name: string,
  pushPointer: PushPointer,
): RowsFunc {
  const [value] = big.source.computed!.values as [Scalar];
  const f = c.module.func(name, ROWS_PARAMS, []);
  const { context, batch, l0, l1, small, out } = f.params;
  const depth = prod(kernel.k);
  const { dtype } = kernel;
  const sizeBytes = dtype === "float64" ? 8 : 4;
  const k = f.local("i32", "k");
  const end = f.local("i32", "end");
  const col = f.local("i32", "col");
  const axes = [
    { id: BATCH_AXIS, size: prod(kernel.batch) },
    { id: K_AXIS, size: depth },
    { id: OUTER_AXIS, size: big.size },
  ];
  for (let s = 0; s < rows; s++) {
    f.get(out);
    pushScaled(f, l0, sizeBytes)
      .op("i32.add")
      .i32(s * big.size * sizeBytes)
      .op("i32.add")
      .i32(0);
    f.get(l1).get(l0).op("i32.sub").i32(sizeBytes).op("i32.mul").memoryFill();
  }
  const all = (streams: number, gap: number): void => {
    const b = new ScalarBuilder();
    const [outer, first] = [b.axis(OUTER_AXIS, big.size), b.axis(K_AXIS, depth)];
    const element = importer(b)(value);
    const elements = Array.from({ length: streams }, (_, r) =>
      replacer(b, (s) => (s.tag === "axis" && s.axis === K_AXIS ? b.dot([first], [1], r * gap) : null))(element),
    );
    const stores = Array.from({ length: rows }, (_, s): Store => {
      const index = b.dot([outer], [1], s * big.size);
      const sum = elements.reduce<Scalar>(
        (all, element, r) => {
          const x = b.load(SMALL, b.dot([first], [1], s * smallRow + r * gap), null, dtype);
          return b.op("fma", [x, element, all], dtype);
        },
        b.load(BLOCK, index, null, dtype),
      );
      return { buffer: BLOCK, index, value: sum };
    });
    const { e, loop } = emitterOf(c, f as Func, kernel, axes, stores, pushPointer, context);
    e.pointers.set(BLOCK, out).set(SMALL, small);
    e.axes.set(BATCH_AXIS, batch).set(K_AXIS, k).set(OUTER_AXIS, col);
    f.range(k, k, end, 1, () => {
      f.get(l0).set(col);
      emitRow(e, loop, col, l1);
    });
  };
  const streams = workOf(value) > MOST_STREAMED_WORK ? 1 : 2;
  const gap = Math.floor(depth / streams);
  f.i32(0).set(k).i32(gap).set(end);
  if (gap > 0) all(streams, gap);
  if (gap * streams < depth) {
    f.i32(gap * streams).set(k);
    f.i32(depth).set(end);
    all(1, 0);
  }
  return f;
}

function emitRow(e: LoopEmitter, loop: LoopKernel, col: Local, end: Local): void {
  e.scoped(() => emitColumns(e, loop, col, end, e.lanes !== null));
}

/** An emitter of a function with these stores at every point of the axes, lanes along the last one. */
function emitterOf(
  c: EmitContext,
  f: Func,
  kernel: ContractKernel,
  axes: LoopKernel["axes"],
  stores: readonly Store[],
  pushPointer: PushPointer,
  context: Local,
): { readonly e: LoopEmitter; readonly loop: LoopKernel } {
  const dtypeOf = (buffer: number) => (buffer < 0 ? kernel.dtype : c.dtypeOf(buffer));
  const decomposer = new Decomposer(isNativeOnWasm);
  const basic = stores.map((s) => decomposer.store(s, dtypeOf(s.buffer)));
  const loop: LoopKernel = { kind: "loop", axes, stages: [{ axes: [], reductions: [], stores: basic }] };
  const analysis = new Analysis(axes, []);
  const roots = basic.flatMap((s) => [s.index, s.value]);
  analysis.count(roots);
  const e = new LoopEmitter({
    f,
    analysis,
    relaxed: c.features.relaxed,
    hostMath: c.hostMath,
    dtypeOf: (b) => memoryDType(dtypeOf(b)),
  });
  for (const buffer of new Set(loadsOf(roots).map((s) => s.buffer))) {
    if (buffer < 0) continue;
    const pointer = f.local("i32", `p${buffer}`);
    pushPointer(f, context, buffer);
    f.set(pointer);
    e.pointers.set(buffer, pointer);
  }
  const last = axes.at(-1)!;
  e.lanes = last.size >= 4 ? { axis: last.id, copy: 0 } : null;
  if (e.lanes !== null)
    hoist(
      e,
      basic.map((s) => s.value),
      analysis.maskOf(axes),
      true,
      4,
    );
  return { e, loop };
}
