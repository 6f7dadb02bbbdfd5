/** The call of a routine in a program's function: its function and its tables are imports of the program's module. */
import type { Func, Global, Local } from "../assembler";
import { CLAIMS, type Team } from "../team";
import type { EmitContext } from "../context";
import type { ProgramLayout } from "../program-layout";
import { CREW_PARAMS } from "./crew";
import type { Routine, RoutineCall, Table } from "./routine";

/** What a module imports besides memory: functions of "routines" and addresses of "tables", by their keys. */
export interface RoutineImports {
  readonly routines: Map<string, Routine>;
  readonly tables: Map<string, Table>;
  /** Keys of routines that all threads call. */
  readonly shared: Set<string>;
}

export const noRoutines = (): RoutineImports => ({ routines: new Map(), tables: new Map(), shared: new Set() });

/** For a call whose items a team shares: bytes of the whole of a buffer. */
export interface Share {
  readonly team: Team;
  bytesOf(buffer: number): number;
}

export function emitRoutineCall(
  { module }: EmitContext,
  call: RoutineCall,
  imports: RoutineImports,
  run: Func,
  args: Local,
  layout: ProgramLayout,
  pushPointer: (buffer: number) => void,
  share: Share | null,
): void {
  const { routine } = call;
  const nParams = routine.nParams + (routine.together ? CREW_PARAMS.length : 0);
  const scratchWord = routine.together ? layout.common : layout.scratch;
  imports.routines.set(routine.key, routine);
  const func = module.once(`routine.${routine.key}`, () =>
    module.importFunc("routines", routine.key, new Array<"i32">(nParams).fill("i32"), []),
  );
  const { items } = call.args.find((arg) => typeof arg === "object" && "items" in arg) as { items: number };
  /** The call, for `count` items from `start` on, or for all. */
  const emitCall = (part: { readonly start: Local; readonly count: Local; readonly share: Share } | null): void => {
    for (const arg of call.args) {
      if (typeof arg === "number") run.i32(arg);
      else if (arg === "scratch") run.get(args).mem("i32.load", 4 * scratchWord);
      else if ("items" in arg) {
        if (part === null) run.i32(arg.items);
        else run.get(part.count);
      } else if ("buffer" in arg) {
        pushPointer(arg.buffer);
        if (part !== null) {
          const itemBytes = arg.itemBytes ?? part.share.bytesOf(arg.buffer) / items;
          run.get(part.start).i32(itemBytes).op("i32.mul").op("i32.add");
        }
      } else {
        const { table } = arg;
        imports.tables.set(table.key, table);
        const address: Global = module.once(`table.${table.key}`, () =>
          module.importGlobal("tables", table.key, "i32"),
        );
        run.getGlobal(address);
      }
    }
    if (routine.together) share!.team.emitPlace(run);
    run.call(func);
  };
  if (share !== null) imports.shared.add(routine.key);
  if (share === null || routine.together) return emitCall(null);
  const [start, count, chunk] = [run.local("i32"), run.local("i32"), run.local("i32")];
  run.i32(items).getGlobal(share.team.threads).i32(CLAIMS).op("i32.mul").op("i32.div_u").i32(1).op("i32.add");
  run.set(chunk);
  run.block((done) => {
    run.loop((again) => {
      share.team.emitClaim(run, chunk);
      run.tee(start).i32(items).op("i32.ge_s").brIf(done);
      run.i32(items).get(start).op("i32.sub").tee(count).get(chunk).get(count).get(chunk);
      run.op("i32.lt_s").op("select").set(count);
      emitCall({ start, count, share });
      run.br(again);
    });
  });
  run.release(start, count, chunk);
}
