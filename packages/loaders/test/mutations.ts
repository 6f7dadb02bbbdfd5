/** Damage to files, by chance: bits, lengths, cuts, copies, and values of JSON. */
import type { Rng } from "./random-bytes";

/** Numbers at which lengths and offsets go wrong. */
const EDGES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  255n,
  65535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** One to four changes of a file's bytes. Most are near its start, where headers are. */
export function mutateBytes(file: Uint8Array, rng: Rng): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(file);
  for (let n = 1 + rng.below(4); n > 0; n--) {
    const near = rng.below(3) === 0 ? out.length : Math.min(out.length, 400);
    const at = rng.below(Math.max(1, near));
    const view = new DataView(out.buffer);
    switch (rng.below(8)) {
      case 0:
        out[at]! ^= 1 << rng.below(8);
        break;
      case 1:
        out[at] = rng.next();
        break;
      case 2:
        out = out.slice(0, rng.below(out.length + 1));
        break;
      case 3:
        if (at + 8 <= out.length) view.setBigUint64(at, rng.pick(EDGES), true);
        break;
      case 4:
        if (at + 4 <= out.length) view.setUint32(at, Number(BigInt.asUintN(32, rng.pick(EDGES))), true);
        break;
      case 5:
        out.copyWithin(at, rng.below(out.length + 1), rng.below(out.length + 1));
        break;
      case 6:
        out = Uint8Array.of(...out.subarray(0, at), ...rng.bytes(rng.below(9)), ...out.subarray(at));
        break;
      case 7:
        out = Uint8Array.of(...out.subarray(0, at), ...out.subarray(at + rng.below(9)));
        break;
    }
  }
  return out;
}

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  0.5,
  1e9,
  2 ** 31,
  2 ** 53,
  1e308,
  "",
  "a",
  "▁",
  "<0x41>",
  "x".repeat(100),
  "(",
  "(a+)+$",
  "\\",
  "[",
  [],
  [[]],
  {},
  { type: "BPE" },
  { Regex: "(a*)*b" },
  ["a", 0],
  ["a", "b"],
];

/** A value with one part of it changed, removed, doubled or swapped with another. */
export function mutateJson(value: unknown, rng: Rng): unknown {
  const out = structuredClone(value);
  // Down at random, to somewhere.
  let node = out as Record<string, unknown>;
  for (let depth = 0; depth < 12; depth++) {
    const keys = Object.keys(node);
    if (keys.length === 0) break;
    const key = rng.pick(keys);
    const child = node[key];
    if (typeof child === "object" && child !== null && Object.keys(child).length > 0 && rng.below(5) > 0) {
      node = child as Record<string, unknown>;
      continue;
    }
    switch (rng.below(4)) {
      case 0:
        if (Array.isArray(node)) node.splice(Number(key), 1);
        else delete node[key];
        break;
      case 1:
        node[key] = structuredClone(node[rng.pick(keys)]);
        break;
      case 2:
        if (typeof child === "string")
          node[key] = child.slice(0, rng.below(child.length + 1)) + String(rng.pick(VALUES));
        else node[key] = rng.pick(VALUES);
        break;
      default:
        node[key] = rng.pick(VALUES);
    }
    break;
  }
  return out;
}
