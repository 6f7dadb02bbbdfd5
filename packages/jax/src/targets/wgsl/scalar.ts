/** Scalars as WGSL: statements of a function body, every shared node once. */
import { type DType, sizeBytesOf } from "../../aval/dtype";
import { DTypeError, invariant } from "../../base/errors";
import type { Scalar } from "../../kernel/scalar";
import type { ScalarOp } from "../../kernel/scalar-op";

/** The WGSL type of values of a dtype; narrow integers are held in 32 bits. */
export function wgslType(dtype: DType): "f32" | "i32" | "u32" | "bool" {
  switch (dtype) {
    case "float32":
      return "f32";
    case "int8":
    case "int16":
    case "int32":
      return "i32";
    case "uint8":
    case "uint16":
    case "uint32":
      return "u32";
    case "bool":
      return "bool";
    default:
      throw new DTypeError(`webgpu: the device has no ${dtype}; convert to float32 first`);
  }
}

/** A literal. Infinity and NaN are not constants of WGSL, so they come from the bits at run time. */
export function wgslConstant(value: number, dtype: DType): string {
  switch (wgslType(dtype)) {
    case "bool":
      return value !== 0 ? "true" : "false";
    case "i32":
      if (value === -(2 ** 31)) return "(-2147483647 - 1)";
      // An index before the start of a reversed array: what is negative and of no type is no u32.
      return value < 0 ? `${value}i` : `${value}`;
    case "u32":
      return `${value >>> 0}u`;
    default: {
      if (value !== value) return "bits(0x7fc00000u)";
      const f = Math.fround(value);
      if (!Number.isFinite(f)) return f > 0 ? "bits(0x7f800000u)" : "bits(0xff800000u)";
      if (Object.is(f, -0)) return "bits(0x80000000u)";
      if (f !== 0 && Math.abs(f) < 2 ** -126) {
        const view = new DataView(new ArrayBuffer(4));
        view.setFloat32(0, f);
        return `bits(0x${view.getUint32(0).toString(16)}u)`;
      }
      const text = String(f);
      return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
    }
  }
}

/** Operations that WGSL says directly on f32, accurately enough. The rest must be decomposed before. */
export const WGSL_FLOAT_OPS: ReadonlySet<ScalarOp> = /* @__PURE__ */ new Set<ScalarOp>([
  "neg", "abs", "floor", "ceil", "round", "trunc", "sqrt", "is_finite", "rem",
  "add", "sub", "mul", "div", "max", "min", "eq", "ne", "lt", "le", "select", "fma", "cast", "bitcast",
]); // prettier-ignore

/** How a buffer's element is written and read; the module decides on bindings. */
export interface BufferAccess {
  load(buffer: number, index: string): string;
  store(buffer: number, index: string, value: string): string;
}

/** Emits statements into a list; nodes that depend on inner loop variables go into a nested scope. */
export class ScopedEmitter {
  readonly lines: string[];
  private readonly names: Map<Scalar, string>;
  private readonly outer: ScopedEmitter | null;
  private readonly access: BufferAccess;
  private readonly counter: { next: number };
  /** Axis ids whose loops are inside this scope's parent, so nodes on them belong here. */
  private readonly axes: ReadonlySet<number>;

  constructor(access: BufferAccess, outer: ScopedEmitter | null = null, axes: ReadonlySet<number> = new Set()) {
    this.access = access;
    this.outer = outer;
    this.axes = axes;
    this.lines = [];
    this.names = new Map();
    this.counter = outer?.counter ?? { next: 0 };
  }

  /** A scope for the body of loops over these axes. */
  inner(axes: readonly number[]): ScopedEmitter {
    return new ScopedEmitter(this.access, this, new Set(axes));
  }

