/** A primitive is one record: every interpreter's rule is a required field, so a missing rule does not compile. */
import type { Aval } from "../aval/shaped-array";
import type { Expr } from "../kernel/expr";
import type { Tracer } from "./tracer";

export type Args<T, N extends number> = N extends 1
  ? readonly [T]
  : N extends 2
    ? readonly [T, T]
    : N extends 3
      ? readonly [T, T, T]
      : readonly T[];

/** A tangent: `null` is a symbolic zero. */
export type Tangent = Tracer | null;

/**
 * - `jvp`: primal outputs and their tangents. At least one tangent is not null. An output tangent may be null.
 * - `linear`: the operation is linear in all its arguments together; the JVP is the operation itself on tangents.
 *   `transpose` gives the cotangent of each argument; cotangents of outputs are instantiated.
 * - `bilinear`: linear in each of two arguments with the other fixed (mul, dot_general, conv). `transpose` gets the
 *   value of the argument that is not transposed: exactly one of xs is null, and its cotangent is wanted.
 * - `zero`: all derivatives are zero (comparisons, integer results). `refused`: none is defined; says why.
 */
export type Derivative<P, N extends number> =
  | {
      readonly kind: "jvp";
      jvp(primals: Args<Tracer, N>, tangents: Args<Tangent, N>, params: P): [Tracer[], Tangent[]];
      /** For operations that are linear in some arguments when the others are known: `xs` is null for linear ones. */
      transpose?(cts: readonly Tracer[], xs: readonly (Tracer | null)[], avals: Args<Aval, N>, params: P): Tangent[];
    }
  | { readonly kind: "linear"; transpose(cts: readonly Tracer[], xs: Args<Aval, N>, params: P): Tangent[] }
  | {
      readonly kind: "bilinear";
      transpose(ct: Tracer, xs: readonly [Tracer | null, Tracer | null], avals: Args<Aval, N>, params: P): Tracer;
    }
  /** Linear in some arguments only: `isLinear[i]` says in which; `transpose` gets the values of the others, null for linear ones. */
  | {
      readonly kind: "partly-linear";
      /** JVP when non-linear arguments have no tangent is the operation on tangents; they may never have one. */
      readonly linear: (xs: Args<Aval, N>) => readonly boolean[];
      transpose(cts: readonly Tracer[], xs: readonly (Tracer | null)[], avals: Args<Aval, N>, params: P): Tangent[];
    }
  | { readonly kind: "zero" | "refused"; readonly because: string };

/** Batch axis of an argument or result; null for not batched. */
export type BatchDim = number | null;

export interface Primitive<P extends object = object, N extends number = number> {
  readonly name: string;
  readonly derivative: Derivative<P, N>;
  /** Checks arguments (the one place) and gives the avals of the results. Throws ShapeError or DTypeError. */
  type(xs: Args<Aval, N>, params: P): Aval[];
  /** Rule of vmap: at least one of dims is not null; `size` is the batch size. */
  batch(xs: Args<Tracer, N>, dims: Args<BatchDim, N>, size: number, params: P): [Tracer[], BatchDim[]];
  /** For collectives (their params have an `axisName`): rule of the vmap that binds that name; all dims may be null. */
  collective?(xs: Args<Tracer, N>, dims: Args<BatchDim, N>, size: number, params: P): [Tracer[], BatchDim[]];
  /** It does something besides giving results: nothing takes it away, and the order of effects stays. */
  readonly hasEffect?: boolean;
  /** Of one that holds a program: whether that is compiled for all sizes at once. */
  isGeneric?(params: P): boolean;
  /** How the bottom interpreter does it, for what needs no program. */
  evaluate?(xs: readonly Tracer[], params: P): Tracer[];
  /** The meaning, in the kernel language. Primitives that hold sub-programs are handled by the compiler and throw. */
  lower(xs: Args<Expr, N>, avals: Args<Aval, N>, params: P): Expr[];
}

/** A primitive of any parameters and arity: what equations and interpreters hold. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place where parameters lose their type
export type AnyPrimitive = Primitive<any, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters of AnyPrimitive
export type AnyParams = any;
