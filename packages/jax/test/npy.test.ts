/** Files of numpy.save and savez are read, and ours are theirs byte for byte: oracles/npy.py. */
import { type Array as JaxArray, type DType, JaxError, numpy as np } from "@jax-js/jax";
import { describe, expect } from "vitest";
import oracle from "./oracles/npy.json";
import { owned, test } from "./scoped";

interface Plain {
  readonly d: string;
  readonly s: readonly number[];
  readonly v: readonly number[];
}
interface Case extends Plain {
  readonly file: string;
  /** Our bytes are these. */
  readonly same: boolean;
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const cases = oracle.cases as unknown as readonly Case[];
const archives = oracle.archives as unknown as readonly { file: string; arrays: Record<string, Plain> }[];

function check(x: JaxArray, { d, s, v }: Plain): void {
  expect([x.dtype, x.shape]).toEqual([d, s]);
  expect(Array.from(x.dataSync(), Number)).toEqual(v);
}

describe(".npy", () => {
  for (const [i, c] of cases.entries()) {
    test(`${i}: ${c.d}[${c.s.join()}]`, () => {
      const file = bytesOf(c.file);
      const x = owned(np.load(file) as JaxArray);
      check(x, c);
      if (c.same) expect(np.save(x)).toEqual(file);
    });
  }

  test("every dtype comes back, bfloat16 and strided views too", () => {
    for (const dtype of ["bfloat16", "float16", "uint8", "bool"] as const satisfies readonly DType[]) {
      const x = np.array([[1, 0, 2], [3, 4, 5]], { dtype }).T; // prettier-ignore
      const back = owned(np.load(np.save(x)) as JaxArray);
      expect(back.dtype).toBe(dtype);
      expect(back.js()).toEqual(x.js());
    }
  });
});

describe(".npz", () => {
  for (const [i, { file, arrays }] of archives.entries()) {
    test(`archive ${i}`, () => {
      const got = np.loadz(bytesOf(file));
      expect(Object.keys(got)).toEqual(Object.keys(arrays));
      for (const [name, want] of Object.entries(arrays)) check(got[name]!, want);
    });
  }

  test("ours, by name and by number", () => {
    const got = np.loadz(np.savez(np.arange(3), [1, 2], { w: np.eye(2), "a/b": 5 }));
    expect(Object.entries(got).map(([k, x]) => [k, x.js() as unknown])).toEqual([
      ["arr_0", [0, 1, 2]],
      ["arr_1", [1, 2]],
      ["w", [[1, 0], [0, 1]]], // prettier-ignore
      ["a/b", 5],
    ]);
  });
});

describe("damaged files", () => {
  const file = (): Uint8Array => np.save(np.arange(10));
  test("are refused", () => {
    expect(() => np.load(new Uint8Array([1, 2, 3])) as unknown).toThrow(JaxError);
    expect(() => np.load(file().subarray(0, 90)) as unknown).toThrow(/is cut off/);
    expect(() => np.load(file().subarray(0, 150)) as unknown).toThrow(/holds 22 bytes for shape \(10\)/);
    const archive = np.savez({ x: np.arange(10) });
    archive[100]! ^= 1;
    expect(() => np.load(archive) as unknown).toThrow(/damaged/);
    expect(() => np.load(np.savez({ x: np.arange(9) }).subarray(0, 60)) as unknown).toThrow(/no directory/);
    const compressed = bytesOf(archives[3]!.file);
    compressed[60]! ^= 0xff;
    expect(() => np.load(compressed) as unknown).toThrow(JaxError);
  });
  test("of other things are refused", () => {
    const text = String.fromCharCode(...file()).replace("<i4", "<c8");
    expect(() => np.load(Uint8Array.from(text, (c) => c.charCodeAt(0))) as unknown).toThrow(/elements of type <c8/);
  });
});
