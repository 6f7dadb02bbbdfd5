/** A transform of one row, as a function of a module, and the routine that applies it to many rows. */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import type { Value, Var } from "./code";
import { type Crew, crewRoutine } from "./crew";
import type { Routine, RoutineArg } from "./routine";

export interface RowFft {
  /** Equal for equal functions. */
  readonly key: string;
  /** What follows the addresses of the input's and the result's parts. */
  readonly args: readonly RoutineArg[];
  row(m: Module, features: WasmFeatures, crew: Crew): Callable;
  /** A crew may do it together. */
  readonly together: boolean;
}

/** Parameters: addresses of the input's and the result's real and imaginary parts, rows, bytes of a row, `args`. */
export function rowsRoutine({ key, args, row }: RowFft, together: boolean): Routine {
  const own = args.map((_, i) => `arg${i}`);
  const buffers = ["inRe", "inIm", "outRe", "outIm"];
  const names = [...buffers, "rows", "bytes", ...own];
  return crewRoutine(`fft_${key}`, names, together, (m, features, crew) => {
    const transform = row(m, features, crew);
    return (c, all) => {
      const p = (name: string): Var<"i32"> => all[name]!;
      c.for(0, p("rows"), 1, () => {
        c.run(transform, ...[...buffers, ...own].map((name): Value => p(name)));
        for (const name of buffers) p(name).inc(p("bytes"));
      });
    };
  });
}
