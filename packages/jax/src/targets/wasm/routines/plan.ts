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
import { BLOCK_COLUMNS, planBlocks, rowSortRoutine } from "./sort-rows";
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

/** Items of a sort are blocks of columns where these fill one matrix; else rows, or matrices of columns. */
export const sortsBlocks = ({ outer, inner }: SortKernel): boolean =>
  outer === 1 && inner > BLOCK_COLUMNS && inner % BLOCK_COLUMNS === 0;

function planSort(kernel: SortKernel): RoutineCall | null {
  const { operands, outs, dtypes, nKeys, last, outer, size, inner } = kernel;
  if (outer * size * inner === 0) return null;
  const keys = dtypes.slice(0, nKeys).map(keyType);
  const plan = new ScratchPlan();
  const alone = operands.length === 1;
  const sort = alone ? singleSort(keys[0]!, size) : togetherSort(keys, dtypes.map(sizeBytesOf));
  const places = alone ? planSingle(plan, keys[0]!, size) : planTogether(plan, size);
  places.push(...planBlocks(plan, sort.sizes, size, inner));
  const inBlocks = sortsBlocks(kernel);
  const buffers = operands.flatMap((x, i): RoutineArg[] => {
    const apart = inBlocks ? { itemBytes: BLOCK_COLUMNS * sizeBytesOf(dtypes[i]!) } : {};
    return [{ buffer: x, ...apart }, { buffer: outs[i]!, ...apart }]; // prettier-ignore
  });
  const blocks = Math.ceil(inner / BLOCK_COLUMNS);
  const counts: RoutineArg[] = inBlocks ? [1, { items: blocks }] : [{ items: outer }, blocks];
  const args: RoutineArg[] = [...buffers, ...counts, size, last, inner, "scratch", ...places];
  return { routine: rowSortRoutine(sort), args, scratchBytes: plan.bytes };
}
