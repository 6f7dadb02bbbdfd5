/**
 * Innermost kernels of products with few rows: out[s, l] (+)= sum_k small[s, k] * big[l, k] with s <= 4, where each
 * element of `big` is read once and the time is that of reading it. Two forms by what is contiguous in `big`.
 *
 * A call reads several rows of `big` at once, so that few pointers move. The caller takes them far apart: processors
 * fetch a few distant streams ahead faster than neighbouring rows (38 against 26 GB/s, one thread of an EPYC).
 */
import type { Callable, Func, Local, Module } from "./assembler";
import { emitLaneSum, emitLoadPart, emitMadd, emitStorePart, type Element } from "./gemm-element";

/** The most rows of `small`. */
export const SKINNY_ROWS = 4;

/**
 * Rows of `big` that the dot kernel reads at a time, for 1 to 4 rows of `small`: what 15 vector registers hold sums for. A
 * product takes one more where it is not fused; 4 streams of two vectors a turn are then 1.2 times as fast as 6 of one,
 * and 2 streams for 3 rows 1.8 times as fast as 3.
 */
const DOT_STREAMS_FUSED: readonly number[] = [0, 6, 4, 3, 2];
const DOT_STREAMS_PLAIN: readonly number[] = [0, 4, 4, 2, 2];
export const dotStreams = (rows: number, relaxed: boolean): number =>
  (relaxed ? DOT_STREAMS_FUSED : DOT_STREAMS_PLAIN)[rows] as number;
/** The same of the axpy kernel, which holds factors. */
export const AXPY_STREAMS: readonly number[] = [0, 4, 4, 3, 2];

export interface SkinnyKernel {
  readonly element: Element;
  readonly relaxed: boolean;
  /** Rows of `small`. */
  readonly rows: number;
  /** Rows of `big`: along l (dot) or k (axpy). */
  readonly streams: number;
  /** Elements after the whole vectors: of k (dot) or l (axpy). */
  readonly tail: number;
}

/**
 * In bytes; `vectors` is the number of whole vectors. Rows of `small` and of `out` are contiguous, `smallRow` and
 * `outRow` apart. From one stream to the next, `big` moves by `bigStep`, and by `step` what belongs to its row: an
 * element of `out` (dot) or of `small` (axpy).
 */
export const SKINNY_PARAMS = {
  small: "i32",
  smallRow: "i32",
  big: "i32",
  bigStep: "i32",
  out: "i32",
  outRow: "i32",
  step: "i32",
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

/** Runs `body(i)` for each of `vectors` vectors, `unroll` at a time (i < unroll) while there are so many. */
function emitVectorLoop(f: SkinnyFunc, pointers: readonly Local[], unroll: number, body: (i: number) => void): void {
  const { vectors } = f.params;
  const loop = (count: number) => {
    f.block((done) => {
      f.get(vectors).i32(count).op("i32.lt_u").brIf(done);
      f.loop((again) => {
        for (let i = 0; i < count; i++) body(i);
        for (const pointer of pointers) f.inc(pointer, 16 * count);
        f.get(vectors).i32(count).op("i32.sub").tee(vectors).i32(count).op("i32.ge_u").brIf(again);
      });
    });
  };
  loop(unroll);
  if (unroll > 1) loop(1);
}

/** `big` is contiguous along k: sums of products of rows. */
export function skinnyDot(m: Module, kernel: SkinnyKernel): Callable {
  const { element: e, relaxed, rows, streams, tail } = kernel;
  const key = `dot_${e.name}_${rows}x${streams}_tail${tail}${relaxed ? "_fma" : ""}`;
  // an addition takes 3 or 4 cycles: fewer sums would wait for themselves
  const chains = Math.max(1, Math.floor(4 / (rows * streams)));
  const unroll = rows === 1 && !relaxed ? Math.max(chains, 2) : chains;
  return m.helper(key, SKINNY_PARAMS, [], (f) => {
    const { small, smallRow, big, bigStep, out, outRow, step, add } = f.params;
    const acc = Array.from({ length: chains }, (_, c) =>
      Array.from({ length: rows }, (_, s) => locals(f, "v128", streams, `acc${c}_${s}_`)),
    );
    const values = locals(f, "v128", rows, "small");
    const value = f.local("v128", "big");
    const smalls = emitPointers(f, small, smallRow, rows, "small");
    const bigs = emitPointers(f, big, bigStep, streams, "big");
    const vector = (i: number, bytes: number) => {
      smalls.forEach((pointer, s) => {
        emitLoadPart(f, bytes, pointer, 16 * i);
        f.set(values[s] as Local);
      });
      bigs.forEach((pointer, l) => {
        emitLoadPart(f, bytes, pointer, 16 * i);
        f.set(value);
        acc[i % chains]!.forEach((sums, s) => emitMadd(f, e, relaxed, sums[l] as Local, value, values[s] as Local));
      });
    };
    acc.flat(2).forEach((sum) => f.i32x4(0).set(sum));
    emitVectorLoop(f, [...smalls, ...bigs], unroll, (i) => vector(i, 16));
    if (tail > 0) vector(0, tail * e.sizeBytes);
    acc[0]!.forEach((sums, s) => {
      if (s > 0) f.inc(out, outRow);
      const at = emitPointers(f, out, step, streams, "out");
      sums.forEach((sum, l) => {
        for (const more of acc.slice(1)) f.get(sum).get(more[s]![l]!).op(e.vectorAdd).set(sum);
        f.get(at[l]!);
        emitLaneSum(f, e, sum);
        f.get(add).if(
          () => f.get(at[l]!).mem(e.load),
          () => f[e.name](0),
          e.name,
        );
        f.op(e.add).mem(e.store);
      });
      f.release(...at.slice(1));
    });
  });
}

/** `big` is contiguous along l: adds multiples of its rows. */
export function skinnyAxpy(m: Module, kernel: SkinnyKernel): Callable {
  const { element: e, relaxed, rows, streams, tail } = kernel;
  const key = `axpy_${e.name}_${rows}x${streams}_tail${tail}${relaxed ? "_fma" : ""}`;
  return m.helper(key, SKINNY_PARAMS, [], (f) => {
    const { small, smallRow, big, bigStep, out, outRow, step, add } = f.params;
    const factors = Array.from({ length: rows }, (_, s) => locals(f, "v128", streams, `factor${s}_`));
    const sums = locals(f, "v128", rows, "sum");
    const value = f.local("v128", "big");
    const bigs = emitPointers(f, big, bigStep, streams, "big");
    const outs = emitPointers(f, out, outRow, rows, "out");
    const at = f.local("i32", "at");
    factors.forEach((row, s) => {
      if (s > 0) f.inc(small, smallRow);
      f.get(small).set(at);
      row.forEach((factor, k) => {
        if (k > 0) f.inc(at, step);
        f.get(at).mem(e.loadSplat).set(factor);
      });
    });
    const vector = (bytes: number, adds: boolean, offset: number) => {
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
      // Several vectors a time: moving the pointers takes as long as a sum.
      emitVectorLoop(f, [...bigs, ...outs], rows === 1 ? 4 : 2, (i) => vector(16, adds, 16 * i));
      if (tail > 0) vector(tail * e.sizeBytes, adds, 0);
    };
    f.get(add).if(
      () => all(true),
      () => all(false),
    );
  });
}
