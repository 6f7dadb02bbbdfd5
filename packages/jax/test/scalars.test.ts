import { init, numpy as np } from "@jax-js/jax";
import { expect, it } from "vitest";

it("an operation on two constants works when the store of constants is full", async () => {
  await init();
  // The oldest constant of the store, and a new one that drives something out.
  const oldest = 0.001;
  for (let i = 0; i < 256; i++) np.add(oldest + i, oldest).dispose();
  for (let i = 0; i < 300; i++) {
    using sum = np.add(oldest + i, 1000.5 + i);
    expect(sum.item()).toBeCloseTo(oldest + i + 1000.5 + i, 2);
  }
});
