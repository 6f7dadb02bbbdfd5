/** Convolution and correlation of vectors. */
import { ShapeError } from "../base/errors";
import { type Tracer } from "../core/tracer";
import * as ops from "../ops/index";
import { type ArrayLike, promoteInexactDTypes } from "./lift";
import { owned } from "./owned";
import { type Named, named } from "./arguments";
import { convGeneralDilated } from "../lax/conv";

export type ConvolveMode = "full" | "same" | "valid";

function slide(op: "convolve" | "correlate", x: ArrayLike, y: ArrayLike, mode: ConvolveMode): Tracer {
  return owned(() => {
    let [a, b] = promoteInexactDTypes([x, y]) as [Tracer, Tracer];
    if (a.ndim !== 1 || b.ndim !== 1) throw new ShapeError(`${op}: expected two vectors, got ${a.aval} and ${b.aval}`);
    if (a.size === 0 || b.size === 0)
      throw new ShapeError(`${op}: vectors must not be empty, got ${a.aval} and ${b.aval}`);
    const swapped = a.size < b.size;
    if (swapped) [a, b] = [b, a];
    if (op === "convolve") b = ops.rev(b, [0]);
    const n = b.size;
    const half = Math.floor(n / 2);
    const padding: [number, number] =
      mode === "valid" ? [0, 0] : mode === "same" ? [half, n - half - 1] : [n - 1, n - 1];
    const out = convGeneralDilated(ops.reshape(a, [1, 1, a.size]), ops.reshape(b, [1, 1, n]), [1], [padding]);
    const flat = ops.reshape(out, [out.size]);
    return op === "correlate" && swapped ? ops.rev(flat, [0]) : flat;
  });
}

/** Convolution of two vectors, as floats: "full" (default), "same" length as the longer, or "valid" overlaps only. @example np.convolve(np.array([1, 2]), np.array([1, 1])).js(); // => [1, 3, 2] */
export function convolve(x: ArrayLike, y: ArrayLike, mode?: ConvolveMode | Named<"mode", ConvolveMode>): Tracer {
  return slide("convolve", x, y, named("mode", mode, "full"));
}

/** Correlation of two vectors, as floats; "valid" by default. @example np.correlate(np.array([1, 2, 3]), np.array([0, 1])).js(); // => [2, 3] */
export function correlate(x: ArrayLike, y: ArrayLike, mode?: ConvolveMode | Named<"mode", ConvolveMode>): Tracer {
  return slide("correlate", x, y, named("mode", mode, "valid"));
}
