/** Running sums, products and extremes along an axis. */
import { ShapeError } from "../base/errors";
import { bind1 } from "../core/interpreter";
import type { Derivative, Primitive } from "../core/primitive";
import { type Tracer, literal } from "../core/tracer";
import { exprCumulative } from "../kernel/expr-build";
import type { CumulativeExpr } from "../kernel/expr";
import { add, div, max, min, mul, sub } from "./arith";
import { fullLike, onesLike, zerosLike } from "./broadcast";
import { eq } from "./compare";
import { exp, log } from "./exp";
import { where } from "./select";
import { pad, slice } from "./slice";
import { checkElementwise, type Accepts } from "./families";

interface CumulativeParams {
  readonly axis: number;
  readonly reverse: boolean;
}

type Pair = readonly [Tracer, Tracer];

function cumulative(
  name: string,
  op: CumulativeExpr["op"],
  accepts: Accepts,
  derivative: Derivative<CumulativeParams, 1>,
): Primitive<CumulativeParams, 1> {
  const record: Primitive<CumulativeParams, 1> = {
    name,
    derivative,
    type([x], { axis }) {
      if (axis < 0 || axis >= x.ndim) throw new ShapeError(`${name}: axis ${axis} is out of range for ${x}`);
      return [checkElementwise(name, [x], accepts)];
    },
    batch: ([x], [d], _size, { axis, reverse }) => [
      [bind1(record, [x], { axis: axis < d! ? axis : axis + 1, reverse })],
      [d],
    ],
    lower: ([x], _avals, { axis, reverse }) => [exprCumulative(op, x, axis, reverse)],
  };
  return record;
}

/**
 * Values and tangents of a running combination, in a logarithmic number of steps: after step s each place has combined
 * the 2^s places up to it. `combine` joins (value, tangent) of earlier places with those of later ones.
 */
function runningPairs(
  x: Tracer,
  dx: Tracer,
  { axis, reverse }: CumulativeParams,
  identity: number,
  combine: (a: Pair, b: Pair) => Pair,
): Tracer {
  const n = x.shape[axis]!;
  const shifted = (y: Tracer, by: number, fill: number): Tracer => {
    const at = (v: number): number[] => y.shape.map((_, i) => (i === axis ? v : 0));
    const limits = y.shape.map((size, i) => (i === axis && !reverse ? size - by : size));
    const part = slice(y, at(reverse ? by : 0), limits);
    return pad(part, literal(fill, y.dtype), at(reverse ? 0 : by), at(reverse ? by : 0));
  };
  let pair: Pair = [x, dx];
  for (let by = 1; by < n; by *= 2) {
    const [v, t] = pair;
    pair = combine([shifted(v, by, identity), shifted(t, by, 0)], pair);
  }
  return pair[1];
}

const byPairs = (
  record: () => Primitive<CumulativeParams, 1>,
  identity: number,
  combine: (a: Pair, b: Pair) => Pair,
): Derivative<CumulativeParams, 1> => ({
  kind: "jvp",
  jvp: ([x], [dx], params) => [[bind1(record(), [x], params)], [runningPairs(x, dx!, params, identity, combine)]],
});

/** As for max and min of two: equal values share. */
const extremePair =
  (choose: (a: Tracer, b: Tracer) => Tracer) =>
  ([v1, t1]: Pair, [v2, t2]: Pair): Pair => {
    const v = choose(v1, v2);
    const share = (x: Tracer, y: Tracer): Tracer =>
      where(eq(x, v), where(eq(x, y), fullLike(x, 0.5), onesLike(x)), zerosLike(x));
    return [v, add(mul(t1, share(v1, v2)), mul(t2, share(v2, v1)))];
  };

function logAddPair([v1, t1]: Pair, [v2, t2]: Pair): Pair {
  const m = max(v1, v2);
  const safe = where(eq(m, fullLike(m, -Infinity)), zerosLike(m), m);
  const [e1, e2] = [exp(sub(v1, safe)), exp(sub(v2, safe))];
  const total = add(e1, e2);
  return [add(safe, log(total)), div(add(mul(t1, e1), mul(t2, e2)), total)];
}

export const cumsum_p: Primitive<CumulativeParams, 1> = /* @__PURE__ */ cumulative("cumsum", "add", "number", {
  kind: "linear",
  transpose: ([ct], _xs, { axis, reverse }) => [cumsum(ct!, axis, !reverse)],
});
export const cumprod_p: Primitive<CumulativeParams, 1> = /* @__PURE__ */ cumulative(
  "cumprod",
  "mul",
  "number",
  /* @__PURE__ */ byPairs(
    () => cumprod_p,
    1,
    ([v1, t1], [v2, t2]) => [mul(v1, v2), add(mul(t1, v2), mul(v1, t2))],
  ),
);
export const cummax_p: Primitive<CumulativeParams, 1> = /* @__PURE__ */ cumulative(
  "cummax",
  "max",
  "number",
  /* @__PURE__ */ byPairs(() => cummax_p, -Infinity, /* @__PURE__ */ extremePair(max)),
);
export const cummin_p: Primitive<CumulativeParams, 1> = /* @__PURE__ */ cumulative(
  "cummin",
  "min",
  "number",
  /* @__PURE__ */ byPairs(() => cummin_p, Infinity, /* @__PURE__ */ extremePair(min)),
);
export const cumlogsumexp_p: Primitive<CumulativeParams, 1> = /* @__PURE__ */ cumulative(
  "cumlogsumexp",
  "logsumexp",
  "float",
  /* @__PURE__ */ byPairs(() => cumlogsumexp_p, -Infinity, logAddPair),
);

const along =
  (record: Primitive<CumulativeParams, 1>) =>
  (x: Tracer, axis: number, reverse = false): Tracer =>
    bind1(record, [x], { axis, reverse });

/** Running sum along an axis, from the end if `reverse`. */
export const cumsum = /* @__PURE__ */ along(cumsum_p);
/** Running product. */
export const cumprod = /* @__PURE__ */ along(cumprod_p);
/** Running maximum. */
export const cummax = /* @__PURE__ */ along(cummax_p);
/** Running minimum. */
export const cummin = /* @__PURE__ */ along(cummin_p);
/** Running logarithm of the sum of exponentials. */
export const cumlogsumexp = /* @__PURE__ */ along(cumlogsumexp_p);