  /** An expression for a node, with its statements emitted. */
  value(s: Scalar): string {
    switch (s.tag) {
      case "const":
        return wgslConstant(s.value, s.dtype);
      case "axis":
        return `a${s.axis}`;
      case "reduced":
        return `r${s.stage}_${s.slot}`;
      case "acc":
        return "acc";
      default: {
        const home = this.home(s);
        let name = home.names.get(s);
        if (name === undefined) {
          const expression = home.expression(s);
          name = `v${home.counter.next++}`;
          home.lines.push(`let ${name} = ${expression};`);
          home.names.set(s, name);
        }
        return name;
      }
    }
  }

  /** The outermost scope where the node can be computed. */
  private home(s: Scalar): ScopedEmitter {
    if (this.outer === null || dependsOn(s, this.axes)) return this;
    return this.outer.home(s);
  }

  private expression(s: Scalar): string {
    if (s.tag === "load") {
      const index = this.value(s.index);
      const loaded = this.access.load(s.buffer, index);
      if (s.guard === null) return loaded;
      return `select(${wgslConstant(0, s.dtype)}, ${loaded}, ${this.value(s.guard)})`;
    }
    invariant(s.tag === "op", `webgpu: cannot emit ${s.tag}`);
    return operation(
      s.op,
      s.dtype,
      s.args[s.op === "select" ? 1 : 0]!.dtype,
      s.args.map((a) => this.value(a)),
      s.args,
    );
  }
}

const memo = /* @__PURE__ */ new WeakMap<Scalar, ReadonlySet<number>>();

/** Ids of the axes that a node's value depends on; reduced values count as axis -1. */
export function axesOf(s: Scalar): ReadonlySet<number> {
  let set = memo.get(s);
  if (set === undefined) {
    const out = new Set<number>();
    const add = (x: Scalar): void => axesOf(x).forEach((a) => out.add(a));
    if (s.tag === "axis") out.add(s.axis);
    else if (s.tag === "reduced") out.add(-1);
    else if (s.tag === "load") {
      add(s.index);
      if (s.guard !== null) add(s.guard);
    } else if (s.tag === "op") s.args.forEach(add);
    memo.set(s, (set = out));
  }
  return set;
}

function dependsOn(s: Scalar, axes: ReadonlySet<number>): boolean {
  for (const a of axesOf(s)) if (axes.has(a)) return true;
  return false;
}

const INFIX: Partial<Record<ScalarOp, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  and: "&",
  or: "|",
  xor: "^",
  eq: "==",
  lt: "<",
  le: "<=",
};

function operation(op: ScalarOp, dtype: DType, from: DType, x: string[], nodes: readonly Scalar[]): string {
  const [a = "", b = "", c = ""] = x;
  if (op === "select") return `select(${c}, ${b}, ${a})`;
  if (op === "cast") return castTo(a, from, dtype);
  if (op === "bitcast") {
    if (sizeBytesOf(dtype) < 4) return castTo(a, from, dtype);
    return from === dtype ? a : `bitcast<${wgslType(dtype)}>(${a})`;
  }
  if (from === "bool") return boolOperation(op, a, b);
  const float = from === "float32";
  switch (op) {
    case "neg":
      return from === "uint32" ? `(0u - ${a})` : `(-${a})`;
    case "not":
      return `(~${a})`;
    case "abs":
      return from === "uint32" ? a : `abs(${a})`;
    case "sign":
      return from === "uint32" ? `min(${a}, 1u)` : `sign(${a})`;
    case "floor":
    case "ceil":
    case "round":
    case "trunc":
    case "sqrt":
      return `${op}(${a})`;
    case "is_finite":
      return `is_finite(${a})`;
    case "fma":
      return float ? `fma(${a}, ${b}, ${c})` : `(${a} * ${b} + ${c})`;
    case "max":
    case "min":
      return float ? `${op}_f32(${a}, ${b})` : `${op}(${a}, ${b})`;
    case "ne":
      return float ? `(${a} != ${b} || is_nan(${a}) || is_nan(${b}))` : `(${a} != ${b})`;
    case "eq":
      return float ? `(${a} == ${b}${notNaN(a, nodes[0]!)}${notNaN(b, nodes[1]!)})` : `(${a} == ${b})`;
    case "div":
    case "rem": {
      if (float) return op === "div" ? `(${a} / ${b})` : `rem_f32(${a}, ${b})`;
      const divisor = nodes[1]!;
      if (divisor.tag === "const" && divisor.value !== 0) return `(${a} ${op === "div" ? "/" : "%"} ${b})`;
      return `${op}_${wgslType(from)}(${a}, ${b})`;
    }
    case "shl":
      return shift(a, b, "<<", from, nodes[1]!, "0");
    case "shr_logical":
      return from === "int32"
        ? `bitcast<i32>(${shift(`bitcast<u32>(${a})`, b, ">>", "uint32", nodes[1]!, "0")})`
        : shift(a, b, ">>", from, nodes[1]!, "0");
    case "shr_arithmetic":
      return from === "uint32"
        ? `bitcast<u32>(bitcast<i32>(${a}) >> min(${asU32(b, nodes[1]!)}, 31u))`
        : `(${a} >> min(${asU32(b, nodes[1]!)}, 31u))`;
    case "popcount":
      return `countOneBits(${a})`;
    case "clz":
      return `countLeadingZeros(${a})`;
    default: {
      const infix = INFIX[op];
      invariant(infix !== undefined, `webgpu: ${op} on ${from} was not decomposed`);
      return `(${a} ${infix} ${b})`;
    }
  }
}

