/** Step lengths with strong Wolfe conditions. Source: Nocedal and Wright, "Numerical Optimization", 2nd ed., 3.5. */
import type { Tracer } from "../../core/tracer";
import { whileLoop } from "../../lax/control";
import { finfo } from "../../numpy/dtypes";
import { constantLike } from "../../numpy/lift";
import { matmul } from "../../numpy/linear";
import * as ops from "../../ops/index";

/** The function is to fall by this much of what the slope promises, */
const ENOUGH = 1e-4;
/** and the slope to fall to this much. */
const FLATTER = 0.9;

/** A step length, and the function there. */
interface Point {
  readonly a: Tracer;
  readonly phi: Tracer;
  readonly slope: Tracer;
}

/** A point in the space of the unknowns. */
export interface Place {
  readonly x: Tracer;
  readonly f: Tracer;
  readonly g: Tracer;
}

export type ValueAndGrad = (x: Tracer) => [f: Tracer, g: Tracer];

export interface LineSearch {
  readonly place: Place;
  readonly found: Tracer;
  /** Evaluations of the function and its gradient. */
  readonly count: Tracer;
  /** True where a bracket was found, but no point in it. */
  readonly zoomed: Tracer;
}

interface State {
  readonly lo: Point;
  readonly hi: Point;
  /** The next length to try. */
  readonly a: Tracer;
  /** The minimum lies between lo and hi. */
  readonly bracketed: Tracer;
  readonly done: Tracer;
  readonly count: Tracer;
  readonly best: Place;
}

const either = (condition: Tracer, p: Point, q: Point): Point => ({
  a: ops.where(condition, p.a, q.a),
  phi: ops.where(condition, p.phi, q.phi),
  slope: ops.where(condition, p.slope, q.slope),
});

/** The minimum of the cubic through both points, kept away from them; the middle where there is none. */
function between(lo: Point, hi: Point): Tracer {
  const k = (value: number): Tracer => constantLike(lo.a, value);
  const h = ops.sub(hi.a, lo.a);
  const safe = ops.where(ops.eq(h, k(0)), k(1), h);
  const d1 = ops.sub(ops.add(lo.slope, hi.slope), ops.div(ops.mul(k(3), ops.sub(hi.phi, lo.phi)), safe));
  const disc = ops.sub(ops.square(d1), ops.mul(lo.slope, hi.slope));
  const d2 = ops.mul(ops.sign(safe), ops.sqrt(ops.max(disc, k(0))));
  const denominator = ops.add(ops.sub(hi.slope, lo.slope), ops.mul(k(2), d2));
  const usable = ops.and(ops.gt(disc, k(0)), ops.ne(denominator, k(0)));
  const ratio = ops.div(ops.sub(ops.add(hi.slope, d2), d1), ops.where(usable, denominator, k(1)));
  const cubic = ops.sub(k(1), ratio);
  const inside = ops.and(usable, ops.and(ops.gt(cubic, k(0.1)), ops.lt(cubic, k(0.9))));
  return ops.add(lo.a, ops.mul(h, ops.where(inside, cubic, k(0.5))));
}

/** A step from `from` in a direction where the function falls, at most `most` evaluations; the best one seen if none is right. */
export function lineSearch(
  valueAndGrad: ValueAndGrad,
  from: Place,
  direction: Tracer,
  first: Tracer,
  most: number,
): LineSearch {
  const { f: phi0 } = from;
  const slope0 = matmul(from.g, direction);
  const k = (value: number): Tracer => constantLike(phi0, value);
  // Where the function does not change in its last digits, the slope decides.
  const noise = ops.mul(k(finfo(phi0.dtype).eps), ops.abs(phi0));
  const start: Point = { a: k(0), phi: phi0, slope: slope0 };
  const no = ops.full([], false, "bool");
  const init: State = {
    lo: start,
    hi: start,
    a: first,
    bracketed: no,
    done: no,
    count: ops.full([], 0, "int32"),
    best: from,
  };
  const step = (s: State): State => {
    const along = ops.mul(ops.broadcastInDim(s.a, direction.shape, []), direction);
    const x = ops.add(from.x, along);
    const [f, g] = valueAndGrad(x);
    const now: Point = { a: s.a, phi: f, slope: matmul(g, direction) };
    const bound = ops.add(phi0, ops.mul(k(ENOUGH), ops.mul(s.a, slope0)));
    const flat = ops.le(ops.abs(now.slope), ops.mul(k(-FLATTER), slope0));
    const level = ops.and(flat, ops.le(f, ops.add(phi0, noise)));
    const falls = ops.le(f, bound);
    const done = ops.or(level, ops.and(falls, flat));
    const finite = ops.lt(ops.abs(f), k(Infinity));
    // High: the minimum lies before this point.
    const high = ops.or(
      ops.or(ops.not(falls), ops.not(finite)),
      ops.and(ops.ge(f, s.lo.phi), ops.gt(s.count, constantLike(s.count, 0))),
    );
    const rises = ops.ge(ops.mul(now.slope, ops.where(s.bracketed, ops.sub(s.hi.a, s.lo.a), k(1))), k(0));
    // This point is an end of the bracket: the far one if high, else the near one, and then the old near one is far if it rises.
    const lo = either(high, s.lo, now);
    const hi = either(high, now, either(rises, s.lo, s.hi));
    const bracketed = ops.or(s.bracketed, ops.or(high, rises));
    // What is not finite has no cubic.
    const inner = ops.where(
      ops.lt(ops.abs(hi.phi), k(Infinity)),
      between(lo, hi),
      ops.mul(k(0.5), ops.add(lo.a, hi.a)),
    );
    const better = ops.or(done, ops.lt(f, s.best.f));
    return {
      lo,
      hi,
      a: ops.where(bracketed, inner, ops.mul(s.a, k(2))),
      bracketed,
      done,
      count: ops.add(s.count, constantLike(s.count, 1)),
      best: {
        x: ops.where(ops.broadcastInDim(better, x.shape, []), x, s.best.x),
        f: ops.where(better, f, s.best.f),
        g: ops.where(ops.broadcastInDim(better, x.shape, []), g, s.best.g),
      },
    };
  };
  const goesOn = (s: State): Tracer => ops.and(ops.not(s.done), ops.lt(s.count, constantLike(s.count, most)));
  const end = whileLoop(goesOn, step, init) as State;
  return { place: end.best, found: end.done, count: end.count, zoomed: end.bracketed };
}
