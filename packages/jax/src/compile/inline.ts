/** An expression at a symbolic index, as scalars: views become index arithmetic, reductions become stages. */
import { type DType, computeDType, sizeBytesOf } from "../aval/dtype";
import { InternalError, invariant } from "../base/errors";
import { contiguousStrides, without } from "../base/list";
import { type ScalarBuilder, isNever } from "../kernel/build";
import type { ConcatExpr, Expr, GatherExpr, PadExpr, ReduceExpr } from "../kernel/expr";
import type { Scalar } from "../kernel/scalar";
import type { ScalarOp } from "../kernel/scalar-op";

/** Where a node lies in memory. */
export interface Memory {
  readonly buffer: number;
  readonly strides: readonly number[];
}

export interface InlineContext {
  readonly builder: ScalarBuilder;
  /** The memory of a node that the kernel loads; null to compute the node here. */
  memoryOf(x: Expr): Memory | null;
  /** The value of a reduction at an index, made a stage of the kernel. Where the guard does not hold nobody wants it. */
  reduction(x: ReduceExpr, index: readonly Scalar[], guard: Scalar | null, inliner: Inliner): Scalar;
}

/** Thrown where a node cannot be computed inside this kernel; the caller puts it in memory first. */
export class NotInline {
  readonly node: Expr;
  readonly reason: string;
  constructor(node: Expr, reason: string) {
    this.node = node;
    this.reason = reason;
  }
}

/** Scalars that a kernel may have before values that it computes at several places go to memory. */
const MAX_SCALARS = 4000;

export class Inliner {
  readonly b: ScalarBuilder;
  private budget = MAX_SCALARS;
  private readonly context: InlineContext;
  private readonly memo = new Map<Expr, Map<string, Scalar>>();

  constructor(context: InlineContext) {
    this.context = context;
    this.b = context.builder;
  }

  /** The value of x at an index, in x's compute dtype. Loads happen only where the guard holds. */
  at(x: Expr, index: readonly Scalar[], guard: Scalar | null = null): Scalar {
    if (isNever(guard)) return this.b.const(0, computeDType(x.dtype));
    let known = this.memo.get(x);
    if (known === undefined) this.memo.set(x, (known = new Map()));
    let key = guard === null ? "" : String(this.b.id(guard));
    for (const i of index) key += `,${this.b.id(i)}`;
    let value = known.get(key);
    if (value === undefined) {
      if (this.b.size > this.budget) this.shrink();
      known.set(key, (value = this.compute(x, index, guard)));
    }
    return value;
  }

  /** Views of views of sums of views: the value that is computed at the most places is better read from memory. */
  private shrink(): void {
    let worst: Expr | null = null;
    let most = 3;
    for (const [x, places] of this.memo) {
      if (x.kind === "view" || x.kind === "constant" || x.kind === "iota" || x.kind === "input") continue;
      if (places.size <= most || this.context.memoryOf(x) !== null) continue;
      most = places.size;
      worst = x;
    }
    if (worst !== null) throw new NotInline(worst, "computed at many places of one kernel");
    this.budget *= 2;
  }

  private compute(x: Expr, index: readonly Scalar[], guard: Scalar | null): Scalar {
    const memory = this.context.memoryOf(x);
    if (memory !== null) return this.load(memory, x.dtype, index, guard);
    const { b } = this;
    switch (x.kind) {
      case "constant":
        return b.const(x.value, computeDType(x.dtype));
      case "iota":
        return this.narrow(b.cast(index[x.axis]!, computeDType(x.dtype)), x.dtype);
      case "view":
        return this.at(x.x, this.viewIndex(x, index), guard);
      case "scalar":
        return this.scalar(x, index, guard);
      case "pad":
        return this.pad(x, index, guard);
      case "concat":
        return this.concat(x, index, guard);
      case "gather":
        return this.gather(x, index, guard);
      case "reduce":
        return this.reduce(x, index, guard);
      default:
        throw new InternalError(`${x.kind} was not put in memory`);
    }
  }

  /** Sums and products of narrow integers wrap when they are done. */
  private reduce(x: ReduceExpr, index: readonly Scalar[], guard: Scalar | null): Scalar {
    const value = this.context.reduction(x, index, guard, this);
    return x.op === "add" || x.op === "mul" ? this.narrow(value, x.dtype) : value;
  }

