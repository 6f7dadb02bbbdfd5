/** Minima of functions of several variables. */
import { ShapeError } from "../../base/errors";
import type { Tracer } from "../../core/tracer";
import { whileLoop } from "../../lax/control";
import { byPosition } from "../../numpy/arguments";
import { type ArrayLike, constantLike, convert, inexact, lift } from "../../numpy/lift";
import { matmul, outer } from "../../numpy/linear";
import { owned } from "../../numpy/owned";
import * as ops from "../../ops/index";
import { valueAndGrad } from "../../transforms/grad";
import { type Place, type ValueAndGrad, lineSearch } from "./line-search";

export interface MinimizeOptions {
  /** "BFGS", the only one. */
  method?: "BFGS" | undefined;
  /** In place of `options.gtol`. */
  tol?: number | null | undefined;
  options?:
    | {
        /** Iterations; 200 for each unknown by default. */
        maxiter?: number | null | undefined;
        /** It ends where the norm of the gradient is below; 1e-5 by default. */
        gtol?: number | undefined;
        /** Order of that norm: Infinity by default. */
        norm?: number | undefined;
        /** Evaluations of one line search; 10 by default. */
        lineSearchMaxiter?: number | undefined;
      }
    | undefined;
}

/** What `minimize` found. */
export interface OptimizeResults {
  x: Tracer;
  success: Tracer;
  /** 0: converged. 1: too many iterations. 3, 5: no step length was found, in a bracket or without one. -1: not finite. */
  status: Tracer;
  fun: Tracer;
  jac: Tracer;
  /** The last estimate of the inverse of the Hessian. */
  hessInv: Tracer;
  /** Evaluations of the function, of its gradient, and iterations. */
  nfev: Tracer;
  njev: Tracer;
  nit: Tracer;
}

interface State {
  readonly place: Place;
  readonly h: Tracer;
  readonly status: Tracer;
  readonly count: Tracer;
  readonly iteration: Tracer;
}

/** Status of a search that goes on. */
const RUNNING = 100;

function normOf(g: Tracer, order: number): Tracer {
  const size = ops.abs(g);
  if (order === Infinity) return ops.reduceMax(size, [0]);
  if (order === 1) return ops.reduceSum(size, [0]);
  if (order === 2) return ops.sqrt(ops.reduceSum(ops.square(size), [0]));
  throw new ShapeError(`minimize: norm must be 1, 2 or Infinity, got ${order}`);
}

/** The inverse Hessian after a step s that changed the gradient by y: (I - r s yᵀ) h (I - r y sᵀ) + r s sᵀ, r = 1 / yᵀs. */
function updated(h: Tracer, s: Tracer, y: Tracer, isFirst: Tracer): Tracer {
  const ys = matmul(y, s);
  const yy = matmul(y, y);
  const k = (value: number): Tracer => constantLike(ys, value);
  const usable = ops.gt(ys, k(0));
  const safe = ops.where(usable, ys, k(1));
  const spread = (v: Tracer): Tracer => ops.broadcastInDim(v, h.shape, []);
  // Before the first update h gets the size of the Hessian along the step.
  const size = ops.where(isFirst, ops.div(safe, ops.where(ops.gt(yy, k(0)), yy, k(1))), k(1));
  const start = ops.mul(h, spread(size));
  const r = ops.div(k(1), safe);
  const hy = matmul(start, y);
  const cross = outer(hy, s);
  const factor = ops.mul(r, ops.add(k(1), ops.mul(r, matmul(y, hy))));
  const added = ops.mul(outer(s, s), spread(factor));
  const taken = ops.mul(ops.add(cross, outer(s, hy)), spread(r));
  return ops.where(spread(usable), ops.sub(ops.add(start, added), taken), h);
}

/**
 * A minimum of `fun(x, ...args)`, a scalar, by the method of Broyden, Fletcher, Goldfarb and Shanno.
 *
 * Shapes: x0 `f32[n]`.
 * Gradient: forward mode only. It runs under jit.
 * Errors: ShapeError unless x0 is a vector and fun gives a scalar; for another method.
 * Source: Nocedal and Wright, "Numerical Optimization", 2nd ed., 6.1;
 * https://docs.jax.dev/en/latest/_autosummary/jax.scipy.optimize.minimize.html
 * @example
 * const bowl = (x) => np.sum(np.square(x.sub(np.array([1, -2]))));
 * const found = scipy.optimize.minimize(bowl, np.zeros([2]), [], { method: "BFGS" });
 * found.x.js(); // => [1, -2]
 * found.success.js(); // => true
 */
