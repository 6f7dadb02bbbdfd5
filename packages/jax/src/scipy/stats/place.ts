/** Arguments that distributions share: `pdf(x, loc, scale)` or `pdf(x, { loc, scale })`. */
import type { Tracer } from "../../core/tracer";
import { divide } from "../../numpy/arithmetic";
import type { ArrayLike } from "../../numpy/lift";
import { isOptions } from "../../numpy/options";
import { type Formula, compiled, evaluate } from "../formula";

/** Where a distribution begins or has its centre (0), and how wide it is (1). */
export interface Place {
  readonly loc?: ArrayLike | undefined;
  readonly scale?: ArrayLike | undefined;
}
/** The argument loc, or loc and scale by name. */
export type Loc = ArrayLike | Place;

function placeOf(loc: Loc | undefined, scale: ArrayLike | undefined): [loc: ArrayLike, scale: ArrayLike] {
  const named: Place = isOptions(loc) ? loc : { loc: loc as ArrayLike | undefined, scale };
  return [named.loc ?? 0, named.scale ?? scale ?? 1];
}

/** A formula of `(x, ...shape, loc, scale)`. */
export function located(op: string, f: Formula, args: readonly ArrayLike[], loc?: Loc, scale?: ArrayLike): Tracer {
  return evaluate(op, f, ...args, ...placeOf(loc, scale));
}

/** A formula of `(k, ...shape, loc)`, for distributions of whole numbers. */
export function shifted(op: string, f: Formula, args: readonly ArrayLike[], loc?: Loc): Tracer {
  return evaluate(op, f, ...args, placeOf(loc, undefined)[0]);
}

/** `f(z, ...shape, scale)` of `z = (x - loc) / scale`, as one program. */
export function standardized(f: Formula): Formula {
  return compiled((x: Tracer, ...rest: Tracer[]) => {
    const [loc, scale] = rest.slice(-2) as [Tracer, Tracer];
    return f(divide(x.sub(loc), scale), ...rest.slice(0, -2), scale);
  });
}

/** `loc + scale f(q, ...shape)`, as one program. */
export function placed(f: Formula): Formula {
  return compiled((q: Tracer, ...rest: Tracer[]) => {
    const [loc, scale] = rest.slice(-2) as [Tracer, Tracer];
    return f(q, ...rest.slice(0, -2))
      .mul(scale)
      .add(loc);
  });
}
