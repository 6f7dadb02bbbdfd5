/** Kernels as plain loops over typed arrays. Sums are in float64. */
import { type DType, isFloat } from "../../aval/dtype";
import { invariant } from "../../base/errors";
import { prod } from "../../base/list";
import type {
  Axis,
  ContractKernel,
  ContractOperand,
  CumulativeKernel,
  LoopKernel,
  Reduction,
  ScatterKernel,
} from "../../kernel/program";
import type { ReduceOp } from "../../kernel/scalar-op";
import { type LoadView, ScalarCompiler } from "./scalar-code";
import { loader, normalizer, scalarFunction, storer } from "./scalar-ops";

export interface BufferView extends LoadView {
  readonly dtype: DType;
  /** The elements from index 0 on. */
  readonly data: { [i: number]: number; readonly length: number };
}

/** Calls `body` for every point of the axes, with their registers set. */
function nest(axes: readonly Axis[], registers: readonly number[], r: Float64Array, body: () => void): void {
  const visit = (depth: number): void => {
    if (depth === axes.length) return body();
    const { size } = axes[depth]!;
    const at = registers[depth]!;
    for (let i = 0; i < size; i++) {
      r[at] = i;
      visit(depth + 1);
    }
  };
  visit(0);
}

const IDENTITY: Record<ReduceOp, number> = {
  add: 0,
  mul: 1,
  max: -Infinity,
  min: Infinity,
  and: 1,
  or: 0,
  argmax: 0,
  argmin: 0,
};

/** Value that leaves any other unchanged. Integer extremes are those of the dtype. */
function identityOf({ op, value: { dtype } }: Reduction): number {
  if ((op === "max" || op === "min") && !isFloat(dtype)) {
    const least = dtype === "int32" ? -(2 ** 31) : 0;
    const most = dtype === "int32" ? 2 ** 31 - 1 : dtype === "uint32" ? 2 ** 32 - 1 : 1;
    return op === "max" ? least : most;
  }
  if (op === "and") return dtype === "bool" ? 1 : dtype === "int32" ? -1 : 2 ** 32 - 1;
  return IDENTITY[op];
}

export function runLoop(kernel: LoopKernel, buffers: readonly BufferView[]): void {
  const compiler = new ScalarCompiler(buffers);
  const outer = kernel.axes.map((a) => compiler.axis(a.id));
  const stages = kernel.stages.map((stage, s) => {
    const values = stage.reductions.map((x) => x.value);
    const stores = stage.stores.flatMap((x) => [x.index, x.value]);
    const { steps, registers } = compiler.compile([...values, ...stores]);
    return {
      stage,
      steps,
      axes: stage.axes.map((a) => compiler.axis(a.id)),
      values: registers.slice(0, values.length),
      stores: stage.stores.map((store, i) => {
        const target = buffers[store.buffer]!;
        return {
          index: registers[values.length + 2 * i]!,
          value: registers[values.length + 2 * i + 1]!,
          target: target.data,
          put: storer(target.dtype),
        };
      }),
      reductions: stage.reductions.map((x, slot) => ({
        op: x.op,
        out: compiler.reduced(s, slot),
        identity: identityOf(x),
        combine: combiner(x),
        finish: x.op === "argmax" || x.op === "argmin" ? (v: number) => v : normalizer(x.dtype),
      })),
    };
  });
  const r = new Float64Array(compiler.size);
  nest(kernel.axes, outer, r, () => {
    for (const { stage, steps, axes, values, stores, reductions } of stages) {
      const acc = reductions.map((x) => x.identity);
      const best = reductions.map(() => NaN);
      let count = 0;
      nest(stage.axes, axes, r, () => {
        for (const step of steps) step(r);
        for (const { index, value, target, put } of stores) put(target, r[index]!, r[value]!);
        for (let i = 0; i < reductions.length; i++) {
          const x = r[values[i]!]!;
          const { op, combine } = reductions[i]!;
          if (op === "argmax" || op === "argmin") {
            const old = best[i]!;
            const better = count === 0 || (old === old && (x !== x || (op === "argmax" ? x > old : x < old)));
            if (better) {
              best[i] = x;
              acc[i] = count;
            }
          } else acc[i] = combine(acc[i]!, x);
        }
        count++;
      });
      reductions.forEach((x, i) => (r[x.out] = x.finish(acc[i]!)));
    }
  });
}

function combiner({ op, value: { dtype } }: Reduction): (a: number, b: number) => number {
  if (op === "argmax" || op === "argmin") return (a) => a;
  if (isFloat(dtype) && (op === "add" || op === "mul")) return op === "add" ? (a, b) => a + b : (a, b) => a * b;
  const f = scalarFunction(op, dtype, dtype);
  return (a, b) => f(a, b, 0);
}

/** Offsets of every point of the given sizes and strides, row-major. */
function offsets(sizes: readonly number[], strides: readonly number[]): number[] {
  let out = [0];
  sizes.forEach((n, axis) => {
    const step = strides[axis]!;
    out = out.flatMap((base) => Array.from({ length: n }, (_, i) => base + i * step));
  });
  return out;
}

