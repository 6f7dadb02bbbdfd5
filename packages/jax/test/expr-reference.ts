/** For tests: the meaning of tensor expressions, element by element, without any compiler. */
import { type DType, dtypeInfo, isFloat } from "../src/aval/dtype";
import { contiguousStrides, prod, without } from "../src/base/list";
import type { CumulativeExpr, Expr, GatherExpr, ReduceExpr, ScatterExpr } from "../src/kernel/expr";
import type { ReduceOp, ScalarOp } from "../src/kernel/scalar-op";
import { normalizer, scalarFunction } from "../src/targets/js/scalar-ops";

/** Row-major elements of `x`; `inputs` are those of the arguments. Sorts and routines are not evaluated. */
export function evaluateExpr(
  x: Expr,
  inputs: readonly ArrayLike<number>[],
  memo = new Map<Expr, number[]>(),
): number[] {
  let out = memo.get(x);
  if (out === undefined) {
    const value = elementOf(x, (y) => evaluateExpr(y, inputs, memo), inputs);
    out = indices(x.shape).map(value);
    memo.set(x, out);
  }
  return out;
}

type Element = (index: readonly number[]) => number;

/** All indices of a shape, row-major. */
export function indices(shape: readonly number[]): number[][] {
  let out: number[][] = [[]];
  for (const n of shape) out = out.flatMap((i) => Array.from({ length: n }, (_, j) => [...i, j]));
  return out;
}

function elementOf(x: Expr, evaluate: (y: Expr) => number[], inputs: readonly ArrayLike<number>[]): Element {
  const reader = (y: Expr): Element => {
    const data = evaluate(y);
    const strides = contiguousStrides(y.shape);
    return (index) => data[index.reduce((at, i, axis) => at + i * strides[axis]!, 0)]!;
  };
  const norm = normalizer(x.dtype);
  switch (x.kind) {
    case "input": {
      const strides = contiguousStrides(x.shape);
      return (index) => inputs[x.index]![index.reduce((at, i, axis) => at + i * strides[axis]!, 0)]!;
    }
    case "constant":
      return () => x.value;
    case "iota":
      return (index) => norm(index[x.axis]!);
    case "view": {
      const get = reader(x.x);
      return (index) => get(viewIndex(x, index));
    }
    case "pad": {
      const get = reader(x.x);
      const fill = reader(x.fill)([]);
      return (index) => {
        const at = index.map((i, axis) => (i - x.low[axis]!) / (x.interior[axis]! + 1));
        return at.every((i, axis) => Number.isInteger(i) && i >= 0 && i < x.x.shape[axis]!) ? get(at) : fill;
      };
    }
    case "concat": {
      const parts = x.xs.map((y) => [y.shape[x.axis]!, reader(y)] as const);
      return (index) => {
        let i = index[x.axis]!;
        for (const [n, get] of parts) {
          if (i < n) return get(index.map((j, axis) => (axis === x.axis ? i : j)));
          i -= n;
        }
        throw new Error("concat");
      };
    }
    case "scalar": {
      const args = x.args.map(reader);
      const f = scalarMeaning(x.op, x.args[x.op === "select" ? 1 : 0]!.dtype, x.dtype);
      return (index) => {
        const [a = 0, b = 0, c = 0] = args.map((get) => get(index));
        return norm(f(a, b, c));
      };
    }
    case "reduce":
      return reduceElement(x, reader(x.x));
    case "contract": {
      const [lhs, rhs] = [reader(x.lhs), reader(x.rhs)];
      const nBatch = x.lhsBatch.length;
      const axes = (rank: number): number[] => Array.from({ length: rank }, (_, i) => i);
      const lhsFree = without(axes(x.lhs.shape.length), [...x.lhsBatch, ...x.lhsContract]);
      const rhsFree = without(axes(x.rhs.shape.length), [...x.rhsBatch, ...x.rhsContract]);
      const ks = indices(x.lhsContract.map((a) => x.lhs.shape[a]!));
      const place = (index: number[], at: readonly number[], values: readonly number[]): void =>
        at.forEach((a, i) => (index[a] = values[i]!));
      const mul = isFloat(x.dtype) ? (a: number, b: number) => a * b : Math.imul;
      return (index) => {
        let sum = 0;
        for (const k of ks) {
          const [l, r]: [number[], number[]] = [[], []];
          place(l, x.lhsBatch, index);
          place(r, x.rhsBatch, index);
          place(l, lhsFree, index.slice(nBatch));
          place(r, rhsFree, index.slice(nBatch + lhsFree.length));
          place(l, x.lhsContract, k);
          place(r, x.rhsContract, k);
          sum += mul(lhs(l), rhs(r));
        }
        return norm(sum);
      };
    }
    case "gather":
      return gatherElement(x, reader(x.operand), reader(x.indices));
    case "scatter":
      return scatterElement(x, evaluate(x.operand), reader(x.indices), reader(x.updates));
    case "cumulative":
      return cumulativeElement(x, reader(x.x));
    default:
      throw new Error(`no meaning of ${x.kind} here`);
  }
}

