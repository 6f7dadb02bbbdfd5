/** Generic kernels that are large enough for the team. */
import type { Module } from "../../targets/wasm/assembler";
import type { WasmDevice } from "./device";
import { TeamModule } from "./team-module";
import { TeamProgram } from "./team-program";

type TeamEntry = (args: number, thread: number, threads: number, block: number) => void;

/** A kernel, for all sizes. */
export class GenericTeam {
  readonly module: TeamModule;
  private readonly device: WasmDevice;
  private readonly emit: () => Module;
  private bytes: Uint8Array<ArrayBuffer> | null = null;
  private entry: TeamEntry | null = null;
  private users = 0;

  constructor(device: WasmDevice, emit: () => Module) {
    this.device = device;
    this.emit = emit;
    this.module = new TeamModule(device, () => ({ bytes: this.toBytes(), routines: [], tables: {} }));
  }

  private toBytes(): Uint8Array<ArrayBuffer> {
    return (this.bytes ??= this.emit().toBytes());
  }

  /** This thread's part, which is compiled when it is first done. */
  readonly run: TeamEntry = (args, thread, threads, block) => {
    this.entry ??= this.device.exportsOf(new WebAssembly.Module(this.toBytes()), {})["runTeam"]! as TeamEntry;
    this.entry(args, thread, threads, block);
  };

  acquire(): void {
    this.users++;
  }

  /** The workers forget it with its last user. */
  release(): void {
    if (--this.users === 0) this.module.drop();
  }
}

/** A kernel for its sizes, whose arguments are read from memory. */
export class SharedCall {
  private readonly device: WasmDevice;
  private readonly kernel: GenericTeam;
  private readonly program: TeamProgram;
  private readonly args: readonly number[];
  private block: number;

  /** `args` are those of the kernel; they may change between runs. */
  constructor(device: WasmDevice, kernel: GenericTeam, args: readonly number[]) {
    this.device = device;
    this.kernel = kernel;
    this.args = args;
    this.block = device.mallocOwn(4 * args.length);
    kernel.acquire();
    const spread = (block: number): void => device.words.set(args, block >>> 2);
    this.program = new TeamProgram(device, kernel.module, { bytes: 0, spread });
  }

  /** With the team, or with `alone`, which does the same. */
  run(alone: () => void): void {
    if (this.program.run(this.block, alone, this.kernel.run)) return;
    // A worker that is only late finds its arguments where they were.
    this.device.freeOwn(this.block);
    this.block = this.device.mallocOwn(4 * this.args.length);
    alone();
  }

  dispose(): void {
    this.device.freeOwn(this.block);
    this.kernel.release();
  }
}
