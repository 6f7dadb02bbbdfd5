import { describe, expect, it } from "vitest";
import { Module, type Func, type LaneOp, type MemoryLaneOp, type MemoryOp, type PlainOp } from "./assembler";
import { LANE, MEMORY, MEMORY_LANE, PLAIN } from "./assembler-opcodes";
import { moduleText } from "./assembler-text";
import { wasmFeatures } from "./features";

function instantiate(m: Module, env: WebAssembly.ModuleImports = {}): Record<string, (...args: number[]) => number> {
  return new WebAssembly.Instance(new WebAssembly.Module(m.toBytes()), { env }).exports as never;
}

describe("assembler", () => {
  it("builds a vector loop that runs", () => {
    const m = new Module();
    m.importMemory({ min: 1, max: 65536 });
    const axpy = m.func("axpy", { x: "i32", y: "i32", n: "i32", a: "f32" }, []);
    const { x, y, n, a } = axpy.params;
    const i = axpy.local("i32", "i");
    const va = axpy.local("v128", "va");
    axpy.get(a).op("f32x4.splat").set(va);
    axpy.range(i, 0, n, 4, () => {
      axpy.get(y).get(x).mem("v128.load").get(va).op("f32x4.mul");
      axpy.get(y).mem("v128.load").op("f32x4.add").mem("v128.store");
      axpy.inc(x, 16).inc(y, 16);
    });
    m.export(axpy);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    const data = new Float32Array(memory.buffer);
    data.set([0, 1, 2, 3, 4, 5, 6, 7], 0);
    data.fill(100, 64, 80);
    const run = instantiate(m, { memory })["axpy"] as (...args: number[]) => number;
    run(0, 256, 0, 2);
    expect([...data.slice(64, 72)]).toEqual([100, 100, 100, 100, 100, 100, 100, 100]);
    run(0, 256, 8, 2);
    expect([...data.slice(64, 73)]).toEqual([100, 102, 104, 106, 108, 110, 112, 114, 100]);
  });

  it("calls imports and functions that come later, and reads globals", () => {
    const m = new Module();
    const count = m.global("count", "i32", 5);
    const first = m.func("first", { a: "i32" }, ["i32"]);
    const later = m.func("later", { a: "i32" }, ["i32"]);
    const twice = m.importFunc("env", "twice", ["i32"], ["i32"]);
    first.get(first.params.a).call(later).getGlobal(count).op("i32.add");
    later.get(later.params.a).call(twice);
    m.export(first);
    const { first: run } = instantiate(m, { twice: (v: number) => 2 * v });
    expect(run?.(21)).toBe(47);
  });

  it("branches to labels through nested structure", () => {
    const m = new Module();
    // number of steps of the Collatz sequence
    const f = m.func("steps", { n: "i32" }, ["i32"]);
    const { n } = f.params;
    const count = f.local("i32", "count");
    f.block((done) => {
      f.loop((again) => {
        f.get(n).i32(1).op("i32.eq").brIf(done);
        f.inc(count, 1);
        f.get(n).i32(1).op("i32.and");
        f.if(
          () => f.get(n).i32(3).op("i32.mul").i32(1).op("i32.add").set(n).br(again),
          () => f.get(n).i32(1).op("i32.shr_u").set(n),
        );
        f.br(again);
      });
    });
    f.get(count);
    m.export(f);
    expect(instantiate(m)["steps"]?.(27)).toBe(111);
  });

  it("encodes constants at the edges of their ranges", () => {
    const values = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
    for (const value of values) {
      const m = new Module();
      m.export(m.func("c", {}, ["i32"]).i32(value));
      m.export(m.func("b", {}, ["i64"]).i64(BigInt(value) * 4294967311n), "b");
      const ex = instantiate(m);
      expect(ex["c"]?.()).toBe(value);
      expect(ex["b"]?.()).toBe(BigInt.asIntN(64, BigInt(value) * 4294967311n));
    }
  });

  it("knows the code of every instruction", () => {
    const { relaxed } = wasmFeatures();
    const bad: string[] = [];
    const check = (name: string, emit: (f: Func) => void) => {
      if (name.includes("relaxed") && !relaxed) return;
      const m = new Module();
      m.importMemory({ min: 1, max: 2, shared: true });
      const f = m.func("f", {}, []).op("unreachable");
      emit(f);
      f.op("unreachable");
      if (!WebAssembly.validate(m.toBytes()) || !moduleText(m).includes(`${name}`)) bad.push(name);
    };
    for (const name of Object.keys(PLAIN) as PlainOp[]) check(name, (f) => f.op(name));
    for (const name of Object.keys(MEMORY) as MemoryOp[]) check(name, (f) => f.mem(name, 8));
    for (const name of Object.keys(LANE) as LaneOp[]) check(name, (f) => f.lane(name, 1));
    for (const name of Object.keys(MEMORY_LANE) as MemoryLaneOp[]) check(name, (f) => f.memLane(name, 8, 1));
    check("memory.copy", (f) => f.memoryCopy());
    check("memory.fill", (f) => f.memoryFill());
    check("memory.grow", (f) => f.memoryGrow());
    check("atomic.fence", (f) => f.atomicFence());
    expect(bad).toEqual([]);
  });

  it("prints text", () => {
    const m = new Module();
    const f = m.func("f", { p: "i32" }, ["i32"]);
    f.get(f.params.p).i32(-300).op("i32.add").tee(f.local("i32", "t"));
    f.if(
      () => f.i32(1),
      () => f.get(f.params.p).mem("i32.load", 4).memLane("v128.load32_lane", 8, 1).shuffle(0, 4, 1, 5),
      "i32",
    );
    expect(moduleText(m)).toBe(`(module
  (func $f (p: i32) -> (i32)
    locals t: i32
    local.get $p
    i32.const -300
    i32.add
    local.tee $t
    if i32
      i32.const 1
    else
      local.get $p
      i32.load offset=4
      v128.load32_lane offset=8 lane=1
      i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
    end))
`);
  });
});
