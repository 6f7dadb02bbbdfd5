/** Keys: the states of the random number generator. A key is uint32[2]; a key is used once, and split for more. */
import { type Named, named } from "../numpy/arguments";
import { ShapeError } from "../base/errors";
import { prod, range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { arrayFromHost } from "../numpy/host";
import { type ArrayLike, convert, integral } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { eagerProgram } from "../transforms/eager-program";
import { liftKey, sampleShape } from "./arguments";

/**
 * The key of a seed: its low 32 bits after 32 zeros.
 *
 * Shapes: `[...] -> u32[..., 2]`.
 * Differs from JAX: high bits of larger seeds do not count; keys are plain uint32 arrays, as `jax.random.PRNGKey` gives.
 * @example
 * random.key(7).js(); // => [0, 7]
 */
export function key(seed: ArrayLike): Tracer {
  if (typeof seed === "number" && Number.isInteger(seed)) {
    return arrayFromHost("key", Uint32Array.of(0, seed), { dtype: "uint32" });
  }
  return owned(() => {
    const low = convert(integral("key", seed), "uint32");
    return joinWords(ops.full(low.shape, 0, "uint32"), low);
  });
}

/** As `key`. @example random.PRNGKey(7).js(); // => [0, 7] */
export function PRNGKey(seed: ArrayLike): Tracer {
  return key(seed);
}

/**
 * New keys made of one. The key itself must not be used again.
 *
 * Shapes: `u32[2] -> u32[num, 2]`; `num` may be a shape.
 * @example
 * const [a, b] = random.split(random.key(0));
 * a.js(); // => [1797259609, 2579123966]
 */
export function split(
  key: ArrayLike,
  count?: number | readonly number[] | Named<"num", number | readonly number[]>,
): Tracer {
  const num = named("num", count, 2 as number | readonly number[]);
  const shape = sampleShape("split", typeof num === "number" ? [num] : num);
  return owned(() => keysOf(liftKey("split", key), shape));
}

const keysOf = /* @__PURE__ */ eagerProgram(function split(key: Tracer, shape: readonly number[]): Tracer {
  return owned(() => joinWords(...hashCounters(key, shape)));
});

/**
 * A key of a key and a number, for example the number of a training step.
 *
 * Shapes: `u32[2] x [] -> u32[2]`. Errors: DTypeError unless `data` is an integer.
 * @example
 * random.foldIn(random.key(0), 1).js(); // => [928981903, 3453687069]
 */
export function foldIn(key: ArrayLike, data: ArrayLike): Tracer {
  return owned(() => {
    const k = liftKey("foldIn", key);
    const low = convert(integral("foldIn", data), "uint32");
    if (low.ndim > 0) throw new ShapeError(`foldIn: expected a scalar, got ${low.aval}; use vmap`);
    return folded(k, low);
  });
}

const folded = /* @__PURE__ */ eagerProgram(function foldIn(k: Tracer, low: Tracer): Tracer {
  return owned(() => {
    const batch = k.shape.slice(0, -1);
    const [first, second] = wordsOf(k);
    const counter = ops.broadcastInDim(low, batch, []);
    return joinWords(...ops.threefry2x32(first, second, ops.full(batch, 0, "uint32"), counter));
  });
});

/** The same key with a handle of its own. @example random.clone(random.key(7)).js(); // => [0, 7] */
export function clone(key: ArrayLike): Tracer {
  return ops.copy(liftKey("clone", key));
}

/** The two words of a key, as keys are stored. @example random.keyData(random.key(7)).js(); // => [0, 7] */
export function keyData(key: ArrayLike): Tracer {
  return ops.copy(liftKey("keyData", key));
}

/** A key of its two words. @example random.wrapKeyData(np.array([0, 7], { dtype: "uint32" })).js(); // => [0, 7] */
export function wrapKeyData(words: ArrayLike): Tracer {
  return ops.copy(liftKey("wrapKeyData", words));
}

/** The name of the algorithm that makes keys. Source: jax.random.key_impl @example random.keyImpl(random.key(0)); // => "threefry2x32" */
export function keyImpl(keys: ArrayLike): "threefry2x32" {
  liftKey("keyImpl", keys);
  return "threefry2x32";
}

/** The dtype of keys: they are words here, where JAX has a dtype of keys. Source: jax.random.key_dtype @example random.keyDtype(); // => "uint32" */
export function keyDtype(): "uint32" {
  return "uint32";
}

/** Keys as their two words, each [...batch]: what samplers pass on. */
export type KeyWords = readonly [first: Tracer, second: Tracer];

/** Keys in either form. */
export type Keys = Tracer | KeyWords;

/** The words of keys [...batch, 2]. */
export function wordsOf(keys: Keys): KeyWords {
  if (isWords(keys)) return keys;
  const batch = keys.shape.slice(0, -1);
  const zeros = batch.map(() => 0);
  const word = (i: number): Tracer => ops.reshape(ops.slice(keys, [...zeros, i], [...batch, i + 1]), batch);
  return [word(0), word(1)];
}

const isWords = (keys: Keys): keys is KeyWords => Array.isArray(keys);

/** Axes of a batch of keys. */
export const batchOf = (keys: Keys): readonly number[] => (isWords(keys) ? keys[0].shape : keys.shape.slice(0, -1));

/** Two uint32 arrays side by side on a new last axis. */
function joinWords(first: Tracer, second: Tracer): Tracer {
  const column = (x: Tracer): Tracer => ops.reshape(x, [...x.shape, 1]);
  return ops.concatenate([column(first), column(second)], first.ndim);
}

/**
 * Two random words for each key and each position of `shape`: the hash of the position's 64-bit row-major number
 * (JAX's partitionable scheme). Both have shape [...batch, ...shape].
 */
export function hashCounters(keys: Keys, shape: readonly number[]): [Tracer, Tracer] {
  const batch = batchOf(keys);
  const full = [...batch, ...shape];
  const [first, second] = wordsOf(keys).map((w) => ops.broadcastInDim(w, full, range(batch.length))) as [
    Tracer,
    Tracer,
  ];
  const zeros = ops.full(full, 0, "uint32");
  const position = shape.length === 0 ? zeros : ops.reshape(ops.iota("uint32", [prod(shape)], 0), shape);
  const low = ops.broadcastInDim(position, full, range(full.length - position.ndim, full.length));
  return ops.threefry2x32(first, second, zeros, low);
}

/** Keys 0 to num - 1 of `split`. */
export function splitTo(keys: Keys, num: number): KeyWords[] {
  const [first, second] = wordsOf(keys);
  const zeros = ops.full(first.shape, 0, "uint32");
  return range(num).map((i) => ops.threefry2x32(first, second, zeros, ops.full(first.shape, i, "uint32")));
}

/** Keys of keys, one for each position of `shape`. */
export const splitOver = (keys: Keys, shape: readonly number[]): KeyWords => hashCounters(keys, shape);
