/** A program as a list of WGSL kernels. */
import type { DType } from "../../aval/dtype";
import { DeviceError } from "../../base/errors";
import { BASIC_OPS, Decomposer, type IsNative, decomposeContract, decomposeLoop } from "../../kernel/decompose";
import type { Kernel, LoopKernel, Program, RoutineKernel } from "../../kernel/program";
import { contractModule } from "./contract";
import { choleskyModule, luModule, qrModule, triangularSolveModule } from "./factor";
import { fftModules } from "./fft";
import { loopModule } from "./loop";
import { type Addressing, DIRECT, type WgslKernel } from "./module";
import { WGSL_FLOAT_OPS } from "./scalar";
import { copyModule, cumulativeModule, scatterModule, sortModule } from "./sequential";
import { eighModule, svdModule } from "./spectral";

export interface WgslProgram {
  readonly kernels: readonly WgslKernel[];
  readonly addressing: Addressing;
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

/** The modules to dispatch, in order. Throws DeviceError for kernels that this target has not yet. */
export function wgslProgram(program: Program, name: string, { maxBuffers, starts }: WgslOptions): WgslProgram {
  const dtypeOf = (buffer: number): DType => program.buffers[buffer]!.dtype;
  const kernels = program.kernels.map((kernel) => decompose(kernel, dtypeOf));
  const build = (addressing: Addressing): WgslKernel[] =>
    kernels.flatMap((kernel, i) => {
      const label = `${name}.${i}.${kernel.kind}`;
      const whole = kernelModules(kernel, program, label, addressing);
      if (whole.every((k) => storageBuffers(k) <= maxBuffers) || !isSplittable(kernel)) return whole;
      return storeByStore(kernel).flatMap((part, p) => kernelModules(part, program, `${label}.${p}`, addressing));
    });
  const addressing = starts ? { ...DIRECT, starts } : DIRECT;
  const direct = build(addressing);
  const packed = buffersToPack(direct, program, maxBuffers);
  if (packed.size === 0) return { kernels: direct, addressing };
  const packing = { starts: true, packed };
  return { kernels: build(packing), addressing: packing };
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
      return [copyModule(kernel, program, `${label}.copy`, addressing), scatter];
    }
    case "sort":
      return [sortModule(kernel, program, label, addressing)];
    case "routine":
      return routineModules(kernel, program, label, addressing);
    case "scan":
    case "while":
    case "switch":
      throw new DeviceError(`webgpu: ${kernel.kind} does not run on this device yet; use await devicePut(x, "wasm")`);
    default:
      kernel satisfies never;
      throw new Error("unreachable");
  }
}

function routineModules(kernel: RoutineKernel, program: Program, label: string, addressing: Addressing): WgslKernel[] {
  switch (kernel.name) {
    case "cholesky":
      return [choleskyModule(kernel, program, label, addressing)];
    case "triangular_solve":
      return [triangularSolveModule(kernel, program, label, addressing)];
    case "lu":
      return [luModule(kernel, program, label, addressing)];
    case "qr":
      return [qrModule(kernel, program, label, addressing)];
    case "eigh":
      return [eighModule(kernel, program, label, addressing)];
    case "svd":
      return [svdModule(kernel, program, label, addressing)];
    case "fft":
      return fftModules(kernel, program, label, addressing);
    default:
      kernel.name satisfies never;
      throw new Error("unreachable");
  }
}
