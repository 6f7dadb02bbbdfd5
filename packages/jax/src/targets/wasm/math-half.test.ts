/** Conversions to halves, at and around all of them, and where two of them are equally near. */
import { describe, expect, it } from "vitest";
import { fromBfloat16Bits, fromFloat16Bits, toBfloat16Bits, toFloat16Bits } from "../../aval/data-array";
import { createWasmDevice } from "../../devices/wasm/device";
import { K, loop, range, runOn, store } from "../../devices/wasm/test-programs";

const wasm = createWasmDevice();

/** Every half, what lies between it and the next one, and their neighbours in float32. */
function around(from: (bits: number) => number): number[] {
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  const by = (x: number, steps: number): number => {
    float[0] = x;
    bits[0]! += steps;
    return float[0]!;
  };
  return range(65536).flatMap((h) => {
    const [x, next] = [from(h), from((h & 0x8000) | Math.min((h & 0x7fff) + 1, 0x7fff))];
    if (!Number.isFinite(x)) return [x];
    const middle = Math.fround(Number.isFinite(next) ? (x + next) / 2 : x * (1 + 2 ** -11));
    return [x, ...[-1, 0, 1].map((steps) => (middle === 0 ? middle : by(middle, steps)))];
  });
}

describe.each([
  ["float16", toFloat16Bits, fromFloat16Bits],
  ["bfloat16", toBfloat16Bits, fromBfloat16Bits],
] as const)("float32 to %s", (dtype, to, from) => {
  const data = [...around(from), 65519.99, 65520, 65536, 1e5, -7e4, 3e38, 1e-45, -1e-40, 2e-8].map(Math.fround);
  const n = data.length;

  it("rounds to the nearest, once or over and over", () => {
    const k = new K();
    const i = k.axis(0, n);
    const once = k.op("cast", dtype, k.load("float32", 0, i, null));
    const twice = k.op("cast", dtype, k.op("cast", "float32", once));
    const twins = [1, 2].map(() => ({ dtype, length: n }));
    const kernels = [once, twice].map((value, out) => loop([n], [store(1 + out, i, value)]));
    for (const got of runOn(wasm, [{ dtype: "float32", length: n, data }, ...twins], kernels)) {
      const isRight = (x: number, at: number): boolean =>
        Number.isNaN(x) ? Number.isNaN(from(got[at]!)) : got[at] === to(x);
      expect(data.filter((x, at) => !isRight(x, at))).toEqual([]);
    }
  });

  it("rounds between the operations of a formula", () => {
    const k = new K();
    const i = k.axis(0, n);
    const x = k.op("cast", "float32", k.op("cast", dtype, k.load("float32", 0, i, null)));
    const [got] = runOn(
      wasm,
      [
        { dtype: "float32", length: n, data },
        { dtype: "float32", length: n },
      ],
      [loop([n], [store(1, i, k.add(x, x))])],
    );
    const want = data.map((v) => Math.fround(2 * from(to(v))));
    expect(want.filter((w, at) => !Object.is(got![at], w))).toEqual([]);
  });
});
