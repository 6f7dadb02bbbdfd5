/**
 * A compiled program: buffers, and kernels in order. Knows no device. Every kernel says which buffers it reads and
 * writes by their number in `Program.buffers`; addresses are in elements.
 */
import type { DType } from "../aval/dtype";
import type { Shape } from "../aval/shaped-array";
import type { HostValue, RoutineName } from "./expr";
import type { Scalar } from "./scalar";
import type { ReduceOp } from "./scalar-op";

export interface Program {
  readonly buffers: readonly BufferSpec[];
  /** Buffer of each argument, in order. An argument that no kernel reads has a buffer all the same. */
  readonly inputs: readonly number[];
  /** Where each result is: a buffer of its own, or argument `input` handed back unchanged. */
  readonly outputs: readonly ProgramOutput[];
  readonly kernels: readonly Kernel[];
  /** Bytes of the arena that one call needs. */
  readonly arenaBytes: number;
  /** Why each kernel is not part of the one before or after it; for `explain`. */
  readonly cuts: readonly Cut[];
}

export type ProgramOutput =
  { readonly kind: "buffer"; readonly buffer: number } | { readonly kind: "input"; readonly input: number };

export interface BufferSpec {
  readonly dtype: DType;
  /** Number of elements. For an input with its own strides: of the addressed range. */
  readonly length: number;
  readonly place:
    | { readonly at: "input"; readonly index: number }
    | { readonly at: "output"; readonly index: number }
    | { readonly at: "arena"; readonly offsetBytes: number };
}

export interface Cut {
  readonly buffer: number;
  readonly reason: string;
}

export type Kernel =
  | LoopKernel
  | ContractKernel
  | CumulativeKernel
  | ScatterKernel
  | SortKernel
  | RoutineKernel
  | CallbackKernel
  | ControlKernel;

/** Kernels that run programs. */
export type ControlKernel = ScanKernel | WhileKernel | SwitchKernel;

/** A loop variable: `id` is what `AxisScalar.axis` names. */
export interface Axis {
  readonly id: number;
  readonly size: number;
  /** In a size-generic kernel: the parameter that holds the size, in place of `size`. */
  readonly sizeParam?: number;
}

/**
 * For every point of `axes` (parallel, in any order): the stages, one after the other. A map has one stage without
 * axes of its own; a reduction has a stage that reduces and a stage that stores; softmax over rows has
 * max, sum of exp, and a stage that stores along the row.
 */
export interface LoopKernel {
  readonly kind: "loop";
  readonly axes: readonly Axis[];
  readonly stages: readonly Stage[];
  /** Where reductions have been written out: the same with them as stages, for targets that cut the kernel in pieces. */
  readonly inStages?: readonly Stage[];
}

/** Loops over `axes` (inside the kernel's axes), computing reductions over them, and storing at every point. */
export interface Stage {
  readonly axes: readonly Axis[];
  readonly reductions: readonly Reduction[];
  readonly stores: readonly Store[];
  /** The stores are one formula for neighbouring rows, better computed side by side. */
  readonly areAlike?: boolean;
}

/** Value combined over the stage's axes; `ReducedScalar` of a later stage reads it in `dtype`. */
export interface Reduction {
  readonly op: ReduceOp;
  readonly value: Scalar;
  /** dtype of the finished value (int32 for argmax/argmin) */
  readonly dtype: DType;
  /** Of a maximum: where there are NaNs any value will do. */
  readonly skipsNaN?: boolean;
}

export interface Store {
  readonly buffer: number;
  readonly index: Scalar;
  readonly value: Scalar;
}

/** An operand of a contraction: element (batch, outer, k) is at offset + the sum of index * stride. */
export interface ContractOperand {
  readonly buffer: number;
  readonly offset: number;
  readonly batchStrides: readonly number[];
  /** strides of the m axes (lhs) or n axes (rhs) */
  readonly outerStrides: readonly number[];
  readonly kStrides: readonly number[];
  /** Where it is not the kernel's: int8, uint8 or int16 of a product in int32 or uint32. Then the other one's is narrow too. */
  readonly dtype?: DType;
  /** Present where the operand is in no memory: buffer and strides then are those of an array [batch, outer, k] that nobody makes. */
  readonly computed?: ComputedOperand;
}

/** Numbers of the axes of a computed operand; batch and outer are all of these axes flattened. */
export const COMPUTED_AXES = { batch: 0, outer: 1, run: 2, k: 3 } as const;

/** An operand that is computed as it is read. Only for devices that take it (`Device.computesOperands`). */
export interface ComputedOperand {
  /** Elements in the kernel's dtype: value i is the one at axis run * run * values.length + axis k * step + i * turn along k. */
  readonly values: readonly Scalar[];
  /** Length of axis k, all of k unless values change from run to run (scales of blocks). */
  readonly run: number;
  /** Values are neighbours (turn 1), or runs are (turn `run`). */
  readonly step: number;
  readonly turn: number;
  /** The axis along which what it is made of lies side by side. */
  readonly along: "outer" | "k";
}

