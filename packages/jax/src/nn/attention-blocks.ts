/** Attention without a matrix of all scores: some queries of one head at a time, over all keys. */
import { range } from "../base/list";
import { type Tracer, literal } from "../core/tracer";
import * as ops from "../ops/index";
import { plainScan } from "../lax/scan-loop";
import { checkpoint } from "../transforms/remat";
import { type Attention, type Extras, mixValues } from "./attention-weights";

/** Scores that are kept at once: 1 MB of float32, which stays in a processor's cache between the two products. */
const BLOCK = 2 ** 18;

/** From this many on, scores are not kept as one matrix. */
export const MANY_SCORES = 2 ** 22;

/**
 * The same as `mixValues` for q `[B, K, G, T, H]`, k `[B, K, S, H]` and v `[B, K, S, V]`, bias and masks of five axes that
 * broadcast to `[B, K, G, T, S]`. The backward pass computes the scores again, a block at a time as well.
 */
export function mixValuesInBlocks(
  how: Attention,
  q: Tracer,
  k: Tracer,
  v: Tracer,
  extras: Extras,
  block = BLOCK,
): Tracer {
  const [B, K, G, T, H] = q.shape as [number, number, number, number, number];
  const [S, V] = v.shape.slice(2) as [number, number];
  const blocks = Math.ceil(T / Math.max(1, Math.floor(block / (G * S))));
  const rows = Math.ceil(T / blocks);
  const padded =
    rows * blocks === T ? q : ops.pad(q, literal(0, q.dtype), [0, 0, 0, 0, 0], [0, 0, 0, rows * blocks - T, 0]);
  const queries = ops.transpose(ops.reshape(padded, [B * K, G, blocks, rows, H]), [0, 2, 1, 3, 4]);
  const pair = (x: Tracer): Tracer => ops.reshape(x, [B * K, ...x.shape.slice(2)]);
  const { bias, masks } = extras;
  const extra = (bias === null ? masks : [bias, ...masks]).map((x) => padRows(x, T, rows * blocks));

  const [, out] = plainScan(
    (_none: null, [i, qs, keys, values]: [Tracer, Tracer, Tracer, Tracer]) => {
      const ofPair = extra.map((x) => slicePair(x, i, K));
      const mixRows = checkpoint((n: Tracer, some: Tracer, ks: Tracer, vs: Tracer, ...of: Tracer[]): Tracer => {
        const first = ops.mul(n, literal(rows, "int32"));
        const here = of.map((x) => sliceRows(x, first, rows));
        const own = bias === null ? { bias, masks: here } : { bias: here[0]!, masks: here.slice(1) };
        return mixValues(how, some, ks, vs, own, first);
      });
      const [, mixed] = plainScan(
        (_: null, [n, some]: [Tracer, Tracer]) => [null, mixRows(n, some, keys, values, ...ofPair)],
        null,
        [ops.iota("int32", [blocks], 0), qs],
        {},
      );
      return [null, mixed];
    },
    null,
    [ops.iota("int32", [B * K], 0), queries, pair(k), pair(v)],
    {},
  ) as [null, Tracer]; // [B K, blocks, G, rows, V]
  const whole = ops.reshape(ops.transpose(out, [0, 2, 1, 3, 4]), [B, K, G, rows * blocks, V]);
  return rows * blocks === T ? whole : ops.slice(whole, [0, 0, 0, 0, 0], [B, K, G, T, V]);
}

/** The axis of queries, if x has it, as long as all blocks. */
function padRows(x: Tracer, T: number, length: number): Tracer {
  const high = length - x.shape[3]!;
  if (x.shape[3] !== T || T === 1 || high === 0) return x;
  return ops.pad(x, literal(0, x.dtype), [0, 0, 0, 0, 0], [0, 0, 0, high, 0]);
}

/** Of `[B or 1, K or 1, ...]` what belongs to pair `i` of B K. */
function slicePair(x: Tracer, i: Tracer, K: number): Tracer {
  const count = literal(K, "int32");
  const zero = literal(0, "int32");
  const [b, k, ...rest] = x.shape as [number, number, ...number[]];
  const starts = [b === 1 ? zero : ops.div(i, count), k === 1 ? zero : ops.rem(i, count), ...rest.map(() => zero)];
  return ops.reshape(ops.dynamicSlice(x, starts, [1, 1, ...rest]), rest);
}

/** Of `[G or 1, T or 1, S or 1]` some rows. */
function sliceRows(x: Tracer, first: Tracer, rows: number): Tracer {
  if (x.shape[1] === 1) return x;
  const starts = range(3).map((axis) => (axis === 1 ? first : literal(0, "int32")));
  return ops.dynamicSlice(x, starts, [x.shape[0]!, rows, x.shape[2]!]);
}
