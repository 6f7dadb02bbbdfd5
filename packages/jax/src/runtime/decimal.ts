/** Decimal digits of floats: as few as tell a number from its neighbours, or rounded to a number of places. */
import { fromBfloat16Bits, fromFloat16Bits, toBfloat16Bits, toFloat16Bits } from "../aval/data-array";
import type { DType } from "../aval/dtype";

/** The nearest number of a dtype. */
function nearest(x: number, dtype: DType): number {
  switch (dtype) {
    case "float16":
      return fromFloat16Bits(toFloat16Bits(x));
    case "bfloat16":
      return fromBfloat16Bits(toBfloat16Bits(x));
    case "float32":
      return Math.fround(x);
    default:
      return x;
  }
}

/** `d.ddde+x` with the fewest digits that no other number of the dtype is nearer to. Takes finite numbers >= 0. */
function shortest(x: number, dtype: DType): string {
  if (dtype === "float64") return x.toExponential();
  for (let places = fewestPlaces(x, dtype); places < 9; places++) {
    const text = x.toExponential(places);
    if (nearest(Number(text), dtype) === x) return text;
  }
  return x.toExponential();
}

/**
 * Places of which fewer cannot tell x from its neighbours: most float32 have 7 or 8. What fewer digits tell, more do, but
 * for powers of two, whose neighbour below is nearer than that above.
 */
function fewestPlaces(x: number, dtype: DType): number {
  if (dtype !== "float32" || Number.isInteger(Math.log2(x))) return 0;
  return nearest(Number(x.toExponential(6)), dtype) === x ? 0 : 7;
}

/** Whether x may lie halfway between two decimals of so many places: then it is a multiple of 2^-(places + 1). */
const mayTie = (x: number, places: number): boolean => Number.isInteger(x * 2 ** (places + 1));

/** As `Number.prototype.toFixed`, but exact ties go to the even digit. */
function toFixedEven(x: number, places: number): string {
  const up = x.toFixed(places);
  if (!mayTie(x, places)) return up;
  const exact = x.toFixed(100);
  const point = exact.length - 101;
  const rest = exact.slice(point + 1 + places);
  return /^50*$/.test(rest)
    ? evenOf(up, places === 0 ? exact.slice(0, point) : exact.slice(0, point + 1 + places))
    : up;
}

/** As `Number.prototype.toExponential`, but exact ties go to the even digit. */
function toExponentialEven(x: number, places: number): string {
  const up = x.toExponential(places);
  // One place more, since the logarithm may be rounded up.
  if (!mayTie(x, places - Math.floor(Math.log10(x)) + 1)) return up;
  const [digits, exponent] = x.toExponential(100).split("e") as [string, string];
  const cut = places === 0 ? 1 : 2 + places;
  const rest = digits.slice(cut).replace(".", "");
  return /^50*$/.test(rest) ? evenOf(up, `${digits.slice(0, cut)}e${exponent}`) : up;
}

/** Of the roundings up and down the one that ends in an even digit. */
const evenOf = (up: string, down: string): string => (/[02468](e|$)/.test(down) ? down : up);

/** Sign, digits before and after the point, and the exponent if there is one. */
export interface Digits {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: number | null;
}

export interface DigitOptions {
  readonly dtype: DType;
  /** Digits after the point, at most; null for no limit. */
  readonly precision: number | null;
  /** Leaves out digits that are not needed to tell the number from its neighbours. */
  readonly unique: boolean;
  /** Digits after the point, at least: exact ones, not zeros. */
  readonly atLeast?: number;
}

const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);

/** Without zeros at the end. */
const trimmed = (digits: string): string => digits.replace(/0+$/, "");

/** A finite number without an exponent. */
export function positional(x: number, { dtype, precision, unique, atLeast = 0 }: DigitOptions): Digits {
  const size = Math.abs(x);
  let text: string;
  if (unique) {
    const [mantissa, exponent] = shortest(size, dtype).split("e") as [string, string];
    const digits = mantissa.replace(".", "");
    const shift = Number(exponent);
    const places = Math.max(0, digits.length - 1 - shift);
    const rounded = precision !== null && places > precision ? precision : places < atLeast ? atLeast : null;
    text = rounded === null ? shifted(digits, shift) : toFixedEven(size, rounded);
  } else text = toFixedEven(size, precision ?? 0);
  const [whole, fraction = ""] = text.split(".") as [string, string?];
  return {
    negative: isNegative(x),
    whole,
    fraction: unique && atLeast === 0 ? trimmed(fraction) : fraction,
    exponent: null,
  };
}

/** `digits` with the point after the first one, times ten to a power. */
function shifted(digits: string, power: number): string {
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return `${whole}.${digits.slice(power + 1)}`;
}

/** A finite number with one digit before the point and an exponent. */
export function scientific(x: number, { dtype, precision, unique, atLeast = 0 }: DigitOptions): Digits {
  const size = Math.abs(x);
  let text = unique ? shortest(size, dtype) : toExponentialEven(size, precision ?? 0);
  const places = Math.max(0, text.split("e")[0]!.length - 2);
  if (unique && precision !== null && places > precision) text = toExponentialEven(size, precision);
  else if (unique && places < atLeast) text = toExponentialEven(size, atLeast);
  const [mantissa, exponent] = text.split("e") as [string, string];
  const [whole, fraction = ""] = mantissa.split(".") as [string, string?];
  return {
    negative: isNegative(x),
    whole,
    fraction: unique && atLeast === 0 ? trimmed(fraction) : fraction,
    exponent: Number(exponent),
  };
}

/** `+05`: the exponent with a sign and at least so many digits. */
export const exponentText = (exponent: number, digits: number): string =>
  (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(digits, "0");
