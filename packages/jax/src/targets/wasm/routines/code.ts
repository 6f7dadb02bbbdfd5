/**
 * Hand-written kernels as readable code: values with arithmetic methods, variables, loops and branches, on top of the
 * assembler. A `Value` is code that pushes it: used twice it is computed twice, unless `c.let` keeps it in a variable.
 *
 *     define(m, "scale", { x: "i32", n: "i32", a: "f32" }, [], (c, { x, n, a }) => {
 *       const factor = c.let(c.splat("f32x4", a));
 *       c.for(0, n, 4, (i) => c.store(x.add(i.shl(2)), c.load("f32x4", x.add(i.shl(2))).mul(factor)));
 *     });
 */
import type { Callable, Func, Global, MemoryOp, Module, PlainOp } from "../assembler";
import { type Kind, type Operand, Value, Var, isVector, pushConstant, valType } from "./value";

export { type Kind, type Operand, Value, Var } from "./value";

export type Args<P extends Readonly<Record<string, Kind>>> = { readonly [N in keyof P]: Var<P[N]> };

/** Parameters of kind i32 by their names: addresses, sizes, numbers of bytes. */
export const i32s = <const N extends string>(names: readonly N[]): Readonly<Record<N, "i32">> =>
  Object.fromEntries(names.map((name) => [name, "i32"] as const)) as Record<N, "i32">;

/** A function of the module; its body is made the first time. */
export function define<const P extends Readonly<Record<string, Kind>>>(
  m: Module,
  name: string,
  params: P,
  results: readonly Kind[],
  body: (c: Code, args: Args<P>) => void,
): Callable {
  const types = Object.fromEntries(Object.entries(params).map(([n, kind]) => [n, valType(kind)]));
  return m.helper(name, types, results.map(valType), (f) => {
    const args = Object.entries(params).map(([n, kind]) => [n, new Var(f as Func, kind, f.params[n]!)]);
    body(new Code(f as Func), Object.fromEntries(args) as Args<P>);
  });
}

/** Where code goes. */
export class Code {
  readonly f: Func;

  constructor(f: Func) {
    this.f = f;
  }

  const<K extends Kind>(kind: K, value: number): Value<K> {
    return new Value(this.f, kind, () => pushConstant(this.f, kind, value));
  }

  var<K extends Kind>(kind: K, name = ""): Var<K> {
    return new Var(this.f, kind, this.f.local(valType(kind), name));
  }

  /** A variable that starts as `value`. */
  let<K extends Kind>(value: Value<K>, name = ""): Var<K> {
    const v = this.var(value.kind, name);
    v.set(value);
    return v;
  }

  /** A constant in a variable, so that loops do not make it again. */
  letConst<K extends Kind>(kind: K, value: number): Var<K> {
    return this.let(this.const(kind, value));
  }

  global<K extends Kind>(kind: K, global: Global): Value<K> {
    return new Value(this.f, kind, () => void this.f.getGlobal(global));
  }

  /** An instruction with any operands. */
  op<K extends Kind>(name: PlainOp, kind: K, ...args: readonly Value[]): Value<K> {
    return new Value(this.f, kind, () => {
      for (const a of args) a.push();
      this.f.op(name);
    });
  }

  /** A load by the instruction's name, for narrow elements and splats. */
  mem<K extends Kind>(name: MemoryOp, kind: K, address: Value<"i32">, offset = 0): Value<K> {
    return new Value(this.f, kind, () => {
      address.push();
      this.f.mem(name, offset);
    });
  }

  load<K extends Kind>(kind: K, address: Value<"i32">, offset = 0): Value<K> {
    return new Value(this.f, kind, () => {
      address.push();
      if (isVector(kind)) this.f.mem("v128.load", offset, 2);
      else this.f.mem(`${kind as "i32"}.load`, offset);
    });
  }

  store(address: Value<"i32">, value: Value, offset = 0): void {
    address.push();
    value.push();
    if (isVector(value.kind)) this.f.mem("v128.store", offset, 2);
    else this.f.mem(`${value.kind as "i32"}.store`, offset);
  }

