/** What is compiled is kept within bounds, and memory comes back with what is thrown out. */
import { type Array as JaxArray, jit, numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import type { AnyPrimitive } from "../src/core/primitive";
import { GenericCache } from "../src/devices/wasm/generic";
import type { WasmDevice } from "../src/devices/wasm/device";
import { RoutineStore } from "../src/devices/wasm/routines";
import { generalize } from "../src/kernel/generalize";
import type { LoopKernel } from "../src/kernel/program";
import { contiguousLayout } from "../src/runtime/layout";
import { ShapedArray } from "../src/aval/shaped-array";
import { type Plan, PlanTable, planTable } from "../src/runtime/plans";
import { getDevice } from "../src/runtime/registry";
import { compileExprs } from "../src/compile/index";
import { exprInput, exprScalar } from "../src/kernel/expr-build";
import type { Routine } from "../src/targets/wasm/routines/routine";

const device = getDevice("wasm") as WasmDevice;

function plansThatCount(disposed: { count: number }): (length: number) => Plan {
  return (length) => {
    const layout = contiguousLayout(ShapedArray.of([length], "float32"));
    const executable = { run: () => undefined, dispose: () => void disposed.count++, sources: () => [] };
    return { kind: "program", device, inputs: [layout], outs: [], executable };
  };
}

describe("caches of compiled code", () => {
  it("plans of one operation", () => {
    const table = new PlanTable(false);
    const disposed = { count: 0 };
    const plan = plansThatCount(disposed);
    for (let n = 1; n <= 600; n++) table.add(plan(n));
    expect(disposed.count).toBe(600 - 512);
    expect(table.find(device, plan(600).inputs)).not.toBeNull();
    expect(table.find(device, plan(1).inputs)).toBeNull();
    table.dispose();
    expect(disposed.count).toBe(600);
  });

  it("tables of one primitive with many parameters", () => {
    const primitive = { name: "probe" } as unknown as AnyPrimitive;
    const disposed = { count: 0 };
    const plan = plansThatCount(disposed);
    for (let n = 0; n < 2100; n++) planTable(primitive, { n }).add(plan(3));
    expect(disposed.count).toBe(2100 - 2048);
  });

  it("tables are found by the values of parameters", () => {
    const primitive = { name: "probe" } as unknown as AnyPrimitive;
    const of = (params: object): PlanTable => planTable(primitive, params);
    const sizes = [2, 3];
    const first = of({ sizes, inner: { fill: NaN } });
    expect(of({ sizes: [2, 3], inner: { fill: NaN } })).toBe(first);
    sizes[0] = 4;
    expect(of({ sizes: [2, 3], inner: { fill: NaN } })).toBe(first);
    const others = [
      { sizes, inner: { fill: NaN } },
      { sizes: [2, 3, 1], inner: { fill: NaN } },
      { sizes: [2, 3], inner: { fill: 0 } },
      { sizes: [2, 3], inner: { fill: -0 } },
      { sizes: [2, 3], inner: {} },
      { sizes: [2, 3], inner: { fill: NaN }, more: undefined },
      { sizes: [2, 3], inner: { fill: NaN }, other: 1 },
      { sizes: { 0: 2, 1: 3 }, inner: { fill: NaN } },
    ].map(of);
    expect(new Set([first, ...others]).size).toBe(9);
    for (let n = 0; n < 20; n++) of({ n });
    expect(of({ sizes: [2, 3], inner: { fill: NaN } })).toBe(first);
  });

  it("kernels that sizes share", () => {
    const cache = new GenericCache(device, 4);
    const f32 = ShapedArray.of([8], "float32");
    for (const op of ["neg", "abs", "floor", "sqrt", "exp", "log", "sin"] as const) {
      const program = compileExprs([{ aval: f32, strides: null }], [exprScalar(op, [exprInput(0, f32)])]);
      cache.get(generalize(program.kernels[0] as LoopKernel, (b) => program.buffers[b]!.dtype));
      expect(cache.size).toBeLessThanOrEqual(4);
    }
    expect(cache.size).toBe(4);
  });

  it("routines", () => {
    const store = new RoutineStore(device, 2);
    for (const key of ["a", "b", "c", "b"]) {
      const routine: Routine = { key, nParams: 0, emit: (m) => m.func("run", {}, []) };
      const functions = store.functions({
        routines: new Map([[key, routine]]),
        tables: new Map(),
        shared: new Set(),
      });
      expect(functions[key]).toBeTypeOf("function");
      expect(store.size).toBeLessThanOrEqual(2);
    }
  });

  it("signatures of a jitted function", () => {
    using f = jit((x: JaxArray) => x.mul(2).add(1));
    const call = (n: number): void => {
      using x = np.ones([n], { device: "wasm" });
      f(x).dispose();
    };
    for (let n = 1; n <= 260; n++) call(n);
    const { ownBlocks } = device.ownMemory();
    for (let n = 261; n <= 300; n++) call(n);
    expect(device.ownMemory().ownBlocks).toBe(ownBlocks);
  });
});
