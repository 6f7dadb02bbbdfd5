/**
 * Integer products whose operands fit 16 bits, as those of quantized models do: they stay in memory as narrow as they are,
 * and are multiplied in pairs along k (`i32x4.dot_i16x8_s` on wasm), which is exact.
 */
import { type DType, dtypeInfo, isFloat, sizeBytesOf } from "../aval/dtype";
import { pick, prod } from "../base/list";
import type { ContractExpr, Expr } from "../kernel/expr";
import { exprScalar } from "../kernel/expr-build";
import { baseOf, sizeOf } from "./graph";

interface Range {
  readonly lo: number;
  readonly hi: number;
}

/** Up to so many rows the time is that of reading the other operand. */
const FEW_ROWS = 4;
const LEAST_DEPTH = 16;

const NARROW: readonly DType[] = ["int8", "uint8", "int16"];

/** The product with narrow operands, or as it is. Its dtype stays int32 or uint32. */
export function withNarrowOperands(x: ContractExpr): ContractExpr {
  if (x.dtype !== "int32" && x.dtype !== "uint32") return x;
  const depth = prod(pick(x.lhs.shape, x.lhsContract));
  const nBatch = prod(pick(x.lhs.shape, x.lhsBatch));
  const rows = [x.lhs, x.rhs].map((side) => sizeOf(side) / (depth * nBatch));
  if (depth < LEAST_DEPTH || Math.min(...rows) <= FEW_ROWS) return x;
  const [lhs, rhs] = [narrow(x.lhs), narrow(x.rhs)];
  return lhs === null || rhs === null ? x : Object.freeze({ ...x, lhs, rhs });
}

/** The same numbers as int8, uint8 or int16; null if they may not fit. */
function narrow(x: Expr): Expr | null {
  const base = baseOf(x);
  const wide = base.kind === "scalar" && base.op === "cast" ? base.args[0]! : base;
  const { lo, hi } = rangeOf(base);
  const dtype = NARROW.includes(wide.dtype) ? wide.dtype : NARROW.find((d) => fits({ lo, hi }, rangeOfDType(d)));
  if (dtype === undefined) return null;
  const inner = wide.dtype === dtype ? wide : exprScalar("cast", [base], dtype);
  const rebuilt = (y: Expr): Expr =>
    y.kind === "view" ? Object.freeze({ ...y, x: rebuilt(y.x), dtype: inner.dtype }) : inner;
  return rebuilt(x);
}

const ANY: Range = { lo: -Infinity, hi: Infinity };

const fits = ({ lo, hi }: Range, into: Range): boolean => lo >= into.lo && hi <= into.hi;

function rangeOfDType(dtype: DType): Range {
  const { kind } = dtypeInfo(dtype);
  const bits = 8 * sizeBytesOf(dtype);
  if (kind === "bool") return { lo: 0, hi: 1 };
  if (kind === "float") return ANY;
  return kind === "uint" ? { lo: 0, hi: 2 ** bits - 1 } : { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 };
}

/** Further down than this, and nothing is known. */
const MOST_OPERATIONS = 16;

/** The least and the greatest value of an expression of integers. */
function rangeOf(root: Expr): Range {
  const known = new Map<Expr, Range>();
  const visit = (x: Expr, most: number): Range => {
    let range = known.get(x);
    if (range === undefined) {
      const all = rangeOfDType(x.dtype);
      const found = most === 0 || isFloat(x.dtype) ? all : rangeOfNode(x, (y) => visit(y, most - 1));
      // What does not fit wraps.
      known.set(x, (range = fits(found, all) ? found : all));
    }
    return range;
  };
  return visit(root, MOST_OPERATIONS);
}

function rangeOfNode(x: Expr, of: (x: Expr) => Range): Range {
  switch (x.kind) {
    case "constant":
      return { lo: x.value, hi: x.value };
    case "view":
      return of(x.x);
    case "pad":
      return union([of(x.x), of(x.fill)]);
    case "concat":
      return union(x.xs.map(of));
    case "scalar": {
      const [a, b] = x.args as readonly [Expr, Expr];
      switch (x.op) {
        case "cast":
          return of(a);
        case "neg":
          return { lo: -of(a).hi, hi: -of(a).lo };
        case "add":
          return { lo: of(a).lo + of(b).lo, hi: of(a).hi + of(b).hi };
        case "sub":
          return { lo: of(a).lo - of(b).hi, hi: of(a).hi - of(b).lo };
        case "select":
          return union(x.args.slice(1).map(of));
        default:
          return ANY;
      }
    }
    default:
      return ANY;
  }
}

function union(ranges: readonly Range[]): Range {
  return { lo: Math.min(...ranges.map((r) => r.lo)), hi: Math.max(...ranges.map((r) => r.hi)) };
}
