/** The attributes of nodes that slide a window over space: strides, dilations, pads. */
import { type NodeContext } from "../graph/node-context";

export interface Window {
  readonly kernel: number[];
  readonly strides: number[];
  readonly dilations: number[];
  /** Before and after each axis of space. */
  readonly pads: [number, number][];
}

/** What a window reaches over: `(k - 1) d + 1`. */
export const reach = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** A list of the wanted length. */
export function listOf(n: NodeContext, name: string, length: number, fill: number): number[] {
  const given = n.attributes.ints(name);
  if (given?.length && given.length !== length) n.fail(`${name} must have ${length} numbers, got [${given}]`);
  return given?.length ? given : Array.from({ length }, () => fill);
}

/** Padding so that there are `ceil(size / stride)` positions, the odd one after (or before, for `lower`). */
function same(size: number, kernel: number, stride: number, dilation: number, lower: boolean): [number, number] {
  const positions = Math.ceil(size / stride);
  const total = Math.max((positions - 1) * stride + reach(kernel, dilation) - size, 0);
  const less = Math.floor(total / 2);
  return lower ? [total - less, less] : [less, total - less];
}

/** The window of a node over space of these sizes. */
export function windowOf(n: NodeContext, space: readonly number[], kernel: readonly number[]): Window {
  const rank = space.length;
  const strides = listOf(n, "strides", rank, 1);
  const dilations = listOf(n, "dilations", rank, 1);
  if (kernel.length !== rank) n.fail(`a kernel of shape [${kernel}] for space of shape [${space}]`);
  const auto = n.attributes.string("auto_pad", "NOTSET");
  const flat = listOf(n, "pads", 2 * rank, 0);
  const pads = space.map((size, i): [number, number] => {
    if (auto === "NOTSET") return [flat[i]!, flat[i + rank]!];
    if (auto === "VALID") return [0, 0];
    return same(size, kernel[i]!, strides[i]!, dilations[i]!, auto === "SAME_LOWER");
  });
  n.allow(space.map((d, i) => Math.max(d + pads[i]![0] + pads[i]![1], 0)));
  if (strides.some((s) => s < 1) || dilations.some((d) => d < 1) || kernel.some((k) => k < 1))
    n.fail(`strides [${strides}], dilations [${dilations}] and kernel [${kernel}] must be positive`);
  return { kernel: [...kernel], strides, dilations, pads };
}

/** As `windowOf`, for pooling: with `ceil_mode` the last window may reach over the end, if it starts before it. */
export function poolWindow(n: NodeContext, space: readonly number[]): Window & { readonly positions: number[] } {
  const kernel = listOf(n, "kernel_shape", space.length, 1);
  const w = windowOf(n, space, kernel);
  const ceil = n.attributes.flag("ceil_mode");
  const positions = space.map((size, i) => {
    const [before, after] = w.pads[i]!;
    const steps = (size + before + after - reach(kernel[i]!, w.dilations[i]!)) / w.strides[i]!;
    const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return ceil && (count - 1) * w.strides[i]! >= size + before ? count - 1 : count;
  });
  if (positions.some((p) => p < 0)) n.fail(`a window of shape [${kernel}] does not fit space of shape [${space}]`);
  return { ...w, positions };
}

/** The pads with as much more after as the last window needs. */
export function reachingPads(
  w: Window & { readonly positions: number[] },
  space: readonly number[],
): [number, number][] {
  return w.pads.map(([before, after], i) => {
    const end = (w.positions[i]! - 1) * w.strides[i]! + reach(w.kernel[i]!, w.dilations[i]!);
    return [before, Math.max(after, end - space[i]! - before)];
  });
}
