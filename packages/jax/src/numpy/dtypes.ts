/** Facts about dtypes, and promotion as users ask for it. */
import { type Named, named } from "./arguments";
import { DType, dtypeInfo, isFloat, isInteger } from "../aval/dtype";
import { promote } from "../aval/promote";
import { DTypeError } from "../base/errors";
import { Tracer } from "../core/tracer";
import { type ArrayLike, liftAll } from "./lift";

/** Limits of a float dtype. */
export interface FInfo {
  readonly bits: number;
  readonly dtype: DType;
  /** Difference of 1 and the next larger number. */
  readonly eps: number;
  /** Difference of 1 and the next smaller number. */
  readonly epsneg: number;
  readonly machep: number;
  readonly negep: number;
  readonly max: number;
  readonly min: number;
  readonly maxexp: number;
  readonly minexp: number;
  readonly nexp: number;
  readonly nmant: number;
  /** Decimal digits that are exact. */
  readonly precision: number;
  readonly resolution: number;
  readonly smallestNormal: number;
  readonly smallestSubnormal: number;
  readonly tiny: number;
}

/** Limits of an integer dtype. */
export interface IInfo {
  readonly bits: number;
  readonly dtype: DType;
  readonly max: number;
  readonly min: number;
}

const EXPONENT_BITS: Partial<Record<DType, number>> = { float16: 5, bfloat16: 8, float32: 8, float64: 11 };

/**
 * Limits of a float dtype.
 * @example
 * np.finfo("float32").nmant; // => 23
 */
export function finfo(dtype: DType | Tracer): FInfo {
  const name = dtype instanceof Tracer ? dtype.dtype : dtype;
  const nexp = EXPONENT_BITS[name];
  if (nexp === undefined) throw new DTypeError(`finfo: expected a float dtype, got ${String(name)}`);
  const bits = 8 * dtypeInfo(name).sizeBytes;
  const nmant = bits - 1 - nexp;
  const maxexp = 2 ** (nexp - 1);
  const minexp = 2 - maxexp;
  const eps = 2 ** -nmant;
  const max = 2 ** (maxexp - 1) * (2 - eps);
  const precision = Math.floor(nmant * Math.log10(2));
  return {
    bits, dtype: name, eps, epsneg: eps / 2, machep: -nmant, negep: -nmant - 1, max, min: -max, maxexp, minexp, nexp, nmant,
    precision, resolution: Number(`1e-${precision}`), smallestNormal: 2 ** minexp, smallestSubnormal: 2 ** (minexp - nmant),
    tiny: 2 ** minexp,
  }; // prettier-ignore
}

/** Limits of an integer dtype. @example np.iinfo("int32").max; // => 2147483647 */
export function iinfo(dtype: DType | Tracer): IInfo {
  const name = dtype instanceof Tracer ? dtype.dtype : dtype;
  const { kind, sizeBytes } = dtypeInfo(name);
  if (kind !== "int" && kind !== "uint") throw new DTypeError(`iinfo: expected an integer dtype, got ${name}`);
  const bits = 8 * sizeBytes;
  return kind === "int"
    ? { bits, dtype: name, max: 2 ** (bits - 1) - 1, min: -(2 ** (bits - 1)) }
    : { bits, dtype: name, max: 2 ** bits - 1, min: 0 };
}

/** The dtype that two dtypes meet in. Errors: DTypeError for unknown names. @example np.promoteTypes("int32", "float16"); // => "float16" */
export function promoteTypes(dtype1: DType, dtype2: DType): DType {
  dtypeInfo(dtype1);
  dtypeInfo(dtype2);
  return promote({ dtype: dtype1, weakType: false }, { dtype: dtype2, weakType: false }).dtype;
}

