/** The concrete array: a handle on a strided part of a device buffer. */
import { type DataArray, copyElements, storageView, unpackElements } from "../aval/data-array";
import type { ShapedArray } from "../aval/shaped-array";
import { ConcretizationError, ShapeError, UseAfterDisposeError } from "../base/errors";
import { Tracer } from "../core/tracer";
import type { DeviceName } from "../kernel/device";
import { creationSite, noteCreated, noteDisposed, rememberSite } from "./leaks";
import { type Layout, contiguousLayout } from "./layout";
import type { Storage } from "./storage";
import { nestedLists } from "./nested";
import { formatRepr, formatValues } from "./format";

/** The array itself, or a row-major copy. A program makes it, so the evaluator, which makes arrays, puts it in here. */
let rowMajor: (x: ConcreteArray) => ConcreteArray = (x) => x;
export function installRowMajor(f: (x: ConcreteArray) => ConcreteArray): void {
  rowMajor = f;
}

/**
 * An array on a device. Operations never consume it; `dispose()` (or `using`) gives its memory back early, and a
 * forgotten one is freed after garbage collection.
 */
export class ConcreteArray extends Tracer {
  readonly layout: Layout;
  /** Elements from the buffer's start to element [0, ..., 0]. */
  readonly offset: number;
  /** True if the user chose the device; uncommitted arrays move to where they are needed. */
  readonly committed: boolean;
  private shared: Storage | null;
  private count = 1;

  constructor(storage: Storage, layout: Layout, offset: number, committed: boolean) {
    super();
    this.shared = storage;
    this.layout = layout;
    this.offset = offset;
    this.committed = committed;
    noteCreated(this);
  }

  get aval(): ShapedArray {
    return this.layout.aval;
  }

  /** The buffer this handle shares. Throws UseAfterDisposeError. */
  get storage(): Storage {
    if (this.shared === null) {
      const site = creationSite(this);
      throw new UseAfterDisposeError(
        `array: ${this.aval} was used after dispose(); ` +
          (site === null ? `turn on checkLeaks.start() to see where it was made` : `it was made at ${site}`),
      );
    }
    return this.shared;
  }

  override get device(): DeviceName {
    return this.storage.device.name;
  }
  override get refCount(): number {
    return this.count;
  }

  override get ref(): this {
    void this.storage;
    this.count++;
    return this;
  }

  override dispose(): void {
    const { storage } = this;
    if (--this.count > 0) return;
    this.shared = null;
    rememberSite(this);
    noteDisposed(this);
    storage.release();
  }

  /** At the end of a `using` block: as dispose, but never throws. */
  override [Symbol.dispose](): void {
    if (this.shared !== null) this.dispose();
  }

  override handle(): ConcreteArray {
    const { storage } = this;
    storage.retain();
    return new ConcreteArray(storage, this.layout, this.offset, this.committed);
  }

  override async data(): Promise<DataArray> {
    const { aval } = this;
    if (aval.size === 0) return unpackElements(new Uint8Array(0), aval.dtype);
    const flat = rowMajor(this);
    try {
      const { device, buffer } = flat.storage;
      return unpackElements(await device.read(buffer!, aval.dtype, flat.offset, aval.size), aval.dtype);
    } finally {
      if (flat !== this) flat.dispose();
    }
  }

  override dataSync(): DataArray {
    const { aval } = this;
    if (aval.size === 0) return unpackElements(new Uint8Array(0), aval.dtype);
    const flat = rowMajor(this);
    try {
      const { device, buffer } = flat.storage;
      return device.viewSync === undefined
        ? unpackElements(device.readSync(buffer!, aval.dtype, flat.offset, aval.size), aval.dtype)
        : copyElements(device.viewSync(buffer!, aval.dtype, flat.offset, aval.size), aval.dtype);
    } finally {
      if (flat !== this) flat.dispose();
    }
  }

  override async dataInto<T extends DataArray>(target: T): Promise<T> {
    const { aval } = this;
    if (target.length !== aval.size) {
      throw new ShapeError(
        `dataInto: expected a typed array of ${aval.size} elements for ${aval}, got a ${target.constructor.name} of ${target.length}`,
      );
    }
    if (aval.size === 0) return target;
    const flat = rowMajor(this);
    try {
      const { device, buffer } = flat.storage;
      const bytes =
        device.viewSync?.(buffer!, aval.dtype, flat.offset, aval.size) ??
        (await device.read(buffer!, aval.dtype, flat.offset, aval.size));
      target.set(unpackElements(bytes, aval.dtype));
      return target;
    } finally {
      if (flat !== this) flat.dispose();
    }
  }

  override peek<R>(f: (view: DataArray) => R): R {
    const { aval } = this;
    if (aval.size === 0) return f(storageView(new Uint8Array(0), aval.dtype));
    const flat = rowMajor(this);
    try {
      const { device, buffer } = flat.storage;
      const read = device.viewSync === undefined ? device.readSync : device.viewSync;
      return f(storageView(read.call(device, buffer!, aval.dtype, flat.offset, aval.size), aval.dtype));
    } finally {
      if (flat !== this) flat.dispose();
    }
  }

  /** Reads the elements, then gives the reference back. */
  async consumeData(): Promise<DataArray> {
    const data = await this.data();
    this.dispose();
    return data;
  }

  /** As `consumeData`, at once. */
  consumeDataSync(): DataArray {
    const data = this.dataSync();
    this.dispose();
    return data;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- nesting depends on the shape
  override js(): any {
    return nestedLists(this.dataSync(), this.aval);
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- nesting depends on the shape
  override async jsAsync(): Promise<any> {
    return nestedLists(await this.data(), this.aval);
  }

  override item(): number {
    if (this.aval.size !== 1) {
      throw new ConcretizationError(`item: expected an array of one element, got ${this.aval}; use js() or data()`);
    }
    const { device, buffer } = this.storage;
    const read = device.viewSync === undefined ? device.readSync : device.viewSync;
    return unpackElements(read.call(device, buffer!, this.aval.dtype, this.offset, 1), this.aval.dtype)[0]!;
  }

  override async blockUntilReady(): Promise<this> {
    await this.storage.device.whenDone();
    return this;
  }

  override [Symbol.toPrimitive](hint: string): number | string | boolean {
    if (hint === "string") return this.toString();
    if (this.aval.shape.length > 0) {
      throw new ConcretizationError(
        `conversion to a JS value: only scalars convert, got ${this.aval}; use js() or data()`,
      );
    }
    const value = this.item();
    return this.aval.dtype === "bool" ? value !== 0 : value;
  }

  /** The values, as NumPy prints them; where they cannot be read at once, dtype and shape. */
  override toString(): string {
    const { shape, dtype } = this.aval;
    const values = this.printable();
    return typeof values === "string" ? values : formatValues({ values, shape, dtype });
  }

  /** What Node prints: `Array([1., 2.], dtype=float32)`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const values = this.printable();
    return typeof values === "string" ? values : formatRepr(values, this.aval);
  }

  /** The values for printing, which never fails; or what else can be said. */
  private printable(): DataArray | string {
    const head = `Array:${this.aval.dtype}[${this.aval.shape.join(",")}]`;
    if (this.shared === null) return `${head} (disposed)`;
    try {
      return this.dataSync();
    } catch {
      return head;
    }
  }
}

/** A fresh row-major array over a storage that it alone owns. */
export function ownArray(storage: Storage, aval: ShapedArray, committed: boolean): ConcreteArray {
  return new ConcreteArray(storage, contiguousLayout(aval), 0, committed);
}
