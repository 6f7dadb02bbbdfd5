/**
 * Convolutions of dilated images (transposed convolutions, gradients of strided ones) without the zeros: the results at
 * every s-th position are a convolution of the image itself with every s-th element of the kernel.
 */
import { prod, range } from "../base/list";
import type { Expr } from "../kernel/expr";
import { exprConcat, exprFull, exprReshape, exprSlice } from "../kernel/expr-build";
import type { ConvParams } from "./conv";

/** With more phases than this each is too little work; of large dilations most have no element of the kernel at all. */
const MOST_PHASES = 16;

type Lower = (lhs: Expr, rhs: Expr, p: ConvParams) => Expr;

/** `lower` for each phase of the first axis whose dilation can be undone, interleaved; or `lower` alone. */
export function lowerByPhases(lhs: Expr, rhs: Expr, p: ConvParams, lower: Lower): Expr {
  const phases = p.lhsDilation.map((d, k) => (p.windowStrides[k] === 1 && p.rhsDilation[k] === 1 ? d : 1));
  const i = phases.findIndex((d) => d > 1);
  if (i < 0 || prod(phases) > MOST_PHASES) return lower(lhs, rhs, p);
  const axis = i + 2;
  const step = p.lhsDilation[i]!;
  const [low, high] = p.padding[i]!;
  const [n, k] = [lhs.shape[axis]!, rhs.shape[axis]!];
  const length = Math.max(0, n === 0 ? low + high - k + 1 : (n - 1) * step + low + high - k + 2);
  if (length === 0 || n === 0) return lower(lhs, rhs, p);
  const count = Math.ceil(length / step);
  const replaced = <T>(list: readonly T[], value: T): T[] => list.map((x, at) => (at === i ? value : x));

  const phase = (r: number): Expr | null => {
    // Elements q = first + step u of the kernel meet elements m + u + shift of the image, for result step m + r.
    const first = (((low - r) % step) + step) % step;
    if (first >= k) return null;
    const shift = (r - low + first) / step;
    const taps = Math.ceil((k - first) / step);
    const kernel = exprSlice(
      rhs,
      rhs.shape.map((_, at) => (at === axis ? first : 0)),
      rhs.shape,
      rhs.shape.map((_, at) => (at === axis ? step : 1)),
    );
    return lowerByPhases(
      lhs,
      kernel,
      {
        ...p,
        lhsDilation: replaced(p.lhsDilation, 1),
        padding: replaced<readonly [number, number]>(p.padding, [-shift, count - n + shift + taps - 1]),
      },
      lower,
    );
  };
  const results = range(step).map(phase);
  const { shape, dtype } = results.find((x) => x !== null)!;
  const columns = results.map((x) =>
    exprReshape(x ?? exprFull(0, shape, dtype), [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]),
  );
  const joined = exprConcat(columns, axis + 1);
  const whole = exprReshape(joined, [...shape.slice(0, axis), count * step, ...shape.slice(axis + 1)]);
  const limits = whole.shape.map((size, at) => (at === axis ? length : size));
  return exprSlice(
    whole,
    limits.map(() => 0),
    limits,
    limits.map(() => 1),
  );
}
