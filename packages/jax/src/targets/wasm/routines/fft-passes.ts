/**
 * One pass of Stockham's Fourier transform, which needs no reordering: for p < m and q < s
 *   y[q + s (r p + k)] = w^(p k) sum_j x[q + s (p + m j)] exp(-2 pi i j k / r),   w = exp(-2 pi i / (r m)),
 * vectors along q. Source: Van Loan (1992), 1.7; P. N. Swarztrauber, "FFT algorithms for vector computers" (1984).
 */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Value, type Var, define } from "./code";
import { type Complex, butterfly, keep, mulC, oddConstants } from "./fft-butterflies";
import { type RealType, loadAll } from "./real";
import type { FloatKind } from "./value";

/** Addresses; m a number, s in bytes; twiddles are (radix - 1) complex numbers for each p. */
const PARAMS = { inRe: "i32", inIm: "i32", outRe: "i32", outIm: "i32", m: "i32", s: "i32", twiddles: "i32" } as const;

/** `last`: m is 1, and there is nothing to turn. */
export function fftPass(m: Module, features: WasmFeatures, real: RealType, radix: number, last: boolean): Callable {
  return define(m, `pass${radix}_${real.name}${last ? "_last" : ""}`, PARAMS, [], (c, a) => {
    const step = c.let(a.m.mul(a.s));
    const q = c.var("i32");
    const kinds: readonly FloatKind[] = [real.vector, real.scalar];
    const constants = kinds.map((kind) => (radix % 2 === 1 ? oddConstants(c, kind, radix) : null));
    const vectorEnd = c.let(a.s.sub(15));
    const body = (kind: FloatKind): void => {
      const width = kind === real.vector ? 16 : real.bytes;
      const w: Complex[] = [];
      if (!last) {
        for (let k = 0; k < radix - 1; k++) {
          const at = 2 * k * real.bytes;
          w.push(keep(c, { re: loadAll(c, kind, a.twiddles, at), im: loadAll(c, kind, a.twiddles, at + real.bytes) }));
        }
      }
      c.while(q.lt(width === 16 ? vectorEnd : a.s), () => {
        const [re, im] = [c.let(a.inRe.add(q)), c.let(a.inIm.add(q))];
        const x: Complex[] = [];
        for (let j = 0; j < radix; j++) {
          x.push(keep(c, { re: c.load<FloatKind>(kind, re), im: c.load<FloatKind>(kind, im) }));
          if (j === radix - 1) break;
          re.inc(step);
          im.inc(step);
        }
        const y = butterfly(c, features, x, constants[kinds.indexOf(kind)]!);
        const [toRe, toIm] = [c.let(a.outRe.add(q)), c.let(a.outIm.add(q))];
        y.forEach((value, k) => {
          const turned = k === 0 || last ? value : mulC(c, features, value, w[k - 1]!);
          c.store(toRe, turned.re);
          c.store(toIm, turned.im);
          if (k === radix - 1) return;
          toRe.inc(a.s);
          toIm.inc(a.s);
        });
        q.inc(width);
      });
    };
    c.for(0, a.m, 1, () => {
      q.set(0);
      c.if(vectorEnd.gt(0), () => body(real.vector));
      c.if(q.lt(a.s), () => body(real.scalar));
      for (const pointer of [a.inRe, a.inIm]) pointer.inc(a.s);
      for (const pointer of [a.outRe, a.outIm]) pointer.inc(a.s.mul(radix));
      if (!last) a.twiddles.inc(2 * (radix - 1) * real.bytes);
    });
  });
}

/**
 * The first pass of radix 4 over neighbours (s = 1), m a multiple of the lanes: vectors along p, whose results are
 * transposed. Twiddles: for each vector of p, the real parts of w^p, then the imaginary ones; likewise w^2p, w^3p.
 */
export function firstPass(m: Module, features: WasmFeatures, real: RealType): Callable {
  const { vector: kind, bytes, lanes } = real;
  return define(m, `first_${real.name}`, PARAMS, [], (c, a) => {
    const step = c.let(a.m.mul(bytes));
    c.for(0, a.m, lanes, () => {
      const [re, im] = [c.let(a.inRe), c.let(a.inIm)];
      const x: Complex[] = [];
      for (let j = 0; j < 4; j++) {
        x.push(keep(c, { re: c.load<FloatKind>(kind, re), im: c.load<FloatKind>(kind, im) }));
        re.inc(step);
        im.inc(step);
      }
      const y = butterfly(c, features, x, null).map((value, k) => {
        if (k === 0) return value;
        const at = 32 * (k - 1);
        const w = keep(c, {
          re: c.load<FloatKind>(kind, a.twiddles, at),
          im: c.load<FloatKind>(kind, a.twiddles, at + 16),
        });
        return keep(c, mulC(c, features, value, w));
      });
      const store = (to: Var<"i32">, parts: readonly Value<FloatKind>[]): void =>
        interleave(real, parts, (u, v, picks) => c.let(c.shuffle(u, v, ...picks))).forEach((value, i) =>
          c.store(to, value, 16 * i),
        );
      store(a.outRe, y.map((v) => v.re)); // prettier-ignore
      store(a.outIm, y.map((v) => v.im)); // prettier-ignore
      for (const pointer of [a.inRe, a.inIm]) pointer.inc(16);
      for (const pointer of [a.outRe, a.outIm]) pointer.inc(64);
      a.twiddles.inc(96);
    });
  });
}

type Shuffle<T> = (a: T, b: T, lanes: readonly number[]) => T;

/** Four vectors as columns -> their rows, one after the other. */
export function interleave<T>({ lanes }: RealType, columns: readonly T[], shuffle: Shuffle<T>): T[] {
  const [a, b, c, d] = columns as [T, T, T, T];
  if (lanes === 2) {
    return [shuffle(a, b, [0, 2]), shuffle(c, d, [0, 2]), shuffle(a, b, [1, 3]), shuffle(c, d, [1, 3])];
  }
  const [ab, cd] = [shuffle(a, b, [0, 4, 1, 5]), shuffle(c, d, [0, 4, 1, 5])];
  const [abHigh, cdHigh] = [shuffle(a, b, [2, 6, 3, 7]), shuffle(c, d, [2, 6, 3, 7])];
  return [
    shuffle(ab, cd, [0, 1, 4, 5]),
    shuffle(ab, cd, [2, 3, 6, 7]),
    shuffle(abHigh, cdHigh, [0, 1, 4, 5]),
    shuffle(abHigh, cdHigh, [2, 3, 6, 7]),
  ];
}