  private load(memory: Memory, dtype: DType, index: readonly Scalar[], guard: Scalar | null): Scalar {
    const { b } = this;
    return b.cast(b.load(memory.buffer, b.dot(index, memory.strides), guard, dtype), computeDType(dtype));
  }

  private viewIndex(x: Extract<Expr, { kind: "view" }>, index: readonly Scalar[]): Scalar[] {
    const { b } = this;
    const from = x.x.shape;
    const { view } = x;
    switch (view.op) {
      case "permute": {
        const out = new Array<Scalar>(from.length);
        view.perm.forEach((p, i) => (out[p] = index[i]!));
        return out;
      }
      case "broadcast":
        return from.map((n, i) => (n === 1 ? b.int(0) : index[view.dims[i]!]!));
      case "slice":
        return index.map((i, axis) => b.dot([i], [view.strides[axis]!], view.starts[axis]!));
      case "window": {
        const nSpatial = from.length - view.nLead;
        return from.map((_, axis) => {
          const s = axis - view.nLead;
          if (s < 0) return index[axis]!;
          return b.dot([index[axis]!, index[axis + nSpatial]!], [view.strides[s]!, view.dilation[s]!]);
        });
      }
      case "reshape":
        return unflatten(b, b.dot(index, contiguousStrides(x.shape)), from);
      default:
        view satisfies never;
        throw new InternalError("view");
    }
  }

  private scalar(x: Extract<Expr, { kind: "scalar" }>, index: readonly Scalar[], guard: Scalar | null): Scalar {
    const args = x.args.map((a) => this.at(a, index, guard));
    if (x.op === "bitcast") return this.bitcast(args[0]!, x.args[0]!.dtype, x.dtype);
    if (x.op === "cast") {
      // Casting to a narrow dtype rounds or wraps to it, and the value is held in the compute dtype again.
      const narrow = this.b.cast(args[0]!, x.dtype);
      return this.b.cast(narrow, computeDType(x.dtype));
    }
    return this.narrow(this.b.op(x.op, this.bitsOf(x.op, args, x.args[0]!.dtype), computeDType(x.dtype)), x.dtype);
  }

  /** Operations that see the bits of a negative number must not see those above its width. */
  private bitsOf(op: ScalarOp, args: readonly Scalar[], dtype: DType): readonly Scalar[] {
    const { b } = this;
    const width = 8 * sizeBytesOf(dtype);
    if (width >= 32 || (op !== "popcount" && op !== "shr_logical" && op !== "clz")) return args;
    const [x, ...rest] = args as [Scalar, ...Scalar[]];
    // Shifted up, the bits above are gone; for clz the ones that come in below end the count at the width.
    if (op === "clz") {
      const up = b.op("shl", [x, b.const(32 - width, x.dtype)], x.dtype);
      return [b.op("or", [up, b.const(2 ** (31 - width), x.dtype)], x.dtype)];
    }
    return [b.op("and", [x, b.const(2 ** width - 1, x.dtype)], x.dtype), ...rest];
  }

  private bitcast(a: Scalar, from: DType, to: DType): Scalar {
    const { b } = this;
    const narrow = b.cast(a, from);
    return b.cast(b.op("bitcast", [narrow], to), computeDType(to));
  }

  /** Results on narrow integers wrap; 16-bit floats are rounded when stored or converted. */
  private narrow(value: Scalar, dtype: DType): Scalar {
    const wide = computeDType(dtype);
    if (wide === dtype || wide === "float32") return value;
    return this.b.cast(this.b.cast(value, dtype), wide);
  }

  private pad(x: PadExpr, index: readonly Scalar[], guard: Scalar | null): Scalar {
    const { b } = this;
    let inside: Scalar | null = null;
    const inner = index.map((i, axis) => {
      const n = x.x.shape[axis]!;
      const low = x.low[axis]!;
      const step = x.interior[axis]! + 1;
      const shifted = low === 0 ? i : b.dot([i], [1], -low);
      inside = b.both(inside, b.within(shifted, 0, n === 0 ? 0 : (n - 1) * step + 1));
      if (step === 1) return shifted;
      const [q, r] = [b.op("div", [shifted, b.int(step)], "int32"), b.op("rem", [shifted, b.int(step)], "int32")];
      inside = b.both(inside, b.op("eq", [r, b.int(0)], "bool"));
      return q;
    });
    if (inside === null) return this.at(x.x, inner, guard);
    const fill = this.at(x.fill, [], guard);
    if (isNever(inside)) return fill;
    return b.op("select", [inside, this.at(x.x, inner, b.both(guard, inside)), fill], computeDType(x.dtype));
  }

