/** A program as a list of WGSL kernels. */
import type { DType } from "../../aval/dtype";
import { InternalError } from "../../base/errors";
import { BASIC_OPS, Decomposer, type IsNative, decomposeContract, decomposeLoop } from "../../kernel/decompose";
import type {
  CallbackKernel,
  Kernel,
  LoopKernel,
  Program,
  ScanKernel,
  SwitchKernel,
  WhileKernel,
} from "../../kernel/program";
import { contractModule } from "./contract";
import { type Gate, type Location, counterKernel, inside, outermost, setKernel, slice } from "./control";
import { loopModule } from "./loop";
import { type Addressing, type WgslKernel } from "./module";
import { routineModules } from "./routine";
import { WGSL_FLOAT_OPS } from "./scalar";
import { scatterModule } from "./scatter";
import { copyModule, cumulativeModule, sortModule } from "./sequential";

/** Steps that run `length` times: `first` once, then those of `rest` in turn. */
export interface WgslLoop {
  readonly length: number;
  readonly reset: WgslKernel;
  readonly advance: WgslKernel;
  readonly first: readonly WgslStep[];
  readonly rest: readonly [readonly WgslStep[], readonly WgslStep[]];
}

/** `first` once, then `round` until the element `flag` is zero. Rounds after that change nothing. */
export interface WgslWhile {
  readonly flag: Location;
  readonly first: readonly WgslStep[];
  readonly round: readonly WgslStep[];
}

/** Calls the host with the operands' elements, if all the gates are open. */
export interface WgslCall {
  readonly kernel: CallbackKernel;
  readonly operands: readonly Location[];
  readonly gates: readonly Gate[];
}

export type WgslStep = WgslKernel | WgslLoop | WgslWhile | WgslCall;

export interface WgslProgram {
  readonly steps: readonly WgslStep[];
  /** All kernels of the steps. */
  readonly kernels: readonly WgslKernel[];
  readonly addressing: Addressing;
  /** Counters of loops. */
  readonly nCounters: number;
}

export interface WgslOptions {
  /** Storage buffers that one kernel may bind. */
  readonly maxBuffers: number;
  /** Inputs may start anywhere in their buffers, and lie before their start; otherwise they start at the beginning. */
  readonly starts: boolean;
}

const isNative: IsNative = (op, dtype) =>
  BASIC_OPS.has(op) ||
  (dtype === "float32" ? WGSL_FLOAT_OPS.has(op) : op === "rem" || op === "clz" || op === "popcount");

/** The steps to encode, in order. */
export function wgslProgram(program: Program, name: string, { maxBuffers, starts }: WgslOptions): WgslProgram {
  const nested = outermost(program);
  const build = (addressing: Addressing): WgslProgram => {
    const builder = new StepBuilder(maxBuffers);
    const steps = builder.steps(program, addressing, name);
    return { steps, kernels: kernelsOf(steps), addressing, nCounters: builder.nCounters };
  };
  const direct = build({ starts, packed: new Set(), nested });
  const packed = buffersToPack(direct.kernels, program, maxBuffers);
  return packed.size === 0 ? direct : build({ starts: true, packed, nested });
}

function kernelsOf(steps: readonly WgslStep[]): WgslKernel[] {
  return steps.flatMap((s) => {
    if ("code" in s) return [s];
    if ("kernel" in s) return [];
    if ("flag" in s) return [...kernelsOf(s.first), ...kernelsOf(s.round)];
    return [s.reset, s.advance, ...kernelsOf(s.first), ...s.rest.flatMap((r) => kernelsOf(r))];
  });
}

class StepBuilder {
  nCounters = 0;
  private readonly maxBuffers: number;

  constructor(maxBuffers: number) {
    this.maxBuffers = maxBuffers;
  }

