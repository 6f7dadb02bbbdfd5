/**
 * Contractions (matrix products, einsum, convolutions) as WebAssembly.
 *
 * `emitContract(m, name, kernel, features)` adds a function to the module, with static sizes:
 * (lhs, rhs, out, scratch, context, begin, end), all i32. lhs, rhs and out are addresses of the buffers' elements 0;
 * scratch is the address of `contractScratchBytes` bytes that this thread may overwrite, 16-byte aligned. The work is
 * cut into `contractUnits` units; a call does those in [begin, end). One thread passes 0 and all; threads share the
 * units without synchronising, each with its own scratch.
 *
 * Epilogue: a function (context, batch, m0, m1, n0, n1), called when the rows [m0, m1) x columns [n0, n1) of a batch
 * of `out` hold finished sums, while they are in the cache. It may overwrite them. `context` is passed on unread: an
 * address of whatever the epilogue needs. Indices are of the flattened batch, m and n axes.
 */
import { sizeBytesOf } from "../../aval/dtype";
import type { ContractKernel } from "../../kernel/program";
import type { Module } from "./assembler";
import { emitGemm, gemmUnits } from "./contract-gemm";
import { planContract, planGemm, type ContractTuning, type GemmPlan, type OperandPlan } from "./contract-plan";
import { emitSkinny, planSkinny, skinnyUnits, lhsRowOf, type SkinnyPlan } from "./contract-skinny";
import {
  type BlockFunc,
  CONTRACT_PARAMS,
  type ContractFunc,
  type ContractParts,
  type EpilogueFunc,
  type RowsFunc,
} from "./contract-func";
import type { WasmFeatures } from "./features";

export { CONTRACT_PARAMS, EPILOGUE_PARAMS, type ContractFunc, type EpilogueFunc } from "./contract-func";
export { isContractDType, type ContractTuning } from "./contract-plan";

export interface ContractOptions {
  readonly epilogue?: EpilogueFunc | null;
  readonly tuning?: ContractTuning;
  /** Makes the functions that compute operands. */
  readonly computing?: Computing;
}

export interface Computing {
  readonly block: (operand: OperandPlan, side: "lhs" | "rhs") => BlockFunc;
  readonly rows: (big: OperandPlan, rows: number, smallRow: number) => RowsFunc;
}

export function emitContract(
  m: Module,
  name: string,
  kernel: ContractKernel,
  features: WasmFeatures,
  { epilogue = null, tuning = {}, computing }: ContractOptions = {},
): ContractFunc {
  const plan = choose(kernel, features, tuning);
  const f = m.func(name, CONTRACT_PARAMS, []);
  if (plan.m * plan.n * plan.nBatch === 0) return f;
  for (const side of ["lhs", "rhs"] as const) {
    const { offset, dtype } = kernel[side];
    if (offset !== 0) f.inc(f.params[side], offset * sizeBytesOf(dtype ?? kernel.dtype));
  }
  const parts = { epilogue, ...(computing && computingParts(plan, computing)) };
  if ("form" in plan) emitSkinny(m, f, plan, parts);
  else emitGemm(m, f, plan, parts);
  return f;
}

function computingParts(plan: GemmPlan | SkinnyPlan, { block, rows }: Computing): ContractParts {
  const isComputed = ({ source }: OperandPlan): boolean => source.computed !== undefined;
  if ("form" in plan) return isComputed(plan.rhs) ? { rows: rows(plan.rhs, plan.m, lhsRowOf(plan)) } : {};
  const { lhs, rhs } = plan;
  return { lhsBlock: isComputed(lhs) ? block(lhs, "lhs") : null, rhsBlock: isComputed(rhs) ? block(rhs, "rhs") : null };
}

/** Bytes of scratch memory that one call (one thread) needs. */
export function contractScratchBytes(
  kernel: ContractKernel,
  features: WasmFeatures,
  tuning: ContractTuning = {},
): number {
  return choose(kernel, features, tuning).scratchBytes;
}

/** Number of units of work, for the function's `begin` and `end`. */
export function contractUnits(kernel: ContractKernel, features: WasmFeatures, tuning: ContractTuning = {}): number {
  const plan = choose(kernel, features, tuning);
  if (plan.m * plan.n * plan.nBatch === 0) return 0;
  return "form" in plan ? skinnyUnits(plan) : gemmUnits(plan);
}

function choose(kernel: ContractKernel, features: WasmFeatures, tuning: ContractTuning): GemmPlan | SkinnyPlan {
  const plan = planContract(kernel, features);
  const skinny = tuning.skinny === false ? null : planSkinny(plan);
  return skinny ?? planGemm(plan, tuning);
}
