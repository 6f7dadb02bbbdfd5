/** Rewrite rules of scalar operations as data, named by their equation. A rule gives the simpler scalar, or null. */
import type { DType } from "../aval/dtype";
import { isFloat } from "../aval/dtype";
import type { ScalarBuilder } from "./build";
import { ANY, rangeOfDType } from "./range";
import type { ConstScalar, Scalar } from "./scalar";
import type { ScalarOp } from "./scalar-op";

type Rewrite = (b: ScalarBuilder, args: readonly Scalar[], dtype: DType) => Scalar | null;

export interface Rule {
  readonly equation: string;
  readonly op: ScalarOp;
  readonly rewrite: Rewrite;
}

const isConst = (s: Scalar | undefined, value: number): boolean => s?.tag === "const" && s.value === value;
const bool = (b: ScalarBuilder, value: boolean): Scalar => b.const(value ? 1 : 0, "bool");

export const RULES: readonly Rule[] = [
  { equation: "x * 1 -> x", op: "mul", rewrite: (_, [x, y]) => (isConst(y, 1) ? x! : isConst(x, 1) ? y! : null) },
  { equation: "x / 1 -> x", op: "div", rewrite: (_, [x, y]) => (isConst(y, 1) ? x! : null) },
  {
    equation: "i + 0 -> i (integers)",
    op: "add",
    rewrite: (_, [x, y], dtype) => (isFloat(dtype) ? null : isConst(y, 0) ? x! : isConst(x, 0) ? y! : null),
  },
  {
    equation: "x - 0 -> x",
    op: "sub",
    rewrite: (_, [x, y]) => (isConst(y, 0) && !Object.is((y as ConstScalar).value, -0) ? x! : null),
  },
  { equation: "-(-x) -> x", op: "neg", rewrite: (_, [x]) => (x!.tag === "op" && x!.op === "neg" ? x!.args[0]! : null) },
  {
    equation: "not not c -> c",
    op: "not",
    rewrite: (_, [x]) => (x!.tag === "op" && x!.op === "not" ? x!.args[0]! : null),
  },
  {
    equation: "not constant",
    op: "not",
    rewrite: (b, [x], dtype) => (dtype === "bool" && x!.tag === "const" ? bool(b, x!.value === 0) : null),
  },
  {
    equation: "c and true -> c, c and false -> false, c and c -> c",
    op: "and",
    rewrite: (b, [x, y], dtype) => {
      if (x === y) return x!;
      if (dtype !== "bool") return null;
      if (isConst(x, 0) || isConst(y, 0)) return bool(b, false);
      return isConst(x, 1) ? y! : isConst(y, 1) ? x! : null;
    },
  },
  {
    equation: "c or false -> c, c or true -> true, c or c -> c",
    op: "or",
    rewrite: (b, [x, y], dtype) => {
      if (x === y) return x!;
      if (dtype !== "bool") return null;
      if (isConst(x, 1) || isConst(y, 1)) return bool(b, true);
      return isConst(x, 0) ? y! : isConst(y, 0) ? x! : null;
    },
  },
  ...(["shl", "shr_logical", "shr_arithmetic"] as const).map((op): Rule => ({
    equation: `${op} by 0 -> x`,
    op,
    rewrite: (_, [x, y]) => (isConst(y, 0) ? x! : null),
  })),
  {
    equation: "i and (2^n - 1) -> i (0 <= i < 2^n)",
    op: "and",
    rewrite: (b, [x, y], dtype) => {
      if ((dtype !== "int32" && dtype !== "uint32") || y!.tag !== "const" || (y!.value & (y!.value + 1)) !== 0)
        return null;
      const { lo, hi } = b.rangeOf(x!);
      return lo >= 0 && hi <= y!.value ? x! : null;
    },
  },
  {
    equation: "select(true, x, y) -> x, select(false, x, y) -> y, select(c, x, x) -> x",
    op: "select",
    rewrite: (_, [c, x, y]) => (x === y ? x! : c!.tag === "const" ? (c!.value !== 0 ? x! : y!) : null),
  },
  {
    equation: "cast(x, its own dtype) -> x; cast of a constant",
    op: "cast",
    rewrite: (b, [x], dtype) => {
      if (x!.dtype === dtype) return x!;
      if (x!.tag !== "const") return null;
      return foldCast(b, x!, dtype);
    },
  },
  {
    equation: "cast(cast(i: t, narrow), t) -> i where it fits (t of 32 bits)",
    op: "cast",
    rewrite: (b, [x], dtype) => {
      if (x!.tag !== "op" || x!.op !== "cast" || x!.dtype === "bool" || isFloat(x!.dtype)) return null;
      const [i] = x!.args as [Scalar];
      if (i.dtype !== dtype || (dtype !== "int32" && dtype !== "uint32")) return null;
      const [range, fits] = [b.rangeOf(i), rangeOfDType(x!.dtype)];
      return range !== ANY && range.lo >= fits.lo && range.hi <= fits.hi ? i : null;
    },
  },
  {
    equation: "float(i: uint32) -> float(int32(i)) where i < 2^31",
    op: "cast",
    rewrite: (b, [x], dtype) => {
      if (!isFloat(dtype) || x!.dtype !== "uint32" || x!.tag === "const" || b.rangeOf(x!).lo < 0) return null;
      return b.op("cast", [b.op("cast", [x!], "int32")], dtype);
    },
  },
  {
    equation: "cast(cast(b: bool, t), bool) -> b",
    op: "cast",
    rewrite: (_, [x], dtype) =>
      dtype === "bool" && x!.tag === "op" && x!.op === "cast" && x!.args[0]!.dtype === "bool" ? x!.args[0]! : null,
  },
  ...(["lt", "le", "eq", "ne"] as const).map((op): Rule => ({
    equation: `${op} decided by ranges (int32)`,
    op,
    rewrite: (b, [x, y]) => decide(b, op, x!, y!),
  })),
  ...(["div", "rem"] as const).map((op): Rule => ({
    equation: `i ${op} d by the linear form (int32, i >= 0, d > 0)`,
    op,
    rewrite: (b, [x, y], dtype) => {
      if (dtype !== "int32" || y!.tag !== "const" || y!.value <= 0 || b.rangeOf(x!).lo < 0) return null;
      return b.divMod(x!, y!.value)[op === "div" ? 0 : 1];
    },
  })),
  ...(["add", "sub", "mul", "div", "max", "min"] as const).map((op): Rule => ({
    equation: `${op} of two constants`,
    op,
    rewrite: (b, [x, y], dtype) => (x!.tag === "const" && y!.tag === "const" ? fold(b, op, x!, y!, dtype) : null),
  })),
];

