/** The abstract value of an array: shape, dtype, weak type. Interned, so equal avals are the same object. */
import { ShapeError } from "../base/errors";
import { prod } from "../base/list";
import { type DType, dtypeInfo } from "./dtype";

export type Shape = readonly number[];

export class ShapedArray {
  readonly shape: Shape;
  readonly dtype: DType;
  /** True for values that came from JS numbers: their dtype gives way in promotion. */
  readonly weakType: boolean;
  /** Small integer; equal exactly if the avals are equal. */
  readonly id: number;
  readonly size: number;

  private constructor(shape: Shape, dtype: DType, weakType: boolean, id: number) {
    this.shape = shape;
    this.dtype = dtype;
    this.weakType = weakType;
    this.id = id;
    this.size = prod(shape);
    Object.freeze(this);
  }

  /** The aval of this shape and dtype. Throws `ShapeError` unless all sizes are whole numbers >= 0. */
  static of(shape: Shape, dtype: DType, weakType = false): ShapedArray {
    if (shape.length > 0) return ShapedArray.intern(shape, dtype, weakType);
    const known = weakType ? weakScalars : scalars;
    let aval = known.get(dtype);
    if (aval === undefined) known.set(dtype, (aval = ShapedArray.intern(shape, dtype, weakType)));
    return aval;
  }

  private static intern(shape: Shape, dtype: DType, weakType: boolean): ShapedArray {
    const key = `${dtype}${weakType ? "*" : ""}[${shape.join()}]`;
    let aval = interned.get(key);
    if (aval === undefined) {
      dtypeInfo(dtype);
      for (const n of shape) {
        if (!Number.isInteger(n) || n < 0) {
          throw new ShapeError(`shape: sizes must be whole numbers >= 0, got [${shape.join(", ")}]`);
        }
      }
      aval = new ShapedArray(Object.freeze([...shape]), dtype, weakType, interned.size);
      interned.set(key, aval);
    }
    return aval;
  }

  get ndim(): number {
    return this.shape.length;
  }

  withShape(shape: Shape): ShapedArray {
    return ShapedArray.of(shape, this.dtype, this.weakType);
  }

  withDType(dtype: DType, weakType = false): ShapedArray {
    return ShapedArray.of(this.shape, dtype, weakType);
  }

  /** The same without the weak type. */
  strengthen(): ShapedArray {
    return this.weakType ? ShapedArray.of(this.shape, this.dtype) : this;
  }

  /** `f32[2,3]`, with `~` before a weak type in long form. */
  toString(): string {
    return `${dtypeInfo(this.dtype).short}[${this.shape.join(",")}]`;
  }
}

const interned = /* @__PURE__ */ new Map<string, ShapedArray>();
const scalars = /* @__PURE__ */ new Map<DType, ShapedArray>();
const weakScalars = /* @__PURE__ */ new Map<DType, ShapedArray>();

export type Aval = ShapedArray;

/** `f32[2,3] and f32[4,5]`, for error messages. */
export function printAvals(avals: readonly ShapedArray[]): string {
  return avals.map(String).join(" and ");
}
