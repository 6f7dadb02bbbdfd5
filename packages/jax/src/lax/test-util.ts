/** `jax.test_util`: derivatives compared with finite differences. */
import { promoteAll } from "../aval/promote";
import type { Aval } from "../aval/shaped-array";
import { JaxError } from "../base/errors";
import { byPosition } from "../numpy/arguments";
import { type ArrayLike, lift } from "../numpy/lift";
import { owned } from "../numpy/owned";
import type { AnyFunction } from "../transforms/arguments";
import { jvp, linearize, vjp } from "../transforms/index";
import * as tree from "../tree/index";
import {
  type Numbers, type Tolerances, expectClose, numbersOf, numericalJvp, randomDirections, toArray,
} from "./finite-differences"; // prettier-ignore

/* eslint-disable @typescript-eslint/no-explicit-any -- arguments and results are trees of any depth */

export interface CheckDerivativeOptions extends Tolerances {
  /** Half the distance of the points whose values are compared. */
  eps?: number | undefined;
  /** What errors begin with. */
  errMsg?: string | undefined;
}

type DerivativeArgument = CheckDerivativeOptions | CheckDerivativeOptions[keyof CheckDerivativeOptions];
const DERIVATIVE_OPTIONS = ["atol", "rtol", "eps", "errMsg"] as const;

export type CheckGradsMode = "fwd" | "rev" | "lin";

export interface CheckGradsOptions extends Omit<CheckDerivativeOptions, "errMsg"> {
  modes?: CheckGradsMode | readonly CheckGradsMode[] | undefined;
}

const EPS = 1e-4;
const MODES = ["fwd", "rev", "lin"];

const dot = (xs: readonly Numbers[], ys: readonly Numbers[]): number =>
  xs.reduce((sum, x, k) => sum + x.values.reduce((part, v, i) => part + v * ys[k]!.values[i]!, 0), 0);

const scalar = (value: number, like: readonly Numbers[]): Numbers[] => {
  const types = like.map(({ dtype }) => ({ dtype, weakType: false })) as unknown as Aval[];
  return [{ dtype: promoteAll(types).dtype, shape: [], values: [value] }];
};

/**
 * Compares a forward derivative of f at `args` with finite differences along one random direction. `fJvp` is a function
 * of lists of primals and tangents, as `(primals, tangents) => jvp(f, primals, tangents)`. By position or name: `atol`,
 * `rtol`, `eps` (1e-4), `errMsg`.
 *
 * Errors: JaxError if they differ; TypeError for an option of another name.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.test_util.check_jvp.html
 * @example
 * testUtil.checkJvp(np.sin, (xs, ts) => jvp(np.sin, xs, ts), [np.array(1)]);
 */
export function checkJvp(
  f: AnyFunction,
  fJvp: (primals: any[], tangents: any[]) => any,
  args: readonly any[],
  ...given: readonly DerivativeArgument[]
): void {
  const options = byPosition<CheckDerivativeOptions>(DERIVATIVE_OPTIONS, given);
  const { eps = EPS, errMsg = "checkJvp:" } = options;
  owned(() => {
    const primals = tree.map(toArray, args) as unknown as any[];
    const tangents = tree.map(randomDirections(), primals) as unknown as any[];
    const [out, tangentOut] = fJvp(primals, tangents) as [unknown, unknown];
    expectClose(`${errMsg} primal`, numbersOf(out), numbersOf(f(...primals)), options);
    expectClose(`${errMsg} tangent`, numbersOf(tangentOut), numericalJvp(f, primals, tangents, eps), options);
  });
}

/**
 * Compares a reverse derivative of f at `args` with finite differences: the products of a random tangent of the arguments
 * and a random cotangent of the results. `fVjp` is a function of the arguments, as `(...args) => vjp(f, args)`. By
 * position or name: `atol`, `rtol`, `eps` (1e-4), `errMsg`.
 *
 * Errors: JaxError if they differ; TypeError for an option of another name.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.test_util.check_vjp.html
 * @example
 * testUtil.checkVjp(np.sin, (...xs) => vjp(np.sin, xs), [np.array(1)]);
 */
