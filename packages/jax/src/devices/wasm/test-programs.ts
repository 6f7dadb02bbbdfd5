/** For tests: programs written by hand, run on the wasm device and on the reference. */
import { expect } from "vitest";
import { storageView, toFloat16Bits } from "../../aval/data-array";
import { type DType, isFloat, sizeBytesOf } from "../../aval/dtype";
import type { Device } from "../../kernel/device";
import { SharingBuilder } from "../../kernel/math/lang";
import type { Kernel, LoopKernel, Program, Stage } from "../../kernel/program";
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

export const range = (n: number, f = (i: number) => i) => Array.from({ length: n }, (_, i) => f(i));

/** Deterministic values, with NaN and infinities where asked for. */
export function values(n: number, dtype: DType, special = false): number[] {
  let seed = 12345 + n;
  return range(n, (i) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    const x = (seed >>> 8) / 2 ** 24;
    if (dtype === "bool") return x > 0.5 ? 1 : 0;
    if (!isFloat(dtype)) return Math.floor(x * 200) - (dtype.startsWith("u") ? 0 : 100);
    if (special && i % 7 === 3) return [NaN, Infinity, -Infinity, -0][((i / 7) % 4) | 0]!;
    const value = x * 8 - 4;
    return dtype === "float16" ? toFloat16Bits(value) : dtype === "bfloat16" ? toFloat16Bits(value) & 0x3fff : value;
  });
}

/** A check that kernels give on a device what they give on the reference. */
export function agreement(reference: Device, device: Device) {
  return (buffers: readonly TestBuffer[], kernels: readonly Kernel[], tolerance = 2e-6, label = ""): void => {
    const want = runOn(reference, buffers, kernels);
    const got = runOn(device, buffers, kernels);
    want.forEach((w, i) => {
      const g = got[i]!;
      for (let j = 0; j < w.length; j++) {
        const close = Math.abs(g[j]! - w[j]!) <= tolerance * Math.max(1, Math.abs(w[j]!));
        if (!close && !Object.is(g[j], w[j])) expect.fail(`${label} output ${i} [${j}]: got ${g[j]}, expected ${w[j]}`);
      }
    });
  };
}

export const loop = (sizes: readonly number[], stages: Stage[]): LoopKernel => ({
  kind: "loop",
  axes: sizes.map((size, id) => ({ id, size })),
  stages,
});
export const store = (buffer: number, index: Scalar, value: Scalar): Stage => ({
  axes: [],
  reductions: [],
  stores: [{ buffer, index, value }],
});
