/** Index maps of contractions: collapsed axes, and code that computes offsets from indices. Strides in elements. */
import type { Func, Local } from "./assembler";

/** A number known when the code is emitted, or a local that holds it. */
export type Value = number | Local;

export interface StridedAxis {
  readonly size: number;
  readonly stride: number;
}

/** An axis of two operands at once. */
export interface SharedAxis {
  readonly size: number;
  readonly strides: readonly number[];
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Drops axes of size 1 and joins neighbours that all operands step through evenly. Outermost first. */
export function collapseShared(sizes: readonly number[], strides: readonly (readonly number[])[]): SharedAxis[] {
  const axes: { size: number; strides: number[] }[] = [];
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const own = strides.map((s) => s[axis] as number);
    const outer = axes[axes.length - 1];
    if (outer !== undefined && own.every((stride, i) => outer.strides[i] === stride * size)) {
      outer.size *= size;
      outer.strides = own;
    } else axes.push({ size, strides: own });
  });
  return axes;
}

/** `collapseShared` for one operand. */
export function collapse(sizes: readonly number[], strides: readonly number[]): StridedAxis[] {
  return collapseShared(sizes, [strides]).map(({ size, strides: [stride] }) => ({ size, stride: stride as number }));
}

/** The one stride of a collapsed index map (1 where there is a single index), or null when there are several. */
export function uniformStride(axes: readonly StridedAxis[]): number | null {
  if (axes.length === 0) return 1;
  return axes.length === 1 ? (axes[0] as StridedAxis).stride : null;
}

export function pushValue(f: Func, value: Value): Func {
  return typeof value === "number" ? f.i32(value) : f.get(value);
}

/** Pushes value * factor. */
export function pushScaled(f: Func, value: Value, factor: number): Func {
  if (typeof value === "number") return f.i32(value * factor);
  f.get(value);
  if (factor === 1) return f;
  const shift = Math.log2(factor);
  return Number.isInteger(shift) ? f.i32(shift).op("i32.shl") : f.i32(factor).op("i32.mul");
}

/** Pushes the smaller of two values (signed). */
export function pushMin(f: Func, a: Value, b: Value): Func {
  if (typeof a === "number" && typeof b === "number") return f.i32(Math.min(a, b));
  pushValue(pushValue(f, a), b);
  pushValue(pushValue(f, a), b);
  return f.op("i32.lt_s").op("select");
}

/** base += the byte offset of flat index `index` in `axes`. */
export function emitAddOffset(
  f: Func,
  base: Local,
  index: Local,
  axes: readonly StridedAxis[],
  sizeBytes: number,
): void {
  let inner = 1;
  for (let a = axes.length - 1; a >= 0; a--) {
    const { size, stride } = axes[a] as StridedAxis;
    if (stride !== 0) {
      f.get(base).get(index);
      if (inner > 1) f.i32(inner).op("i32.div_u");
      if (a > 0) f.i32(size).op("i32.rem_u");
      f.i32(stride * sizeBytes)
        .op("i32.mul")
        .op("i32.add")
        .set(base);
    }
    inner *= size;
  }
}

/**
 * Writes the byte offsets of all indices of `axes`, in order, as i32 at `address`, then repeats the last `padding`
 * times. Leaves `address` behind the table.
 */
export function emitOffsetTable(
  f: Func,
  address: Local,
  axes: readonly StridedAxis[],
  sizeBytes: number,
  padding: number,
): void {
  const offset = f.local("i32", "offset");
  const counters = axes.map((_, a) => f.local("i32", `i${a}`));
  f.i32(0).set(offset);
  const nest = (a: number) => {
    const axis = axes[a];
    if (axis === undefined) {
      f.get(address).get(offset).mem("i32.store").inc(address, 4);
      return;
    }
    f.range(counters[a] as Local, 0, axis.size, 1, () => {
      nest(a + 1);
      f.inc(offset, axis.stride * sizeBytes);
    });
    f.inc(offset, -axis.stride * axis.size * sizeBytes);
  };
  nest(0);
  for (let i = 0; i < padding; i++) {
    f.get(address).get(address).i32(4).op("i32.sub").mem("i32.load").mem("i32.store").inc(address, 4);
  }
  f.release(offset, ...counters);
}

/** Writes constants as i32 at address + offset. */
export function emitConstantTable(f: Func, address: Local, offset: number, values: readonly number[]): void {
  values.forEach((value, i) =>
    f
      .get(address)
      .i32(value)
      .mem("i32.store", offset + 4 * i),
  );
}
