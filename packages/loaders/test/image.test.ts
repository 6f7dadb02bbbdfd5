/** Pictures against Pillow and jax.image (oracles/images.py). */
import { FormatError, LoaderError, data, image } from "@jax-js/loaders";
import { describe, expect, test } from "vitest";
import { fromBase64, readJson } from "./gz-file";
import type imagesJson from "./oracles/images.json";
import { Rng } from "./random-bytes";

const oracle = await readJson<typeof imagesJson>(new URL("./oracles/images.json", import.meta.url));
const picture = new data.HostArray(fromBase64(oracle.picture), [13, 11, 3]);

describe("PNG", () => {
  test.each(oracle.png)("Pillow's $name", async ({ file, shape, rgba }) => {
    const got = await image.decodePng(fromBase64(file));
    expect(got.shape).toEqual(shape);
    expect(got.data).toEqual(fromBase64(rgba));
  });

  test("16 bits a channel", async () => {
    const { file, shape, values } = oracle.wide;
    const got = await image.decodePng(fromBase64(file));
    const wanted = Uint16Array.from(values);
    expect(got.data).toBeInstanceOf(Uint16Array);
    const rgb = Array.from(got.data).filter((_, i) => i % 4 !== 3);
    expect(rgb).toEqual([...wanted]);
    const eight = await image.decode(fromBase64(file));
    expect([eight.shape, eight.data[0]]).toEqual([shape, Math.round(wanted[0]! / 257)]);
  });

  test("goes out and comes back", async () => {
    for (const nChannels of [1, 2, 3, 4]) {
      const made = new data.HostArray(new Rng(nChannels).bytes(5 * 7 * nChannels), [5, 7, nChannels]);
      const back = await image.decodePng(await image.encodePng(made));
      for (let i = 0; i < 35; i++) {
        const pixel = Array.from({ length: nChannels }, (_, c) => made.data[i * nChannels + c]!);
        const [first, , , alpha = 255] = nChannels === 2 ? [pixel[0], 0, 0, pixel[1]] : pixel;
        expect([back.data[4 * i], back.data[4 * i + 3]]).toEqual([first, alpha]);
      }
    }
    await expect(image.encodePng(new data.HostArray(new Float32Array(3), [1, 1, 3]))).rejects.toThrow(LoaderError);
  });

  test("channels: luma as Pillow's, colours without alpha", async () => {
    const file = fromBase64(oracle.png.find((p) => p.name === "RGB")!.file);
    expect((await image.decode(file, { channels: 1 })).data).toEqual(fromBase64(oracle.luma));
    expect((await image.decode(new Blob([file]))).data).toEqual(picture.data);
    expect((await image.decode(file, { channels: 4 })).shape).toEqual([13, 11, 4]);
  });

  test("damaged files are told", async () => {
    const rng = new Rng(3);
    const file = fromBase64(oracle.png[0]!.file);
    for (let i = 0; i < 200; i++) {
      const damaged = file.slice(0, rng.below(4) === 0 ? rng.below(file.length) : file.length);
      if (damaged.length === file.length) damaged[rng.below(damaged.length - 4)]! ^= 1 + rng.below(255);
      await expect(image.decodePng(damaged)).rejects.toThrow(FormatError);
    }
  });

  test("a header that promises a huge picture allocates nothing", async () => {
    const small = await image.encodePng(new data.HostArray(new Uint8Array(3), [1, 1, 3]));
    const view = new DataView(small.buffer);
    view.setUint32(16, 16384);
    view.setUint32(20, 16384);
    const { crc32 } = await import("../src/bytes/crc32");
    view.setUint32(29, crc32(small.subarray(12, 29)));
    await expect(image.decodePng(small)).rejects.toThrow(/cannot be 16384 x 16384 pixels/);
  });
});

describe("sizes", () => {
  const floats = new data.HostArray(Float32Array.from(picture.data), picture.shape);

  test.each(oracle.sizes)("jax.image: $method to $size, antialias $antialias", ({ method, size, antialias, out }) => {
    const got = image.resize(floats, size as [number, number], { method: method as image.ResizeMethod, antialias });
    const wanted = new Float32Array(fromBase64(out).buffer);
    expect(got.shape).toEqual([...size, 3]);
    got.data.forEach((v, i) => expect(Math.abs(v - wanted[i]!)).toBeLessThan(2e-3));
  });

  test("bytes are rounded and cut off", () => {
    const got = image.resize(picture, [26, 33], { method: "lanczos3" });
    expect(got.data).toBeInstanceOf(Uint8Array);
    const exact = image.resize(floats, [26, 33], { method: "lanczos3" });
    got.data.forEach((v, i) => expect(v).toBe(Math.round(Math.min(255, Math.max(0, exact.data[i]!)))));
  });

  test("the middle", () => {
    const got = image.centerCrop(picture, [3, 1]);
    expect(got.shape).toEqual([3, 1, 3]);
    expect(got.data[0]).toBe(picture.data[(5 * 11 + 5) * 3]);
    expect(() => image.centerCrop(picture, [14, 1])).toThrow(/14 x 1 does not fit into 13 x 11/);
  });

  test("numbers for networks", () => {
    const got = image.normalize(picture, { ...image.IMAGENET, layout: "CHW" });
    expect(got.shape).toEqual([3, 13, 11]);
    expect(got.data[143 + 20]).toBeCloseTo((picture.data[20 * 3 + 1]! / 255 - 0.456) / 0.224, 5);
    expect(() => image.normalize(picture, { mean: [1] })).toThrow(LoaderError);
    using x = got.toArray();
    expect([x.shape, x.dtype]).toEqual([[3, 13, 11], "float32"]);
  });

  test("wrong sizes", () => {
    expect(() => image.resize(picture, [0, 1])).toThrow(LoaderError);
    expect(() => image.resize(new data.HostArray(new Uint8Array(4)), [1, 1])).toThrow(LoaderError);
    expect(() => image.resize(picture, [1, 1], { method: "magic" as never })).toThrow(LoaderError);
  });
});
