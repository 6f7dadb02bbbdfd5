/** Texts of elements that line up under each other, as NumPy prints them. */
import { type DType, isBool, isFloat } from "../aval/dtype";
import { type DigitOptions, type Digits, exponentText, positional, scientific } from "./decimal";
import { type PrintOptions } from "./print-options";

export type ElementFormat = (x: number) => string;

/** The format that fits all of these elements; `scalar` if they are not part of a list. */
export function elementFormat(
  values: readonly number[],
  dtype: DType,
  options: PrintOptions,
  scalar: boolean,
): ElementFormat {
  if (isBool(dtype)) return (x) => (x ? (scalar ? "True" : " True") : "False");
  // NumPy does not know the dtype and leaves each element to itself.
  if (dtype === "bfloat16") return (x) => plainFloat(x, options);
  if (isFloat(dtype)) return floatFormat(values, dtype, options);
  const width = Math.max(0, ...values.map((x) => String(x).length));
  return (x) => String(x).padStart(width);
}

/** Six significant digits, as C's %g. */
function plainFloat(x: number, options: PrintOptions): string {
  if (Number.isNaN(x)) return options.nanstr;
  if (!Number.isFinite(x)) return (x < 0 ? "-" : "") + options.infstr;
  const [mantissa, power] = x.toExponential(5).split("e") as [string, string];
  const exponent = Number(power);
  const sign = Object.is(x, -0) ? "-" : "";
  if (exponent >= -4 && exponent < 6) return sign + String(Number(x.toPrecision(6)));
  return `${String(Number(mantissa))}e${exponentText(exponent, 2)}`;
}

/** From here on a single number is written with an exponent: it may have more digits than its dtype holds. */
const LARGE: Partial<Record<DType, number>> = { float16: 1e3, float32: 1e6, float64: 1e16 };

/** True if NumPy writes these with exponents: too large, too small, or too far from each other. */
function needsExponents(finite: readonly number[], dtype: DType, suppress: boolean): boolean {
  const sizes = finite.filter((x) => x !== 0).map(Math.abs);
  if (sizes.length === 0) return false;
  const [most, least] = [Math.max(...sizes), Math.min(...sizes)];
  return most >= Math.min(1e8, LARGE[dtype]!) || (!suppress && (least < 1e-4 || most / least > 1000));
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((t) => t.length));

function floatFormat(values: readonly number[], dtype: DType, options: PrintOptions): ElementFormat {
  const finite = values.filter(Number.isFinite);
  const fixed = options.floatmode === "fixed";
  const digits: DigitOptions = {
    dtype,
    unique: !fixed,
    precision: options.floatmode === "unique" ? null : options.precision,
  };
  const exponents = needsExponents(finite, dtype, options.suppress);
  const parts = finite.map((x) => (exponents ? scientific(x, digits) : positional(x, digits)));
  const places = longest(parts.map((p) => p.fraction));
  const exponentDigits = Math.max(2, ...parts.map((p) => String(Math.abs(p.exponent ?? 0)).length));
  const filled = exponents || fixed || options.floatmode === "maxprec_equal";
  const signOf = (negative: boolean): string => (negative ? "-" : options.sign === "+" ? "+" : "");
  let left = longest(parts.map((p) => signOf(p.negative) + p.whole));
  if (options.sign === " " && !parts.some((p) => p.negative)) left++;
  const right = places + (exponents ? exponentDigits + 2 : 0);
  if (finite.length < values.length) {
    const signed = options.sign !== "-" || values.some((x) => x === -Infinity);
    const infinite = options.infstr.length + (signed ? 1 : 0);
    left = Math.max(left, options.nanstr.length - right - 1, infinite - right - 1);
  }
  const text = (p: Digits): string => {
    const power = p.exponent === null ? "" : `e${exponentText(p.exponent, exponentDigits)}`;
    return `${(signOf(p.negative) + p.whole).padStart(left)}.${p.fraction}${power}`.padEnd(left + 1 + right);
  };
  const limited: DigitOptions = fixed ? digits : { ...digits, precision: places, atLeast: filled ? places : 0 };
  // Digits that are not filled up are what they were; a zero may have a sign, which a key has not.
  const known = new Map(fixed || !filled ? finite.map((x, i) => [x, parts[i]!]) : []);
  known.delete(0);
  return (x) => {
    const same = known.get(x);
    if (same !== undefined) return text(same);
    if (Number.isFinite(x)) return text(exponents ? scientific(x, limited) : positional(x, limited));
    const name = Number.isNaN(x) ? signOf(false) + options.nanstr : signOf(x < 0) + options.infstr;
    return name.padStart(left + 1 + right);
  };
}

/** A single element as NumPy's scalars print themselves: `2.5`, `1e-05`, `True`. */
export function scalarText(x: number, dtype: DType, options: PrintOptions): string {
  if (isBool(dtype)) return x ? "True" : "False";
  if (!isFloat(dtype)) return String(x);
  if (dtype === "bfloat16") return plainFloat(x, options);
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x < 0 ? "-inf" : "inf";
  const size = Math.abs(x);
  const unique: DigitOptions = { dtype, precision: null, unique: true };
  if (size === 0 || (size >= 1e-4 && size < LARGE[dtype]!)) {
    const { negative, whole, fraction } = positional(x, unique);
    return `${negative ? "-" : ""}${whole}.${fraction || "0"}`;
  }
  const { negative, whole, fraction, exponent } = scientific(x, unique);
  return `${negative ? "-" : ""}${whole}${fraction && "."}${fraction}e${exponentText(exponent!, 2)}`;
}
