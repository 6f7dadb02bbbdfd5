/** Functions to differentiate, made of samples; directions; and derivatives by central differences. */
import { type DType, isFloat } from "../../src/aval/dtype";
import { prod, range } from "../../src/base/list";
import type { Tracer } from "../../src/core/tracer";
import type { DeviceName } from "../../src/kernel/device";
import { add, mul, reduceSum } from "../../src/ops/index";
import { arrayFromData } from "../../src/runtime/create";
import { Owner } from "../owner";
import { type Plain, makeArray, makeInputs, readAll } from "./arrays";
import { type Sample } from "./sample";

/** Reproducible numbers in (-1, 1). */
export const direction = (shape: readonly number[], seed: number): number[] =>
  range(prod(shape)).map((i) => {
    const x = (i + 1) * 0.4142135623730951 + seed * 0.7320508075688772;
    return 2 * (x - Math.floor(x)) - 0.97;
  });

/** A sample as a function of its float arguments, with results that are floats. */
export interface Smooth {
  readonly f: (...floats: Tracer[]) => Tracer[];
  readonly xs: readonly Tracer[];
  readonly tangents: readonly Tracer[];
  /** Results' weights: the cotangent. */
  readonly weights: readonly Tracer[];
}

/** The numbers of float inputs. */
export const floatInputs = (s: Sample): number[] => range(s.inputs.length).filter((i) => isFloat(s.inputs[i]!.dtype));

/** Null if there is nothing to differentiate. */
export function smoothFunction(s: Sample, device: DeviceName, own: Owner): Smooth | null {
  const at = floatInputs(s);
  if (at.length === 0 || s.record.derivative.kind === "refused") return null;
  const all = own.of(makeInputs(s, device));
  const f = (...floats: Tracer[]): Tracer[] => {
    const args = all.map((x, i) => (at.includes(i) ? floats[at.indexOf(i)]! : x));
    return s.call(args).filter((y) => isFloat(y.dtype));
  };
  const outs = own.run(() => f(...at.map((i) => all[i]!)));
  if (outs.length === 0) return null;
  const make = (x: { shape: readonly number[]; dtype: DType }, seed: number): Tracer =>
    own.of(arrayFromData(direction(x.shape, seed), x.shape, x.dtype, { device }));
  return {
    f,
    xs: at.map((i) => all[i]!),
    tangents: at.map((i) => make(s.inputs[i]!, i + 1)),
    weights: outs.map((y, k) => make(y, k + 11)),
  };
}

/** The sum of all results times their weights: one scalar. */
export function weighted(f: Smooth["f"], weights: readonly Tracer[]): (...xs: Tracer[]) => Tracer {
  return (...xs) =>
    f(...xs)
      .map((y, k) => reduceSum(mul(y, weights[k]!), range(y.ndim)))
      .reduce((a, b) => add(a, b));
}

const STEP = 1e-5;

/** (g(x + h t) - g(x - h t)) / 2h of the plain results of g at a sample's inputs in float64. */
export async function centralDifference(
  s: Sample,
  device: DeviceName,
  smooth: Smooth,
  g: (...xs: Tracer[]) => readonly Tracer[],
): Promise<Plain[]> {
  const tangents = await readAll(smooth.tangents);
  const side = async (h: number): Promise<Plain[]> => {
    using own = new Owner();
    const xs = floatInputs(s).map((i, k) => {
      const x = s.inputs[i]!;
      return makeArray(x, x.elements(0).map((v, e) => v + h * tangents[k]!.data[e]!), device); // prettier-ignore
    });
    own.of(xs);
    return readAll(own.run(() => g(...xs)));
  };
  const [high, low] = [await side(STEP), await side(-STEP)];
  return high.map((y, k) => ({ ...y, data: y.data.map((v, i) => (v - low[k]!.data[i]!) / (2 * STEP)) }));
}

/** Sum of products over lists of results. */
export const inner = (a: readonly Plain[], b: readonly Plain[]): number =>
  a.reduce((sum, x, k) => sum + x.data.reduce((t, v, i) => t + v * b[k]!.data[i]!, 0), 0);
