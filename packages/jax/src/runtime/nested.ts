/** Flat data to nested lists and back. */
import { ShapeError } from "../base/errors";
import type { DataArray } from "../aval/data-array";
import type { ShapedArray } from "../aval/shaped-array";

export type Nested<T> = T | readonly Nested<T>[];

/** Nested lists of numbers, or of booleans for a bool array; a scalar as itself. */
export function nestedLists(data: DataArray, aval: ShapedArray): unknown {
  const { shape, dtype } = aval;
  const isBool = dtype === "bool";
  if (shape.length === 0) return isBool ? data[0] !== 0 : data[0];
  let at = 0;
  const build = (axis: number): unknown[] => {
    const list = new Array<unknown>(shape[axis]!);
    if (axis < shape.length - 1) for (let i = 0; i < list.length; i++) list[i] = build(axis + 1);
    else if (isBool) for (let i = 0; i < list.length; i++) list[i] = data[at++] !== 0;
    else for (let i = 0; i < list.length; i++) list[i] = data[at++];
    return list;
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
  const place: number[] = [];
  const jagged = (got: string, axis: number, expected: string): ShapeError => {
    const path = place
      .slice(0, axis)
      .map((i) => `[${i}]`)
      .join("");
    return new ShapeError(`${op}: nested lists are jagged: ${got} at ${path || "the top"}, expected ${expected}`);
  };
  const visit = (v: Nested<T>, axis: number): void => {
    if (axis === shape.length) {
      if (Array.isArray(v)) throw jagged("a list", axis, "a number");
      flat.push(v as T);
      return;
    }
    if (!Array.isArray(v) || v.length !== shape[axis]) {
      throw jagged(Array.isArray(v) ? `${v.length} elements` : typeof v, axis, String(shape[axis]));
    }
    for (let i = 0; i < v.length; i++) {
      place[axis] = i;
      visit(v[i] as Nested<T>, axis + 1);
    }
  };
  visit(values, 0);
  return { shape, flat };
}
