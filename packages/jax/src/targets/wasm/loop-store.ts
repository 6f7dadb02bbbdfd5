/** The stores of a stage at one point, or at the lanes of the current copy. */
import type { Store } from "../../kernel/program";
import { loadsOf } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { withoutConstant } from "./loop-nest";
import { emitScalarStore, sizeLog2 } from "./memory";
import { emitVectorStore } from "./vector-memory";

export function emitStores(e: LoopEmitter, stores: readonly Store[]): void {
  const lanes = e.lanes !== null;
  if (stores.length > 1) {
    // A store must not change what the value of a later one loads (buffers updated in place).
    const written = new Set(stores.map((s) => s.buffer));
    for (const { value } of stores) {
      if (!loadsOf([value]).some((l) => written.has(l.buffer))) continue;
      if (!lanes) e.keep(value);
      else {
        e.keepVector(value, 0);
        if (value.dtype === "float64" && e.varies(value)) e.keepVector(value, 1);
      }
    }
  }
  const done = new Set<Store>();
  for (const store of stores) {
    const { buffer, index, value } = store;
    if (!lanes) emitScalarStore(e, buffer, index, value);
    else if (!done.has(store)) {
      const woven = wovenWith(e, store, stores);
      if (woven === null) emitVectorStore(e, buffer, index, value);
      else emitWoven(e, woven);
      woven?.forEach((s) => done.add(s));
    }
  }
}

/** Two vectors, and lanes of both. */
type Shuffle = readonly [a: number, b: number, lanes: readonly number[]];

/** For so many stores: vectors that are made of them and of each other, and those of them that go to memory. */
const WOVEN: Readonly<Record<number, { readonly make: readonly Shuffle[]; readonly out: readonly number[] }>> = {
  2: { make: [[0, 1, [0, 4, 1, 5]], [0, 1, [2, 6, 3, 7]]], out: [2, 3] },
  3: {
    make: [
      [0, 1, [0, 4, 1, 5]], [0, 1, [5, 2, 6, 7]], [0, 1, [3, 7, 3, 7]], // a0 b0 a1 b1, b1 a2 b2 -, a3 b3 - -
      [3, 2, [0, 1, 4, 2]], [4, 2, [0, 5, 1, 2]], [2, 5, [2, 4, 5, 3]],
    ],
    out: [6, 7, 8],
  },
  4: {
    make: [
      [0, 1, [0, 4, 1, 5]], [2, 3, [0, 4, 1, 5]], [0, 1, [2, 6, 3, 7]], [2, 3, [2, 6, 3, 7]],
      [4, 5, [0, 1, 4, 5]], [4, 5, [2, 3, 6, 7]], [6, 7, [0, 1, 4, 5]], [6, 7, [2, 3, 6, 7]],
    ],
    out: [8, 9, 10, 11],
  },
}; // prettier-ignore

/** The stores that together with this one write every element of a range, in order; null if there are not all. */
function wovenWith(e: LoopEmitter, { buffer, index }: Store, stores: readonly Store[]): readonly Store[] | null {
  const step = e.analysis.step(index, e.lanes!.axis);
  if (typeof step !== "number" || !(step in WOVEN) || sizeLog2(e.dtypeOf(buffer)) !== 2) return null;
  const [rest] = withoutConstant(index);
  const near = stores
    .filter((s) => s.buffer === buffer && withoutConstant(s.index)[0] === rest)
    .map((store) => ({ store, at: withoutConstant(store.index)[1] }))
    .sort((p, q) => p.at - q.at);
  return near.length === step && near.every(({ at }, i) => at === near[0]!.at + i) ? near.map((n) => n.store) : null;
}

function emitWoven(e: LoopEmitter, stores: readonly Store[]): void {
  const { f } = e;
  const { make, out } = WOVEN[stores.length]!;
  const vectors = stores.map((s) => e.keepVector(s.value));
  for (const [a, b, lanes] of make) {
    const to = e.temp("v128");
    f.get(vectors[a]!).get(vectors[b]!).shuffle(...lanes).set(to); // prettier-ignore
    vectors.push(to);
  }
  const [{ buffer, index }] = stores as [Store];
  out.forEach((v, i) => {
    const offset = e.pushAddress(buffer, index);
    f.get(vectors[v]!).mem("v128.store", offset + 16 * i, 2);
  });
}
