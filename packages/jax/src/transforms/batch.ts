/** The interpreter of vmap: values with a batch axis. */
import type { Aval } from "../aval/shaped-array";
import { LeakedTracerError } from "../base/errors";
import { without } from "../base/list";
import { type NamedAxis, type Scope, Trace, runRule } from "../core/interpreter";
import type { AnyParams, AnyPrimitive, BatchDim } from "../core/primitive";
import { Tracer } from "../core/tracer";
import { usesAxis } from "../jaxpr/axes";

/** A value of all examples. `dim` null: they share it, and the trace frees what is computed from it. */
export class BatchTracer extends Tracer {
  readonly interpreter: BatchTrace;
  readonly value: Tracer;
  readonly dim: BatchDim;
  readonly aval: Aval;
  constructor(trace: BatchTrace, value: Tracer, dim: BatchDim) {
    super();
    this.interpreter = trace;
    this.value = value;
    this.dim = dim;
    this.aval = dim === null ? value.aval : value.aval.withShape(without(value.shape, [dim]));
  }
  override toString(): string {
    return `BatchTracer<${this.aval}>`;
  }
}

export class BatchTrace extends Trace {
  readonly parent: Trace;
  override readonly scope: Scope | null;
  override readonly axis: NamedAxis | null;
  readonly size: number;
  ended = false;

  constructor(parent: Trace, size: number, scope: Scope | null, axisName: string | null = null) {
    super();
    this.parent = parent;
    this.size = size;
    this.scope = scope;
    this.axis = axisName === null ? null : { name: axisName, size };
  }

  wrap(value: Tracer, dim: BatchDim): Tracer {
    return dim === null ? value : new BatchTracer(this, value, dim);
  }

  /** As `wrap`, for results of rules: shared ones stay ours, since only we know that they are arrays to free. */
  private wrapOwn(value: Tracer, dim: BatchDim): Tracer {
    return dim === null && this.scope === null ? value : new BatchTracer(this, value, dim);
  }

  private isOurs(x: Tracer): boolean {
    return x instanceof BatchTracer && x.interpreter === this;
  }

  raw(x: Tracer): Tracer {
    if (!(x instanceof BatchTracer)) return x;
    if (x.interpreter === this) return x.value;
    if (x.interpreter.ended) {
      throw new LeakedTracerError(
        `a batched ${x.aval} was used after its vmap had ended; return the value instead of storing it elsewhere`,
      );
    }
    return x;
  }

  dimOf(x: Tracer): BatchDim {
    return x instanceof BatchTracer && x.interpreter === this ? x.dim : null;
  }

  process(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
    const dims = args.map((x) => this.dimOf(x));
    const values = args.map((x) => this.raw(x));
    const { size, axis } = this;
    const named = axis !== null && (params as { axisName?: unknown }).axisName === axis.name;
    const collective = named ? primitive.collective : undefined;
    // Programs without batched operands may hold collectives that have to be done here.
    if (collective === undefined && dims.every((d) => d === null) && (axis === null || !usesAxis(params, axis.name))) {
      if (!args.some((x) => this.isOurs(x))) return this.parent.process(primitive, values, params);
      const shared = runRule(this, () => this.parent.process(primitive, values, params));
      return shared.map((x) => this.wrapOwn(x, null));
    }
    const [outs, outDims] = runRule(this, () => (collective ?? primitive.batch)(values, dims, size, params));
    return outs.map((x, i) => this.wrapOwn(x, outDims[i] ?? null));
  }
}
