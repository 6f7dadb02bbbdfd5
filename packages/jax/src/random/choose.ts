/** Choosing among things: permutations, draws from a list, categories. */
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { insertAt, listsEqual, prod, range } from "../base/list";
import { type Tracer } from "../core/tracer";
import { topK } from "../lax/order";
import { add, multiply, subtract } from "../numpy/arithmetic";
import { cumsum } from "../numpy/cumulative";
import { take } from "../numpy/indexing";
import { type ArrayLike, broadcastArray, convert, inexact, lift } from "../numpy/lift";
import { byPosition } from "../numpy/arguments";
import { owned } from "../numpy/owned";
import { moveaxis } from "../numpy/shape";
import { searchsorted } from "../numpy/sorting";
import * as ops from "../ops/index";
import { liftKey, sampleShape } from "./arguments";
import { randomWords } from "./bits";
import { randint } from "./integers";
import { type BitsMode, checkMode, gumbelOf } from "./inverse";
import { type KeyWords, type Keys, splitTo } from "./key";
import { uniformIn } from "./uniform";

/** Sorts x by random words, as often as makes equal words improbable to matter. */
function shuffled(key: Tracer, x: Tracer, axis: number): Tracer {
  const rounds = Math.ceil((3 * Math.log(Math.max(1, prod(x.shape)))) / Math.log(2 ** 32 - 1));
  let k: Keys = key;
  let out = x;
  for (let i = 0; i < rounds; i++) {
    const [next, use] = splitTo(k, 2) as [KeyWords, KeyWords];
    k = next;
    out = ops.sort([randomWords(use, x.shape), out], axis, 1)[1]!;
  }
  return out === x ? ops.copy(x) : out;
}

function oneKey(op: string, key: ArrayLike): Tracer {
  const k = liftKey(op, key);
  if (k.ndim !== 1) throw new ShapeError(`${op}: expected one key, got ${k.aval}; use vmap`);
  return k;
}

/** The axis, and the number of elements along it; a number stands for the integers below it. */
function population(op: string, x: number | ArrayLike, axis: number): { array: Tracer | null; at: number; n: number } {
  if (typeof x === "number") {
    if (!Number.isInteger(x) || x < 0) throw new ShapeError(`${op}: expected a whole number or an array, got ${x}`);
    return { array: null, at: 0, n: x };
  }
  const array = lift(x);
  if (array.ndim === 0) throw new ShapeError(`${op}: expected a JS number or an array with an axis, got ${array.aval}`);
  const at = canonicalAxis(op, axis, array.ndim);
  return { array, at, n: array.shape[at]! };
}

export interface PermutationOptions {
  axis?: number | undefined;
  /** Shuffles each line along the axis by itself. */
  independent?: boolean | undefined;
}

/**
 * The array with its parts along an axis in random order; a number stands for the integers below it.
 *
 * @example
 * np.sort(random.permutation(random.key(0), 4)).js(); // => [0, 1, 2, 3]
 */
export function permutation(
  key: ArrayLike,
  x: number | ArrayLike,
  axis?: number | PermutationOptions,
  independent?: boolean | PermutationOptions,
): Tracer {
  const o = byPosition<PermutationOptions>(["axis", "independent"], [axis, independent]);
  return owned(() => {
    const k = oneKey("permutation", key);
    const { array, at, n } = population("permutation", x, o.axis ?? 0);
    if (array !== null && (o.independent === true || array.ndim === 1)) return shuffled(k, array, at);
    const order = shuffled(k, ops.iota("int32", [n], 0), 0);
    return array === null ? order : take(array, order, at);
  });
}

export interface ChoiceOptions {
  /** Shape of the draws; one by default. */
  shape?: readonly number[] | undefined;
  /** Whether an element may come twice; true by default. */
  replace?: boolean | undefined;
  /** Chance of each element; equal by default. */
  p?: ArrayLike | null | undefined;
  axis?: number | undefined;
  /** Of draws by chances and without replacement, as `gumbel`. */
  mode?: BitsMode | undefined;
}

/**
 * Elements drawn from an array along an axis; a number stands for the integers below it.
 *
 * Shapes: the axis is replaced by `shape`.
 * Errors: ShapeError if there are too few elements, or p has another length.
 * @example
 * random.choice(random.key(0), 10, { shape: [2, 2] }).shape; // => [2, 2]
 */
