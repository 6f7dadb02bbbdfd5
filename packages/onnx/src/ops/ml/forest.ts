/** Decision trees: every row walks down every tree at once. */
import { nn, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { readTensor } from "../../proto/tensor-data";
import { type NdArray, type Value } from "../../value";
import { type OperatorTable } from "../operator";
import { labelled, transformed } from "./classes";

/** Numbers of the comparisons, as TreeEnsemble has them; a leaf leads to itself. */
const modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER"];

interface Forest {
  readonly roots: number[];
  readonly feature: number[];
  readonly split: number[];
  readonly mode: number[];
  readonly yes: number[];
  readonly no: number[];
  /** Whether a missing value takes the true branch. */
  readonly missing: number[];
  /** Members of a node's set, for BRANCH_MEMBER. */
  readonly members: ReadonlyMap<number, number[]>;
  /** [node, target, weight] of the leaves. */
  readonly votes: (readonly [number, number, number])[];
}

/** Steps from a root to the deepest leaf. Errors: OnnxNodeError for trees that lead back to themselves. */
function depth(n: NodeContext, f: Forest): number {
  let level = new Set(f.roots);
  for (let d = 0; d <= f.feature.length; d++) {
    const next = new Set<number>();
    for (const i of level) {
      for (const to of [f.yes[i], f.no[i]]) {
        if (to === undefined || !(to >= 0 && to < f.feature.length))
          n.fail(`a tree leads to node ${to}, which is not there`);
        else if (to !== i) next.add(to);
      }
    }
    if (next.size === 0) return d;
    level = next;
  }
  return n.fail("a tree leads back to itself");
}

/** The leaf of each row in each tree, [rows, trees]. */
function leaves(n: NodeContext, x: NdArray, f: Forest): NdArray {
  const ints = (list: readonly number[]): NdArray =>
    np.array(Int32Array.from(list), { shape: [list.length], dtype: "int32" });
  const [feature, yes, no, mode, missing] = [f.feature, f.yes, f.no, f.mode, f.missing].map(ints) as [NdArray, NdArray, NdArray, NdArray, NdArray]; // prettier-ignore
  const split = np.array(Float64Array.from(f.split), { shape: [f.split.length], dtype: x.dtype });
  const used = [...new Set(f.mode)];
  const width = Math.max(0, ...[...f.members.values()].map((m) => m.length));
  const sets = np.array(
    Float64Array.from(
      f.feature.flatMap((_, i) => Array.from({ length: width }, (__, k) => f.members.get(i)?.[k] ?? NaN)),
    ),
    { shape: [f.feature.length, width], dtype: x.dtype },
  );
  const look = (table: NdArray, at: NdArray): NdArray => np.take(table, at, { axis: 0, mode: "clip" });
  const holds = (code: number, v: NdArray, s: NdArray, at: NdArray): NdArray => {
    const compare = [np.lessEqual, np.less, np.greaterEqual, np.greater, np.equal, np.notEqual][code];
    return compare ? compare(v, s) : np.any(np.equal(np.expandDims(v, -1), look(sets, at)), -1);
  };
  let at = np.broadcastTo(ints(f.roots), [x.shape[0]!, f.roots.length]);
  for (let d = depth(n, f); d > 0; d--) {
    const here = at;
    const v = np.takeAlongAxis(x, look(feature, here), 1);
    const s = look(split, here);
    const code = look(mode, here);
    const test = used.map((k) => np.logicalAnd(np.equal(code, k), holds(k, v, s, here))).reduce(np.logicalOr);
    const strays = np.logicalAnd(np.isnan(v), np.equal(look(missing, here), 1));
    at = np.where(np.logicalOr(test, strays), look(yes, here), look(no, here));
  }
  return at;
}

/** What the trees say together of each target, [rows, targets]. */
function aggregated(n: NodeContext, x: NdArray, f: Forest, targets: number, how: string): NdArray {
  const missing = how === "MIN" ? Infinity : how === "MAX" ? -Infinity : 0;
  const table = new Float64Array(f.feature.length * targets).fill(missing);
  for (const [node, target, weight] of f.votes) {
    const i = node * targets + target;
    if (!(target >= 0 && target < targets && i < table.length))
      n.fail(`a leaf votes for target ${target} of ${targets}`);
    table[i] = Number.isFinite(table[i]!) ? table[i]! + weight : weight;
  }
  const weights = np.array(table, { shape: [f.feature.length, targets], dtype: x.dtype });
  const all = np.take(weights, leaves(n, x, f), { axis: 0, mode: "clip" }); // [rows, trees, targets]
  if (how === "MIN" || how === "MAX") {
    const extreme = how === "MIN" ? np.min(all, 1) : np.max(all, 1);
    return np.where(np.isfinite(extreme), extreme, np.zerosLike(extreme));
  }
  return how === "AVERAGE" ? np.sum(all, 1).div(f.roots.length) : np.sum(all, 1);
}

/** Numbers of an attribute, which may be a list of floats or a tensor. */
function numbers(n: NodeContext, name: string): number[] {
  const tensor = n.attributes.tensor(`${name}_as_tensor`) ?? n.attributes.tensor(name);
  return tensor ? Array.from(readTensor(tensor).data as ArrayLike<number>) : (n.attributes.floats(name) ?? []);
}

/** Trees whose nodes are named by tree and number. */
function namedForest(n: NodeContext, votes: "target" | "class"): Forest {
  const ints = (name: string): number[] => n.attributes.ints(name) ?? [];
  const [trees, ids] = [ints("nodes_treeids"), ints("nodes_nodeids")];
  const place = new Map(trees.map((tree, i) => [`${tree}:${ids[i]}`, i]));
  const find = (tree: number | undefined, id: number | undefined): number => place.get(`${tree}:${id}`) ?? -1;
  const kinds = n.attributes.strings("nodes_modes") ?? [];
  const isLeaf = (i: number): boolean => kinds[i] === "LEAF";
  const child = (name: string): number[] => {
    const to = ints(name);
    return trees.map((tree, i) => (isLeaf(i) ? i : find(tree, to[i])));
  };
  const roots = [...new Set(trees)].map((tree) => trees.indexOf(tree));
  const voteIds = ints(`${votes}_ids`);
  const [voteTrees, voteNodes] = [ints(`${votes}_treeids`), ints(`${votes}_nodeids`)];
  const weights = numbers(n, `${votes}_weights`);
  return {
    roots,
    feature: ints("nodes_featureids"),
    split: numbers(n, "nodes_values"),
    mode: kinds.map((kind, i) => {
      const code = modes.indexOf(kind);
      return isLeaf(i) ? 0 : code >= 0 ? code : n.fail(`the node mode "${kind}" is not known`);
    }),
    ...{ yes: child("nodes_truenodeids"), no: child("nodes_falsenodeids") },
    missing: trees.map((_, i) => ints("nodes_missing_value_tracks_true")[i] ?? 0),
    members: new Map(),
    votes: voteIds.map((id, i) => [find(voteTrees[i], voteNodes[i]), id, weights[i] ?? 0] as const),
  };
}

/** Trees of inner nodes followed by leaves, which are numbered apart. */
function plainForest(n: NodeContext): Forest {
  const ints = (name: string): number[] => n.attributes.ints(name) ?? [];
  const feature = ints("nodes_featureids");
  const inner = feature.length;
  const targets = ints("leaf_targetids");
  const self = targets.map((_, i) => inner + i);
  const child = (to: readonly number[], leaf: readonly number[]): number[] => [...to.map((t, i) => (leaf[i] ? inner + t : t)), ...self]; // prettier-ignore
  const zeros = targets.map(() => 0);
  const mode = numbers(n, "nodes_modes");
  const members = new Map<number, number[]>();
  const lists: number[][] = [[]];
  for (const v of numbers(n, "membership_values")) {
    if (Number.isNaN(v)) lists.push([]);
    else lists.at(-1)!.push(v);
  }
  mode.flatMap((m, i) => (m === 6 ? [i] : [])).forEach((i, k) => members.set(i, lists[k] ?? []));
  const missing = ints("nodes_missing_value_tracks_true");
  const weights = numbers(n, "leaf_weights");
  return {
    roots: ints("tree_roots"),
    feature: [...feature, ...zeros],
    split: [...numbers(n, "nodes_splits"), ...zeros],
    mode: [...mode, ...zeros],
    yes: child(ints("nodes_truenodeids"), ints("nodes_trueleafs")),
    no: child(ints("nodes_falsenodeids"), ints("nodes_falseleafs")),
    missing: [...feature.map((_, i) => missing[i] ?? 0), ...zeros],
    members,
    votes: targets.map((target, i) => [inner + i, target, weights[i] ?? 0] as const),
  };
}

const rows = (n: NodeContext): NdArray => (n.dtype(0) === "float64" ? n.x(0) : n.x(0).astype("float32"));

function plusBase(n: NodeContext, x: NdArray): NdArray {
  const base = numbers(n, "base_values");
  return base.length ? x.add(np.array(Float64Array.from(base), { shape: [base.length], dtype: x.dtype })) : x;
}

function treeEnsemble(n: NodeContext): NdArray {
  const how = ["AVERAGE", "SUM", "MIN", "MAX"][n.attributes.int("aggregate_function", 1)] ?? "SUM";
  const end = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"][n.attributes.int("post_transform", 0)];
  return transformed(n, aggregated(n, rows(n), plainForest(n), n.attributes.int("n_targets", 1), how), end ?? "NONE");
}

function regressor(n: NodeContext): NdArray {
  const how = n.attributes.string("aggregate_function", "SUM");
  const out = aggregated(n, rows(n), namedForest(n, "target"), n.attributes.int("n_targets", 1), how);
  return transformed(n, plusBase(n, out)).astype("float32");
}

/** With one class voted for of two labels, its score stands for both. */
function classifier(n: NodeContext): (NdArray | Value)[] {
  const { attributes } = n;
  const labels =
    attributes.strings("classlabels_strings")?.length ?? attributes.ints("classlabels_int64s")?.length ?? 0;
  const voted = new Set(attributes.ints("class_ids"));
  const forest = namedForest(n, "class");
  const label = (index: NdArray): Value => labelled(n, index, "classlabels_int64s", "classlabels_strings");
  if (labels !== 2 || voted.size !== 1) {
    const scores = plusBase(n, aggregated(n, rows(n), forest, labels, "SUM"));
    return [label(np.argmax(scores, 1)), transformed(n, scores).astype("float32")];
  }
  const [only] = [...voted] as [number];
  const score = plusBase(n, aggregated(n, rows(n), forest, 2, "SUM").slice([], [only, only + 1]));
  const positive = forest.votes.every(([, , weight]) => weight >= 0);
  const index = np
    .greater(score, positive ? 0.5 : 0)
    .astype("int32")
    .reshape([-1]);
  const end = attributes.string("post_transform", "NONE");
  const both = (): NdArray => {
    if (end === "LOGISTIC") return np.concatenate([nn.sigmoid(score.neg()), nn.sigmoid(score)], 1);
    const other = positive ? np.subtract(1, score) : score.neg();
    return transformed(n, np.concatenate([other, score], 1));
  };
  return [label(index), both().astype("float32")];
}

export const mlForest: OperatorTable = {
  TreeEnsemble: treeEnsemble,
  TreeEnsembleClassifier: classifier,
  TreeEnsembleRegressor: regressor,
};
