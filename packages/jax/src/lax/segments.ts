/** Loops in pieces: lax.map with batches, and scans that keep only the carry between segments for the backward pass. */
import { needFunction } from "../transforms/arguments";
import { checkOptionNames } from "../base/option-names";
import type { Tracer } from "../core/tracer";
import { concatenate } from "../ops/concatenate";
import { reshape } from "../ops/reshape";
import { sliceInDim } from "../ops/slice";
import { owned } from "../numpy/owned";
import type { AnyFunction } from "../transforms/arguments";
import { checkpoint } from "../transforms/remat";
import { vmap } from "../transforms/vmap";
import { isPlainObject } from "../tree/flatten";
import * as tree from "../tree/index";
import { type ScanOptions, flattenTree, plainScan, stepsOf } from "./scan-loop";

/* eslint-disable @typescript-eslint/no-explicit-any -- trees of any depth */

type Leaf = (x: Tracer) => Tracer;
const each = (f: Leaf, t: any): any => tree.map(f as any, t);

/** [n * size, ...] as [n, size, ...]; what is left over is not in it. */
const inSegments = (t: any, n: number, size: number): any =>
  each((x) => reshape(sliceInDim(x, 0, n * size), [n, size, ...x.shape.slice(1)]), t);
const merged: Leaf = (x) => reshape(x, [x.shape[0]! * x.shape[1]!, ...x.shape.slice(2)]);
const joined = (a: any, b: any): any => tree.map(((x: Tracer, y: Tracer) => concatenate([x, y], 0)) as any, a, b);

/** A scan whose backward pass stores the carry of every segment, and computes each segment again. */
function scanInSegments(
  f: AnyFunction,
  init: any,
  xs: any,
  length: number,
  size: number,
  options: ScanOptions,
): [any, any] {
  return owned((): [any, any] => {
    const reverse = options.reverse ?? false;
    const n = Math.floor(length / size);
    const rest = length - n * size;
    const segment = (steps: number) =>
      checkpoint((carry: any, part: any) => plainScan(f, carry, part, { length: steps, reverse }));
    const body = (carry: any): [any, any] =>
      plainScan(segment(size), carry, inSegments(xs, n, size), { length: n, reverse });
    const tail = (carry: any): [any, any] =>
      segment(rest)(
        carry,
        each((x) => sliceInDim(x, n * size, length), xs),
      ) as [any, any];
    if (rest === 0) {
      const [carry, ys] = body(init);
      return [carry, each(merged, ys)];
    }
    if (reverse) {
      const [carry, last] = tail(init);
      const [out, ys] = body(carry);
      return [out, joined(each(merged, ys), last)];
    }
    const [carry, ys] = body(init);
    const [out, last] = tail(carry);
    return [out, joined(each(merged, ys), last)];
  });
}

export interface MapOptions {
  /** Slices that are computed at once by vmap; one at a time unless given. */
  readonly batchSize?: number | null;
}

/**
 * `f(x)` for every slice x of xs along its first axis, stacked: a loop, where vmap computes all at once.
 *
 * @example
 * lax.map((x) => x.mul(2), np.array([1, 2])).js(); // => [2, 4]
 */
export function map(f: AnyFunction, xs: any, options: MapOptions = {}): any {
  needFunction("map", f);
  checkOptionNames(options, ["batchSize"], "map");
  const size = options.batchSize ?? null;
  const one =
    (g: AnyFunction) =>
    (_: null, x: any): [null, any] => [null, g(x)];
  if (size === null) return plainScan(one(f), null, xs, {})[1];
  return owned((): unknown => {
    const length = tree.leaves<Tracer>(xs)[0]?.shape[0] ?? 0;
    const n = Math.floor(length / size);
    const rest = length - n * size;
    const many = vmap(f);
    const last = (): unknown => many(each((x) => sliceInDim(x, n * size, length), xs)) as unknown;
    if (n === 0) return last();
    const head: unknown = each(merged, plainScan(one(many), null, inSegments(xs, n, size), {})[1]);
    return rest === 0 ? head : (joined(head, last()) as unknown);
  });
}

/** The last is of an older jax-js, and has no meaning here. */
const SCAN_OPTIONS = ["length", "reverse", "unroll", "checkpoint", "acceptPath"];

/** Options where xs would be, with it or without: numbers have no axis to go along, so they cannot be meant as xs. */
function isScanOptions(xs: unknown): xs is ScanOptions & { readonly xs?: unknown } {
  if (!isPlainObject(xs)) return false;
  const { xs: _, ...options } = xs;
  const entries = Object.entries(options);
  return entries.length > 0 && entries.every(([k, v]) => SCAN_OPTIONS.includes(k) && typeof v !== "object");
}

/** Length of the segments: about the square root, or as asked. */
function segmentSize(checkpointOption: boolean | number, length: number): number {
  const size = checkpointOption === true ? Math.ceil(Math.sqrt(length)) : Math.floor(Number(checkpointOption));
  return Math.max(1, Math.min(size, length));
}

/**
 * Runs `f(carry, x) => [nextCarry, y]` for every slice x of xs along its first axis, and stacks the y.
 *
 * Carry, xs and y are arrays or trees of arrays; the carry keeps its shapes and dtypes. xs may be null with a `length`,
 * y may be null.
 * Gradient: forward and reverse mode; what the backward loop needs is stored for each step.
 * Errors: TreeMismatchError, ShapeError, DTypeError if the carry changes; ShapeError if lengths differ.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.scan.html
 * @example
 * const [total, sums] = lax.scan((c, x) => [c.add(x), c.add(x)], np.array(0), np.array([1, 2, 3]));
 * sums.js(); // => [1, 3, 6]
 */
export function scan(
  f: AnyFunction,
  init: any,
  xs: any = null,
  options: number | null | ScanOptions = {},
  reverse?: boolean,
): [any, any] {
  if (isScanOptions(xs)) {
    const { xs: slices = null, ...rest } = xs;
    return scan(f, init, slices, rest);
  }
  const o: ScanOptions =
    typeof options === "number" || options === null ? { length: options, reverse: reverse ?? false } : options;
  checkOptionNames(o, SCAN_OPTIONS, "scan");
  if (o.checkpoint === undefined || o.checkpoint === false) return plainScan(f, init, xs, o);
  const [slices, xsTree] = flattenTree("scan", xs ?? null);
  const length = stepsOf(slices, xsTree, o.length);
  return scanInSegments(f, init, xs, length, segmentSize(o.checkpoint, length), o);
}
