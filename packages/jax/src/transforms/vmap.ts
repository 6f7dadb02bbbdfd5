/** Vectorization: one example's code on a batch of them. */
import type { Aval } from "../aval/shaped-array";
import { LeakedTracerError, ShapeError, TreeMismatchError } from "../base/errors";
import { range, without } from "../base/list";
import { type Scope, Trace, closeScope, currentTrace, runRule, withScope, withTrace } from "../core/interpreter";
import type { AnyParams, AnyPrimitive, BatchDim } from "../core/primitive";
import { Tracer } from "../core/tracer";
import { broadcastInDim } from "../ops/broadcast";
import { moveaxis } from "../ops/transpose";
import { isPlainObject, unflatten } from "../tree/flatten";
import { type AnyFunction, flattenArgs, flattenResult, pathOf, release } from "./arguments";

export class BatchTracer extends Tracer {
  readonly trace: BatchTrace;
  readonly value: Tracer;
  readonly dim: number;
  readonly aval: Aval;
  constructor(trace: BatchTrace, value: Tracer, dim: number) {
    super();
    this.trace = trace;
    this.value = value;
    this.dim = dim;
    this.aval = value.aval.withShape(without(value.shape, [dim]));
  }
  override toString(): string {
    return `BatchTracer<${this.aval}>`;
  }
}

export class BatchTrace extends Trace {
  readonly parent: Trace;
  override readonly scope: Scope | null;
  readonly size: number;
  ended = false;

  constructor(parent: Trace, size: number, scope: Scope | null) {
    super();
    this.parent = parent;
    this.size = size;
    this.scope = scope;
  }

  wrap(value: Tracer, dim: BatchDim): Tracer {
    return dim === null ? value : new BatchTracer(this, value, dim);
  }

  raw(x: Tracer): Tracer {
    if (!(x instanceof BatchTracer)) return x;
    if (x.trace === this) return x.value;
    if (x.trace.ended) {
      throw new LeakedTracerError(
        `a batched ${x.aval} was used after its vmap had ended; return the value instead of storing it elsewhere`,
      );
    }
    return x;
  }

  dimOf(x: Tracer): BatchDim {
    return x instanceof BatchTracer && x.trace === this ? x.dim : null;
  }

  process(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
    const dims = args.map((x) => this.dimOf(x));
    const values = args.map((x) => this.raw(x));
    if (dims.every((d) => d === null)) return this.parent.process(primitive, values, params);
    const [outs, outDims] = runRule(this, () => primitive.batch(values, dims, this.size, params));
    return outs.map((x, i) => this.wrap(x, outDims[i] ?? null));
  }
}

/** Axes to map: a number or null for a whole argument, or a tree of them that is a prefix of it. */
export type AxesSpec = number | null | undefined | readonly AxesSpec[] | { readonly [key: string]: AxesSpec };

export interface VmapOptions {
  /** For each argument (or for all); 0 unless given. null is not mapped. */
  readonly inAxes?: AxesSpec;
  /** Where results have the batch axis; 0 unless given. */
  readonly outAxes?: AxesSpec;
}

function describeNode(x: unknown): string {
  if (Array.isArray(x)) return `a list of ${x.length}`;
  return isPlainObject(x) ? `an object with keys {${Object.keys(x).sort().join(", ")}}` : "an axis";
}

/** The axis of each leaf of a tree, by a prefix of it. */
function spread(op: string, spec: AxesSpec, tree: unknown, out: BatchDim[], path: string): void {
  if (typeof spec === "number" || spec === null || spec === undefined) {
    const visit = (t: unknown): void => {
      if (Array.isArray(t)) t.forEach(visit);
      else if (isPlainObject(t))
        Object.keys(t)
          .sort()
          .forEach((k) => visit(t[k]));
      else if (t !== null && t !== undefined) out.push(spec ?? null);
    };
    visit(tree);
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
  if (!isPlainObject(tree)) return bad();
  const entries = spec as Record<string, AxesSpec>;
  if (Object.keys(entries).sort().join() !== Object.keys(tree).sort().join()) return bad();
  for (const k of Object.keys(tree).sort()) spread(op, entries[k], tree[k], out, `${path}.${k}`);
}

/**
 * Maps f over an axis of its arguments.
 *
 * Errors: ShapeError if the mapped sizes differ or an axis is out of range, naming the argument; TreeMismatchError.
 * @example
 * const dot = vmap((a, b) => np.dot(a, b), [0, null]);
 * dot(np.array([[1, 2], [3, 4]]), np.array([1, 1])).js(); // => [3, 7]
 */
export function vmap<F extends AnyFunction>(f: F, inAxes: AxesSpec | VmapOptions = 0, outAxes: AxesSpec = 0): F {
  const options: VmapOptions =
    isPlainObject(inAxes) && ("inAxes" in inAxes || "outAxes" in inAxes)
      ? (inAxes as VmapOptions)
      : { inAxes: inAxes as AxesSpec, outAxes };
  const { inAxes: ins = 0, outAxes: outs = 0 } = options;
  const mapped = (...args: unknown[]): unknown => {
    const [xs, inTree] = flattenArgs("vmap", args);
    const dims: BatchDim[] = [];
    const perArgument =
      Array.isArray(ins) && ins.length < args.length
        ? [...(ins as AxesSpec[]), ...args.slice(ins.length).map(() => null)]
        : ins;
    spread("inAxes", options.inAxes === null ? null : perArgument, args, dims, "");
    const size = batchSize(args, xs, dims);
    const owned: Scope = new Set();
    const trace = new BatchTrace(currentTrace(), size, owned);
    try {
      const inputs = xs.map((x, i) => {
        const d = dims[i]!;
        return trace.wrap(x, d !== null && d < 0 ? d + x.ndim : d);
      });
      const result = withTrace(trace, () => f(...(unflatten(inTree, inputs) as unknown as unknown[])) as unknown);
      const [ys, outTree] = flattenResult("vmap", result);
      const outDims: BatchDim[] = [];
      spread("outAxes", outs, unflatten(outTree, ys), outDims, "");
      const values = withScope(owned, () => ys.map((y, i) => placeBatch(trace, y, outDims[i]!)));
      return unflatten(outTree, release(values, owned));
    } finally {
      trace.ended = true;
      closeScope(owned, new Set());
    }
  };
  return mapped as F;
}

function batchSize(args: readonly unknown[], xs: readonly Tracer[], dims: readonly BatchDim[]): number {
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
  if (size === null) throw new ShapeError("vmap: at least one argument must be mapped; inAxes is null for all");
  return size;
}

/** The batched value with its batch axis at `to`. */
function placeBatch(trace: BatchTrace, y: Tracer, to: BatchDim): Tracer {
  const dim = trace.dimOf(y);
  const value = trace.raw(y);
  if (to === null) {
    if (dim !== null)
      throw new ShapeError(`vmap: a result with outAxes null depends on the mapped arguments, got ${y.aval}`);
    return value;
  }
  if (dim !== null) return moveaxis(value, dim, to);
  const at = to < 0 ? to + y.ndim + 1 : to;
  const shape = [...y.shape.slice(0, at), trace.size, ...y.shape.slice(at)];
  return broadcastInDim(value, shape, without(range(shape.length), [at]));
}
