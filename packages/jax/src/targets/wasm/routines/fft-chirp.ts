/**
 * Transforms of any length as a convolution, in float64: with j k = (j^2 + k^2 - (k - j)^2) / 2 and the chirp
 * c[j] = exp(-pi i j^2 / n),   X[k] = c[k] sum_j (x[j] c[j]) conj(c[k - j]).
 * The convolution is of a length m >= 2 n - 1 that is quick to transform. Source: L. I. Bluestein, "A linear filtering
 * approach to the computation of the discrete Fourier transform" (1970).
 */
import { fft } from "../../../kernel/routines/fft";
import type { Callable, Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { type Code, type Value, type Var, define, i32s } from "./code";
import type { Crew, Part } from "./crew";
import { TableBuilder } from "./fft-plan";
import { cosOfTurn, sinOfTurn } from "./fft-roots";
import type { RowFft } from "./fft-rows";
import { REAL64, type RealType } from "./real";
import type { ScratchPlan } from "./routine";

/** Elements that a thread takes at least: whole cache lines. */
const LINE = 16;

/** The least of 2^k, 3 * 2^k and 5 * 2^k that is at least 2 n - 1. */
export function convolutionLength(n: number): number {
  const lengths = [1, 3, 5].map((odd) => {
    let m = odd;
    while (m < 2 * n - 1) m *= 2;
    return m;
  });
  return Math.min(...lengths);
}

/** `inner` transforms rows of the convolution's length m in float64. */
export function chirpFft(real: RealType, n: number, m: number, inner: RowFft, scratch: ScratchPlan): RowFft {
  const builder = new TableBuilder();
  const chirp = builder.reals(REAL64, 2 * n, (view) => fillChirp(view, n));
  const filter = builder.reals(REAL64, 2 * m, (view) => fillFilter(view, n, m));
  const places = [0, 1, 2, 3].map(() => scratch.take(8 * m));
  const table = builder.table(`fft_chirp_${n}`);
  return {
    key: `chirp_${real.name}_${inner.key}`,
    args: [n, m, { table }, chirp, filter, "scratch", ...places, ...inner.args],
    row: (module, features, crew) => chirpRow(module, features, crew, real, inner),
    together: inner.together,
  };
}

/** Real parts of c, then imaginary ones. */
function fillChirp(view: Float32Array | Float64Array, n: number): void {
  // j^2 mod 2 n, so that the angle keeps its digits
  for (let j = 0, square = 0; j < n; square = (square + 2 * j + 1) % (2 * n), j++) {
    view[j] = cosOfTurn(square, 2 * n);
    view[n + j] = -sinOfTurn(square, 2 * n);
  }
}

/** The transform of conj(c), wrapped around m and divided by m. */
function fillFilter(view: Float32Array | Float64Array, n: number, m: number): void {
  const chirp = new Float64Array(2 * n);
  fillChirp(chirp, n);
  const [re, im] = [new Float64Array(m), new Float64Array(m)];
  for (let j = 0; j < n; j++) {
    re[j] = re[(m - j) % m] = chirp[j]! / m;
    im[j] = im[(m - j) % m] = -chirp[n + j]! / m;
  }
  const [outRe, outIm] = [view.subarray(0, m), view.subarray(m, 2 * m)];
  view.fill(0);
  // Transforms of every odd-th number, put together by the definition.
  let power = m;
  while (power % 2 === 0) power /= 2;
  const parts = power;
  const length = m / parts;
  for (let s = 0; s < parts; s++) {
    const x = re.filter((_, j) => j % parts === s);
    const y = im.filter((_, j) => j % parts === s);
    fft(x, y, 0, x, y, length, false);
    for (let k = 0; k < m; k++) {
      const turn = (s * k) % m;
      const [c, d] = [cosOfTurn(turn, m), -sinOfTurn(turn, m)];
      const [a, b] = [x[k % length]!, y[k % length]!];
      outRe[k]! += a * c - b * d;
      outIm[k]! += a * d + b * c;
    }
  }
}

function chirpRow(m: Module, features: WasmFeatures, crew: Crew, real: RealType, inner: RowFft): Callable {
  const transform = inner.row(m, features, crew);
  const own = inner.args.map((_, i) => `arg${i}`);
  const names = ["inRe", "inIm", "outRe", "outIm", "n", "m", "table", "chirp", "filter", "scratch", "aRe", "aIm", "bRe", "bIm", ...own]; // prettier-ignore
  const multiply = multiplyComplex(m, real);
  return define(m, `chirp_${real.name}`, i32s(names), [], (c, all) => {
    const p = (name: string): Var<"i32"> => all[name]!;
    const [n, length, aRe, aIm, bRe, bIm] = ["n", "m", "aRe", "aIm", "bRe", "bIm"].map(p) as [Var<"i32">, Var<"i32">, Var<"i32">, Var<"i32">, Var<"i32">, Var<"i32">]; // prettier-ignore
    for (const place of [aRe, aIm, bRe, bIm]) place.inc(p("scratch"));
    for (const place of [p("chirp"), p("filter")]) place.inc(p("table"));
    const rest = own.map((name): Value => p(name));
    const tail = c.let(length.sub(n).shl(3));
    const [ofRow, ofWhole] = [crew.part(c, n, LINE), crew.part(c, length, LINE)];
    const times = (
      name: "load" | "between" | "store",
      { start, end }: Part,
      from: readonly [Var<"i32">, Var<"i32">],
      w: "chirp" | "filter",
      to: readonly [Var<"i32">, Var<"i32">],
    ): void => {
      const bytes = { load: [real.bytes, 8], between: [8, 8], store: [8, real.bytes] }[name];
      const at = (place: Value<"i32">, size: number): Value<"i32"> => place.add(start.mul(size));
      const [re, im] = from.map((place) => at(place, bytes[0]!));
      const [toRe, toIm] = to.map((place) => at(place, bytes[1]!));
      c.run(multiply[name], end.sub(start), re!, im!, at(p(w), 8), w === "chirp" ? n : length, toRe!, toIm!);
      crew.meet(c);
    };
    times("load", ofRow, [p("inRe"), p("inIm")], "chirp", [aRe, aIm]);
    crew.first(c, () => {
      for (const place of [aRe, aIm]) c.fill(place.add(n.shl(3)), 0, tail);
    });
    c.run(transform, aRe, aIm, bRe, bIm, ...rest);
    times("between", ofWhole, [bRe, bIm], "filter", [bRe, bIm]);
    // The inverse, by exchanged parts.
    c.run(transform, bIm, bRe, aIm, aRe, ...rest);
    times("store", ofRow, [aRe, aIm], "chirp", [p("outRe"), p("outIm")]);
  });
}

/** (count, re, im, w, wCount, toRe, toIm): to = x * w; w are wCount real parts, then imaginary ones. */
function multiplyComplex(m: Module, real: RealType): Record<"load" | "between" | "store", Callable> {
  const params = { count: "i32", re: "i32", im: "i32", w: "i32", wCount: "i32", toRe: "i32", toIm: "i32" } as const;
  const wide = (c: Code, from: RealType, at: Value<"i32">): Value<"f64"> =>
    from.name === "f64" ? c.load("f64", at) : c.load("f32", at).to("f64.promote_f32", "f64");
  const narrow = (to: RealType, x: Value<"f64">): Value => (to.name === "f64" ? x : x.to("f32.demote_f64", "f32"));
  const make = (from: RealType, to: RealType): Callable =>
    define(m, `chirp_${from.name}_${to.name}`, params, [], (c, a) => {
      const imaginary = c.let(a.w.add(a.wCount.shl(3)));
      const [x, y, u, v] = [c.var("f64"), c.var("f64"), c.var("f64"), c.var("f64")];
      c.for(0, a.count, 1, () => {
        x.set(wide(c, from, a.re));
        y.set(wide(c, from, a.im));
        u.set(c.load("f64", a.w));
        v.set(c.load("f64", imaginary));
        c.store(a.toRe, narrow(to, x.mul(u).sub(y.mul(v))));
        c.store(a.toIm, narrow(to, x.mul(v).add(y.mul(u))));
        for (const pointer of [a.re, a.im]) pointer.inc(from.bytes);
        for (const pointer of [a.toRe, a.toIm]) pointer.inc(to.bytes);
        for (const pointer of [a.w, imaginary]) pointer.inc(8);
      });
    });
  return { load: make(real, REAL64), between: make(REAL64, REAL64), store: make(REAL64, real) };
}
