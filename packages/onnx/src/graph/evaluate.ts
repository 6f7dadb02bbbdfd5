/** Runs a program: one step after the other, shapes and small constants on the host, all else on arrays. */
import { numpy as np, owned } from "@jax-js/jax";
import { deviceDType, elemInfo, elemTypeOf } from "../elem-type";
import { OnnxError, OnnxNodeError } from "../errors";
import { type Operator, type Result } from "../ops/operator";
import { type NdArray, type Tensor, type Value, deviceTensor, none } from "../value";
import { fold } from "./fold";
import { NodeContext } from "./node-context";
import { type Program, type Step } from "./program";
import { type Session } from "./session";

/** Names and their values; those of the graph around are seen through `outer`. */
export interface Scope {
  readonly program: Program;
  readonly values: Map<string, Value>;
  readonly outer: Scope | null;
  readonly session: Session;
}

function lookUp(scope: Scope | null, name: string): Value | undefined {
  for (let s = scope; s; s = s.outer) {
    const value = s.values.get(name);
    if (value) return value;
  }
  return undefined;
}

interface EvaluateOptions {
  /** Names of the values to give; the outputs by default. */
  readonly wanted?: readonly string[];
  /** Values in the place of constants. */
  readonly given?: ReadonlyMap<string, Value>;
}

const nothing: ReadonlyMap<string, Value> = new Map();

/**
 * The outputs of a graph, or of others of its values that are named. Each array is a handle of its own. Arrays that
 * die on the way are freed.
 */
export function evaluateGraph(
  program: Program,
  inputs: readonly (Value | undefined)[],
  outer: Scope | null,
  session: Session,
  { wanted = program.outputs, given = nothing }: EvaluateOptions = {},
): Value[] {
  const values = new Map<string, Value>(program.constants);
  program.inputs.forEach((name, i) => {
    const value = inputs[i];
    if (value) values.set(name, value);
  });
  for (const [name, value] of given) values.set(name, value);
  const scope: Scope = { program, values, outer, session };
  const keep = new Set(wanted);
  const born = new Set<string>();
  for (const step of program.steps) {
    const results = runStep(step, scope);
    step.outputs.forEach((name, i) => {
      const value = results[i];
      if (!name || !value) return;
      values.set(name, value);
      born.add(name);
      session.watch?.(name, value, step);
    });
    for (const name of step.dead) {
      if (keep.has(name) || !born.has(name)) continue;
      const value = values.get(name);
      if (value?.kind === "tensor") value.array?.[Symbol.dispose]();
      values.delete(name);
    }
  }
  const gone = new Set<string>();
  return wanted.map((name) => {
    const value = lookUp(scope, name);
    if (!value) throw new OnnxError(`graph "${program.name}": its output "${name}" was not computed`);
    if (born.has(name) && !gone.has(name)) {
      gone.add(name);
      return value;
    }
    return copied(value);
  });
}

/** The value with handles of its own. */
function copied(value: Value): Value {
  if (value.kind === "sequence") return { kind: "sequence", items: value.items.map(copied) };
  return value.kind === "tensor" && value.array ? { ...value, array: np.copy(value.array) } : value;
}

function inputsOf(step: Step, read: (name: string) => Value | undefined): (Value | undefined)[] {
  const inputs = step.inputs.map((name) => {
    if (!name) return undefined;
    const value = read(name);
    if (!value) throw new OnnxError(`node "${step.name}" (${step.opType}): its input "${name}" has no value`);
    return value;
  });
  while (inputs.length && inputs.at(-1) === undefined) inputs.pop();
  return inputs;
}

function runStep(
  step: Step,
  scope: Scope,
  inputs = inputsOf(step, (name) => lookUp(scope, name)),
): readonly (Value | null)[] {
  const { session } = scope;
  const context = new NodeContext(step, inputs, {
    session,
    runGraph: (graph, values) => evaluateGraph(graph, values, scope, session),
    recompute: (name, given) => recompute(scope, name, new Map(given)),
  });
  try {
    const { operator } = step;
    if (typeof operator === "function") {
      const finished = (): readonly (Value | null)[] => fresh(finishResults(operator(context), context), inputs);
      return fold(step, inputs, finished) ?? owned(finished);
    }
    const all = Array.from({ length: operator.inputs.length }, (_, i) => inputs[i] ?? none);
    return owned(() => evaluateGraph(operator, all, null, session));
  } catch (error) {
    if (error instanceof OnnxError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new OnnxNodeError(context.message(why), { cause: error });
  }
}

/** A value of the graph as a function of others: what leads from them to it is run again. */
function recompute(scope: Scope, name: string, known: Map<string, Value>): Value {
  const maker = new Map(scope.program.steps.flatMap((step) => step.outputs.map((o) => [o, step] as const)));
  const need = (wanted: string): Value | undefined => {
    const step = maker.get(wanted);
    if (known.has(wanted) || !step) return known.get(wanted) ?? lookUp(scope, wanted);
    const results = runStep(step, scope, inputsOf(step, need));
    step.outputs.forEach((o, i) => {
      const value = results[i];
      if (o && value && !known.has(o)) known.set(o, value);
    });
    return known.get(wanted);
  };
  const value = need(name);
  if (!value) throw new OnnxError(`the graph has no value named "${name}"`);
  return value;
}

function finishResults(results: Result | readonly (Result | null)[], context: NodeContext): readonly (Value | null)[] {
  const list = Array.isArray(results) ? (results as readonly (Result | null)[]) : [results as ReturnType<Operator>];
  const first = context.inputs[0];
  const like = first?.kind === "tensor" ? first : null;
  return (list as readonly (Result | null)[]).map((result) => {
    if (result === null) return null;
    return "kind" in result ? result : typed(result, like);
  });
}

function typed(array: NdArray, like: Tensor | null): Tensor {
  const fits = like && elemInfo(like.type).dtype !== null && deviceDType(like.type) === array.dtype;
  return deviceTensor(array, fits ? like.type : elemTypeOf(array.dtype));
}

/** A result that is an input unchanged, or that was named before, gets a handle of its own. */
function fresh(results: readonly (Value | null)[], inputs: readonly (Value | undefined)[]): readonly (Value | null)[] {
  const seen = new Set<NdArray>();
  const note = (value: Value | null | undefined): void => {
    if (value?.kind === "sequence") value.items.forEach(note);
    if (value?.kind === "tensor" && value.array) seen.add(value.array);
  };
  inputs.forEach(note);
  const own = <V extends Value>(value: V): V => {
    if (value.kind === "sequence") return { ...value, items: value.items.map(own) };
    if (value.kind !== "tensor" || !value.array) return value;
    const array = seen.has(value.array) ? np.copy(value.array) : value.array;
    seen.add(array);
    return { ...value, array };
  };
  return results.map((value) => value && own(value));
}
