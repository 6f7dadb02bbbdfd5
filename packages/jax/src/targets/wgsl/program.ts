/** A program as a list of WGSL kernels. */
import { DeviceError } from "../../base/errors";
import type { DType } from "../../aval/dtype";
import { BASIC_OPS, Decomposer, type IsNative, decomposeContract, decomposeLoop } from "../../kernel/decompose";
import type { Kernel, Program } from "../../kernel/program";
import { contractModule } from "./contract";
import { loopModule } from "./loop";
import type { WgslKernel } from "./module";
import { WGSL_FLOAT_OPS } from "./scalar";
import { copyModule, cumulativeModule, scatterModule, sortModule } from "./sequential";

const isNative: IsNative = (op, dtype) =>
  BASIC_OPS.has(op) ||
  (dtype === "float32" ? WGSL_FLOAT_OPS.has(op) : op === "rem" || op === "clz" || op === "popcount");

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

/** The modules to dispatch, in order. Throws DeviceError for kernels that this target has not yet. */
export function wgslProgram(program: Program, name: string): WgslKernel[] {
  const dtypeOf = (buffer: number): DType => program.buffers[buffer]!.dtype;
  return program.kernels.flatMap((kernel, i) =>
    kernelModules(decompose(kernel, dtypeOf), program, `${name}.${i}.${kernel.kind}`),
  );
}

function kernelModules(kernel: Kernel, program: Program, label: string): WgslKernel[] {
  switch (kernel.kind) {
    case "loop":
      return [loopModule(kernel, program, label)];
    case "contract":
      return [contractModule(kernel, program, label)];
    case "cumulative":
      return [cumulativeModule(kernel, program, label)];
    case "scatter":
      return kernel.operand === kernel.out
        ? [scatterModule(kernel, program, label)]
        : [copyModule(kernel, program, `${label}.copy`), scatterModule(kernel, program, label)];
    case "sort":
      return [sortModule(kernel, program, label)];
    case "routine":
      throw new DeviceError(`webgpu: ${kernel.name} does not run on this device yet; use await devicePut(x, "wasm")`);
    default:
      kernel satisfies never;
      throw new Error("unreachable");
  }
}
