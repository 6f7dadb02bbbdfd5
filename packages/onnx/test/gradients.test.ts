/** Gradients through models agree with differences, eagerly and under jit. */
import { type Array as NdArray, grad, jit, numpy as np, owned, tree } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { type Case, cases, disposeAll, inputsOf, modelOf } from "./oracle";

type Arrays = Record<string, NdArray>;

/** Steps and choices: their values jump, or which element is chosen does, within the difference's step. */
const jumps =
  /^(v\d+ )?(Round|OneHot|RoiAlign max|Floor|Ceil|Sign|Cast|Unique|MaxPool|Mod|ArgM|TopK|Hardmax|GridSample nearest|Quantize|DynamicQuantize|QLinear|ms DynamicQuantize|ms QLinear|ml Binarizer|ml Tree)/;
/** Their derivative is not defined in the core, or needs forward mode. */
const refused = /^(Scatter(ElementsND|Elements|ND)\d* (mul|min|max)|Loop until)/;
/** A part of the output is minus infinity. */
const infinite = /^Attention mask/;
/** Results without elements depend on nothing: there is no derivative to compare. */
const empty = /(to nothing|of no boxes)$/;

const floats = (xs: Readonly<Record<string, { readonly type?: string }>>): string[] =>
  Object.keys(xs).filter((name) => xs[name]!.type === "float32");

const chosen = cases.filter((c) => {
  const skipped = [jumps, refused, infinite, empty].some((names) => names.test(c.name));
  return !skipped && floats(c.inputs as never).length > 0 && floats(c.outputs as never).length > 0;
});

/** Numbers between -1 and 1 that differ, of the shape of x. */
const weightsLike = (x: NdArray, by: number): NdArray =>
  np.cos(np.arange(x.size).astype("float32").mul(by)).reshape(x.shape);

function checkGradient(c: Case): void {
  using model = modelOf(c);
  const inputs = inputsOf(c) as Arrays;
  const names = floats(c.inputs as never);
  const outputs = floats(c.outputs as never);
  const rest = Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));
  const point = Object.fromEntries(names.map((name) => [name, inputs[name]!]));
  const f = (xs: Arrays): NdArray =>
    owned(() => {
      const out = model.run({ ...rest, ...xs });
      return outputs.map((name) => np.sum(out[name]!.mul(weightsLike(out[name]!, 1)))).reduce(np.add);
    });
  const along = (gradient: Arrays): number =>
    owned(() =>
      names
        .map((name) => np.sum(gradient[name]!.mul(weightsLike(point[name]!, 1.7))))
        .reduce(np.add)
        .item(),
    ) as number;
  const step = 1e-3;
  const moved = (by: number): number =>
    owned(() =>
      f(
        Object.fromEntries(names.map((name) => [name, point[name]!.add(weightsLike(point[name]!, 1.7).mul(by))])),
      ).item(),
    ) as number;
  const difference = (moved(step) - moved(-step)) / (2 * step);
  const gradient = grad(f)(point);
  using compiled = jit(grad(f));
  const again = compiled(point);
  for (const got of [along(gradient), along(again)])
    expect(Math.abs(got - difference), `${got} and by differences ${difference}`).toBeLessThan(
      0.03 * (1 + Math.abs(difference)),
    );
  tree.dispose([gradient, again] as never);
  disposeAll(inputs);
}

describe("gradient", () => {
  for (const c of chosen) it(c.name, () => checkGradient(c));
});

it("is checked for most operators", () => {
  expect(chosen.length).toBeGreaterThan(300);
});
