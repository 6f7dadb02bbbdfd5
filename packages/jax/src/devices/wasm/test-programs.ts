/** For tests: programs written by hand, run on the wasm device and on the reference. */
import { storageView } from "../../aval/data-array";
import { type DType, sizeBytesOf } from "../../aval/dtype";
import type { Device } from "../../kernel/device";
import { SharingBuilder } from "../../kernel/math/lang";
import type { Kernel, Program } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";

export interface TestBuffer {
  readonly dtype: DType;
  readonly length: number;
  /** Contents of an input; without it the buffer is an output. */
  readonly data?: ArrayLike<number>;
}

export function programOf(buffers: readonly TestBuffer[], kernels: readonly Kernel[]): Program {
  let inputs = 0;
  let outputs = 0;
  return {
    buffers: buffers.map(({ dtype, length, data }) => ({
      dtype,
      length,
      place: data === undefined ? { at: "output", index: outputs++ } : { at: "input", index: inputs++ },
    })),
    inputs: buffers.flatMap((b, i) => (b.data === undefined ? [] : [i])),
    outputs: buffers.flatMap((b, i) => (b.data === undefined ? [{ kind: "buffer" as const, buffer: i }] : [])),
    kernels,
    arenaBytes: 0,
    cuts: [],
  };
}

/** Contents of the outputs after running a program once, as storage values. */
export function runOn(
  device: Device,
  buffers: readonly TestBuffer[],
  kernels: readonly Kernel[],
  generic = false,
): ArrayLike<number>[] {
  const program = programOf(buffers, kernels);
  const executable = device.prepare(program, { generic, name: "test" });
  const addresses = buffers.map(({ dtype, length, data }) => {
    const address = device.malloc(length * sizeBytesOf(dtype));
    if (data !== undefined) {
      const bytes = new Uint8Array(length * sizeBytesOf(dtype));
      (storageView(bytes, dtype) as Float32Array).set(data);
      device.write(address, dtype, bytes);
    }
    return address;
  });
  const of = (input: boolean) => addresses.filter((_, i) => (buffers[i]!.data !== undefined) === input);
  executable.run(
    of(true),
    of(true).map(() => 0),
    of(false),
  );
  const results = buffers.flatMap(({ dtype, length, data }, i) =>
    data === undefined ? [storageView(device.readSync(addresses[i]!, dtype, 0, length), dtype)] : [],
  );
  for (const a of addresses) device.free(a);
  executable.dispose();
  return results;
}

/** Words for writing kernels. */
export class K extends SharingBuilder {
  i(value: number): Scalar {
    return this.const(value, "int32");
  }
  axis(id: number, size: number): Scalar {
    return this.leaf({ tag: "axis", dtype: "int32", axis: id, size });
  }
  param(slot: number): Scalar {
    return this.leaf({ tag: "param", dtype: "int32", slot });
  }
  reduced(dtype: DType, stage: number, slot = 0): Scalar {
    return this.leaf({ tag: "reduced", dtype, stage, slot });
  }
  add(x: Scalar, y: Scalar): Scalar {
    return this.op("add", x.dtype, x, y);
  }
  mul(x: Scalar, y: Scalar): Scalar {
    return this.op("mul", x.dtype, x, y);
  }
  /** x * n + y on indices */
  at(x: Scalar, n: number, y: Scalar): Scalar {
    return this.add(this.mul(x, this.i(n)), y);
  }
}
