/** The routines that a device's programs use: modules compiled when first needed, and tables that programs share. */
import { Module } from "../../targets/wasm/assembler";
import type { RoutineImports } from "../../targets/wasm/routines/emit";
import type { Routine, Table } from "../../targets/wasm/routines/routine";
import type { WasmDevice } from "./device";

interface SharedTable {
  readonly address: number;
  users: number;
}

const MAX_FUNCTIONS = 256;

export class RoutineStore {
  private readonly device: WasmDevice;
  private readonly functions = new Map<string, WebAssembly.ExportValue>();
  private readonly tables = new Map<string, SharedTable>();

  constructor(device: WasmDevice) {
    this.device = device;
  }

  /** Import objects of a program; its tables are kept until `release`. */
  acquire({ routines, tables }: RoutineImports): WebAssembly.Imports {
    return {
      routines: Object.fromEntries([...routines].map(([key, routine]) => [key, this.functionOf(routine)])),
      tables: Object.fromEntries([...tables].map(([key, table]) => [key, this.acquireTable(table)])),
    };
  }

  release({ tables }: RoutineImports): void {
    for (const key of tables.keys()) {
      const shared = this.tables.get(key)!;
      if (--shared.users > 0) continue;
      this.device.freeOwn(shared.address);
      this.tables.delete(key);
    }
  }

  private functionOf(routine: Routine): WebAssembly.ExportValue {
    let func = this.functions.get(routine.key);
    if (func === undefined) {
      func = this.device.instantiate(routineModule(routine, this.device).toBytes(), {});
      if (this.functions.size >= MAX_FUNCTIONS) this.functions.delete(this.functions.keys().next().value!);
      this.functions.set(routine.key, func);
    }
    return func;
  }

  /** Forgets compiled functions; programs keep theirs. */
  clear(): void {
    this.functions.clear();
  }

  private acquireTable(table: Table): number {
    let shared = this.tables.get(table.key);
    if (shared === undefined) {
      const address = this.device.mallocOwn(table.bytes);
      table.fill(this.device.memoryObject.buffer, address);
      this.tables.set(table.key, (shared = { address, users: 0 }));
    }
    shared.users++;
    return shared.address;
  }
}

function routineModule(routine: Routine, { moduleOptions: { features, shared } }: WasmDevice): Module {
  const m = new Module();
  m.importMemory({ min: 1, max: 65536, shared });
  routine.emit(m, features);
  m.export(m.funcs.find((f) => f.name === "run")!);
  return m;
}
