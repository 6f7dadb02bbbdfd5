/** Whole numbers, and bools. */
import { byPosition } from "../numpy/arguments";
import { type DType, dtypeInfo, isFloat, isInteger } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import { type Tracer, literal } from "../core/tracer";
import { type ArrayLike, broadcastArray, constantLike, convert, inexact, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import { finfo } from "../numpy/dtypes";
import * as ops from "../ops/index";
import { eagerProgram } from "../transforms/eager-program";
import { type SampleOptions, type ShapeArg, liftKey, paramShape, sampleOptions, sampleShape } from "./arguments";
import { randomWords } from "./bits";
import { type BitsMode, checkMode, twoUniforms } from "./inverse";
import { type KeyWords, type Keys, splitTo } from "./key";
import { uniformIn } from "./uniform";

export interface RandintOptions extends SampleOptions {
  /** Least value. */
  minval: ArrayLike;
  /** Upper limit, never reached. */
  maxval: ArrayLike;
}

/** An integer dtype. Errors: DTypeError. */
function integerDType(op: string, dtype: DType = "int32"): DType {
  if (!isInteger(dtype)) throw new DTypeError(`${op}: expected an integer dtype, got ${dtype}`);
  return dtype;
}

/**
 * Integers distributed uniformly over `[minval, maxval)`; minval where that is empty.
 *
 * Shapes: `u32[2] -> i32[...shape]`; also called as `randint(key, shape, minval, maxval, dtype)`.
 * Dtypes: int32, or an integer `dtype`.
 * @example
 * random.randint(random.key(0), { minval: 0, maxval: 8, shape: [3] }).shape; // => [3]
 */
export function randint(key: ArrayLike, options: RandintOptions): Tracer;
export function randint(
  key: ArrayLike,
  shape: readonly number[],
  minval: ArrayLike,
  maxval: ArrayLike,
  options?: DType | Partial<RandintOptions>,
): Tracer;
export function randint(key: ArrayLike, shape: readonly number[], options: Omit<RandintOptions, "shape">): Tracer;
export function randint(key: ArrayLike, ...rest: readonly unknown[]): Tracer {
  const o = byPosition<RandintOptions>(["shape", "minval", "maxval", "dtype"], rest);
  const asked = integerDType("randint", o.dtype);
  return owned(() => {
    const keys = liftKey("randint", key);
    const [low, high] = [o.minval, o.maxval];
    if (typeof low === "number" && typeof high === "number") {
      const least = clip(low, asked);
      return sampleIntegers(keys, paramShape("randint", o.shape, []), asked, least, spanOf(least, high, asked));
    }
    const wide = dtypeInfo(asked).sizeBytes < 4 ? "int32" : asked;
    const [least, limit] = [convert(lift(low), wide), convert(lift(high), wide)];
    const size = paramShape("randint", o.shape, [least, limit]);
    const full = [...keys.shape.slice(0, -1), ...size];
    const [from, to] = [broadcastArray(least, full), broadcastArray(limit, full)];
    const width = convert(ops.sub(to, from), "uint32");
    const span = ops.where(ops.le(to, from), constantLike(width, 1), width);
    return sampleIntegers(keys, size, asked, from, span);
  });
}

/** A number in the range of an integer dtype. */
function clip(value: number, dtype: DType): number {
  const { kind, sizeBytes } = dtypeInfo(dtype);
  const bits = 8 * sizeBytes;
  const [least, most] = kind === "int" ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return Math.min(Math.max(Math.trunc(value), least), most);
}

/** How many values there are from `least` up to `limit`; 2^32 gives 0. */
function spanOf(least: number, limit: number, dtype: DType): number {
  const last = clip(Math.trunc(limit) - 1, dtype);
  return last < least ? 1 : (last - least + 1) >>> 0;
}

/** `least + offset`, the offset being a 64-bit random number modulo the span. */
function sampleIntegers(
  keys: Keys,
  shape: readonly number[],
  dtype: DType,
  least: number | Tracer,
  span: number | Tracer,
): Tracer {
  const wide = dtypeInfo(dtype).sizeBytes < 4 ? "int32" : dtype;
  const from = typeof least === "number" ? literal(least, wide) : least;
  const words = (n: number): Tracer => literal(n, "uint32");
  const integers =
    typeof span === "number"
      ? integersFrom(keys, shape, from, words(span), words(multiplierOf(span)))
      : integersFrom(keys, shape, from, span, null);
  return convert(integers, dtype);
}

/**
 * The random numbers modulo the span are computed in 32 bits:
 * `high 2^32 + low = (high mod s) (2^32 mod s) + (low mod s) (mod s)`, where `2^32 mod s = (2^16 mod s)^2 mod s` but for
 * what the square loses above 32 bits, as in JAX. Remainders by 0 are the number itself.
 */
const integersFrom = /* @__PURE__ */ eagerProgram(function randint(
  keys: Keys,
  shape: readonly number[],
  least: Tracer,
  span: Tracer,
  known: Tracer | null,
): Tracer {
  return owned(() => {
    const [k1, k2] = splitTo(keys, 2) as [KeyWords, KeyWords];
    const [high, low] = [randomWords(k1, shape), randomWords(k2, shape)];
    const s = broadcastArray(span, high.shape);
    const root = known === null ? ops.rem(constantLike(high, 2 ** 16), s) : null;
    const multiplier = root === null ? broadcastArray(known!, high.shape) : ops.rem(ops.mul(root, root), s);
    const offset = ops.rem(ops.add(ops.mul(ops.rem(high, s), multiplier), ops.rem(low, s)), s);
    return ops.add(broadcastArray(least, high.shape), convert(offset, least.dtype));
  });
});

function multiplierOf(span: number): number {
  if (span === 0) return 0;
  const root = 2 ** 16 % span;
  return (Math.imul(root, root) >>> 0) % span;
}

interface BernoulliOptions {
  /** Chance of true; 1/2 by default. */
  p?: ArrayLike;
  shape?: readonly number[] | undefined;
  /** "high" is right for p below 1e-7 too. */
  mode?: BitsMode | undefined;
}

/**
 * Bools that are true with probability p.
 *
 * Shapes: `u32[2] x [...] -> bool[...shape]`, by default the shape of p.
 * @example
 * random.bernoulli(random.key(3), 1, [3]).js(); // => [true, true, true]
 */
export function bernoulli(
  key: ArrayLike,
  p?: ArrayLike | BernoulliOptions,
  shape?: readonly number[] | BernoulliOptions,
  mode?: BitsMode | BernoulliOptions,
): Tracer {
  const o = byPosition<BernoulliOptions>(["p", "shape", "mode"], [p, shape, mode]);
  return owned(() => {
    const keys = liftKey("bernoulli", key);
    const chance = inexact(o.p ?? 0.5);
    const size = paramShape("bernoulli", o.shape, [chance]);
    if (checkMode("bernoulli", o.mode) === "high") {
      const [coarse, fine] = twoUniforms(keys, size, chance.dtype);
      const rest = ops.sub(broadcastArray(chance, coarse.shape), coarse);
      return ops.lt(ops.mul(fine, constantLike(fine, finfo(fine.dtype).eps)), rest);
    }
    const u = uniformIn(keys, size, chance.dtype, 0, 1);
    return ops.lt(u, broadcastArray(convert(chance, u.dtype), u.shape));
  });
}

/** -1 or 1, with equal chances. Shapes: `u32[2] -> i32[...shape]`. Dtypes: int32, or `dtype`. @example random.rademacher(random.key(0), { shape: [2] }).shape; // => [2] */
export function rademacher(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  const o = sampleOptions(shape, options);
  return owned(() => signsOf(liftKey("rademacher", key), sampleShape("rademacher", o.shape), o.dtype ?? "int32"));
}

/** -1 or 1 for each key and each position of `shape`. */
export function signsOf(keys: Keys, shape: readonly number[], dtype: DType): Tracer {
  const u = uniformIn(keys, shape, "float32", 0, 1);
  const sign = convert(ops.lt(u, constantLike(u, 0.5)), dtype);
  return ops.sub(ops.mul(constantLike(sign, 2), sign), constantLike(sign, 1));
}

/**
 * How many trials of chance p the first success takes: 1, 2, ...
 *
 * Shapes: `u32[2] x [...] -> i32[...shape]`, by default the shape of p. Dtypes: int32, or `dtype`.
 * @example
 * random.geometric(random.key(0), 1, { shape: [2] }).js(); // => [1, 1]
 */
export function geometric(key: ArrayLike, p: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = o.dtype ?? "int32";
  if (!isInteger(dtype) && !isFloat(dtype)) throw new DTypeError(`geometric: expected an integer dtype, got ${dtype}`);
  return owned(() => {
    const keys = liftKey("geometric", key);
    const chance = inexact(p);
    const size = paramShape("geometric", o.shape, [chance]);
    const u = uniformIn(keys, size, chance.dtype, 0, 1);
    const positive = ops.where(ops.eq(u, constantLike(u, 0)), constantLike(u, 1), u);
    const logOfFailure = ops.log1p(ops.neg(broadcastArray(convert(chance, u.dtype), u.shape)));
    const trials = ops.floor(ops.div(ops.log(positive), logOfFailure));
    return convert(ops.add(trials, constantLike(trials, 1)), dtype);
  });
}
