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

/** The elements [o0, o1) x [k0, k1) of a batch of a computed operand, to `dst`. */
export const BLOCK_PARAMS = {
  context: "i32",
  batch: "i32",
  o0: "i32",
  o1: "i32",
  k0: "i32",
  k1: "i32",
  dst: "i32",
} as const;

/** Products of few rows with the rows [l0, l1) of a computed operand. */
export const ROWS_PARAMS = {
  context: "i32",
  batch: "i32",
  l0: "i32",
  l1: "i32",
  small: "i32",
  out: "i32",
} as const;

export type BlockFunc = Func<typeof BLOCK_PARAMS>;
export type RowsFunc = Func<typeof ROWS_PARAMS>;
export type ContractFunc = Func<typeof CONTRACT_PARAMS>;
export type EpilogueFunc = Func<typeof EPILOGUE_PARAMS> | Callable;

/** Functions that a contraction calls. */
export interface ContractParts {
  readonly epilogue?: EpilogueFunc | null;
  /** For operands that are computed: of a blocked product, and of few rows by one. */
  readonly lhsBlock?: BlockFunc | null;
  readonly rhsBlock?: BlockFunc | null;
  readonly rows?: RowsFunc | null;
}
