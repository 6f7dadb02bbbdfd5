/** Fourier transforms of rows: which way for which length. */
import type { RoutineKernel } from "../../../kernel/program";
import { blocksFft } from "./fft-blocks";
import { chirpFft, convolutionLength } from "./fft-chirp";
import { directFft } from "./fft-direct";
import { radicesOf } from "./fft-plan";
import { type RowFft, rowsRoutine } from "./fft-rows";
import { REAL32, REAL64, type RealType } from "./real";
import { type RoutineArg, type RoutineCall, ScratchPlan } from "./routine";

/** Bytes of a row's real parts up to which its passes stay in the cache. */
const MAX_DIRECT = 2 ** 15;

/** By one thread, or by a crew of at most so many; null where that does not know how. */
export function planFft(kernel: RoutineKernel, threads: number): RoutineCall | null {
  const { dtype, batch, dims, params, operands, outs } = kernel;
  const n = dims[0]!;
  if (batch * n === 0) return null;
  const real = dtype === "float64" ? REAL64 : REAL32;
  const scratch = new ScratchPlan();
  const transform = rowFft(real, n, scratch, threads);
  if (threads > 1 && !transform.together) return null;
  // The inverse is the forward transform with real and imaginary parts exchanged.
  const pairs = [operands, outs].map((pair) => (params["inverse"] === true ? [...pair].reverse() : pair));
  const buffers = pairs.flat().map((buffer): RoutineArg => ({ buffer }));
  const args = [...buffers, { items: batch }, real.bytes * n, ...transform.args];
  return { routine: rowsRoutine(transform, threads > 1), args, scratchBytes: scratch.bytes };
}

function rowFft(real: RealType, n: number, scratch: ScratchPlan, threads: number): RowFft {
  if (radicesOf(n) === null) {
    const length = convolutionLength(n);
    return chirpFft(real, n, length, rowFft(REAL64, length, scratch, threads), scratch);
  }
  return n * real.bytes <= MAX_DIRECT ? directFft(real, n, scratch) : blocksFft(real, n, scratch, threads);
}
