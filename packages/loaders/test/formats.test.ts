/** Files of NumPy, safetensors and llama.cpp's own library (oracles/files.py, oracles/gguf.py): the same values. */
import { jit, numpy as np, tree } from "@jax-js/jax";
import { FormatError, LoaderError, gguf, npy, npz, safetensors } from "@jax-js/loaders";
import { describe, expect, test } from "vitest";
import { fromBase64, readJson } from "./gz-file";
import type filesJson from "./oracles/files.json";
import type ggufJson from "./oracles/gguf.json";

// Not by import, which would lose minus zeros.
const files = await readJson<typeof filesJson>(new URL("./oracles/files.json", import.meta.url));
const ggufOracle = await readJson<typeof ggufJson>(new URL("./oracles/gguf.json", import.meta.url));

type Spelled = number | string | boolean;

/** Elements as the oracle spells them: NaN and 64-bit integers as text. */
const spelled = (data: ArrayLike<number | bigint>, like: readonly Spelled[]): Spelled[] =>
  Array.from(data, (v, i) => {
    if (typeof v === "bigint") return String(v);
    if (typeof like[i] === "boolean") return v !== 0;
    if (Number.isNaN(v)) return "nan";
    return Number.isFinite(v) ? v : v > 0 ? "inf" : "-inf";
  });

const same = (data: ArrayLike<number | bigint>, wanted: readonly Spelled[]) =>
  expect(spelled(data, wanted)).toEqual(wanted);

describe("npy", () => {
  test.each(files.npy)("NumPy's $name", ({ file, dtype, shape, data }) => {
    const tensor = npy.parse(fromBase64(file));
    expect([tensor.dtype, tensor.shape]).toEqual([dtype, shape]);
    same(tensor.data, data);
  });

  test.each(files.npy.filter((f) => !/fortran|endian|version|scalar|empty/.test(f.name)))(
    "writes $name as NumPy does",
    (f) => {
      const { file } = f;
      const bytes = fromBase64(file);
      // NumPy pads to 64 bytes too, but leaves out the space before the closing brace in none of its versions.
      const again = npy.serialize(npy.parse(bytes));
      expect(new TextDecoder().decode(again)).toBe(new TextDecoder().decode(bytes));
    },
  );

  test.each(Object.entries(files.unreadable))("says that %s are not read", (_, file) => {
    expect(() => npy.parse(fromBase64(file))).toThrow(FormatError);
  });

  test("arrays go out and come back", async () => {
    using x = np.array([1, 2, 3, 4, 5, 6], { shape: [2, 3], dtype: "bfloat16" });
    using back = await npy.load(await npy.save(x));
    expect([back.dtype, back.js()]).toEqual(["float32", [[1, 2, 3], [4, 5, 6]]]); // prettier-ignore
  });

  test("npz, plain and compressed", async () => {
    for (const file of [files.npz.plain, files.npz.compressed]) {
      const arrays = await npz.parse(fromBase64(file));
      expect(Object.keys(arrays)).toEqual(Object.keys(files.npz.arrays));
      for (const [name, { shape, data }] of Object.entries(files.npz.arrays)) {
        expect(arrays[name]!.shape).toEqual(shape);
        same(arrays[name]!.data, data);
      }
    }
  });

  test("npz goes out and comes back", async () => {
    for (const compress of [false, true]) {
      using x = np.zeros([100, 10]);
      using y = np.array([1, 2], { dtype: "int32" });
      const bytes = await npz.save({ x, "y/ü": y }, { compress });
      expect(bytes.length < 2000).toBe(compress);
      const back = await npz.load(new Blob([bytes]));
      expect(back.x!.shape).toEqual([100, 10]);
      expect(back["y/ü"]!.js()).toEqual([1, 2]);
      tree.dispose(back);
    }
  });

  test("a damaged npz", async () => {
    const bytes = fromBase64(files.npz.compressed);
    const whole = JSON.stringify(await npz.parse(bytes));
    let nFailed = 0;
    for (let at = 0; at < bytes.length; at += 3) {
      const damaged = bytes.slice();
      damaged[at] = damaged[at]! ^ 0xff;
      try {
        // Dates, names and such may change; elements may not.
        const arrays = Object.values(await npz.parse(damaged));
        if (arrays.length === 3)
          expect(JSON.stringify(arrays)).toBe(JSON.stringify(Object.values(JSON.parse(whole) as object)));
      } catch (error) {
        nFailed++;
        expect(error).toBeInstanceOf(FormatError);
      }
    }
    expect(nFailed).toBeGreaterThan(bytes.length / 6);
    await expect(npz.parse(bytes.subarray(0, 100))).rejects.toThrow(/no directory/);
  });
});

