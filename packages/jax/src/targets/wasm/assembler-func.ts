/** A function body: emits instructions, as `assembler.ts` explains. */
import { Bytes } from "./assembler-bytes";
import {
  LANE,
  MEMORY,
  MEMORY_LANE,
  PLAIN,
  SPECIAL,
  type LaneOp,
  type MemoryLaneOp,
  type MemoryOp,
  type PlainOp,
} from "./assembler-opcodes";
import {
  VAL_TYPES,
  type Callable,
  type FuncParts,
  type Global,
  type Label,
  type Local,
  type Params,
  type ValType,
} from "./assembler-types";

export type Locals<P extends Params> = { readonly [K in keyof P]: Local };

/** A function body under construction; see the file's header. */
export class Func<P extends Params = Params> implements FuncParts {
  readonly name: string;
  readonly params: Locals<P>;
  readonly callable: Callable;
  /** Parameters first. */
  readonly locals: Local[] = [];
  /** The instructions so far, without the final `end`. */
  readonly code: Bytes = new Bytes();
  /** Calls and globals, whose numbers are known when the module is complete: five bytes kept free at `at`. */
  readonly fixups: { readonly at: number; readonly target: Callable | Global }[] = [];
  private depth = 0;
  private readonly released: Local[] = [];

  constructor(name: string, params: P, results: readonly ValType[]) {
    this.name = name;
    const locals: Record<string, Local> = {};
    for (const [key, type] of Object.entries(params)) locals[key] = this.newLocal(type, key);
    this.params = locals as Locals<P>;
    this.callable = { name, from: null, params: Object.values(params), results };
  }

  /** Makes a local variable, or reuses a released one: set it before you get it. */
  local(type: ValType, name = ""): Local {
    const reuse = this.released.findIndex((l) => l.type === type);
    if (reuse >= 0) return this.released.splice(reuse, 1)[0] as Local;
    return this.newLocal(type, name);
  }

  /** Says that `local` is no longer needed, so its slot may be used again. */
  release(...locals: readonly Local[]): this {
    this.released.push(...locals);
    return this;
  }

  get(local: Local): this {
    this.code.u8(SPECIAL["local.get"]).uleb(local.index);
    return this;
  }
  set(local: Local): this {
    this.code.u8(SPECIAL["local.set"]).uleb(local.index);
    return this;
  }
  tee(local: Local): this {
    this.code.u8(SPECIAL["local.tee"]).uleb(local.index);
    return this;
  }
  getGlobal(global: Global): this {
    return this.opcode(SPECIAL["global.get"]).fixup(global);
  }
  setGlobal(global: Global): this {
    return this.opcode(SPECIAL["global.set"]).fixup(global);
  }

  i32(value: number): this {
    this.code.u8(SPECIAL["i32.const"]).sleb(value | 0);
    return this;
  }
  i64(value: bigint): this {
    this.code.u8(SPECIAL["i64.const"]).slebBig(BigInt.asIntN(64, value));
    return this;
  }
  f32(value: number): this {
    this.code.u8(SPECIAL["f32.const"]).f32(value);
    return this;
  }
  f64(value: number): this {
    this.code.u8(SPECIAL["f64.const"]).f64(value);
    return this;
  }
  /** Constant of 16 bytes. */
  v128(bytes: ArrayLike<number>): this {
    this.opcode(SPECIAL["v128.const"]);
    for (let i = 0; i < 16; i++) this.code.u8(bytes[i] as number);
    return this;
  }
  i32x4(value: number): this {
    this.opcode(SPECIAL["v128.const"]);
    for (let i = 0; i < 4; i++) this.code.u32(value);
    return this;
  }
  f32x4(value: number): this {
    this.opcode(SPECIAL["v128.const"]);
    for (let i = 0; i < 4; i++) this.code.f32(value);
    return this;
  }
  f64x2(value: number): this {
    this.opcode(SPECIAL["v128.const"]);
    for (let i = 0; i < 2; i++) this.code.f64(value);
    return this;
  }

