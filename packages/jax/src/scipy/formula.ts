/** Formulas: long ones run as one compiled program, in eager mode too; their derivatives may be given by rules. */
import type { DType } from "../aval/dtype";
import { sizeBytesOf } from "../aval/dtype";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, convert, promoteInexact } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { closedJvp } from "../transforms/custom-jvp";
import { jit } from "../transforms/jit";

/** Arrays of one float dtype and shape in, one or several out. */
export type Formula = (...xs: Tracer[]) => Tracer;
export type Formulas = (...xs: Tracer[]) => Tracer[];

/** The part of the result's tangent that belongs to one argument; null where there is none. */
export type Rule<R> = ((tangent: Tracer, out: R, ...xs: Tracer[]) => R) | null;

/** f, compiled when it is first called for each dtype and shape. */
export function compiled<F extends Formula | Formulas>(f: F): F {
  let known: F | null = null;
  return ((...xs: Tracer[]) => (known ??= jit(f) as unknown as F)(...xs)) as F;
}

/** f with a derivative by rules, one for each argument. */
export function withRules<F extends Formula | Formulas>(f: F, ...rules: Rule<ReturnType<F>>[]): F {
  const make = (): F => {
    const g = closedJvp(f);
    g.defjvps(...rules);
    return g;
  };
  let known: F | null = null;
  return ((...xs: Tracer[]) => (known ??= make())(...xs)) as F;
}

/** Floats of fewer bits are computed in float32. */
const wide = (dtype: DType): DType => (sizeBytesOf(dtype) < 4 ? "float32" : dtype);

function run<R>(op: string, args: readonly ArrayLike[], f: (xs: Tracer[], back: (y: Tracer) => Tracer) => R): R {
  return owned(() => {
    const xs = promoteInexact(op, ...args);
    const { dtype, weakType } = xs[0]!;
    return f(
      xs.map((x) => convert(x, wide(dtype), weakType)),
      (y) => convert(y, dtype, weakType),
    );
  });
}

/** A formula of what users write: operands are promoted to floats and broadcast. */
export function evaluate(op: string, f: Formula, ...args: ArrayLike[]): Tracer {
  return run(op, args, (xs, back) => back(f(...xs)));
}

/** As `evaluate`, for several results. */
export function evaluateAll(op: string, f: Formulas, ...args: ArrayLike[]): Tracer[] {
  return run(op, args, (xs, back) => f(...xs).map(back));
}
