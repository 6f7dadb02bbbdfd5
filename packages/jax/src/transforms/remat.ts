/** Rematerialization: what the backward pass needs is computed again instead of stored, as far as a policy says. */
import { checkOptions } from "../base/option-names";
import type { Aval } from "../aval/shaped-array";
import { bind, currentTrace } from "../core/interpreter";
import type { AnyParams, AnyPrimitive, BatchDim, Primitive, Tangent } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { hasEffects } from "../jaxpr/effects";
import { evalJaxpr } from "../jaxpr/evaluate";
import { Jaxpr } from "../jaxpr/jaxpr";
import { lowerJaxpr } from "../jaxpr/lower";
import { dce, usedBinders } from "../jaxpr/passes";
import { optimizationBarrier } from "../ops/convert";
import { moveaxis } from "../ops/transpose";
import { unflatten } from "../tree/flatten";
import { type AnyFunction, flattenArgs, needFunction } from "./arguments";
import { batchJaxpr, jvpJaxpr, memo, stageClosed, transposeJaxpr as transposeOf } from "./derived";
import { jit_p, jitParams } from "./jit";
import { type PartialEvalRule, type PartialEvalTrace, splitJaxpr } from "./partial-eval";
import { releaseCaptured, subFunction } from "./sub-program";
import type { TransposeRule } from "./transpose";

/** Says of an operation, by its record, the avals of its operands and its parameters, whether its results are stored. */
export type CheckpointPolicy = (primitive: AnyPrimitive, avals: readonly Aval[], params: AnyParams) => boolean;

const isDot = (p: AnyPrimitive): boolean => p.name === "dot_general";
const hasName = (p: AnyPrimitive, params: AnyParams, names: readonly string[]): boolean =>
  p.name === "name" && names.includes((params as { name: string }).name);

const isDotWithoutBatch: CheckpointPolicy = (p, _avals, params) =>
  isDot(p) && (params as { dimensionNumbers: number[][][] }).dimensionNumbers[1]![0]!.length === 0;

/** Policies for `checkpoint`. */
export const checkpointPolicies = {
  everythingSaveable: (): boolean => true,
  nothingSaveable: (): boolean => false,
  dotsSaveable: isDot,
  checkpointDots: isDot,
  dotsWithNoBatchDimsSaveable: isDotWithoutBatch,
  checkpointDotsWithNoBatchDims: isDotWithoutBatch,
  saveOnlyTheseNames:
    (...names: string[]): CheckpointPolicy =>
    (p, _avals, params) =>
      hasName(p, params, names),
  saveAnyNamesButThese:
    (...names: string[]): CheckpointPolicy =>
    (p, _avals, params) =>
      p.name === "name" && !hasName(p, params, names),
  saveAnythingExceptTheseNames:
    (...names: string[]): CheckpointPolicy =>
    (p, _avals, params) =>
      !hasName(p, params, names),
  saveFromBothPolicies:
    (a: CheckpointPolicy, b: CheckpointPolicy): CheckpointPolicy =>
    (p, avals, params) =>
      a(p, avals, params) || b(p, avals, params),
} as const;

interface RematParams {
  readonly jaxpr: Jaxpr;
  readonly policy: CheckpointPolicy;
}

export const remat_p: Primitive<RematParams> & PartialEvalRule & TransposeRule = {
  name: "checkpoint",
  type: (_xs, { jaxpr }) => jaxpr.outAvals,
  derivative: {
    kind: "jvp",
    jvp(primals: readonly Tracer[], tangents: readonly Tangent[], { jaxpr, policy }: RematParams) {
      const nonzero = tangents.map((t) => t !== null);
      const { jaxpr: both, outHasTangent } = jvpJaxpr(jaxpr, nonzero);
      const outs = bind(remat_p, [...primals, ...tangents.filter((t) => t !== null)], { jaxpr: both, policy });
      let next = jaxpr.outs.length;
      return [outs.slice(0, next), outHasTangent.map((has) => (has ? outs[next++]! : null))];
    },
  },
  batch(xs: readonly Tracer[], dims: readonly BatchDim[], size, { jaxpr, policy }) {
    const moved = xs.map((x, i) => (dims[i] === null ? x : moveaxis(x, dims[i]!, 0)));
    const { jaxpr: batched, outBatched } = batchJaxpr(
      jaxpr,
      size,
      dims.map((d) => d !== null),
    );
    return [bind(remat_p, moved, { jaxpr: batched, policy }), outBatched.map((b): BatchDim => (b ? 0 : null))];
  },
  lower: (xs, _avals, { jaxpr }) => lowerJaxpr(jaxpr, xs),
  partialEval: rematPartialEval,
  transposeJaxpr: rematTranspose,
};

