/** Library functions of several operations that are one program each where they are called on arrays. */
import { currentTrace } from "../core/interpreter";
import { Literal, Tracer } from "../core/tracer";
import { type JitFunction, compiled } from "./jit";

type Library = (...args: never[]) => Tracer;

/**
 * As f, whose first argument is an array and whose others are settings. Called on an array outside of transformations it is
 * one program, which is compiled for all sizes; with other arguments, and in transformations, its operations are done one
 * by one, or recorded.
 */
export function eagerProgram<F extends Library>(f: F): F {
  let program: JitFunction<Library> | null = null;
  const settings = [1, 2, 3];
  const call = (...args: unknown[]): Tracer => {
    if (!isPlainCall(args)) return f(...(args as never[]));
    program ??= compiled(f as Library, { staticArgnums: settings }, true);
    return program(...(args as never[]));
  };
  return Object.defineProperty(call, "name", { value: f.name }) as unknown as F;
}

function isPlainCall(args: readonly unknown[]): boolean {
  if (currentTrace().parent !== null || !(args[0] instanceof Tracer) || args[0] instanceof Literal) return false;
  for (let i = 1; i < args.length; i++) if (!isPlain(args[i])) return false;
  return true;
}

/** A setting that is the same whenever it looks the same. */
function isPlain(x: unknown): boolean {
  if (typeof x !== "object" || x === null) return typeof x !== "function";
  if (Array.isArray(x)) return x.every(isPlain);
  return Object.getPrototypeOf(x) === Object.prototype && Object.values(x).every(isPlain);
}
