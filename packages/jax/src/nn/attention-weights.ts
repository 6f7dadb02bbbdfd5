/** The inner part of attention: weights of some queries over all keys, and the mixture of values. */
import type { DType } from "../aval/dtype";
import { range } from "../base/list";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add } from "../numpy/arithmetic";
import { finfo } from "../numpy/dtypes";
import { broadcastArray, constantLike, convert } from "../numpy/lift";
import { softmax } from "./softmax";

/** What is the same for all queries. */
export interface Attention {
  /** Of scores and weights. */
  readonly wide: DType;
  readonly scale: number;
  readonly isCausal: boolean;
  /** How many positions to the left and to the right each one sees. */
  readonly window: readonly [number, number] | null;
}

/** What belongs to these queries: added to the scores `[..., G, R, S]`, and where those take part. */
export interface Extras {
  readonly bias: Tracer | null;
  readonly masks: readonly Tracer[];
}

/**
 * q `[..., G, R, H]`, k `[..., S, H]` and v `[..., S, V]` give `[..., G, R, V]`. `first` is the position of the first
 * query, an int32 scalar, or null for 0.
 */
export function mixValues(
  how: Attention,
  q: Tracer,
  k: Tracer,
  v: Tracer,
  { bias, masks }: Extras,
  first: Tracer | null = null,
): Tracer {
  const n = k.ndim - 2;
  const batch = range(n);
  const products = ops.dotGeneral(convert(q, how.wide), convert(k, how.wide), [
    [[n + 2], [n + 1]],
    [batch, batch],
  ]);
  let scores = ops.mul(products, constantLike(products, how.scale));
  if (bias !== null) scores = convert(add(scores, bias), how.wide);
  const seen = [...masks, ...byPosition(how, scores, first)];
  if (seen.length > 0) {
    const all = seen.map((m) => broadcastArray(m, scores.shape)).reduce((a, b) => ops.and(a, b));
    scores = ops.where(all, scores, constantLike(scores, -0.7 * finfo(how.wide).max));
  }
  const weights = convert(softmax(scores, -1), v.dtype);
  return ops.dotGeneral(weights, v, [
    [[n + 2], [n]],
    [batch, batch],
  ]);
}

/** Which keys may be seen from where: `[R, S]` each. */
function byPosition(how: Attention, scores: Tracer, first: Tracer | null): Tracer[] {
  const shape = scores.shape.slice(-2);
  const out: Tracer[] = [];
  if (!how.isCausal && how.window === null) return out;
  const key = ops.iota("int32", shape, 1);
  const row = ops.iota("int32", shape, 0);
  const query = first === null ? row : ops.add(row, broadcastArray(first, shape));
  if (how.isCausal) out.push(ops.ge(query, key));
  if (how.window !== null) {
    const [left, right] = how.window;
    const shifted = (by: number): Tracer => (by === 0 ? key : ops.add(key, constantLike(key, by)));
    out.push(ops.le(query, shifted(left)), ops.ge(query, shifted(-right)));
  }
  return out;
}
