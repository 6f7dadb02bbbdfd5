/** WebGPU: a program is one command buffer and one submit. */
import type { DType } from "../../aval/dtype";
import { DeviceError, DeviceLostError, OutOfMemoryError } from "../../base/errors";
import type { Device, DeviceBuffer, Executable, PrepareOptions } from "../../kernel/device";
import type { Program } from "../../kernel/program";
import { BufferPool } from "./buffers";
import { WebgpuExecutable } from "./executable";
import { PipelineCache } from "./pipelines";
import { WORD, fromWords, readWords, toWords } from "./words";
import { WorkQueue } from "./work-queue";

const DTYPES: readonly DType[] = [
  "bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float16", "bfloat16", "float32",
]; // prettier-ignore

/** The device, or null where there is no adapter. `onLost` is called when the device is gone, so that init can try again. */
export async function createWebgpuDevice(onLost: () => void): Promise<Device | null> {
  const gpu = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const { limits } = adapter;
  const gpuDevice = await adapter.requestDevice({
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  });
  const device = new WebgpuDevice(gpuDevice);
  void gpuDevice.lost.then(({ message }) => {
    device.lose(message);
    onLost();
  });
  return device;
}

class WebgpuDevice implements Device {
  readonly name = "webgpu";
  readonly dtypes: ReadonlySet<DType> = new Set(DTYPES);
  readonly gpu: GPUDevice;
  private readonly work = new WorkQueue((error) => (this.problem ??= error as Error));
  private readonly pool: BufferPool;
  private readonly pipelines: PipelineCache;
  private problem: Error | null = null;
  private lost: string | null = null;

  constructor(gpu: GPUDevice) {
    this.gpu = gpu;
    this.pool = new BufferPool(gpu, (buffer) => this.work.run(() => buffer.destroy()));
    this.pipelines = new PipelineCache(gpu);
    gpu.addEventListener("uncapturederror", (event) => {
      this.problem ??= problemOf((event as GPUUncapturedErrorEvent).error, this.pool);
    });
  }

  lose(message: string): void {
    this.lost = message;
  }

  private check(): void {
    if (this.lost !== null) {
      throw new DeviceLostError(
        `webgpu: the device was lost (${this.lost}); its arrays are gone, call await init("webgpu") again`,
      );
    }
    if (this.problem !== null) {
      const { problem } = this;
      this.problem = null;
      throw problem;
    }
  }

  byteLength(_dtype: DType, length: number): number {
    return length * WORD;
  }

  malloc(bytes: number): GPUBuffer {
    this.check();
    return this.pool.take(bytes);
  }

  free(buffer: DeviceBuffer): void {
    this.pool.give(buffer as GPUBuffer);
  }

  write(buffer: DeviceBuffer, dtype: DType, data: Uint8Array): void {
    this.check();
    const now = toWords(data, dtype) as Uint8Array<ArrayBuffer>;
    // The caller's memory may change before the work that waits is done.
    const words = this.work.isBusy ? now.slice() : now;
    this.work.run(() => this.gpu.queue.writeBuffer(buffer as GPUBuffer, 0, words));
  }

  async read(buffer: DeviceBuffer, dtype: DType, offset: number, length: number): Promise<Uint8Array> {
    this.check();
    try {
      const words = await new Promise<Uint8Array>((resolve, reject) => {
        this.work.run(() => {
          readWords(this.gpu, buffer as GPUBuffer, offset, length).then(resolve, reject);
        });
      });
      this.check();
      return fromWords(words, dtype);
    } catch (error) {
      this.check();
      throw error;
    }
  }

  readSync(): Uint8Array {
    throw new DeviceError("webgpu: values cannot be read at once; use await x.data() or await x.jsAsync()");
  }

  prepare(program: Program, options: PrepareOptions): Executable {
    this.check();
    return new WebgpuExecutable(this.gpu, this.work, this.pool, this.pipelines, program, options.name);
  }

  async whenDone(): Promise<void> {
    await this.work.settled();
    await this.gpu.queue.onSubmittedWorkDone();
    this.check();
  }

  memory(): { liveBytes: number; liveBlocks: number } {
    return { liveBytes: this.pool.liveBytes, liveBlocks: this.pool.liveBlocks };
  }
}

/** What went wrong in the browser's GPU process; it says so some time after the call that did it. */
function problemOf(error: GPUError, { lastBytes, liveBytes }: BufferPool): Error {
  if (error instanceof GPUOutOfMemoryError) return new OutOfMemoryError(lastBytes, 0, liveBytes);
  return new DeviceError(`webgpu: the browser reported an error: ${error.message}`);
}
