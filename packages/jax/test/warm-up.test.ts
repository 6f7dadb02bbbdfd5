/** What `init` does so that the first program of a page is fast. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { sampleProgram } from "../src/numpy/sample-program";
import { getDevice } from "../src/runtime/registry";
import { installWarmUp, warmUp } from "../src/runtime/warm-up";

const live = () => getDevice("wasm").memory();

afterEach(() => {
  vi.unstubAllGlobals();
  installWarmUp(sampleProgram);
});

describe("the program that is thrown away", () => {
  it("leaves nothing behind, done or given up after any of its parts", () => {
    const before = live();
    const nParts = [...sampleProgram()].length;
    expect(nParts).toBeGreaterThan(2);
    expect(live()).toEqual(before);
    for (let done = 1; done <= nParts; done++) {
      const parts = sampleProgram();
      for (let i = 0; i < done; i++) expect(parts.next().done).toBe(false);
      expect(live().liveBytes).toBeGreaterThan(before.liveBytes);
      parts.return();
      expect(live()).toEqual(before);
    }
  });
});

describe("warming up", () => {
  /** A page's scheduler, and what was done in each of its tasks. */
  function page(): string[] {
    const done: string[] = [];
    const postTask = async (part: () => unknown): Promise<unknown> => {
      await Promise.resolve();
      done.push("task");
      return part();
    };
    vi.stubGlobal("scheduler", { postTask });
    installWarmUp(function* () {
      done.push("a");
      yield;
      done.push("b");
    });
    return done;
  }

  it("does a part in each task, and all of them once", async () => {
    const done = page();
    await Promise.all([warmUp(), warmUp()]);
    await warmUp();
    expect(done).toEqual(["task", "a", "task", "b"]);
  });

  it("does nothing where there is no page to wait for", async () => {
    const done = page();
    vi.stubGlobal("scheduler", undefined);
    await warmUp();
    expect(done).toEqual([]);
  });

  it("that fails does not fail for those who wait", async () => {
    page();
    installWarmUp(() => ({
      next: () => {
        throw new Error("no");
      },
    }));
    await expect(warmUp()).resolves.toBeUndefined();
  });
});
