/** What the runtime asks of a device. A device knows buffers and programs, not arrays and not primitives. */
import type { DType } from "../aval/dtype";
import type { Program } from "./program";

export type DeviceName = "cpu" | "wasm" | "webgpu" | "webgl";

/** Memory of a device: an address (wasm) or an object (a typed array, a GPUBuffer). */
export type DeviceBuffer = number | object;

export interface Device {
  readonly name: DeviceName;
  /** Dtypes that the device can store and compute. */
  readonly dtypes: ReadonlySet<DType>;
  /** Contractions take operands that are computed as they are read. */
  readonly computesOperands?: boolean;
  /** Bytes that `length` elements take in this device's layout. */
  byteLength(dtype: DType, length: number): number;
  /** Throws OutOfMemoryError. */
  malloc(bytes: number): DeviceBuffer;
  free(buffer: DeviceBuffer): void;
  /** Writes host elements (packed little-endian, bool one byte, f16/bf16 as raw bits) from the buffer's start. */
  write(buffer: DeviceBuffer, dtype: DType, data: Uint8Array): void;
  /** Reads `length` elements from element `offset`, packed as in `write`; a fresh copy. */
  read(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Promise<Uint8Array>;
  /** As `read`, at once. Throws DeviceError where the device cannot. */
  readSync(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Uint8Array;
  /** As `readSync` without a copy, where the device has the bytes at hand; good until memory is next taken or freed. */
  viewSync?(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Uint8Array;
  /**
   * Makes a program ready to run. `generic`: kernels are shared between programs that differ only in sizes and strides
   * (eager operations); otherwise everything is compiled for this program alone.
   */
  prepare(program: Program, options: PrepareOptions): Executable;
  /** Forgets generated code that executables share; those that there are keep theirs. */
  forgetKernels?(): void;
  /** Resolves when all work given so far is done, in the background too. */
  whenDone(): Promise<void>;
  /** Bytes and blocks in use, for leak tests and the profiler. */
  memory(): { readonly liveBytes: number; readonly liveBlocks: number };
}

export interface PrepareOptions {
  readonly generic: boolean;
  /** For the profiler and for printed sources. */
  readonly name: string;
}

export interface Executable {
  /**
   * Runs the program. Inputs start at element `offsets[i]` of their buffers. Outputs are fresh contiguous buffers, one
   * for each `Program.outputs` of kind "buffer", in order. Arena memory is the device's own affair.
   */
  run(inputs: readonly DeviceBuffer[], offsets: readonly number[], outputs: readonly DeviceBuffer[]): void;
  /**
   * As `run`, but the calling thread is free meanwhile as far as the device can; in the order of such calls. Absent on
   * devices where `run` returns before the work is done.
   */
  runAsync?(
    inputs: readonly DeviceBuffer[],
    offsets: readonly number[],
    outputs: readonly DeviceBuffer[],
  ): Promise<void>;
  /** Does now what else the first run would begin with. */
  compile?(): void;
  dispose(): void;
  /** Generated code, one entry a kernel, for `explain` and golden tests. */
  sources(): readonly KernelSource[];
}

export interface KernelSource {
  readonly label: string;
  readonly language: "wat" | "wgsl" | "glsl" | "js";
  readonly code: string;
}
