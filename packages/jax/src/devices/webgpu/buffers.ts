/** GPU buffers in power-of-two sizes, kept for reuse. The queue runs in order, so a freed buffer can be handed out at once. */
import { OutOfMemoryError } from "../../base/errors";

const MIN_BYTES = 256;

export class BufferPool {
  private readonly device: GPUDevice;
  private readonly free = new Map<number, GPUBuffer[]>();
  private readonly limit: number;
  liveBytes = 0;
  liveBlocks = 0;

  constructor(device: GPUDevice) {
    this.device = device;
    this.limit = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  }

  take(bytes: number): GPUBuffer {
    if (bytes > this.limit) throw new OutOfMemoryError(bytes, this.limit, this.limit);
    let size = MIN_BYTES;
    while (size < bytes) size *= 2;
    size = Math.min(size, Math.floor(this.limit / 4) * 4);
    const buffer =
      this.free.get(size)?.pop() ??
      this.device.createBuffer({
        size,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
    this.liveBytes += size;
    this.liveBlocks++;
    return buffer;
  }

  give(buffer: GPUBuffer): void {
    this.liveBytes -= buffer.size;
    this.liveBlocks--;
    let list = this.free.get(buffer.size);
    if (list === undefined) this.free.set(buffer.size, (list = []));
    if (list.length < 64) list.push(buffer);
    else buffer.destroy();
  }
}
