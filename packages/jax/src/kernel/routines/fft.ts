/** Discrete Fourier transforms of any length in float64: radix-2, and Bluestein's convolution for other lengths. */
import type { Elements } from "./index";

/** out[k] = sum_j x[j] exp(-+2 pi i j k / n) of the row of n at `at`; not normalised. */
export function fft(
  re: Elements,
  im: Elements,
  at: number,
  outRe: Elements,
  outIm: Elements,
  n: number,
  inverse: boolean,
): void {
  const x = Float64Array.from({ length: n }, (_, i) => re[at + i]!);
  const y = Float64Array.from({ length: n }, (_, i) => im[at + i]!);
  // The inverse is the forward transform with real and imaginary parts exchanged.
  if (inverse) transform(y, x);
  else transform(x, y);
  for (let i = 0; i < n; i++) {
    outRe[at + i] = x[i]!;
    outIm[at + i] = y[i]!;
  }
}

function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  if (n <= 1) return;
  if ((n & (n - 1)) === 0) radix2(re, im);
  else bluestein(re, im);
}

const tables = /* @__PURE__ */ new Map<number, { cos: Float64Array; sin: Float64Array }>();

/** cos and sin of 2 pi i / n for i < n / 2. */
function twiddles(n: number): { cos: Float64Array; sin: Float64Array } {
  let table = tables.get(n);
  if (table === undefined) {
    const half = Math.max(1, n / 2);
    table = {
      cos: Float64Array.from({ length: half }, (_, i) => Math.cos((2 * Math.PI * i) / n)),
      sin: Float64Array.from({ length: half }, (_, i) => Math.sin((2 * Math.PI * i) / n)),
    };
    if (tables.size >= 32) tables.clear();
    tables.set(n, table);
  }
  return table;
}

function radix2(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  const { cos, sin } = twiddles(n);
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const step = n / size;
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const c = cos[k * step]!;
        const s = sin[k * step]!;
        const a = start + k;
        const b = a + half;
        const tr = re[b]! * c + im[b]! * s;
        const ti = im[b]! * c - re[b]! * s;
        re[b] = re[a]! - tr;
        im[b] = im[a]! - ti;
        re[a]! += tr;
        im[a]! += ti;
      }
    }
  }
}

function bluestein(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  let m = 1;
  while (m < 2 * n + 1) m *= 2;
  const [ar, ai, br, bi] = [0, 0, 0, 0].map(() => new Float64Array(m)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    // i * i mod 2n exactly, so that the angle keeps its digits.
    const j = Number((BigInt(i) * BigInt(i)) % BigInt(2 * n));
    cos[i] = Math.cos((Math.PI * j) / n);
    sin[i] = Math.sin((Math.PI * j) / n);
    ar[i] = re[i]! * cos[i]! + im[i]! * sin[i]!;
    ai[i] = im[i]! * cos[i]! - re[i]! * sin[i]!;
    br[i] = br[(m - i) % m] = cos[i]!;
    bi[i] = bi[(m - i) % m] = sin[i]!;
  }
  radix2(ar, ai);
  radix2(br, bi);
  for (let i = 0; i < m; i++) {
    const r = ar[i]! * br[i]! - ai[i]! * bi[i]!;
    ai[i] = ar[i]! * bi[i]! + ai[i]! * br[i]!;
    ar[i] = r;
  }
  radix2(ai, ar);
  for (let i = 0; i < n; i++) {
    re[i] = (ar[i]! * cos[i]! + ai[i]! * sin[i]!) / m;
    im[i] = (ai[i]! * cos[i]! - ar[i]! * sin[i]!) / m;
  }
}
