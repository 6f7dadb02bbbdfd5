/**
 * What a loop computes anew in each round although it depends on nothing that changes is computed before the loop:
 * exponentials of parameters, products and inverses of constants.
 */
import { pick, prod } from "../base/list";
import type { ControlExpr, Expr, MultiExpr, ScanExpr, SubProgram, WhileExpr } from "../kernel/expr";
import { ShapedArray } from "../aval/shaped-array";
import { isCostly, operands, orderOf, sizeOf } from "./graph";
import { rewriter } from "./with-operands";

/** Elements of one value, beyond which memory is dearer than work. */
const MOST_ELEMENTS = 1 << 22;
/** Values of one loop, beyond which its kernels would read more than they compute. */
const MOST_VALUES = 32;
/** Constants of fewer elements are worked out where they stand. */
const LEAST_CONSTANT = 64;
/** Fewer products for each result are as fast to do again. */
const LEAST_TERMS = 4;

/** Loops whose bodies have been looked through. */
const done = new WeakSet<MultiExpr>();

/** The same results, where the loops among them leave to the program around them what they need not do themselves. */
export function outOfLoops(results: readonly Expr[]): readonly Expr[] {
  const order = orderOf(results);
  if (!order.some((x) => x.kind === "project" && isControl(x.of) && !done.has(x.of))) return results;
  return rewriter(
    () => null,
    (of) => (isControl(of) ? lighter(of) : of),
  )(results);
}

const isControl = (of: MultiExpr): of is ControlExpr =>
  of.kind === "scan" || of.kind === "while" || of.kind === "switch";

const inner = (sub: SubProgram): SubProgram => {
  const roots = sub.effect === null ? sub.outs : [...sub.outs, sub.effect];
  const light = outOfLoops(roots);
  if (light === roots) return sub;
  return { ...sub, outs: light.slice(0, sub.outs.length), effect: sub.effect && light.at(-1)! };
};

/** The node with lighter loops inside, and lighter itself. */
function lighter(of: ControlExpr): ControlExpr {
  if (done.has(of)) return of;
  let out: ControlExpr;
  if (of.kind === "switch") out = { ...of, branches: of.branches.map(inner) };
  else if (of.kind === "scan") out = lighterScan({ ...of, body: inner(of.body) });
  else out = lighterWhile({ ...of, cond: inner(of.cond), body: inner(of.body) });
  done.add(out);
  return Object.freeze(out);
}

function lighterScan(of: ScanExpr): ScanExpr {
  const consts = of.operands.slice(0, of.nConsts);
  if (of.length < 2) return of;
  const { sub, values } = takenOut(of.body, consts);
  return {
    ...of,
    body: sub,
    nConsts: of.nConsts + values.length,
    operands: [...consts, ...values, ...of.operands.slice(of.nConsts)],
  };
}

function lighterWhile(of: WhileExpr): WhileExpr {
  const ofCond = of.operands.slice(0, of.nCond);
  const ofBody = of.operands.slice(of.nCond, of.nCond + of.nBody);
  const cond = takenOut(of.cond, ofCond);
  const body = takenOut(of.body, ofBody);
  return {
    ...of,
    cond: cond.sub,
    body: body.sub,
    nCond: of.nCond + cond.values.length,
    nBody: of.nBody + body.values.length,
    operands: [...ofCond, ...cond.values, ...ofBody, ...body.values, ...of.operands.slice(of.nCond + of.nBody)],
  };
}

interface TakenOut {
  /** With inputs for the values, behind those of the constants. */
  readonly sub: SubProgram;
  /** As expressions of what the loop is in. */
  readonly values: readonly Expr[];
}

/** Splits a body, whose first inputs are `consts`, the same in each round. */
function takenOut(sub: SubProgram, consts: readonly Expr[]): TakenOut {
  const roots = sub.effect === null ? sub.outs : [...sub.outs, sub.effect];
  const n = consts.length;
  const values = worthTaking(orderOf(roots), roots, n);
  if (values.length === 0 || values.length > MOST_VALUES) return { sub, values: [] };
  const around = rewriter((x) => (x.kind === "input" ? consts[x.index]! : null));
  const number = new Map(values.map((x, i) => [x, n + i]));
  const inside = rewriter((x) => {
    const index = number.get(x);
    if (index !== undefined) return Object.freeze({ kind: "input", index, shape: x.shape, dtype: x.dtype });
    if (x.kind === "input") return x.index < n ? x : Object.freeze({ ...x, index: x.index + values.length });
    return null;
  });
  const outs = inside(roots);
  return {
    sub: {
      inputs: [
        ...sub.inputs.slice(0, n),
        ...values.map((x) => ShapedArray.of(x.shape, x.dtype)),
        ...sub.inputs.slice(n),
      ],
      outs: outs.slice(0, sub.outs.length),
      effect: sub.effect && outs.at(-1)!,
    },
    values: around(values),
  };
}

const isEffect = (x: Expr): boolean =>
  x.kind === "project" && (x.of.kind === "callback" || ("after" in x.of && x.of.after !== undefined));

/** Values that depend on the first `n` inputs alone and take work, with all that can be done to them there. */
function worthTaking(order: readonly Expr[], roots: readonly Expr[], n: number): Expr[] {
  /** Whether a value that stays the same depends on an input. */
  const fixed = new Map<Expr, boolean>();
  const worth = new Set<Expr>();
  const wanted = new Set<Expr>();
  for (const x of order) {
    const mine = operands(x);
    if (isEffect(x) || !(x.kind === "input" ? x.index < n : mine.every((o) => fixed.has(o)))) {
      for (const o of mine) if (worth.has(o)) wanted.add(o);
      continue;
    }
    const ofInput = x.kind === "input" || mine.some((o) => fixed.get(o)!);
    fixed.set(x, ofInput);
    const isLarge = sizeOf(x) > MOST_ELEMENTS || (!ofInput && sizeOf(x) < LEAST_CONSTANT);
    const worthy = mine.filter((o) => worth.has(o));
    const carries = worthy.length > 0 && sizeOf(x) <= Math.max(...worthy.map(sizeOf));
    if (!isLarge && (isWork(x) || carries)) worth.add(x);
    else for (const o of worthy) wanted.add(o);
  }
  for (const x of roots) if (worth.has(x)) wanted.add(x);
  return [...wanted];
}

/** Work that a kernel would not do just as well while it reads the operands. */
function isWork(x: Expr): boolean {
  switch (x.kind) {
    case "scalar":
      return isCostly(x.op);
    case "contract":
      return prod(pick(x.lhs.shape, x.lhsContract)) >= LEAST_TERMS;
    case "reduce":
    case "cumulative":
    case "scatter":
    case "project":
      return true;
    default:
      return false;
  }
}
