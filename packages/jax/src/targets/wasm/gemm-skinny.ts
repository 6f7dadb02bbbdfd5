/**
 * Innermost kernels of products with few rows: out[s, l] (+)= sum_k small[s, k] * big[l, k] with s <= 4, where each
 * element of `big` is read once and the time is that of reading it. Two forms by what is contiguous in `big`.
 */
import type { Callable, Func, Local, Module } from "./assembler";
import { emitLaneSum, emitLoadPart, emitMadd, emitStorePart, type Element } from "./gemm-element";

/** The most rows of `small`. */
export const SKINNY_ROWS = 4;

/** Rows of `big` at a time (dot): what 15 vector registers allow for 1 to 4 rows of `small`. */
export const SKINNY_UNROLL: readonly number[] = [0, 8, 4, 3, 2];

/** Steps of k at a time (axpy): the more, the less often the result is read and written. */
export const AXPY_UNROLL: readonly number[] = [0, 12, 5, 3, 2];

export interface SkinnyKernel {
  readonly element: Element;
  readonly relaxed: boolean;
  /** Rows of `small`. */
  readonly rows: number;
  /** Rows of `big` (dot) or steps of k (axpy) that one call does. */
  readonly unroll: number;
  /** Elements after the whole vectors: of k (dot) or l (axpy). */
  readonly tail: number;
}

/** In bytes; `vectors` is the number of whole vectors. Rows of `small` are contiguous, `smallRow` apart. */
export const SKINNY_PARAMS = {
  small: "i32",
  smallRow: "i32",
  big: "i32",
  bigStride: "i32",
  out: "i32",
  outRow: "i32",
  vectors: "i32",
  add: "i32",
} as const;

type SkinnyFunc = Func<typeof SKINNY_PARAMS>;

const locals = (f: Func, type: Local["type"], count: number, name: string): Local[] =>
  Array.from({ length: count }, (_, i) => f.local(type, `${name}${i}`));

/** first, first + stride, ... as locals. */
function emitPointers(f: Func, first: Local, stride: Local, count: number, name: string): Local[] {
  const rest = locals(f, "i32", count - 1, name);
  const all = [first, ...rest];
  rest.forEach((pointer, i) =>
    f
      .get(all[i] as Local)
      .get(stride)
      .op("i32.add")
      .set(pointer),
  );
  return all;
}

/** Counts `vectors` down while it is not 0, moving `pointers` on by `bytes` each time. */
function emitVectorLoop(f: SkinnyFunc, pointers: readonly Local[], bytes: number, body: () => void): void {
  const { vectors } = f.params;
  f.get(vectors).if(() =>
    f.loop((again) => {
      body();
      for (const pointer of pointers) f.inc(pointer, bytes);
      f.get(vectors).i32(1).op("i32.sub").tee(vectors).brIf(again);
    }),
  );
}

/** `big` is contiguous along k: sums of products of rows. `bigStride` is from l to l + 1. */
export function skinnyDot(m: Module, kernel: SkinnyKernel): Callable {
  const { element: e, relaxed, rows, unroll, tail } = kernel;
  const key = `dot_${e.name}_${rows}x${unroll}_tail${tail}${relaxed ? "_fma" : ""}`;
  return m.helper(key, SKINNY_PARAMS, [], (f) => {
    const { small, smallRow, big, bigStride, out, outRow, add } = f.params;
    const acc = Array.from({ length: rows }, (_, s) => locals(f, "v128", unroll, `acc${s}_`));
    const values = locals(f, "v128", rows, "small");
    const value = f.local("v128", "big");
    const smalls = emitPointers(f, small, smallRow, rows, "small");
    const bigs = emitPointers(f, big, bigStride, unroll, "big");
    const step = (bytes: number) => {
      smalls.forEach((pointer, s) => {
        emitLoadPart(f, bytes, pointer, 0);
        f.set(values[s] as Local);
      });
      bigs.forEach((pointer, l) => {
        emitLoadPart(f, bytes, pointer, 0);
        f.set(value);
        acc.forEach((sums, s) => emitMadd(f, e, relaxed, sums[l] as Local, value, values[s] as Local));
      });
    };
    acc.flat().forEach((sum) => f.i32x4(0).set(sum));
    emitVectorLoop(f, [...smalls, ...bigs], 16, () => step(16));
    if (tail > 0) step(tail * e.sizeBytes);
    acc.forEach((sums, s) => {
      if (s > 0) f.inc(out, outRow);
      sums.forEach((sum, l) => {
        f.get(out);
        emitLaneSum(f, e, sum);
        f.get(add).if(
          () => f.get(out).mem(e.load, l * e.sizeBytes),
          () => f[e.name](0),
          e.name,
        );
        f.op(e.add).mem(e.store, l * e.sizeBytes);
      });
    });
  });
}

/** `big` is contiguous along l: adds multiples of its rows. `bigStride` is from k to k + 1. */
export function skinnyAxpy(m: Module, kernel: SkinnyKernel): Callable {
  const { element: e, relaxed, rows, unroll, tail } = kernel;
  const key = `axpy_${e.name}_${rows}x${unroll}_tail${tail}${relaxed ? "_fma" : ""}`;
  return m.helper(key, SKINNY_PARAMS, [], (f) => {
    const { small, smallRow, big, bigStride, out, outRow, vectors, add } = f.params;
    const factors = Array.from({ length: rows }, (_, s) => locals(f, "v128", unroll, `factor${s}_`));
    const sums = locals(f, "v128", rows, "sum");
    const value = f.local("v128", "big");
    const bigs = emitPointers(f, big, bigStride, unroll, "big");
    const outs = emitPointers(f, out, outRow, rows, "out");
    factors.forEach((row, s) => {
      if (s > 0) f.inc(small, smallRow);
      row.forEach((factor, k) =>
        f
          .get(small)
          .mem(e.loadSplat, k * e.sizeBytes)
          .set(factor),
      );
    });
    const step = (bytes: number, adds: boolean, offset = 0) => {
      sums.forEach((sum, s) => {
        if (adds) emitLoadPart(f, bytes, outs[s] as Local, offset);
        else f.i32x4(0);
        f.set(sum);
      });
      bigs.forEach((pointer, k) => {
        emitLoadPart(f, bytes, pointer, offset);
        f.set(value);
        sums.forEach((sum, s) => emitMadd(f, e, relaxed, sum, value, factors[s]?.[k] as Local));
      });
      sums.forEach((sum, s) => emitStorePart(f, bytes, outs[s] as Local, sum, offset));
    };
    const all = (adds: boolean) => {
      const pointers = [...bigs, ...outs];
      if (rows === 1) {
        // Two vectors a time: moving so many pointers takes as long as the sums.
        const odd = f.local("i32", "odd");
        f.get(vectors).i32(1).op("i32.and").set(odd);
        f.get(vectors).i32(1).op("i32.shr_u").set(vectors);
        emitVectorLoop(f, pointers, 32, () => [0, 16].forEach((offset) => step(16, adds, offset)));
        f.get(odd).if(() => {
          step(16, adds);
          for (const pointer of pointers) f.inc(pointer, 16);
        });
      } else emitVectorLoop(f, pointers, 16, () => step(16, adds));
      if (tail > 0) step(tail * e.sizeBytes, adds);
    };
    f.get(add).if(
      () => all(true),
      () => all(false),
    );
  });
}
