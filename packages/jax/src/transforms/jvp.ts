/** Forward-mode differentiation: values with tangents. */
import { checkOptions } from "../base/option-names";
import { isFloat } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { DTypeError, DifferentiationError, LeakedTracerError, ShapeError, TreeMismatchError } from "../base/errors";
import { type Scope, Trace, bind, closeScope, currentTrace, runRule, withScope, withTrace } from "../core/interpreter";
import type { AnyParams, AnyPrimitive, Tangent } from "../core/primitive";
import { Tracer } from "../core/tracer";
import { add } from "../ops/arith";
import { zerosLike } from "../ops/broadcast";
import { explainMismatch } from "../tree/index";
import { unflatten } from "../tree/flatten";
import { type AnyFunction, flattenArgs, flattenResult, release, needFunction } from "./arguments";

export class JVPTracer extends Tracer {
  readonly interpreter: JVPTrace;
  readonly primal: Tracer;
  readonly tangent: Tracer;
  constructor(trace: JVPTrace, primal: Tracer, tangent: Tracer) {
    super();
    this.interpreter = trace;
    this.primal = primal;
    this.tangent = tangent;
  }
  get aval(): Aval {
    return this.primal.aval;
  }
  // The value of a concrete primal may be read: `if (x.item() > 0)` is fine in grad.
  override get device() {
    return this.primal.device;
  }
  override data() {
    return this.primal.data();
  }
  override dataSync() {
    return this.primal.dataSync();
  }
  override js() {
    return this.primal.js();
  }
  override jsAsync() {
    return this.primal.jsAsync();
  }
  override item() {
    return this.primal.item();
  }
  override [Symbol.toPrimitive](hint: string) {
    return this.primal[Symbol.toPrimitive](hint);
  }
  override toString(): string {
    return `JVPTracer<${this.aval}>`;
  }
}

export class JVPTrace extends Trace {
  readonly parent: Trace;
  override readonly scope: Scope;
  ended = false;

  constructor(parent: Trace, scope: Scope) {
    super();
    this.parent = parent;
    this.scope = scope;
  }

  /** A value with its tangent; without one, the value itself. */
  wrap(primal: Tracer, tangent: Tangent): Tracer {
    return tangent === null ? primal : new JVPTracer(this, primal, tangent);
  }

  primalOf(x: Tracer): Tracer {
    if (!(x instanceof JVPTracer)) return x;
    if (x.interpreter === this) return x.primal;
    if (x.interpreter.ended) throw leaked(x);
    return x;
  }

  tangentOf(x: Tracer): Tangent {
    return x instanceof JVPTracer && x.interpreter === this ? x.tangent : null;
  }

