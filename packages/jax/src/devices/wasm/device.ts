/** The WebAssembly device: one memory, modules compiled at once, every program one call. */
import { DTYPES, type DType, sizeBytesOf } from "../../aval/dtype";
import { DeviceError } from "../../base/errors";
import type { Device, DeviceBuffer, Executable, PrepareOptions } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import { type WasmFeatures, wasmFeatures } from "../../targets/wasm/features";
import type { ModuleOptions } from "../../targets/wasm/context";
import { SHARE_FROM } from "../../targets/wasm/team-work";
import { Allocator } from "./allocator";
import { GenericCache, genericExecutable } from "./generic";
import { Background } from "./background";
import { Driver } from "./driver";
import { hostMath } from "./host-math";
import { ProgramExecutable } from "./program";
import { RoutineStore } from "./routines";
import { WorkerTeam, canShareMemory, defaultThreads } from "./team";
import { TileTuning, type TuningMode } from "./tuning";
import { type TuningStore, engineStore } from "./tuning-store";

export interface WasmDeviceOptions {
  /** Bit-reproducible results on every engine: no fused multiply-add. */
  readonly deterministic?: boolean;
  /** The memory is not grown beyond this. */
  readonly limitBytes?: number;
  /** Threads that work on large programs; as many as the machine has (at most 8) unless given. */
  readonly threads?: number;
  /** How register tiles are chosen; by the table unless given. */
  readonly tuning?: TuningMode;
  /** Where measured ones are kept. */
  readonly tuningStore?: TuningStore;
}

/** Teams that were given up one after the other, after which there is no other. */
const MAX_LOST = 4;
const INITIAL_PAGES = 64;
const MAX_PAGES = 65536;

/** Makes the device. Throws `DeviceError` where WebAssembly or its 128-bit vectors are missing. */
export function createWasmDevice(options: WasmDeviceOptions = {}): Device {
  if (typeof WebAssembly === "undefined") throw new DeviceError("wasm: this engine has no WebAssembly");
  const features = wasmFeatures(options.deterministic === true ? { relaxed: false } : {});
  if (!features.simd) throw new DeviceError("wasm: this engine has no 128-bit SIMD");
  return new WasmDevice(features, options);
}

export class WasmDevice implements Device {
  readonly name = "wasm";
  readonly dtypes: ReadonlySet<DType> = new Set(DTYPES);
  readonly computesOperands = true;
  features: WasmFeatures;
  private isDeterministic: boolean;
  readonly memoryObject: WebAssembly.Memory;
  /** Views of the whole memory, fresh after every allocation. */
  bytes: Uint8Array;
  words: Int32Array;
  readonly math = hostMath();
  readonly generic: GenericCache;
  readonly routines: RoutineStore;
  readonly tuning: TileTuning;
  private readonly allocator: Allocator;
  /** Growths of the memory that the views have seen. */
  private nSeen = 0;
  /** Blocks of the device's own: argument blocks, scratch memory, arenas. */
  private ownBytes = 0;
  private ownBlocks = 0;
  /** Programs that are running: more than one inside callbacks. */
  running = 0;
  private scratchAddress = 0;
  private scratchSize = 0;
  /** The memory can be given to workers. */
  private readonly shared: boolean;
  private threads: number;
  /** Programs that are slower with the team run without; tests want them with it. */
  adaptive = true;
  /** Operations from which on a kernel is shared by the threads. */
  shareFrom = SHARE_FROM;
  private workers: WorkerTeam | null = null;
  /** Teams given up since the last run that one did to its end. */
  lostTeams = 0;
  /** What to free when workers that are given up cannot write to it any more, and how many teams of them there are. */
  private readonly held: (() => void)[] = [];
  private nDying = 0;
  readonly background = new Background();
  /** Runs programs in the background; null where the memory cannot be shared. */
  readonly driver: Driver | null;

