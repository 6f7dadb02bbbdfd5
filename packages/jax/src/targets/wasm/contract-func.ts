/** Signatures of the functions that a contraction becomes; `contract.ts` says what they mean. */
import type { Callable, Func } from "./assembler";

export const CONTRACT_PARAMS = {
  lhs: "i32",
  rhs: "i32",
  out: "i32",
  scratch: "i32",
  context: "i32",
  begin: "i32",
  end: "i32",
} as const;

export const EPILOGUE_PARAMS = { context: "i32", batch: "i32", m0: "i32", m1: "i32", n0: "i32", n1: "i32" } as const;

export type ContractFunc = Func<typeof CONTRACT_PARAMS>;
export type EpilogueFunc = Func<typeof EPILOGUE_PARAMS> | Callable;
