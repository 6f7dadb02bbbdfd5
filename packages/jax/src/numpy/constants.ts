/** Numbers and dtypes that users reach through `numpy`. */

export const e = 2.718281828459045;
export const pi = 3.141592653589793;
export const eulerGamma = 0.5772156649015329;
export const inf: number = 1 / 0;
export const nan: number = 0 / 0;
/** A new axis in an index. */
export const newaxis = null;

export const bool = "bool" as const;
export const bool_ = "bool" as const;
export const int8 = "int8" as const;
export const int16 = "int16" as const;
export const int32 = "int32" as const;
export const uint8 = "uint8" as const;
export const uint16 = "uint16" as const;
export const uint32 = "uint32" as const;
export const float16 = "float16" as const;
export const bfloat16 = "bfloat16" as const;
export const float32 = "float32" as const;
export const float64 = "float64" as const;

/** Other names of dtypes; the plain ones are those of 32 bits, as in JAX without 64-bit types. */
export const single = "float32" as const;
export const double = "float64" as const;
export const half = "float16" as const;
export const float_ = "float32" as const;
export const int_ = "int32" as const;
export const uint = "uint32" as const;

/** Kinds of dtypes, for `issubdtype`. */
export const generic = "generic" as const;
export const number = "number" as const;
export const integer = "integer" as const;
export const signedinteger = "signedinteger" as const;
export const unsignedinteger = "unsignedinteger" as const;
export const inexact = "inexact" as const;
export const floating = "floating" as const;
