/**
 * What operations take and give: concrete arrays, tracers of the transformations, and literals. NumPy's fluent methods
 * are put on `Tracer.prototype` by `runtime/install.ts`.
 */
import type { DType } from "../aval/dtype";
import { ShapedArray } from "../aval/shaped-array";
import { ConcretizationError } from "../base/errors";
import type { DeviceName } from "../kernel/device";
import type { DataArray } from "../aval/data-array";
import type { FluentMethods } from "./fluent";

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- the methods are installed by runtime/install.ts
export abstract class Tracer {
  abstract readonly aval: ShapedArray;

  get shape(): number[] {
    return this.aval.shape as number[];
  }
  get dtype(): DType {
    return this.aval.dtype;
  }
  get weakType(): boolean {
    return this.aval.weakType;
  }
  get ndim(): number {
    return this.aval.shape.length;
  }
  get size(): number {
    return this.aval.size;
  }

  /** The same handle with its reference count one higher. On tracers inside a transformation: the tracer. */
  get ref(): this {
    return this;
  }
  /** Gives one reference back. On tracers inside a transformation: does nothing. */
  dispose(): void {}
  [Symbol.dispose](): void {}

  /** Name of the device that holds the array. */
  get device(): DeviceName {
    return this.concretize("device");
  }
  /** Number of references held by this handle; 0 after the last dispose. */
  get refCount(): number {
    return 1;
  }
  /** Reads the elements, row-major. */
  data(): Promise<DataArray> {
    return this.concretize("data");
  }
  /** As `data`, at once. */
  dataSync(): DataArray {
    return this.concretize("dataSync");
  }
  /**
   * Copies the elements, row-major, into an array of the caller's, which must have as many, and resolves to it: `data`
   * without a new array. Numbers are converted as `target.set` does.
   */
  dataInto<T extends DataArray>(_target: T): Promise<T> {
    return this.concretize("dataInto");
  }
  /**
   * Calls f with a view of the elements where they lie, row-major, without a copy (cpu and wasm; elsewhere of one), and
   * returns what f does. The view is for reading, and for as long as f runs: later the memory may hold other things. It
   * shows elements as they are stored: bool as bytes, 16-bit floats as their bits.
   */
  peek<R>(_f: (view: DataArray) => R): R {
    return this.concretize("peek");
  }
  /** Reads as nested lists of numbers or booleans; a scalar as itself. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- nesting depends on the shape
  js(): any {
    return this.concretize("js");
  }
  /** As `js`, without blocking. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- nesting depends on the shape
  jsAsync(): Promise<any> {
    return this.concretize("jsAsync");
  }
  /** The value of an array of one element. */
  item(): number {
    return this.concretize("item");
  }
  /** Resolves when the value has been computed. */
  blockUntilReady(): Promise<this> {
    return Promise.resolve(this);
  }
  /** A scalar in arithmetic and comparison of JS is its value. */
  [Symbol.toPrimitive](hint: string): number | string | boolean {
    if (hint === "string") return this.toString();
    return this.concretize("conversion to a JS value (if, while, <, +)");
  }
  /** A handle of its own to the same value; for results that are an argument unchanged. */
  handle(): Tracer {
    return this;
  }

  /** Reads of the value throw `ConcretizationError` on tracers. `what` is the method called. */
  protected concretize(what: string): never {
    const look = what.startsWith("conversion") ? "" : "to look at it use debug.print; ";
    throw new ConcretizationError(
      `${what}: the value of a traced ${this.aval} is not known here, only its shape and dtype; ${look}` +
        "for `if` use lax.cond or np.where, for a loop up to it or while it holds lax.foriLoop or lax.whileLoop, " +
        `or name the argument in staticArgnums of jit`,
    );
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- as above
export interface Tracer extends FluentMethods {}

/** A scalar known while tracing: a JS number or boolean with its dtype. Owns no memory. */
export class Literal extends Tracer {
  readonly aval: ShapedArray;
  readonly value: number;
  constructor(value: number | boolean, dtype: DType, weakType = false) {
    super();
    this.value = Number(value);
    this.aval = ShapedArray.of([], dtype, weakType);
  }
}

/** A scalar constant of the given dtype, for rules and library code. */
export function literal(value: number | boolean, dtype: DType, weakType = false): Literal {
  return new Literal(value, dtype, weakType);
}
