/** What the engine's WebAssembly can do, found by validating tiny modules. */
import { Module, type Func } from "./assembler";
import type { RegisterTiles } from "./register-tiles";

export interface WasmFeatures {
  /** 128-bit vectors; without them this library's wasm device is not available. */
  readonly simd: boolean;
  /** Fused multiply-add and friends, whose results may differ in the last bit from engine to engine. */
  readonly relaxed: boolean;
  /** Shared memory and atomics in the engine; the page must also be allowed to make a SharedArrayBuffer. */
  readonly threads: boolean;
  /** Register tiles that are fast in it, where that was measured. */
  readonly tiles?: RegisterTiles;
}

let detected: WasmFeatures | null = null;

/** Features of this engine; `overrides` narrows them, as `{ relaxed: false }` for bit-reproducible results. */
export function wasmFeatures(overrides: Partial<WasmFeatures> = {}): WasmFeatures {
  detected ??= {
    simd: validates((f) => f.f32x4(0).op("v128.not").op("drop")),
    relaxed: validates((f) => {
      f.f32x4(0).f32x4(0).f32x4(0).op("f32x4.relaxed_madd").op("drop");
      f.f32x4(0).op("i32x4.relaxed_trunc_f32x4_s").op("drop");
    }),
    threads: validates((f) => f.i32(0).i32(1).mem("i32.atomic.rmw.add").op("drop"), true),
  };
  return {
    simd: detected.simd && (overrides.simd ?? true),
    relaxed: detected.relaxed && (overrides.relaxed ?? true),
    threads: detected.threads && (overrides.threads ?? true),
  };
}

function validates(body: (f: Func) => void, shared = false): boolean {
  const m = new Module();
  m.importMemory({ min: 1, max: 1, shared });
  body(m.func("probe", {}, []));
  return WebAssembly.validate(m.toBytes());
}
