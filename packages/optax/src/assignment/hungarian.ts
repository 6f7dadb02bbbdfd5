/** The assignment problem: pairs of rows and columns with the least sum of costs. */
import { type Array, lax, numpy as np } from "@jax-js/jax";
import { pure } from "../base";

interface Matching {
  /** Potentials of rows and columns; costs minus both are not negative, and zero for pairs. */
  u: Array;
  v: Array;
  /** The row of each column, -1 for none. */
  rowOf: Array;
}

interface Reach {
  /** Least reduced costs of paths to columns, and the columns before them on these (-1 for the first). */
  distance: Array;
  before: Array;
  visited: Array;
  /** The column that was reached last. */
  column: Array;
  /** The row from which the search goes on. */
  row: Array;
  /** Least cost so far. */
  total: Array;
}

const int = (x: number): Array => np.array(x, { dtype: "int32" });
const at = (x: Array, i: Array): Array => np.take(x, i, 0);

/** Gives a row, not more of them than columns, the column at the end of the shortest path over reduced costs. */
function addRow(costs: Array, { u, v, rowOf }: Matching, row: Array): Matching {
  const [nRows, nColumns] = costs.shape as [number, number];
  const columns = np.arange(nColumns).astype("int32");
  const step = (s: Reach): Reach => {
    const reduced = at(costs, s.row).sub(at(u, s.row)).sub(v).add(s.total); // [columns]
    const nearer = np.logicalAnd(np.logicalNot(s.visited), reduced.less(s.distance));
    const distance = np.where(nearer, reduced, s.distance);
    const before = np.where(nearer, s.column, s.before);
    const open = np.where(s.visited, Infinity, distance);
    const column = np.argmin(open).astype("int32");
    const visited = np.logicalOr(s.visited, columns.equal(column));
    return { distance, before, visited, column, row: at(rowOf, column), total: at(open, column) };
  };
  const start: Reach = {
    distance: np.full([nColumns], Infinity, { dtype: costs.dtype }),
    before: np.full([nColumns], -1, { dtype: "int32" }),
    visited: np.zeros([nColumns], { dtype: "bool" }),
    column: int(-1),
    row,
    total: np.zeros([], { dtype: costs.dtype }),
  };
  const end = lax.whileLoop(((s: Reach) => s.row.greaterEqual(0)) as never, step as never, start) as Reach;

  // Visited columns, and their rows, come nearer by what is left of the path; the row itself by all of it.
  const slack = np.where(end.visited, end.total.sub(end.distance), 0); // [columns]
  const gains = rowOf.reshape([-1, 1]).equal(np.arange(nRows).astype("int32")); // [columns, rows]
  const gained = np.sum(np.where(gains, slack.reshape([-1, 1]), 0), 0);
  const isRow = np.arange(nRows).astype("int32").equal(row);
  const nextU = u.add(gained).add(np.where(isRow, end.total, 0));

  // Along the path each column takes the row of the column before it.
  const shift = ([owner, column]: [Array, Array]): [Array, Array] => {
    const previous = at(end.before, column);
    const taken = np.where(previous.less(0), row, at(owner, np.maximum(previous, 0)));
    return [np.where(columns.equal(column), taken, owner), previous];
  };
  const [nextRowOf] = lax.whileLoop((([, column]: [Array, Array]) => column.greaterEqual(0)) as never, shift as never, [
    rowOf,
    end.column,
  ]) as [Array, Array];
  return { u: nextU, v: v.sub(slack), rowOf: nextRowOf };
}

/** The row of each column, -1 for none, of costs with at least as many columns as rows. */
function match(costs: Array): Array {
  const [nRows, nColumns] = costs.shape as [number, number];
  const zeros = (n: number): Array => np.zeros([n], { dtype: costs.dtype });
  const init: Matching = { u: zeros(nRows), v: zeros(nColumns), rowOf: np.full([nColumns], -1, { dtype: "int32" }) };
  const body = (row: Array, m: Matching): Matching => addRow(costs, m, row.astype("int32"));
  return (lax.foriLoop(0, nRows, body as never, init) as Matching).rowOf;
}

const none = (): Array => np.zeros([0], { dtype: "int32" });
const asFloat = (x: Array): Array => (/float/.test(x.dtype) ? x : x.astype("float32"));

/**
 * Pairs of rows and columns with the least sum of costs, as many as the smaller side has, in the order of rows.
 *
 * Shapes: `f[n, m] -> i32[min(n, m)], i32[min(n, m)]`.
 * Source: Crouse, "On implementing 2D rectangular assignment algorithms", 2016; optax.assignment.base_hungarian_algorithm.
 * @example
 * const [rows, columns] = baseHungarianAlgorithm(np.array([[4, 1], [2, 8], [5, 5]]));
 * [rows.js(), columns.js()]; // => [[0, 1], [1, 0]]
 */
export function baseHungarianAlgorithm(costMatrix: Array): [rows: Array, columns: Array] {
  return pure(() => {
    const [nRows, nColumns] = costMatrix.shape as [number, number];
    if (nRows === 0 || nColumns === 0) return [none(), none()] as [Array, Array];
    const isTall = nRows > nColumns;
    const rowOf = match(asFloat(isTall ? np.transpose(costMatrix) : costMatrix));
    // Sides without a partner, -1, go to the end.
    const order = np.argsort(np.where(rowOf.less(0), Math.max(nRows, nColumns), rowOf)).astype("int32");
    const columnOf = order.slice([0, Math.min(nRows, nColumns)]);
    if (!isTall) return [np.arange(nRows).astype("int32"), columnOf] as [Array, Array];
    const byRow = np.argsort(columnOf).astype("int32");
    return [at(columnOf, byRow), byRow] as [Array, Array];
  }, [costMatrix]);
}

/**
 * Pairs of rows and columns with the least sum of costs, as many as the smaller side has. The larger side is in order if the
 * sides are equal; otherwise the smaller side is, from the last to the first.
 *
 * Shapes: `f[n, m] -> i32[min(n, m)], i32[min(n, m)]`.
 * Source: Kuhn, "The Hungarian method for the assignment problem", 1955; optax.assignment.hungarian_algorithm.
 * @example
 * const costs = np.array([[8, 4, 7], [5, 2, 3], [9, 4, 8]]);
 * const [rows, columns] = hungarianAlgorithm(costs);
 * [rows.js(), columns.js()]; // => [[0, 2, 1], [0, 1, 2]]
 */
export function hungarianAlgorithm(costMatrix: Array): [rows: Array, columns: Array] {
  return pure(() => {
    const [nRows, nColumns] = costMatrix.shape as [number, number];
    if (nRows === 0 || nColumns === 0) return [none(), none()] as [Array, Array];
    const isTall = nRows > nColumns;
    const rowOf = match(asFloat(isTall ? np.transpose(costMatrix) : costMatrix));
    if (nRows === nColumns) return [rowOf, np.arange(nColumns).astype("int32")] as [Array, Array];
    const columns = np
      .argsort(rowOf.neg())
      .astype("int32")
      .slice([0, Math.min(nRows, nColumns)]);
    const rows = at(rowOf, columns);
    return (isTall ? [columns, rows] : [rows, columns]) as [Array, Array];
  }, [costMatrix]);
}
