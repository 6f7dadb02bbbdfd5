/** Jaxprs as nodes, equation by equation; programs inside programs become sub-graphs, or are written in place. */
import { type Jaxpr, ShapedArray } from "@jax-js/jax";
import { OnnxExportError } from "../errors";
import { type GraphBuilder, type Value, infoOf, valueInfo } from "./graph-builder";
import type { RuleOf } from "./rule";
import { elementwiseRules } from "./rules-elementwise";
import { indexRules } from "./rules-index";
import { reduceRules } from "./rules-reduce";
import { structureRules } from "./rules-structure";
import { constantOf, range, reshape, scalar, slice, test } from "./values";

type Eqn = Jaxpr["eqns"][number];
type Atom = Jaxpr["outs"][number];

/** Adds the equations, and returns the results. Throws OnnxExportError for a primitive that ONNX does not have. */
export function writeJaxpr(g: GraphBuilder, jaxpr: Jaxpr, args: readonly Value[]): Value[] {
  const values = new Map<Atom, Value>();
  [...jaxpr.constBinders, ...jaxpr.inBinders].forEach((v, i) => values.set(v, args[i]!));
  const read = (a: Atom): Value => ("value" in a ? scalar(g, a.value, a.aval.dtype) : values.get(a)!);
  for (const eqn of jaxpr.eqns) {
    const outs = writeEqn(g, eqn, eqn.inputs.map(read));
    eqn.outBinders.forEach((v, i) => values.set(v, outs[i]!));
  }
  return jaxpr.outs.map(read);
}

type Written = (g: GraphBuilder, xs: readonly Value[], eqn: Eqn) => readonly Value[];

/** The program named so in the parameters, written in place. */
const inline =
  (param: string): Written =>
  (g, xs, { params }) =>
    writeJaxpr(g, (params as Record<string, Jaxpr>)[param]!, xs);

const control: Readonly<Record<string, Written>> = {
  jit: inline("jaxpr"),
  checkpoint: inline("jaxpr"),
  custom_jvp_call: inline("jaxpr"),
  custom_vjp_call: inline("jaxpr"),
  custom_vmap_call: inline("jaxpr"),
  custom_linear_solve: inline("solve"),
  scan: writeScan,
  while: writeWhile,
  cond: writeCond,
};

const rules: Readonly<Record<string, RuleOf>> = {
  ...elementwiseRules,
  ...structureRules,
  ...indexRules,
  ...reduceRules,
};

function writeEqn(g: GraphBuilder, eqn: Eqn, xs: readonly Value[]): readonly Value[] {
  const { name } = eqn.primitive;
  const written = control[name];
  if (written !== undefined) return written(g, xs, eqn);
  const rule = rules[name];
  if (rule === undefined) {
    throw new OnnxExportError(
      `exportOnnx: ${name} has no counterpart in ONNX; compute that part outside of the exported function, ` +
        "and pass its result as an argument",
    );
  }
  const outs = eqn.outBinders.map((v) => v.aval);
  const results = rule(g, xs, eqn.params as Record<string, unknown>, outs);
  return results.map((y, i) => ({ ...y, aval: outs[i]! }));
}

/** Results of a sub-graph are results of its own nodes. */
const owned = (g: GraphBuilder, xs: readonly Value[]): Value[] => xs.map((x) => g.node("Identity", [x], x.aval));

const BOOL = 9;
const INT64 = 7;

/**
 * `Loop`: `trips` rounds at most (no limit if null), while `again`. The body gets the number of the round and the state,
 * and gives [goes on, next state, what is stacked].
 */
function writeLoop(
  g: GraphBuilder,
  trips: number | null,
  again: Value | null,
  state: readonly Value[],
  stacked: readonly ShapedArray[],
  body: (
    inner: GraphBuilder,
    round: string,
    state: readonly Value[],
  ) => { goesOn: Value | null; next: readonly Value[]; ys: readonly Value[] },
): Value[] {
  const inner = g.inner();
  const [round, condition] = [inner.fresh("round"), inner.fresh("again")];
  const inside = state.map((x) => ({ name: inner.fresh("s"), aval: x.aval }));
  const bool = ShapedArray.of([], "bool");
  const { goesOn, next, ys } = body(inner, round, inside);
  const outputs = owned(inner, [goesOn ?? { name: condition, aval: bool }, ...next, ...ys]);
  const inputs = [valueInfo(round, INT64, []), valueInfo(condition, BOOL, []), ...inside.map((x) => infoOf(x))];
  const graph = inner.build(inner.fresh("body"), inputs, outputs);
  const operands = [trips === null ? "" : g.int64([], [trips]), again ?? "", ...state];
  const names = g.several("Loop", operands, state.length + stacked.length, { body: { graph } });
  return names.map((name, i) => ({ name, aval: state[i]?.aval ?? stacked[i - state.length]! }));
}

