/** Jaxprs, equation by equation; programs inside programs become regions, or are written in place. */
import { ShapedArray } from "../aval/shaped-array";
import { JaxError } from "../base/errors";
import { range } from "../base/list";
import type { Eqn, Jaxpr } from "../jaxpr/jaxpr";
import { type Atom, Var } from "../jaxpr/var";
import type { RuleOf } from "./rule";
import { elementwiseRules } from "./rules-elementwise";
import { reduceRules } from "./rules-reduce";
import { structureRules } from "./rules-structure";
import { type Value, type Writer, list, typeOf } from "./writer";

/** Writes the equations, and returns the results. Throws JaxError for a primitive that StableHLO does not have. */
export function writeJaxpr(w: Writer, jaxpr: Jaxpr, args: readonly Value[]): Value[] {
  const values = new Map<Var, Value>();
  [...jaxpr.constBinders, ...jaxpr.inBinders].forEach((v, i) => values.set(v, args[i]!));
  const read = (a: Atom): Value => (a instanceof Var ? values.get(a)! : w.constant(a.value, a.aval));
  for (const eqn of jaxpr.eqns) {
    const outs = writeEqn(w, eqn, eqn.inputs.map(read));
    eqn.outBinders.forEach((v, i) => values.set(v, outs[i]!));
  }
  return jaxpr.outs.map(read);
}

type Written = (w: Writer, xs: readonly Value[], eqn: Eqn) => readonly Value[];

/** The program named so in the parameters, written in place. */
const inline =
  (param: string): Written =>
  (w, xs, { params }) =>
    writeJaxpr(w, (params as Record<string, Jaxpr>)[param]!, xs);

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

const rules: Readonly<Record<string, RuleOf>> = { ...elementwiseRules, ...structureRules, ...reduceRules };

function writeEqn(w: Writer, eqn: Eqn, xs: readonly Value[]): readonly Value[] {
  const { name } = eqn.primitive;
  const outs = eqn.outBinders.map((v) => v.aval);
  const written = control[name];
  if (written !== undefined) return written(w, xs, eqn);
  const rule = rules[name];
  if (rule === undefined) {
    throw new JaxError(
      `exportStableHlo: ${name} is not an operation of StableHLO; ` +
        "compute that part outside of the exported function, and pass its result as an argument",
    );
  }
  return rule(w, xs, eqn.params as Record<string, unknown>, outs);
}

/** `stablehlo.while` over these values; `test` and `body` get their names in the region. */
function writeLoop(
  w: Writer,
  init: readonly Value[],
  test: (values: readonly Value[]) => Value,
  body: (values: readonly Value[]) => readonly Value[],
): Value[] {
  const avals = init.map((x) => x.aval);
  const names = init.map(() => w.fresh());
  const inside = names.map((name, i) => ({ name, aval: avals[i]! }));
  const bound = names.map((name, i) => `${name} = ${init[i]!.name}`).join(", ");
  return w.many(
    avals,
    `stablehlo.while(${bound}) : ${avals.map(typeOf).join(", ")}`,
    () => {
      w.between("cond {");
      w.yield([test(inside)]);
      w.between("} do {");
      w.yield(body(inside));
    },
    "}",
  );
}

interface ScanParams {
  readonly jaxpr: Jaxpr;
  readonly length: number;
  readonly numCarry: number;
  readonly numConsts: number;
  readonly reverse: boolean;
}

function writeScan(w: Writer, xs: readonly Value[], { params, outBinders }: Eqn): Value[] {
  const { jaxpr, length, numCarry, numConsts, reverse } = params as unknown as ScanParams;
  const consts = xs.slice(0, numConsts);
  const carry = xs.slice(numConsts, numConsts + numCarry);
  const lists = xs.slice(numConsts + numCarry);
  const counter = ShapedArray.of([], "int32");
  const ys = outBinders.slice(numCarry).map((v) => w.constant(0, v.aval));
  if (length === 0) return [...carry, ...ys];
  const outs = writeLoop(
    w,
    [w.constant(0, counter), ...carry, ...ys],
    ([t]) => w.compare("LT", t!, w.constant(length, counter)),
    ([t, ...state]) => {
      const last = w.constant(length - 1, counter);
      const i = reverse ? w.same("stablehlo.subtract", [last, t!]) : t!;
      const zero = w.constant(0, counter);
      const at = (ndim: number): Value[] => [i, ...range(1, ndim).map(() => zero)];
      const elements = lists.map((x) => {
        const { shape, ndim } = x.aval;
        const sizes = [1, ...shape.slice(1)];
        const one = w.typed("stablehlo.dynamic_slice", [x, ...at(ndim)], x.aval.withShape(sizes), `, sizes = ${list(sizes)}`); // prettier-ignore
        return w.reshape(one, shape.slice(1));
      });
      const results = writeJaxpr(w, jaxpr, [...consts, ...state.slice(0, numCarry), ...elements]);
      const stacked = results.slice(numCarry).map((y, k) => {
        const whole = state[numCarry + k]!;
        const one = w.reshape(y, [1, ...y.aval.shape]);
        return w.typed("stablehlo.dynamic_update_slice", [whole, one, ...at(whole.aval.ndim)], whole.aval);
      });
      const next = w.same("stablehlo.add", [t!, w.constant(1, counter)]);
      return [next, ...results.slice(0, numCarry), ...stacked];
    },
  );
  return outs.slice(1);
}

interface WhileParams {
  readonly condJaxpr: Jaxpr;
  readonly condNconsts: number;
  readonly bodyJaxpr: Jaxpr;
  readonly bodyNconsts: number;
}

function writeWhile(w: Writer, xs: readonly Value[], { params }: Eqn): Value[] {
  const { condJaxpr, condNconsts, bodyJaxpr, bodyNconsts } = params as unknown as WhileParams;
  const ofCond = xs.slice(0, condNconsts);
  const ofBody = xs.slice(condNconsts, condNconsts + bodyNconsts);
  return writeLoop(
    w,
    xs.slice(condNconsts + bodyNconsts),
    (values) => writeJaxpr(w, condJaxpr, [...ofCond, ...values])[0]!,
    (values) => writeJaxpr(w, bodyJaxpr, [...ofBody, ...values]),
  );
}

function writeCond(w: Writer, [index, ...operands]: readonly Value[], { params, outBinders }: Eqn): Value[] {
  const { branches } = params as unknown as { readonly branches: readonly Jaxpr[] };
  const outs = outBinders.map((v) => v.aval);
  const results = outs.length === 1 ? typeOf(outs[0]!) : `(${outs.map(typeOf).join(", ")})`;
  return w.many(
    outs,
    `"stablehlo.case"(${index!.name}) ({`,
    () =>
      branches.forEach((branch, i) => {
        if (i > 0) w.between("}, {");
        w.yield(writeJaxpr(w, branch, operands));
      }),
    `}) : (${typeOf(index!.aval)}) -> ${results}`,
  );
}
