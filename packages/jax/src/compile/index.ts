/** Expressions to a program: decide what is in memory, build kernels, plan the arena. */
import { type DType, computeDType, sizeBytesOf } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { InternalError } from "../base/errors";
import { contiguousStrides, prod } from "../base/list";
import type { ContractExpr, Expr, MultiExpr, SubProgram } from "../kernel/expr";
import { exprFull, exprScalar } from "../kernel/expr-build";
import type { ContractKernel, Cut, Kernel, Program, ProgramOutput } from "../kernel/program";
import { contractKernel, epilogueStores } from "./contract";
import { controlKernel } from "./control";
import { operands as operandsOf, orderOf } from "./graph";
import { type Memory, NotInline } from "./inline";
import { buildLoop } from "./loop-builder";
import { type MemoryDecision, decideMemory } from "./memory";
import { scatterKernel } from "./scatter";
import { planArena } from "./plan";
import { type Group, schedule } from "./schedule";
import { windowLoop } from "./window";

export interface InputSpec {
  readonly aval: Aval;
  /** null for row-major. */
  readonly strides: readonly number[] | null;
}

export interface CompileOptions {
  /** Results that are an argument unchanged are copied instead of handed back. */
  readonly copyInputs?: boolean;
  /** Bytes of an array on the device; packed elements by default. */
  readonly byteLength?: (dtype: DType, length: number) => number;
  /** The last effect of the program. */
  readonly effect?: Expr | null;
}

/** Compiles results as functions of inputs. Sizes are fixed. */
export function compileExprs(
  inputs: readonly InputSpec[],
  results: readonly Expr[],
  options: CompileOptions = {},
): Program {
  const { copyInputs = false, effect = null, byteLength = (dtype, n) => sizeBytesOf(dtype) * n } = options;
  const normal = normalized(inputs);
  const outs = distinctOuts(results.map(normal), copyInputs);
  const computed = outs.filter((x): x is Expr => typeof x !== "number");
  const order = orderOf(effect === null ? computed : [...computed, normal(effect)]);
  const strides = inputs.map((i) => i.strides);
  const memory = decideMemory(order, new Set(computed), strides);
  const subPrograms = new Map<SubProgram, Program>();
  const compileSub = (sub: SubProgram): Program => {
    let program = subPrograms.get(sub);
    if (program === undefined) {
      const specs = sub.inputs.map((aval) => ({ aval, strides: null }));
      program = compileExprs(specs, sub.outs, { copyInputs: true, byteLength, effect: sub.effect });
      subPrograms.set(sub, program);
    }
    return program;
  };
  const compiler = new ProgramCompiler(compileSub, inputs, outs, order, memory);
  const kernels = compiler.kernels();
  const outputs = outs.map((x): ProgramOutput => {
    if (typeof x === "number") return { kind: "input", input: x };
    return { kind: "buffer", buffer: compiler.bufferOf(x) };
  });
  const { buffers, arenaBytes } = planArena(compiler.drafts, kernels, byteLength);
  return { buffers, inputs: inputs.map((_, i) => i), outputs, kernels, arenaBytes, cuts: compiler.cuts };
}

/** Every result as an expression of its own, or the number of the argument that it is. */
function distinctOuts(results: readonly Expr[], copyInputs: boolean): (Expr | number)[] {
  const seen = new Set<Expr>();
  return results.map((x) => {
    if (x.kind === "input" && !copyInputs) return x.index;
    const out = x.kind === "input" || seen.has(x) ? copyOf(x) : x;
    seen.add(out);
    return out;
  });
}

/** The same values in memory of their own. */
function copyOf(x: Expr): Expr {
  return Object.freeze({ kind: "scalar", op: "cast", args: [x], shape: x.shape, dtype: x.dtype });
}

/**
 * Rewrites what kernels cannot take as it is: contractions of narrow dtypes compute wide, empty sums are zeros, and
 * strided inputs of kernels that need row-major operands are copied.
 */
