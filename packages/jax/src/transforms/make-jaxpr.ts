/** Looking at a function without running it: its Jaxpr, and the shapes of its results. */
import { checkOptions } from "../base/option-names";
import type { DType } from "../aval/dtype";
import { ShapedArray } from "../aval/shaped-array";
import { ClosedJaxpr } from "../jaxpr/jaxpr";
import { range } from "../base/list";
import { unflatten } from "../tree/flatten";
import { flatten } from "../tree/index";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flatFunction, leafToTracer, pathOf, needFunction } from "./arguments";
import { stage } from "./stage";

/** Shape and dtype of an array that need not exist. */
export class ShapeDtypeStruct {
  readonly shape: readonly number[];
  readonly dtype: DType;
  constructor(shape: readonly number[], dtype: DType) {
    this.shape = shape;
    this.dtype = dtype;
  }
  get aval(): ShapedArray {
    return ShapedArray.of(this.shape, this.dtype);
  }
  get ndim(): number {
    return this.shape.length;
  }
  get size(): number {
    return this.aval.size;
  }
  toString(): string {
    return `ShapeDtypeStruct(${this.aval})`;
  }
}

function trace(op: string, f: AnyFunction, args: readonly unknown[], statics: readonly number[]) {
  const dynamic = args.filter((_, i) => !statics.includes(i));
  const [leaves, inTree] = flatten(dynamic);
  const avals = leaves.map((leaf, i) =>
    leaf instanceof ShapeDtypeStruct ? leaf.aval : leafToTracer(op, leaf, () => `argument ${pathOf(dynamic, i)}`).aval,
  );
  const whole: AnyFunction = (...xs) => {
    let next = 0;
    return f(...range(args.length).map((i): unknown => (statics.includes(i) ? args[i] : xs[next++]))) as unknown;
  };
  const flat = flatFunction(op, whole, inTree);
  const staged = stage(flat.run, avals);
  return { staged, outTree: flat.outTree() };
}

/**
 * The Jaxpr of f for arguments like these (arrays, numbers, or ShapeDtypeStruct).
 *
 * Returns `{ jaxpr, treedef }`: a ClosedJaxpr, and the structure of the results.
 * @example
 * makeJaxpr((x) => np.sin(x))(np.ones([3])).jaxpr.toString(); // => "{ lambda ; a:f32[3]. let b:f32[3] = sin a in (b,) }"
 */
export function makeJaxpr<F extends AnyFunction>(
  f: F,
  options: { readonly staticArgnums?: readonly number[] } = {},
): (...args: Parameters<F>) => { jaxpr: ClosedJaxpr; treedef: JsTreeDef; toString(): string } {
  needFunction("makeJaxpr", f);
  checkOptions("makeJaxpr", options, { staticArgnums: true });
  return (...args) => {
    const { staged, outTree } = trace("makeJaxpr", f, args, options.staticArgnums ?? []);
    const jaxpr = new ClosedJaxpr(staged.jaxpr, staged.consts);
    return { jaxpr, treedef: outTree, toString: () => jaxpr.toString() };
  };
}

/**
 * Shapes and dtypes of the results of f, without computing them.
 *
 * Errors: those of the operations inside.
 * @example
 * evalShape((x) => np.matmul(x, x), np.ones([3, 3])).shape; // => [3, 3]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the user's function
export function evalShape(f: AnyFunction, ...args: unknown[]): any {
  const { staged, outTree } = trace("evalShape", f, args, []);
  for (const c of staged.consts) c[Symbol.dispose]();
  return unflatten(
    outTree,
    staged.jaxpr.outAvals.map((a) => new ShapeDtypeStruct(a.shape, a.dtype)),
  );
}
