/** Transforms of rows that fit the cache: passes from the input over two places in turn. */
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { define } from "./code";
import { ODD_RADICES } from "./fft-butterflies";
import { fftPass, firstPass } from "./fft-passes";
import { FIRST, LAST, PASS_BYTES, TableBuilder, addPasses, radicesOf } from "./fft-plan";
import { type RealType } from "./real";
import type { RowFft } from "./fft-rows";
import type { ScratchPlan } from "./routine";

/** Odd radices beyond these make a larger module, which few programs need. */
const COMMON = [2, 3, 4, 5] as const;

/** Radices for which a module for length n has passes. */
export const moduleRadices = (n: number): readonly number[] =>
  radicesOf(n)!.every((r) => (COMMON as readonly number[]).includes(r)) ? COMMON : [2, 4, ...ODD_RADICES];

export const radicesKey = (radices: readonly number[]): string => (radices.length > COMMON.length ? "odd" : "common");

/**
 * The function that runs a list of passes: from `in` to `dst`, from there to `other`, back to `dst` and so on. `s` is
 * the number of bytes of the rows side by side.
 */
export function runPasses(m: Module, features: WasmFeatures, real: RealType, radices: readonly number[]): Callable {
  const params = {
    list: "i32", table: "i32", s: "i32", inRe: "i32", inIm: "i32", dstRe: "i32", dstIm: "i32", otherRe: "i32",
    otherIm: "i32",
  } as const; // prettier-ignore
  const codes = [FIRST, ...radices, ...radices.map((r) => r + LAST)];
  const pass = (code: number): Callable =>
    code === FIRST ? firstPass(m, features, real) : fftPass(m, features, real, code % LAST, code >= LAST);
  return define(m, `passes_${real.name}_${radicesKey(radices)}`, params, [], (c, a) => {
    const { inRe, inIm, dstRe, dstIm, otherRe, otherIm } = a;
    const end = c.let(a.list.add(c.load("i32", a.list).mul(PASS_BYTES)));
    const code = c.var("i32");
    c.while(a.list.ltU(end), () => {
      code.set(c.load("i32", a.list, 4));
      for (const known of codes) {
        c.if(code.eq(known), () => {
          const twiddles = c.load("i32", a.list, 12).add(a.table);
          c.run(pass(known), inRe, inIm, dstRe, dstIm, c.load("i32", a.list, 8), a.s, twiddles);
          a.s.set(a.s.mul(known === FIRST ? 4 : known % LAST));
        });
      }
      for (const [from, to, spare] of [
        [inRe, dstRe, otherRe],
        [inIm, dstIm, otherIm],
      ] as const) {
        from.set(to);
        to.set(spare);
        spare.set(from);
      }
      a.list.inc(PASS_BYTES);
    });
  });
}

export function directFft(real: RealType, n: number, scratch: ScratchPlan): RowFft {
  const radices = moduleRadices(n);
  const builder = new TableBuilder();
  const { list, count } = addPasses(builder, real, n, 1);
  const [re, im] = [scratch.take(n * real.bytes), scratch.take(n * real.bytes)];
  const table = builder.table(`fft_direct_${real.name}_${n}`);
  return {
    key: `direct_${real.name}_${radicesKey(radices)}`,
    args: [{ table }, list, count % 2, "scratch", re, im],
    row: (m, features) => directRow(m, features, real, radices),
    together: false,
  };
}

function directRow(m: Module, features: WasmFeatures, real: RealType, radices: readonly number[]): Callable {
  const passes = runPasses(m, features, real, radices);
  const params = {
    inRe: "i32", inIm: "i32", outRe: "i32", outIm: "i32", table: "i32", list: "i32", odd: "i32", scratch: "i32",
    re: "i32", im: "i32",
  } as const; // prettier-ignore
  return define(m, `direct_${real.name}`, params, [], (c, a) => {
    const { inRe, inIm, outRe, outIm } = a;
    for (const place of [a.re, a.im]) place.inc(a.scratch);
    a.list.inc(a.table);
    c.if(c.load("i32", a.list).eq(0), () => {
      c.copy(outRe, inRe, real.bytes);
      c.copy(outIm, inIm, real.bytes);
    });
    const source = [a.list, a.table, c.const("i32", real.bytes), inRe, inIm] as const;
    // The last pass is to end in the result.
    c.if(
      a.odd,
      () => c.run(passes, ...source, outRe, outIm, a.re, a.im),
      () => c.run(passes, ...source, a.re, a.im, outRe, outIm),
    );
  });
}
