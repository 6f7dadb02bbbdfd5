/** Short words for writing scalar formulas. Numbers stand for constants of the other operand's dtype. */
import { type DType, isFloat } from "../../aval/dtype";
import type { LoadScalar, Scalar } from "../scalar";
import type { ScalarOp } from "../scalar-op";

/** Makes scalars; equal scalars of one kernel should be the same object, so that they are computed once. */
export interface ScalarBuilder {
  op(op: ScalarOp, dtype: DType, ...args: readonly Scalar[]): Scalar;
  const(value: number, dtype: DType): Scalar;
}

export type Value = Scalar | number;

export interface Lang {
  readonly b: ScalarBuilder;
  /** A constant of the float dtype. */
  c(value: number): Scalar;
  /** An int32 constant. */
  i(value: number): Scalar;
  add(x: Value, y: Value): Scalar;
  sub(x: Value, y: Value): Scalar;
  mul(x: Value, y: Value): Scalar;
  div(x: Value, y: Value): Scalar;
  /** x * y + z */
  fma(x: Value, y: Value, z: Value): Scalar;
  neg(x: Scalar): Scalar;
  abs(x: Scalar): Scalar;
  floor(x: Scalar): Scalar;
  trunc(x: Scalar): Scalar;
  round(x: Scalar): Scalar;
  sqrt(x: Scalar): Scalar;
  /** NaN operands: either gives NaN. */
  max(x: Value, y: Value): Scalar;
  min(x: Value, y: Value): Scalar;
  lt(x: Value, y: Value): Scalar;
  le(x: Value, y: Value): Scalar;
  gt(x: Value, y: Value): Scalar;
  ge(x: Value, y: Value): Scalar;
  eq(x: Value, y: Value): Scalar;
  ne(x: Value, y: Value): Scalar;
  select(c: Scalar, x: Value, y: Value): Scalar;
  /** The same where c seldom holds and x is costly. */
  rarely(c: Scalar, x: Scalar, y: Scalar): Scalar;
  /** Bitwise on integers and float64, logical on bool. */
  and(x: Value, y: Value): Scalar;
  or(x: Value, y: Value): Scalar;
  xor(x: Value, y: Value): Scalar;
  not(x: Scalar): Scalar;
  shl(x: Scalar, by: number): Scalar;
  shr(x: Scalar, by: number): Scalar;
  ushr(x: Scalar, by: number): Scalar;
  cast(x: Scalar, dtype: DType): Scalar;
  /** float32 to its int32 bits. */
  bits(x: Scalar): Scalar;
  /** int32 or uint32 bits to float32. */
  float(x: Scalar): Scalar;
  /** c[0] + x * (c[1] + x * (...)) */
  poly(x: Scalar, coefficients: readonly number[]): Scalar;
  /** The same with one operation less, each waiting for the one before. */
  horner(x: Scalar, coefficients: readonly number[]): Scalar;
  /** y with the sign bit of x; y has none, or the same. */
  withSign(y: Scalar, x: Scalar): Scalar;
  /** True if x is known to be y - max(y), the maximum over a row. */
  isBelowMaximum(x: Scalar): boolean;
  /** Another operation. */
  op(op: ScalarOp, dtype: DType, ...args: readonly Scalar[]): Scalar;
}