function normalized(inputs: readonly InputSpec[]): (x: Expr) => Expr {
  const done = new Map<Expr, Expr>();
  const multis = new Map<MultiExpr, MultiExpr>();
  const plain = (x: Expr): Expr => (x.kind === "input" && inputs[x.index]!.strides !== null ? copyOf(x) : x);
  const rewrite = (x: Expr, get: (y: Expr) => Expr): Expr => {
    switch (x.kind) {
      case "input":
      case "constant":
      case "iota":
        return x;
      case "view":
      case "reduce":
        return keep(x, { x: get(x.x) });
      case "cumulative":
        return keep(x, { x: plain(get(x.x)) });
      case "pad":
        return keep(x, { x: get(x.x), fill: get(x.fill) });
      case "concat":
        return keep(x, { xs: same(x.xs, x.xs.map(get)) });
      case "scalar":
        return keep(x, { args: same(x.args, x.args.map(get)) });
      case "gather":
        return keep(x, { operand: get(x.operand), indices: get(x.indices) });
      case "scatter":
        return keep(x, { operand: plain(get(x.operand)), indices: get(x.indices), updates: get(x.updates) });
      case "project": {
        let of = multis.get(x.of);
        if (of === undefined) {
          of = keep(x.of as MultiExpr & object, {
            operands: same(
              x.of.operands,
              x.of.operands.map((o) => plain(get(o))),
            ),
            ...("after" in x.of && x.of.after ? { after: get(x.of.after) } : {}),
          });
          multis.set(x.of, of);
        }
        return keep(x, { of });
      }
      case "contract":
        return contractNormal(keep(x, { lhs: get(x.lhs), rhs: get(x.rhs) }));
      default:
        x satisfies never;
        return x;
    }
  };
  return (root) => {
    for (const x of orderOf([root]))
      if (!done.has(x))
        done.set(
          x,
          rewrite(x, (y) => done.get(y)!),
        );
    return done.get(root)!;
  };
}

function contractNormal(x: ContractExpr): Expr {
  if (x.lhsContract.some((axis) => x.lhs.shape[axis] === 0)) return exprFull(0, x.shape, x.dtype);
  const wide = computeDType(x.dtype);
  if (wide === x.dtype) return x;
  const out: ContractExpr = Object.freeze({
    ...x,
    lhs: exprScalar("cast", [x.lhs], wide),
    rhs: exprScalar("cast", [x.rhs], wide),
    dtype: wide,
  });
  return exprScalar("cast", [out], x.dtype);
}

function keep<T extends object>(x: T, changes: Partial<T>): T {
  for (const k in changes) if (changes[k] !== x[k]) return Object.freeze({ ...x, ...changes });
  return x;
}

function same<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.every((x, i) => x === after[i]) ? before : after;
}

class ProgramCompiler {
  readonly drafts: { dtype: DType; length: number; place: { at: "input" | "output"; index: number } | null }[] = [];
  readonly cuts: Cut[] = [];
  private readonly buffers = new Map<Expr, number>();
  private readonly multiDone = new Set<MultiExpr>();
  private readonly outNumbers: ReadonlyMap<Expr, number>;
  private readonly order: readonly Expr[];
  private readonly memory: MemoryDecision;
  private readonly inputs: readonly InputSpec[];
  private readonly subPrograms: (sub: SubProgram) => Program;

  constructor(
    subPrograms: (sub: SubProgram) => Program,
    inputs: readonly InputSpec[],
    outs: readonly (Expr | number)[],
    order: readonly Expr[],
    memory: MemoryDecision,
  ) {
    this.subPrograms = subPrograms;
    this.inputs = inputs;
    this.order = order;
    this.memory = memory;
    this.outNumbers = new Map(outs.flatMap((x, i) => (typeof x === "number" ? [] : [[x, i] as const])));
    inputs.forEach(({ aval, strides }, index) => {
      this.drafts.push({ dtype: aval.dtype, length: addressed(aval.shape, strides), place: { at: "input", index } });
    });
  }

