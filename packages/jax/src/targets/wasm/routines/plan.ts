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
import { CREW_ROW, crewSortRoutine } from "./sort-crew";
import { planSingle, planSingleCrew, singleCrewSort, singleSort } from "./sort-single";
import { FEW, planSeveral, planSeveralCrew, severalCrewSort, severalSort } from "./sort-several";

/** Items of a kernel from which on the threads of a team take some each; fewer they do together, one after the other. */
const ENOUGH_ITEMS = 4;
/** Rows and columns of matrices from which on they are worth the meetings of two threads. */
const CREW_MATRIX = 128;

/** The call that all threads of a team make, at most so many; null where each does items of its own, or one thread all. */
export function planTogether(kernel: SortKernel | RoutineKernel, threads: number): RoutineCall | null {
  if (kernel.kind === "sort") return planSortTogether(kernel, threads);
  const { name, batch, dims } = kernel;
  if (batch >= ENOUGH_ITEMS) return null;
  if (name !== "fft" && Math.min(...dims) < CREW_MATRIX) return null;
  return CREWS.has(name) ? planBy(kernel, threads) : null;
}

const CREWS: ReadonlySet<RoutineKernel["name"]> = /* @__PURE__ */ new Set<RoutineKernel["name"]>([
  "fft", "cholesky", "lu", "qr", "triangular_solve",
]); // prettier-ignore

/** Null: nothing to compute, or a routine of the host. */
export const planRoutine = (kernel: SortKernel | RoutineKernel): RoutineCall | null =>
  kernel.kind === "sort" ? planSort(kernel) : planBy(kernel, 1);

function planBy(kernel: RoutineKernel, threads: number): RoutineCall | null {
  switch (kernel.name) {
    case "fft":
      return planFft(kernel, threads);
    case "cholesky":
      return planCholesky(kernel, threads);
    case "lu":
      return planLu(kernel, threads);
    case "eigh":
      return planEigh(kernel);
    case "qr":
      return planQr(kernel, threads);
    case "svd":
      return planSvd(kernel);
    case "triangular_solve":
      return planTriangularSolve(kernel, threads);
    default:
      return null;
  }
}

/** Rows of which all is wanted: a crew does not look for the greatest few. */
function planSortTogether(kernel: SortKernel, threads: number): RoutineCall | null {
  const { operands, outs, dtypes, nKeys, last, outer, size, inner } = kernel;
  if (outer >= ENOUGH_ITEMS || inner !== 1 || size < CREW_ROW || last * FEW <= size) return null;
  const keys = dtypes.slice(0, nKeys).map(keyType);
  const plan = new ScratchPlan();
  const alone = operands.length === 1;
  const sort = alone ? singleCrewSort(keys[0]!, size) : severalCrewSort(keys, dtypes.map(sizeBytesOf));
  const places = alone ? planSingleCrew(plan, keys[0]!, size, threads) : planSeveralCrew(plan, size, threads);
  const buffers = operands.flatMap((x, i): RoutineArg[] => [{ buffer: x }, { buffer: outs[i]! }]);
  const args: RoutineArg[] = [...buffers, { items: outer }, size, "scratch", ...places];
  return { routine: crewSortRoutine(sort), args, scratchBytes: plan.bytes };
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
  const sort = alone ? singleSort(keys[0]!, size) : severalSort(keys, dtypes.map(sizeBytesOf));
  const places = alone ? planSingle(plan, keys[0]!, size) : planSeveral(plan, size);
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
