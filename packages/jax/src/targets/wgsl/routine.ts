/** Factorizations and transforms by name. */
import { DeviceError } from "../../base/errors";
import type { Program, RoutineKernel } from "../../kernel/program";
import { choleskyModule, luModule, qrModule, triangularSolveModule } from "./factor";
import { fftModules } from "./fft";
import type { Addressing, WgslKernel } from "./module";
import { eighModule, svdModule } from "./spectral";

export function routineModules(
  kernel: RoutineKernel,
  program: Program,
  label: string,
  addressing: Addressing,
): WgslKernel[] {
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
    case "geqrf":
    case "hessenberg":
    case "tridiagonal":
    case "schur":
    case "eig":
      throw new DeviceError(
        `${kernel.name}: webgpu has no such routine; move the array with await devicePut(x, "wasm") first`,
      );
    default:
      kernel.name satisfies never;
      throw new Error("unreachable");
  }
}
