/** A program compiled for its sizes: one module, one call. */
import { storageView } from "../../aval/data-array";
import { sizeBytesOf } from "../../aval/dtype";
import type { DeviceBuffer, Executable, KernelSource } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import { runCallback } from "../../kernel/callback";
import { runRoutine, runSort } from "../../kernel/routines/index";
import { moduleText } from "../../targets/wasm/assembler-text";
import type { ModuleOptions } from "../../targets/wasm/context";
import { emitProgram, emitSteps } from "../../targets/wasm/module";
import { ProgramLayout } from "../../targets/wasm/program-layout";
import type { HostCall } from "../../targets/wasm/program-run";
import type { RoutineImports } from "../../targets/wasm/routines/emit";
import { BackgroundProgram } from "./background-program";
import { BurstChoice } from "./burst-choice";
import type { WasmDevice } from "./device";
import type { TeamContent } from "./team";
import { TeamModule, workersCanImport } from "./team-module";
import { TeamProgram } from "./team-program";

/** Scratch memory up to this size stays the device's after a run. */
const MAX_KEPT_SCRATCH = 4 * 2 ** 20;

const inLines = (bytes: number): number => 64 * Math.ceil(bytes / 64);

/** Exports of a program's module. */
interface Entries {
  readonly run: (args: number) => void;
  readonly runTeam: ((args: number, thread: number, threads: number, block: number) => void) | null;
}

export class ProgramExecutable implements Executable {
  private readonly device: WasmDevice;
  private readonly program: Program;
  /** As the device was: it may change, and all that is made of this program belongs together. */
  private readonly options: ModuleOptions;
  private readonly layout: ProgramLayout;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  /** Addresses of the tables. */
  private readonly tables: Readonly<Record<string, number>>;
  private entries: Entries | null = null;
  /** Of the first thread, of each other one, and of all. */
  private readonly firstScratch: number;
  private readonly otherScratch: number;
  private readonly scratchBytes: number;
  private readonly blockBytes: number;
  /** For programs with maps that may write in bursts. */
  private readonly bursts: BurstChoice | null;
  private readonly hostKernels: readonly HostCall[];
  /** For programs that are large enough for several threads. */
  private readonly teamModule: TeamModule | null;
  private readonly shared: TeamProgram | null;
  private readonly background: BackgroundProgram;
  private readonly imports: RoutineImports;
  /** Bytes of an element of each input. */
  private readonly inputSizes: readonly number[];
  /** Word of the argument block for each output that is a buffer, in order. */
  private readonly outputWords: readonly number[];
  private args: number;
  private running = false;
  /** Runs in the background that are not done. */
  private pending = 0;
  private disposed = false;

  constructor(device: WasmDevice, program: Program) {
    this.device = device;
    this.program = program;
    this.layout = new ProgramLayout(program);
    device.tuning.want(device.features.relaxed, program.kernels);
    const options = (this.options = device.moduleOptions);
    const emitted = emitProgram(program, options);
    const { module, hostKernels, imports, scratchBytes, otherScratchBytes, blockWords, forTeam, hasBursts } = emitted;
    this.hostKernels = hostKernels;
    this.imports = imports;
    this.bytes = module.toBytes();
    this.tables = device.routines.acquire(imports);
    this.blockBytes = 4 * blockWords;
    const canMove = workersCanImport(module);
    const helpers = forTeam && canMove ? device.team : null;
    this.teamModule = helpers === null ? null : new TeamModule(device, () => this.teamContent());
    const spread = (args: number, threads: number): void => this.spread(args, threads);
    this.shared =
      this.teamModule === null ? null : new TeamProgram(device, this.teamModule, { bytes: this.blockBytes, spread });
    this.background = new BackgroundProgram(device, canMove, {
      content: () => ({ bytes: this.bytes, routines: device.routines.bytes(imports), tables: this.tables }),
      steps: async () => {
        const steps = emitSteps(program, options);
        const compiled = await WebAssembly.compile(steps.module.toBytes());
        const step = this.instantiate(compiled)["step"]!;
        return { count: program.kernels.length, step };
      },
    });
    this.bursts = hasBursts ? new BurstChoice() : null;
    this.firstScratch = inLines(scratchBytes);
    this.otherScratch = inLines(otherScratchBytes);
    this.scratchBytes = this.firstScratch + this.otherScratch * ((this.shared?.maxThreads ?? 1) - 1);
    this.inputSizes = program.inputs.map((b) => sizeBytesOf(program.buffers[b]!.dtype));
    const nInputs = program.inputs.length;
    this.outputWords = program.outputs.flatMap((o, i) => (o.kind === "buffer" ? [nInputs + i] : []));
    this.args = device.mallocOwn(this.blockBytes * (this.shared?.maxThreads ?? 1));
  }

  private teamContent(): TeamContent {
    const { bytes, imports, tables, device } = this;
    const routines = device.routines
      .bytes(imports)
      .map(([key, code]) => [key, imports.shared.has(key) ? code : null] as const);
    return { bytes, routines, tables };
  }