  steps(program: Program, addressing: Addressing, name: string): WgslStep[] {
    const dtypeOf = (buffer: number): DType => program.buffers[buffer]!.dtype;
    return program.kernels.flatMap((original, i): readonly WgslStep[] => {
      const label = `${name}.${i}.${original.kind}`;
      if (original.kind === "scan") return this.scan(original, program, addressing, label);
      if (original.kind === "switch") return this.branches(original, addressing, label);
      if (original.kind === "while") return this.loop(original, program, addressing, label);
      if (original.kind === "callback") {
        const { locations, gates } = addressing.nested;
        return [{ kernel: original, operands: original.operands.map((b) => locations[b]!), gates }];
      }
      const kernel = decompose(original, dtypeOf);
      const whole = kernelModules(kernel, program, label, addressing);
      if (whole.every((k) => storageBuffers(k) <= this.maxBuffers) || !isSplittable(kernel)) return whole;
      return storeByStore(kernel).flatMap((part, p) => kernelModules(part, program, `${label}.${p}`, addressing));
    });
  }

  private scan(kernel: ScanKernel, program: Program, addressing: Addressing, label: string): readonly WgslStep[] {
    const { body, length, reverse, consts, carry, xs, ys } = kernel;
    const { nested } = addressing;
    const at = (b: number): Location => nested.locations[b]!;
    if (length === 0) return carry.map((c) => copyModule(c.init, c.out, program, label, addressing));
    const slot = this.nCounters++;
    const sizes = body.program.inputs.map((b) => body.program.buffers[b]!.length);
    const outSizes = body.program.outputs.map((o) =>
      o.kind === "buffer" ? body.program.buffers[o.buffer]!.length : 0,
    );
    const xsAt = xs.map((b, i) => slice(at(b), slot, sizes[consts.length + carry.length + i]!));
    const ysAt = ys.map((b, i) => slice(at(b), slot, outSizes[carry.length + i]!));
    /** Run number t: the last one writes to `out`. */
    const run = (t: number): WgslStep[] => {
      const target = (u: number): "out" | "spare" => ((length - 1 - u) % 2 === 0 ? "out" : "spare");
      const carried = carry.map((c) => at(t === 0 ? c.init : c[target(t - 1)]));
      const ins = [...consts.map(at), ...carried, ...xsAt];
      const outs = [...carry.map((c) => at(c[target(t)])), ...ysAt];
      return this.steps(body.program, { ...addressing, nested: inside(nested, body, ins, outs) }, label);
    };
    const reset = counterKernel(slot, "=", reverse ? length - 1 : 0);
    const advance = counterKernel(slot, "+=", reverse ? -1 : 1);
    return [{ length, reset, advance, first: run(0), rest: [length > 1 ? run(1) : [], length > 2 ? run(2) : []] }];
  }

  /** A round carries values from `out` to `spare` and back, so that they stay in `out` when rounds stop counting. */
  private loop(kernel: WhileKernel, program: Program, addressing: Addressing, label: string): WgslStep[] {
    const { cond, body, condConsts, bodyConsts, carry } = kernel;
    const { nested } = addressing;
    const at = (b: number): Location => nested.locations[b]!;
    const flag = at(kernel.flag);
    const outs = carry.map((c) => at(c.out));
    // The condition writes the flag, and kernels of its own may come after that.
    const running = { ...flag, words: flag.words + 1 };
    const gates = [...nested.gates, { index: running, value: 1 }];
    const test = (own: readonly Gate[]): WgslStep[] => {
      const place = inside(nested, cond, [...condConsts.map(at), ...outs], [flag], own);
      return this.steps(cond.program, { ...addressing, nested: place }, `${label}.cond`);
    };
    const place = inside(
      nested,
      body,
      [...bodyConsts.map(at), ...outs],
      carry.map((c) => at(c.spare)),
      gates,
    );
    const gated = { ...addressing, nested: { ...nested, gates } };
    return [
      {
        flag,
        first: [
          setKernel(flag, null, nested.root, label),
          ...carry.map((c) => copyModule(c.init, c.out, program, label, addressing)),
          ...test(nested.gates),
        ],
        round: [
          setKernel(running, flag, nested.root, label),
          ...this.steps(body.program, { ...addressing, nested: place }, `${label}.body`),
          ...carry.map((c) => copyModule(c.spare, c.out, program, label, gated)),
          ...test(gates),
        ],
      },
    ];
  }

