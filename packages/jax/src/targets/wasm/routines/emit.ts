/** The call of a routine in a program's function: its function and its tables are imports of the program's module. */
import type { Func, Global, Local } from "../assembler";
import type { EmitContext } from "../context";
import type { Routine, RoutineCall, Table } from "./routine";

/** What a module imports besides memory: functions of "routines" and addresses of "tables", by their keys. */
export interface RoutineImports {
  readonly routines: Map<string, Routine>;
  readonly tables: Map<string, Table>;
}

export const noRoutines = (): RoutineImports => ({ routines: new Map(), tables: new Map() });

export function emitRoutineCall(
  { module }: EmitContext,
  call: RoutineCall,
  imports: RoutineImports,
  run: Func,
  args: Local,
  scratchOffset: number,
  pushPointer: (buffer: number) => void,
): void {
  const { routine } = call;
  imports.routines.set(routine.key, routine);
  const func = module.once(`routine.${routine.key}`, () =>
    module.importFunc("routines", routine.key, new Array<"i32">(routine.nParams).fill("i32"), []),
  );
  for (const arg of call.args) {
    if (typeof arg === "number") run.i32(arg);
    else if (arg === "scratch") run.get(args).mem("i32.load", scratchOffset);
    else if ("buffer" in arg) pushPointer(arg.buffer);
    else {
      const { table } = arg;
      imports.tables.set(table.key, table);
      const address: Global = module.once(`table.${table.key}`, () => module.importGlobal("tables", table.key, "i32"));
      run.getGlobal(address);
    }
  }
  run.call(func);
}