describe("safetensors", () => {
  test("a file of the library of its authors", () => {
    const { tensors, metadata } = safetensors.parse(fromBase64(files.safetensors.file));
    expect(metadata).toEqual({ made: "by safetensors" });
    for (const [name, { shape, data }] of Object.entries(files.safetensors.tensors)) {
      expect(tensors[name]!.shape).toEqual(shape);
      same(tensors[name]!.data, name === "bool" ? data.map(Number) : data);
    }
  });

  test.each(Object.entries(files.codes))("every code of %s", (name, codes) => {
    const dtype = name as safetensors.DType;
    const bits = name.startsWith("F8") ? 8 : name.startsWith("F6") ? 6 : 4;
    const bytes = new Uint8Array((codes.length * bits) / 8);
    codes.forEach((_, code) => {
      for (let b = 0; b < bits; b++) {
        const bit = code * bits + b;
        bytes[bit >> 3]! |= ((code >> b) & 1) << (bit & 7);
      }
    });
    const file = safetensors.serialize({ t: { dtype, shape: [codes.length], bytes } });
    same(safetensors.parse(file).tensors.t!.data, codes as Spelled[]);
  });

  test("rounds to half and bfloat16 as NumPy and ml_dtypes do", () => {
    const data = Float32Array.from(files.rounding.x);
    for (const dtype of ["F16", "BF16"] as const) {
      const file = safetensors.serialize({ t: { dtype, shape: [data.length], data } });
      const { bytes } = safetensors.parse(file).tensors.t!;
      expect([...new Uint16Array(bytes.slice().buffer)]).toEqual(files.rounding[dtype]);
    }
  });

  test("arrays of all dtypes go out and come back", async () => {
    const dtypes = [
      "bool",
      "int8",
      "int16",
      "int32",
      "uint8",
      "uint16",
      "uint32",
      "float16",
      "bfloat16",
      "float32",
      "float64",
    ] as const;
    for (const dtype of dtypes) {
      using x = np.array([0, 1, 1, 0], { dtype, shape: [2, 2] });
      const back = await safetensors.loadArrays(await safetensors.saveArrays({ layer: [{ x }] }));
      expect([back["layer.0.x"]!.dtype, back["layer.0.x"]!.js()]).toEqual([dtype, x.js()]);
      tree.dispose(back);
    }
  });

  test("shards, and names that would leave the folder", async () => {
    const tensor = (n: number): safetensors.TensorInput => ({
      dtype: "F32",
      shape: [n],
      data: new Float32Array(n).fill(n),
    });
    const all = { a: tensor(10), b: tensor(20), c: tensor(5), d: tensor(100) };
    const { files: shards, index } = safetensors.serializeSharded(all, { maxShardBytes: 120 });
    expect(Object.keys(shards).length).toBe(3);
    const { tensors } = await safetensors.loadSharded(index, async (name) => shards[name]!);
    for (const [name, { data }] of Object.entries(all)) expect(tensors[name]!.data).toEqual(data);
    for (const evil of ["../secret", "/etc/passwd", "a/../../b", "https://host/x", "a\\b", ""]) {
      const text = JSON.stringify({ weight_map: { a: evil } });
      await expect(
        safetensors.loadSharded(text, async () => shards["model-00001-of-00003.safetensors"]!),
      ).rejects.toThrow(/is not the name of a file beside the index/);
    }
    await expect(
      safetensors.loadSharded(index, async () => shards["model-00001-of-00003.safetensors"]!),
    ).rejects.toThrow(/has no tensor/);
  });

  test("streams: tensors come before the file is whole", async () => {
    const file = safetensors.serialize({
      a: { dtype: "F64", shape: [3], data: Float64Array.of(1, 2, 3) },
      b: { dtype: "I8", shape: [5], data: Int8Array.of(1, 2, 3, 4, 5) },
    });
    for (const size of [1, 7, 64, file.length]) {
      let sent = 0;
      const source = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(file.subarray(sent, sent + size));
          sent += size;
          if (sent >= file.length) controller.close();
        },
      });
      const names: string[] = [];
      for await (const [name, { data }] of safetensors.stream(source)) {
        if (name === "a" && size === 1) expect(sent).toBeLessThan(file.length);
        names.push(`${name}:${Array.from(data as ArrayLike<number>).join()}`);
      }
      expect(names).toEqual(["a:1,2,3", "b:1,2,3,4,5"]);
    }
    const cut = async (bytes: Uint8Array<ArrayBuffer>) => {
      for await (const _ of safetensors.stream(new Blob([bytes]))) void _;
    };
    await expect(cut(file.slice(0, -1))).rejects.toThrow(/ends, 1 bytes too early/);
    await expect(cut(Uint8Array.of(...file, 0))).rejects.toThrow(/goes on after the last tensor/);
  });

  test("reads one tensor of a file on disk", async () => {
    const file = await safetensors.open(new Blob([fromBase64(files.safetensors.file)]));
    expect([...file.names].sort()).toEqual(Object.keys(files.safetensors.tensors).sort());
    expect([...((await file.tensor("f32")).data as Float32Array)]).toEqual([1.5, -2]);
    await expect(file.tensor("none")).rejects.toThrow(LoaderError);
  });
});

