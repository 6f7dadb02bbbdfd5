/** The cases, in Node and in the browser, and what their encoded values mean. */
import { type Array as JaxArray, type DType, numpy as np, random } from "@jax-js/jax";

export type Tensor = JaxArray;
export type Elements = readonly (number | string | boolean)[];
export type ArraySpec = readonly [dtype: DType, shape: readonly number[], flat: Elements];

/** An encoded value; exactly one property is there. */
export interface Value {
  readonly a?: ArraySpec;
  readonly v?: number | string | boolean | null;
  readonly s?: number;
  readonly l?: readonly Value[];
  readonly o?: Readonly<Record<string, Value>>;
  readonly u?: 1;
  readonly g?: readonly [dtype: DType, shape: readonly number[], seed: number, lo: number, hi: number];
  readonly f?: "sum" | "max" | "min" | "mean";
  readonly key?: number;
  /** In programs: an input, an earlier result. */
  readonly x?: number;
  readonly n?: number;
}

export interface Expected extends Value {
  readonly recon?: "eigh" | "eighlax" | "svd" | "qr" | "lu";
  readonly vals?: Value;
  readonly stat?: Distribution;
  readonly chk?: readonly [dtype: DType, shape: readonly number[], points: readonly (readonly [number, number])[]];
  readonly throws?: true;
}

export interface Distribution {
  readonly shape: readonly number[];
  readonly mean?: number | null;
  readonly sd?: number;
  /** [cdf(v), v] */
  readonly q?: readonly (readonly [number, number])[];
  readonly lo?: number;
  readonly hi?: number;
  readonly dtype?: DType | null;
}

export type Program = readonly (readonly [op: string, ...args: Value[]])[];

export interface Case {
  readonly id: string;
  readonly module: string;
  readonly fn: string;
  readonly args: readonly Value[];
  readonly alts?: readonly (readonly Value[])[];
  readonly expected: Expected;
  readonly rtol?: number;
  readonly atol?: number;
  readonly tags?: readonly string[];
  readonly note?: string;
  readonly anyDtype?: boolean;
  readonly kind?: string;
  readonly prog?: Program;
  readonly inputs?: readonly Value[];
  readonly argnums?: readonly number[];
  readonly tangents?: readonly Value[];
  readonly cotangent?: Value;
  readonly inAxes?: unknown;
}

export type Suite = "autodiff" | "fuzz" | "random" | "numpy";

// Written out, so that the bundler of the browser tests finds the files.
const FILES: Readonly<Record<Suite, URL>> = {
  autodiff: new URL("./autodiff.json.gz", import.meta.url),
  fuzz: new URL("./fuzz.json.gz", import.meta.url),
  random: new URL("./random.json.gz", import.meta.url),
  numpy: new URL("./numpy.json.gz", import.meta.url),
};

async function fileBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function loadCases(suite: Suite): Promise<Case[]> {
  const bytes = await fileBytes(FILES[suite]);
  // A server may have unpacked the file already.
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const stream = new Blob([bytes]).stream();
  const text = await new Response(packed ? stream.pipeThrough(new DecompressionStream("gzip")) : stream).text();
  return (JSON.parse(text) as { cases: Case[] }).cases;
}

const SPELLED: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0": -0 };
export const numbersOf = (flat: Elements): number[] =>
  flat.map((v) => (typeof v === "string" ? SPELLED[v]! : Number(v)));

/** Makes values, and remembers the arrays among them. */
export class Decoder {
  readonly made: Tensor[] = [];

  array(dtype: DType, shape: readonly number[], flat: readonly number[]): Tensor {
    const x = np.array(flat, { dtype, shape: [...shape] });
    this.made.push(x);
    return x;
  }

  value(s: Value): unknown {
    if (s.a !== undefined) return this.array(s.a[0], s.a[1], numbersOf(s.a[2]));
    if (s.g !== undefined) return this.array(s.g[0], s.g[1], generated(s.g));
    if (s.l !== undefined) return s.l.map((x) => this.value(x));
    if (s.o !== undefined) return Object.fromEntries(Object.entries(s.o).map(([k, v]) => [k, this.value(v)]));
    if (s.u !== undefined) return undefined;
    if (s.f !== undefined) {
      const name = s.f;
      return (x: Tensor) => np[name](x);
    }
    if (s.key !== undefined) {
      const key = random.key(s.key);
      this.made.push(key);
      return key;
    }
    return s.s === undefined ? s.v : Number(s.v);
  }

  /** Arguments of a call; undefined ones at the end are left out. */
  list(specs: readonly Value[]): unknown[] {
    const out = specs.map((s) => this.value(s));
    while (out.length > 0 && out[out.length - 1] === undefined) out.pop();
    return out;
  }

  dispose(): void {
    for (const x of this.made) x[Symbol.dispose]();
  }
}

/** lowbias32 of index + seed, in [lo, hi). */
function generated([dtype, shape, seed, lo, hi]: NonNullable<Value["g"]>): number[] {
  const float = dtype === "float32" || dtype === "float64";
  return Array.from({ length: shape.reduce((p, n) => p * n, 1) }, (_, i) => {
    let x = (i + seed) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b | 0);
    x ^= x >>> 16;
    const v = lo + (hi - lo) * ((x >>> 8) / 2 ** 24);
    return float ? v : Math.floor(v);
  });
}
