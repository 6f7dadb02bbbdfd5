/** What elementwise primitives are in ONNX. */
import type { DType } from "@jax-js/jax";
import { OnnxExportError } from "../errors";
import type { GraphBuilder, Value } from "./graph-builder";
import type { RuleOf, Rules } from "./rule";
import { cast, expand, isFloat, op, scalar, test, where, wide } from "./values";

/** One operator. */
const plain =
  (type: string): RuleOf =>
  (g, xs) => [wide(g, xs, (ys) => op(g, type, ...ys))];

/** An operator that runtimes have for float32 alone. */
const single =
  (type: string): RuleOf =>
  (g, [x]) => [cast(g, op(g, type, cast(g, x!, "float32")), x!.aval.dtype)];

/** A formula on floats. */
const formula =
  (run: (g: GraphBuilder, xs: readonly Value[], c: (value: number) => Value) => Value): RuleOf =>
  (g, xs) => [wide(g, xs, (ys) => run(g, ys, (value) => scalar(g, value, ys[0]!.aval.dtype)))];

const compare =
  (type: string, negated = false): RuleOf =>
  (g, xs) => {
    const { dtype } = xs[0]!.aval;
    // Not every runtime compares every type.
    const to: DType = dtype === "float64" || dtype === "uint32" ? "float64" : isFloat(dtype) ? "float32" : "int32";
    const y = test(g, type, ...xs.map((x) => cast(g, x, to)));
    return [negated ? test(g, "Not", y) : y];
  };

const bitwise =
  (logical: string, ofBits: string): RuleOf =>
  (g, xs) => [xs[0]!.aval.dtype === "bool" ? test(g, logical, ...xs) : op(g, ofBits, ...xs)];

/** Shifts are defined for unsigned words. */
function shift(g: GraphBuilder, x: Value, by: Value, direction: "LEFT" | "RIGHT"): Value {
  // By way of the unsigned type of the same width, so that no sign bits come in.
  const unsigned = (v: Value): Value => cast(g, v, v.aval.dtype.replace(/^int/, "uint") as DType);
  const words = [x, by].map((v) => cast(g, unsigned(v), "uint32"));
  return cast(g, g.node("BitShift", words, words[0]!.aval, { direction: { text: direction } }), x.aval.dtype);
}

const through: RuleOf = (_g, xs) => xs;

/** x to a whole power, by repeated squaring. */
function power(g: GraphBuilder, x: Value, y: number): Value {
  if (y < 0) return op(g, "Reciprocal", power(g, x, -y));
  let result: Value | null = null;
  for (let square = x, n = y; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = result === null ? square : op(g, "Mul", result, square);
    if (n > 1) square = op(g, "Mul", square, square);
  }
  return result!;
}

/** Coefficients of M. Giles, "Approximating the erfinv function", 2010, highest power first. */
const ERF_INV_CENTRE = [2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941]; // prettier-ignore
const ERF_INV_TAIL = [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682]; // prettier-ignore

const horner = (g: GraphBuilder, x: Value, coefficients: readonly number[], c: (v: number) => Value): Value =>
  coefficients.slice(1).reduce((sum, k) => op(g, "Add", op(g, "Mul", sum, x), c(k)), c(coefficients[0]!));

