/**
 * What runs in place of compiled functions, loops and branches while jit is disabled. `lax/disable-jit.ts` gives it, so
 * that programs which do not use that do not contain it.
 */
import type { Tracer } from "../core/tracer";
import type { AnyFunction } from "./arguments";

/* eslint-disable @typescript-eslint/no-explicit-any -- carries and operands are trees of any depth */

export interface PlainMode {
  /** A call of a jitted function; `statics` are the positions of static arguments. */
  call(f: AnyFunction, args: readonly unknown[], statics: readonly number[]): unknown;
  /** `lax.scan` of one step or more. */
  scan(f: AnyFunction, init: any, xs: any, length: number, reverse: boolean): [any, any];
  /** `lax.whileLoop`; null if the condition cannot be read. */
  whileLoop(condFun: AnyFunction, bodyFun: AnyFunction, initVal: any): { out: any } | null;
  /** The branch with number `which`; null if that cannot be read. */
  branch(which: Tracer, functions: readonly AnyFunction[], operands: readonly unknown[]): { out: any } | null;
}

let current: PlainMode | null = null;

/** Null while jit is what it is. */
export const plainMode = (): PlainMode | null => current;

export function withPlainMode<R>(mode: PlainMode, run: () => R): R {
  const before = current;
  current = mode;
  try {
    return run();
  } finally {
    current = before;
  }
}
