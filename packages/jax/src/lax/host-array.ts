/** Values of arrays on the host, as callbacks get them. */
import type { DataArray } from "../aval/data-array";
import type { DType } from "../aval/dtype";
import { type Shape, ShapedArray } from "../aval/shaped-array";
import { ConcretizationError } from "../base/errors";
import type { HostValue } from "../kernel/expr";
import { listText } from "./list-text";
import { nestedLists } from "../runtime/nested";

/** An array's values: plain memory, which nobody has to dispose. */
export class HostArray {
  /** Row-major; bool as 0 and 1. */
  readonly data: DataArray;
  readonly shape: Shape;
  readonly dtype: DType;
  constructor({ data, shape, dtype }: HostValue) {
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
  }
  /** Nested lists of numbers or booleans; a scalar as itself. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- nesting depends on the shape
  js(): any {
    return nestedLists(this.data, ShapedArray.of(this.shape, this.dtype));
  }
  /** The value of an array of one element. */
  item(): number {
    if (this.data.length !== 1) {
      throw new ConcretizationError(
        `item: expected an array of one element, got ${ShapedArray.of(this.shape, this.dtype)}; use js()`,
      );
    }
    return this.data[0]!;
  }
  /** The values as JS lists: `[1, 2]`. */
  toString(): string {
    return listText(this.data, this.shape, this.dtype);
  }
}