  /** An instruction without immediates: arithmetic, comparison, conversion, `select`, `drop`, `return`. */
  op(name: PlainOp): this {
    return this.opcode(PLAIN[name]);
  }
  /** A load, store or atomic at (address on the stack) + offset bytes; alignment is a hint, as a power of two. */
  mem(name: MemoryOp, offset = 0, alignLog2?: number): this {
    const [code, natural] = MEMORY[name];
    this.opcode(code)
      .code.uleb(alignLog2 ?? natural)
      .uleb(offset);
    return this;
  }
  /** Extract or replace a lane. */
  lane(name: LaneOp, lane: number): this {
    this.opcode(LANE[name]).code.u8(lane);
    return this;
  }
  /** Load or store a lane of the vector on the stack. */
  memLane(name: MemoryLaneOp, offset: number, lane: number): this {
    const [code, natural] = MEMORY_LANE[name];
    this.opcode(code).code.uleb(natural).uleb(offset).u8(lane);
    return this;
  }
  /** Picks bytes (16 numbers) or 32-bit words (4 numbers) or 64-bit words (2 numbers) of two vectors. */
  shuffle(...lanes: readonly number[]): this {
    this.opcode(SPECIAL["i8x16.shuffle"]);
    const width = 16 / lanes.length;
    for (const lane of lanes) for (let b = 0; b < width; b++) this.code.u8(lane * width + b);
    return this;
  }
  /** Stack: destination, source, number of bytes. */
  memoryCopy(): this {
    this.opcode(SPECIAL["memory.copy"]).code.u8(0).u8(0);
    return this;
  }
  /** Stack: destination, byte value, number of bytes. */
  memoryFill(): this {
    this.opcode(SPECIAL["memory.fill"]).code.u8(0);
    return this;
  }
  memorySize(): this {
    this.opcode(SPECIAL["memory.size"]).code.u8(0);
    return this;
  }
  memoryGrow(): this {
    this.opcode(SPECIAL["memory.grow"]).code.u8(0);
    return this;
  }
  atomicFence(): this {
    this.opcode(SPECIAL["atomic.fence"]).code.u8(0);
    return this;
  }

  /** Code that `br(label)` leaves. */
  block(body: (end: Label) => void, result?: ValType): this {
    return this.structure(SPECIAL.block, body, result);
  }
  /** Code that `br(label)` starts again. */
  loop(body: (again: Label) => void, result?: ValType): this {
    return this.structure(SPECIAL.loop, body, result);
  }
  /** Takes a condition (i32) from the stack. */
  if(then: (end: Label) => void, otherwise?: (end: Label) => void, result?: ValType): this {
    return this.structure(
      SPECIAL.if,
      (end) => {
        then(end);
        if (otherwise === undefined) return;
        this.opcode(SPECIAL.else);
        otherwise(end);
      },
      result,
    );
  }
  br(label: Label): this {
    this.code.u8(SPECIAL.br).uleb(this.depth - label.depth);
    return this;
  }
  brIf(label: Label): this {
    this.code.u8(SPECIAL.br_if).uleb(this.depth - label.depth);
    return this;
  }
  /** Branches to labels[i] for the i32 on the stack, or to `otherwise` when there is none. */
  brTable(labels: readonly Label[], otherwise: Label): this {
    this.code.u8(SPECIAL.br_table).uleb(labels.length);
    for (const label of [...labels, otherwise]) this.code.uleb(this.depth - label.depth);
    return this;
  }
  call(target: Func | Callable): this {
    return this.opcode(SPECIAL.call).fixup("callable" in target ? target.callable : target);
  }

  /** local += amount. */
  inc(local: Local, amount: number | Local): this {
    this.get(local);
    if (typeof amount === "number") this.i32(amount);
    else this.get(amount);
    return this.op("i32.add").set(local);
  }

  /**
   * for (i = start; i < end; i += step) body, signed. A do-while behind a guard, which constants make superfluous.
   */
  range(i: Local, start: number | Local, end: number | Local, step: number, body: () => void): this {
    const push = (x: number | Local) => (typeof x === "number" ? this.i32(x) : this.get(x));
    const loop = () =>
      this.loop((again) => {
        body();
        this.get(i).i32(step).op("i32.add").tee(i);
        push(end).op("i32.lt_s").brIf(again);
      });
    push(start).set(i);
    if (typeof start === "number" && typeof end === "number") return start < end ? loop() : this;
    return this.block((done) => {
      this.get(i);
      push(end).op("i32.ge_s").brIf(done);
      loop();
    });
  }

  private newLocal(type: ValType, name: string): Local {
    const local: Local = { index: this.locals.length, type, name };
    this.locals.push(local);
    return local;
  }

  private opcode(code: number): this {
    if (code > 0xff) this.code.u8(code >>> 12).uleb(code & 0xfff);
    else this.code.u8(code);
    return this;
  }

  private fixup(target: Callable | Global): this {
    this.fixups.push({ at: this.code.length, target });
    this.code.uleb5(0);
    return this;
  }

  private structure(code: number, body: (label: Label) => void, result?: ValType): this {
    this.code.u8(code).u8(result === undefined ? 0x40 : VAL_TYPES[result]);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    return this.opcode(SPECIAL.end);
  }
}
