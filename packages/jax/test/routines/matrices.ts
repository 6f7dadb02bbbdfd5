/** Matrices for tests of factorizations, and products of them in float64. */

export type Floats = Float32Array | Float64Array;
export type FloatDType = "float32" | "float64";

export function randomSource(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 4) / 2 ** 27 - 1;
  };
}

/** In the precision of the dtype. */
export const floats = (dtype: FloatDType, xs: ArrayLike<number>): Floats =>
  dtype === "float64" ? Float64Array.from(xs) : Float32Array.from(xs);

export const epsilon = (dtype: FloatDType): number => (dtype === "float64" ? 2 ** -52 : 2 ** -23);

/** A row-major matrix; an element is at(i, j). */
export class Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;

  constructor(rows: number, columns: number, data: ArrayLike<number>) {
    this.rows = rows;
    this.columns = columns;
    this.data = Float64Array.from(data);
  }

  static of(rows: number, columns: number, f: (i: number, j: number) => number): Matrix {
    return new Matrix(
      rows,
      columns,
      Array.from({ length: rows * columns }, (_, at) => f(Math.floor(at / columns), at % columns)),
    );
  }

  at(i: number, j: number): number {
    return this.data[i * this.columns + j]!;
  }

  get t(): Matrix {
    return Matrix.of(this.columns, this.rows, (i, j) => this.at(j, i));
  }

  times(other: Matrix): Matrix {
    const [rows, depth, columns] = [this.rows, this.columns, other.columns];
    const [x, y, out] = [this.data, other.data, new Float64Array(rows * columns)];
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < depth; k++) {
        const factor = x[i * depth + k]!;
        for (let j = 0; j < columns; j++) out[i * columns + j]! += factor * y[k * columns + j]!;
      }
    }
    return new Matrix(rows, columns, out);
  }

  minus(other: Matrix): Matrix {
    return new Matrix(this.rows, this.columns, this.data.map((x, i) => x - other.data[i]!)); // prettier-ignore
  }

  scaled(factor: number): Matrix {
    return new Matrix(this.rows, this.columns, this.data.map((x) => x * factor)); // prettier-ignore
  }

  /** The largest magnitude; NaN if there is one. */
  get largest(): number {
    return this.data.reduce((most, x) => (Math.abs(x) > most || x !== x ? Math.abs(x) : most), 0);
  }
}

export const identity = (n: number): Matrix => Matrix.of(n, n, (i, j) => (i === j ? 1 : 0));

/** Matrices of a batch. */
export function matricesOf(data: ArrayLike<number>, rows: number, columns: number): Matrix[] {
  const size = rows * columns;
  const all = Array.from(data);
  return Array.from(
    { length: size === 0 ? 0 : all.length / size },
    (_, i) => new Matrix(rows, columns, all.slice(i * size, (i + 1) * size)),
  );
}
