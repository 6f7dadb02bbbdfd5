/** The order in which einsum contracts its operands, two at a time. */

export interface Term {
  readonly labels: readonly number[];
}

/** Pairs of positions: both are removed from the list and their product is put at its end. */
export type Path = readonly (readonly [number, number])[];

/** Up to this many operands the cheapest order of all is found; beyond, the cheapest next step each time. */
const MAX_OPTIMAL = 8;

/** The order with the fewest multiplications. */
export function contractionPath(
  terms: readonly Term[],
  output: readonly number[],
  sizes: ReadonlyMap<number, number>,
): Path {
  if (terms.length <= 2) return terms.length === 2 ? [[0, 1]] : [];
  return terms.length <= MAX_OPTIMAL ? optimalPath(terms, output, sizes) : greedyPath(terms, output, sizes);
}

const volume = (labels: Iterable<number>, sizes: ReadonlyMap<number, number>): number => {
  let v = 1;
  for (const l of labels) v *= sizes.get(l)!;
  return v;
};

/** Dynamic programming over subsets: the cheapest way to make each subset from two smaller ones. */
function optimalPath(terms: readonly Term[], output: readonly number[], sizes: ReadonlyMap<number, number>): Path {
  const n = terms.length;
  const all = (1 << n) - 1;
  const labelsIn = (subset: number): Set<number> => {
    const s = new Set<number>();
    terms.forEach((t, i) => {
      if (subset & (1 << i)) for (const l of t.labels) s.add(l);
    });
    return s;
  };
  const union = Array.from({ length: all + 1 }, (_, s) => labelsIn(s));
  // Labels that the product of a subset still has: those in the output or in a term outside.
  const kept = union.map((labels, s) => [...labels].filter((l) => output.includes(l) || union[all & ~s]!.has(l)));
  const cost = new Array<number>(all + 1).fill(Infinity);
  const splitAt = new Array<number>(all + 1).fill(0);
  for (let i = 0; i < n; i++) cost[1 << i] = 0;
  for (let s = 1; s <= all; s++) {
    for (let part = (s - 1) & s; part > 0; part = (part - 1) & s) {
      const rest = s ^ part;
      if (part < rest) continue; // each split once
      const work = cost[part]! + cost[rest]! + volume(new Set([...kept[part]!, ...kept[rest]!]), sizes);
      if (work < cost[s]!) {
        cost[s] = work;
        splitAt[s] = part;
      }
    }
  }
  const live: number[] = Array.from({ length: n }, (_, i) => 1 << i);
  const path: [number, number][] = [];
  const emit = (s: number): void => {
    const part = splitAt[s]!;
    if (part === 0) return;
    emit(part);
    emit(s ^ part);
    const [i, j] = [live.indexOf(part), live.indexOf(s ^ part)].sort((a, b) => a - b) as [number, number];
    path.push([i, j]);
    live.splice(j, 1);
    live.splice(i, 1);
    live.push(s);
  };
  emit(all);
  return path;
}

function greedyPath(terms: readonly Term[], output: readonly number[], sizes: ReadonlyMap<number, number>): Path {
  const live = terms.map((t) => new Set(t.labels));
  const path: [number, number][] = [];
  while (live.length > 1) {
    let best: { i: number; j: number; score: number; kept: Set<number> } | null = null;
    for (let i = 0; i < live.length; i++) {
      for (let j = i + 1; j < live.length; j++) {
        const both = new Set([...live[i]!, ...live[j]!]);
        const others = live.filter((_, k) => k !== i && k !== j);
        const kept = new Set([...both].filter((l) => output.includes(l) || others.some((o) => o.has(l))));
        const score = volume(kept, sizes) - volume(live[i]!, sizes) - volume(live[j]!, sizes);
        if (best === null || score < best.score) best = { i, j, score, kept };
      }
    }
    const { i, j, kept } = best!;
    path.push([i, j]);
    live.splice(j, 1);
    live.splice(i, 1);
    live.push(kept);
  }
  return path;
}
