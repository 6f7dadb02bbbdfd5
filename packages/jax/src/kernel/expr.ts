/**
 * The tensor level of the kernel language: what `Primitive.lower` gives. Frozen plain objects in one union; a DAG,
 * shared nodes are shared work. Knows no primitives and no device.
 */
import type { DataArray } from "../aval/data-array";
import type { DType } from "../aval/dtype";
import type { Aval, Shape } from "../aval/shaped-array";
import type { ReduceOp, ScalarOp } from "./scalar-op";

interface Typed {
  readonly shape: Shape;
  readonly dtype: DType;
}

export type Expr =
  | InputExpr
  | ConstantExpr
  | IotaExpr
  | ViewExpr
  | PadExpr
  | ConcatExpr
  | ScalarExpr
  | ReduceExpr
  | ContractExpr
  | GatherExpr
  | ScatterExpr
  | CumulativeExpr
  | ProjectExpr;

/** Argument number `index` of the program, or the output of an earlier equation. Strides in elements. */
export interface InputExpr extends Typed {
  readonly kind: "input";
  readonly index: number;
}

/** A scalar known at compile time; shape `[]`. bool is 0 or 1. */
export interface ConstantExpr extends Typed {
  readonly kind: "constant";
  readonly value: number;
}

/** The index along `axis`, cast to dtype. */
export interface IotaExpr extends Typed {
  readonly kind: "iota";
  readonly axis: number;
}

/** Another way to index `x`: no arithmetic, no copy of its own. */
export interface ViewExpr extends Typed {
  readonly kind: "view";
  readonly x: Expr;
  readonly view: View;
}

export type View =
  /** out axis i is axis perm[i] of x */
  | { readonly op: "permute"; readonly perm: readonly number[] }
  /** axis i of x is axis dims[i] of out; the other axes, and axes of size 1, repeat */
  | { readonly op: "broadcast"; readonly dims: readonly number[] }
  | { readonly op: "reshape" }
  /** out[i] = x[start + i * stride]; strides may be negative */
  | { readonly op: "slice"; readonly starts: readonly number[]; readonly strides: readonly number[] }
  /**
   * Sliding windows: x has axes [...lead, ...spatial]; out has [...lead, ...positions, ...window] and
   * out[.., o, k] = x[.., o * stride + k * dilation].
   */
  | {
      readonly op: "window";
      readonly nLead: number;
      readonly window: readonly number[];
      readonly strides: readonly number[];
      readonly dilation: readonly number[];
    };

/** Edge and interior padding with a scalar; negative low/high crop. */
export interface PadExpr extends Typed {
  readonly kind: "pad";
  readonly x: Expr;
  /** shape [] */
  readonly fill: Expr;
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
}

export interface ConcatExpr extends Typed {
  readonly kind: "concat";
  readonly xs: readonly Expr[];
  readonly axis: number;
}

/** Elementwise; all arguments have the shape of the result. */
export interface ScalarExpr extends Typed {
  readonly kind: "scalar";
  readonly op: ScalarOp;
  readonly args: readonly Expr[];
}

/** Reduces `axes` (sorted) away. f16/bf16 sums accumulate in f32 inside. */
export interface ReduceExpr extends Typed {
  readonly kind: "reduce";
  readonly op: ReduceOp;
  readonly x: Expr;
  readonly axes: readonly number[];
}

/**
 * out[batch..., m..., n...] = sum over k of lhs * rhs. The lists name axes of lhs and rhs; batch and contracted axes
 * pair up in order. m are the other axes of lhs, n those of rhs, in order.
 */
export interface ContractExpr extends Typed {
  readonly kind: "contract";
  readonly lhs: Expr;
  readonly rhs: Expr;
  readonly lhsBatch: readonly number[];
  readonly rhsBatch: readonly number[];
  readonly lhsContract: readonly number[];
  readonly rhsContract: readonly number[];
}

/**
 * XLA gather. indices: int32 [...batch, nIndex]. Result axes: `offsetDims` hold the window, the others the batch.
 * Out-of-range starts: `clamp`, or `fill` (the whole window is `fillValue` when any part is out of range).
 */
export interface GatherExpr extends Typed {
  readonly kind: "gather";
  readonly operand: Expr;
  readonly indices: Expr;
  readonly offsetDims: readonly number[];
  readonly collapsedSliceDims: readonly number[];
  readonly operandBatchingDims: readonly number[];
  readonly indicesBatchingDims: readonly number[];
  readonly startIndexMap: readonly number[];
  readonly sliceSizes: readonly number[];
  readonly mode: "clip" | "fill" | "promise_in_bounds";
  readonly fillValue: number;
}

/** XLA scatter: operand with updates combined in, in order. Out-of-range windows are dropped, or clipped. */
export interface ScatterExpr extends Typed {
  readonly kind: "scatter";
  readonly combine: "set" | "add" | "mul" | "min" | "max";
  readonly operand: Expr;
  readonly indices: Expr;
  readonly updates: Expr;
  readonly updateWindowDims: readonly number[];
  readonly insertedWindowDims: readonly number[];
  readonly operandBatchingDims: readonly number[];
  readonly indicesBatchingDims: readonly number[];
  readonly scatterDimsToOperandDims: readonly number[];
  readonly mode: "clip" | "fill" | "promise_in_bounds";
}

