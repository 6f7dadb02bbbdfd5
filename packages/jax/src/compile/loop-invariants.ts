/**
 * What a loop computes anew in each round although it depends on nothing that changes is computed before the loop:
 * exponentials of parameters, products and inverses of constants. What it reads although it is only numbers of the program
 * is made in the loop.
 */
import { pick, prod, range } from "../base/list";
import type { ControlExpr, Expr, MultiExpr, ScanExpr, SubProgram, WhileExpr } from "../kernel/expr";
import { type Aval, ShapedArray } from "../aval/shaped-array";
import { fromRoots, isCostly, operands, orderOf, rootsOf, sizeOf } from "./graph";
import { rewriter } from "./with-operands";

/** Elements of one value, beyond which memory is dearer than work. */
const MOST_ELEMENTS = 1 << 22;
/** Values of one loop, beyond which its kernels would read more than they compute. */
const MOST_VALUES = 32;
/** Constants of fewer elements are worked out where they stand. */
const LEAST_CONSTANT = 64;
/** Nodes of an operand that a loop makes itself. */
const MOST_NODES = 8;
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
  const roots = rootsOf(sub);
  const light = outOfLoops(roots);
  return light === roots ? sub : { ...sub, ...fromRoots(light, sub) };
};

/** The node with lighter loops inside, and lighter itself. */
function lighter(of: ControlExpr): ControlExpr {
  if (done.has(of)) return of;
  let out: ControlExpr;
  if (of.kind === "switch") out = { ...of, branches: of.branches.map(inner) };
  else if (of.kind === "scan") out = lighterScan(of);
  else out = lighterWhile(of);
  done.add(out);
  return Object.freeze(out);
}

function lighterScan(of: ScanExpr): ScanExpr {
  const body = divided(of.body, of.operands.slice(0, of.nConsts), of.length > 1);
  return {
    ...of,
    body: body.sub,
    nConsts: body.consts.length,
    operands: [...body.consts, ...of.operands.slice(of.nConsts)],
  };
}

function lighterWhile(of: WhileExpr): WhileExpr {
  const cond = divided(of.cond, of.operands.slice(0, of.nCond), true);
  const body = divided(of.body, of.operands.slice(of.nCond, of.nCond + of.nBody), true);
  return {
    ...of,
    cond: cond.sub,
    body: body.sub,
    nCond: cond.consts.length,
    nBody: body.consts.length,
    operands: [...cond.consts, ...body.consts, ...of.operands.slice(of.nCond + of.nBody)],
  };
}

interface Divided {
  readonly sub: SubProgram;
  /** Its first inputs, as expressions of what the loop is in. */
  readonly consts: readonly Expr[];
}

/** Divides the work between a body, whose first inputs are `consts`, the same in each round, and what the loop is in. */
function divided(sub: SubProgram, consts: readonly Expr[], isRepeated: boolean): Divided {
  const own = withNumbers(sub, consts);
  const light = { ...own, sub: inner(own.sub) };
  return isRepeated ? takenOut(light) : light;
}

/** The body makes operands itself that are only numbers of the program. */
function withNumbers(sub: SubProgram, consts: readonly Expr[]): Divided {
  const numbers = consts.map(isNumbers);
  if (!numbers.includes(true)) return { sub, consts };
  const isKept = (_: unknown, i: number): boolean => numbers[i] !== true;
  const indices = range(sub.inputs.length).filter((i) => isKept(null, i));
  const place = new Map(indices.map((index, i) => [index, i]));
  return {
    sub: changed(sub, sub.inputs.filter(isKept), (x) => {
      if (x.kind !== "input") return null;
      const index = place.get(x.index);
      return index === undefined ? consts[x.index]! : Object.freeze({ ...x, index });
    }),
    consts: consts.filter(isKept),
  };
}

/** Whether a value takes no input and next to no work. */
function isNumbers(x: Expr): boolean {
  const order = orderOf([x]);
  return order.length <= MOST_NODES && order.every((y) => NUMBERS.has(y.kind) && !isWork(y));
}
const NUMBERS: ReadonlySet<Expr["kind"]> = /* @__PURE__ */ new Set(["constant", "iota", "view", "scalar"]);

function takenOut({ sub, consts }: Divided): Divided {
  const roots = rootsOf(sub);
  const n = consts.length;
  const values = worthTaking(orderOf(roots), roots, n);
  if (values.length === 0 || values.length > MOST_VALUES) return { sub, consts };
  const around = rewriter((x) => (x.kind === "input" ? consts[x.index]! : null));
  const number = new Map(values.map((x, i) => [x, n + i]));
  const avals = values.map((x) => ShapedArray.of(x.shape, x.dtype));
  return {
    sub: changed(sub, [...sub.inputs.slice(0, n), ...avals, ...sub.inputs.slice(n)], (x) => {
      const index = number.get(x);
      if (index !== undefined) return Object.freeze({ kind: "input", index, shape: x.shape, dtype: x.dtype });
      if (x.kind === "input") return x.index < n ? x : Object.freeze({ ...x, index: x.index + values.length });
      return null;
    }),
    consts: [...consts, ...around(values)],
  };
}

function changed(sub: SubProgram, inputs: readonly Aval[], change: (x: Expr) => Expr | null): SubProgram {
  return { inputs, ...fromRoots(rewriter(change)(rootsOf(sub)), sub) };
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