describe("gguf", () => {
  const bytes = fromBase64(ggufOracle.file);
  const file = gguf.parse(bytes);
  const wantedOf = (name: keyof typeof ggufOracle.tensors) =>
    new Float32Array(fromBase64(ggufOracle.tensors[name].bits).buffer);
  const names = Object.keys(ggufOracle.tensors) as (keyof typeof ggufOracle.tensors)[];

  test("metadata", () => {
    const list = (key: string) => Array.from(file.metadata[`k.list.${key}`] as ArrayLike<unknown>);
    expect(file.metadata["general.architecture"]).toBe("test");
    const kinds = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64", "bool", "string"];
    expect(kinds.map((kind) => file.metadata[`k.${kind}`])).toEqual([
      200, -100, 60000, -30000, 4000000000, -2000000000, 2n ** 63n + 1n, -5, 1.5, 0.1, true, "über ✓",
    ]); // prettier-ignore
    expect([list("i32"), list("f32"), list("string"), list("bool")]).toEqual([[1, -2, 3], [0.5, -0.25], ["a", "", "ñ"], [true, false]]); // prettier-ignore
  });

  test.each(names)("%s as floats", (name) => {
    const tensor = file.tensors[name]!;
    expect(tensor.shape).toEqual(ggufOracle.tensors[name].shape);
    expect(gguf.dequantize(tensor)).toEqual(wantedOf(name));
  });

  test.each(names.filter((name) => gguf.isPackable(name as gguf.GgufType)))(
    "%s stays packed on the device",
    async (name) => {
      const tensor = file.tensors[name]!;
      using packed = gguf.toPacked(tensor);
      const stored = packed.quants.size + 4 * (packed.scales.size + (packed.mins?.size ?? 0));
      expect(stored).toBeLessThan(tensor.shape.reduce((n, s) => n * s, 1) * 2);
      using whole = packed.dequantize();
      expect(await whole.data()).toEqual(wantedOf(name));
      using half = packed.dequantize("float16");
      expect(half.dtype).toBe("float16");
      // Through jit, as an argument: what a matrix product reads is the packed array.
      using x = np.ones([2, tensor.shape[1]!]);
      using product = jit((w: gguf.PackedArray, v: typeof x) => np.matmul(v, w.dequantize().transpose()));
      using y = product(packed, x);
      const wanted = wantedOf(name);
      const n = tensor.shape[1]!;
      const sums = tensor.shape
        .slice(0, 1)
        .flatMap((rows) =>
          Array.from({ length: rows }, (_, r) => wanted.subarray(r * n, (r + 1) * n).reduce((a, b) => a + b, 0)),
        );
      const [first] = y.js() as number[][];
      first!.forEach((v, i) => expect(Math.abs(v - sums[i]!)).toBeLessThan(1e-3));
    },
  );

  test("types that are not kept packed, or not dequantised, say so", () => {
    expect(() => gguf.toPacked(file.tensors.Q6_K!)).toThrow(/Q6_K is not kept packed/);
    expect(() => gguf.dequantize({ type: "IQ1_S", shape: [256], bytes: new Uint8Array(50) })).toThrow(
      /IQ1_S is not dequantised/,
    );
  });

  test("as arrays", async () => {
    using a = gguf.toArray(file.tensors.F16!);
    using b = gguf.toArray(file.tensors.Q5_0!, { dtype: "bfloat16" });
    expect([a.dtype, a.shape, b.dtype, b.shape]).toEqual(["float16", [2, 3, 4], "bfloat16", [3, 64]]);
  });

  test("a file on disk, tensor by tensor", async () => {
    const lazy = await gguf.open(new Blob([bytes]));
    expect(lazy.names).toEqual(Object.keys(file.tensors));
    expect(await lazy.tensor("Q4_0")).toEqual({ ...file.tensors.Q4_0!, bytes: file.tensors.Q4_0!.bytes.slice() });
    await expect(lazy.tensor("none")).rejects.toThrow(LoaderError);
  });
});