function viewIndex(x: Extract<Expr, { kind: "view" }>, index: readonly number[]): number[] {
  const from = x.x.shape;
  const { view } = x;
  switch (view.op) {
    case "permute":
      return from.map((_, axis) => index[view.perm.indexOf(axis)]!);
    case "broadcast":
      return from.map((n, i) => (n === 1 ? 0 : index[view.dims[i]!]!));
    case "slice":
      return index.map((i, axis) => view.starts[axis]! + i * view.strides[axis]!);
    case "window": {
      const nSpatial = from.length - view.nLead;
      return from.map((_, axis) => {
        const s = axis - view.nLead;
        return s < 0 ? index[axis]! : index[axis]! * view.strides[s]! + index[axis + nSpatial]! * view.dilation[s]!;
      });
    }
    case "reshape": {
      let flat = 0;
      index.forEach((i, axis) => (flat = flat * x.shape[axis]! + i));
      const out: number[] = [];
      for (let axis = from.length - 1; axis >= 0; axis--) {
        out.unshift(flat % from[axis]!);
        flat = Math.floor(flat / from[axis]!);
      }
      return out;
    }
  }
}

/** Narrow integers: bit operations see only the bits of the type. */
function scalarMeaning(op: ScalarOp, argDType: DType, dtype: DType): (a: number, b: number, c: number) => number {
  const { kind, sizeBytes } = dtypeInfo(argDType);
  const bits = sizeBytes * 8;
  if ((kind === "int" || kind === "uint") && bits < 32) {
    const mask = 2 ** bits - 1;
    if (op === "clz") return (a) => Math.clz32(a & mask) - (32 - bits);
    if (op === "popcount") return (a) => [...(a & mask).toString(2)].filter((c) => c === "1").length;
    if (op === "shr_logical") return (a, b) => (b >>> 0 >= bits ? 0 : (a & mask) >>> b);
  }
  return scalarFunction(op, argDType, dtype);
}

function reduceElement(x: ReduceExpr, get: Element): Element {
  const inner = indices(x.axes.map((a) => x.x.shape[a]!));
  const kept = without(
    x.x.shape.map((_, i) => i),
    x.axes,
  );
  const values = (index: readonly number[]): number[] =>
    inner.map((j) => {
      const at: number[] = [];
      kept.forEach((axis, i) => (at[axis] = index[i]!));
      x.axes.forEach((axis, i) => (at[axis] = j[i]!));
      return get(at);
    });
  const norm = normalizer(x.dtype);
  return (index) => norm(reduceMeaning(x.op, values(index), x.x.dtype));
}

function reduceMeaning(op: ReduceOp, values: readonly number[], dtype: DType): number {
  const nan = values.findIndex((v) => v !== v);
  switch (op) {
    case "add":
      return values.reduce((a, b) => a + b, 0);
    case "mul":
      return values.reduce((a, b) => (isFloat(dtype) ? a * b : Math.imul(a, b)), 1);
    case "max":
      return Math.max(...values);
    case "min":
      return Math.min(...values);
    case "and":
      return values.reduce((a, b) => a & b, -1);
    case "or":
      return values.reduce((a, b) => a | b, 0);
    case "argmax":
      return nan >= 0 ? nan : values.indexOf(Math.max(...values));
    case "argmin":
      return nan >= 0 ? nan : values.indexOf(Math.min(...values));
  }
}

