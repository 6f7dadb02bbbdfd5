/** Linearization: the value of a function, and its derivative there as a Jaxpr that can be run forward or backward. */
import { checkOptions } from "../base/option-names";
import { isFloat } from "../aval/dtype";
import { TreeMismatchError, UseAfterDisposeError } from "../base/errors";
import { type Scope, closeScope, currentTrace, withScope, withTrace } from "../core/interpreter";
import type { Tangent } from "../core/primitive";
import { Literal, type Tracer } from "../core/tracer";
import { evalJaxpr } from "../jaxpr/evaluate";
import type { Jaxpr } from "../jaxpr/jaxpr";
import { unflatten } from "../tree/flatten";
import { explainMismatch } from "../tree/index";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flattenArgs, flattenResult, release, needFunction } from "./arguments";
import { type AuxOptions, JVPTrace, checkTangents, instantiate, splitAux } from "./jvp";
import { PartialEvalTrace } from "./partial-eval";
import { zerosLike } from "../ops/broadcast";
import { backwardPass } from "./transpose";

/** A function whose captured arrays are freed by `dispose()`. */
export type OwnedFunction<F> = F & { dispose(): void; [Symbol.dispose](): void };

export function ownedFunction<F extends AnyFunction>(f: F, dispose: () => void): OwnedFunction<F> {
  return Object.assign(f, { dispose, [Symbol.dispose]: dispose }) as OwnedFunction<F>;
}

/** A linear map with the residuals it needs. */
export class LinearMap {
  readonly jaxpr: Jaxpr;
  private residuals: readonly Tracer[] | null;
  private readonly op: string;

  constructor(op: string, jaxpr: Jaxpr, residuals: readonly Tracer[]) {
    this.op = op;
    this.jaxpr = jaxpr;
    this.residuals = residuals;
  }

  private get values(): readonly Tracer[] {
    if (this.residuals === null) throw new UseAfterDisposeError(`${this.op}: the function was used after dispose()`);
    return this.residuals;
  }

  /** Tangents of the results from those of the inputs. */
  forward(tangents: readonly Tracer[]): Tracer[] {
    const owned: Scope = new Set();
    try {
      const outs = withScope(owned, () => evalJaxpr(this.jaxpr, [...this.values, ...tangents]));
      return release(outs, owned);
    } finally {
      closeScope(owned, new Set());
    }
  }

  /** Cotangents of the inputs from those of the results. */
  backward(cts: readonly Tangent[]): Tracer[] {
    const owned: Scope = new Set();
    try {
      const outs = withScope(owned, () => {
        const back = backwardPass(this.jaxpr, this.values, cts);
        return back.map((ct, i) => instantiate(ct, this.jaxpr.inBinders[i]!.aval));
      });
      return release(outs, owned);
    } finally {
      closeScope(owned, new Set());
    }
  }

  /** Frees the residuals. */
  dispose(): void {
    for (const r of this.residuals ?? []) r[Symbol.dispose]();
    this.residuals = null;
  }
}

export interface Linearized {
  readonly outs: Tracer[];
  readonly outTree: JsTreeDef;
  readonly aux: unknown;
  readonly map: LinearMap;
  /** Inputs of the map: which of the flat primals are differentiated. */
  readonly differentiated: readonly boolean[];
}

/** Linearizes a function of leaves. Integer leaves are not differentiated. */
export function linearizeFlat(
  op: string,
  f: AnyFunction,
  inTree: JsTreeDef,
  primals: readonly Tracer[],
  hasAux: boolean,
): Linearized {
  needFunction(op, f);
  const owned: Scope = new Set();
  const parent = currentTrace();
  const pe = new PartialEvalTrace(parent, owned);
  const trace = new JVPTrace(pe, owned);
  try {
    const differentiated = primals.map((x) => isFloat(x.dtype));
    const unknowns = primals.map((x, i) => (differentiated[i] ? pe.unknown(x.aval) : null));
    const inputs = primals.map((x, i) => trace.wrap(x, unknowns[i]!));
    const result = withTrace(trace, () => f(...(unflatten(inTree, inputs) as unknown as unknown[])) as unknown);
    const [out, auxResult] = hasAux ? splitAux(op, result) : [result, undefined];
    const [flatOuts, outTree] = flattenResult(op, out);
    const [auxs, auxTree] = flattenResult(op, auxResult);
    const tangents = withScope(owned, () => flatOuts.map((y) => instantiate(trace.tangentOf(y), y.aval)));
    const { jaxpr, residuals } = pe.build(
      unknowns.filter((u) => u !== null),
      tangents,
    );
    // Residuals leave the scope before results do, so that a result that is one too gets a handle of its own.
    const kept = residuals.map((r) => {
      if (owned.delete(r)) return r;
      return r instanceof Literal ? r : r.handle();
    });
    const n = flatOuts.length;
    const released = release(
      [...flatOuts, ...auxs].map((y) => trace.primalOf(y)),
      owned,
    );
    return {
      outs: released.slice(0, n),
      outTree,
      aux: unflatten(auxTree, released.slice(n)),
      map: new LinearMap(op, jaxpr, kept),
      differentiated,
    };
  } finally {
    trace.ended = true;
    closeScope(owned, new Set());
  }
}

/**
 * Value of f at `primals`, and its derivative there as a linear function of tangents.
 *
 * Returns `[out, jvpFn]`, with `aux` third if `hasAux`. `jvpFn.dispose()` frees what it keeps.
 * @example
 * const [y, fLin] = linearize(np.sin, [np.array(0)]);
 * fLin(np.array(3)).item(); // => 3
 */
export function linearize(
  f: AnyFunction,
  primals: readonly unknown[],
  options: AuxOptions = {},
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- results are as deep as the user's function
): any {
  checkOptions("linearize", options, { hasAux: true });
  const [xs, inTree] = flattenArgs("linearize", primals);
  const { outs, outTree, aux, map, differentiated } = linearizeFlat(
    "linearize",
    f,
    inTree,
    xs,
    options.hasAux ?? false,
  );
  const jvpFn = (...tangents: unknown[]): unknown => {
    const [ts, tree] = flattenArgs("linearize", tangents);
    if (!tree.equals(inTree)) throw new TreeMismatchError(explainMismatch("linearize", primals, tangents));
    const checked = checkTangents("linearize", xs, ts);
    const inputs = differentiated.flatMap((d, i) => (d ? [checked[i] ?? zerosLike(xs[i]!)] : []));
    return unflatten(outTree, map.forward(inputs));
  };
  const owned = ownedFunction(jvpFn, () => map.dispose());
  const out = unflatten(outTree, outs);
  return options.hasAux ? [out, owned, aux] : [out, owned];
}