  /** Copies the first thread's block for the others, each with scratch memory of its own. */
  private spread(args: number, threads: number): void {
    const { words } = this.device;
    const { layout } = this;
    const [base, step] = [args >>> 2, this.blockBytes >>> 2];
    const scratch = words[base + layout.scratch]!;
    for (let t = 1; t < threads; t++) {
      words.copyWithin(base + t * step, base, base + layout.words);
      const own = scratch + this.firstScratch + (t - 1) * this.otherScratch;
      words[base + t * step + layout.scratch] = own;
      if (words[base + layout.bursts] !== 0) words[base + t * step + layout.bursts] = own;
    }
  }

  /** The module's functions on this thread; a program that only runs in the background is not compiled here. */
  compile(): Entries {
    const exports = this.instantiate(new WebAssembly.Module(this.bytes));
    return (this.entries = { run: exports["run"]!, runTeam: exports["runTeam"] ?? null });
  }

  private instantiate(module: WebAssembly.Module): Readonly<Record<string, (...args: number[]) => void>> {
    const host = { run: (id: number, args: number) => this.runHost(id, args) };
    const { imports, tables, device } = this;
    return device.exportsOf(module, host, { routines: device.routines.functions(imports), tables });
  }

  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void {
    const { device } = this;
    const entries = this.entries ?? this.compile();
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
    const { bursts } = this;
    const inBursts = bursts !== null && (!device.adaptive || bursts.wantsBursts());
    this.fill(args, inputs, offsets, outputs, arena, scratch, inBursts);
    this.running = true;
    device.running++;
    let done = true;
    const start = bursts === null ? 0 : performance.now();
    try {
      if (nested || this.shared === null) entries.run(args);
      else done = this.shared.run(args, () => entries.run(args), entries.runTeam!);
    } finally {
      this.running = nested;
      device.running--;
      if (ownScratch) device.freeOwn(scratch);
      if (arena !== 0) device.freeOwn(arena);
      if (nested) device.freeOwn(args);
      else if (this.disposed) this.dispose();
    }
    if (done) {
      bursts?.add(performance.now() - start, inBursts);
      return;
    }
    // A worker that is only late finds its arguments where they were.
    device.freeOwn(this.args);
    this.args = device.mallocOwn(this.blockBytes * this.shared!.maxThreads);
    this.run(inputs, offsets, outputs);
  }

  /** As `run`, behind what was given before; everything but inputs and outputs belongs to this run alone. */
  async runAsync(
    inputs: readonly DeviceBuffer[],
    offsets: readonly number[],
    outputs: readonly DeviceBuffer[],
  ): Promise<void> {
    this.pending++;
    try {
      await this.device.background.add(() => this.runBehind(inputs, offsets, outputs));
    } finally {
      this.pending--;
      if (this.disposed) this.dispose();
    }
  }

  private async runBehind(
    inputs: readonly DeviceBuffer[],
    offsets: readonly number[],
    outputs: readonly DeviceBuffer[],
  ): Promise<void> {
    const { device, shared, background } = this;
    const blocks: number[] = [];
    const malloc = (bytes: number): number => {
      if (bytes === 0) return 0;
      const address = device.mallocOwn(bytes);
      blocks.push(address);
      return address;
    };
    try {
      const args = malloc(this.blockBytes * (shared?.maxThreads ?? 1));
      const [arena, scratch] = [malloc(this.program.arenaBytes), malloc(this.scratchBytes)];
      const inBursts = this.bursts?.areFaster ?? false;
      const fill = (): void => this.fill(args, inputs, offsets, outputs, arena, scratch, inBursts);
      fill();
      const done =
        shared === null
          ? await background.run(args, null, 1)
          : await shared.runBehind(args, (team, n) => background.run(args, team, n));
      if (done) return;
      fill();
      await background.runHere(args);
    } finally {
      for (const block of blocks) device.freeOwn(block);
    }
  }

  /** Writes the block of arguments. */
  private fill(
    args: number,
    inputs: readonly DeviceBuffer[],
    offsets: readonly number[],
    outputs: readonly DeviceBuffer[],
    arena: number,
    scratch: number,
    inBursts: boolean,
  ): void {
    const { words } = this.device;
    const { layout, outputWords } = this;
    const base = args >>> 2;
    for (let i = 0; i < inputs.length; i++) {
      words[base + i] = (inputs[i] as number) + offsets[i]! * this.inputSizes[i]!;
    }
    for (let i = 0; i < outputWords.length; i++) words[base + outputWords[i]!] = outputs[i] as number;
    words[base + layout.arena] = arena;
    words[base + layout.scratch] = scratch;
    words[base + layout.common] = scratch;
    words[base + layout.bursts] = inBursts ? scratch : 0;
  }

  /** Put off while the program runs: in the background, or calling a function that disposes it. */
  dispose(): void {
    this.disposed = true;
    if (this.running || this.pending > 0) return;
    if (this.args === 0) return;
    this.device.freeOwn(this.args);
    this.device.routines.release(this.imports);
    this.teamModule?.drop();
    this.background.dispose();
    this.args = 0;
  }

  sources(): KernelSource[] {
    const { module } = emitProgram(this.program, this.options);
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
