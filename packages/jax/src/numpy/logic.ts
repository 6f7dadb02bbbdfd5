/** Comparisons, logic, and tests of elements. Results are bools. */
import { isFloat } from "../aval/dtype";
import { ShapeError } from "../base/errors";
import { listsEqual } from "../base/list";
import { type Tracer, literal } from "../core/tracer";
import * as ops from "../ops/index";
import { byPosition } from "./arguments";
import { type HostData, arrayFromHost, isHostData } from "./host";
import { type ArrayLike, binary, constantLike, lift, promoteInexact, truth } from "./lift";
import { eagerProgram } from "../transforms/eager-program";
import { owned } from "./owned";
import { reduceAnd } from "./reduce";

type Pair = [Tracer, Tracer];

/** `x == y`. @example np.equal(1, 1).js(); // => true */
export function equal(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("equal", x, y, ops.eq);
}

/** `x != y`. @example np.notEqual(1, 1).js(); // => false */
export function notEqual(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("notEqual", x, y, ops.ne);
}

/** `x < y`. @example np.less(1, 2).js(); // => true */
export function less(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("less", x, y, ops.lt);
}

/** `x <= y`. @example np.lessEqual(1, 1).js(); // => true */
export function lessEqual(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("lessEqual", x, y, ops.le);
}

/** `x > y`. @example np.greater(2, 1).js(); // => true */
export function greater(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("greater", x, y, ops.gt);
}

/** `x >= y`. @example np.greaterEqual(1, 1).js(); // => true */
export function greaterEqual(x: ArrayLike, y: ArrayLike): Tracer {
  return binary("greaterEqual", x, y, ops.ge);
}

/** Both are not zero. @example np.logicalAnd(true, 0).js(); // => false */
export function logicalAnd(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => binary("logicalAnd", truth(x), truth(y), ops.and));
}

/** Either is not zero. @example np.logicalOr(true, 0).js(); // => true */
export function logicalOr(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => binary("logicalOr", truth(x), truth(y), ops.or));
}

/** Exactly one is not zero. @example np.logicalXor(true, 1).js(); // => false */
export function logicalXor(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => binary("logicalXor", truth(x), truth(y), ops.xor));
}

/** Zero. @example np.logicalNot(0).js(); // => true */
export function logicalNot(x: ArrayLike): Tracer {
  return owned(() => ops.not(truth(x)));
}

/** All false (or all true) in the shape of `x`. */
function always(x: Tracer, value: boolean): Tracer {
  return ops.full(x.shape, value ? 1 : 0, "bool");
}

/** Is NaN. @example np.isnan(NaN).js(); // => true */
export function isnan(x: ArrayLike): Tracer {
  const y = lift(x);
  return isFloat(y.dtype) ? ops.ne(y, y) : always(y, false);
}

/** Is neither infinite nor NaN. @example np.isfinite(1).js(); // => true */
export function isfinite(x: ArrayLike): Tracer {
  const y = lift(x);
  return isFloat(y.dtype) ? ops.isFinite(y) : always(y, true);
}

/** Is infinite. @example np.isinf(-Infinity).js(); // => true */
export function isinf(x: ArrayLike): Tracer {
  const y = lift(x);
  return isFloat(y.dtype) ? owned(() => ops.eq(ops.abs(y), constantLike(y, Infinity))) : always(y, false);
}

/** Is +infinity. @example np.isposinf(Infinity).js(); // => true */
export function isposinf(x: ArrayLike): Tracer {
  const y = lift(x);
  return isFloat(y.dtype) ? owned(() => ops.eq(y, constantLike(y, Infinity))) : always(y, false);
}

/** Is -infinity. @example np.isneginf(Infinity).js(); // => false */
export function isneginf(x: ArrayLike): Tracer {
  const y = lift(x);
  return isFloat(y.dtype) ? owned(() => ops.eq(y, constantLike(y, -Infinity))) : always(y, false);
}

/** True for every element: there are no complex arrays. @example np.isreal(np.ones([1])).js(); // => [true] */
export function isreal(x: ArrayLike): Tracer {
  return always(lift(x), true);
}

/** False for every element: there are no complex arrays. @example np.iscomplex(np.ones([1])).js(); // => [false] */
export function iscomplex(x: ArrayLike): Tracer {
  return always(lift(x), false);
}