/** The dtype that arrays, numbers and dtypes meet in. @example np.resultType(np.ones([1], { dtype: "float16" }), 2.5); // => "float16" */
export function resultType(...args: readonly (ArrayLike | DType)[]): DType {
  if (args.length === 0) throw new DTypeError("resultType: expected at least one argument");
  const names = args.filter((a): a is DType => typeof a === "string");
  names.forEach(dtypeInfo);
  const arrays = args.filter((a): a is ArrayLike => typeof a !== "string");
  const strong = names.map((dtype) => ({ dtype, weakType: false }));
  const ints =
    names.every(isInteger) &&
    arrays.every((a) => typeof a === "number" || !(a instanceof Tracer) || isInteger(a.dtype));
  const lifted = liftAll(arrays).map((x, i) => {
    const a = arrays[i];
    const integral = names.length > 0 && ints && typeof a === "number" && Number.isInteger(a);
    return integral ? { dtype: "int32" as DType, weakType: true } : { dtype: x.dtype, weakType: x.weakType };
  });
  return [...strong, ...lifted].reduce((p, q) => promote(p, q)).dtype;
}

type Casting = "no" | "equiv" | "safe" | "same_kind" | "unsafe";

/** Whether values of one dtype convert to another: "safe" without loss, "same_kind" within the kind or up, "unsafe" always. @example np.canCast("int32", "float64"); // => true */
export function canCast(from: DType, to: DType, how?: Casting | Named<"casting", Casting>): boolean {
  const casting = named("casting", how, "safe");
  if (from === to || casting === "unsafe") return true;
  if (casting === "no" || casting === "equiv") return false;
  const [a, b] = [dtypeInfo(from), dtypeInfo(to)];
  const rank = { bool: 0, uint: 1, int: 2, float: 3 };
  if (casting === "same_kind" && (a.kind === b.kind || rank[a.kind] < rank[b.kind])) return true;
  if (a.kind === "bool") return true;
  if (a.kind === "float") return b.kind === "float" && b.sizeBytes > a.sizeBytes;
  if (b.kind === "float") return b.sizeBytes > a.sizeBytes;
  if (a.kind === b.kind) return b.sizeBytes > a.sizeBytes;
  return a.kind === "uint" && b.kind === "int" && b.sizeBytes > a.sizeBytes;
}

/** A kind of dtypes, as NumPy's class tree names them. */
export type DTypeKindName =
  | "bool" | "integer" | "signedinteger" | "signed integer" | "unsignedinteger" | "unsigned integer" | "integral"
  | "floating" | "inexact" | "real floating" | "numeric" | "number" | "generic"; // prettier-ignore

/** Whether a dtype is of a kind, or equal to a dtype. @example np.issubdtype("int32", "integer"); // => true */
export function issubdtype(dtype: DType, kind: DTypeKindName | DType): boolean {
  if ((Object.values(DType) as string[]).includes(kind) && kind !== "bool") return dtype === kind;
  switch (kind as DTypeKindName) {
    case "bool":
      return dtype === "bool";
    case "integer":
    case "integral":
      return isInteger(dtype);
    case "signedinteger":
    case "signed integer":
      return dtypeInfo(dtype).kind === "int";
    case "unsignedinteger":
    case "unsigned integer":
      return dtypeInfo(dtype).kind === "uint";
    case "floating":
    case "inexact":
    case "real floating":
      return isFloat(dtype);
    case "number":
    case "numeric":
      return dtypeInfo(dtype).kind !== "bool";
    default:
      return true;
  }
}

/** Whether a dtype is of one of several kinds. @example np.isdtype("float32", ["bool", "numeric"]); // => true */
export function isdtype(dtype: DType, kind: DTypeKindName | DType | readonly (DTypeKindName | DType)[]): boolean {
  return (Array.isArray(kind) ? kind : [kind as DTypeKindName]).some((k) => issubdtype(dtype, k as DTypeKindName));
}

/** True for JS numbers and booleans, and arrays without axes. @example np.isscalar(5); // => true */
export function isscalar(element: unknown): boolean {
  return (
    typeof element === "number" || typeof element === "boolean" || (element instanceof Tracer && element.ndim === 0)
  );
}