  private concat(x: ConcatExpr, index: readonly Scalar[], guard: Scalar | null): Scalar {
    const { b } = this;
    const i = index[x.axis]!;
    let start = 0;
    const parts = x.xs.map((part) => {
      const from = start;
      start += part.shape[x.axis]!;
      return { part, from, to: start };
    });
    const range = b.rangeOf(i);
    const possible = parts.filter((p) => range.hi >= p.from && range.lo < p.to);
    let value: Scalar | null = null;
    for (const { part, from, to } of possible.reverse()) {
      const own = to - from === 1 ? b.int(0) : b.dot([i], [1], -from);
      const at = index.map((j, axis) => (axis === x.axis ? own : j));
      const here = b.within(i, from, to);
      const v = this.at(part, at, b.both(guard, here));
      value =
        value === null ? v : b.op("select", [b.op("lt", [i, b.int(to)], "bool"), v, value], computeDType(x.dtype));
    }
    invariant(value !== null, "concat of nothing");
    return value;
  }

  private gather(x: GatherExpr, index: readonly Scalar[], guard: Scalar | null): Scalar {
    const { b } = this;
    const rank = x.operand.shape.length;
    const batch = index.filter((_, d) => !x.offsetDims.includes(d));
    const offsets = x.offsetDims.map((d) => index[d]!);
    const windowDims = Array.from({ length: rank }, (_, d) => d).filter(
      (d) => !x.collapsedSliceDims.includes(d) && !x.operandBatchingDims.includes(d),
    );
    const at = new Array<Scalar>(rank).fill(b.int(0));
    windowDims.forEach((d, i) => (at[d] = offsets[i]!));
    let inside: Scalar | null = null;
    x.startIndexMap.forEach((d, k) => {
      const raw = b.cast(this.at(x.indices, [...batch, b.int(k)], guard), "int32");
      const last = x.operand.shape[d]! - x.sliceSizes[d]!;
      let startAt = raw;
      if (x.mode === "clip") startAt = this.clamp(raw, last);
      else if (x.mode === "fill") {
        inside = b.both(inside, b.within(raw, 0, last + 1));
      }
      at[d] = b.op("add", [startAt, at[d]!], "int32");
    });
    x.operandBatchingDims.forEach((d, i) => (at[d] = batch[x.indicesBatchingDims[i]!]!));
    if (inside === null) return this.at(x.operand, at, guard);
    if (isNever(inside)) return b.const(x.fillValue, computeDType(x.dtype));
    const value = this.at(x.operand, at, b.both(guard, inside));
    return b.op("select", [inside, value, b.const(x.fillValue, computeDType(x.dtype))], computeDType(x.dtype));
  }

  clamp(i: Scalar, last: number): Scalar {
    const { b } = this;
    const { lo, hi } = b.rangeOf(i);
    let out = i;
    if (hi > last) out = b.op("min", [out, b.int(Math.max(0, last))], "int32");
    if (lo < 0) out = b.op("max", [out, b.int(0)], "int32");
    return out;
  }
}

/** Index of a shape from a flat row-major one. */
export function unflatten(b: ScalarBuilder, flat: Scalar, shape: readonly number[]): Scalar[] {
  const out = new Array<Scalar>(shape.length);
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis]!;
    if (n === 1) out[axis] = b.int(0);
    else if (shape.slice(0, axis).every((m) => m === 1)) out[axis] = rest;
    else [rest, out[axis]] = b.divMod(rest, n) as [Scalar, Scalar];
  }
  return out;
}

/** Index of the operand of a reduction: the result's index with the reduced axes put in. */
export function reductionIndex(x: ReduceExpr, outer: readonly Scalar[], inner: readonly Scalar[]): Scalar[] {
  const out = new Array<Scalar>(x.x.shape.length);
  const kept = without(
    x.x.shape.map((_, i) => i),
    x.axes,
  );
  kept.forEach((axis, i) => (out[axis] = outer[i]!));
  x.axes.forEach((axis, i) => (out[axis] = inner[i]!));
  return out;
}
