/** One program being compiled: kernels in order, and buffers for what they read and write. */
import type { DType } from "../aval/dtype";
import type { Aval } from "../aval/shaped-array";
import { InternalError } from "../base/errors";
import { contiguousStrides, prod } from "../base/list";
import type { Expr, MultiExpr, SubProgram } from "../kernel/expr";
import type { CumulativeKernel, Cut, Kernel, Program } from "../kernel/program";
import type { ControlContext } from "./control";
import { type EpilogueContext, contractionKernels } from "./epilogue";
import { operands as operandsOf } from "./graph";
import { type Memory, NotInline } from "./inline";
import { joinLoops } from "./join";
import { buildLoop } from "./loop-builder";
import type { MemoryDecision } from "./memory-decision";
import { multiKernel } from "./multi";
import { scatterKernel } from "./scatter";
import { type Group, schedule } from "./schedule";
import { splitCumulative } from "./split-cumulative";
import { splitReductions } from "./split-reduction";
import { splitStages } from "./split-stages";

export interface Input {
  readonly aval: Aval;
  /** null for row-major. */
  readonly strides: readonly number[] | null;
}

/** Kernels for expressions whose place is decided, and the buffers that they touch. */
export class ProgramCompiler implements ControlContext, EpilogueContext {
  readonly drafts: { dtype: DType; length: number; place: { at: "input" | "output"; index: number } | null }[] = [];
  readonly cuts: Cut[] = [];
  private readonly buffers = new Map<Expr, number>();
  private readonly multiDone = new Set<MultiExpr>();
  private readonly outNumbers: ReadonlyMap<Expr, number>;
  private readonly order: readonly Expr[];
  private readonly memory: MemoryDecision;
  private readonly inputs: readonly Input[];
  private readonly subPrograms: (sub: SubProgram) => Program;

  constructor(
    subPrograms: (sub: SubProgram) => Program,
    inputs: readonly Input[],
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

  readonly memoryOf = (x: Expr): Memory | null => {
    if (x.kind === "input") {
      return { buffer: x.index, strides: this.inputs[x.index]!.strides ?? contiguousStrides(x.shape) };
    }
    return this.memory.has(x) ? { buffer: this.bufferOf(x), strides: contiguousStrides(x.shape) } : null;
  };

  stridesOf(x: Expr): readonly number[] | null {
    return this.memory.stridesOf(x);
  }

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
    for (const group of schedule(this.order, this.memory)) {
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
        return contractionKernels(x, group.hosted, this);
      case "cumulative": {
        const axis = x.axis;
        const kernel: CumulativeKernel = {
          kind: "cumulative",
          op: x.op,
          dtype: x.dtype,
          outer: prod(x.shape.slice(0, axis)),
          size: x.shape[axis]!,
          inner: prod(x.shape.slice(axis + 1)),
          reverse: x.reverse,
          x: this.bufferOf(x.x),
          out: this.bufferOf(x),
          blocks: null,
        };
        return splitCumulative(kernel, (dtype, length) => this.workspace(dtype, length));
      }
      case "scatter":
        return [scatterKernel(x, this.bufferOf(x.operand), this.bufferOf(x), this.memoryOf)];
      case "concat":
        return joinLoops(x, this.bufferOf(x), this.memoryOf);
      case "project":
        return this.buildMulti(x.of);
      default:
        throw new InternalError(`${x.kind} has no kernel of its own`);
    }
  }

  buildLoops(roots: readonly Expr[]): Kernel[] {
    if (prod(roots[0]!.shape) === 0) return [];
    const kernel = buildLoop(
      roots.map((expr) => ({ expr, buffer: this.bufferOf(expr) })),
      this.memoryOf,
    );
    const workspace = (dtype: DType, length: number): number => this.workspace(dtype, length);
    return splitStages(kernel, workspace).flatMap((k) => splitReductions(k, workspace));
  }

  /** True if something other than kernels for `inside` reads x. */
  isWantedOutside(x: Expr, inside: readonly Expr[]): boolean {
    return this.outNumbers.has(x) || usersOutside(this.order, this.memory, x, new Set(inside));
  }

  private buildMulti(of: MultiExpr): Kernel[] {
    if (this.multiDone.has(of)) return [];
    this.multiDone.add(of);
    const known = this.order.filter((y) => y.kind === "project" && y.of === of);
    const outs = of.outs.map((o, index) => {
      const read = known.find((y) => y.kind === "project" && y.index === index);
      if (read !== undefined) return this.bufferOf(read);
      // Nobody reads this output: it goes to memory that is free again afterwards.
      return this.workspace(o.dtype, prod(o.shape));
    });
    const operands = of.operands.map((o) => this.bufferOf(o));
    const readers = known.some((y) => this.outNumbers.has(y))
      ? null
      : this.order.filter((x) => operandsOf(x).some((o) => known.includes(o)));
    return [multiKernel(of, operands, outs, this, readers)];
  }
}

/** Elements from the first to the last that strides address. */
function addressed(shape: readonly number[], strides: readonly number[] | null): number {
  if (strides === null) return prod(shape);
  if (prod(shape) === 0) return 0;
  return 1 + shape.reduce((sum, n, i) => sum + (n - 1) * Math.max(0, strides[i]!), 0);
}

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