function gatherElement(x: GatherExpr, operand: Element, starts: Element): Element {
  const rank = x.operand.shape.length;
  const windowDims = without(
    Array.from({ length: rank }, (_, d) => d),
    [...x.collapsedSliceDims, ...x.operandBatchingDims],
  );
  return (index) => {
    const batch = index.filter((_, d) => !x.offsetDims.includes(d));
    const at = new Array<number>(rank).fill(0);
    let inside = true;
    x.startIndexMap.forEach((d, k) => {
      const raw = starts([...batch, k]);
      const last = x.operand.shape[d]! - x.sliceSizes[d]!;
      if (x.mode === "fill" && (raw < 0 || raw > last)) inside = false;
      at[d] = x.mode === "clip" ? Math.max(0, Math.min(last, raw)) : raw;
    });
    x.operandBatchingDims.forEach((d, i) => (at[d] = batch[x.indicesBatchingDims[i]!]!));
    windowDims.forEach((d, i) => (at[d]! += index[x.offsetDims[i]!]!));
    return inside ? operand(at) : x.fillValue;
  };
}

function scatterElement(x: ScatterExpr, operand: readonly number[], starts: Element, updates: Element): Element {
  const out = [...operand];
  const rank = x.operand.shape.length;
  const strides = contiguousStrides(x.shape);
  const windowDims = without(
    Array.from({ length: rank }, (_, d) => d),
    [...x.insertedWindowDims, ...x.operandBatchingDims],
  );
  const windowSize = (d: number): number => {
    const i = windowDims.indexOf(d);
    return i < 0 ? 1 : x.updates.shape[x.updateWindowDims[i]!]!;
  };
  const norm = normalizer(x.dtype);
  for (const index of indices(x.updates.shape)) {
    const batch = index.filter((_, d) => !x.updateWindowDims.includes(d));
    const at = new Array<number>(rank).fill(0);
    let inside = true;
    x.scatterDimsToOperandDims.forEach((d, k) => {
      const raw = starts([...batch, k]);
      const last = x.shape[d]! - windowSize(d);
      if (raw < 0 || raw > last) inside = x.mode === "clip" && inside;
      at[d] = x.mode === "clip" ? Math.max(0, Math.min(last, raw)) : raw;
    });
    if (!inside) continue;
    x.operandBatchingDims.forEach((d, i) => (at[d] = batch[x.indicesBatchingDims[i]!]!));
    windowDims.forEach((d, i) => (at[d]! += index[x.updateWindowDims[i]!]!));
    const flat = at.reduce((sum, i, d) => sum + i * strides[d]!, 0);
    const [old, u] = [out[flat]!, updates(index)];
    const combined = { set: u, add: old + u, mul: old * u, min: Math.min(old, u), max: Math.max(old, u) }[x.combine];
    out[flat] = norm(combined);
  }
  return (index) => out[index.reduce((sum, i, d) => sum + i * strides[d]!, 0)]!;
}

function cumulativeElement(x: CumulativeExpr, get: Element): Element {
  const n = x.shape[x.axis]!;
  const norm = normalizer(x.dtype);
  return (index) => {
    const from = x.reverse ? index[x.axis]! : 0;
    const to = x.reverse ? n - 1 : index[x.axis]!;
    const values: number[] = [];
    for (let i = from; i <= to; i++) values.push(get(index.map((j, axis) => (axis === x.axis ? i : j))));
    if (x.op !== "logsumexp") return norm(reduceMeaning(x.op, values, x.dtype));
    const m = Math.max(...values);
    return Number.isFinite(m) ? norm(m + Math.log(values.reduce((s, v) => s + Math.exp(v - m), 0))) : m;
  };
}

/** Number of elements; for building inputs. */
export const sizeOf = (x: Expr): number => prod(x.shape);
