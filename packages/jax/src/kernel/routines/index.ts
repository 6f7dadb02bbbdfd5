/** Routines as plain functions over typed arrays: sorting, factorizations, Fourier transforms. Devices call these. */
import type { RoutineKernel } from "../program";
import { cholesky, lu, qr, triangularSolve } from "./factor";
import { eig } from "./eig";
import { eigh, svd } from "./eigen";
import { fft } from "./fft";
import { geqrf, hessenberg, tridiagonal } from "./householder";
import { schur } from "./schur";

export { runSort } from "./sort";

/** Elements of a buffer; 16-bit floats are not stored here, the compiler converts them. */
export interface Elements {
  readonly length: number;
  [i: number]: number;
}

/** Runs a routine over its batch of contiguous matrices. `bufferOf` gives the view of a program's buffer. */
export function runRoutine(kernel: RoutineKernel, bufferOf: (buffer: number) => Elements): void {
  const ins = kernel.operands.map(bufferOf);
  const outs = kernel.outs.map(bufferOf);
  const [d0 = 0, d1 = 0] = kernel.dims;
  const last = kernel.dims[kernel.dims.length - 1] ?? 0;
  const flag = (name: string): boolean => kernel.params[name] === true;
  const [a, b] = ins as [Elements, Elements];
  const [x, y, z] = outs as [Elements, Elements, Elements];
  for (let i = 0; i < kernel.batch; i++) {
    switch (kernel.name) {
      case "cholesky":
        cholesky(a, i * d0 * d0, x, d0);
        break;
      case "lu":
        lu(a, i, x, y, z, d0, d1);
        break;
      case "triangular_solve":
        triangularSolve(a, i * d0 * d0, b, i * d0 * last, x, d0, last, {
          lower: flag("lower"),
          transpose: flag("transpose"),
          unitDiagonal: flag("unit_diagonal"),
        });
        break;
      case "qr":
        qr(a, i, x, y, d0, d1, flag("full"));
        break;
      case "eigh":
        eigh(a, i, x, y, d0);
        break;
      case "svd":
        svd(a, i, x, y, z, d0, d1, flag("full"));
        break;
      case "geqrf":
        geqrf(a, i, x, y, z, d0, d1, flag("pivoting"));
        break;
      case "hessenberg":
        hessenberg(a, i, x, y, d0);
        break;
      case "tridiagonal":
        tridiagonal(a, i, x, y, z, outs[3]!, d0, flag("lower"));
        break;
      case "schur":
        schur(a, i, x, y, d0);
        break;
      case "eig":
        eig(a, i, { values: [x, y], left: [z, outs[3]!], right: [outs[4]!, outs[5]!] }, d0);
        break;
      case "fft":
        fft(a, b, i * last, x, y, last, flag("inverse"));
        break;
      default:
        kernel.name satisfies never;
    }
  }
}