export function checkVjp(
  f: AnyFunction,
  fVjp: AnyFunction,
  args: readonly any[],
  ...given: readonly DerivativeArgument[]
): void {
  const options = byPosition<CheckDerivativeOptions>(DERIVATIVE_OPTIONS, given);
  const { eps = EPS, errMsg = "checkVjp:" } = options;
  owned(() => {
    const primals = tree.map(toArray, args) as unknown as any[];
    const direction = randomDirections();
    const [out, vjpFn] = fVjp(...primals) as [unknown, AnyFunction & Partial<Disposable>];
    expectClose(`${errMsg} primal`, numbersOf(out), numbersOf(f(...primals)), options);
    const tangents = tree.map(direction, primals) as unknown as any[];
    const wanted = numericalJvp(f, primals, tangents, eps);
    const cotangents: unknown = tree.map((y: ArrayLike) => direction(lift(y)), out);
    const [given, along, back] = [cotangents, tangents, vjpFn(cotangents)].map(numbersOf) as [
      Numbers[],
      Numbers[],
      Numbers[],
    ];
    vjpFn[Symbol.dispose]?.();
    const [got, want] = [scalar(dot(along, back), along), scalar(dot(wanted, given), wanted)];
    expectClose(`${errMsg} cotangent projection`, got, want, options);
  });
}

/**
 * Compares derivatives of f at `args` with finite differences, along one random direction each: forward ("fwd") and
 * reverse ("rev"), and those of `linearize` ("lin") where `modes` has them, of all orders up to `order`. Nothing is
 * returned; integer arguments stay as they are.
 *
 * Values are read at once, so the arrays must be on cpu or wasm.
 * Dtypes: by default `atol` and `rtol` are 1e-5 for float64, 2e-3 for float32, 1e-2 for float16, 1e-1 for bfloat16.
 * Errors: JaxError if they differ, with the derivative, the element and both values.
 * Differs from JAX: the directions are other random numbers.
 * Source: https://docs.jax.dev/en/latest/_autosummary/jax.test_util.check_grads.html
 * @example
 * testUtil.checkGrads((x, y) => np.sin(x).mul(y), [np.array([0.3, 2]), np.array(1.5)], 2);
 * testUtil.checkGrads(np.tanh, [np.array(0.5)], 1, { modes: ["rev"], eps: 1e-2 });
 */
export function checkGrads(
  f: AnyFunction,
  args: readonly any[],
  order: number,
  ...given: readonly (CheckGradsOptions | CheckGradsOptions[keyof CheckGradsOptions])[]
): void {
  const { modes = ["fwd", "rev"], ...options } = byPosition<CheckGradsOptions>(["modes", "atol", "rtol", "eps"], given);
  const chosen = typeof modes === "string" ? [modes] : modes;
  const unknown = chosen.find((mode) => !MODES.includes(mode));
  if (unknown !== undefined || chosen.length === 0)
    throw new JaxError(`checkGrads: modes must be some of ${MODES.join(", ")}, got [${chosen.join(", ")}]`);

  const check = (g: AnyFunction, xs: readonly any[], left: number, below: string): void => {
    const name = (kind: string): string => (below === "" ? kind : `${kind} of ${below}`);
    const said = (kind: string): CheckDerivativeOptions => ({ ...options, errMsg: `checkGrads: ${name(kind)}` });
    const derivatives: Readonly<Record<CheckGradsMode, () => void>> = {
      fwd() {
        const forward = (primals: any[], tangents: any[]): unknown => jvp(g, primals, tangents);
        checkJvp(g, forward, xs, said("JVP"));
        if (left > 1) check(forward, [xs, xs], left - 1, name("JVP"));
      },
      rev() {
        checkVjp(g, (...primals) => vjp(g, primals) as unknown, xs, said("VJP"));
        const pulled = (...primals: any[]): unknown => {
          const [out, vjpFn] = vjp(g, primals) as [unknown, AnyFunction & Disposable];
          using back = vjpFn;
          return back(out) as unknown;
        };
        if (left > 1) check(pulled, xs, left - 1, name("VJP"));
      },
      lin() {
        const linear = (primals: any[], tangents: any[]): unknown => {
          const [out, fLin] = linearize(g, primals) as [unknown, AnyFunction & Disposable];
          using along = fLin;
          return [out, along(...tangents)];
        };
        checkJvp(g, linear, xs, said("LIN"));
        if (left > 1) check(linear, [xs, xs], left - 1, name("LIN"));
      },
    };
    for (const mode of chosen) derivatives[mode]();
  };
  owned(() => check(f, tree.map(toArray, args) as unknown as any[], order, ""));
}
