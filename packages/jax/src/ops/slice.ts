/** Static slices with strides, and padding: each is the other's transpose. */
import { DTypeError, ShapeError } from "../base/errors";
import { insertAt, range, needList } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import { type Tracer, literal } from "../core/tracer";
import { exprPad, exprSlice } from "../kernel/expr-build";
import { sub } from "./arith";
import { broadcastInDim, full } from "./broadcast";
import { reduceSum } from "./reduce";
import { where } from "./select";
import { moveaxis } from "./transpose";

interface SliceParams {
  readonly startIndices: readonly number[];
  readonly limitIndices: readonly number[];
  readonly strides: readonly number[] | null;
}

const lengths = (starts: readonly number[], limits: readonly number[], strides: readonly number[] | null): number[] =>
  starts.map((s, i) => Math.max(0, Math.ceil((limits[i]! - s) / (strides?.[i] ?? 1))));

export const slice_p: Primitive<SliceParams, 1> = {
  name: "slice",
  type([x], { startIndices, limitIndices, strides }) {
    const ok =
      startIndices.length === x.ndim &&
      limitIndices.length === x.ndim &&
      x.shape.every(
        (n, i) =>
          startIndices[i]! >= 0 &&
          startIndices[i]! <= limitIndices[i]! &&
          limitIndices[i]! <= n &&
          (strides?.[i] ?? 1) > 0,
      );
    if (!ok) {
      throw new ShapeError(
        `slice: [${startIndices.join(",")}] to [${limitIndices.join(",")}] does not lie in ${x}; ` +
          `expected 0 <= start <= limit <= size for every axis, and positive strides`,
      );
    }
    return [x.withShape(lengths(startIndices, limitIndices, strides))];
  },
  derivative: {
    kind: "linear",
    transpose([ct], [x], { startIndices, limitIndices, strides }) {
      const steps = strides ?? x.shape.map(() => 1);
      const used = lengths(startIndices, limitIndices, strides).map((n, i) => (n === 0 ? 0 : (n - 1) * steps[i]! + 1));
      const high = x.shape.map((n, i) => n - startIndices[i]! - used[i]!);
      return [
        pad(
          ct!,
          literal(0, x.dtype),
          startIndices,
          high,
          steps.map((s) => s - 1),
        ),
      ];
    },
  },
  batch([x], [bdim], size, { startIndices, limitIndices, strides }) {
    const d = bdim!;
    const steps = strides === null ? null : insertAt(strides, d, 1);
    return [[slice(x, insertAt(startIndices, d, 0), insertAt(limitIndices, d, size), steps)], [d]];
  },
  lower: ([x], _avals, { startIndices, limitIndices, strides }) => [
    exprSlice(x, startIndices, limitIndices, strides ?? x.shape.map(() => 1)),
  ],
};

/**
 * `x[start:limit:stride]` along every axis, with static bounds.
 *
 * Errors: ShapeError if the bounds are not inside x.
 * @example
 * lax.slice(np.array([0, 1, 2, 3, 4]), [1], [5], [2]).js(); // => [1, 3]
 */
export function slice(
  x: Tracer,
  startIndices: readonly number[],
  limitIndices: readonly number[],
  strides: readonly number[] | null = null,
): Tracer {
  needList("slice", startIndices);
  needList("slice", limitIndices);
  const whole = startIndices.every((s, i) => s === 0 && limitIndices[i] === x.shape[i]);
  const steps = strides === null || strides.every((s) => s === 1) ? null : [...strides];
  if (whole && steps === null && startIndices.length === x.ndim) return x;
  return bind1(slice_p, [x], { startIndices: [...startIndices], limitIndices: [...limitIndices], strides: steps });
}

/**
 * `x[start:limit:stride]` along one axis.
 * @example
 * lax.sliceInDim(np.array([0, 1, 2]), 1, 3).js(); // => [1, 2]
 */