/** The words for formulas in the float dtype `float` (constants take it where no operand says otherwise). */
export function lang(
  b: ScalarBuilder,
  float: DType = "float32",
  isBelowMaximum: (x: Scalar) => boolean = () => false,
): Lang {
  const lift = (x: Value, other: Value): Scalar =>
    typeof x !== "number" ? x : b.const(x, typeof other === "number" ? float : other.dtype);
  const binary =
    (op: ScalarOp) =>
    (x: Value, y: Value): Scalar => {
      const a = lift(x, y);
      return b.op(op, a.dtype, a, lift(y, x));
    };
  const compare =
    (op: ScalarOp) =>
    (x: Value, y: Value): Scalar =>
      b.op(op, "bool", lift(x, y), lift(y, x));
  const unary =
    (op: ScalarOp) =>
    (x: Scalar): Scalar =>
      b.op(op, x.dtype, x);
  const shift =
    (op: ScalarOp) =>
    (x: Scalar, by: number): Scalar =>
      b.op(op, x.dtype, x, b.const(by, isFloat(x.dtype) ? "int32" : x.dtype));
  const add = binary("add");
  const mul = binary("mul");
  const lt = compare("lt");
  const le = compare("le");
  const fma = (x: Value, y: Value, z: Value): Scalar => {
    const like = typeof x !== "number" ? x : typeof y !== "number" ? y : z;
    const a = lift(x, like);
    return b.op("fma", a.dtype, a, lift(y, like), lift(z, like));
  };
  const bits = (x: Scalar): Scalar => b.op("bitcast", "int32", x);
  const toFloat = (x: Scalar): Scalar => b.op("bitcast", "float32", x);
  const and = binary("and");
  const or = binary("or");
  return {
    b,
    c: (value) => b.const(value, float),
    i: (value) => b.const(value, "int32"),
    add,
    sub: binary("sub"),
    mul,
    div: binary("div"),
    fma,
    neg: unary("neg"),
    abs: unary("abs"),
    floor: unary("floor"),
    trunc: unary("trunc"),
    round: unary("round"),
    sqrt: unary("sqrt"),
    max: binary("max"),
    min: binary("min"),
    lt,
    le,
    gt: (x, y) => lt(y, x),
    ge: (x, y) => le(y, x),
    eq: compare("eq"),
    ne: compare("ne"),
    select: (c, x, y) => {
      const a = lift(x, y);
      return b.op("select", a.dtype, c, a, lift(y, x));
    },
    rarely: (c, x, y) => b.op("rarely", x.dtype, c, x, y),
    and,
    or,
    xor: binary("xor"),
    not: unary("not"),
    shl: shift("shl"),
    shr: shift("shr_arithmetic"),
    ushr: shift("shr_logical"),
    cast: (x, dtype) => b.op("cast", dtype, x),
    bits,
    float: toFloat,
    poly: (x, coefficients) => {
      // Pairs, then Horner in x^2: half as long a chain of operations that wait for each other.
      const pairs = coefficients.flatMap((c, i) => {
        if (i % 2 === 1) return [];
        const next = coefficients[i + 1];
        return [next === undefined ? b.const(c, x.dtype) : fma(x, next, c)];
      });
      const x2 = mul(x, x);
      return pairs.reduceRight((sum, pair) => fma(sum, x2, pair));
    },
    horner: (x, coefficients) =>
      coefficients.slice(0, -1).reduceRight((sum, c) => fma(sum, x, c), b.const(coefficients.at(-1)!, x.dtype)),
    withSign: (y, x) => (x.dtype === "float64" ? or(y, and(x, -0)) : toFloat(or(bits(y), and(bits(x), -0x80000000)))),
    isBelowMaximum,
    op: (op, dtype, ...args) => b.op(op, dtype, ...args),
  };
}

/** A builder that only shares equal nodes; the kernel builder of `kernel/build.ts` also simplifies. */
export class SharingBuilder implements ScalarBuilder {
  private readonly nodes = new Map<string, Scalar>();
  private readonly ids = new Map<Scalar, number>();

  op(op: ScalarOp, dtype: DType, ...args: readonly Scalar[]): Scalar {
    return this.share(`${op} ${dtype} ${args.map((a) => this.id(a)).join(" ")}`, () => ({
      tag: "op",
      dtype,
      op,
      args,
    }));
  }

  const(value: number, dtype: DType): Scalar {
    const rounded =
      dtype === "float32" ? Math.fround(value) : !isFloat(dtype) && dtype !== "uint32" ? value | 0 : value;
    const key = Object.is(rounded, -0) ? "-0" : String(rounded);
    return this.share(`const ${dtype} ${key}`, () => ({ tag: "const", dtype, value: rounded }));
  }

  load(dtype: DType, buffer: number, index: Scalar, guard: Scalar | null): LoadScalar {
    const key = `load ${dtype} ${buffer} ${this.id(index)} ${guard === null ? "" : this.id(guard)}`;
    return this.share(key, () => ({ tag: "load", dtype, buffer, index, guard })) as LoadScalar;
  }

  /** The one node for this axis, parameter or finished reduction. */
  leaf(s: Scalar): Scalar {
    return this.share(JSON.stringify(s), () => s);
  }

  private share(key: string, make: () => Scalar): Scalar {
    let node = this.nodes.get(key);
    if (node === undefined) this.nodes.set(key, (node = make()));
    return node;
  }

  private id(s: Scalar): number {
    let id = this.ids.get(s);
    if (id === undefined) this.ids.set(s, (id = this.ids.size));
    return id;
  }
}