interface ScanParams {
  readonly jaxpr: Jaxpr;
  readonly length: number;
  readonly numCarry: number;
  readonly numConsts: number;
  readonly reverse: boolean;
}

function writeScan(g: GraphBuilder, xs: readonly Value[], { params, outBinders }: Eqn): Value[] {
  const { jaxpr, length, numCarry, numConsts, reverse } = params as unknown as ScanParams;
  const consts = xs.slice(0, numConsts);
  const carry = xs.slice(numConsts, numConsts + numCarry);
  const lists = xs.slice(numConsts + numCarry);
  const stacked = outBinders.slice(numCarry).map((v) => v.aval);
  if (length === 0) return [...carry, ...stacked.map((a) => constantOf(g, [], a.shape, a.dtype))];
  const outs = writeLoop(g, length, null, carry, stacked, (inner, round, state) => {
    const at = reverse ? inner.integers("Sub", [inner.int64([], [length - 1]), round]) : round;
    const elements = lists.map((x) =>
      inner.node("Gather", [x, at], x.aval.withShape(x.aval.shape.slice(1)), { axis: { int: 0 } }),
    );
    const results = writeJaxpr(inner, jaxpr, [...consts, ...state, ...elements]);
    return { goesOn: null, next: results.slice(0, numCarry), ys: results.slice(numCarry) };
  });
  if (!reverse) return outs;
  // Stacked in the order of rounds.
  const backwards = (y: Value): Value => slice(g, y, g.list([-1]), g.list([-(2 ** 31)]), [0], y.aval.shape, [-1]);
  return [...outs.slice(0, numCarry), ...outs.slice(numCarry).map(backwards)];
}

interface WhileParams {
  readonly condJaxpr: Jaxpr;
  readonly condNconsts: number;
  readonly bodyJaxpr: Jaxpr;
  readonly bodyNconsts: number;
}

function writeWhile(g: GraphBuilder, xs: readonly Value[], { params }: Eqn): Value[] {
  const { condJaxpr, condNconsts, bodyJaxpr, bodyNconsts } = params as unknown as WhileParams;
  const ofCond = xs.slice(0, condNconsts);
  const ofBody = xs.slice(condNconsts, condNconsts + bodyNconsts);
  const init = xs.slice(condNconsts + bodyNconsts);
  const goesOn = (inner: GraphBuilder, state: readonly Value[]): Value =>
    reshape(inner, writeJaxpr(inner, condJaxpr, [...ofCond, ...state])[0]!, []);
  return writeLoop(g, null, goesOn(g, init), init, [], (inner, _round, state) => {
    const next = writeJaxpr(inner, bodyJaxpr, [...ofBody, ...state]);
    return { goesOn: goesOn(inner, next), next, ys: [] };
  });
}

/** One `If` for each branch but the last, one in the other. */
function writeCond(g: GraphBuilder, [index, ...operands]: readonly Value[], { params, outBinders }: Eqn): Value[] {
  const { branches } = params as unknown as { readonly branches: readonly Jaxpr[] };
  const choose = (inner: GraphBuilder, k: number): Value[] => {
    if (k === branches.length - 1) return writeJaxpr(inner, branches[k]!, operands);
    const here = test(inner, "Equal", index!, scalar(inner, k, "int32"));
    const [yes, no] = [inner.inner(), inner.inner()];
    const then = yes.build(yes.fresh("then"), [], owned(yes, writeJaxpr(yes, branches[k]!, operands)));
    const otherwise = no.build(no.fresh("else"), [], owned(no, choose(no, k + 1)));
    const attributes = { then_branch: { graph: then }, else_branch: { graph: otherwise } };
    const names = inner.several("If", [here], outBinders.length, attributes);
    return range(outBinders.length).map((i) => ({ name: names[i]!, aval: outBinders[i]!.aval }));
  };
  return choose(g, 0);
}
