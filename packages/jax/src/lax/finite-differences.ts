/** Derivatives by differences, and what is close to them: the measure that `testUtil` takes. */
import { type DType, isFloat } from "../aval/dtype";
import { JaxError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { add, multiply, subtract } from "../numpy/arithmetic";
import { zerosLike } from "../numpy/creation";
import { type ArrayLike, lift, own } from "../numpy/lift";
import { foldIn, key } from "../random/key";
import { normal } from "../random/normal";
import type { AnyFunction } from "../transforms/arguments";
import * as tree from "../tree/index";

/* eslint-disable @typescript-eslint/no-explicit-any -- arguments and results are trees of any depth */

/** For all dtypes, or for each; a dtype that is left out has its default. */
export type Tolerance = number | Partial<Record<DType, number>>;

export interface Tolerances {
  /** The tolerance of an array is that of its dtype times its number of elements. */
  atol?: Tolerance | undefined;
  rtol?: Tolerance | undefined;
}

const BY_DTYPE: Partial<Record<DType, number>> = { bfloat16: 1e-1, float16: 1e-2, float32: 2e-3, float64: 1e-5 };

/** An array that has been read. */
export interface Numbers {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export const toArray = (x: ArrayLike): Tracer => own(lift(x));
export const numbersOf = (t: unknown): Numbers[] =>
  tree.leaves<ArrayLike>(t).map((leaf) => {
    const x = toArray(leaf);
    return { dtype: x.dtype, shape: x.shape, values: Array.from(x.dataSync(), Number) };
  });

function toleranceOf(dtype: DType, given: Tolerance | undefined): number {
  if (typeof given === "number") return given;
  return given?.[dtype] ?? BY_DTYPE[dtype] ?? 0;
}

export function expectClose(what: string, got: readonly Numbers[], want: readonly Numbers[], o: Tolerances): void {
  const shapes = (list: readonly Numbers[]): string => list.map((x) => `${x.dtype}[${x.shape.join()}]`).join(", ");
  if (got.length !== want.length || got.some((x, k) => x.shape.join() !== want[k]!.shape.join()))
    throw new JaxError(`${what}: got ${shapes(got)}; expected ${shapes(want)}`);
  got.forEach((x, k) => {
    const y = want[k]!;
    const by = (t: Tolerance | undefined): number =>
      x.values.length * Math.max(toleranceOf(x.dtype, t), toleranceOf(y.dtype, t));
    const [atol, rtol] = [by(o.atol), by(o.rtol)];
    x.values.forEach((v, i) => {
      const w = y.values[i]!;
      if (Object.is(v, w) || v === w || Math.abs(v - w) <= atol + rtol * Math.abs(w)) return;
      throw new JaxError(
        `${what}: element ${i} of result ${k} (${x.dtype}[${x.shape.join()}]) is ${v}, expected ${w} ` +
          `within ${atol} + ${rtol} * |expected|; the derivative is wrong, f is not smooth there, or eps, atol or rtol do not suit it`,
      );
    });
  });
}

/** A function that gives random arrays like others, integers without a direction. */
export function randomDirections(): (x: Tracer) => Tracer {
  let drawn = 0;
  return (x) => (isFloat(x.dtype) ? normal(foldIn(key(0), drawn++), x.shape, { dtype: x.dtype }) : zerosLike(x));
}

/** The derivative of f at `primals` along `tangents`, by its values on both sides. */
export function numericalJvp(
  f: AnyFunction,
  primals: readonly any[],
  tangents: readonly any[],
  eps: number,
): Numbers[] {
  const moved = (combine: (x: ArrayLike, y: ArrayLike) => Tracer): Numbers[] =>
    numbersOf(
      f(
        ...tree.map((x: Tracer, t: Tracer) => (isFloat(x.dtype) ? combine(x, multiply(t, eps)) : x), primals, tangents),
      ),
    );
  const [above, below] = [moved(add), moved(subtract)];
  return above.map(({ values, ...aval }, k) => ({
    ...aval,
    values: values.map((v, i) => (v === below[k]!.values[i] ? 0 : ((v - below[k]!.values[i]!) * 0.5) / eps)),
  }));
}
