/** Attention. */
import { byPosition } from "../numpy/arguments";
import { ShapeError } from "../base/errors";
import { isFloat, sizeBytesOf } from "../aval/dtype";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { type ArrayLike, broadcastArray, constantLike, convert, lift, truth } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { MANY_SCORES, mixValuesInBlocks } from "./attention-blocks";
import { type Attention, type Extras, mixValues } from "./attention-weights";

const BY_NAME = ["scale", "isCausal", "querySeqLengths", "keyValueSeqLengths", "localWindowSize"] as const;

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
 * Of long sequences only a part of the scores is in memory at a time, also while differentiating.
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
  const o = byPosition<AttentionOptions>(["bias", "mask"], [bias, mask, options], BY_NAME);
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
    const G = N / K;
    const how: Attention = {
      wide: isFloat(q.dtype) && sizeBytesOf(q.dtype) === 8 ? "float64" : "float32",
      scale: o.scale ?? 1 / Math.sqrt(H),
      isCausal: o.isCausal === true,
      window:
        typeof o.localWindowSize === "number" ? [o.localWindowSize, o.localWindowSize] : (o.localWindowSize ?? null),
    };
    const heads = ops.transpose(ops.reshape(q, [B, T, K, G, H]), [0, 2, 3, 1, 4]); // [B, K, G, T, H]
    const [keys, values] = [k, v].map((x) => ops.transpose(x, [0, 2, 1, 3])) as [Tracer, Tracer]; // [B, K, S, H]
    const extras = extrasOf(o, [B, K, G, T, S]);
    const mix = B * N * T * S < MANY_SCORES ? mixValues : mixValuesInBlocks;
    const mixed = mix(how, heads, keys, values, extras); // [B, K, G, T, V]
    const out = ops.reshape(ops.transpose(mixed, [0, 3, 1, 2, 4]), [B, T, N, v.shape[3]!]);
    return ops.reshape(blankPadding(out, o, B, T), [...given.shape.slice(0, -1), v.shape[3]!]);
  });
}

function batched(x: Tracer): Tracer {
  if (x.ndim === 4) return x;
  if (x.ndim === 3) return ops.reshape(x, [1, ...x.shape]);
  throw new ShapeError(`dotProductAttention: expected [B, T, N, H] or [T, N, H], got ${x.aval}`);
}

/** Bias and masks of five axes that broadcast to `[B, K, G, T, S]`. */
function extrasOf(o: AttentionOptions, [B, K, G, T, S]: readonly [number, number, number, number, number]): Extras {
  const five = (op: string, x: Tracer): Tracer => {
    const [b, n, t, s] = [...Array<number>(Math.max(0, 4 - x.ndim)).fill(1), ...x.shape] as [
      number,
      number,
      number,
      number,
    ];
    const fits = (size: number, expected: number): boolean => size === 1 || size === expected;
    if (x.ndim > 4 || !fits(b, B) || !fits(n, K * G) || !fits(t, T) || !fits(s, S)) {
      throw new ShapeError(
        `dotProductAttention: ${op} ${x.aval} does not broadcast to [${[B, K * G, T, S].join(", ")}]`,
      );
    }
    return ops.reshape(x, n === 1 ? [b, 1, 1, t, s] : [b, K, G, t, s]);
  };
  const masks: Tracer[] = [];
  if (o.mask !== undefined && o.mask !== null) masks.push(five("mask", truth(o.mask)));
  const within = (lengths: ArrayLike, shape: readonly number[], axis: number): void => {
    const ends = ops.broadcastInDim(ops.reshape(convert(lift(lengths), "int32"), [B]), shape, [0]);
    masks.push(ops.lt(ops.iota("int32", shape, axis), ends));
  };
  if (o.querySeqLengths !== undefined && o.querySeqLengths !== null) within(o.querySeqLengths, [B, 1, 1, T, 1], 3);
  if (o.keyValueSeqLengths !== undefined && o.keyValueSeqLengths !== null)
    within(o.keyValueSeqLengths, [B, 1, 1, 1, S], 4);
  return { bias: o.bias === undefined || o.bias === null ? null : five("bias", lift(o.bias)), masks };
}

/** Rows of the result past the end of their query sequence are 0. */
function blankPadding(x: Tracer, o: AttentionOptions, B: number, T: number): Tracer {
  if (o.querySeqLengths === undefined || o.querySeqLengths === null) return x;
  const ends = ops.broadcastInDim(ops.reshape(convert(lift(o.querySeqLengths), "int32"), [B]), [B, T, 1, 1], [0]);
  const inside = ops.lt(ops.iota("int32", [B, T, 1, 1], 1), ends);
  return ops.where(broadcastArray(inside, x.shape), x, constantLike(x, 0));
}
