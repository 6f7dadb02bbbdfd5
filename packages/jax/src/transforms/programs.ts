/** What the transformations ask of the runtime about compiled programs. The runtime installs it. */
import type { Aval } from "../aval/shaped-array";
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import type { DeviceName } from "../kernel/device";

/** A program that is compiled. */
export interface CompiledProgram {
  /** Generated code of its kernels. */
  text(): string;
}

export interface Programs {
  /** Frees what was compiled for these params, which are not needed any more. */
  drop(params: object): void;
  /** Frees everything that was compiled. */
  dropAll(): void;
  /** Compiles for row-major arguments of these avals, on a device or the default one. */
  compile(
    primitive: AnyPrimitive,
    params: AnyParams,
    avals: readonly Aval[],
    device: DeviceName | null,
  ): CompiledProgram;
  /** Does an operation on concrete arrays; the calling thread is free meanwhile as far as the device can. */
  runAsync(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Promise<Tracer[]>;
}

let installed: Programs | null = null;

/** Called once, by the runtime. */
export function installPrograms(programs: Programs): void {
  installed = programs;
}

export const programs = (): Programs => installed!;

let generation = 0;

/** Counts calls of `clearCaches`: what was traced before the last one is traced again. */
export const cacheGeneration = (): number => generation;

/**
 * Frees all compiled programs, and forgets what was traced; functions are traced and compiled again when they are called.
 * @example
 * const f = jit((x) => x.mul(2));
 * f(np.array(2)).item(); // => 4
 * clearCaches();
 * f(np.array(3)).item(); // => 6
 */
export function clearCaches(): void {
  generation++;
  installed!.dropAll();
}
