/**
 * A device buffer and the number of handles that share it. The finalizer net: when a storage is collected without
 * having been freed (its user forgot `dispose`), its buffer goes back to the device. The net is not on the hot path of
 * code that disposes.
 */
import { InternalError } from "../base/errors";
import type { Device, DeviceBuffer } from "../kernel/device";

export class Storage {
  readonly device: Device;
  readonly bytes: number;
  /** null after the last handle is gone. */
  buffer: DeviceBuffer | null;
  private handles = 1;

  constructor(device: Device, buffer: DeviceBuffer, bytes: number) {
    this.device = device;
    this.buffer = buffer;
    this.bytes = bytes;
    net().register(this, { device, buffer }, this);
    live.add(1);
  }

  retain(): void {
    this.handles++;
  }

  release(): void {
    if (--this.handles > 0) return;
    if (this.buffer === null) throw new InternalError("storage released twice");
    net().unregister(this);
    this.device.free(this.buffer);
    this.buffer = null;
    live.add(-1);
  }
}

/** Storages that are neither freed nor collected. */
export const live = {
  count: 0,
  add(n: number): void {
    this.count += n;
  },
};

let registry: FinalizationRegistry<{ device: Device; buffer: DeviceBuffer }> | null = null;

function net(): FinalizationRegistry<{ device: Device; buffer: DeviceBuffer }> {
  return (registry ??= new FinalizationRegistry(({ device, buffer }) => {
    device.free(buffer);
    live.add(-1);
  }));
}
