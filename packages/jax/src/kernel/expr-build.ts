/** Constructors of tensor expressions. They check their arguments and drop views that change nothing. */
import { type DType, isBool } from "../aval/dtype";
import type { Aval, Shape } from "../aval/shaped-array";
import { invariant } from "../base/errors";
import { inversePermutation, listsEqual, pick, prod, range, without } from "../base/list";
import type {
  CallbackExpr,
  ContractExpr,
  ControlExpr,
  CumulativeExpr,
  Expr,
  GatherExpr,
  MultiExpr,
  RoutineName,
  ScatterExpr,
  SubProgram,
  View,
} from "./expr";
import { addEffect, lastEffect } from "./effects";
import { COMPARISON_OPS, type ReduceOp, type ScalarOp } from "./scalar-op";

export function exprInput(index: number, aval: Aval): Expr {
  return Object.freeze({ kind: "input", index, shape: aval.shape, dtype: aval.dtype });
}

export function exprConst(value: number | boolean, dtype: DType): Expr {
  return Object.freeze({ kind: "constant", value: Number(value), shape: [], dtype });
}

/** A constant repeated to a shape. */
export function exprFull(value: number | boolean, shape: Shape, dtype: DType): Expr {
  return exprBroadcast(exprConst(value, dtype), shape, []);
}

export function exprIota(dtype: DType, shape: Shape, axis: number): Expr {
  return Object.freeze({ kind: "iota", shape, dtype, axis });
}

function view(x: Expr, shape: Shape, v: View): Expr {
  return Object.freeze({ kind: "view", x, shape, dtype: x.dtype, view: Object.freeze(v) });
}

export function exprPermute(x: Expr, perm: readonly number[]): Expr {
  invariant(perm.length === x.shape.length, "permute: rank");
  if (perm.every((p, i) => p === i)) return x;
  if (x.kind === "view" && x.view.op === "permute") return exprPermute(x.x, pick(x.view.perm, perm));
  return view(x, pick(x.shape, perm), { op: "permute", perm });
}

export function exprBroadcast(x: Expr, shape: Shape, dims: readonly number[]): Expr {
  invariant(dims.length === x.shape.length, "broadcast: rank");
  if (listsEqual(x.shape, shape) && dims.every((d, i) => d === i)) return x;
  if (x.kind === "view" && x.view.op === "broadcast") return exprBroadcast(x.x, shape, pick(dims, x.view.dims));
  return view(x, shape, { op: "broadcast", dims });
}

export function exprReshape(x: Expr, shape: Shape): Expr {
  invariant(prod(shape) === prod(x.shape), `reshape: size of [${x.shape.join()}] to [${shape.join()}]`);
  if (listsEqual(x.shape, shape)) return x;
  if (x.kind === "view" && x.view.op === "reshape" && !listsEqual(x.shape, x.x.shape)) return exprReshape(x.x, shape);
  return view(x, shape, { op: "reshape" });
}

export function exprSlice(
  x: Expr,
  starts: readonly number[],
  limits: readonly number[],
  strides: readonly number[] = x.shape.map(() => 1),
): Expr {
  const shape = starts.map((s, i) => Math.max(0, Math.ceil((limits[i]! - s) / strides[i]!)));
  if (listsEqual(shape, x.shape) && strides.every((s) => s === 1)) return x;
  return view(x, shape, { op: "slice", starts, strides });
}

export function exprFlip(x: Expr, axes: readonly number[]): Expr {
  if (axes.length === 0) return x;
  const flipped = (i: number): boolean => axes.includes(i);
  return view(x, x.shape, {
    op: "slice",
    starts: x.shape.map((n, i) => (flipped(i) ? n - 1 : 0)),
    strides: x.shape.map((_, i) => (flipped(i) ? -1 : 1)),
  });
}

/** Adds axes of size 1 at `axes` (positions in the result). */
export function exprExpand(x: Expr, axes: readonly number[]): Expr {
  const rank = x.shape.length + axes.length;
  const dims = without(range(rank), axes);
  const shape = new Array<number>(rank).fill(1);
  dims.forEach((d, i) => (shape[d] = x.shape[i]!));
  return exprBroadcast(x, shape, dims);
}

/** Sliding windows over the axes from `nLead` on; see `View`. */
export function exprWindow(
  x: Expr,
  nLead: number,
  window: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
): Expr {
  const spatial = x.shape.slice(nLead);
  invariant(spatial.length === window.length, "window: rank");
  const positions = spatial.map((n, i) =>
    Math.max(0, Math.floor((n - (window[i]! - 1) * dilation[i]! - 1) / strides[i]!) + 1),
  );
  const shape = [...x.shape.slice(0, nLead), ...positions, ...window];
  return view(x, shape, { op: "window", nLead, window, strides, dilation });
}

export function exprPad(
  x: Expr,
  fill: Expr,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[] = low.map(() => 0),
): Expr {
  invariant(fill.shape.length === 0 && fill.dtype === x.dtype, "pad: fill");
  if ([...low, ...high, ...interior].every((n) => n === 0)) return x;
  // Negative padding crops: what is left is padded.
  if ([...low, ...high].some((n) => n < 0)) {
    const inner = exprPad(
      x,
      fill,
      low.map((n) => Math.max(0, n)),
      high.map((n) => Math.max(0, n)),
      interior,
    );
    const starts = low.map((n) => Math.max(0, -n));
    const limits = inner.shape.map((n, i) => n - Math.max(0, -high[i]!));
    return exprSlice(inner, starts, limits);
  }
  const shape = x.shape.map((n, i) => low[i]! + high[i]! + (n === 0 ? 0 : n + (n - 1) * interior[i]!));
  return Object.freeze({ kind: "pad", x, fill, low, high, interior, shape, dtype: x.dtype });
}

