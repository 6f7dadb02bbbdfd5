// The real handwritten digits of data/: 1,797 images of 8 x 8 pixels, and their labels.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Pixels in 0..1 as Float32Array [n * 64], labels as Int32Array [n]; every fifth image is held out for the test. */
export function loadDigits() {
  const text = gunzipSync(readFileSync(new URL("./data/digits.csv.gz", import.meta.url))).toString("utf8");
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  /** @param {(isTest: boolean) => boolean} keep */
  const part = (keep) => {
    const chosen = rows.filter((_, i) => keep(i % 5 === 4));
    return {
      count: chosen.length,
      pixels: Float32Array.from(chosen.flatMap((r) => r.slice(0, 64).map((v) => v / 16))),
      labels: Int32Array.from(chosen.flatMap((r) => r.slice(64))),
    };
  };
  return { train: part((isTest) => !isTest), test: part((isTest) => isTest) };
}