  bufferOf(x: Expr): number {
    if (x.kind === "input") return x.index;
    let buffer = this.buffers.get(x);
    if (buffer === undefined) {
      const out = this.outNumbers.get(x);
      buffer = this.drafts.length;
      this.drafts.push({
        dtype: x.dtype,
        length: prod(x.shape),
        place: out === undefined ? null : { at: "output", index: out },
      });
      this.buffers.set(x, buffer);
      this.cuts.push({ buffer, reason: this.memory.reasons.get(x) ?? "unknown" });
    }
    return buffer;
  }

  compile(sub: SubProgram): Program {
    return this.subPrograms(sub);
  }

  workspace(dtype: DType, length: number): number {
    this.drafts.push({ dtype, length, place: null });
    return this.drafts.length - 1;
  }

  private readonly memoryOf = (x: Expr): Memory | null => {
    if (x.kind === "input") {
      return { buffer: x.index, strides: this.inputs[x.index]!.strides ?? contiguousStrides(x.shape) };
    }
    return this.memory.has(x) ? { buffer: this.bufferOf(x), strides: contiguousStrides(x.shape) } : null;
  };

  /** Kernels in order. Reductions that turn out not to be stages are put in memory, and the schedule is made anew. */
  kernels(): Kernel[] {
    for (;;) {
      const moved = this.memory.reasons.size;
      const kernels = this.attempt();
      if (kernels !== null) return kernels;
      if (this.memory.reasons.size === moved) throw new InternalError("the compiler made no progress");
      this.cuts.length = 0;
      this.buffers.clear();
      this.multiDone.clear();
      this.drafts.length = this.inputs.length;
    }
  }

  private attempt(): Kernel[] | null {
    const kernels: Kernel[] = [];
    let ok = true;
    for (const group of schedule(this.order, this.memory, this.outNumbers)) {
      try {
        kernels.push(...this.build(group));
      } catch (error) {
        if (!(error instanceof NotInline)) throw error;
        this.memory.add(error.node, error.reason);
        ok = false;
      }
    }
    return ok ? kernels : null;
  }

  private build(group: Group): Kernel[] {
    if (group.kind === "loop") return this.buildLoops(group.roots);
    const x = group.node;
    if (prod(x.shape) === 0) return [];
    switch (x.kind) {
      case "contract":
        return this.buildContract(x, group.hosted);
      case "cumulative": {
        const axis = x.axis;
        return [
          {
            kind: "cumulative",
            op: x.op,
            dtype: x.dtype,
            outer: prod(x.shape.slice(0, axis)),
            size: x.shape[axis]!,
            inner: prod(x.shape.slice(axis + 1)),
            reverse: x.reverse,
            x: this.bufferOf(x.x),
            out: this.bufferOf(x),
          },
        ];
      }
      case "scatter":
        return [scatterKernel(x, this.bufferOf(x.operand), this.bufferOf(x), this.memoryOf)];
      case "project":
        return this.buildMulti(x.of);
      default:
        throw new InternalError(`${x.kind} has no kernel of its own`);
    }
  }

  private buildLoops(roots: readonly Expr[]): Kernel[] {
    if (prod(roots[0]!.shape) === 0) return [];
    return [
      buildLoop(
        roots.map((expr) => ({ expr, buffer: this.bufferOf(expr) })),
        this.memoryOf,
      ),
    ];
  }

