/** Real numbers of 4 or 8 bytes, one at a time or in the lanes of a vector: what kernels are written for once. */
import type { WasmFeatures } from "../features";
import type { Code, Value, Var } from "./code";
import type { FloatKind } from "./value";

export interface RealType {
  readonly name: "f32" | "f64";
  readonly bytes: 4 | 8;
  readonly lanes: 4 | 2;
  readonly scalar: "f32" | "f64";
  readonly vector: "f32x4" | "f64x2";
}

export const REAL32: RealType = { name: "f32", bytes: 4, lanes: 4, scalar: "f32", vector: "f32x4" };
export const REAL64: RealType = { name: "f64", bytes: 8, lanes: 2, scalar: "f64", vector: "f64x2" };

export type Real = Value<FloatKind>;
export type RealVar = Var<FloatKind>;

/** a * b + c, rounded once where the engine has fused multiply-add. */
export function madd(c: Code, { relaxed }: WasmFeatures, a: Real, b: Real, sum: Real): Real {
  const { kind } = a;
  if (!relaxed || kind === "f32" || kind === "f64") return sum.add(a.mul(b));
  return c.op(`${kind}.relaxed_madd`, kind, a, b, sum);
}

/** c - a * b. */
export function nmadd(c: Code, { relaxed }: WasmFeatures, a: Real, b: Real, sum: Real): Real {
  const { kind } = a;
  if (!relaxed || kind === "f32" || kind === "f64") return sum.sub(a.mul(b));
  return c.op(`${kind}.relaxed_nmadd`, kind, a, b, sum);
}

/** The number at `address` in all lanes of `kind`, or by itself. */
export function loadAll(c: Code, kind: FloatKind, address: Value<"i32">, offset = 0): Real {
  return kind === "f32x4" || kind === "f64x2"
    ? c.loadSplat(kind, address, offset)
    : c.load<FloatKind>(kind, address, offset);
}
