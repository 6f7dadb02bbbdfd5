/**
 * Discrete Fourier transforms of a few numbers, in registers. Forward: exp(-2 pi i j k / r). Odd lengths pair x[j] with
 * x[r - j]: their sum meets the cosines, their difference the sines. Source: C. Van Loan, Computational Frameworks for
 * the Fast Fourier Transform (1992), 1.3 and 2.3.
 */
import type { WasmFeatures } from "../features";
import type { Code } from "./code";
import { cosOfTurn, sinOfTurn } from "./fft-roots";
import { type Real, type RealVar, madd, nmadd } from "./real";
import type { FloatKind } from "./value";

export interface Complex {
  readonly re: Real;
  readonly im: Real;
}

export const ODD_RADICES = [3, 5, 7, 11, 13] as const;

/** Constants of an odd radix, in variables: cos and sin of 2 pi j / r for j = 1 ... (r - 1) / 2. */
export interface OddConstants {
  readonly cos: readonly RealVar[];
  readonly sin: readonly RealVar[];
}

export function oddConstants(c: Code, kind: FloatKind, radix: number): OddConstants {
  const half = Array.from({ length: (radix - 1) / 2 }, (_, j) => j + 1);
  return {
    cos: half.map((j) => c.letConst<FloatKind>(kind, cosOfTurn(j, radix))),
    sin: half.map((j) => c.letConst<FloatKind>(kind, sinOfTurn(j, radix))),
  };
}

export const addC = (a: Complex, b: Complex): Complex => ({ re: a.re.add(b.re), im: a.im.add(b.im) });
export const subC = (a: Complex, b: Complex): Complex => ({ re: a.re.sub(b.re), im: a.im.sub(b.im) });
/** -i a */
const turn = (a: Complex): Complex => ({ re: a.im, im: a.re.neg() });
export const keep = (c: Code, a: Complex): Complex => ({ re: c.let(a.re), im: c.let(a.im) });

/** a * w */
export function mulC(c: Code, features: WasmFeatures, a: Complex, w: Complex): Complex {
  return {
    re: nmadd(c, features, a.im, w.im, a.re.mul(w.re)),
    im: madd(c, features, a.re, w.im, a.im.mul(w.re)),
  };
}

/** The transform of x, whose numbers are variables; so is what is used twice of the result. */
export function butterfly(
  c: Code,
  features: WasmFeatures,
  x: readonly Complex[],
  constants: OddConstants | null,
): Complex[] {
  if (x.length === 2) return [keep(c, addC(x[0]!, x[1]!)), keep(c, subC(x[0]!, x[1]!))];
  if (x.length === 4) return radix4(c, x);
  return oddRadix(c, features, x, constants!);
}

function radix4(c: Code, x: readonly Complex[]): Complex[] {
  const [x0, x1, x2, x3] = x as [Complex, Complex, Complex, Complex];
  const [even, evenOdd] = [keep(c, addC(x0, x2)), keep(c, subC(x0, x2))];
  const [odd, oddOdd] = [keep(c, addC(x1, x3)), keep(c, subC(x1, x3))];
  return [
    keep(c, addC(even, odd)),
    keep(c, { re: evenOdd.re.add(oddOdd.im), im: evenOdd.im.sub(oddOdd.re) }),
    keep(c, subC(even, odd)),
    keep(c, { re: evenOdd.re.sub(oddOdd.im), im: evenOdd.im.add(oddOdd.re) }),
  ];
}

function oddRadix(c: Code, features: WasmFeatures, x: readonly Complex[], { cos, sin }: OddConstants): Complex[] {
  const r = x.length;
  const half = (r - 1) / 2;
  const [x0] = x as [Complex];
  const sums = cos.map((_, j) => keep(c, addC(x[j + 1]!, x[r - 1 - j]!)));
  const differences = cos.map((_, j) => keep(c, subC(x[j + 1]!, x[r - 1 - j]!)));
  const out: Complex[] = [keep(c, sums.reduce(addC, x0))];
  for (let k = 1; k <= half; k++) {
    // Angles j k, folded into the first half of the circle.
    const places = sums.map((_, i) => {
      const t = ((i + 1) * k) % r;
      return { at: Math.min(t, r - t) - 1, positive: t <= half };
    });
    const a = keep(
      c,
      sums.reduce<Complex>((sum, s, i) => {
        const w = cos[places[i]!.at]!;
        return { re: madd(c, features, s.re, w, sum.re), im: madd(c, features, s.im, w, sum.im) };
      }, x0),
    );
    const b = keep(
      c,
      differences.reduce<Complex | null>((sum, d, i) => {
        const { at, positive } = places[i]!;
        const w = sin[at]!;
        // The first place is k itself, whose sine is positive.
        if (sum === null) return { re: d.re.mul(w), im: d.im.mul(w) };
        const combine = positive ? madd : nmadd;
        return { re: combine(c, features, d.re, w, sum.re), im: combine(c, features, d.im, w, sum.im) };
      }, null)!,
    );
    const turned = turn(b);
    out[k] = keep(c, { re: a.re.add(turned.re), im: a.im.sub(b.re) });
    out[r - k] = keep(c, { re: a.re.sub(turned.re), im: a.im.add(b.re) });
  }
  return out;
}