const notNaN = (text: string, node: Scalar): string =>
  node.tag === "const" && node.value === node.value ? "" : ` && !is_nan(${text})`;

const asU32 = (text: string, node: Scalar): string => (node.dtype === "uint32" ? text : `u32(${text})`);

function shift(a: string, b: string, sign: string, dtype: DType, amount: Scalar, zero: string): string {
  const by = asU32(b, amount);
  const plain = `(${a} ${sign} (${by} & 31u))`;
  if (amount.tag === "const" && amount.value >= 0 && amount.value < 32) return plain;
  return `select(${plain}, ${dtype === "uint32" ? `${zero}u` : zero}, ${by} >= 32u)`;
}

function boolOperation(op: ScalarOp, a: string, b: string): string {
  switch (op) {
    case "not":
      return `(!${a})`;
    case "and":
    case "min":
    case "mul":
      return `(${a} && ${b})`;
    case "or":
    case "max":
    case "add":
      return `(${a} || ${b})`;
    case "xor":
    case "ne":
      return `(${a} != ${b})`;
    case "eq":
      return `(${a} == ${b})`;
    case "lt":
      return `(!${a} && ${b})`;
    case "le":
      return `(!${a} || ${b})`;
    default:
      invariant(false, `webgpu: ${op} on bool`);
  }
}

/** Float to integer truncates and saturates; integers wrap. */
function castTo(a: string, from: DType, to: DType): string {
  if (from === to) return a;
  const [source, target] = [wgslType(from), wgslType(to)];
  if (target === "bool")
    return source === "f32" ? `(${a} != 0.0 || is_nan(${a}))` : `(${a} != ${wgslConstant(0, from)})`;
  if (source === "bool") return `select(${wgslConstant(0, to)}, ${wgslConstant(1, to)}, ${a})`;
  const width = 8 * sizeBytesOf(to);
  if (source === "f32" && target !== "f32") {
    const wide = `to_${target}(${a})`;
    if (width === 32) return wide;
    return target === "u32"
      ? `min(${wide}, ${2 ** width - 1}u)`
      : `clamp(${wide}, ${-(2 ** (width - 1))}, ${2 ** (width - 1) - 1})`;
  }
  const converted = source === target ? a : `${target}(${a})`;
  if (width === 32 || (source === target && width >= 8 * sizeBytesOf(from))) return converted;
  return target === "u32"
    ? `(${converted} & ${2 ** width - 1}u)`
    : `((${converted} << ${32 - width}u) >> ${32 - width}u)`;
}