function operand(
  op: ContractOperand,
  kernel: ContractKernel,
  outer: readonly number[],
  buffers: readonly BufferView[],
) {
  const view = buffers[op.buffer]!;
  return {
    batch: offsets(kernel.batch, op.batchStrides),
    outer: offsets(outer, op.outerStrides),
    k: offsets(kernel.k, op.kStrides),
    data: view.whole,
    get: loader(view.dtype),
    base: view.start + op.offset,
  };
}

export function runContract(kernel: ContractKernel, buffers: readonly BufferView[]): void {
  const a = operand(kernel.lhs, kernel, kernel.m, buffers);
  const b = operand(kernel.rhs, kernel, kernel.n, buffers);
  const [nB, nM, nN, nK] = [kernel.batch, kernel.m, kernel.n, kernel.k].map(prod) as [number, number, number, number];
  const float = isFloat(kernel.dtype);
  const norm = normalizer(kernel.dtype);
  const compiler = new ScalarCompiler(buffers);
  const axes = [0, 1, 2].map((id) => compiler.axis(id));
  const stores = kernel.epilogue?.stores ?? [];
  const { steps, registers } = compiler.compile(stores.flatMap((s) => [s.index, s.value]));
  const r = new Float64Array(compiler.size);
  const out = buffers[kernel.out]!;
  const put = storer(out.dtype);
  for (let ib = 0; ib < nB; ib++) {
    for (let m = 0; m < nM; m++) {
      for (let n = 0; n < nN; n++) {
        const lhs = a.base + a.batch[ib]! + a.outer[m]!;
        const rhs = b.base + b.batch[ib]! + b.outer[n]!;
        let sum = 0;
        for (let k = 0; k < nK; k++) {
          const x = a.get(a.data, lhs + a.k[k]!);
          const y = b.get(b.data, rhs + b.k[k]!);
          sum = float ? sum + x * y : (sum + Math.imul(x, y)) | 0;
        }
        const value = norm(sum);
        if (kernel.epilogue === null) {
          put(out.data, (ib * nM + m) * nN + n, value);
          continue;
        }
        r[ScalarCompiler.ACC] = value;
        [ib, m, n].forEach((v, i) => (r[axes[i]!] = v));
        for (const step of steps) step(r);
        stores.forEach((s, i) => {
          const target = buffers[s.buffer]!;
          storer(target.dtype)(target.data, r[registers[2 * i]!]!, r[registers[2 * i + 1]!]!);
        });
      }
    }
  }
}

export function runCumulative(kernel: CumulativeKernel, buffers: readonly BufferView[]): void {
  const x = buffers[kernel.x]!;
  const out = buffers[kernel.out]!;
  const get = loader(x.dtype);
  const put = storer(out.dtype);
  const { outer, size, inner, reverse, op, dtype } = kernel;
  const norm = normalizer(dtype);
  const wide = isFloat(dtype) && (op === "add" || op === "mul");
  const f =
    op === "logsumexp"
      ? logAddExp
      : wide
        ? op === "add"
          ? (a: number, b: number) => a + b
          : (a: number, b: number) => a * b
        : scalarFunction(op, dtype, dtype);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let acc = 0;
      for (let s = 0; s < size; s++) {
        const at = (o * size + (reverse ? size - 1 - s : s)) * inner + i;
        const v = get(x.data, at);
        acc = s === 0 ? v : f(acc, v, 0);
        put(out.data, at, norm(acc));
      }
    }
  }
}

function logAddExp(a: number, b: number): number {
  const m = Math.max(a, b);
  return Number.isFinite(m) ? m + Math.log1p(Math.exp(-Math.abs(a - b))) : m;
}

export function runScatter(kernel: ScatterKernel, buffers: readonly BufferView[]): void {
  const from = buffers[kernel.operand]!;
  const out = buffers[kernel.out]!;
  const get = loader(out.dtype);
  const put = storer(out.dtype);
  if (kernel.operand !== kernel.out) for (let i = 0; i < kernel.length; i++) out.data[i] = from.data[i]!;
  const compiler = new ScalarCompiler(buffers);
  const axes = kernel.axes.map((a) => compiler.axis(a.id));
  // The value may read where it is only right to where the guard holds.
  const asked = compiler.compile(kernel.guard === null ? [] : [kernel.guard]);
  const stored = compiler.compile([kernel.index, kernel.value]);
  const r = new Float64Array(compiler.size);
  const combine =
    kernel.combine === "set" ? (_: number, b: number) => b : scalarFunction(kernel.combine, kernel.dtype, kernel.dtype);
  const [guard] = asked.registers;
  const [index, value] = stored.registers as [number, number];
  nest(kernel.axes, axes, r, () => {
    for (const step of asked.steps) step(r);
    if (guard !== undefined && r[guard] === 0) return;
    for (const step of stored.steps) step(r);
    const at = r[index]!;
    invariant(at >= 0 && at < kernel.length, `scatter to ${at} outside ${kernel.length}`);
    put(out.data, at, combine(get(out.data, at), r[value]!, 0));
  });
}