export function choice(
  key: ArrayLike,
  a: number | ArrayLike,
  shape?: readonly number[] | ChoiceOptions,
  replace?: boolean | ChoiceOptions,
  p?: ArrayLike | null | ChoiceOptions,
  axis?: number | ChoiceOptions,
  options?: ChoiceOptions,
): Tracer {
  const o = byPosition<ChoiceOptions>(["shape", "replace", "p", "axis"], [shape, replace, p, axis, options], ["mode"]);
  return owned(() => {
    const k = oneKey("choice", key);
    const size = sampleShape("choice", o.shape);
    const { array, at, n } = population("choice", a, o.axis ?? 0);
    const draws = prod(size);
    const again = o.replace ?? true;
    if (n === 0 && draws > 0) throw new ShapeError("choice: there is nothing to choose from");
    if (!again && draws > n) throw new ShapeError(`choice: cannot take ${draws} of ${n} elements without replacement`);
    const shaped = array === null ? size : [...array.shape.slice(0, at), ...size, ...array.shape.slice(at + 1)];
    const chances = o.p ?? null;
    if (chances === null && !again) {
      const all = permutation(k, array ?? n, at);
      const limits = all.shape.map((m, i) => (i === at ? draws : m));
      return ops.reshape(
        ops.slice(
          all,
          all.shape.map(() => 0),
          limits,
        ),
        shaped,
      );
    }
    const index =
      chances === null
        ? randint(k, size, 0, n)
        : weighted(k, inexact(chances), n, size, again ? null : checkMode("choice", o.mode));
    return ops.reshape(array === null ? index : take(array, index, at), shaped);
  });
}

/** Positions drawn with chances p: by the inverse of the running sum, or the largest of log p plus Gumbel noise. */
function weighted(key: Tracer, p: Tracer, n: number, shape: readonly number[], once: BitsMode | null): Tracer {
  if (!listsEqual(p.shape, [n])) throw new ShapeError(`choice: p must have shape [${n}], got ${p.aval}`);
  if (once !== null) return topK(add(gumbelOf(key, [n], p.dtype, once), ops.log(p)), prod(shape))[1];
  const sums = cumsum(p, 0);
  const total = ops.reshape(ops.slice(sums, [n - 1], [n]), []);
  const r = multiply(total, subtract(1, uniformIn(key, shape, p.dtype, 0, 1)));
  return convert(searchsorted(sums, r), "int32");
}

export interface CategoricalOptions {
  /** Axis of the categories; the last by default. */
  axis?: number | undefined;
  /** Shape of the sample: ends with the shape of the logits without the axis. */
  shape?: readonly number[] | undefined;
  /** Whether a category may come twice in the leading axes of the sample; true by default. */
  replace?: boolean | undefined;
  /** As `gumbel`. */
  mode?: BitsMode | undefined;
}

/**
 * Categories with probabilities `softmax(logits)`: the place of the largest of logits plus Gumbel noise.
 *
 * Shapes: `u32[2] x f32[..., n] -> i32[...]`. Errors: ShapeError if `shape` does not fit.
 * @example
 * random.categorical(random.key(0), np.array([0, -Infinity])).js(); // => 0
 */
export function categorical(
  key: ArrayLike,
  logits: ArrayLike,
  axis?: number | CategoricalOptions,
  shape?: readonly number[] | CategoricalOptions,
  replace?: boolean | CategoricalOptions,
  mode?: BitsMode | CategoricalOptions,
): Tracer {
  const o = byPosition<CategoricalOptions>(["axis", "shape", "replace", "mode"], [axis, shape, replace, mode]);
  const bits = checkMode("categorical", o.mode);
  return owned(() => {
    const k = oneKey("categorical", key);
    const x = inexact(logits);
    const at = canonicalAxis("categorical", o.axis ?? -1, x.ndim);
    const batch = x.shape.filter((_, i) => i !== at);
    const size = sampleShape("categorical", o.shape ?? batch);
    const lead = size.length - batch.length;
    if (lead < 0 || !batch.every((m, i) => m === size[lead + i] || m === 1)) {
      throw new ShapeError(`categorical: shape [${size.join(", ")}] does not end with [${batch.join(", ")}]`);
    }
    const prefix = size.slice(0, lead);
    if (o.replace ?? true) {
      const noise = gumbelOf(k, [...prefix, ...insertAt(size.slice(lead), at, x.shape[at]!)], x.dtype, bits);
      return ops.argmax(ops.add(noise, broadcastArray(x, noise.shape)), lead + at);
    }
    const picked = topK(moveaxis(ops.add(gumbelOf(k, x.shape, x.dtype, bits), x), at, -1), prod(prefix))[1];
    return ops.reshape(ops.transpose(picked, [batch.length, ...range(batch.length)]), size);
  });
}