  /** A store by the instruction's name. */
  storeAs(name: MemoryOp, address: Value<"i32">, value: Value, offset = 0): void {
    address.push();
    value.push();
    this.f.mem(name, offset);
  }

  /** One element of memory in all lanes. */
  loadSplat<K extends "f32x4" | "f64x2" | "i32x4">(kind: K, address: Value<"i32">, offset = 0): Value<K> {
    return this.mem(kind === "f64x2" ? "v128.load64_splat" : "v128.load32_splat", kind, address, offset);
  }

  splat<K extends "f32x4" | "f64x2" | "i32x4" | "i64x2">(kind: K, value: Value): Value<K> {
    return value.to(`${kind}.splat`, kind);
  }

  shuffle<K extends Kind>(a: Value<K>, b: Value<K>, ...lanes: readonly number[]): Value<K> {
    return new Value(this.f, a.kind, () => {
      a.push();
      b.push();
      this.f.shuffle(...lanes);
    });
  }

  /** yes where the condition holds (i32: not 0; of lanes: all bits), else no. */
  select<K extends Kind>(condition: Value, yes: Value<K>, no: Value<K>): Value<K> {
    return this.op(isVector(yes.kind) ? "v128.bitselect" : "select", yes.kind, yes, no, condition);
  }

  anyTrue(mask: Value): Value<"i32"> {
    return mask.to("v128.any_true", "i32");
  }

  call<K extends Kind>(func: Callable | Func, kind: K, ...args: readonly Value[]): Value<K> {
    return new Value(this.f, kind, () => this.run(func, ...args));
  }

  /** A call without a result. */
  run(func: Callable | Func, ...args: readonly (Value | number)[]): void {
    for (const a of args) {
      if (typeof a === "number") this.f.i32(a);
      else a.push();
    }
    this.f.call(func);
  }

  if(condition: Value<"i32">, then: () => void, otherwise?: () => void): void {
    condition.push();
    this.f.if(then, otherwise);
  }

  while(condition: Value<"i32">, body: () => void): void {
    this.f.block((done) => {
      this.f.loop((again) => {
        condition.push();
        this.f.op("i32.eqz").brIf(done);
        body();
        this.f.br(again);
      });
    });
  }

  /** body once, then again while the condition holds. */
  doWhile(condition: Value<"i32">, body: () => void): void {
    this.f.loop((again) => {
      body();
      condition.push();
      this.f.brIf(again);
    });
  }

  /** for (i = from; i < to; i += step) body(i), signed. `to` is computed once a turn: keep it in a variable. */
  for(from: Operand<"i32">, to: Operand<"i32">, step: Operand<"i32">, body: (i: Var<"i32">) => void): void {
    const i = this.var("i32", "i");
    i.set(from);
    this.if(i.lt(to), () => {
      this.doWhile(i.lt(to), () => {
        body(i);
        i.inc(step);
      });
    });
  }

  /** for (i = from; i >= to; i -= step) body(i), signed. */
  forDown(from: Operand<"i32">, to: Operand<"i32">, step: Operand<"i32">, body: (i: Var<"i32">) => void): void {
    const i = this.var("i32", "i");
    i.set(from);
    this.while(i.ge(to), () => {
      body(i);
      i.set(i.sub(step));
    });
  }

  /** Each becomes the other. */
  exchange<K extends Kind>(one: Var<K>, other: Var<K>): void {
    const kept = this.let(one);
    one.set(other);
    other.set(kept);
  }

  copy(to: Value<"i32">, from: Value<"i32">, bytes: Operand<"i32">): void {
    to.push();
    from.push();
    to.pushOperand(bytes);
    this.f.memoryCopy();
  }

  fill(to: Value<"i32">, byte: number, bytes: Operand<"i32">): void {
    to.push();
    this.f.i32(byte);
    to.pushOperand(bytes);
    this.f.memoryFill();
  }
}
