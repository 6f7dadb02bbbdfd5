/** Attention. */
import { byPosition } from "../numpy/arguments";
import { ShapeError } from "../base/errors";
import { isFloat, sizeBytesOf } from "../aval/dtype";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { add, multiply } from "../numpy/arithmetic";
import { finfo } from "../numpy/dtypes";
import { type ArrayLike, broadcastArray, constantLike, convert, lift, truth } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { softmax } from "./softmax";

export interface AttentionOptions {
  /** Added to the scores; broadcasts to [B, N, T, S]. */
  bias?: ArrayLike | null | undefined;
  /** Scores take part where this is true; broadcasts to [B, N, T, S]. */
  mask?: ArrayLike | null | undefined;
  /** Factor of the scores; `1 / sqrt(H)` by default. */
  scale?: number | null | undefined;
  /** Each position sees itself and those before. */
  isCausal?: boolean | undefined;
  /** Lengths of the sequences in a padded batch, int32[B]. */
  querySeqLengths?: ArrayLike | null | undefined;
  keyValueSeqLengths?: ArrayLike | null | undefined;
  /** How many positions to the left and to the right each one sees. */
  localWindowSize?: number | readonly [number, number] | null | undefined;
}

/**
 * Scaled dot-product attention, with grouped heads: `softmax(q kᵀ scale + bias) v`.
 *
 * Shapes: query `[B?, T, N, H]`, key and value `[B?, S, K, H]` with N a multiple of K, result as query.
 * Dtypes: scores and softmax in float32 at least. A row with nothing to see gives the mean of the values, as in JAX.
 * Errors: ShapeError for shapes that do not fit.
 * @example
 * const q = np.ones([2, 1, 4]);
 * nn.dotProductAttention(q, q, q).shape; // => [2, 1, 4]
 */
export function dotProductAttention(
  query: ArrayLike,
  key: ArrayLike,
  value: ArrayLike,
  bias?: ArrayLike | null | AttentionOptions,
  mask?: ArrayLike | null | AttentionOptions,
  options?: AttentionOptions,
): Tracer {
  const o = byPosition<AttentionOptions>(["bias", "mask"], [bias, mask, options]);
  return owned(() => {
    const given = lift(query);
    const [q, k, v] = [given, lift(key), lift(value)].map(batched) as [Tracer, Tracer, Tracer];
    const [B, T, N, H] = q.shape as [number, number, number, number];
    const [, S, K] = k.shape as [number, number, number, number];
    if (
      k.shape[0] !== B ||
      k.shape[3] !== H ||
      v.shape.slice(0, 3).join() !== k.shape.slice(0, 3).join() ||
      N % K !== 0
    ) {
      throw new ShapeError(
        `dotProductAttention: query ${q.aval}, key ${k.aval} and value ${v.aval} do not fit; ` +
          `expected [B, T, N, H], [B, S, K, H] and [B, S, K, H] with N a multiple of K`,
      );
    }
    const wide = isFloat(q.dtype) && sizeBytesOf(q.dtype) === 8 ? "float64" : "float32";
    const G = N / K;
    const heads = ops.transpose(ops.reshape(q, [B, T, K, G, H]), [0, 2, 3, 1, 4]); // [B, K, G, T, H]
    const products = ops.dotGeneral(convert(heads, wide), convert(k, wide), [
      [[4], [3]],
      [
        [0, 1],
        [0, 2],
      ],
    ]); // [B, K, G, T, S]
    let scores = multiply(ops.reshape(products, [B, N, T, S]), o.scale ?? 1 / Math.sqrt(H));
    if (o.bias !== undefined && o.bias !== null) scores = convert(add(scores, o.bias), wide);
    const seen = visible(o, B, T, S);
    if (seen.length > 0) {
      const all = seen.map((m) => broadcastArray(m, scores.shape)).reduce((a, b) => ops.and(a, b));
      scores = ops.where(all, scores, constantLike(scores, -0.7 * finfo(wide).max));
    }
    const weights = convert(softmax(scores, -1), v.dtype);
    const mixed = ops.dotGeneral(ops.reshape(weights, [B, K, G, T, S]), v, [
      [[4], [1]],
      [
        [0, 1],
        [0, 2],
      ],
    ]); // [B, K, G, T, H]
    const out = ops.reshape(ops.transpose(mixed, [0, 3, 1, 2, 4]), [B, T, N, v.shape[3]!]);
    return ops.reshape(blankPadding(out, o, B, T), [...given.shape.slice(0, -1), v.shape[3]!]);
  });
}

function batched(x: Tracer): Tracer {
  if (x.ndim === 4) return x;
  if (x.ndim === 3) return ops.reshape(x, [1, ...x.shape]);
  throw new ShapeError(`dotProductAttention: expected [B, T, N, H] or [T, N, H], got ${x.aval}`);
}

/** int32 positions of queries (axis 2) or keys (axis 3) in `[1, 1, T, S]`. */
const positions = (T: number, S: number, axis: number): Tracer => ops.iota("int32", [1, 1, T, S], axis);
const shifted = (x: Tracer, by: number): Tracer => (by === 0 ? x : ops.add(x, constantLike(x, by)));

/** The masks that apply, each of a shape that broadcasts to `[B, N, T, S]`. */
function visible(o: AttentionOptions, B: number, T: number, S: number): Tracer[] {
  const out: Tracer[] = [];
  if (o.mask !== undefined && o.mask !== null) out.push(truth(o.mask));
  const [t, s] = [positions(T, S, 2), positions(T, S, 3)];
  if (o.isCausal === true) out.push(ops.ge(t, s));
  if (o.localWindowSize !== undefined && o.localWindowSize !== null) {
    const [left, right] =
      typeof o.localWindowSize === "number" ? [o.localWindowSize, o.localWindowSize] : o.localWindowSize;
    out.push(ops.le(t, shifted(s, left)), ops.ge(t, shifted(s, -right)));
  }
  if (o.querySeqLengths !== undefined && o.querySeqLengths !== null) out.push(within(o.querySeqLengths, B, T, 2));
  if (o.keyValueSeqLengths !== undefined && o.keyValueSeqLengths !== null)
    out.push(within(o.keyValueSeqLengths, B, S, 3));
  return out;
}

/** Positions before the end of each sequence, along an axis of `[B, 1, T, S]`; the other is 1. */
function within(lengths: ArrayLike, B: number, n: number, axis: number): Tracer {
  const shape = [B, 1, 1, 1].map((size, i) => (i === axis ? n : size));
  const ends = ops.reshape(convert(lift(lengths), "int32"), [B, 1, 1, 1]);
  return ops.lt(ops.iota("int32", shape, axis), broadcastArray(ends, shape));
}

/** Rows of the result past the end of their query sequence are 0. */
function blankPadding(x: Tracer, o: AttentionOptions, B: number, T: number): Tracer {
  if (o.querySeqLengths === undefined || o.querySeqLengths === null) return x;
  const ends = ops.broadcastInDim(ops.reshape(convert(lift(o.querySeqLengths), "int32"), [B]), [B, T, 1, 1], [0]);
  const inside = ops.lt(ops.iota("int32", [B, T, 1, 1], 1), ends);
  return ops.where(broadcastArray(inside, x.shape), x, constantLike(x, 0));
}
