/** What a workload is: inputs, a task that every peer knows how to do, and a reference in float64. */
import { uniform } from "./random";

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export type Inputs = Readonly<Record<string, Tensor>>;

/** Tasks that need nothing but their inputs. */
type PlainKind =
  | "add"
  | "exp"
  | "chain"
  | "sum"
  | "rowSums"
  | "padReflect"
  | "softmax"
  | "layernorm"
  | "argmax"
  | "sort"
  | "cumsum"
  | "gather"
  | "block"
  | "mlp"
  | "cholesky"
  | "solve"
  | "svd"
  | "fft";

/** What is to be computed. Peers have one function for each kind, or none. */
export type Task =
  | { readonly kind: "matmul"; readonly constantB: boolean }
  | { readonly kind: "conv"; readonly groups: number }
  | { readonly kind: "dwconvLast"; readonly stride: number }
  | { readonly kind: "resize"; readonly side: number }
  | { readonly kind: "normal"; readonly n: number }
  | { readonly kind: "gru"; readonly form: "scan" | "unrolled" }
  | { readonly kind: "eagerAdds"; readonly count: number }
  | { readonly kind: "jitCalls"; readonly count: number; readonly wait: "each" | "last" }
  | { [K in PlainKind]: { readonly kind: K } }[PlainKind];

export type Kind = Task["kind"];

/** How a workload is measured: many runs, the first run of a fresh process, or the memory after many runs. */
export type Mode = "steady" | "fresh" | "memory";

export interface Workload {
  readonly id: string;
  readonly suite: string;
  readonly task: Task;
  readonly mode: Mode;
  inputs(): Inputs;
  /** How many values the result has. */
  readonly size: number;
  /** How many of them are compared. */
  readonly probes: number;
  /** The values at these places, computed in float64 from the float32 inputs. */
  reference(inputs: Inputs, at: readonly number[]): ArrayLike<number>;
  readonly rtol: number;
  readonly atol: number;
  /** Floating-point operations, and bytes that must be read and written: the work that the limit is computed from. */
  readonly flops?: number;
  readonly reads?: number;
  readonly writes?: number;
}

type Given = Omit<Workload, "id" | "suite" | "mode" | "probes" | "rtol" | "atol"> & Partial<Workload>;

export function workload(suite: string, id: string, given: Given): Workload {
  return { id, suite, mode: "steady", probes: 1024, rtol: 1e-3, atol: 1e-4, ...given };
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** A tensor of uniform numbers in [-scale, scale). */
export function tensor(shape: readonly number[], seed: number, scale = 1): Tensor {
  return { shape, data: uniform(sizeOf(shape), seed, scale) };
}

export const filled = (shape: readonly number[], value: number): Tensor => ({
  shape,
  data: new Float32Array(sizeOf(shape)).fill(value),
});

/** What is wrong with a result, or null. */
export function disagreement(
  { size, rtol, atol }: Workload,
  got: { readonly size: number; readonly values: readonly number[] },
  expected: ArrayLike<number>,
): string | null {
  if (got.size !== size) return `${got.size} values instead of ${size}`;
  let worst = -1;
  let excess = 1;
  got.values.forEach((value, i) => {
    const error = Math.abs(value - expected[i]!);
    const ratio = error === 0 ? 0 : error / (atol + rtol * Math.abs(expected[i]!));
    if (ratio <= excess) return;
    excess = Number.isNaN(ratio) ? Infinity : ratio;
    worst = i;
  });
  return worst < 0 ? null : `${got.values[worst]} instead of ${expected[worst]} at probe ${worst}`;
}
