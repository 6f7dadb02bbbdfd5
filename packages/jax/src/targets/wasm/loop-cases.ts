/** For tests: loop kernels on the wasm device and on the reference. */
import { expect } from "vitest";
import { toFloat16Bits } from "../../aval/data-array";
import { type DType, isFloat } from "../../aval/dtype";
import { createCpuDevice } from "../../devices/cpu/device";
import { createWasmDevice } from "../../devices/wasm/device";
import { type TestBuffer, runOn } from "../../devices/wasm/test-programs";
import type { Kernel, LoopKernel, Stage } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";

export const cpu = createCpuDevice();
export const wasm = createWasmDevice();
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

export function agrees(buffers: TestBuffer[], kernels: Kernel[], tolerance = 2e-6, label = ""): void {
  const want = runOn(cpu, buffers, kernels);
  const got = runOn(wasm, buffers, kernels);
  want.forEach((w, i) => {
    const g = got[i]!;
    for (let j = 0; j < w.length; j++) {
      const close = Math.abs(g[j]! - w[j]!) <= tolerance * Math.max(1, Math.abs(w[j]!));
      if (!close && !Object.is(g[j], w[j])) expect.fail(`${label} output ${i} [${j}]: got ${g[j]}, expected ${w[j]}`);
    }
  });
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
