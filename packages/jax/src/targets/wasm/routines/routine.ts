/**
 * Routines (sorts, factorizations, Fourier transforms) on the wasm device: functions of modules of their own, which
 * take sizes at run time. A module is compiled once for a device, when a program first needs it, so that programs
 * start with routines that the engine has optimized; programs import its function.
 */
import type { DType } from "../../../aval/dtype";
import type { Module } from "../assembler";
import type { WasmFeatures } from "../features";

/** A function of a module of its own. */
export interface Routine {
  /** Equal for equal functions; features of the engine apart. */
  readonly key: string;
  /** Number of i32 parameters; there is no result. */
  readonly nParams: number;
  /**
   * All threads of a team do it together, called with the same arguments and three more: the thread, their number, and
   * the block where they meet.
   */
  readonly together?: true;
  /** Adds the function "run" and what it needs. */
  emit(m: Module, features: WasmFeatures): void;
}

/** Numbers that a routine reads, made once and shared between programs: roots of unity. */
export interface Table {
  readonly key: string;
  readonly bytes: number;
  /** Fills memory of that size. */
  fill(buffer: ArrayBufferLike, address: number): void;
}

/**
 * An argument of a call: the address of a buffer, of scratch memory or of a table, or a number; `items` is how many rows
 * or matrices there are, each a like part of every buffer. The first elements of items that lie side by side are
 * `itemBytes` apart.
 */
export type RoutineArg =
  | { readonly buffer: number; readonly itemBytes?: number }
  | { readonly table: Table }
  | "scratch"
  | number
  | { readonly items: number };

export interface RoutineCall {
  readonly routine: Routine;
  readonly args: readonly RoutineArg[];
  /** 64-byte aligned memory that the call may overwrite. */
  readonly scratchBytes: number;
}

export type DTypeOf = (buffer: number) => DType;

/** Hands out 64-byte aligned pieces of scratch memory. */
export class ScratchPlan {
  bytes = 0;

  take(bytes: number): number {
    const at = this.bytes;
    this.bytes += Math.ceil(bytes / 64) * 64;
    return at;
  }
}
