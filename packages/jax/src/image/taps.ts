/** Which pixels of an axis count in which output pixels, and how much, for a scale that is known while tracing. */
import { range } from "../base/list";
import { KERNELS, NUMBERS, PYTORCH_CUBIC } from "./kernels";
import type { Method } from "./methods";

/** Output pixel o is the sum of `weights[o][t]` times pixel `starts[o] + t`; all these pixels exist. */
export interface Taps {
  readonly inputSize: number;
  readonly starts: readonly number[];
  /** For each output pixel the same number of weights. */
  readonly weights: readonly (readonly number[])[];
}

export interface Sampling {
  readonly method: Exclude<Method, "nearest">;
  readonly antialias: boolean;
}

/** Weights below this are those of a kernel's zeros, where sines are not quite 0. */
const NOTHING = 1e-12;

/** Computed in float64: places on long axes have few digits after the point in float32. */
export function tapsOf({ method, antialias }: Sampling, inputSize: number, outputSize: number): Taps {
  const step = inputSize / outputSize;
  const width = antialias ? Math.max(1, step) : 1;
  const edges = method === "cubic-pytorch" && !antialias;
  const last = inputSize - 1;
  const rows = range(outputSize).map((o) => {
    const centre = (o + 0.5) * step - 0.5;
    const [radius, kernel] = method === "area" ? [(1 + step) / 2, null] : KERNELS[method];
    const weightOf = (pixel: number): number => {
      const distance = Math.abs(pixel - centre);
      if (edges) return PYTORCH_CUBIC(NUMBERS, distance);
      // An area is the length that both pixels share.
      return kernel === null ? Math.max(0, Math.min(1, step, radius - distance)) : kernel(NUMBERS, distance / width);
    };
    const reach = radius * width;
    const row = new Map<number, number>();
    for (let pixel = Math.ceil(centre - reach); pixel <= centre + reach; pixel++) {
      const at = Math.min(Math.max(pixel, 0), last);
      // PyTorch's edges go on outside.
      if (at === pixel || edges) row.set(at, (row.get(at) ?? 0) + weightOf(pixel));
    }
    const counting = [...row].filter(([, weight]) => Math.abs(weight) > NOTHING);
    const total = counting.reduce((sum, [, weight]) => sum + weight, 0);
    return counting.map(([pixel, weight]) => [pixel, weight / total] as const);
  });
  const taps = rows.reduce((most, row) => Math.max(most, row.at(-1)![0] - row[0]![0] + 1), 1);
  const starts = rows.map((row) => Math.min(row[0]![0], inputSize - taps));
  const weights = rows.map((row, o) => {
    const known = new Map(row);
    return range(taps).map((t) => known.get(starts[o]! + t) ?? 0);
  });
  return { inputSize, starts, weights };
}
