/** Reductions over sliding windows: pooling. */
import { type OptionNames, checkOptions } from "../base/option-names";
import { ShapeError } from "../base/errors";
import { needList, prod, range } from "../base/list";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, convert, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";
import { vmap } from "../transforms/index";
import { type PaddingType, padtypeToPads } from "./conv";
import { nameOfMonoid, reductionOf, startingWith } from "./monoid";
import { type Monoid, reduce } from "./reduce";

type Computation = (window: Tracer) => Tracer;

export interface ReduceWindowOptions {
  padding?: PaddingType | undefined;
  /** What padding holds; 0 by default. */
  initValue?: ArrayLike | undefined;
  baseDilation?: readonly number[] | undefined;
  windowDilation?: readonly number[] | undefined;
}

const OPTIONS: OptionNames<ReduceWindowOptions> = {
  padding: true, initValue: true, baseDilation: true, windowDilation: true,
}; // prettier-ignore

/**
 * Applies a function to every window of an array, flattened to one axis; windows have a size for each axis.
 *
 * In JAX's form, `reduceWindow(x, init, f, window, strides, padding, options)`, f combines two scalars and init is its
 * identity, which also fills the padding.
 * Shapes: each axis gives `floor((n - window) / stride) + 1` positions; strides are 1 by default.
 * @example
 * lax.reduceWindow(np.array([1, 3, 2, 4]), (w) => np.max(w), [2], [2]).js(); // => [3, 4]
 * lax.reduceWindow(np.array([1, 3, 2, 4]), 0, lax.add, [2], [2], "VALID").js(); // => [4, 6]
 */
export function reduceWindow(
  operand: Tracer,
  computation: Computation,
  windowDimensions: readonly number[],
  windowStrides?: readonly number[],
  options?: ReduceWindowOptions,
): Tracer;
export function reduceWindow(
  operand: Tracer,
  initValue: ArrayLike,
  computation: Monoid,
  windowDimensions: readonly number[],
  windowStrides: readonly number[],
  padding: PaddingType,
  options?: Pick<ReduceWindowOptions, "baseDilation" | "windowDilation">,
): Tracer;
export function reduceWindow(operand: Tracer, ...rest: readonly unknown[]): Tracer {
  if (typeof rest[0] === "function") {
    const [computation, window, strides, options] = rest as [Computation, number[], number[]?, ReduceWindowOptions?];
    return overWindows(operand, computation, window, strides, options);
  }
  const [initValue, computation, window, strides, padding, options] = rest as [
    ArrayLike, Monoid, number[], number[], PaddingType, ReduceWindowOptions?,
  ]; // prettier-ignore
  const o = { ...options, padding, initValue };
  checkOptions("reduceWindow", o, OPTIONS);
  checkWindow(operand, window);
  const name = nameOfMonoid(computation, operand.dtype);
  if (name === null) {
    return overWindows(operand, (w) => reduce(w, initValue, computation, [0]), window, strides, o);
  }
  return owned(() => {
    const x = surround(operand, window, strides, o);
    const windowOptions = { windowStrides: strides, windowDilation: o.windowDilation };
    return startingWith(name, initValue, reductionOf(name).overWindows(x, window, windowOptions));
  });
}

function overWindows(
  operand: Tracer,
  computation: Computation,
  windowDimensions: readonly number[],
  windowStrides?: readonly number[],
  options: ReduceWindowOptions = {},
): Tracer {
  checkWindow(operand, windowDimensions);
  checkOptions("reduceWindow", options, OPTIONS);
  return owned(() => {
    const strides = windowStrides ?? windowDimensions.map(() => 1);
    const x = surround(operand, windowDimensions, strides, options);
    const all = ops.windows(x, windowDimensions, strides, options.windowDilation ?? windowDimensions.map(() => 1));
    const positions = all.shape.slice(0, operand.ndim);
    const flat = ops.reshape(all, [...positions, prod(windowDimensions)]);
    return positions.reduce<Computation>((f) => vmap(f as never) as unknown as Computation, computation)(flat);
  });
}

function checkWindow(operand: Tracer, window: readonly number[]): void {
  if (needList("reduceWindow", window).length !== operand.ndim) {
    throw new ShapeError(`reduceWindow: ${window.length} window sizes for the ${operand.ndim} axes of ${operand.aval}`);
  }
}

function surround(x: Tracer, window: readonly number[], strides: readonly number[], o: ReduceWindowOptions): Tracer {
  const base = o.baseDilation ?? window.map(() => 1);
  const dilation = o.windowDilation ?? window.map(() => 1);
  if (o.padding === undefined && base.every((d) => d === 1)) return x;
  // As in JAX, "SAME" means the sizes before dilation.
  const pads = padtypeToPads(
    x.shape,
    window.map((k, i) => (k - 1) * dilation[i]! + 1),
    strides,
    o.padding ?? "VALID",
  );
  const fill = convert(lift(o.initValue ?? 0), x.dtype);
  return ops.pad(
    x,
    fill,
    pads.map((p) => p[0]),
    pads.map((p) => p[1]),
    base.map((d) => d - 1),
  );
}

/** Arguments of the named poolings: window and strides for every axis. */
type PoolArgs = [
  operand: Tracer,
  windowDimensions: readonly number[],
  windowStrides?: readonly number[],
  padding?: PaddingType,
  options?: Pick<ReduceWindowOptions, "baseDilation" | "windowDilation">,
];

type Pool = (x: Tracer, window: readonly number[], o: object) => Tracer;

function pool(reduce: Pool, [x, window, strides, padding, options = {}]: PoolArgs): Tracer {
  const base = options.baseDilation ?? window.map(() => 1);
  const dilation = options.windowDilation ?? window.map(() => 1);
  const by = strides ?? range(window.length).map(() => 1);
  return owned(() =>
    reduce(x, window, {
      windowStrides: by,
      padding: padtypeToPads(
        x.shape,
        window.map((k, i) => (k - 1) * dilation[i]! + 1),
        by,
        padding ?? "VALID",
      ),
      baseDilation: base,
      windowDilation: dilation,
    }),
  );
}

/** Sum over windows. @example lax.reduceWindowSum(np.array([1, 2, 3]), [2]).js(); // => [3, 5] */
export function reduceWindowSum(...args: PoolArgs): Tracer {
  return pool(ops.reduceWindowSum as Pool, args);
}

/** Product over windows. @example lax.reduceWindowProd(np.array([1, 2, 3]), [2]).js(); // => [2, 6] */
export function reduceWindowProd(...args: PoolArgs): Tracer {
  return pool(ops.reduceWindowProd as Pool, args);
}

/** Largest element of windows; its gradient goes to the first largest. @example lax.reduceWindowMax(np.array([1, 3, 2]), [2]).js(); // => [3, 3] */
export function reduceWindowMax(...args: PoolArgs): Tracer {
  return pool(ops.reduceWindowMax as Pool, args);
}

/** Smallest element of windows. @example lax.reduceWindowMin(np.array([1, 3, 2]), [2]).js(); // => [1, 2] */
export function reduceWindowMin(...args: PoolArgs): Tracer {
  return pool(ops.reduceWindowMin as Pool, args);
}
