/** Matrices of whole numbers for tests of products, whose sums are exact in every dtype here. */
import { type Array as JaxArray, type DType, numpy as np } from "@jax-js/jax";
import { randomNumbers } from "./run-program";

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly values: readonly number[];
}

export type Generator = () => number;

export const generator = (seed: number): Generator => randomNumbers(seed);

/** Whole numbers from low to high; both ends are met often. */
export function randomMatrix(
  rows: number,
  columns: number,
  [low, high]: readonly [low: number, high: number],
  random: Generator,
): Matrix {
  const values = Array.from({ length: rows * columns }, () => {
    const at = random();
    return at < 0.1 ? low : at > 0.9 ? high : low + Math.floor(random() * (high - low + 1));
  });
  return { rows, columns, values };
}

export const arrayOf = ({ rows, columns, values }: Matrix, dtype: DType): JaxArray =>
  np.array([...values]).astype(dtype).reshape([rows, columns]); // prettier-ignore

export const at = ({ columns, values }: Matrix, i: number, j: number): number => values[i * columns + j]!;

export const mapMatrix = (x: Matrix, f: (value: number, i: number, j: number) => number): Matrix => ({
  ...x,
  values: x.values.map((v, n) => f(v, Math.floor(n / x.columns), n % x.columns)),
});

export const transposed = (x: Matrix): Matrix => ({
  rows: x.columns,
  columns: x.rows,
  values: x.values.map((_, n) => at(x, n % x.rows, Math.floor(n / x.rows))),
});

/** The values of an array, row-major. */
export const flat = async (x: JaxArray): Promise<number[]> => Array.from(await x.data());

/** The product in exact integers, modulo 2^32 as int32. */
export function productOf(x: Matrix, y: Matrix): number[] {
  const out = new Int32Array(x.rows * y.columns);
  const factors = Int32Array.from(y.values);
  for (let i = 0; i < x.rows; i++) {
    for (let k = 0; k < x.columns; k++) {
      const factor = at(x, i, k);
      for (let j = 0; j < y.columns; j++) {
        out[i * y.columns + j]! += Math.imul(factor, factors[k * y.columns + j]!);
      }
    }
  }
  return [...out];
}

/** Which operands are given transposed: n(ot) or t. */
export type Form = "nn" | "nt" | "tn" | "tt";

/** An operand as it is given, and back. */
export const turned = (form: Form, side: 0 | 1, x: Matrix): Matrix => (form[side] === "n" ? x : transposed(x));
export const turn = (form: Form, side: 0 | 1, x: JaxArray): JaxArray => (form[side] === "n" ? x : x.T);

/** All forms of small products, one of a large one. */
export const formsOf = (work: number): readonly Form[] =>
  work < 1e6 ? ["nn", "nt", "tn", "tt"] : [(["nn", "nt", "tn", "tt"] as const)[work % 4]!];