  process(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Tracer[] {
    const tangents = args.map((x) => this.tangentOf(x));
    const primals = args.map((x) => this.primalOf(x));
    if (tangents.every((t) => t === null)) return this.parent.process(primitive, primals, params);
    const [outs, outTangents] = runRule(this, () => jvpRule(primitive, primals, tangents, params));
    return outs.map((x, i) => this.wrap(x, outTangents[i] ?? null));
  }
}

function leaked(x: Tracer): LeakedTracerError {
  return new LeakedTracerError(
    `a traced ${x.aval} was used after the differentiation it belongs to had ended; ` +
      `return the value from the function (hasAux) instead of storing it elsewhere`,
  );
}

/** A tangent as an array: zeros for none. */
export const instantiate = (t: Tangent, aval: Aval): Tracer => t ?? zerosLike(aval);

function jvpRule(
  primitive: AnyPrimitive,
  primals: readonly Tracer[],
  tangents: readonly Tangent[],
  params: AnyParams,
): [Tracer[], Tangent[]] {
  const { derivative } = primitive;
  switch (derivative.kind) {
    case "jvp":
      return derivative.jvp(primals, tangents, params);
    case "linear": {
      const outs = bind(primitive, primals, params);
      const ts = tangents.map((t, i) => instantiate(t, primals[i]!.aval));
      return [outs, bind(primitive, ts, params)];
    }
    case "bilinear": {
      const [x, y] = primals as [Tracer, Tracer];
      const [dx, dy] = tangents as [Tangent, Tangent];
      const outs = bind(primitive, [x, y], params);
      const a = dx === null ? null : bind(primitive, [dx, y], params)[0]!;
      const b = dy === null ? null : bind(primitive, [x, dy], params)[0]!;
      return [outs, [a === null ? b : b === null ? a : add(a, b)]];
    }
    case "partly-linear": {
      const outs = bind(primitive, primals, params);
      const linear = derivative.linear(primals.map((x) => x.aval));
      const mixed = primals.map((x, i) => (linear[i] ? instantiate(tangents[i]!, x.aval) : x));
      if (!linear.some((l, i) => l && tangents[i] !== null)) return [outs, outs.map(() => null)];
      return [outs, bind(primitive, mixed, params)];
    }
    case "zero":
      return [bind(primitive, primals, params), []];
    case "refused":
      throw new DifferentiationError(`${primitive.name}: has no derivative: ${derivative.because}`);
    default:
      derivative satisfies never;
      throw new Error("unreachable");
  }
}

/** Checks that tangents fit primals and lifts them; integer primals have none. */
export function checkTangents(op: string, primals: readonly Tracer[], tangents: readonly Tracer[]): Tangent[] {
  return primals.map((p, i) => {
    const t = tangents[i]!;
    if (!isFloat(p.dtype)) return null;
    if (t.shape.length !== p.shape.length || t.shape.some((n, k) => n !== p.shape[k])) {
      throw new ShapeError(`${op}: primal and tangent must have the same shape, got ${p.aval} and ${t.aval}`);
    }
    if (t.dtype !== p.dtype) {
      throw new DTypeError(`${op}: primal and tangent must have the same dtype, got ${p.aval} and ${t.aval}`);
    }
    return t;
  });
}

export interface AuxOptions {
  /** The function returns `[result, aux]`; aux is handed through without derivatives. */
  readonly hasAux?: boolean;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- trees of any depth */

/**
 * Value and directional derivative of f at `primals` along `tangents`.
 *
 * Shapes: tangents as primals. Returns `[out, tangentOut]`, with `aux` third if `hasAux`.
 * Errors: TreeMismatchError, ShapeError, DTypeError if tangents do not fit.
 * @example
 * const [y, dy] = jvp(np.sin, [np.array(0)], [np.array(2)]);
 * [y.item(), dy.item()]; // => [0, 2]
 */
export function jvp(
  f: AnyFunction,
  primals: readonly unknown[],
  tangents: readonly unknown[],
  options: AuxOptions = {},
): any {
  needFunction("jvp", f);
  checkOptions("jvp", options, { hasAux: true });
  const [xs, inTree] = flattenArgs("jvp", primals);
  const [ts, tangentTree] = flattenArgs("jvp", tangents);
  if (!inTree.equals(tangentTree)) throw new TreeMismatchError(explainMismatch("jvp", primals, tangents));
  const owned: Scope = new Set();
  const trace = new JVPTrace(currentTrace(), owned);
  try {
    const checked = checkTangents("jvp", xs, ts);
    const inputs = xs.map((x, i) => trace.wrap(x, checked[i]!));
    const result = withTrace(trace, () => f(...(unflatten(inTree, inputs) as unknown as unknown[])) as unknown);
    const [out, aux] = options.hasAux ? splitAux("jvp", result) : [result, undefined];
    const [outs, outTree] = flattenResult("jvp", out);
    const [auxs, auxTree] = flattenResult("jvp", aux);
    const ys = outs.map((y) => trace.primalOf(y));
    const dys = withScope(owned, () => outs.map((y) => instantiate(trace.tangentOf(y), y.aval)));
    const [n, m] = [ys.length, dys.length];
    const released = release([...ys, ...dys, ...auxs.map((a) => trace.primalOf(a))], owned);
    const parts = [unflatten(outTree, released.slice(0, n)), unflatten(outTree, released.slice(n, n + m))];
    return options.hasAux ? [...parts, unflatten(auxTree, released.slice(n + m))] : parts;
  } finally {
    trace.ended = true;
    closeScope(owned, new Set());
  }
}

/** The two parts of what a function with `hasAux` returned. */
export function splitAux(op: string, result: unknown): [unknown, unknown] {
  if (!Array.isArray(result) || result.length !== 2) {
    throw new DifferentiationError(`${op}: with hasAux the function must return [result, aux]`);
  }
  return result as [unknown, unknown];
}
