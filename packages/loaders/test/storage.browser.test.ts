/** In a page: downloads lie in the origin private file system, checkpoints too, and a state can be handed to the user. */
import { type Array as JaxArray, numpy as np } from "@jax-js/jax";
import { CheckpointManager, OPFS, cachedFetch, checkpoint, defaultStore, image, opfs } from "@jax-js/loaders";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

test("a download is fetched once, listed, and removed", async () => {
  await opfs.clear();
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i);
  let nFetches = 0;
  vi.stubGlobal("fetch", async () => {
    nFetches++;
    return new Response(bytes, { headers: { etag: '"1"' } });
  });
  const url = `https://models.example/${"long/".repeat(30)}model.bin`;
  const seen: number[] = [];
  for (let i = 0; i < 2; i++) {
    const got = await cachedFetch(url, {}, ({ loadedBytes }) => seen.push(loadedBytes));
    expect(got).toEqual(bytes);
  }
  expect([nFetches, seen.at(-1)]).toEqual([1, bytes.length]);
  expect((await defaultStore("jax-js")).place).toBe("OPFS directory jax-js");
  const [file, ...others] = await opfs.list();
  expect([file!.size, others.length]).toEqual([bytes.length, 0]);
  expect(await new OPFS().read(file!.name)).toEqual(bytes);
  expect((await opfs.remove(file!.name))!.size).toBe(bytes.length);
  await cachedFetch(url);
  expect(nFetches).toBe(2);
  await opfs.clear();
  expect(await opfs.list()).toEqual([]);
});

test("a checkpoint by a name", async () => {
  const name = `run/${Date.now()}`;
  using w = np.array([1, 2, 3]);
  await new CheckpointManager(name).save(7, { w });
  const manager = new CheckpointManager(name);
  expect(await manager.latestStep()).toBe(7);
  const state = await manager.restore<{ w: JaxArray }>();
  expect(await state.w.data()).toEqual(Float32Array.of(1, 2, 3));
  state.w.dispose();
  await manager.delete(7);
});

test("a state as a file of the user", async () => {
  const clicked: HTMLAnchorElement[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    clicked.push(this);
  });
  using w = np.array([4, 5]);
  await checkpoint.download({ w }, "model.safetensors", { loss: 1 });
  vi.restoreAllMocks();
  expect(clicked.map((a) => a.download)).toEqual(["model.safetensors"]);
  const bytes = new Uint8Array(await (await fetch(clicked[0]!.href)).arrayBuffer());
  expect(checkpoint.parseMetadata(bytes)).toEqual({ loss: 1 });
  const state = checkpoint.parse<{ w: JaxArray }>(bytes);
  expect(await state.w.data()).toEqual(Float32Array.of(4, 5));
  state.w.dispose();
});

test("a picture of a kind that the browser knows", async () => {
  const canvas = new OffscreenCanvas(4, 3);
  const context = canvas.getContext("2d")!;
  context.fillStyle = "rgb(200, 100, 50)";
  context.fillRect(0, 0, 4, 3);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 1 });
  const picture = await image.decode(blob);
  expect(picture.shape).toEqual([3, 4, 3]);
  [200, 100, 50].forEach((v, c) => expect(Math.abs(picture.data[c]! - v)).toBeLessThan(4));
  await expect(image.decode(new Blob(["no picture"]))).rejects.toThrow(/no kind that this browser decodes/);
});