export function exprConcat(xs: readonly Expr[], axis: number): Expr {
  const parts = xs.filter((x) => x.shape[axis] !== 0);
  if (parts.length <= 1) return parts[0] ?? xs[0]!;
  const shape = parts[0]!.shape.map((n, i) => (i === axis ? parts.reduce((sum, x) => sum + x.shape[axis]!, 0) : n));
  return Object.freeze({ kind: "concat", xs: parts, axis, shape, dtype: parts[0]!.dtype });
}

const COMPARISONS: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([...COMPARISON_OPS, "is_finite"]);

/** Elementwise operation. dtype: bool for comparisons; that of the second argument for select; else of the first. */
export function exprScalar(op: ScalarOp, args: readonly Expr[], dtype?: DType): Expr {
  const shape = args[0]!.shape;
  invariant(
    args.every((a) => listsEqual(a.shape, shape)),
    `${op}: shapes ${args.map((a) => `[${a.shape.join()}]`).join(" ")}`,
  );
  const out = dtype ?? (COMPARISONS.has(op) ? "bool" : op === "select" ? args[1]!.dtype : args[0]!.dtype);
  if ((op === "cast" || op === "bitcast") && out === args[0]!.dtype) return args[0]!;
  return Object.freeze({ kind: "scalar", op, args, shape, dtype: out });
}

/** The same values, for memory of their own if there is a reason. */
export function exprCopy(x: Expr): Expr {
  return Object.freeze({ kind: "scalar", op: "cast", args: [x], shape: x.shape, dtype: x.dtype });
}

/** x as another node, with which nothing is shared that depends on x. */
export const exprBarrier = (x: Expr): Expr => view(x, x.shape, { op: "reshape" });

export function exprReduce(op: ReduceOp, x: Expr, axes: readonly number[]): Expr {
  const sorted = [...axes].sort((a, b) => a - b);
  if (sorted.length === 0 && op !== "argmax" && op !== "argmin") return x;
  const dtype = op === "argmax" || op === "argmin" ? "int32" : x.dtype;
  return Object.freeze({ kind: "reduce", op, x, axes: sorted, shape: without(x.shape, sorted), dtype });
}

export function exprContract(spec: Omit<ContractExpr, "kind" | "shape" | "dtype">): Expr {
  const { lhs, rhs, lhsBatch, rhsBatch, lhsContract, rhsContract } = spec;
  const shape = [
    ...pick(lhs.shape, lhsBatch),
    ...without(lhs.shape, [...lhsBatch, ...lhsContract]),
    ...without(rhs.shape, [...rhsBatch, ...rhsContract]),
  ];
  return Object.freeze({ kind: "contract", ...spec, shape, dtype: lhs.dtype });
}

export function exprGather(spec: Omit<GatherExpr, "kind" | "dtype">): Expr {
  return Object.freeze({ kind: "gather", ...spec, dtype: spec.operand.dtype });
}

export function exprScatter(spec: Omit<ScatterExpr, "kind" | "shape" | "dtype">): Expr {
  return Object.freeze({ kind: "scatter", ...spec, shape: spec.operand.shape, dtype: spec.operand.dtype });
}

export function exprCumulative(op: CumulativeExpr["op"], x: Expr, axis: number, reverse: boolean): Expr {
  return Object.freeze({ kind: "cumulative", op, x, axis, reverse, shape: x.shape, dtype: x.dtype });
}

function project(of: MultiExpr): Expr[] {
  return of.outs.map((o, index) => Object.freeze({ kind: "project", of, index, shape: o.shape, dtype: o.dtype }));
}

export function exprSort(operands: readonly Expr[], axis: number, nKeys: number): Expr[] {
  const outs = operands.map(({ shape, dtype }) => ({ shape, dtype }));
  return project(Object.freeze({ kind: "sort", operands, axis, nKeys, outs }));
}

export function exprRoutine(
  name: RoutineName,
  operands: readonly Expr[],
  params: Readonly<Record<string, number | boolean>>,
  outs: readonly { readonly shape: Shape; readonly dtype: DType }[],
): Expr[] {
  return project(Object.freeze({ kind: "routine", name, operands, params, outs }));
}

/** Programs inside a node. */
function subPrograms(node: ControlExpr): readonly SubProgram[] {
  if (node.kind === "switch") return node.branches;
  return node.kind === "scan" ? [node.body] : [node.cond, node.body];
}

/** The outputs of a loop or branch. One with effects inside is an effect itself. */
export function exprControl(node: ControlExpr): Expr[] {
  if (subPrograms(node).every((s) => s.effect === null)) return project(Object.freeze(node));
  return project(effectful(node));
}

/** The node in its place among the effects. */
function effectful(node: ControlExpr | CallbackExpr): MultiExpr {
  const of: MultiExpr = Object.freeze({ ...node, after: lastEffect() });
  addEffect(Object.freeze({ kind: "project", of, index: of.outs.length, shape: [], dtype: "bool" }));
  return of;
}

/** A call of the host. */
export function exprCallback(operands: readonly Expr[], call: CallbackExpr["call"]): void {
  effectful({ kind: "callback", operands, call, outs: [] });
}

/** x with its axes in the order that undoes `perm`. */
export function exprUnpermute(x: Expr, perm: readonly number[]): Expr {
  return exprPermute(x, inversePermutation(perm));
}

/** Values of a bool expression as 0 or 1 of another dtype, and the reverse. */
export function exprCast(x: Expr, dtype: DType): Expr {
  return isBool(x.dtype) && isBool(dtype) ? x : exprScalar("cast", [x], dtype);
}
