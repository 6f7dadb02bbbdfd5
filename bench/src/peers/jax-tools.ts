/** What the adapters of libraries with this project's interface share: the one from npm, and ours. */
import type * as JaxModule from "@jax-js/jax";
import type { Inputs, Tensor } from "../workload";
import type { Runner } from "./peer";

export type Jax = typeof JaxModule;
export type NdArray = JaxModule.Array;

/**
 * In the library from npm operations consume their inputs, and a value that is used again is passed as `.ref`; in ours
 * they do not. Functions under jit are written with `.ref`, which suits both; outside of it `hold` and `drop` adapt.
 */
export class JaxTools {
  readonly jax: Jax;
  private readonly consumes: boolean;

  constructor(jax: Jax) {
    this.jax = jax;
    const probe = jax.numpy.array([1]);
    probe.add(1).dispose();
    this.consumes = probe.refCount === 0;
    if (!this.consumes) probe.dispose();
  }

  /** Values to pass to a function that must still be there afterwards. */
  hold<T>(x: T): T {
    return this.consumes ? this.jax.tree.ref(x) : x;
  }

  /** Says that values which were passed to a function are not needed any more. */
  drop(x: unknown): void {
    if (!this.consumes) this.jax.tree.dispose(x);
  }

  free(x: unknown): void {
    this.jax.tree.dispose(x);
  }

  upload({ data, shape }: Tensor): NdArray {
    return this.jax.numpy.array(data, { shape: [...shape] });
  }

  uploadAll<T extends Inputs>(inputs: T): { [K in keyof T]: NdArray } {
    const entries = Object.entries(inputs).map(([name, tensor]) => [name, this.upload(tensor)]);
    return Object.fromEntries(entries) as { [K in keyof T]: NdArray };
  }

  async read(x: NdArray): Promise<Float32Array> {
    return Float32Array.from((await this.hold(x).data()) as Float32Array);
  }

  /** A runner of `compute`, whose result is a tree of arrays. */
  runner<R>(
    compute: () => R | Promise<R>,
    read: (result: R) => Promise<ArrayLike<number>>,
    dispose: () => void,
    note?: string,
  ): Runner {
    const finished = async (): Promise<R> => this.jax.blockUntilReady(await compute());
    return {
      note,
      run: async () => this.free(await finished()),
      values: async () => {
        const result = await finished();
        const values = await read(result);
        this.free(result);
        return values;
      },
      dispose,
    };
  }

  /** A runner of a function of the inputs, in their order: jitted, or as it is if it cannot be jitted. */
  kernel(inputs: Inputs, f: (...xs: NdArray[]) => NdArray): Runner {
    const arrays = Object.values(this.uploadAll(inputs));
    const jitted = this.jax.jit(f);
    let note: string | undefined;
    const compute = (): NdArray => {
      if (note !== undefined) return f(...this.hold(arrays));
      try {
        return jitted(...this.hold(arrays));
      } catch (error) {
        note = `not jitted: ${String(error).slice(0, 90)}`;
        return compute();
      }
    };
    const dispose = (): void => {
      this.free(arrays);
      jitted.dispose();
    };
    const runner = this.runner(compute, (result) => this.read(result), dispose);
    return {
      ...runner,
      get note() {
        return note;
      },
    };
  }
}
