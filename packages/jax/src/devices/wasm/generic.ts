/** Programs of eager operations: kernels that are shared between programs that differ only in sizes and strides. */
import type { Executable } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import type { WasmDevice } from "./device";

export class GenericCache {
  constructor(_device: WasmDevice) {}
}

/** The program as calls of shared kernels; null if it has kernels that are compiled for their sizes. */
export function genericExecutable(_device: WasmDevice, _program: Program): Executable | null {
  return null;
}
