/** Functions with some arguments given, as pytrees. */
import { type PytreeNode, pytreeNode } from "./registry";

/* eslint-disable @typescript-eslint/no-explicit-any -- functions of every type */

export interface PartialFunction {
  (...rest: any[]): any;
  readonly func: (...args: any[]) => any;
  readonly args: readonly unknown[];
}

const partialNode: PytreeNode<PartialFunction, PartialFunction["func"]> = {
  name: "Partial",
  flatten: (p) => [p.args, p.func],
  unflatten: (func, args) => make(func, args),
  keys: (p) => p.args.map((_, i) => `args[${i}]`),
};

function make(func: PartialFunction["func"], args: readonly unknown[]): PartialFunction {
  const call = (...rest: any[]): any => func(...args, ...rest) as unknown;
  return Object.assign(call, { func, args, [pytreeNode]: partialNode as PytreeNode });
}

/**
 * f with its first arguments given: a function, and a pytree whose leaves are those of the arguments. It can be passed
 * to transformed functions, and returned by them; f itself counts by identity.
 * @example
 * const scaled = tree.Partial((a, x) => x.mul(a), np.array(3));
 * jit((f, x) => f(x))(scaled, np.array(2)).item(); // => 6
 */
export function Partial(f: (...args: any[]) => any, ...args: unknown[]): PartialFunction {
  const inner = f as PartialFunction & { readonly [pytreeNode]?: PytreeNode };
  if (inner[pytreeNode] === (partialNode as PytreeNode)) return make(inner.func, [...inner.args, ...args]);
  return make(f, args);
}