interface RematSplit {
  readonly outUnknown: readonly boolean[];
  /** Known inputs to [known results..., saved values...]. */
  readonly forward: Jaxpr;
  /** [known inputs..., saved values..., unknown inputs...] (those that `used` says) to unknown results. */
  readonly rest: Jaxpr;
  readonly used: readonly boolean[];
}

/** What is computed now, and what is left to compute later, from inputs and saved values. */
function splitRemat(jaxpr: Jaxpr, unknown: readonly boolean[], policy: CheckpointPolicy): RematSplit {
  const { known, unknown: linear, outUnknown } = splitJaxpr(jaxpr, unknown);
  const nKnown = outUnknown.filter((u) => !u).length;
  const saved = known.eqns
    .filter((e) =>
      policy(
        e.primitive,
        e.inputs.map((a) => a.aval),
        e.params,
      ),
    )
    .flatMap((e) => e.outBinders);
  const residuals = known.outs.slice(nKnown);
  // Only saved values that the residuals need are worth saving.
  const again = dce(
    new Jaxpr(
      [],
      [...known.inBinders, ...saved],
      known.eqns.filter((e) => !e.outBinders.some((v) => saved.includes(v))),
      residuals,
    ),
  );
  const usedSaved = usedBinders(again).inputs.slice(known.inBinders.length);
  const kept = saved.filter((_, i) => usedSaved[i]);
  const recompute = new Jaxpr([], [...known.inBinders, ...kept], again.eqns, again.outs);
  const nAgain = recompute.inBinders.length;
  const nResiduals = residuals.length;
  const rest = stageClosed(
    (inputs) => evalJaxpr(linear, [...evalJaxpr(recompute, inputs.slice(0, nAgain)), ...inputs.slice(nAgain)]),
    [...recompute.inAvals, ...linear.inAvals.slice(nResiduals)],
  );
  const slim = dce(rest);
  const used = usedBinders(slim).inputs.map((u, i) => u || i >= nAgain);
  return {
    outUnknown,
    forward: dce(new Jaxpr([], known.inBinders, known.eqns, [...known.outs.slice(0, nKnown), ...kept])),
    rest: new Jaxpr(
      [],
      slim.inBinders.filter((_, i) => used[i]),
      slim.eqns,
      slim.outs,
    ),
    used,
  };
}

function rematPartialEval(trace: PartialEvalTrace, args: readonly Tracer[], { jaxpr, policy }: RematParams): Tracer[] {
  const unknown = args.map((x) => trace.isUnknown(x));
  const { outUnknown, forward, rest, used } = splitRemat(jaxpr, unknown, policy);
  const knowns = args.filter((_, i) => !unknown[i]);
  const knownOuts =
    forward.outs.length === 0 && !hasEffects(forward)
      ? []
      : trace.parent.process(remat_p, knowns, { jaxpr: forward, policy });
  const nKnown = outUnknown.filter((u) => !u).length;
  const operands = [...knowns, ...knownOuts.slice(nKnown), ...args.filter((_, i) => unknown[i])].filter(
    (_, i) => used[i],
  );
  const outs = outUnknown.includes(true)
    ? trace.record(remat_p, operands, { jaxpr: rest, policy: checkpointPolicies.nothingSaveable })
    : [];
  let [k, u] = [0, 0];
  return outUnknown.map((isUnknown) => (isUnknown ? outs[u++]! : knownOuts[k++]!));
}

