/** Vectorization: one example's code on a batch of them. */
import { checkOptionNames } from "../base/option-names";
import { JaxError, ShapeError, TreeMismatchError } from "../base/errors";
import { range, without } from "../base/list";
import { type Scope, closeScope, currentTrace, withScope, withTrace } from "../core/interpreter";
import type { BatchDim } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { broadcastInDim } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { isPlainObject, unflatten } from "../tree/flatten";
import { structure } from "../tree/index";
import { childrenOf, nodeOf } from "../tree/registry";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flattenArgs, flattenResult, pathOf, release, needFunction } from "./arguments";
import { BatchTrace } from "./batch";

export { BatchTrace };

/** Axes to map: a number or null for a whole argument, or a tree of them that is a prefix of it. */
export type AxesSpec = number | null | undefined | readonly AxesSpec[] | { readonly [key: string]: AxesSpec };

export interface VmapOptions {
  /** For each argument (or for all); 0 unless given. null is not mapped. */
  readonly inAxes?: AxesSpec;
  /** Where results have the batch axis; 0 unless given. */
  readonly outAxes?: AxesSpec;
  /** Name of the axis for collectives (lax.psum, ...). */
  readonly axisName?: string;
  /** Size of the axis; needed where nothing is mapped. */
  readonly axisSize?: number;
  /** Refused: arrays are not distributed over devices. */
  readonly spmdAxisName?: undefined;
}

const optionNames = ["inAxes", "outAxes", "axisName", "axisSize", "spmdAxisName"];

function describeNode(x: unknown): string {
  if (Array.isArray(x)) return `a list of ${x.length}`;
  return isPlainObject(x) ? `an object with keys {${Object.keys(x).sort().join(", ")}}` : "an axis";
}

/** The axis of each leaf of a tree, by a prefix of it. */
function spread(op: string, spec: AxesSpec, tree: unknown, out: BatchDim[], path: string): void {
  if (typeof spec === "number" || spec === null || spec === undefined) {
    for (let n = structure(tree).size; n > 0; n--) out.push(spec ?? null);
    return;
  }
  const bad = (): never => {
    const whole = op === "inAxes" ? "arguments" : "result";
    throw new TreeMismatchError(
      `vmap: ${op} must be a prefix of the ${whole}: at ${path || "the root"} expected a number, null or ${describeNode(tree)}, ` +
        `got ${describeNode(spec)}; a number or null stands for everything below it`,
    );
  };
  if (Array.isArray(spec)) {
    if (!Array.isArray(tree) || tree.length !== spec.length) return bad();
    spec.forEach((s, i) => spread(op, s as AxesSpec, tree[i], out, `${path}[${i}]`));
    return;
  }
  if (nodeOf(tree) !== null) {
    // A registered class is a prefix as itself, with axes for its children.
    const [trees, specs] = [childrenOf(tree), nodeOf(spec) === nodeOf(tree) ? childrenOf(spec) : []];
    if (trees.length !== specs.length) return bad();
    specs.forEach((s, i) => spread(op, s as AxesSpec, trees[i], out, `${path}[${i}]`));
    return;
  }
  if (!isPlainObject(tree)) return bad();
  const entries = spec as Record<string, AxesSpec>;
  if (Object.keys(entries).sort().join() !== Object.keys(tree).sort().join()) return bad();
  for (const k of Object.keys(tree).sort()) spread(op, entries[k], tree[k], out, `${path}.${k}`);
}

/**
 * Maps f over an axis of its arguments. With an `axisName`, collectives inside f work across the examples.
 *
 * Errors: ShapeError if the mapped sizes differ or an axis is out of range, naming the argument; TreeMismatchError.
 * @example
 * const dot = vmap((a, b) => np.dot(a, b), [0, null]);
 * dot(np.array([[1, 2], [3, 4]]), np.array([1, 1])).js(); // => [3, 7]
 */
