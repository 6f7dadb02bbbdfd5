/** Changes of dtype, and values without gradient. */
import { type DType, computeDType, sizeBytesOf } from "../aval/dtype";
import { DTypeError } from "../base/errors";
import type { Tracer } from "../core/tracer";
import { type ArrayLike, lift, own } from "../numpy/lift";
import { owned } from "../numpy/owned";
import * as ops from "../ops/index";

/** The same bits read as another dtype of the same size. Errors: DTypeError if the sizes differ. @example lax.bitcastConvertType(np.array([1]), "int32").js(); // => [1065353216] */
export function bitcastConvertType(x: ArrayLike, newDtype: DType): Tracer {
  const y = lift(x);
  if (sizeBytesOf(y.dtype) !== sizeBytesOf(newDtype)) {
    throw new DTypeError(`bitcastConvertType: ${y.aval} and ${newDtype} differ in size`);
  }
  if (y.dtype === newDtype) return own(y, x);
  return owned(() => ops.bitcastConvertType(y, newDtype));
}

/** Values converted to another dtype. @example lax.convertElementType(np.array([1.5]), "int32").js(); // => [1] */
export function convertElementType(x: ArrayLike, newDtype: DType): Tracer {
  const y = lift(x);
  return y.dtype === newDtype && !y.weakType ? own(y, x) : owned(() => ops.convertElementType(y, newDtype));
}

/** The value as a constant for differentiation: no gradient flows through. @example grad((x) => lax.stopGradient(x).mul(x))(3).js(); // => 3 */
export function stopGradient(x: ArrayLike): Tracer {
  const y = lift(x);
  return own(ops.stopGradient(y), x, y);
}

/** Rounds to a float with fewer bits and back. @example lax.reducePrecision(np.array([1.1]), 8, 7).js(); // => [1.1015625] */
export function reducePrecision(operand: ArrayLike, exponentBits: number, mantissaBits: number): Tracer {
  const x = lift(operand);
  const narrow =
    exponentBits === 8 && mantissaBits === 7
      ? "bfloat16"
      : exponentBits === 5 && mantissaBits === 10
        ? "float16"
        : null;
  if (narrow === null) {
    if (exponentBits >= 8 && mantissaBits >= 23 && computeDType(x.dtype) === "float32") return own(x, operand);
    throw new DTypeError(
      `reducePrecision: only bfloat16 (8, 7) and float16 (5, 10) are supported, got (${exponentBits}, ${mantissaBits})`,
    );
  }
  return owned(() => ops.convertElementType(ops.convertElementType(x, narrow), x.dtype));
}
