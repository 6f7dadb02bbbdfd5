/** The routines that a device's programs use: modules compiled when first needed, and tables that programs share. */
import { Module } from "../../targets/wasm/assembler";
import type { RoutineImports } from "../../targets/wasm/routines/emit";
import type { Routine, Table } from "../../targets/wasm/routines/routine";
import type { WasmDevice } from "./device";

interface SharedTable {
  readonly address: number;
  users: number;
}

interface RoutineModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  run: WebAssembly.ExportValue | null;
}

const MAX_ROUTINES = 256;

export class RoutineStore {
  private readonly device: WasmDevice;
  private readonly modules = new Map<string, RoutineModule>();
  private readonly tables = new Map<string, SharedTable>();
  private readonly limit: number;

  constructor(device: WasmDevice, limit = MAX_ROUTINES) {
    this.device = device;
    this.limit = limit;
  }

  /** Makes the tables of a program, which are kept until `release`; their addresses. */
  acquire({ tables }: RoutineImports): Readonly<Record<string, number>> {
    return Object.fromEntries([...tables].map(([key, table]) => [key, this.acquireTable(table)]));
  }

  release({ tables }: RoutineImports): void {
    for (const key of tables.keys()) {
      const shared = this.tables.get(key)!;
      if (--shared.users > 0) continue;
      this.device.freeOwn(shared.address);
      this.tables.delete(key);
    }
  }

  /** The compiled functions, by key. */
  functions({ routines }: RoutineImports): Record<string, WebAssembly.ExportValue> {
    return Object.fromEntries(
      [...routines].map(([key, routine]) => {
        const found = this.moduleOf(routine);
        return [key, (found.run ??= this.device.instantiate(found.bytes, {}))];
      }),
    );
  }

  /** Their modules, for a worker to compile. */
  bytes({ routines }: RoutineImports): [string, Uint8Array][] {
    return [...routines].map(([key, routine]) => [key, this.moduleOf(routine).bytes]);
  }

  /** Number of modules that are kept. */
  get size(): number {
    return this.modules.size;
  }

  /** Forgets modules; programs keep theirs. */
  clear(): void {
    this.modules.clear();
  }

  private moduleOf(routine: Routine): RoutineModule {
    let found = this.modules.get(routine.key);
    if (found === undefined) {
      found = { bytes: routineModule(routine, this.device).toBytes(), run: null };
      if (this.modules.size >= this.limit) this.modules.delete(this.modules.keys().next().value!);
      this.modules.set(routine.key, found);
    }
    return found;
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
