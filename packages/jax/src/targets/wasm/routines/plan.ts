/** Which routine computes a kernel, and with what arguments. */
import { sizeBytesOf } from "../../../aval/dtype";
import type { RoutineKernel, SortKernel } from "../../../kernel/program";
import { planCholesky } from "./cholesky";
import { planEigh } from "./eigh";
import { planFft } from "./fft";
import { planLu } from "./lu";
import { planQr } from "./qr";
import { type RoutineArg, type RoutineCall, ScratchPlan } from "./routine";
import { planSvd } from "./svd";
import { planTriangularSolve } from "./triangular";
import { keyType } from "./sort-keys";
import { planBlocks, rowSortRoutine } from "./sort-rows";
import { planSingle, singleSort } from "./sort-single";
import { planTogether, togetherSort } from "./sort-together";

/** Null: nothing to compute, or a routine of the host. */
export function planRoutine(kernel: SortKernel | RoutineKernel): RoutineCall | null {
  if (kernel.kind === "sort") return planSort(kernel);
  switch (kernel.name) {
    case "fft":
      return planFft(kernel);
    case "cholesky":
      return planCholesky(kernel);
    case "lu":
      return planLu(kernel);
    case "eigh":
      return planEigh(kernel);
    case "qr":
      return planQr(kernel);
    case "svd":
      return planSvd(kernel);
    case "triangular_solve":
      return planTriangularSolve(kernel);
    default:
      return null;
  }
}

function planSort({ operands, outs, dtypes, nKeys, last, outer, size, inner }: SortKernel): RoutineCall | null {
  if (outer * size * inner === 0) return null;
  const keys = dtypes.slice(0, nKeys).map(keyType);
  const plan = new ScratchPlan();
  const alone = operands.length === 1;
  const sort = alone ? singleSort(keys[0]!, size) : togetherSort(keys, dtypes.map(sizeBytesOf));
  const places = alone ? planSingle(plan, keys[0]!, size) : planTogether(plan, size);
  places.push(...planBlocks(plan, sort.sizes, size, inner));
  const buffers = operands.flatMap((x, i): RoutineArg[] => [{ buffer: x }, { buffer: outs[i]! }]);
  const args: RoutineArg[] = [...buffers, { items: outer }, size, last, inner, "scratch", ...places];
  return { routine: rowSortRoutine(sort), args, scratchBytes: plan.bytes };
}
