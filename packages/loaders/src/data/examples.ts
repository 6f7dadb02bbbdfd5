/** Examples as they lie in memory, and examples of which a batch is made. */
import { checkOptions } from "../option-names";
import { Array as JaxArray, type DType, type Device, numpy as np, tree } from "@jax-js/jax";
import { LoaderError } from "../errors";

/** What elements lie in. */
export type HostData =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** An array in memory: elements in row-major order, and the shape. A leaf of pytrees. */
export class HostArray {
  readonly data: HostData;
  readonly shape: readonly number[];

  /** Errors: LoaderError if data and shape do not fit. */
  constructor(data: HostData, shape: readonly number[] = [data.length]) {
    if (shape.reduce((n, size) => n * size, 1) !== data.length) {
      throw new LoaderError(`HostArray: ${data.length} elements do not fill shape [${shape.join(", ")}]`);
    }
    this.data = data;
    this.shape = shape;
  }

  /** Row i of the first axis, without a copy. */
  row(i: number): HostArray {
    const shape = this.shape.slice(1);
    const size = shape.reduce((n, s) => n * s, 1);
    return new HostArray(this.data.subarray(i * size, (i + 1) * size) as HostData, shape);
  }

  /** The array on the device. */
  toArray(options: { dtype?: DType; device?: Device } = {}): JaxArray {
    return np.array(this.data, { shape: [...this.shape], ...options });
  }
}

/** Examples by number. */
export interface Source<T> {
  readonly length: number;
  at(i: number): T | Promise<T>;
}

const isTyped = (x: unknown): x is HostData => ArrayBuffer.isView(x) && !(x instanceof DataView);
const asHost = (x: unknown): HostArray | null => (x instanceof HostArray ? x : isTyped(x) ? new HostArray(x) : null);

/** The same tree, with every array (or typed array) replaced. */
export type RowsOf<T> = T extends HostArray | HostData ? HostArray : { readonly [K in keyof T]: RowsOf<T[K]> };

/**
 * A source of the rows of arrays, of one or of a tree of them, as of images and their labels.
 *
 * Errors: LoaderError if the first axes differ.
 * @example
 * const source = data.arraySource({ x: new data.HostArray(new Float32Array([1, 2, 3, 4]), [2, 2]), y: new Int32Array([0, 1]) });
 * source.at(1).x.data; // => [3, 4]
 */
export function arraySource<T>(arrays: T): Source<RowsOf<T>> {
  const [leaves, treedef] = tree.flatten(arrays);
  const hosts = leaves.map((leaf) => {
    const host = asHost(leaf);
    if (host === null) throw new LoaderError("arraySource: expected typed arrays or HostArrays");
    if (host.shape.length === 0) throw new LoaderError("arraySource: a scalar has no rows");
    return host;
  });
  const lengths = [...new Set(hosts.map((host) => host.shape[0]!))];
  if (lengths.length !== 1)
    throw new LoaderError(`arraySource: first axes differ: ${lengths.join(", ") || "there are no arrays"}`);
  const length = lengths[0]!;
  return {
    length,
    at(i) {
      return tree.unflatten(
        treedef,
        hosts.map((host) => host.row(i)),
      ) as unknown as RowsOf<T>;
    },
  };
}

/** A batch: of the structure of the examples, or whatever a user makes of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- only the user knows
export type Batch = any;

export interface StackOptions {
  readonly device?: Device;
}

/** Leaves of one place in all examples, one below the other. */
function stackLeaves(leaves: readonly unknown[], toLeaf: (host: HostArray, dtype?: DType) => unknown): unknown {
  const [first] = leaves;
  if (typeof first === "number") return toLeaf(new HostArray(Float32Array.from(leaves as number[])));
  if (typeof first === "boolean") return toLeaf(new HostArray(Uint8Array.from(leaves as boolean[], Number)), "bool");
  if (first instanceof JaxArray) return np.stack(leaves as JaxArray[]);
  const host = asHost(first);
  // Texts and other things stay a list.
  if (host === null) return [...leaves];
  const size = host.data.length;
  const HostClass = host.data.constructor as new (n: number) => HostData;
  const out = new HostClass(size * leaves.length);
  leaves.forEach((leaf, i) => {
    const row = asHost(leaf);
    if (row === null || row.data.constructor !== HostClass || row.shape.join() !== host.shape.join()) {
      const got = row === null ? typeof leaf : `${row.data.constructor.name}[${row.shape.join(",")}]`;
      throw new LoaderError(`batch: example ${i} has ${got}, the first ${HostClass.name}[${host.shape.join(",")}]`);
    }
    out.set(row.data as never, i * size);
  });
  return toLeaf(new HostArray(out, [leaves.length, ...host.shape]));
}

function stack(examples: readonly unknown[], toLeaf: (host: HostArray, dtype?: DType) => unknown): unknown {
  const [, treedef] = tree.flatten(examples[0]);
  const all = examples.map((example, i) => {
    const [leaves, other] = tree.flatten(example);
    if (other.toString() !== treedef.toString())
      throw new LoaderError(`batch: example ${i} is ${other}, the first ${treedef}`);
    return leaves;
  });
  const made: unknown[] = [];
  try {
    for (let k = 0; k < treedef.size; k++)
      made.push(
        stackLeaves(
          all.map((leaves) => leaves[k]),
          toLeaf,
        ),
      );
  } catch (error) {
    for (const x of made) if (x instanceof JaxArray) x.dispose();
    throw error;
  }
  return tree.unflatten(treedef, made);
}

/**
 * One tree of arrays of many trees: numbers become float32[n], booleans bool[n], typed arrays and HostArrays of shape s
 * arrays of shape [n, ...s]; texts become lists.
 *
 * Errors: LoaderError if two examples differ in structure, shape or dtype.
 * @example
 * const batch = data.stackExamples([{ x: new Float32Array([1, 2]), name: "a" }, { x: new Float32Array([3, 4]), name: "b" }]);
 * batch.x.js(); // => [[1, 2], [3, 4]]
 * batch.name; // => ["a", "b"]
 */
export function stackExamples(examples: readonly unknown[], options: StackOptions = {}): Batch {
  checkOptions("stackExamples", options, { device: true });
  const { device } = options;
  return stack(examples, (host, dtype) =>
    host.toArray({ ...(dtype === undefined ? {} : { dtype }), ...(device === undefined ? {} : { device }) }),
  );
}

/** As `stackExamples`, in memory: arrays become HostArrays. */
export function stackOnHost(examples: readonly unknown[]): Batch {
  return stack(examples, (host) => host);
}
