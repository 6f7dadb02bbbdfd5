import { describe, expect, it } from "vitest";
import { OutOfMemoryError } from "../../base/errors";
import { Allocator } from "./allocator";

const PAGE = 65536;

/** Deterministic numbers in [0, 1). */
function randomSource(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 0) / 2 ** 32;
  };
}

describe("allocator", () => {
  it("gives aligned blocks that do not overlap and keep their contents", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4096 });
    const allocator = new Allocator(memory);
    const random = randomSource(1);
    const live: { at: number; bytes: number; tag: number }[] = [];
    for (let i = 0; i < 20_000; i++) {
      if (live.length > 200 || (live.length > 0 && random() < 0.45)) {
        const [block] = live.splice(Math.floor(random() * live.length), 1);
        const { at, bytes, tag } = block as (typeof live)[0];
        const view = new Uint8Array(memory.buffer, at, bytes);
        if (bytes > 0) expect([view[0], view[bytes - 1]]).toEqual([tag, tag]);
        allocator.free(at);
      } else {
        const bytes = Math.floor(2 ** (random() * 17));
        const at = allocator.malloc(bytes);
        expect(at % 64).toBe(0);
        expect(at).toBeGreaterThan(0);
        expect(at + bytes).toBeLessThanOrEqual(memory.buffer.byteLength);
        new Uint8Array(memory.buffer, at, bytes).fill(i & 255);
        live.push({ at, bytes, tag: i & 255 });
      }
      expect(allocator.liveBlocks).toBe(live.length);
    }
    const sorted = live.toSorted((a, b) => a.at - b.at);
    sorted
      .slice(1)
      .forEach((b, i) => expect(b.at).toBeGreaterThanOrEqual((sorted[i]?.at ?? 0) + (sorted[i]?.bytes ?? 0)));
    for (const { at } of live) allocator.free(at);
    expect(allocator.liveBytes).toBe(0);
    expect(allocator.freeBytes).toBe(memory.buffer.byteLength - 128); // joined to one block
    expect(allocator.malloc(allocator.freeBytes - 16)).toBe(128);
  });

  it("does not fragment over a million random allocations", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE });
    const allocator = new Allocator(memory);
    const random = randomSource(2);
    const live: number[] = [];
    let peak = 0;
    let early = 0;
    for (let i = 0; i < 1_000_000; i++) {
      if (live.length < 1000 && (live.length < 500 || random() < 0.5)) {
        live.push(allocator.malloc(4 * Math.floor(2 ** (random() * 14))));
        peak = Math.max(peak, allocator.liveBytes);
      } else {
        const pick = Math.floor(random() * live.length);
        allocator.free(live[pick] as number);
        live[pick] = live[live.length - 1] as number;
        live.pop();
      }
      if (i === 100_000) early = memory.buffer.byteLength;
    }
    expect(memory.buffer.byteLength).toBeLessThan(1.8 * peak);
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(1.5 * early);
  });

  it("reuses the same place for the same traffic", () => {
    const memory = new WebAssembly.Memory({ initial: 16, maximum: PAGE });
    const allocator = new Allocator(memory);
    const step = () => {
      const blocks = [1e6, 40, 3e5, 1e6, 4096, 12].map((bytes) => allocator.malloc(bytes));
      for (const block of blocks) allocator.free(block);
      return blocks;
    };
    step();
    const first = step();
    const size = memory.buffer.byteLength;
    for (let i = 0; i < 100; i++) expect(step()).toEqual(first);
    expect(memory.buffer.byteLength).toBe(size);
  });

  it("throws OutOfMemoryError and stays usable", () => {
    const allocator = new Allocator(new WebAssembly.Memory({ initial: 1, maximum: 16 }), { limitBytes: 8 * PAGE });
    const block = allocator.malloc(4 * PAGE);
    const error = (() => {
      try {
        allocator.malloc(5 * PAGE);
        return null;
      } catch (e) {
        return e;
      }
    })();
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as OutOfMemoryError).requestedBytes).toBe(5 * PAGE);
    expect((error as OutOfMemoryError).limitBytes).toBe(8 * PAGE);
    expect((error as OutOfMemoryError).freeBytes).toBeLessThan(4 * PAGE);
    allocator.free(block);
    allocator.free(allocator.malloc(7 * PAGE));
    expect(allocator.liveBlocks).toBe(0);
  });

  it("respects the engine's own limit and the base", () => {
    const allocator = new Allocator(new WebAssembly.Memory({ initial: 2, maximum: 4 }), { baseBytes: 1000 });
    expect(allocator.malloc(1)).toBe(1088);
    expect(() => allocator.malloc(4 * PAGE)).toThrow(OutOfMemoryError);
    expect(() => allocator.malloc(2 * PAGE)).not.toThrow();
  });

  it("notices a block freed twice and an address that is none", () => {
    const allocator = new Allocator(new WebAssembly.Memory({ initial: 1, maximum: 4 }));
    const [a, b] = [allocator.malloc(100), allocator.malloc(100)];
    allocator.free(a);
    expect(() => allocator.free(a)).toThrow(/not the address of a live block/);
    expect(() => allocator.free(b + 4)).toThrow(/not the address/);
    allocator.free(b);
    expect(() => allocator.free(b)).toThrow(/not the address/);
  });
});
