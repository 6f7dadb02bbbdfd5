/** `testUtil`: right derivatives pass, wrong ones do not, at every order and in every mode. */
import {
  type Array as JaxArray,
  JaxError,
  customJvp,
  customVjp,
  grad,
  jit,
  jvp,
  lax,
  numpy as np,
  testUtil,
} from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { syncDevices } from "./devices";
import oracle from "./oracles/check-grads.json";
import { owned, test } from "./scoped";

type A = JaxArray;
const { checkGrads } = testUtil;
const f64 = (...values: readonly number[]): A => owned(np.array(Float64Array.from(values)));

/** exp, whose rules are wrong. */
const wrongForward = (): ((x: A) => A) => {
  const f = customJvp((x: A) => np.exp(x));
  f.defjvp(([x], [t]) => [np.exp(x as A), (t as A).mul(2)]);
  return f as unknown as (x: A) => A;
};
const wrongBackward = (): ((x: A) => A) => {
  const f = customVjp((x: A) => np.exp(x));
  f.defvjp(
    (x: A) => [np.exp(x), x],
    (x: A, ct: A) => [x.mul(ct)],
  );
  return f as unknown as (x: A) => A;
};
/** Right once: the derivative has a wrong derivative. */
const wrongTwice = (): ((x: A) => A) => {
  const inner = wrongForward();
  const f = customJvp((x: A) => np.exp(x));
  f.defjvp(([x], [t]) => [np.exp(x as A), inner(x as A).mul(t as A)]);
  return f as unknown as (x: A) => A;
};

describe.each(syncDevices)("checkGrads on %s", (device) => {
  const on = (values: number[], dtype: "float64" | "float32" = "float64"): A =>
    owned(np.array(values, { dtype, device }));

  test("passes what is right", () => {
    const x = on([0.3, -1.2, 2]);
    checkGrads((a: A, b: { c: A }) => [np.sin(a).mul(b.c), np.exp(b.c)], [x, { c: on([1, 2, 0.5]) }], 3);
    checkGrads(owned(jit((a: A) => np.tanh(a).sum())), [x], 2, { modes: ["fwd", "rev", "lin"] });
    checkGrads((a: A) => lax.scan((c: A, v: A) => [np.sin(c.mul(v)), c], a.slice(0), a), [x], 2);
    checkGrads((a: A) => np.sin(a), [on([0.5, 1], "float32")], 1);
    checkGrads((a: A) => np.sin(a), [on([0.5], "float32")], 2, { eps: 1e-2 });
    checkGrads((a: A) => grad((b: A) => b.mul(b).mul(b).sum())(a), [x], 2, { atol: 1e-4, rtol: 1e-4 });
  });

  test("refuses what is wrong", () => {
    const x = on([0.7, 0.2]);
    expect(() => checkGrads(wrongForward(), [x], 1)).toThrow(
      /^checkGrads: JVP tangent: element 0 of result 0 \(float64\[2\]\) is/,
    );
    expect(() => checkGrads(wrongForward(), [x], 1, { modes: "rev" })).toThrow(
      /^checkGrads: VJP cotangent projection: element 0/,
    );
    expect(() => checkGrads(wrongForward(), [x], 1, { modes: "lin" })).toThrow(/^checkGrads: LIN tangent/);
    expect(() => checkGrads(wrongBackward(), [x], 1, ["rev"])).toThrow(/^checkGrads: VJP cotangent projection/);
  });

  test("refuses what is wrong at the second order", () => {
    const x = on([0.7]);
    checkGrads(wrongTwice(), [x], 1);
    expect(() => checkGrads(wrongTwice(), [x], 2)).toThrow(/^checkGrads: JVP of JVP tangent/);
    expect(() => checkGrads(wrongTwice(), [x], 2, { modes: "rev" })).toThrow(/^checkGrads: VJP of VJP cotangent/);
  });
});

describe("a derivative that is wrong by a factor passes or not as in JAX (oracles/check-grads.py)", () => {
  for (const { dtype, by, n, mode, eps, passes } of oracle.cases) {
    test(`${dtype}[${n}] ${mode} by ${by}`, () => {
      const f = customJvp((x: A) => np.sin(x));
      f.defjvp(([x], [t]) => [np.sin(x as A), np.cos(x as A).mul(t as A).mul(1 + by)]); // prettier-ignore
      const x = owned(np.full([n], 0.3, { dtype: dtype as "float32" }));
      const check = (): void => checkGrads(f, [x], 1, { modes: mode as "fwd", eps: eps ?? undefined });
      if (passes) check();
      else expect(check).toThrow(JaxError);
    });
  }
});

describe("arguments", () => {
  test("numbers, integers and results without a derivative", () => {
    checkGrads((x: A, n: A) => np.sin(x.mul(n)), [0.3, owned(np.array([1, 2], { dtype: "int32" }))], 1);
    checkGrads((x: A) => [np.sin(x), np.argmax(x)], [f64(1, 2)], 1);
  });
  test("tolerances for all dtypes, for one, and by position", () => {
    const rough = (x: A): A => x.add(lax.stopGradient(x).mul(0.01));
    expect(() => checkGrads(rough, [f64(1)], 1)).toThrow(JaxError);
    checkGrads(rough, [f64(1)], 1, { atol: 0.1, rtol: 0 });
    checkGrads(rough, [f64(1)], 1, ["fwd", "rev"], 0.1, 0.1, 1e-3);
    checkGrads(rough, [f64(1)], 1, { atol: { float64: 0.1 } });
    expect(() => checkGrads(rough, [f64(1)], 1, { atol: { float32: 0.1 } })).toThrow(JaxError);
  });
  it("modes and options that are none", () => {
    expect(() => checkGrads(np.sin, [1], 1, { modes: "both" as never })).toThrow(
      /modes must be some of fwd, rev, lin, got \[both\]/,
    );
    expect(() => checkGrads(np.sin, [1], 1, { mode: "fwd" } as never)).toThrow(/unknown option "mode"/);
  });
  test("a function of other shapes than its derivative", () => {
    const jvpOf = (xs: A[], ts: A[]): unknown => [np.sin(xs[0]!), ts[0]!.sum()];
    expect(() => testUtil.checkJvp(np.sin, jvpOf, [f64(1, 2)])).toThrow(
      /tangent: got float64\[\]; expected float64\[2\]/,
    );
    expect(() => testUtil.checkJvp(np.cos, jvpOf, [f64(1, 2)], { errMsg: "mine" })).toThrow(/^mine primal: element 0/);
    const ofSine = (xs: A[], ts: A[]): unknown => jvp(np.sin, xs, ts);
    expect(() => testUtil.checkJvp(np.cos, ofSine, [f64(1, 2)])).toThrow(JaxError);
    testUtil.checkJvp(np.cos, ofSine, [f64(1, 2)], 10);
  });
});
