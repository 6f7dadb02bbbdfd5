/** Says which devices the suite runs on. */
import { numpy as np } from "@jax-js/jax";
import { describe, expect, it } from "vitest";
import { missingDevices, testDevices } from "./devices";

describe("devices of this run", () => {
  for (const device of testDevices) {
    it(`${device} is available`, async () => {
      using x = np.array([1, 2], { device });
      using y = x.add(1);
      expect(y.device).toBe(device);
      expect([...(await y.data())]).toEqual([2, 3]);
    });
  }
  for (const device of missingDevices) it.skip(`${device} is not available here`, () => undefined);
});
