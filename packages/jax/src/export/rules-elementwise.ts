/** What elementwise primitives are in StableHLO, or in CHLO, its dialect of further functions. */
import type { Rules, RuleOf } from "./rule";
import { type Value, type Writer, typeOf } from "./writer";

/** The operation has operands and result of one type. */
const same =
  (name: string): RuleOf =>
  (w, xs) => [w.same(`stablehlo.${name}`, xs)];

/** CHLO writes the types of operands and result. */
const chlo =
  (name: string): RuleOf =>
  (w, xs) => {
    const [x] = xs as [Value];
    const operands = xs.map((v) => v.name).join(", ");
    return [
      w.one(x.aval, `chlo.${name} ${operands} : ${xs.map((v) => typeOf(v.aval)).join(", ")} -> ${typeOf(x.aval)}`),
    ];
  };

const compare =
  (how: "EQ" | "NE" | "LT" | "LE" | "GT" | "GE"): RuleOf =>
  (w, [x, y]) => [w.compare(how, x!, y!)];

const through: RuleOf = (_w, xs) => xs;

/** x to a whole power, by repeated squaring. */
function power(w: Writer, x: Value, y: number): Value {
  if (y === 0) return w.constant(1, x.aval);
  if (y < 0) return w.same("stablehlo.divide", [w.constant(1, x.aval), power(w, x, -y)]);
  let result: Value | null = null;
  for (let square = x, n = y; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = result === null ? square : w.same("stablehlo.multiply", [result, square]);
    if (n > 1) square = w.same("stablehlo.multiply", [square, square]);
  }
  return result!;
}

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Twenty rounds. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11. */
const threefry: RuleOf = (w, [k1, k2, x1, x2]) => {
  const { aval } = k1!;
  const c = (value: number): Value => w.constant(value, aval);
  const op = (name: string, ...xs: Value[]): Value => w.same(`stablehlo.${name}`, xs);
  const keys = [k1!, k2!, op("xor", op("xor", k1!, k2!), c(0x1bd11bda))];
  let [a, b] = [op("add", x1!, keys[0]!), op("add", x2!, keys[1]!)];
  for (let group = 0; group < 5; group++) {
    for (const by of ROTATIONS[group % 2]!) {
      a = op("add", a, b);
      const rotated = op("or", op("shift_left", b, c(by)), op("shift_right_logical", b, c(32 - by)));
      b = op("xor", rotated, a);
    }
    a = op("add", a, keys[(group + 1) % 3]!);
    b = op("add", op("add", b, keys[(group + 2) % 3]!), c(group + 1));
  }
  return [a, b];
};

const renamed: Readonly<Record<string, string>> = {
  neg: "negate",
  sub: "subtract",
  mul: "multiply",
  div: "divide",
  rem: "remainder",
  max: "maximum",
  min: "minimum",
  pow: "power",
  sin: "sine",
  cos: "cosine",
  exp: "exponential",
  expm1: "exponential_minus_one",
  log1p: "log_plus_one",
  population_count: "popcnt",
  clz: "count_leading_zeros",
};

const plain = "add and atan2 cbrt ceil floor log logistic not or rsqrt shift_left shift_right_logical shift_right_arithmetic sqrt tan tanh xor"; // prettier-ignore
const further = "acos acosh asin asinh atan atanh cosh digamma erf erf_inv erfc lgamma sinh";

export const elementwiseRules: Rules = {
  ...Object.fromEntries(plain.split(" ").map((name) => [name, same(name)])),
  ...Object.fromEntries(Object.entries(renamed).map(([name, theirs]) => [name, same(theirs)])),
  ...Object.fromEntries(further.split(" ").map((name) => [name, chlo(name)])),
  abs: (w, [x]) => [x!.aval.dtype.startsWith("uint") ? x! : w.same("stablehlo.abs", [x!])],
  sign(w, [x]) {
    if (!x!.aval.dtype.startsWith("uint")) return [w.same("stablehlo.sign", [x!])];
    return [w.same("stablehlo.minimum", [x!, w.constant(1, x!.aval)])];
  },
  nextafter: chlo("next_after"),
  exp2: (w, [x]) => {
    const scaled = w.same("stablehlo.multiply", [x!, w.constant(Math.LN2, x!.aval)]);
    return [w.same("stablehlo.exponential", [scaled])];
  },
  is_finite: (w, [x]) => [w.typed("stablehlo.is_finite", [x!], x!.aval.withDType("bool"))],
  round: (w, [x], { roundingMethod }) => [
    w.same(`stablehlo.round_nearest_${roundingMethod === 1 ? "even" : "afz"}`, [x!]),
  ],
  integer_pow: (w, [x], { y }) => [power(w, x!, y as number)],
  eq: compare("EQ"),
  ne: compare("NE"),
  lt: compare("LT"),
  le: compare("LE"),
  gt: compare("GT"),
  ge: compare("GE"),
  select_n(w, [which, ...cases]) {
    if (which!.aval.dtype === "bool") return [w.select(which!, cases[1]!, cases[0]!)];
    const chosen = cases.slice(1).reduce((below, x, i) => {
      const here = w.compare("EQ", which!, w.constant(i + 1, which!.aval));
      return w.select(here, x, below);
    }, cases[0]!);
    return [chosen];
  },
  convert_element_type(w, [x], _params, [out]) {
    const { dtype } = x!.aval;
    if (out!.dtype === "bool" && dtype !== "bool") return [w.compare("NE", x!, w.constant(0, x!.aval))];
    return [w.convert(x!, out!.dtype)];
  },
  bitcast_convert_type: (w, [x], _params, [out]) => [w.typed("stablehlo.bitcast_convert", [x!], out!)],
  stop_gradient: through,
  copy: through,
  optimization_barrier: through,
  name: through,
  threefry2x32: threefry,
};