export function minimize(
  fun: (x: Tracer, ...args: never[]) => ArrayLike,
  x0: ArrayLike,
  args: readonly unknown[] | MinimizeOptions = [],
  options: MinimizeOptions = {},
): OptimizeResults {
  const o: MinimizeOptions = byPosition<MinimizeOptions>([], [args, options], ["method", "tol", "options"]);
  const rest = (Array.isArray(args) ? args : []) as never[];
  if ((o.method ?? "BFGS").toUpperCase() !== "BFGS") {
    throw new ShapeError(`minimize: method must be "BFGS", got ${String(o.method)}`);
  }
  const gtol = o.tol ?? o.options?.gtol ?? 1e-5;
  const order = o.options?.norm ?? Infinity;
  const most = o.options?.lineSearchMaxiter ?? 10;
  return owned(() => {
    const start = inexact(x0);
    if (start.ndim !== 1)
      throw new ShapeError(`minimize: x0 must be a vector, got ${start.aval}; flatten it with ravelPytree`);
    const n = start.size;
    const maxiter = o.options?.maxiter ?? 200 * n;
    const scalar = (x: Tracer): Tracer => {
      const y = lift(fun(x, ...rest));
      if (y.ndim !== 0) throw new ShapeError(`minimize: the function must give a scalar, got ${y.aval}`);
      return convert(y, start.dtype);
    };
    const evaluate = valueAndGrad(scalar) as unknown as ValueAndGrad;
    const [f, g] = evaluate(start);
    const place: Place = { x: start, f, g };
    const unit = ops.eq(ops.iota("int32", [n, n], 0), ops.iota("int32", [n, n], 1));
    const statusOf = (at: Place, otherwise: Tracer): Tracer => {
      const size = normOf(at.g, order);
      const small = ops.lt(size, constantLike(size, gtol));
      const finite = ops.and(
        ops.lt(size, constantLike(size, Infinity)),
        ops.lt(ops.abs(at.f), constantLike(at.f, Infinity)),
      );
      const code = (value: number): Tracer => constantLike(otherwise, value);
      return ops.where(small, code(0), ops.where(finite, otherwise, code(-1)));
    };
    const running = ops.full([], RUNNING, "int32");
    const init: State = {
      place,
      h: convert(unit, start.dtype),
      status: statusOf(place, running),
      count: ops.full([], 1, "int32"),
      iteration: ops.full([], 0, "int32"),
    };
    const step = (s: State): State => {
      const { place: at, h } = s;
      const isFirst = ops.eq(s.iteration, constantLike(s.iteration, 0));
      const direction = ops.neg(matmul(h, at.g));
      const length = ops.sqrt(matmul(at.g, at.g));
      const one = constantLike(length, 1);
      const first = ops.where(isFirst, ops.div(one, ops.max(one, length)), one);
      const search = lineSearch(evaluate, at, direction, first, most);
      const to = search.place;
      const next = updated(h, ops.sub(to.x, at.x), ops.sub(to.g, at.g), isFirst);
      const code = (value: number): Tracer => constantLike(s.status, value);
      const failed = ops.where(search.zoomed, code(3), code(5));
      const iteration = ops.add(s.iteration, constantLike(s.iteration, 1));
      const ended = ops.ge(iteration, constantLike(iteration, maxiter));
      const going = ops.where(search.found, ops.where(ended, code(1), code(RUNNING)), failed);
      return { place: to, h: next, status: statusOf(to, going), count: ops.add(s.count, search.count), iteration };
    };
    const goesOn = (s: State): Tracer =>
      ops.and(
        ops.eq(s.status, constantLike(s.status, RUNNING)),
        ops.lt(s.iteration, constantLike(s.iteration, maxiter)),
      );
    const end = whileLoop(goesOn, step, init) as State;
    const { status: code, count } = end;
    const status = ops.where(ops.eq(code, constantLike(code, RUNNING)), constantLike(code, 1), code);
    return {
      x: end.place.x,
      success: ops.eq(status, constantLike(status, 0)),
      status,
      fun: end.place.f,
      jac: end.place.g,
      hessInv: end.h,
      nfev: count,
      njev: ops.copy(count),
      nit: end.iteration,
    };
  });
}
