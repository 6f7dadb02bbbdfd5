/**
 * Looking into functions while they run, also under jit, in loops and branches, and under vmap (once for each example).
 * Derivatives do not change; what happens at all happens in order.
 */
import { NaNError } from "../base/errors";
import { isFloat } from "../aval/dtype";
import { ShapedArray } from "../aval/shaped-array";
import { Tracer } from "../core/tracer";
import type { HostValue } from "../kernel/expr";
import { debugCallback } from "../ops/debug-callback";
import { leafToTracer } from "../transforms/arguments";
import { flatten, flattenWithPath, unflatten } from "../tree/index";
import type { JsTreeDef } from "../tree/treedef";
import { checkFormat, formatText } from "./debug-format";
import { HostArray } from "./host-array";

export { HostArray } from "./host-array";

/** A tree of arguments: leaves that are arrays are operands, others are handed over as they are. */
interface Call {
  readonly tree: JsTreeDef;
  /** For each leaf: what it is, or null for the next operand. */
  readonly fixed: readonly ({ readonly value: unknown } | null)[];
}

function split(args: readonly unknown[]): { operands: Tracer[]; call: Call } {
  const [leaves, tree] = flatten(args);
  const isArray = (x: unknown): boolean => x instanceof Tracer || typeof x === "number" || typeof x === "boolean";
  return {
    operands: leaves.filter(isArray).map((x, i) => leafToTracer("debug", x, () => `leaf ${i}`)),
    call: { tree, fixed: leaves.map((value) => (isArray(value) ? null : { value })) },
  };
}

function join(values: readonly HostValue[], { tree, fixed }: Call): unknown[] {
  let next = 0;
  const leaves = fixed.map((f) => (f === null ? new HostArray(values[next++]!) : f.value));
  return unflatten(tree, leaves) as unknown[];
}

/**
 * Calls `fn(...args)` with values (trees of `HostArray`) each time that this place is reached. Results are not used.
 *
 * Errors: DeviceError inside jit on webgpu. What `fn` throws, the call of the program throws.
 * @example
 * const seen = [];
 * jit((x) => { debug.callback((v) => seen.push(v.item()), x); return x; })(np.array(3)).item(); // => 3
 * seen; // => [3]
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- functions of every type
export function callback(fn: (...args: any[]) => unknown, ...args: unknown[]): void {
  const { operands, call } = split(args);
  debugCallback(operands, callUser, { fn, ...call });
}

function callUser(
  values: readonly HostValue[],
  context: Call & { readonly fn: (...args: unknown[]) => unknown },
): void {
  context.fn(...join(values, context));
}

/**
 * Prints to the console: `{}` stands for the next argument, `{0}` for the one of that number, `{name}` for a property of
 * the last argument, an object; `{:.3f}` rounds; `{{` and `}}` are braces.
 *
 * Errors: JaxError if the format does not fit the arguments; DeviceError inside jit on webgpu.
 * Differs from JAX: named arguments are an object; values are printed as JS lists, `[1, 2]`.
 * @example
 * debug.print("x = {x}, {:.1f}", np.array(0.25), { x: np.array([1, 2]) }); // prints: x = [1, 2], 0.3
 */
export function print(format: string, ...args: unknown[]): void {
  checkFormat(format, args);
  const { operands, call } = split(args);
  debugCallback(operands, printValues, { format, ...call });
}

function printValues(values: readonly HostValue[], context: Call & { readonly format: string }): void {
  console.log(formatText(context.format, join(values, context)));
}

/**
 * x itself; where it (an array, or a tree of them) has a NaN when the program runs, the call throws a NaNError that says
 * where.
 *
 * Errors: NaNError; DeviceError inside jit on webgpu.
 * @example
 * debug.checkNaN(np.array([1, 2]), "weights").js(); // => [1, 2]
 */
export function checkNaN<Tree>(x: Tree, label = "value"): Tree {
  const named = flattenWithPath(x)[0].filter(([, leaf]) => leaf instanceof Tracer && isFloat(leaf.dtype));
  const paths = named.map(([path]) => path);
  debugCallback(
    named.map(([, leaf]) => leaf as Tracer),
    findNaN,
    { label, paths },
  );
  return x;
}

interface Checked {
  readonly label: string;
  readonly paths: readonly string[];
}

function findNaN(values: readonly HostValue[], { label, paths }: Checked): void {
  values.forEach(({ data, shape, dtype }, k) => {
    const at = data.findIndex((v) => v !== v);
    if (at < 0) return;
    const count = Array.from(data as ArrayLike<number>).filter((v) => v !== v).length;
    const index = [...shape].reduceRight<[number[], number]>(
      ([found, rest], n) => [[rest % n, ...found], Math.floor(rest / n)],
      [[], at],
    )[0];
    throw new NaNError(
      `checkNaN: ${label}${paths[k]!} has ${count} NaN of ${data.length} elements, first at [${index.join()}] of ${ShapedArray.of(shape, dtype)}`,
    );
  });
}