  private buildContract(x: ContractExpr, hosted: readonly Expr[]): Kernel[] {
    // Plain sums are kept where nobody else's values of another dtype belong.
    const needed = hosted.length === 0 || this.memoryNeeded(x, hosted);
    const out = this.bufferOf(needed ? x : (hosted.find((r) => r.dtype === x.dtype) ?? x));
    const kernel = contractKernel(x, out, this.memory.stridesOf, (y) => this.bufferOf(y));
    if (hosted.length === 0) return [asLoop(kernel)];
    const roots = [...hosted, ...(needed ? [x] : [])].map((expr) => ({ expr, buffer: this.bufferOf(expr) }));
    const sizes = [prod(kernel.batch), prod(kernel.m), prod(kernel.n)] as const;
    const stores = epilogueStores(x, sizes, roots, this.memoryOf);
    if (stores !== null) return [asLoop({ ...kernel, epilogue: { stores } })];
    const plain = contractKernel(x, this.bufferOf(x), this.memory.stridesOf, (y) => this.bufferOf(y));
    return [asLoop(plain), ...hosted.flatMap((r) => this.buildLoops([r]))];
  }

  /** True if the plain sums are wanted by something that the epilogue does not compute. */
  private memoryNeeded(x: ContractExpr, hosted: readonly Expr[]): boolean {
    return this.outNumbers.has(x) || usersOutside(this.order, this.memory, x, new Set(hosted));
  }

  private buildMulti(of: MultiExpr): Kernel[] {
    if (this.multiDone.has(of)) return [];
    this.multiDone.add(of);
    const outs = of.outs.map((o, index) => {
      const known = this.order.find((y) => y.kind === "project" && y.of === of && y.index === index);
      if (known !== undefined) return this.bufferOf(known);
      // Nobody reads this output: it goes to memory that is free again afterwards.
      return this.workspace(o.dtype, prod(o.shape));
    });
    const operands = of.operands.map((o) => this.bufferOf(o));
    if (of.kind === "callback") {
      const { call } = of;
      const [shapes, dtypes] = [of.operands.map((o) => o.shape), of.operands.map((o) => o.dtype)];
      return [{ kind: "callback", call, operands, shapes, dtypes }];
    }
    if (of.kind === "scan" || of.kind === "while" || of.kind === "switch") {
      return [controlKernel(of, operands, outs, this)];
    }
    if (of.kind === "sort") {
      const { shape } = of.operands[0]!;
      return [
        {
          kind: "sort",
          outer: prod(shape.slice(0, of.axis)),
          size: shape[of.axis]!,
          inner: prod(shape.slice(of.axis + 1)),
          nKeys: of.nKeys,
          operands,
          outs,
          dtypes: of.operands.map((o) => o.dtype),
        },
      ];
    }
    const trailing = of.name === "fft" ? 1 : 2;
    const lead = of.operands[0]!.shape.slice(0, -trailing);
    return [
      {
        kind: "routine",
        name: of.name,
        dtype: of.operands[0]!.dtype,
        batch: prod(lead),
        dims: of.operands.flatMap((o) => o.shape.slice(-trailing)),
        params: of.params,
        operands,
        outs,
      },
    ];
  }
}

const asLoop = (kernel: ContractKernel): Kernel => windowLoop(kernel) ?? kernel;

/** True if a kernel other than those of `inside` reads x. */
function usersOutside(order: readonly Expr[], memory: MemoryDecision, x: Expr, inside: ReadonlySet<Expr>): boolean {
  const reaches = new Set<Expr>([x]);
  const from = order.indexOf(x);
  for (let i = from + 1; i < order.length; i++) {
    const y = order[i]!;
    if (!operandsOf(y).some((o) => reaches.has(o))) continue;
    if (!memory.has(y)) reaches.add(y);
    else if (!inside.has(y)) return true;
  }
  return false;
}

/** Elements from the first to the last that strides address. */
function addressed(shape: readonly number[], strides: readonly number[] | null): number {
  if (strides === null) return prod(shape);
  if (prod(shape) === 0) return 0;
  return 1 + shape.reduce((sum, n, i) => sum + (n - 1) * Math.max(0, strides[i]!), 0);
}
