/** Numbers of the small formats of ONNX, widened. */

/** A float of `exponent` and `mantissa` bits without infinities where `finite`; see the formats' pages of ONNX. */
interface SmallFloat {
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
  readonly special: "ieee" | "fn" | "fnuz" | "none";
}

const formats: Readonly<Record<number, SmallFloat>> = {
  10: { exponent: 5, mantissa: 10, bias: 15, special: "ieee" },
  16: { exponent: 8, mantissa: 7, bias: 127, special: "ieee" },
  17: { exponent: 4, mantissa: 3, bias: 7, special: "fn" },
  18: { exponent: 4, mantissa: 3, bias: 8, special: "fnuz" },
  19: { exponent: 5, mantissa: 2, bias: 15, special: "ieee" },
  20: { exponent: 5, mantissa: 2, bias: 16, special: "fnuz" },
  23: { exponent: 2, mantissa: 1, bias: 1, special: "none" },
};

/** The number whose bits in the element type (a float of 16 bits or fewer) are `bits`. */
export function widen(type: number, bits: number): number {
  if (type === 24) return bits === 255 ? NaN : 2 ** (bits - 127); // float8e8m0: an exponent alone
  const format = formats[type];
  if (!format) return bits;
  const { exponent, mantissa, bias, special } = format;
  const sign = (bits >> (exponent + mantissa)) & 1 ? -1 : 1;
  const e = (bits >> mantissa) & (2 ** exponent - 1);
  const m = bits & (2 ** mantissa - 1);
  if (special === "ieee" && e === 2 ** exponent - 1) return m ? NaN : sign * Infinity;
  if (special === "fn" && e === 2 ** exponent - 1 && m === 2 ** mantissa - 1) return NaN;
  if (special === "fnuz" && sign < 0 && e === 0 && m === 0) return NaN;
  return e ? sign * (1 + m / 2 ** mantissa) * 2 ** (e - bias) : sign * (m / 2 ** mantissa) * 2 ** (1 - bias);
}

/** Unpacks integers or floats of 4 or 2 bits, the lowest bits first. */
export function unpackBits(bytes: Uint8Array, bits: number, size: number, signed: boolean): number[] {
  const perByte = 8 / bits;
  return Array.from({ length: size }, (_, i) => {
    const raw = ((bytes[Math.floor(i / perByte)] ?? 0) >> ((i % perByte) * bits)) & (2 ** bits - 1);
    return signed && raw >= 2 ** (bits - 1) ? raw - 2 ** bits : raw;
  });
}

/** What rounding to a float of 8 or 4 bits needs; undefined for float8e8m0. */
export function smallFloat(type: number): (SmallFloat & { readonly largest: number }) | undefined {
  const format = formats[type];
  if (!format) return undefined;
  const { exponent, mantissa, bias, special } = format;
  const top = special === "ieee" ? 2 ** exponent - 2 : 2 ** exponent - 1;
  const fraction = special === "fn" ? 2 - 2 ** (1 - mantissa) : 2 - 2 ** -mantissa;
  return { ...format, largest: fraction * 2 ** (top - bias) };
}
