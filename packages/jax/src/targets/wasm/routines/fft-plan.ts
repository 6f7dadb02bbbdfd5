/**
 * How a Fourier transform of a length is computed, and its table: the list of passes with their roots of unity.
 *
 * - Small lengths whose factors are at most 13: passes over the row (`fft-direct.ts`).
 * - Large ones: as a matrix n1 x n2, in blocks of columns that stay in the cache (`fft-blocks.ts`).
 * - Others: as a convolution of a power of two (`fft-chirp.ts`).
 */
import type { Table } from "./routine";
import { cosOfTurn, sinOfTurn } from "./fft-roots";
import { ODD_RADICES } from "./fft-butterflies";
import type { RealType } from "./real";

/** Code of the first pass over neighbours, and what is added to the radix of a last pass. */
export const FIRST = 1;
export const LAST = 64;

/** Bytes of an entry in the list of passes: code, m, place of the twiddles in the table. */
export const PASS_BYTES = 12;

/** Prime factors that have passes: 4 before 2, or null. */
export function radicesOf(n: number): number[] | null {
  const out: number[] = [];
  for (const radix of [4, 2, ...ODD_RADICES]) {
    for (; n % radix === 0; n /= radix) out.push(radix);
  }
  return n === 1 ? out : null;
}

/** n1 * n2 = n with n1 as near to the root as factors allow. */
export function splitLength(n: number): [number, number] {
  let best = 1;
  for (let d = 1; d * d <= n; d++) if (n % d === 0) best = d;
  return [best, n / best];
}

/** A table under construction: numbers are made when the table is first used. */
export class TableBuilder {
  bytes = 0;
  private readonly parts: ((buffer: ArrayBufferLike, address: number) => void)[] = [];

  /** Room for `count` int32, 16-byte aligned. */
  ints(values: readonly number[]): number {
    const at = this.take(4 * values.length);
    this.parts.push((buffer, address) => new Int32Array(buffer, address + at, values.length).set(values));
    return at;
  }

  reals(real: RealType, count: number, fill: (view: Float32Array | Float64Array) => void): number {
    const at = this.take(real.bytes * count);
    this.parts.push((buffer, address) => {
      const start = address + at;
      fill(real.bytes === 4 ? new Float32Array(buffer, start, count) : new Float64Array(buffer, start, count));
    });
    return at;
  }

  table(key: string): Table {
    const { bytes, parts } = this;
    return { key, bytes, fill: (buffer, address) => parts.forEach((part) => part(buffer, address)) };
  }

  private take(bytes: number): number {
    const at = this.bytes;
    this.bytes += Math.ceil(bytes / 16) * 16;
    return at;
  }
}

/** Adds the passes of length n to a table; `inner` rows are transformed side by side. Returns the list's place. */
export function addPasses(t: TableBuilder, real: RealType, n: number, inner: number): { list: number; count: number } {
  const radices = radicesOf(n)!;
  const list: number[] = [radices.length];
  let m = n;
  radices.forEach((radix, i) => {
    m /= radix;
    const first = i === 0 && inner === 1 && radix === 4 && m % real.lanes === 0;
    const last = m === 1;
    const code = first ? FIRST : last ? radix + LAST : radix;
    list.push(code, m, first ? firstTwiddles(t, real, m) : last ? 0 : twiddles(t, real, radix, m));
  });
  return { list: t.ints(list), count: radices.length };
}

/** For each p: w^(p k) for k = 1 ... radix - 1. */
function twiddles(t: TableBuilder, real: RealType, radix: number, m: number): number {
  return t.reals(real, 2 * m * (radix - 1), (view) => {
    let at = 0;
    for (let p = 0; p < m; p++) {
      for (let k = 1; k < radix; k++) {
        view[at++] = cosOfTurn(p * k, radix * m);
        view[at++] = -sinOfTurn(p * k, radix * m);
      }
    }
  });
}

/** For each vector of p and k = 1, 2, 3: the real parts of w^(p k), then the imaginary ones. */
function firstTwiddles(t: TableBuilder, real: RealType, m: number): number {
  return t.reals(real, 6 * m, (view) => {
    let at = 0;
    for (let p = 0; p < m; p += real.lanes) {
      for (let k = 1; k < 4; k++) {
        for (let i = 0; i < real.lanes; i++) view[at + i] = cosOfTurn((p + i) * k, 4 * m);
        for (let i = 0; i < real.lanes; i++) view[at + real.lanes + i] = -sinOfTurn((p + i) * k, 4 * m);
        at += 2 * real.lanes;
      }
    }
  });
}
