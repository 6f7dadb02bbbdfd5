/** Discrete Fourier transforms of any length: Stockham's algorithm over the prime factors, a dispatch a factor. */
import type { Program, RoutineKernel } from "../../kernel/program";
import { type Addressing, ModuleBindings, type WgslKernel, assemble } from "./module";

/**
 * (cos, sin) of 2 pi p / n, for 0 <= p <= n: WGSL promises no more than 2^-11 for its own. The angle is reduced to an
 * eighth of a turn in integers; the series end where float32 does.
 */
const TURN = `fn turn(p: i32, n: i32) -> vec2f {
  let octant = 8 * p / n;
  let rest = 8 * p - octant * n;
  let x = f32(select(rest, n - rest, (octant & 1) == 1)) / f32(n) * 0.78539816339744831;
  let y = x * x;
  let s = x * (1.0 + y * (-0.16666667 + y * (8.3333333e-3 + y * (-1.9841270e-4 + y * 2.7557319e-6))));
  let c = 1.0 + y * (-0.5 + y * (4.1666667e-2 + y * (-1.3888889e-3 + y * (2.4801587e-5 + y * -2.7557319e-7))));
  var v = select(vec2f(c, s), vec2f(s, c), (octant & 1) == 1);
  if ((octant & 2) != 0) { v = vec2f(-v.y, v.x); }
  if ((octant & 4) != 0) { v = -v; }
  return v;
}`;

/** Radices whose product is n, fours before twos. */
function radices(n: number): number[] {
  const out: number[] = [];
  let rest = n;
  for (const r of [4, 2, 3]) for (; rest % r === 0; rest /= r) out.push(r);
  for (let r = 5; r * r <= rest; r += 2) for (; rest % r === 0; rest /= r) out.push(r);
  if (rest > 1 || out.length === 0) out.push(rest);
  return out;
}

export function fftModules(
  kernel: RoutineKernel,
  program: Program,
  label: string,
  addressing: Addressing,
): WgslKernel[] {
  const n = kernel.dims[0]!;
  const total = kernel.batch * n;
  const steps = radices(n);
  let stride = 1;
  return steps.map((radix, t) => {
    const bindings = new ModuleBindings(program, addressing);
    // Stages write to one half of the scratch and read the other.
    const place = (stage: number, part: 0 | 1, index: string): string =>
      bindings.scratch(`${((stage % 2) * 2 + part) * total} + ${index}`);
    // The inverse is the forward transform with real and imaginary parts exchanged.
    const parts = kernel.params["inverse"] === true ? ([1, 0] as const) : ([0, 1] as const);
    const read = (part: 0 | 1, index: string): string =>
      t === 0 ? bindings.load(kernel.operands[parts[part]]!, index) : place(t - 1, part, index);
    const write = (part: 0 | 1, index: string, x: string): string =>
      t === steps.length - 1 ? bindings.store(kernel.outs[parts[part]]!, index, x) : `${place(t, part, index)} = ${x};`;
    const length = n / stride;
    const m = length / radix;
    const body = [
      `let row = point / ${n} * ${n};`,
      `let e = point % ${n};`,
      `let q = e % ${stride};`,
      `let k = e / ${stride} % ${radix};`,
      `let p = e / ${stride * radix};`,
      "var sum = vec2f();",
      "var at = 0;",
      `for (var j = 0; j < ${radix}; j++) {`,
      `let i = row + q + ${stride} * (p + ${m} * j);`,
      `let w = turn(at, ${radix});`,
      `let x = vec2f(${read(0, "i")}, ${read(1, "i")});`,
      "sum += vec2f(x.x * w.x + x.y * w.y, x.y * w.x - x.x * w.y);",
      `at += k;`,
      `if (at >= ${radix}) { at -= ${radix}; }`,
      "}",
      `let w = turn(p * k, ${length});`,
      write(0, "point", "sum.x * w.x + sum.y * w.y"),
      write(1, "point", "sum.y * w.x - sum.x * w.y"),
    ];
    stride *= radix;
    return assemble(`${label}.${t}`, bindings, body, {
      perGroup: false,
      count: total,
      shared: [TURN],
      scratchLength: steps.length === 1 ? 0 : 4 * total,
    });
  });
}