/** The float32 with these bits: sign, exponent and fraction, put together by arithmetic. */
function floatOfBits(g: GraphBuilder, bits: Value): Value {
  const c = (value: number): Value => scalar(g, value, "float32");
  const part = (by: number, mask: number): Value => {
    const shifted = by === 0 ? bits : shift(g, bits, scalar(g, by, "uint32"), "RIGHT");
    return cast(g, op(g, "BitwiseAnd", shifted, scalar(g, mask, "uint32")), "float32");
  };
  const [sign, exponent, fraction] = [part(31, 1), part(23, 255), op(g, "Mul", part(0, 0x7fffff), c(2 ** -23))];
  const normal = test(g, "Greater", exponent, c(0));
  const significand = op(g, "Add", fraction, cast(g, normal, "float32"));
  const scale = op(g, "Pow", c(2), op(g, "Sub", op(g, "Max", exponent, c(1)), c(127)));
  const signed = op(g, "Sub", c(1), op(g, "Mul", c(2), sign));
  const finite = op(g, "Mul", op(g, "Mul", significand, scale), signed);
  const whole = test(g, "Equal", fraction, c(0));
  const infinite = op(g, "Mul", where(g, whole, c(Infinity), c(NaN)), signed);
  return where(g, test(g, "Equal", exponent, c(255)), infinite, finite);
}

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Twenty rounds. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11. */
const threefry: RuleOf = (g, [k1, k2, x1, x2]) => {
  const { aval } = k1!;
  const c = (value: number): Value => scalar(g, value, "uint32");
  const add = (a: Value, b: Value): Value => {
    const sum = wide(g, [a, b], ([p, q]) => op(g, "Add", p!, q!));
    return { ...sum, aval };
  };
  const xor = (a: Value, b: Value): Value => op(g, "BitwiseXor", a, b);
  const turn = (a: Value, by: number): Value =>
    op(g, "BitwiseOr", shift(g, a, c(by), "LEFT"), shift(g, a, c(32 - by), "RIGHT"));
  const keys = [k1!, k2!, xor(xor(k1!, k2!), c(0x1bd11bda))];
  let [a, b] = [add(x1!, keys[0]!), add(x2!, keys[1]!)];
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group % 2]!) {
      a = add(a, b);
      b = xor(turn(b, by), a);
    }
    a = add(a, keys[(group + 1) % 3]!);
    b = add(add(b, keys[(group + 2) % 3]!), c(group + 1));
  }
  return [a, b];
};

const OPERATORS: Readonly<Record<string, string>> = {
  abs: "Abs",
  add: "Add",
  ceil: "Ceil",
  div: "Div",
  exp: "Exp",
  floor: "Floor",
  log: "Log",
  logistic: "Sigmoid",
  max: "Max",
  min: "Min",
  mul: "Mul",
  neg: "Neg",
  pow: "Pow",
  sign: "Sign",
  sqrt: "Sqrt",
  sub: "Sub",
  tanh: "Tanh",
};

const SINGLE: Readonly<Record<string, string>> = {
  acos: "Acos",
  acosh: "Acosh",
  asin: "Asin",
  asinh: "Asinh",
  atan: "Atan",
  atanh: "Atanh",
  cos: "Cos",
  cosh: "Cosh",
  erf: "Erf",
  sin: "Sin",
  sinh: "Sinh",
  tan: "Tan",
};