interface BackwardProgram {
  readonly jaxpr: Jaxpr;
  readonly hasCt: readonly boolean[];
}

/** [known inputs..., cotangents...] to cotangents: residuals computed again, then the backward pass. */
const backward = /* @__PURE__ */ memo<BackwardProgram>((jaxpr, key) => {
  const [known, withCt] = key.split(":").map((t) => [...t].map((c) => c === "1")) as [boolean[], boolean[]];
  const split = splitJaxpr(
    jaxpr,
    known.map((x) => !x),
    jaxpr.outs.map(() => true),
  );
  const nResiduals = split.known.outs.length;
  const isResidual = split.unknown.inBinders.map((_, i) => i < nResiduals);
  const back = transposeOf(split.unknown, isResidual, withCt);
  const nKnown = split.known.inBinders.length;
  const staged = stageClosed(
    (inputs) => evalJaxpr(back.jaxpr, [...evalJaxpr(split.known, inputs.slice(0, nKnown)), ...inputs.slice(nKnown)]),
    [...split.known.inAvals, ...back.jaxpr.inAvals.slice(nResiduals)],
  );
  return { jaxpr: staged, hasCt: back.hasCt };
});

function rematTranspose(cts: readonly Tangent[], xs: readonly (Tracer | null)[], { jaxpr }: RematParams): Tangent[] {
  const flags = (list: readonly unknown[]): string => list.map((x) => (x === null ? "0" : "1")).join("");
  const { jaxpr: back, hasCt } = backward(jaxpr, `${flags(xs)}:${flags(cts)}`);
  // What is computed again is not to be taken from the forward pass.
  const again = currentTrace().parent === null ? (x: Tracer): Tracer => x : optimizationBarrier;
  const operands = [...xs.filter((x) => x !== null).map(again), ...cts.filter((ct) => ct !== null)];
  const outs = back.outs.length === 0 ? [] : bind(jit_p, operands, jitParams(back, "checkpoint"));
  let [linear, next] = [0, 0];
  return xs.map((x) => (x === null && hasCt[linear++] ? outs[next++]! : null));
}

export interface CheckpointOptions {
  /** Which results of operations are stored after all; none unless given. See `checkpointPolicies`. */
  readonly policy?: CheckpointPolicy;
}

/**
 * f, whose intermediate values the backward pass computes again instead of keeping them (`remat` is the same).
 *
 * Gradient: as that of f, for less memory and more time.
 * @example
 * grad(checkpoint((x) => np.sin(np.sin(x))))(np.array(0)).item(); // => 1
 */
export function checkpoint<F extends AnyFunction>(f: F, options: CheckpointOptions = {}): F {
  needFunction("checkpoint", f);
  checkOptions("checkpoint", options, { policy: true });
  const policy = options.policy ?? checkpointPolicies.nothingSaveable;
  const call = (...args: unknown[]): unknown => {
    const [xs, inTree] = flattenArgs("checkpoint", args);
    const sub = subFunction(
      "checkpoint",
      f,
      inTree,
      xs.map((x) => x.aval),
    );
    const outs = bind(remat_p, [...sub.consts, ...xs], { jaxpr: sub.jaxpr, policy });
    releaseCaptured(sub);
    return unflatten(sub.outTree, outs);
  };
  return call as F;
}

interface NameParams {
  readonly name: string;
}

export const name_p: Primitive<NameParams, 1> = {
  name: "name",
  derivative: { kind: "linear", transpose: ([ct]) => [ct!] },
  type: ([x]) => [x],
  batch: ([x], [d], _size, params) => [bind(name_p, [x], params), [d]],
  lower: ([x]) => [x],
};

/**
 * x under a name, by which policies of `checkpoint` know it.
 * @example
 * checkpointName(np.array(2), "hidden").item(); // => 2
 */
export function checkpointName(x: Tracer, name: string): Tracer {
  return bind(name_p, [x], { name })[0]!;
}
