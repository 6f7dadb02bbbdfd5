/**
 * Builds WebAssembly binary modules. A stack machine with structured control, typed locals and labels:
 *
 *     const m = new Module();
 *     m.importMemory({ min: 1, max: 65536 });                       // import "env" "memory"
 *     const axpy = m.func("axpy", { x: "i32", y: "i32", n: "i32", a: "f32" }, []);   // y[i] += a * x[i]
 *     const { x, y, n, a } = axpy.params;                           // typed Locals, named in the text dump
 *     const i = axpy.local("i32", "i");
 *     const va = axpy.local("v128", "va");
 *     axpy.get(a).op("f32x4.splat").set(va);                        // every emitter method returns the function
 *     axpy.range(i, 0, n, 4, () => {                                // for (i = 0; i < n; i += 4)
 *       axpy.get(y).get(x).mem("v128.load").get(va).op("f32x4.mul");
 *       axpy.get(y).mem("v128.load", 0).op("f32x4.add").mem("v128.store", 0);
 *       axpy.inc(x, 16).inc(y, 16);
 *     });
 *     m.export(axpy);
 *     const instance = new WebAssembly.Instance(new WebAssembly.Module(m.toBytes()), { env: { memory } });
 *
 * Instructions have their names in the text format, in four methods by their immediates: `op("f32x4.add")`;
 * `mem("v128.load", offset)`; `lane("f32x4.extract_lane", 3)`; `memLane("v128.load32_lane", offset, lane)`.
 * Constants: `i32(7) i64(7n) f32(.5) f64(.5) v128(bytes) i32x4(1) f32x4(0.5) f64x2(0.5)`. Others: `shuffle`,
 * `call(func)`, `block(label => ... f.br(label))`, `loop(label => ... f.brIf(label))`, `if(then, else?, type?)`,
 * `memoryCopy()`, `memoryFill()`. Functions may call functions that have no body yet. `m.helper(name, ...)` and
 * `m.once(key, make)` share functions in a module; `release(local)` lets a later `local()` of that type reuse it.
 * The text dump is `moduleText(m)` of `assembler-text.ts`.
 */
import { encodeModule } from "./assembler-encode";
import { Func } from "./assembler-func";
import type { Callable, Global, MemoryImport, ModuleParts, Params, ValType } from "./assembler-types";

export { Func, type Locals } from "./assembler-func";
export type { LaneOp, MemoryLaneOp, MemoryOp, PlainOp } from "./assembler-opcodes";
export type { Callable, Global, Label, Local, MemoryImport, Params, ValType } from "./assembler-types";

/** A module under construction; see the file's header. */
export class Module implements ModuleParts {
  memory: MemoryImport | null = null;
  readonly imports: Callable[] = [];
  readonly globals: Global[] = [];
  readonly globalImports: { readonly from: string; readonly global: Global }[] = [];
  readonly funcs: Func[] = [];
  readonly exports: { readonly name: string; readonly func: Func }[] = [];
  private readonly shared = new Map<string, unknown>();

  /** Imports the memory that all loads and stores use; `env.memory` unless named. */
  importMemory(memory: MemoryImport): void {
    this.memory = memory;
  }

  importFunc(from: string, name: string, params: readonly ValType[], results: readonly ValType[]): Callable {
    const callable: Callable = { name, from, params, results };
    this.imports.push(callable);
    return callable;
  }

  importGlobal(from: string, name: string, type: ValType, mutable = false): Global {
    const global: Global = { name, type, mutable, init: null };
    this.globalImports.push({ from, global });
    return global;
  }

  global(name: string, type: Exclude<ValType, "v128">, init: number, mutable = true): Global {
    const global: Global = { name, type, mutable, init };
    this.globals.push(global);
    return global;
  }

  /** Starts a function; its body is what is emitted to the result. */
  func<const P extends Params>(name: string, params: P, results: readonly ValType[]): Func<P> {
    const func = new Func(name, params, results);
    this.funcs.push(func);
    return func;
  }

  export(func: Func, name: string = func.name): void {
    this.exports.push({ name, func });
  }

  /** The function of that name, which `body` fills the first time. */
  helper<const P extends Params>(
    name: string,
    params: P,
    results: readonly ValType[],
    body: (f: Func<P>) => void,
  ): Callable {
    return this.once(name, () => {
      const f = this.func(name, params, results);
      body(f);
      return f.callable;
    });
  }

  /** What `make` gave the first time this module asked for `key`. */
  once<T>(key: string, make: () => T): T {
    if (!this.shared.has(key)) this.shared.set(key, make());
    return this.shared.get(key) as T;
  }

  /** Number of a function or global in the finished module's index spaces: imports first. */
  indexOf(target: Callable | Global): number {
    const index = this.numbering().get(target);
    if (index === undefined) throw new Error(`internal: ${target.name} is not of this module`);
    return index;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return encodeModule(this, this.numbering());
  }

  private numbering(): Map<Callable | Global, number> {
    const numbers = new Map<Callable | Global, number>();
    [...this.imports, ...this.funcs.map((f) => f.callable)].forEach((c, i) => numbers.set(c, i));
    [...this.globalImports.map((g) => g.global), ...this.globals].forEach((g, i) => numbers.set(g, i));
    return numbers;
  }
}