export const elementwiseRules: Rules = {
  ...Object.fromEntries(Object.entries(OPERATORS).map(([name, type]) => [name, plain(type)])),
  ...Object.fromEntries(Object.entries(SINGLE).map(([name, type]) => [name, single(type)])),
  rem: (g, xs) => [wide(g, xs, ([x, y]) => g.node("Mod", [x!, y!], x!.aval, { fmod: { int: 1 } }))],
  rsqrt: formula((g, [x]) => op(g, "Reciprocal", op(g, "Sqrt", x!))),
  cbrt: formula((g, [x], c) => op(g, "Mul", op(g, "Sign", x!), op(g, "Pow", op(g, "Abs", x!), c(1 / 3)))),
  exp2: formula((g, [x], c) => op(g, "Exp", op(g, "Mul", x!, c(Math.LN2)))),
  // 2 t / (1 - t) with t = tanh(x / 2): no digits are lost near 0.
  expm1: formula((g, [x], c) => {
    const t = op(g, "Tanh", op(g, "Mul", x!, c(0.5)));
    const small = op(g, "Div", op(g, "Mul", t, c(2)), op(g, "Sub", c(1), t));
    const large = op(g, "Sub", op(g, "Exp", x!), c(1));
    return where(g, test(g, "Greater", x!, c(1)), large, small);
  }),
  // Kahan: x log(1 + x) / ((1 + x) - 1) makes up for the rounding of 1 + x.
  log1p: formula((g, [x], c) => {
    const u = op(g, "Add", x!, c(1));
    const rounded = op(g, "Sub", u, c(1));
    const exact = op(g, "Div", op(g, "Mul", x!, op(g, "Log", u)), rounded);
    const small = where(g, test(g, "Equal", rounded, c(0)), x!, exact);
    return where(g, test(g, "Greater", op(g, "Abs", x!), c(1)), op(g, "Log", u), small);
  }),
  erfc: (g, [x]) => {
    const erf = op(g, "Erf", cast(g, x!, "float32"));
    return [cast(g, op(g, "Sub", scalar(g, 1, "float32"), erf), x!.aval.dtype)];
  },
  erf_inv: formula((g, [x], c) => {
    const w = op(g, "Neg", op(g, "Log", op(g, "Mul", op(g, "Sub", c(1), x!), op(g, "Add", x!, c(1)))));
    const centre = horner(g, op(g, "Sub", w, c(2.5)), ERF_INV_CENTRE, c);
    const tail = horner(g, op(g, "Sub", op(g, "Sqrt", w), c(3)), ERF_INV_TAIL, c);
    const inside = op(g, "Mul", where(g, test(g, "Less", w, c(5)), centre, tail), x!);
    const ends = op(g, "Mul", x!, c(Infinity));
    return where(g, test(g, "Equal", op(g, "Abs", x!), c(1)), ends, inside);
  }),
  atan2: formula((g, [y, x], c) => {
    const angle = cast(g, op(g, "Atan", cast(g, op(g, "Div", op(g, "Abs", y!), op(g, "Abs", x!)), "float32")), x!.aval.dtype); // prettier-ignore
    const half = where(g, test(g, "Less", x!, c(0)), op(g, "Sub", c(Math.PI), angle), angle);
    const both = test(g, "And", test(g, "Equal", x!, c(0)), test(g, "Equal", y!, c(0)));
    const up = where(g, both, op(g, "Mul", x!, c(0)), half);
    return where(g, test(g, "Less", y!, c(0)), op(g, "Neg", up), up);
  }),
  is_finite: (g, [x]) => {
    const y = x!.aval.dtype === "float64" ? x! : cast(g, x!, "float32");
    return [test(g, "Not", test(g, "Or", test(g, "IsInf", y), test(g, "IsNaN", y)))];
  },
  round(g, xs, { roundingMethod }) {
    if (roundingMethod === 1) return plain("Round")(g, xs, {}, []);
    const away = formula((_g, [x], c) =>
      op(g, "Mul", op(g, "Sign", x!), op(g, "Floor", op(g, "Add", op(g, "Abs", x!), c(0.5)))),
    );
    return away(g, xs, {}, []);
  },
  integer_pow(g, xs, { y }, [out]) {
    if (y === 0) return [expand(g, scalar(g, 1, out!.dtype), out!.shape)];
    return [wide(g, xs, ([x]) => power(g, x!, y as number))];
  },
  eq: compare("Equal"),
  ne: compare("Equal", true),
  lt: compare("Less"),
  le: compare("LessOrEqual"),
  gt: compare("Greater"),
  ge: compare("GreaterOrEqual"),
  and: bitwise("And", "BitwiseAnd"),
  or: bitwise("Or", "BitwiseOr"),
  xor: bitwise("Xor", "BitwiseXor"),
  not: bitwise("Not", "BitwiseNot"),
  shift_left: (g, [x, by]) => [shift(g, x!, by!, "LEFT")],
  shift_right_logical: (g, [x, by]) => [shift(g, x!, by!, "RIGHT")],
  // The bits of a negative number are turned around before and after.
  shift_right_arithmetic: (g, [x, by]) => {
    const turned = op(g, "BitwiseNot", shift(g, op(g, "BitwiseNot", x!), by!, "RIGHT"));
    const negative = test(g, "Less", cast(g, x!, "int32"), scalar(g, 0, "int32"));
    return [where(g, negative, turned, shift(g, x!, by!, "RIGHT"))];
  },
  select_n(g, [which, ...cases]) {
    if (which!.aval.dtype === "bool") return [where(g, which!, cases[1]!, cases[0]!)];
    const chosen = cases.slice(1).reduce((below, x, i) => {
      const here = test(g, "Equal", cast(g, which!, "int32"), scalar(g, i + 1, "int32"));
      return where(g, here, x, below);
    }, cases[0]!);
    return [chosen];
  },
  convert_element_type: (g, [x], _params, [out]) => [cast(g, x!, out!.dtype)],
  bitcast_convert_type(g, [x], _params, [out]) {
    const [from, to] = [x!.aval.dtype, out!.dtype];
    if (!isFloat(from) && !isFloat(to)) return [cast(g, x!, to)];
    if (to === "float32" && !isFloat(from)) return [floatOfBits(g, cast(g, x!, "uint32"))];
    throw new OnnxExportError(`bitcast_convert_type from ${from} to ${to} has no counterpart in ONNX`);
  },
  stop_gradient: through,
  optimization_barrier: through,
  copy: through,
  name: through,
  threefry2x32: threefry,
};
