/** Wide products and random words. */
import type { DType } from "../aval/dtype";
import { DTypeError, ShapeError } from "../base/errors";
import { prod } from "../base/list";
import type { Tracer } from "../core/tracer";
import { type Named, named } from "../numpy/arguments";
import { type ArrayLike, constantLike, convert, integral, promoteShapes } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { randomWords } from "../random/bits";

/** The upper 32 bits of the 64-bit product of 32-bit integers. @example lax.mulhi(np.array([2 ** 30], { dtype: "int32" }), np.array([8], { dtype: "int32" })).js(); // => [2] */
export function mulhi(x: ArrayLike, y: ArrayLike): Tracer {
  return owned(() => {
    const [a, b] = promoteShapes("mulhi", [integral("mulhi", x), integral("mulhi", y)]) as [Tracer, Tracer];
    if (a.dtype !== b.dtype || (a.dtype !== "int32" && a.dtype !== "uint32"))
      throw new DTypeError(`mulhi: expected two int32 or two uint32 arrays, got ${a.aval} and ${b.aval}`);
    const [u, v] = [convert(a, "uint32"), convert(b, "uint32")];
    const c = (value: number): Tracer => constantLike(u, value);
    const low = (t: Tracer): Tracer => ops.and(t, c(0xffff));
    const high = (t: Tracer): Tracer => ops.shiftRightLogical(t, c(16));
    const middle = ops.add(ops.mul(high(u), low(v)), high(ops.mul(low(u), low(v))));
    const other = ops.add(ops.mul(low(u), high(v)), low(middle));
    const product = ops.add(ops.mul(high(u), high(v)), ops.add(high(middle), high(other)));
    if (a.dtype === "uint32") return product;
    // Of negative factors the unsigned product is too large by the other factor times 2^32.
    const excess = (s: Tracer, t: Tracer): Tracer => ops.where(ops.lt(s, constantLike(s, 0)), t, constantLike(t, 0));
    return convert(ops.sub(ops.sub(product, excess(a, v)), excess(b, u)), "int32");
  });
}

/**
 * A new key and random words from a key of 4 words: two are the key of threefry, two count the words drawn.
 *
 * Dtypes: uint32, or uint8 and uint16 by their low bits.
 * Differs from JAX: the words are those of `random.bits` under this key and count.
 * @example
 * lax.rngBitGenerator(np.zeros([4], { dtype: "uint32" }), [3])[1].shape; // => [3]
 */
export function rngBitGenerator(
  key: Tracer,
  shape: readonly number[],
  dtype?: DType | Named<"dtype", DType>,
): [Tracer, Tracer] {
  const wanted = named<"dtype", DType>("dtype", dtype, "uint32");
  return owned((): [Tracer, Tracer] => {
    if (key.dtype !== "uint32" || key.ndim !== 1 || key.size !== 4)
      throw new ShapeError(`rngBitGenerator: expected a key uint32[4], got ${key.aval}`);
    const word = (i: number): Tracer => ops.reshape(ops.slice(key, [i], [i + 1]), []);
    const hashed = ops.threefry2x32(word(0), word(1), word(2), word(3));
    const next = ops.add(word(3), constantLike(word(3), prod(shape)));
    const parts = [word(0), word(1), word(2), next].map((w) => ops.reshape(w, [1]));
    return [ops.concatenate(parts, 0), convert(randomWords(hashed, shape), wanted)];
  });
}
