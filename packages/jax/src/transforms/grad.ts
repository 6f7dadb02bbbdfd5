/** Gradients of scalar functions. */
import { isFloat } from "../aval/dtype";
import { DTypeError, DifferentiationError } from "../base/errors";
import { checkOptionNames } from "../base/option-names";
import { literal } from "../core/tracer";
import { unflatten } from "../tree/flatten";
import { dispose, flattenWithPath } from "../tree/index";
import { type AnyFunction, argumentNumbers, flattenArgs, needFunction } from "./arguments";
import { linearizeFlat } from "./linearize";

export interface GradOptions<A extends number | readonly number[] = number | readonly number[]> {
  /** Which arguments to differentiate: one number, or several for a list of gradients. 0 unless given. */
  readonly argnums?: A;
  /** The function returns `[value, aux]`; aux is handed through. */
  readonly hasAux?: boolean;
}

type At<P extends readonly unknown[], N> = N extends number ? P[N] : never;
type Gradients<P extends readonly unknown[], A> = A extends readonly number[]
  ? { [K in keyof A]: At<P, A[K]> }
  : A extends number
    ? number extends A
      ? P[0]
      : At<P, A>
    : P[0];

export type Argnums = number | readonly number[];

/** Options, or `argnums` in their place. Errors: JaxError if f is no function. */
export function gradOptions(op: string, f: AnyFunction, given: GradOptions | Argnums): GradOptions {
  needFunction(op, f);
  if (typeof given === "number" || Array.isArray(given)) return { argnums: given as Argnums };
  checkOptionNames(given, ["argnums", "hasAux"], op);
  return given as GradOptions;
}

/** The pieces of one evaluation: value, aux, and the gradient of each argument asked for. */
function evaluate(
  op: string,
  f: AnyFunction,
  args: readonly unknown[],
  options: GradOptions,
): { value: unknown; aux: unknown; grads: unknown } {
  const { argnums = 0, hasAux = false } = options;
  const at = argumentNumbers(op, argnums, args.length);
  const chosen = at.map((n) => args[n]);
  const [xs, inTree] = flattenArgs(op, chosen);
  xs.forEach((x, i) => {
    if (isFloat(x.dtype)) return;
    const path = flattenWithPath(chosen)[0][i]![0].replace(/^\[(\d+)\]/, (_, k: string) => String(at[Number(k)]));
    throw new DTypeError(
      `${op}: differentiated inputs must have a floating dtype, got ${x.aval} for argument ${path}; convert with x.astype("float32")`,
    );
  });
  const partial: AnyFunction = (...primals) => {
    const all = [...args];
    at.forEach((n, i) => (all[n] = primals[i]));
    return f(...all) as unknown;
  };
  const { outs, aux, outTree, map } = linearizeFlat(op, partial, inTree, xs, hasAux);
  try {
    const [out] = outs;
    if (outs.length !== 1 || out === undefined || outTree.nodeType !== "Leaf") {
      throw new DifferentiationError(
        `${op}: the function must return one scalar, got ${outTree}; use hasAux to return more`,
      );
    }
    if (out.shape.length !== 0) {
      throw new DifferentiationError(
        `${op}: the function must return a scalar, got ${out.aval}; reduce it with .sum() or .mean(), or use jacrev or vjp`,
      );
    }
    if (!isFloat(out.dtype)) {
      throw new DTypeError(
        `${op}: the function must return a floating scalar, got ${out.aval}; gradients of integers are not defined`,
      );
    }
    const back = map.backward([literal(1, out.dtype)]);
    const grads = unflatten(inTree, back) as unknown as unknown[];
    return { value: out, aux, grads: typeof argnums === "number" ? grads[0] : grads };
  } catch (error) {
    dispose([outs, aux]);
    throw error;
  } finally {
    map.dispose();
  }
}

/**
 * The gradient of a scalar function with respect to one argument, or several.
 *
 * Shapes: each gradient is as its argument. With `hasAux` the result is `[grads, aux]`.
 * Errors: DifferentiationError if the result is no scalar; DTypeError for integer arguments.
 * @example
 * const dsin = grad((x) => np.sin(x));
 * dsin(np.array(0)).item(); // => 1
 * grad((p) => p.w.mul(p.b).sum())({ w: np.array([2]), b: np.array([3]) }).w.js(); // => [3]
 */
export function grad<F extends AnyFunction>(
  f: F,
  options: GradOptions & { readonly hasAux: true },
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- aux is what the function returns
): (...args: Parameters<F>) => [Gradients<Parameters<F>, number>, ReturnType<F>[1] extends infer U ? U : any];
export function grad<F extends AnyFunction, const A extends number | readonly number[] = 0>(
  f: F,
  options?: GradOptions<A> | A,
): (...args: Parameters<F>) => Gradients<Parameters<F>, A>;
export function grad(f: AnyFunction, given: GradOptions | Argnums = {}): AnyFunction {
  const options = gradOptions("grad", f, given);
  return (...args: unknown[]) => {
    const { value, aux, grads } = evaluate("grad", f, args, options);
    dispose(value);
    return options.hasAux ? [grads, aux] : grads;
  };
}

/**
 * Value and gradient together: `[value, grads]`, or `[[value, aux], grads]` with `hasAux`.
 *
 * Errors: as `grad`.
 * @example
 * const [y, dy] = valueAndGrad((x) => x.mul(x))(np.array(3));
 * [y.item(), dy.item()]; // => [9, 6]
 */
export function valueAndGrad<F extends AnyFunction, const A extends number | readonly number[] = 0>(
  f: F,
  options?: GradOptions<A> | A,
): (...args: Parameters<F>) => [ReturnType<F>, Gradients<Parameters<F>, A>];
export function valueAndGrad(f: AnyFunction, given: GradOptions | Argnums = {}): AnyFunction {
  const options = gradOptions("valueAndGrad", f, given);
  return (...args: unknown[]) => {
    const { value, aux, grads } = evaluate("valueAndGrad", f, args, options);
    return [options.hasAux ? [value, aux] : value, grads];
  };
}
