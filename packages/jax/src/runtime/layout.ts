/** How an array's elements lie in its buffer. Interned, so equal layouts are the same object with a small id. */
import type { ShapedArray } from "../aval/shaped-array";
import { contiguousStrides, listsEqual } from "../base/list";

export interface Layout {
  readonly id: number;
  readonly aval: ShapedArray;
  /** Elements between neighbours along each axis; null for row-major without gaps. */
  readonly strides: readonly number[] | null;
}

const contiguous: (Layout | undefined)[] = [];
const strided = /* @__PURE__ */ new Map<string, Layout>();
let nLayouts = 0;

/** Row-major layout of an aval. */
export function contiguousLayout(aval: ShapedArray): Layout {
  return (contiguous[aval.id] ??= Object.freeze({ id: nLayouts++, aval, strides: null }));
}

/** Layout with the given strides; row-major ones give `contiguousLayout`. */
export function stridedLayout(aval: ShapedArray, strides: readonly number[]): Layout {
  if (isContiguous(aval.shape, strides)) return contiguousLayout(aval);
  const key = `${aval.id}:${strides.join()}`;
  let layout = strided.get(key);
  if (layout === undefined) {
    layout = Object.freeze({ id: nLayouts++, aval, strides: Object.freeze([...strides]) });
    strided.set(key, layout);
  }
  return layout;
}

/** Strides in elements, also of a row-major layout. */
export function stridesOf(layout: Layout): readonly number[] {
  return layout.strides ?? contiguousStrides(layout.aval.shape);
}

/** True if the strides are row-major; those of axes of size 1 do not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  const wanted = contiguousStrides(shape);
  if (listsEqual(wanted, strides)) return true;
  if (shape.includes(0)) return true;
  return shape.every((n, i) => n === 1 || wanted[i] === strides[i]);
}
