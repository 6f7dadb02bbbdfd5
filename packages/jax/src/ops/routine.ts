/** What records of routines share: matrices in the last two axes, batches before them. */
import { isFloat } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { DTypeError, ShapeError } from "../base/errors";
import { bind } from "../core/interpreter";
import type { Args, BatchDim, Derivative, Primitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { RoutineName } from "../kernel/expr";
import { exprRoutine } from "../kernel/expr-build";
import { alignBatch } from "./families";

/** Flags of a routine. */
export type RoutineParams = Readonly<Record<string, boolean>>;

interface RoutineSpec<P extends RoutineParams, N extends number> {
  readonly name: string;
  readonly routine: RoutineName;
  readonly derivative: Derivative<P, N>;
  type(xs: Args<Aval, N>, params: P): Aval[];
}

/** Axes before the routine's own are batches, so vmap puts its axis in front. */
export function routineRecord<P extends RoutineParams, N extends number>(spec: RoutineSpec<P, N>): Primitive<P, N> {
  const record: Primitive<P, N> = {
    name: spec.name,
    derivative: spec.derivative,
    type(xs, params) {
      for (const x of xs as readonly Aval[]) {
        if (!isFloat(x.dtype))
          throw new DTypeError(`${spec.name}: expected a floating dtype, got ${x}; convert with x.astype("float32")`);
      }
      return spec.type(xs, params);
    },
    batch(xs, dims, size, params) {
      const outs = bind(record, alignBatch(xs as readonly Tracer[], dims as readonly BatchDim[], size), params);
      return [outs, outs.map(() => 0)];
    },
    lower(xs, avals, params) {
      const outs = spec.type(avals, params).map((o) => ({ shape: o.shape, dtype: o.dtype }));
      return exprRoutine(spec.routine, xs as never, params, outs);
    },
  };
  return record;
}

/** Batch sizes, rows and columns; ShapeError for fewer than 2 axes. */
export function matrixSizes(name: string, x: Aval): [number[], number, number] {
  if (x.ndim < 2) throw new ShapeError(`${name}: expected matrices, got ${x}`);
  return [x.shape.slice(0, -2), x.shape[x.ndim - 2]!, x.shape[x.ndim - 1]!];
}

/** Batch sizes and the size of square matrices; ShapeError for others. */
export function squareSizes(name: string, x: Aval): [number[], number] {
  const [lead, m, n] = matrixSizes(name, x);
  if (m !== n) throw new ShapeError(`${name}: expected square matrices, got ${x}`);
  return [lead, n];
}
