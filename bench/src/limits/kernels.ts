/** Hand-made WebAssembly that does nothing but multiply and add, or move memory: what the engine can do at most. */
import { type Func, type Local, Module } from "../../../packages/jax/src/targets/wasm/assembler";

/** Independent sums, enough to hide the latency of an operation, few enough for the registers. */
const SUMS = [8, 10, 12] as const;
const UNROLLED = 8;
/** Bytes that one turn of a stream's loop moves. */
const STRIDE = 64;

/** What a stream does with its arrays: read one, write one from one, write one from two. */
export const PATTERNS = {
  read: { reads: 1, writes: 0 },
  move: { reads: 1, writes: 1 },
  add: { reads: 2, writes: 1 },
} as const;
export type Pattern = keyof typeof PATTERNS;

export interface LimitKernels {
  /** `turns` turns of `sums` multiplications and additions of four lanes each, eightfold. */
  arithmetic: { readonly call: (turns: number) => number; readonly flopsPerTurn: number }[];
  /** By the bytes that are written for so many that are read: functions that go over arrays of that many bytes. */
  streams: Readonly<Record<Pattern, readonly ((bytes: number) => void)[]>>;
}

/** Four numbers at a time: `sum = sum * factor + addend`, in one operation where the engine has it. */
function arithmetic(module: Module, sums: number, fused: boolean): void {
  const f = module.func(`arithmetic${sums}`, { turns: "i32" }, ["f32"]);
  const { turns } = f.params;
  const [factor, addend] = [f.local("v128", "factor"), f.local("v128", "addend")];
  const values = Array.from({ length: sums }, (_, i) => f.local("v128", `sum${i}`));
  f.f32x4(0.999).set(factor).f32x4(0.5).set(addend);
  values.forEach((value, i) => f.f32x4(i + 1).set(value));
  f.loop((again) => {
    for (let k = 0; k < UNROLLED; k++) {
      for (const value of values) {
        f.get(value).get(factor);
        if (fused) f.get(addend).op("f32x4.relaxed_madd");
        else f.op("f32x4.mul").get(addend).op("f32x4.add");
        f.set(value);
      }
    }
    f.get(turns).i32(1).op("i32.sub").tee(turns).brIf(again);
  });
  f.get(values[0]!);
  for (const value of values.slice(1)) f.get(value).op("f32x4.add");
  f.lane("f32x4.extract_lane", 0);
  module.export(f);
}

/** Writes an array from one or two others. */
function stream(module: Module, name: string, arrays: 2 | 3): void {
  const f = module.func(name, { to: "i32", a: "i32", b: "i32", bytes: "i32" }, []);
  const { to, a, b, bytes } = f.params;
  const end = f.local("i32", "end");
  f.get(to).get(bytes).op("i32.add").set(end);
  f.loop((again) => {
    for (let at = 0; at < STRIDE; at += 16) {
      f.get(to).get(a).mem("v128.load", at);
      if (arrays === 3) f.get(b).mem("v128.load", at).op("f32x4.add");
      f.mem("v128.store", at);
    }
    for (const pointer of [to, a, b]) advance(f, pointer);
    f.get(to).get(end).op("i32.lt_u").brIf(again);
  });
  module.export(f);
}

/** Adds up an array. */
function read(module: Module): void {
  const f = module.func("read", { from: "i32", bytes: "i32" }, ["f32"]);
  const { from, bytes } = f.params;
  const end = f.local("i32", "end");
  const sums = Array.from({ length: STRIDE / 16 }, (_, i) => f.local("v128", `sum${i}`));
  f.get(from).get(bytes).op("i32.add").set(end);
  f.loop((again) => {
    sums.forEach((sum, i) =>
      f
        .get(from)
        .mem("v128.load", 16 * i)
        .get(sum)
        .op("f32x4.add")
        .set(sum),
    );
    advance(f, from);
    f.get(from).get(end).op("i32.lt_u").brIf(again);
  });
  f.get(sums[0]!);
  for (const sum of sums.slice(1)) f.get(sum).op("f32x4.add");
  f.lane("f32x4.extract_lane", 0);
  module.export(f);
}

const advance = (f: Func, pointer: Local): Func => f.get(pointer).i32(STRIDE).op("i32.add").set(pointer);

/** The engine's own copy. */
function copy(module: Module): void {
  const f = module.func("copy", { to: "i32", from: "i32", bytes: "i32" }, []);
  f.get(f.params.to).get(f.params.from).get(f.params.bytes).memoryCopy();
  module.export(f);
}

function bytesOf(fused: boolean): Uint8Array<ArrayBuffer> {
  const module = new Module();
  module.importMemory({ min: 1 });
  for (const sums of SUMS) arithmetic(module, sums, fused);
  stream(module, "move", 2);
  stream(module, "add", 3);
  copy(module);
  read(module);
  return module.toBytes();
}

/** The kernels, on three arrays of up to `bytes` bytes; with relaxed SIMD where the engine has it. */
export function limitKernels(bytes: number): LimitKernels & { readonly fused: boolean } {
  const relaxed = bytesOf(true);
  const fused = WebAssembly.validate(relaxed);
  const memory = new WebAssembly.Memory({ initial: Math.ceil((3 * bytes) / 65536) });
  new Float32Array(memory.buffer).fill(0.001);
  const module = new WebAssembly.Module(fused ? relaxed : bytesOf(false));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const run = exports as Record<string, (...args: number[]) => number>;
  return {
    fused,
    arithmetic: SUMS.map((sums) => ({
      call: (turns) => run[`arithmetic${sums}`]!(turns),
      flopsPerTurn: 2 * 4 * sums * UNROLLED,
    })),
    streams: {
      read: [(n) => run.read!(0, n)],
      move: [(n) => run.move!(0, bytes, 0, n), (n) => run.copy!(0, bytes, n)],
      add: [(n) => run.add!(0, bytes, 2 * bytes, n)],
    },
  };
}