  /** Every branch is encoded, and its kernels run if it is the one. */
  private branches(kernel: SwitchKernel, addressing: Addressing, label: string): WgslStep[] {
    const { nested } = addressing;
    const at = (b: number): Location => nested.locations[b]!;
    return kernel.branches.flatMap((branch, value) => {
      const gates = [...nested.gates, { index: at(kernel.index), value }];
      const own = inside(nested, branch, kernel.operands.map(at), kernel.outs.map(at), gates);
      return this.steps(branch.program, { ...addressing, nested: own }, `${label}.${value}`);
    });
  }
}

const storageBuffers = ({ bindings }: WgslKernel): number => bindings.filter((b) => b.kind !== "starts").length;

/** Maps with several results can be done one result at a time. */
function isSplittable(kernel: Kernel): kernel is LoopKernel {
  return kernel.kind === "loop" && kernel.stages.length === 1 && kernel.stages[0]!.stores.length > 1;
}

function storeByStore(kernel: LoopKernel): LoopKernel[] {
  return kernel.stages.flatMap((stage) =>
    stage.stores.map((s) => ({ ...kernel, stages: [{ ...stage, stores: [s] }] })),
  );
}

/** Which buffers go to the pack, the smallest of every kernel that has too many. */
function buffersToPack(kernels: readonly WgslKernel[], program: Program, maxBuffers: number): Set<number> {
  const packed = new Set<number>();
  for (const kernel of kernels) {
    const tooMany = storageBuffers(kernel) - maxBuffers;
    if (tooMany <= 0) continue;
    const own = kernel.bindings.flatMap((b) => (b.kind === "buffer" ? [b.buffer] : []));
    own.sort((a, b) => program.buffers[a]!.length - program.buffers[b]!.length);
    for (const buffer of own.slice(0, tooMany + 1)) packed.add(buffer);
  }
  return packed;
}

/** The kernel in the words of WGSL. */
function decompose(kernel: Kernel, dtypeOf: (buffer: number) => DType): Kernel {
  switch (kernel.kind) {
    case "loop":
      return decomposeLoop(kernel, isNative, dtypeOf);
    case "contract":
      return decomposeContract(kernel, isNative, dtypeOf);
    case "scatter": {
      const d = new Decomposer(isNative);
      const { index, guard, value } = kernel;
      return {
        ...kernel,
        index: d.scalar(index),
        guard: guard === null ? null : d.scalar(guard),
        value: d.scalar(value),
      };
    }
    default:
      return kernel;
  }
}

function kernelModules(kernel: Kernel, program: Program, label: string, addressing: Addressing): WgslKernel[] {
  switch (kernel.kind) {
    case "loop":
      return [loopModule(kernel, program, label, addressing)];
    case "contract":
      return [contractModule(kernel, program, label, addressing)];
    case "cumulative":
      return [cumulativeModule(kernel, program, label, addressing)];
    case "scatter": {
      const scatter = scatterModule(kernel, program, label, addressing);
      if (kernel.operand === kernel.out) return [scatter];
      return [copyModule(kernel.operand, kernel.out, program, `${label}.copy`, addressing), scatter];
    }
    case "sort":
      return [sortModule(kernel, program, label, addressing)];
    case "routine":
      return routineModules(kernel, program, label, addressing);
    case "scan":
    case "switch":
    case "while":
    case "callback":
      throw new InternalError(`webgpu: ${kernel.kind} is no single kernel`);
    default:
      kernel satisfies never;
      throw new Error("unreachable");
  }
}
