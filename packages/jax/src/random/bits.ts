/** Random bits: what all samplers are made of. */
import { type DType, dtypeInfo } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, convert } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { eagerProgram } from "../transforms/eager-program";
import { type SampleOptions, type ShapeArg, liftKey, sampleOptions, sampleShape } from "./arguments";
import { type Keys, hashCounters } from "./key";

/**
 * Uniformly distributed words.
 *
 * Shapes: `u32[2] -> u32[...shape]`; of keys [..., 2] it is [..., ...shape], here and in the other samplers.
 * Dtypes: uint32, or `dtype`: uint8, uint16 or uint32.
 * Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011): Threefry-2x32, 20 rounds.
 * @example
 * random.bits(random.key(0), [3]).js(); // => [4070199207, 4202968722, 1427181096]
 */
export function bits(key: ArrayLike, shape?: ShapeArg, options?: SampleOptions | DType): Tracer {
  const o = sampleOptions(shape, options);
  const dtype = o.dtype ?? "uint32";
  if (dtypeInfo(dtype).kind !== "uint") throw new DTypeError(`bits: expected an unsigned dtype, got ${dtype}`);
  return owned(() => convert(randomWords(liftKey("bits", key), sampleShape("bits", o.shape)), dtype));
}

/** 32 random bits for each key and each position of `shape`. */
export const randomWords = /* @__PURE__ */ eagerProgram(function bits(keys: Keys, shape: readonly number[]): Tracer {
  return owned(() => ops.xor(...hashCounters(keys, shape)));
});
