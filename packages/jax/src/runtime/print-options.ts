/** How arrays are printed: NumPy's options. */
import { checkOptionNames } from "../base/option-names";

export interface PrintOptions {
  /** Digits after the point, at most. */
  precision: number | null;
  /** Arrays of more elements are shortened. */
  threshold: number;
  /** How many elements a shortened axis shows at each end. */
  edgeitems: number;
  /** Characters of a line. */
  linewidth: number;
  /** Small numbers are printed as 0 rather than with an exponent. */
  suppress: boolean;
  nanstr: string;
  infstr: string;
  /** "-": only of negative numbers; "+": always; " ": a space in its place. */
  sign: "-" | "+" | " ";
  /**
   * Digits of floats: "maxprec" as many as tell each number from its neighbours, at most `precision`; "maxprec_equal" the
   * same number for all; "unique" without limit; "fixed" always `precision`.
   */
  floatmode: "maxprec" | "maxprec_equal" | "unique" | "fixed";
}

const DEFAULTS: PrintOptions = {
  precision: 8,
  threshold: 1000,
  edgeitems: 3,
  linewidth: 75,
  suppress: false,
  nanstr: "nan",
  infstr: "inf",
  sign: "-",
  floatmode: "maxprec",
};

let current: PrintOptions = DEFAULTS;

/** The options that hold now. */
export const printOptions = (): PrintOptions => current;

/** Replaces the options that are named. */
export function replacePrintOptions(options: Partial<PrintOptions>): void {
  checkOptionNames(options, Object.keys(DEFAULTS), "printoptions");
  const given = Object.entries(options).filter(([, v]) => v !== undefined);
  current = { ...current, ...Object.fromEntries(given) };
}