/** Inclusive running combination along `axis`. */
export interface CumulativeExpr extends Typed {
  readonly kind: "cumulative";
  readonly op: "add" | "mul" | "max" | "min" | "logsumexp";
  readonly x: Expr;
  readonly axis: number;
  readonly reverse: boolean;
}

/** Output number `index` of a node with several outputs; number `outs.length` is its effect. */
export interface ProjectExpr extends Typed {
  readonly kind: "project";
  readonly of: MultiExpr;
  readonly index: number;
}

/** Nodes with several outputs; outputs are typed by `outs`. */
export type MultiExpr = SortExpr | RoutineExpr | ControlExpr | CallbackExpr;

/** Nodes that hold programs. */
export type ControlExpr = ScanExpr | WhileExpr | SwitchExpr;

/** Results as expressions of inputs of their own. */
export interface SubProgram {
  readonly inputs: readonly Aval[];
  readonly outs: readonly Expr[];
  /** The last effect, which is run although no result needs it; the others are `after` one another. */
  readonly effect: Expr | null;
}

/** Nodes that have effects, which are run in order. */
interface Effectful {
  /** The effect before this one: output number `outs.length` of its node, which says that it has been run. */
  readonly after?: Expr | null;
}

/** An array that a program shows to the host. */
export interface HostValue {
  readonly data: DataArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A call of the host with the values of its operands. No results. */
export interface CallbackExpr extends Effectful {
  readonly kind: "callback";
  readonly operands: readonly Expr[];
  readonly call: (values: readonly HostValue[]) => void;
  readonly outs: readonly Typed[];
}

/**
 * `length` runs of the body. Operands are [constants..., initial carry..., xs...], the body's inputs are the constants,
 * the carry, and one slice of each of xs; its results the next carry, and a slice of each of ys. Outputs are the last
 * carry and ys. With `reverse` the slices go from last to first.
 */
export interface ScanExpr extends Effectful {
  readonly kind: "scan";
  readonly operands: readonly Expr[];
  readonly nConsts: number;
  readonly nCarry: number;
  readonly length: number;
  readonly reverse: boolean;
  readonly body: SubProgram;
  readonly outs: readonly Typed[];
}

/** Operands are [constants of the condition..., constants of the body..., carry...]. The condition gives one bool. */
export interface WhileExpr extends Effectful {
  readonly kind: "while";
  readonly operands: readonly Expr[];
  readonly nCond: number;
  readonly nBody: number;
  readonly cond: SubProgram;
  readonly body: SubProgram;
  readonly outs: readonly Typed[];
}

/** Operands are [int32 index in range, arguments of all branches...]. */
export interface SwitchExpr extends Effectful {
  readonly kind: "switch";
  readonly operands: readonly Expr[];
  readonly branches: readonly SubProgram[];
  readonly outs: readonly Typed[];
}

/** Stable sort of all operands along `axis` by the first `nKeys`, ascending, NaN last. */
export interface SortExpr {
  readonly kind: "sort";
  readonly operands: readonly Expr[];
  readonly nKeys: number;
  readonly axis: number;
  readonly outs: readonly Typed[];
}

/** A named routine over contiguous operands: factorizations, triangular solves, FFT. Batched over leading axes. */
export interface RoutineExpr {
  readonly kind: "routine";
  readonly name: RoutineName;
  readonly operands: readonly Expr[];
  readonly params: Readonly<Record<string, number | boolean>>;
  readonly outs: readonly Typed[];
}

/**
 * `cholesky` a[.., n, n] -> lower l. `lu` a[.., m, n] -> lu, pivots i32[.., k], permutation i32[.., m].
 * `triangular_solve` a[.., n, n], b[.., n, m] with {lower, transpose, unit_diagonal} -> x (left side).
 * `qr` a[.., m, n] with {full} -> q, r. `eigh` a[.., n, n] -> w ascending, v. `svd` a[.., m, n] with {full} -> u, s, vt.
 * `fft` re, im [.., n] with {inverse} -> re, im (unnormalised).
 * Of reflections: `geqrf` a[.., m, n] with {pivoting} -> packed, taus[.., k], column order i32[.., n];
 * `hessenberg` a[.., n, n] -> packed, taus[.., n - 1]; `tridiagonal` a[.., n, n] with {lower} -> packed, d, e, taus.
 * `schur` a[.., n, n] -> t, z. `eig` a[.., n, n] -> values, left and right vectors, each as real and imaginary part.
 */
export type RoutineName =
  | "cholesky"
  | "lu"
  | "triangular_solve"
  | "qr"
  | "eigh"
  | "svd"
  | "fft"
  | "geqrf"
  | "hessenberg"
  | "tridiagonal"
  | "schur"
  | "eig";
