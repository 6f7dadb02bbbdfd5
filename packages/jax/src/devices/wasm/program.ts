/** A program compiled for its sizes: one module, one call. */
import { storageView } from "../../aval/data-array";
import { sizeBytesOf } from "../../aval/dtype";
import type { DeviceBuffer, Executable, KernelSource } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import { runCallback } from "../../kernel/callback";
import { runRoutine, runSort } from "../../kernel/routines/index";
import { moduleText } from "../../targets/wasm/assembler-text";
import { type HostCall, ProgramLayout, emitProgram } from "../../targets/wasm/module";
import type { RoutineImports } from "../../targets/wasm/routines/emit";
import type { WasmDevice } from "./device";
import { TeamProgram, workersCanImport } from "./team-program";

/** Scratch memory up to this size stays the device's after a run. */
const MAX_KEPT_SCRATCH = 4 * 2 ** 20;

export class ProgramExecutable implements Executable {
  private readonly device: WasmDevice;
  private readonly program: Program;
  private readonly layout: ProgramLayout;
  private readonly entry: (args: number) => void;
  /** Of one thread, and of all. */
  private readonly threadScratch: number;
  private readonly scratchBytes: number;
  private readonly blockBytes: number;
  private readonly hostKernels: readonly HostCall[];
  /** For programs that are large enough for several threads. */
  private readonly shared: TeamProgram | null;
  private readonly imports: RoutineImports;
  /** Bytes of an element of each input. */
  private readonly inputSizes: readonly number[];
  /** Word of the argument block for each output that is a buffer, in order. */
  private readonly outputWords: readonly number[];
  private args: number;
  private running = false;
  private disposed = false;

  constructor(device: WasmDevice, program: Program) {
    this.device = device;
    this.program = program;
    this.layout = new ProgramLayout(program);
    const { module, hostKernels, imports, scratchBytes, blockWords, forTeam } = emitProgram(
      program,
      device.moduleOptions,
    );
    this.hostKernels = hostKernels;
    this.imports = imports;
    const host = { run: (id: number, args: number) => this.runHost(id, args) };
    const bytes = module.toBytes();
    const exports = device.exportsOf(bytes, host, device.routines.acquire(imports));
    this.entry = exports["run"]!;
    this.blockBytes = 4 * blockWords;
    const helpers = forTeam && workersCanImport(module) ? device.team : null;
    this.shared = helpers === null ? null : new TeamProgram(device, bytes, exports["runTeam"]!, this.blockBytes);
    this.threadScratch = 64 * Math.ceil(scratchBytes / 64);
    this.scratchBytes = this.threadScratch * (this.shared?.maxThreads ?? 1);
    this.inputSizes = program.inputs.map((b) => sizeBytesOf(program.buffers[b]!.dtype));
    const nInputs = program.inputs.length;
    this.outputWords = program.outputs.flatMap((o, i) => (o.kind === "buffer" ? [nInputs + i] : []));
    this.args = device.mallocOwn(this.blockBytes * (this.shared?.maxThreads ?? 1));
  }

  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void {
    const { device, layout } = this;
    // A callback may run programs, this one too: then it gets a block of its own.
    const nested = this.running;
    const args = nested ? device.mallocOwn(this.blockBytes) : this.args;
    const { arenaBytes } = this.program;
    const arena = arenaBytes > 0 ? device.mallocOwn(arenaBytes) : 0;
    // Kernels around a callback go on using the device's scratch memory; much of it is not kept between runs.
    const ownScratch = this.scratchBytes > 0 && (device.running > 0 || this.scratchBytes > MAX_KEPT_SCRATCH);
    const scratch =
      this.scratchBytes === 0
        ? 0
        : ownScratch
          ? device.mallocOwn(this.scratchBytes)
          : device.scratch(this.scratchBytes);
    const { words } = device;
    const base = args >>> 2;
    for (let i = 0; i < inputs.length; i++) {
      words[base + i] = (inputs[i] as number) + offsets[i]! * this.inputSizes[i]!;
    }
    const { outputWords } = this;
    for (let i = 0; i < outputWords.length; i++) words[base + outputWords[i]!] = outputs[i] as number;
    words[base + layout.arena] = arena;
    words[base + layout.scratch] = scratch;
    this.running = true;
    device.running++;
    try {
      if (nested || this.shared === null) this.entry(args);
      else this.shared.run(args, layout, this.threadScratch, this.entry);
    } finally {
      this.running = nested;
      device.running--;
      if (ownScratch) device.freeOwn(scratch);
      if (arena !== 0) device.freeOwn(arena);
      if (nested) device.freeOwn(args);
      else if (this.disposed) this.dispose();
    }
  }

  /** A callback may dispose the program that it is called from: that is put off. */
  dispose(): void {
    this.disposed = true;
    if (this.running) return;
    if (this.args === 0) return;
    this.device.freeOwn(this.args);
    this.device.routines.release(this.imports);
    this.shared?.dispose();
    this.args = 0;
  }

  sources(): KernelSource[] {
    const { module } = emitProgram(this.program, this.device.moduleOptions);
    return [{ label: "module", language: "wat", code: moduleText(module) }];
  }

  /** A sort, a routine or a callback, on views of the wasm memory. */
  private runHost(id: number, args: number): void {
    const { device } = this;
    const { kernel, program, layout } = this.hostKernels[id]!;
    const viewOf = (buffer: number) => {
      const { dtype, length } = program.buffers[buffer]!;
      const { word, offsetBytes } = layout.place(buffer);
      const address = (device.words[(args >>> 2) + word]! + offsetBytes) >>> 0;
      return storageView(device.bytes.subarray(address, address + length * sizeBytesOf(dtype)), dtype);
    };
    if (kernel.kind === "callback") runCallback(kernel, viewOf);
    else if (kernel.kind === "sort") runSort(kernel, viewOf);
    else runRoutine(kernel, viewOf);
  }
}