export function sliceInDim(x: Tracer, start: number, limit: number = x.shape[0]!, stride = 1, axis = 0): Tracer {
  const at = (whole: readonly number[], value: number): number[] => whole.map((v, i) => (i === axis ? value : v));
  return slice(
    x,
    at(
      x.shape.map(() => 0),
      start,
    ),
    at(x.shape, limit),
    at(
      x.shape.map(() => 1),
      stride,
    ),
  );
}

interface PadParams {
  /** [low, high, interior] of each axis */
  readonly paddingConfig: readonly (readonly [number, number, number])[];
}

export const pad_p: Primitive<PadParams, 2> = {
  name: "pad",
  type([x, fill], { paddingConfig }) {
    if (fill.ndim !== 0) throw new ShapeError(`pad: the padding value must be a scalar, got ${fill}`);
    if (fill.dtype !== x.dtype) throw new DTypeError(`pad: dtypes must be equal, got ${x} and padding value ${fill}`);
    if (paddingConfig.length !== x.ndim || paddingConfig.some((p) => p[2] < 0)) {
      throw new ShapeError(
        `pad: expected [low, high, interior >= 0] for each axis of ${x}, got ${JSON.stringify(paddingConfig)}`,
      );
    }
    const shape = x.shape.map((n, i) => {
      const [low, high, interior] = paddingConfig[i]!;
      return low + high + (n === 0 ? 0 : n + (n - 1) * interior);
    });
    if (shape.some((n) => n < 0)) throw new ShapeError(`pad: sizes would be negative, [${shape.join(",")}] from ${x}`);
    return [x.withShape(shape)];
  },
  derivative: {
    kind: "linear",
    transpose([ct], [x], { paddingConfig }) {
      // Undo the edges (negative padding crops, and the reverse), then take the elements that are not padding.
      const cropped = pad(
        ct!,
        literal(0, x.dtype),
        paddingConfig.map((p) => -p[0]),
        paddingConfig.map((p) => -p[1]),
      );
      const inner = slice(
        cropped,
        x.shape.map(() => 0),
        cropped.shape,
        paddingConfig.map((p) => p[2] + 1),
      );
      const all = reduceSum(ct!, range(ct!.ndim));
      return [inner, sub(all, reduceSum(inner, range(inner.ndim)))];
    },
  },
  batch([x, fill], [xd, fd], size, { paddingConfig }) {
    if (fd === null) {
      const config = insertAt(paddingConfig, xd!, [0, 0, 0] as const);
      return [[padWith(x, fill, config)], [xd]];
    }
    // Every example has its own padding value: pad with zeros, and put the value where a padded mask says.
    const operand = xd === null ? broadcastInDim(x, [size, ...x.shape], range(1, x.ndim + 1)) : moveaxis(x, xd, 0);
    const config = [[0, 0, 0] as const, ...paddingConfig];
    const values = padWith(operand, literal(0, x.dtype), config);
    const inside = padWith(full(operand.shape, true, "bool"), literal(false, "bool"), config);
    return [[where(inside, values, broadcastInDim(fill, values.shape, [0]))], [0]];
  },
  lower: ([x, fill], _avals, { paddingConfig }) => [
    exprPad(
      x,
      fill,
      paddingConfig.map((p) => p[0]),
      paddingConfig.map((p) => p[1]),
      paddingConfig.map((p) => p[2]),
    ),
  ],
};

function padWith(x: Tracer, fill: Tracer, paddingConfig: PadParams["paddingConfig"]): Tracer {
  if (paddingConfig.every((p) => p[0] === 0 && p[1] === 0 && p[2] === 0)) return x;
  return bind1(pad_p, [x, fill], { paddingConfig });
}

/**
 * Pads every axis at its edges and between its elements; negative edges crop.
 *
 * Errors: ShapeError, DTypeError if the scalar `fill` has another dtype.
 * @example
 * lax.pad(np.array([1, 2]), np.array(0), [1], [0], [1]).js(); // => [0, 1, 0, 2]
 */
export function pad(
  x: Tracer,
  fill: Tracer,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[] = low.map(() => 0),
): Tracer {
  return padWith(
    x,
    fill,
    low.map((l, i) => [l, high[i]!, interior[i]!] as const),
  );
}
