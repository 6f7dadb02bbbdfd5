/** Which values of seldom needed arms are computed where. */
import { describe, expect, it } from "vitest";
import { K } from "../../devices/wasm/test-programs";
import type { OpScalar, Scalar } from "../../kernel/scalar";
import { Analysis } from "./loop-analysis";
import { RareArms } from "./loop-rare";

const k = new K();
const x = k.load("float32", 0, k.axis(0, 64), null);
const isLarge = k.op("lt", "bool", k.const(9, "float32"), x);
const rarely = (arm: Scalar, usual: Scalar): OpScalar => k.op("rarely", "float32", isLarge, arm, usual) as OpScalar;

function sharedOf(arms: readonly OpScalar[], others: readonly Scalar[] = []): readonly (readonly Scalar[])[] {
  const analysis = new Analysis([{ id: 0, size: 64 }], []);
  analysis.count([...arms, ...others]);
  const rare = new RareArms(analysis.usual);
  return arms.map((arm) => rare.sharedOf(arm));
}

describe("what an arm needs is computed", () => {
  const costly = k.op("sqrt", "float32", x);
  const one = rarely(k.op("floor", "float32", costly), k.op("abs", "float32", x));
  const other = rarely(k.op("ceil", "float32", costly), k.op("neg", "float32", x));

  it("in its branch, also where another arm needs it", () => {
    expect(sharedOf([one, other])).toEqual([[x], [x]]);
  });

  it("before its branch where code that always runs needs it", () => {
    expect(sharedOf([one, other], [k.op("neg", "float32", costly)])).toEqual([[costly], [costly]]);
  });
});
