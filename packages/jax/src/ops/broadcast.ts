/** Broadcasting, constants of a shape, and index arrays. */
import type { DType } from "../aval/dtype";
import { type Aval, type Shape, ShapedArray } from "../aval/shaped-array";
import { ShapeError } from "../base/errors";
import { range, needList } from "../base/list";
import { bind1 } from "../core/interpreter";
import type { Primitive } from "../core/primitive";
import { type Tracer, literal } from "../core/tracer";
import { exprBroadcast, exprIota } from "../kernel/expr-build";
import { reduceSum } from "./reduce";
import { reshape } from "./reshape";
import { moveaxis, transpose } from "./transpose";

interface BroadcastParams {
  readonly shape: readonly number[];
  readonly broadcastDimensions: readonly number[];
}

export const broadcast_in_dim_p: Primitive<BroadcastParams, 1> = {
  name: "broadcast_in_dim",
  type([x], { shape, broadcastDimensions: dims }) {
    const fits =
      dims.length === x.ndim &&
      dims.every(
        (d, i) =>
          d >= 0 && d < shape.length && (i === 0 || d > dims[i - 1]!) && (x.shape[i] === 1 || x.shape[i] === shape[d]),
      );
    if (!fits) {
      throw new ShapeError(
        `broadcast_in_dim: cannot broadcast ${x} to [${shape.join(",")}] with dimensions [${dims.join(",")}]; ` +
          `there must be one ascending dimension for each axis, of equal size or size 1`,
      );
    }
    return [x.withShape(shape)];
  },
  derivative: {
    kind: "linear",
    transpose([ct], [x], { shape, broadcastDimensions: dims }) {
      const repeated = range(shape.length).filter((d) => {
        const i = dims.indexOf(d);
        return i < 0 || (x.shape[i] === 1 && shape[d] !== 1);
      });
      const summed = repeated.length === 0 ? ct! : reduceSum(ct!, repeated);
      return [reshape(summed, x.shape)];
    },
  },
  batch([x], [bdim], size, { shape, broadcastDimensions: dims }) {
    const moved = moveaxis(x, bdim!, 0);
    return [[broadcastInDim(moved, [size, ...shape], [0, ...dims.map((d) => d + 1)])], [0]];
  },
  lower: ([x], _avals, { shape, broadcastDimensions }) => [exprBroadcast(x, shape, broadcastDimensions)],
};

/**
 * Puts axis i of x at axis `broadcastDimensions[i]` of `shape`; other axes, and axes of size 1, repeat.
 *
 * Errors: ShapeError if the sizes do not fit.
 * @example
 * lax.broadcastInDim(np.array([1, 2]), [2, 2], [0]).js(); // => [[1, 1], [2, 2]]
 */
export function broadcastInDim(x: Tracer, shape: Shape, broadcastDimensions: readonly number[]): Tracer {
  if (x.ndim === shape.length && shape.every((n, i) => n === x.shape[i])) return x;
  return bind1(broadcast_in_dim_p, [x], {
    shape: [...shape],
    broadcastDimensions: [...needList("broadcastInDim", broadcastDimensions)],
  });
}

/** x with leading axes repeated up to `shape`, axes aligned at the end as NumPy does. */
export function broadcastTo(x: Tracer, shape: Shape): Tracer {
  return broadcastInDim(x, shape, range(shape.length - x.ndim, shape.length));
}

/**
 * An array of equal elements.
 * @example
 * lax.full([2], 7, "int32").js(); // => [7, 7]
 */
export function full(shape: Shape, value: number | boolean, dtype: DType, weakType = false): Tracer {
  return bind1(broadcast_in_dim_p, [literal(value, dtype, weakType)], {
    shape: [...needList("full", shape)],
    broadcastDimensions: [],
  });
}

/** Equal elements in the shape and dtype of x. */
export function fullLike(x: Tracer | Aval, value: number | boolean): Tracer {
  const { shape, dtype } = x;
  return shape.length === 0 ? literal(value, dtype, x.weakType) : full(shape, value, dtype);
}

/** Zeros in the shape and dtype of x. */
export const zerosLike = (x: Tracer | Aval): Tracer => fullLike(x, 0);

/** Ones in the shape and dtype of x. */
export const onesLike = (x: Tracer | Aval): Tracer => fullLike(x, 1);

interface IotaParams {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly dimension: number;
}

export const iota_p: Primitive<IotaParams, 0> = {
  name: "iota",
  type(_xs, { dtype, shape, dimension }) {
    if (dimension < 0 || dimension >= shape.length) {
      throw new ShapeError(`iota: dimension ${dimension} is out of range for shape [${shape.join(",")}]`);
    }
    return [ShapedArray.of(shape, dtype)];
  },
  derivative: { kind: "zero", because: "it has no arguments" },
  batch: (_xs, _dims, _size, params) => [[iota(params.dtype, params.shape, params.dimension)], [null]],
  lower: (_xs, _avals, { dtype, shape, dimension }) => [exprIota(dtype, shape, dimension)],
};

/**
 * The index along one dimension.
 *
 * Errors: ShapeError if the dimension is out of range.
 * @example
 * lax.iota("int32", [2, 3], 1).js(); // => [[0, 1, 2], [0, 1, 2]]
 */
export function iota(dtype: DType, shape: Shape, dimension: number): Tracer {
  return bind1(iota_p, [], { dtype, shape: [...needList("iota", shape)], dimension });
}

/** x with its axes at `to` in an array of `ndim` axes; the others have size 1. */
export function placeAxes(x: Tracer, ndim: number, to: readonly number[]): Tracer {
  const order = range(to.length).sort((i, j) => to[i]! - to[j]!);
  const sorted = transpose(x, order);
  const shape = new Array<number>(ndim).fill(1);
  order.forEach((from) => (shape[to[from]!] = x.shape[from]!));
  return reshape(sorted, shape);
}
