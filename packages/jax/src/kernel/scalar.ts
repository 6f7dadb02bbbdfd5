/**
 * The scalar level of the kernel language: what happens at one point of a loop nest. Index arithmetic and values are
 * one language (int32 scalars index buffers), so a gather is a load whose index holds a load. Nodes are frozen and
 * hash-consed by the builder in `kernel/build.ts`: equal nodes of one kernel are the same object, so a target computes
 * each once.
 */
import type { DType } from "../aval/dtype";
import type { ScalarOp } from "./scalar-op";

export type Scalar = ConstScalar | AxisScalar | ParamScalar | LoadScalar | OpScalar | ReducedScalar | AccScalar;

export interface ConstScalar {
  readonly tag: "const";
  readonly dtype: DType;
  readonly value: number;
}

/** The loop variable of the axis with this id; int32 in [0, size). */
export interface AxisScalar {
  readonly tag: "axis";
  readonly dtype: "int32";
  readonly axis: number;
  readonly size: number;
}

/** A run-time int32 argument of a size-generic kernel. */
export interface ParamScalar {
  readonly tag: "param";
  readonly dtype: "int32";
  readonly slot: number;
}

/** buffer[index], index in elements. With a guard, memory is touched only where it holds; elsewhere the value is 0. */
export interface LoadScalar {
  readonly tag: "load";
  readonly dtype: DType;
  readonly buffer: number;
  readonly index: Scalar;
  readonly guard: Scalar | null;
}

export interface OpScalar {
  readonly tag: "op";
  readonly dtype: DType;
  readonly op: ScalarOp;
  readonly args: readonly Scalar[];
}

/** The finished value of reduction `slot` of an earlier stage of the same kernel. */
export interface ReducedScalar {
  readonly tag: "reduced";
  readonly dtype: DType;
  readonly stage: number;
  readonly slot: number;
}

/** In a contract kernel's epilogue: the finished sum. */
export interface AccScalar {
  readonly tag: "acc";
  readonly dtype: DType;
}
