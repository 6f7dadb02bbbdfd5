/** Flat data to nested lists and back. */
import { ShapeError } from "../base/errors";
import type { DataArray } from "../aval/data-array";
import type { ShapedArray } from "../aval/shaped-array";

export type Nested<T> = T | readonly Nested<T>[];

/** Nested lists of numbers, or of booleans for a bool array; a scalar as itself. */
export function nestedLists(data: DataArray, aval: ShapedArray): unknown {
  const { shape, dtype } = aval;
  let at = 0;
  const build = (axis: number): unknown => {
    if (axis === shape.length) {
      const value = data[at++]!;
      return dtype === "bool" ? value !== 0 : value;
    }
    return Array.from({ length: shape[axis]! }, () => build(axis + 1));
  };
  return build(0);
}

/** Shape and flat values of nested lists. Throws ShapeError when jagged. */
export function flattenLists<T>(op: string, values: Nested<T>): { shape: number[]; flat: T[] } {
  const shape: number[] = [];
  for (let v: Nested<T> = values; Array.isArray(v); v = v[0] as Nested<T>) {
    shape.push(v.length);
    if (v.length === 0) break;
  }
  const flat: T[] = [];
  const visit = (v: Nested<T>, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (Array.isArray(v))
        throw new ShapeError(`${op}: nested lists are jagged: a list at ${path}, expected a number`);
      flat.push(v as T);
      return;
    }
    if (!Array.isArray(v) || v.length !== shape[axis]) {
      const got = Array.isArray(v) ? `${v.length} elements` : typeof v;
      throw new ShapeError(`${op}: nested lists are jagged: ${got} at ${path || "the top"}, expected ${shape[axis]}`);
    }
    for (let i = 0; i < v.length; i++) visit(v[i] as Nested<T>, axis + 1, `${path}[${i}]`);
  };
  visit(values, 0, "");
  return { shape, flat };
}