/**
 * out[batch..., m..., n...] = sum_k lhs * rhs, row-major, in `dtype`; strides may be 0, negative or overlap, so a
 * convolution over a padded image is a contraction with n = [oh, ow], k = [c, kh, kw].
 */
export interface ContractKernel {
  readonly kind: "contract";
  readonly dtype: DType;
  readonly batch: readonly number[];
  readonly m: readonly number[];
  readonly n: readonly number[];
  readonly k: readonly number[];
  readonly lhs: ContractOperand;
  readonly rhs: ContractOperand;
  /** Receives the plain sums, in `dtype`. With an epilogue that overwrites it in place this is the epilogue's out. */
  readonly out: number;
  /**
   * Elementwise work on every finished sum: axes are [batch..., m..., n...] flattened to three, ids 0, 1, 2 with
   * sizes prod(batch), prod(m), prod(n). Values hold `acc`. When present, `out` is written only by these stores.
   */
  readonly epilogue: { readonly stores: readonly Store[] } | null;
}

/**
 * Running combination along the middle axis of [outer, size, inner]; contiguous. A device may do `blocks` of a long row at
 * once: each begins with what all before it combine to. Then inner is 1.
 */
export interface CumulativeKernel {
  readonly kind: "cumulative";
  readonly op: "add" | "mul" | "max" | "min" | "logsumexp";
  readonly dtype: DType;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  readonly reverse: boolean;
  readonly x: number;
  readonly out: number;
  readonly blocks: RowBlocks | null;
}

export interface RowBlocks {
  /** Steps of a block; the last one may be shorter. */
  readonly size: number;
  /** Buffer [outer, blocks - 1] of what each block but the last combines to, in the compute dtype. */
  readonly totals: number;
}

/**
 * `out` starts as a copy of `operand` (the same buffer when updated in place). Then, for every point of `axes` in
 * row-major order, out[index] = combine(out[index], value) where `guard` holds.
 */
export interface ScatterKernel {
  readonly kind: "scatter";
  readonly combine: "set" | "add" | "mul" | "min" | "max";
  readonly dtype: DType;
  readonly operand: number;
  readonly out: number;
  readonly length: number;
  readonly axes: readonly Axis[];
  readonly index: Scalar;
  readonly guard: Scalar | null;
  readonly value: Scalar;
}

/**
 * Stable sort along the middle axis of [outer, size, inner] by the first nKeys operands; contiguous; NaN last. Only the
 * `last` elements along that axis are read afterwards.
 */
export interface SortKernel {
  readonly kind: "sort";
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  readonly nKeys: number;
  readonly last: number;
  readonly operands: readonly number[];
  readonly outs: readonly number[];
  readonly dtypes: readonly DType[];
}

/** A routine of `RoutineName` over `batch` contiguous matrices (or rows). `dims` are its trailing sizes, in order of its operands. */
export interface RoutineKernel {
  readonly kind: "routine";
  readonly name: RoutineName;
  readonly dtype: DType;
  readonly batch: number;
  readonly dims: readonly number[];
  readonly params: Readonly<Record<string, number | boolean>>;
  readonly operands: readonly number[];
  readonly outs: readonly number[];
}

/** Calls the host with copies of the operands. */
export interface CallbackKernel {
  readonly kind: "callback";
  readonly call: (values: readonly HostValue[]) => void;
  readonly operands: readonly number[];
  readonly shapes: readonly Shape[];
  readonly dtypes: readonly DType[];
}

/**
 * A program inside a program. Its inputs and outputs lie in memory that the kernel around it chooses, its arena is
 * the outer buffer `arena` (uint8). All its outputs are of kind "buffer".
 */
export interface NestedProgram {
  readonly program: Program;
  readonly arena: number;
}

/** A value that a loop carries: read from `init` first, then from where the last run wrote it; at the end in `out`. */
export interface Carried {
  readonly init: number;
  readonly out: number;
  /** Memory of equal size: runs write to `spare` and `out` in turn. */
  readonly spare: number;
}

/** `length` runs; run i gets elements [i * size, (i + 1) * size) of `xs`, where size is its input's length; ys likewise. */
export interface ScanKernel {
  readonly kind: "scan";
  readonly body: NestedProgram;
  readonly length: number;
  readonly reverse: boolean;
  readonly consts: readonly number[];
  readonly carry: readonly Carried[];
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

/** Runs while the condition, a program with one bool output, gives true. */
export interface WhileKernel {
  readonly kind: "while";
  readonly cond: NestedProgram;
  readonly body: NestedProgram;
  readonly condConsts: readonly number[];
  readonly bodyConsts: readonly number[];
  readonly carry: readonly Carried[];
  /** Two bools: what the condition gave, and one for devices that note it while the condition is computed again. */
  readonly flag: number;
}

/** Runs the branch whose number is in `index` (int32, in range). */
export interface SwitchKernel {
  readonly kind: "switch";
  readonly index: number;
  readonly branches: readonly NestedProgram[];
  readonly operands: readonly number[];
  readonly outs: readonly number[];
}
