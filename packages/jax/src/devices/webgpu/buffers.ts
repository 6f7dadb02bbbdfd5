/** GPU buffers in power-of-two sizes, kept for reuse. The queue runs in order, so a freed buffer can be handed out at once. */
import { OutOfMemoryError } from "../../base/errors";

const MIN_BYTES = 256;
const MAX_FREE_BUFFERS = 64;
/** Bytes that freed buffers may keep before they go back to the browser. */
const MAX_FREE_BYTES = 2 ** 29;

export class BufferPool {
  private readonly device: GPUDevice;
  private readonly free = new Map<number, GPUBuffer[]>();
  private readonly limit: number;
  private readonly discard: (buffer: GPUBuffer) => void;
  private freeBytes = 0;
  liveBytes = 0;
  liveBlocks = 0;
  /** Size of the buffer that was made last, for the report when there was no memory for it. */
  lastBytes = 0;

  /** `discard` destroys a buffer when no work needs it any more. */
  constructor(device: GPUDevice, discard: (buffer: GPUBuffer) => void) {
    this.device = device;
    this.discard = discard;
    this.limit = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  }

  /** Throws OutOfMemoryError for more than one buffer can hold. */
  check(bytes: number): void {
    if (bytes > this.limit) throw new OutOfMemoryError(bytes, this.limit, this.limit);
  }

  take(bytes: number): GPUBuffer {
    this.check(bytes);
    let size = MIN_BYTES;
    while (size < bytes) size *= 2;
    size = Math.min(size, Math.floor(this.limit / 4) * 4);
    const buffer = this.free.get(size)?.pop();
    this.liveBytes += size;
    this.liveBlocks++;
    if (buffer !== undefined) {
      this.freeBytes -= size;
      return buffer;
    }
    this.lastBytes = size;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return this.device.createBuffer({ size, usage });
  }

  give(buffer: GPUBuffer): void {
    const { size } = buffer;
    this.liveBytes -= size;
    this.liveBlocks--;
    let list = this.free.get(size);
    if (list === undefined) this.free.set(size, (list = []));
    if (list.length >= MAX_FREE_BUFFERS || this.freeBytes + size > MAX_FREE_BYTES) return this.discard(buffer);
    this.freeBytes += size;
    list.push(buffer);
  }
}
