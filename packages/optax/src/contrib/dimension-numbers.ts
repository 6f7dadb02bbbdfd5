/** Which axes of a weight are inputs and outputs, for optimizers of matrices. */
import { type Array, ShapeError, numpy as np, tree } from "@jax-js/jax";

export interface DimensionNumbersOptions {
  /** Axes of inputs, which products sum over; 0. */
  reductionAxis?: number | readonly number[];
  /** Axes of outputs; 1. */
  outputAxis?: number | readonly number[];
}

/** A leaf of a tree of such numbers. */
export class DimensionNumbers {
  readonly reductionAxis: number | readonly number[];
  readonly outputAxis: number | readonly number[];

  constructor({ reductionAxis = 0, outputAxis = 1 }: DimensionNumbersOptions = {}) {
    this.reductionAxis = reductionAxis;
    this.outputAxis = outputAxis;
  }

  /** The two lists of axes of an array, from 0. */
  axesOf(x: Array): [reduction: number[], output: number[]] {
    if (x.ndim < 2) throw new ShapeError(`dimension numbers: a weight needs rank 2 or more, got shape [${x.shape}]`);
    const positive = (axes: number | readonly number[]): number[] => [axes].flat().map((a) => (a + x.ndim) % x.ndim);
    const [reduction, output] = [positive(this.reductionAxis), positive(this.outputAxis)];
    if (reduction.some((a) => output.includes(a))) {
      throw new ShapeError(`dimension numbers: an axis is reduced and output, got ${reduction} and ${output}`);
    }
    return [reduction, output];
  }
}

/** Numbers for all leaves; or a tree of them like the top of the parameters, null for leaves without; or a function. */
export type DimensionNumbersOrFn =
  DimensionNumbers | ((params: unknown) => unknown) | Record<string, unknown> | unknown[];

/** The numbers of each leaf, in the order of leaves. */
export function numbersOfLeaves(spec: DimensionNumbersOrFn, x: unknown): (DimensionNumbers | null)[] {
  const out: (DimensionNumbers | null)[] = [];
  const visit = (part: unknown, at: unknown, path: string): void => {
    if (part instanceof DimensionNumbers || part === null || part === undefined) {
      for (let i = tree.leaves(at).length; i > 0; i--) out.push(part ?? null);
      return;
    }
    if (at === null || at === undefined) return;
    if (typeof part !== "object" || typeof at !== "object" || "dtype" in at) {
      throw new TypeError(
        `dimension numbers: the tree of numbers does not fit the parameters at ${path || "the root"}`,
      );
    }
    const keys = globalThis.Array.isArray(at) ? Object.keys(at) : Object.keys(at).sort();
    for (const key of keys) visit((part as never)[key], (at as never)[key], `${path}.${key}`);
  };
  visit(typeof spec === "function" ? spec(x) : spec, x, "");
  return out;
}

const sizeOf = (x: Array, axes: readonly number[]): number => axes.reduce((n, a) => n * x.shape[a]!, 1);

/** The numbers of inputs and of outputs. */
export function fans(x: Array, numbers: DimensionNumbers): [fanIn: number, fanOut: number] {
  const [reduction, output] = numbers.axesOf(x);
  return [sizeOf(x, reduction), sizeOf(x, output)];
}

/** The weight as matrices `[batch, inputs, outputs]`, and the way back. */
export function asMatrices(x: Array, numbers: DimensionNumbers): [matrices: Array, back: (y: Array) => Array] {
  const [reduction, output] = numbers.axesOf(x);
  const batch = x.shape.map((_, i) => i).filter((a) => !reduction.includes(a) && !output.includes(a));
  const order = [...batch, ...reduction, ...output];
  const inverse = order.map((_, i) => order.indexOf(i));
  const moved = np.transpose(x, order);
  const matrices = moved.reshape([sizeOf(x, batch), sizeOf(x, reduction), sizeOf(x, output)]);
  return [matrices, (y) => np.transpose(y.reshape(moved.shape), inverse)];
}
