/** Smallest and greatest value of int32 scalars, and of some of uint32, from the sizes of axes and narrow dtypes. */
import { type DType, dtypeInfo, isFloat } from "../aval/dtype";
import type { Linear } from "./linear";
import type { OpScalar, Scalar } from "./scalar";

export interface Range {
  readonly lo: number;
  readonly hi: number;
}

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;
export const ANY: Range = { lo: LEAST, hi: MOST };

type RangeOf = (s: Scalar) => Range;

/** Range of a scalar that is no sum; `rangeOf` gives those of its arguments. */
export function rangeOfNode(s: Scalar, rangeOf: RangeOf): Range {
  switch (s.tag) {
    case "const":
      return s.value >= LEAST && s.value <= MOST ? { lo: s.value, hi: s.value } : ANY;
    case "axis":
      return { lo: 0, hi: Math.max(0, s.size - 1) };
    case "op":
      if (s.dtype === "uint32") return rangeOfUnsigned(s, rangeOf);
      return s.dtype === "int32" ? rangeOfOp(s, rangeOf) : rangeOfDType(s.dtype);
    default:
      return rangeOfDType(s.dtype);
  }
}

/** Range of a sum. One that does not fit int32 wraps, so nothing is known of it. */
export function rangeOfLinear({ constant, terms }: Linear, rangeOf: RangeOf): Range {
  let [lo, hi] = [constant, constant];
  for (const [term, factor] of terms) {
    const r = rangeOf(term);
    lo += factor * (factor > 0 ? r.lo : r.hi);
    hi += factor * (factor > 0 ? r.hi : r.lo);
  }
  return lo < LEAST || hi > MOST ? ANY : { lo, hi };
}

function rangeOfOp(s: OpScalar, rangeOf: RangeOf): Range {
  const [x, y] = s.args as readonly [Scalar, Scalar];
  switch (s.op) {
    case "div": {
      const [a, d] = [rangeOf(x), constantOf(y)];
      return d > 0 ? { lo: Math.trunc(a.lo / d), hi: Math.trunc(a.hi / d) } : ANY;
    }
    case "rem": {
      const [a, d] = [rangeOf(x), constantOf(y)];
      return d > 0 ? { lo: Math.max(1 - d, Math.min(0, a.lo)), hi: Math.min(d - 1, Math.max(0, a.hi)) } : ANY;
    }
    case "max": {
      const [a, b] = [rangeOf(x), rangeOf(y)];
      return { lo: Math.max(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
    }
    case "min": {
      const [a, b] = [rangeOf(x), rangeOf(y)];
      return { lo: Math.min(a.lo, b.lo), hi: Math.min(a.hi, b.hi) };
    }
    case "and": {
      const d = constantOf(y);
      return d >= 0 && y.tag === "const" ? { lo: 0, hi: d } : ANY;
    }
    case "select": {
      const [a, b] = [rangeOf(s.args[1]!), rangeOf(s.args[2]!)];
      return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
    }
    case "shr_arithmetic": {
      const a = rangeOf(x);
      return y.tag === "const" && y.value >= 0 && y.value < 32 ? { lo: a.lo >> y.value, hi: a.hi >> y.value } : ANY;
    }
    case "cast":
      return isFloat(x.dtype) ? ANY : rangeOf(x);
    default:
      return ANY;
  }
}

/** Of uint32, below 2^31 where anything is known. */
function rangeOfUnsigned({ op, args }: OpScalar, rangeOf: RangeOf): Range {
  const [x, y] = args as readonly [Scalar, Scalar];
  const a = isFloat(x.dtype) ? ANY : rangeOf(x);
  const isKnown = a.lo >= 0;
  if (op === "cast") return isKnown ? a : ANY;
  if (y?.tag !== "const" || y.value < 0 || y.value > MOST) return ANY;
  if (op === "and") return { lo: 0, hi: isKnown ? Math.min(a.hi, y.value) : y.value };
  if (op === "shr_logical" && isKnown && y.value < 32) return { lo: a.lo >> y.value, hi: a.hi >> y.value };
  return ANY;
}

const constantOf = (s: Scalar): number => (s.tag === "const" ? s.value : 0);

/** Values of a narrow integer dtype; ANY for the others. */
export function rangeOfDType(dtype: DType): Range {
  if (dtype === "bool") return { lo: 0, hi: 1 };
  const { kind, sizeBytes } = dtypeInfo(dtype);
  if (sizeBytes > 2 || kind === "float") return ANY;
  const bits = 8 * sizeBytes;
  return kind === "uint" ? { lo: 0, hi: 2 ** bits - 1 } : { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 };
}