export interface CloseOptions {
  rtol?: number | undefined;
  atol?: number | undefined;
  /** NaN counts as near NaN; `equalNan` is the same. */
  equalNaN?: boolean | undefined;
  equalNan?: boolean | undefined;
}

/** By position as JAX has them, or by name. */
type Tolerances = [rtol?: number | CloseOptions, atol?: number | CloseOptions, equalNaN?: boolean | CloseOptions];
const TOLERANCES = ["rtol", "atol", "equalNaN"] as const;

const nanIsEqual = (o: { equalNaN?: boolean | undefined; equalNan?: boolean | undefined }): boolean =>
  o.equalNaN === true || o.equalNan === true;

/** True where elements are within tolerance: `|a - b| <= atol + rtol |b|`. @example np.isclose(1, 1 + 1e-9).js(); // => true */
export function isclose(a: ArrayLike, b: ArrayLike, ...given: Tolerances): Tracer {
  const options = byPosition<CloseOptions>(TOLERANCES, given, ["equalNan"]);
  return owned(() => {
    const pair = promoteInexact("isclose", a, b) as Pair;
    return areNear(...pair, options.atol ?? 1e-8, options.rtol ?? 1e-5, nanIsEqual(options));
  });
}

type Near = [x: Tracer, y: Tracer, atol: number, rtol: number, nanIsNear: boolean];

const areNear = /* @__PURE__ */ eagerProgram(function isclose(...[x, y, atol, rtol, nanIsNear]: Near): Tracer {
  return owned(() => {
    const bound = ops.add(constantLike(y, atol), ops.mul(constantLike(y, rtol), ops.abs(y)));
    const near = ops.and(ops.le(ops.abs(ops.sub(x, y)), bound), ops.and(ops.isFinite(x), ops.isFinite(y)));
    const out = ops.or(near, ops.eq(x, y));
    return nanIsNear ? ops.or(out, ops.and(ops.ne(x, x), ops.ne(y, y))) : out;
  });
});

/**
 * Whether all elements are near: `|a - b| <= atol + rtol |b|`. Reads the answer and gives a JS boolean.
 *
 * Errors: ConcretizationError on traced arrays; use `np.isclose` there.
 * Differs from JAX: a JS boolean; `atol` is 1e-7; takes nested lists too.
 * @example
 * np.allclose([1, 2], [1, 2 + 1e-7]); // => true
 */
export function allclose(actual: ArrayLike | HostData, expected: ArrayLike | HostData, ...given: Tolerances): boolean {
  const answer = owned(() => closeAll(actual, expected, byPosition<CloseOptions>(TOLERANCES, given, ["equalNan"])));
  const close = answer.item() !== 0;
  answer.dispose();
  return close;
}

function closeAll(actual: ArrayLike | HostData, expected: ArrayLike | HostData, options: CloseOptions): Tracer {
  const x = isHostData(actual) ? arrayFromHost("allclose", actual) : lift(actual);
  const y = isHostData(expected) ? arrayFromHost("allclose", expected) : lift(expected);
  return reduceAnd(isclose(x, y, { atol: 1e-7, ...options }));
}

/** One bool: same shape and all elements equal. @example np.arrayEqual(np.ones([2]), np.ones([2])).js(); // => true */
export function arrayEqual(
  a1: ArrayLike,
  a2: ArrayLike,
  given?: boolean | Pick<CloseOptions, "equalNaN" | "equalNan">,
): Tracer {
  const options = byPosition<CloseOptions>(["equalNaN"], [given], ["equalNan"]);
  const [x, y] = [lift(a1), lift(a2)];
  if (!listsEqual(x.shape, y.shape)) return ops.copy(literal(false, "bool"));
  return owned(() => {
    let same = equal(x, y);
    if (nanIsEqual(options)) same = ops.or(same, ops.and(isnan(x), isnan(y)));
    return reduceAnd(same);
  });
}

/** One bool: the shapes broadcast and all elements are equal. @example np.arrayEquiv(np.ones([2]), 1).js(); // => true */
export function arrayEquiv(a1: ArrayLike, a2: ArrayLike): Tracer {
  try {
    return owned(() => reduceAnd(equal(a1, a2)));
  } catch (error) {
    if (error instanceof ShapeError) return ops.copy(literal(false, "bool"));
    throw error;
  }
}
