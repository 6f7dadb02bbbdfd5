/** Which register tiles products of matrices have: what there is to choose from, and what stands until it is measured. */

/** Rows of the tiles that are two vectors wide, and of those that are four; 0 where there are none of four. */
export interface RegisterTiles {
  readonly narrow: number;
  readonly wide: number;
}

export const NARROW_ROWS: readonly number[] = [4, 6, 8];
export const WIDE_ROWS: readonly number[] = [2, 4, 6];

/**
 * For x64, which has 15 vector registers for us: fused, 6 rows of 2 vectors take all. Without fused multiply-add a product
 * takes one more, and 2 rows of 4 vectors of packed operands come to the peak (V8 11.3: 65 GF/s, 4 rows of 2 vectors 53,
 * more spill).
 */
export const tableTiles = (fused: boolean): RegisterTiles => (fused ? { narrow: 6, wide: 0 } : { narrow: 4, wide: 2 });

/** By how much another tile must be faster than that of the table: noise shall not decide. */
const MARGIN = 1.08;

/** What to choose where the tiles do so many operations in a unit of time. */
export function chooseTiles(
  fused: boolean,
  rate: (tile: { readonly rows: number; readonly vectors: number }) => number,
): RegisterTiles {
  const table = tableTiles(fused);
  const narrowRate = (rows: number): number => rate({ rows, vectors: 2 });
  const wideRate = (rows: number): number => rate({ rows, vectors: 4 });
  const fastest = (rows: readonly number[], of: (rows: number) => number): number =>
    rows.reduce((best, r) => (of(r) > of(best) ? r : best));
  const clear = (stands: number, rows: readonly number[], of: (rows: number) => number): number => {
    const best = fastest(rows, of);
    return of(best) > MARGIN * of(stands) ? best : stands;
  };
  const narrow = clear(table.narrow, NARROW_ROWS, narrowRate);
  if (table.wide === 0) {
    const wide = fastest(WIDE_ROWS, wideRate);
    return { narrow, wide: wideRate(wide) > MARGIN * narrowRate(narrow) ? wide : 0 };
  }
  const wide = clear(table.wide, WIDE_ROWS, wideRate);
  return { narrow, wide: narrowRate(narrow) > MARGIN * wideRate(wide) ? 0 : wide };
}
