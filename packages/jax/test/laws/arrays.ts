/** Samples on a device, and comparing what comes out. */
import { type DType, isFloat } from "../../src/aval/dtype";
import { range } from "../../src/base/list";
import type { Tracer } from "../../src/core/tracer";
import type { DeviceName } from "../../src/kernel/device";
import { rev, transpose } from "../../src/ops/index";
import { arrayFromData } from "../../src/runtime/create";
import { getDevice } from "../../src/runtime/registry";
import type { Input, Sample } from "./sample";

/** Whether a device has all dtypes of a sample and its results. */
export function runsOn(device: DeviceName, s: Sample): boolean {
  const { dtypes } = getDevice(device);
  const { newDtype, dtype } = s.params as { newDtype?: DType; dtype?: DType };
  return [...s.inputs.map((x) => x.dtype), newDtype, dtype].every((d) => d === undefined || dtypes.has(d));
}

/** The elements in the order of an array with its axes reversed. */
function transposed(data: readonly number[], shape: readonly number[]): number[] {
  const out: number[] = [];
  // Row-major over reversed axes: the last axis of the sample varies slowest.
  const walk = (axis: number, at: number, stride: number): void => {
    if (axis < 0) out.push(data[at]!);
    else for (let i = 0; i < shape[axis]!; i++) walk(axis - 1, at + i * stride, stride * shape[axis]!);
  };
  walk(shape.length - 1, 0, 1);
  return out;
}

/** An array of these elements that lies in memory as the input says. */
export function makeArray(x: Input, data: readonly number[], device: DeviceName): Tracer {
  if (x.view === "transposed") {
    using base = arrayFromData(transposed(data, x.shape), [...x.shape].reverse(), x.dtype, { device });
    return transpose(base, range(x.shape.length).reverse());
  }
  if (x.view === "reversed") {
    using base = arrayFromData([...data].reverse(), x.shape, x.dtype, { device });
    return rev(base, range(x.shape.length));
  }
  return arrayFromData(data, x.shape, x.dtype, { device });
}

export const makeInputs = (s: Sample, device: DeviceName, example = 0): Tracer[] =>
  s.inputs.map((x) => makeArray(x, x.elements(example), device));

export interface Plain {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

export async function read(x: Tracer): Promise<Plain> {
  return { shape: x.shape, dtype: x.dtype, data: [...(await x.data())] };
}
export const readAll = (xs: readonly Tracer[]): Promise<Plain[]> => Promise.all(xs.map(read));

/** How far results of one computation done in two ways may be apart, relative to the larger of 1 and the value. */
const TOLERANCES: Partial<Record<DType, number>> = { float64: 1e-11, float32: 2e-6, float16: 2e-3, bfloat16: 1.6e-2 };

/** The first difference in words, or null. `tolerance` in place of the dtype's own; 0 tells -0 from 0. */
export function difference(got: Plain, want: Plain, slack = 1, tolerance = TOLERANCES[want.dtype] ?? 0): string | null {
  if (got.dtype !== want.dtype) return `dtype ${got.dtype}, expected ${want.dtype}`;
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
  const allowed = isFloat(want.dtype) ? tolerance * slack : 0;
  for (let i = 0; i < want.data.length; i++) {
    const [g, w] = [got.data[i]!, want.data[i]!];
    if (Object.is(g, w) || (g === w && tolerance !== 0)) continue;
    if (allowed > 0 && Number.isFinite(w) && Math.abs(g - w) <= allowed * Math.max(1, Math.abs(w))) continue;
    return `element ${i} of ${want.dtype}[${want.shape.join()}] is ${g}, expected ${w}`;
  }
  return null;
}

/** Throws at the first difference of two lists of results. */
export function expectSame(
  what: string,
  got: readonly Plain[],
  want: readonly Plain[],
  slack = 1,
  tolerance?: number,
): void {
  if (got.length !== want.length) throw new Error(`${what}: ${got.length} results, expected ${want.length}`);
  got.forEach((g, i) => {
    const d = difference(g, want[i]!, slack, tolerance);
    if (d !== null) throw new Error(`${what}: result ${i}: ${d}`);
  });
}
