/** The merging of pairs, at the heart of byte-pair encoding: the pair of lowest rank first, of equal ones the leftmost. */

/** What becomes of a pair of symbols. */
export interface Merges {
  /** Rank of the merge, or -1 if the pair has none. */
  rank(a: number, b: number): number;
  /** The symbol that the merge of this rank makes. */
  merged(rank: number): number;
}

/** Above this length the pair to merge is found by a heap; below, looking through all is faster. */
const HEAP_FROM = 96;

/** Merges in place; gives the new length. */
export function mergePairs(ids: number[], merges: Merges): number {
  return ids.length >= HEAP_FROM ? mergeByHeap(ids, merges) : mergeByScan(ids, merges);
}

/** Ranks of pairs, of the text that is being merged. */
const scratch = /* @__PURE__ */ new Int32Array(HEAP_FROM);

function mergeByScan(ids: number[], merges: Merges): number {
  let n = ids.length;
  const ranks = scratch;
  for (let i = 0; i + 1 < n; i++) ranks[i] = merges.rank(ids[i]!, ids[i + 1]!);
  for (;;) {
    let best = -1;
    let at = -1;
    for (let i = 0; i + 1 < n; i++) {
      const r = ranks[i]!;
      if (r >= 0 && (at < 0 || r < best)) {
        best = r;
        at = i;
      }
    }
    if (at < 0) break;
    ids[at] = merges.merged(best);
    n--;
    for (let i = at + 1; i < n; i++) {
      ids[i] = ids[i + 1]!;
      ranks[i - 1] = ranks[i]!;
    }
    if (at > 0) ranks[at - 1] = merges.rank(ids[at - 1]!, ids[at]!);
    if (at + 1 < n) ranks[at] = merges.rank(ids[at]!, ids[at + 1]!);
  }
  ids.length = n;
  return n;
}

/** Positions below 2**31; ranks below 2**22: a key of both is an exact double. */
const POSITIONS = 2 ** 31;

function mergeByHeap(ids: number[], merges: Merges): number {
  const n = ids.length;
  const next = Int32Array.from({ length: n }, (_, i) => i + 1);
  const prev = Int32Array.from({ length: n }, (_, i) => i - 1);
  // Rank of the pair that begins here now; what the heap says may be out of date. -2: the position is gone.
  const ranks = new Int32Array(n).fill(-1);
  const heap: number[] = [];
  const look = (i: number): void => {
    const j = next[i]!;
    ranks[i] = j < n ? merges.rank(ids[i]!, ids[j]!) : -1;
    if (ranks[i]! >= 0) push(heap, ranks[i]! * POSITIONS + i);
  };
  for (let i = 0; i < n; i++) look(i);
  while (heap.length > 0) {
    const key = pop(heap);
    const rank = Math.floor(key / POSITIONS);
    const i = key - rank * POSITIONS;
    if (ranks[i] !== rank) continue;
    const j = next[i]!;
    ids[i] = merges.merged(rank);
    next[i] = next[j]!;
    if (next[j]! < n) prev[next[j]!] = i;
    ranks[j] = -2;
    look(i);
    if (prev[i]! >= 0) look(prev[i]!);
  }
  let out = 0;
  for (let i = 0; i < n; i = next[i]!) ids[out++] = ids[i]!;
  ids.length = out;
  return out;
}

function push(heap: number[], key: number): void {
  let i = heap.length;
  heap.push(key);
  while (i > 0) {
    const up = (i - 1) >> 1;
    if (heap[up]! <= key) break;
    heap[i] = heap[up]!;
    i = up;
  }
  heap[i] = key;
}

function pop(heap: number[]): number {
  const top = heap[0]!;
  const last = heap.pop()!;
  const n = heap.length;
  if (n === 0) return top;
  let i = 0;
  for (;;) {
    let down = 2 * i + 1;
    if (down >= n) break;
    if (down + 1 < n && heap[down + 1]! < heap[down]!) down++;
    if (heap[down]! >= last) break;
    heap[i] = heap[down]!;
    i = down;
  }
  heap[i] = last;
  return top;
}

/** A map from pairs of symbols to a number, by open addressing; much smaller and faster than a Map of strings. */
export class PairTable {
  #a: Int32Array;
  #b: Int32Array;
  #values: Int32Array;
  #mask: number;
  #size = 0;

  constructor(expected = 1024) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2)));
    this.#mask = capacity - 1;
    this.#a = new Int32Array(capacity).fill(-1);
    this.#b = new Int32Array(capacity);
    this.#values = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  #slot(a: number, b: number): number {
    let h = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 0;
    h ^= h >>> 15;
    let i = h & this.#mask;
    while (this.#a[i] !== -1 && (this.#a[i] !== a || this.#b[i] !== b)) i = (i + 1) & this.#mask;
    return i;
  }

  /** The value, or `none`. */
  get(a: number, b: number, none: number): number {
    const i = this.#slot(a, b);
    return this.#a[i] === -1 ? none : this.#values[i]!;
  }

  set(a: number, b: number, value: number): void {
    if ((this.#size + 1) * 2 > this.#mask) this.#grow();
    const i = this.#slot(a, b);
    if (this.#a[i] === -1) this.#size++;
    this.#a[i] = a;
    this.#b[i] = b;
    this.#values[i] = value;
  }

  #grow(): void {
    const larger = new PairTable(this.#mask + 1);
    for (let i = 0; i <= this.#mask; i++) {
      if (this.#a[i] !== -1) larger.set(this.#a[i]!, this.#b[i]!, this.#values[i]!);
    }
    this.#a = larger.#a;
    this.#b = larger.#b;
    this.#values = larger.#values;
    this.#mask = larger.#mask;
  }
}