export function vmap<F extends AnyFunction>(f: F, inAxes: AxesSpec | VmapOptions = 0, outAxes: AxesSpec = 0): F {
  needFunction("vmap", f);
  const options: VmapOptions =
    isPlainObject(inAxes) && optionNames.some((name) => name in inAxes)
      ? (inAxes as VmapOptions)
      : { inAxes: inAxes as AxesSpec, outAxes };
  checkOptionNames(options, optionNames, "vmap");
  const { inAxes: ins = 0, outAxes: outs = 0, axisName = null, axisSize, spmdAxisName } = options;
  if (spmdAxisName !== undefined) {
    throw new JaxError(
      "vmap: spmdAxisName is for arrays distributed over devices, and there is one device; leave it out",
    );
  }
  const mapped = (...args: unknown[]): unknown => {
    const [xs, inTree] = flattenArgs("vmap", args);
    const dims: BatchDim[] = [];
    const perArgument =
      Array.isArray(ins) && ins.length < args.length
        ? [...(ins as AxesSpec[]), ...args.slice(ins.length).map(() => null)]
        : ins;
    spread("inAxes", options.inAxes === null ? null : perArgument, args, dims, "");
    const size = batchSize(args, xs, dims, axisSize);
    const at = xs.map((x, i): BatchDim => (dims[i] !== null && dims[i]! < 0 ? dims[i]! + x.ndim : dims[i]!));
    let outTree: JsTreeDef | null = null;
    const run = (inputs: readonly Tracer[]): [Tracer[], BatchDim[]] => {
      const result = f(...(unflatten(inTree, inputs as Tracer[]) as unknown as unknown[])) as unknown;
      const [ys, treedef] = flattenResult("vmap", result);
      outTree = treedef;
      const outDims: BatchDim[] = [];
      spread("outAxes", outs, unflatten(treedef, ys), outDims, "");
      return [ys, outDims];
    };
    const results = mapAxis(run, xs, at, size, axisName);
    return unflatten(outTree!, results);
  };
  return mapped as F;
}

/** `vmap` of a function of leaves that gives its results and where their batch axes go. */
export function mapAxis(
  run: (inputs: readonly Tracer[]) => readonly [readonly Tracer[], readonly BatchDim[]],
  xs: readonly Tracer[],
  dims: readonly BatchDim[],
  size: number,
  axisName: string | null,
): Tracer[] {
  const owned: Scope = new Set();
  const trace = new BatchTrace(currentTrace(), size, owned, axisName);
  try {
    const inputs = xs.map((x, i) => trace.wrap(x, dims[i]!));
    const [ys, outDims] = withTrace(trace, () => run(inputs));
    const values = withScope(owned, () => ys.map((y, i) => placeBatch(trace, y, outDims[i]!)));
    return release(values, owned);
  } finally {
    trace.ended = true;
    closeScope(owned, new Set());
  }
}

function batchSize(
  args: readonly unknown[],
  xs: readonly Tracer[],
  dims: readonly BatchDim[],
  axisSize: number | undefined,
): number {
  let size: number | null = null;
  let first = -1;
  xs.forEach((x, i) => {
    const d = dims[i]!;
    if (d === null) return;
    if (!Number.isInteger(d) || d < -x.ndim || d >= x.ndim) {
      throw new ShapeError(
        `vmap: axis ${d} is out of range for argument ${pathOf(args, i)} of ${x.aval}; use null in inAxes for arguments that are not mapped`,
      );
    }
    const n = x.shape[d < 0 ? d + x.ndim : d]!;
    if (size === null) [size, first] = [n, i];
    else if (n !== size) {
      throw new ShapeError(
        `vmap: mapped axes must have equal sizes, got ${size} for argument ${pathOf(args, first)} (${xs[first]!.aval}) ` +
          `and ${n} for argument ${pathOf(args, i)} (${x.aval})`,
      );
    }
  });
  if (axisSize !== undefined && size !== null && axisSize !== size) {
    throw new ShapeError(
      `vmap: axisSize is ${axisSize}, got ${size} for argument ${pathOf(args, first)} (${xs[first]!.aval})`,
    );
  }
  size ??= axisSize ?? null;
  if (size !== null) return size;
  throw new ShapeError("vmap: at least one argument must be mapped; inAxes is null for all");
}

/** The batched value with its batch axis at `to`. */
function placeBatch(trace: BatchTrace, y: Tracer, to: BatchDim): Tracer {
  const dim = trace.dimOf(y);
  const value = trace.raw(y);
  if (to === null) {
    if (dim === null) return value;
    const name = trace.axis === null ? "" : `; reduce it over axis "${trace.axis.name}" (lax.psum, lax.allGather)`;
    throw new ShapeError(`vmap: a result with outAxes null depends on the mapped arguments, got ${y.aval}${name}`);
  }
  if (dim !== null) return moveaxis(value, dim, to);
  const at = to < 0 ? to + y.ndim + 1 : to;
  const shape = [...y.shape.slice(0, at), trace.size, ...y.shape.slice(at)];
  return broadcastInDim(value, shape, without(range(shape.length), [at]));
}