  constructor(features: WasmFeatures, options: WasmDeviceOptions) {
    const { limitBytes, threads = defaultThreads(), deterministic = false } = options;
    const { tuning = "off", tuningStore = engineStore() } = options;
    this.features = features;
    this.isDeterministic = deterministic;
    this.shared = features.threads && canShareMemory();
    this.threads = threads;
    this.memoryObject = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES, shared: this.shared });
    this.driver = this.shared ? new Driver(this.memoryObject) : null;
    this.allocator = new Allocator(this.memoryObject, limitBytes === undefined ? {} : { limitBytes });
    this.bytes = new Uint8Array(this.memoryObject.buffer);
    this.words = new Int32Array(this.memoryObject.buffer);
    this.generic = new GenericCache(this);
    this.routines = new RoutineStore(this);
    this.tuning = new TileTuning(tuning, tuningStore);
  }

  /** Bit-reproducible results: none of the operations whose results differ from engine to engine. */
  get deterministic(): boolean {
    return this.isDeterministic;
  }

  /** What was compiled before stays as it is. */
  set deterministic(on: boolean) {
    this.isDeterministic = on;
    this.features = wasmFeatures(on ? { relaxed: false } : {});
    this.forgetKernels();
  }

  /** What was compiled before stays as it is. */
  setTuning(mode: TuningMode): void {
    this.tuning.mode = mode;
    this.forgetKernels();
  }

  /** How modules for this device are emitted. */
  get moduleOptions(): ModuleOptions {
    const features = { ...this.features, tiles: this.tuning.tiles(this.features.relaxed) };
    const { shared, numThreads } = this;
    return { features, shared, shareFrom: numThreads > 1 ? this.shareFrom : Infinity, maxThreads: numThreads };
  }

  /** Threads of large programs, the calling one included. */
  get numThreads(): number {
    return this.shared ? this.threads : 1;
  }

  /** Ends workers that are too many; new ones start when a program wants them. */
  set numThreads(n: number) {
    if (n === this.threads) return;
    void this.workers?.dispose();
    this.workers = null;
    this.lostTeams = 0;
    this.threads = n;
  }

  /**
   * Gives the team up after a run that did not end: some of its threads may wait for others that are gone, and some may
   * be late only. Memory that is freed is not used again before all have surely ended.
   */
  async abandonTeam(team: WorkerTeam): Promise<void> {
    if (this.workers === team) this.workers = null;
    this.lostTeams++;
    this.nDying++;
    if (this.scratchSize > 0) this.freeOwn(this.scratchAddress);
    this.scratchSize = 0;
    await team.dispose();
    if (--this.nDying === 0) for (const free of this.held.splice(0)) free();
  }

  /** The team, which is started if need be; null for a single thread. */
  get team(): WorkerTeam | null {
    if (this.numThreads === 1 || this.lostTeams > MAX_LOST) return null;
    return (this.workers ??= new WorkerTeam(this, this.numThreads - 1));
  }

  byteLength(dtype: DType, length: number): number {
    return sizeBytesOf(dtype) * length;
  }

  malloc(bytes: number): number {
    const address = this.allocator.malloc(bytes);
    // The memory's own getter takes 0.1 us.
    if (this.allocator.nGrown !== this.nSeen) this.refresh();
    return address;
  }

  free(buffer: DeviceBuffer): void {
    if (this.nDying > 0) this.held.push(() => this.free(buffer));
    else this.allocator.free(buffer as number);
  }

  write(buffer: DeviceBuffer, _dtype: DType, data: Uint8Array): void {
    this.bytes.set(data, buffer as number);
  }

  async read(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Promise<Uint8Array> {
    return this.readSync(buffer, dtype, offset, length);
  }

  readSync(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Uint8Array {
    const size = sizeBytesOf(dtype);
    const start = (buffer as number) + offset * size;
    return this.bytes.slice(start, start + length * size);
  }

  viewSync(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Uint8Array {
    const size = sizeBytesOf(dtype);
    const start = (buffer as number) + offset * size;
    return this.bytes.subarray(start, start + length * size);
  }

  prepare(program: Program, options: PrepareOptions): Executable {
    const executable = options.generic ? genericExecutable(this, program) : null;
    return executable ?? new ProgramExecutable(this, program);
  }

  forgetKernels(): void {
    this.generic.clear();
    this.routines.clear();
  }

  whenDone(): Promise<void> {
    return this.background.settled();
  }

  memory(): { liveBytes: number; liveBlocks: number } {
    return {
      liveBytes: this.allocator.liveBytes - this.ownBytes,
      liveBlocks: this.allocator.liveBlocks - this.ownBlocks,
    };
  }

  /** What `memory` leaves out: argument blocks of programs, scratch memory, arenas. */
  ownMemory(): { readonly ownBytes: number; readonly ownBlocks: number } {
    return { ownBytes: this.ownBytes, ownBlocks: this.ownBlocks };
  }

  /** A block of the device's own, not counted by `memory()`. */
  mallocOwn(bytes: number): number {
    const before = this.allocator.liveBytes;
    const address = this.malloc(bytes);
    this.ownBytes += this.allocator.liveBytes - before;
    this.ownBlocks++;
    return address;
  }

  freeOwn(address: number): void {
    if (this.nDying > 0) return void this.held.push(() => this.freeOwn(address));
    const before = this.allocator.liveBytes;
    this.allocator.free(address);
    this.ownBytes -= before - this.allocator.liveBytes;
    this.ownBlocks--;
  }

  /** Address of at least `bytes` bytes that any kernel may overwrite. */
  scratch(bytes: number): number {
    if (bytes > this.scratchSize) {
      if (this.scratchSize > 0) this.freeOwn(this.scratchAddress);
      this.scratchSize = 0;
      this.scratchAddress = this.mallocOwn(bytes);
      this.scratchSize = bytes;
    }
    return this.scratchAddress;
  }

  /** The function `run` of a module. */
  instantiate(
    bytes: Uint8Array<ArrayBuffer>,
    host: Record<string, (id: number, args: number) => void>,
    imports: WebAssembly.Imports = {},
  ): (...args: number[]) => void {
    return this.exportsOf(new WebAssembly.Module(bytes), host, imports)["run"]!;
  }

  exportsOf(
    module: WebAssembly.Module,
    host: Record<string, (id: number, args: number) => void>,
    imports: WebAssembly.Imports = {},
  ): Readonly<Record<string, (...args: number[]) => void>> {
    const env = { memory: this.memoryObject, waited: () => this.workers?.watch() };
    const instance = new WebAssembly.Instance(module, { env, math: this.math, host, ...imports });
    return instance.exports as Record<string, (...args: number[]) => void>;
  }

  private refresh(): void {
    this.nSeen = this.allocator.nGrown;
    this.bytes = new Uint8Array(this.memoryObject.buffer);
    this.words = new Int32Array(this.memoryObject.buffer);
  }
}