let byOp: Map<ScalarOp, Rule[]> | null = null;

/** The first rule that applies, or null. */
export function simplify(b: ScalarBuilder, op: ScalarOp, args: readonly Scalar[], dtype: DType): Scalar | null {
  if (byOp === null) {
    byOp = new Map();
    for (const rule of RULES) byOp.set(rule.op, [...(byOp.get(rule.op) ?? []), rule]);
  }
  for (const rule of byOp.get(op) ?? []) {
    const out = rule.rewrite(b, args, dtype);
    if (out !== null) return out;
  }
  return null;
}

function decide(b: ScalarBuilder, op: "lt" | "le" | "eq" | "ne", x: Scalar, y: Scalar): Scalar | null {
  if (x.dtype !== "int32") return null;
  const [p, q] = [b.rangeOf(x), b.rangeOf(y)];
  switch (op) {
    case "lt":
      return p.hi < q.lo ? bool(b, true) : p.lo >= q.hi ? bool(b, false) : null;
    case "le":
      return p.hi <= q.lo ? bool(b, true) : p.lo > q.hi ? bool(b, false) : null;
    default: {
      if (x === y) return bool(b, op === "eq");
      return p.hi < q.lo || q.hi < p.lo ? bool(b, op === "ne") : null;
    }
  }
}

function fold(
  b: ScalarBuilder,
  op: "add" | "sub" | "mul" | "div" | "max" | "min",
  x: ConstScalar,
  y: ConstScalar,
  dtype: DType,
): Scalar | null {
  if (dtype !== "float32" && dtype !== "float64") return null;
  const [p, q] = [x.value, y.value];
  const exact = { add: p + q, sub: p - q, mul: p * q, div: p / q, max: Math.max(p, q), min: Math.min(p, q) }[op];
  return b.const(dtype === "float32" ? Math.fround(exact) : exact, dtype);
}

function foldCast(b: ScalarBuilder, x: ConstScalar, dtype: DType): Scalar | null {
  const { value } = x;
  if (dtype === "bool") return b.const(value !== 0 ? 1 : 0, dtype);
  if (dtype === "float32") return b.const(Math.fround(value), dtype);
  if (dtype === "float64") return b.const(value, dtype);
  if (dtype === "int32" && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return b.const(value, dtype);
  if (dtype === "uint32" && Number.isInteger(value) && value >= 0 && value < 2 ** 32) return b.const(value, dtype);
  return null;
}
