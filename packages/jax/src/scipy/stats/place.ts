/** Arguments that distributions share: `pdf(x, loc, scale)` or `pdf(x, { loc, scale })`. */
import type { Tracer } from "../../core/tracer";
import { byPosition } from "../../numpy/arguments";
import { divide } from "../../numpy/arithmetic";
import type { ArrayLike } from "../../numpy/lift";
import { type Formula, compiled, evaluate } from "../formula";

/** Where a distribution begins or has its centre (0), and how wide it is (1). */
export interface Place {
  readonly loc?: ArrayLike | undefined;
  readonly scale?: ArrayLike | undefined;
}
/** The argument loc, or loc and scale by name. */
export type Loc = ArrayLike | Place;
/** The argument scale, also by name. */
export type Scale = ArrayLike | Place;

function placeOf(...given: [loc?: Loc, scale?: Scale]): [loc: ArrayLike, scale: ArrayLike] {
  const { loc = 0, scale = 1 } = byPosition<Place>(["loc", "scale"], given);
  return [loc, scale];
}

/** A formula of `(x, ...shape, loc, scale)`. */
export function located(op: string, f: Formula, args: readonly ArrayLike[], loc?: Loc, scale?: Scale): Tracer {
  return evaluate(op, f, ...args, ...placeOf(loc, scale));
}

/** A formula of `(k, ...shape, loc)`, for distributions of whole numbers. */
export function shifted(op: string, f: Formula, args: readonly ArrayLike[], loc?: Loc): Tracer {
  return evaluate(op, f, ...args, placeOf(loc)[0]);
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
