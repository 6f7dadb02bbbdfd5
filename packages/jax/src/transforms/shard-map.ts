/** One program for many logical devices: `pmap` over a leading axis, `shardMap` over the blocks of a mesh. */
import { checkOptions } from "../base/option-names";
import { JaxError, TreeMismatchError } from "../base/errors";
import { inversePermutation, range } from "../base/list";
import { type Scope, closeScope, currentScope, withScope } from "../core/interpreter";
import type { BatchDim } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { reshape } from "../ops/reshape";
import { transpose } from "../ops/transpose";
import { isPlainObject, unflatten } from "../tree/flatten";
import type { JsTreeDef } from "../tree/treedef";
import { type AnyFunction, flattenArgs, flattenResult, pathOf, release, needFunction } from "./arguments";
import { jit } from "./jit";
import type { OwnedFunction } from "./linearize";
import { type Mesh, PartitionSpec, checkSpec } from "./mesh";
import { type AxesSpec, mapAxis, vmap } from "./vmap";

/** A spec for a whole argument or result (null: not split), or a tree of them that is a prefix of it. */
export type SpecTree = PartitionSpec | null | readonly SpecTree[] | { readonly [key: string]: SpecTree };

export interface ShardMapOptions {
  readonly mesh: Mesh;
  /** Of each argument (a list), or of all. */
  readonly inSpecs: SpecTree;
  readonly outSpecs: SpecTree;
  /** See `shardMap`. */
  readonly checkVma?: false;
}

const whole = /* @__PURE__ */ new PartitionSpec();

/** The spec of each leaf of a tree, by a prefix of it. */
function specsOf(what: string, specs: SpecTree, tree: unknown, path = ""): PartitionSpec[] {
  if (specs === null || specs instanceof PartitionSpec) {
    if (Array.isArray(tree)) return tree.flatMap((t) => specsOf(what, specs, t));
    if (isPlainObject(tree)) {
      return Object.keys(tree)
        .sort()
        .flatMap((k) => specsOf(what, specs, tree[k]));
    }
    return tree === null || tree === undefined ? [] : [specs ?? whole];
  }
  const keys = (x: unknown): string[] =>
    Array.isArray(x) ? x.map((_, i) => String(i)) : isPlainObject(x) ? Object.keys(x).sort() : [];
  const names = keys(specs);
  if (Array.isArray(specs) !== Array.isArray(tree) || names.join() !== keys(tree).join()) {
    throw new TreeMismatchError(
      `shardMap: ${what} must be a prefix of the ${what === "inSpecs" ? "arguments" : "result"}, and differs at ` +
        `${path || "the root"}; a PartitionSpec stands for everything below it`,
    );
  }
  const child = (x: unknown, k: string): unknown => (x as Record<string, unknown>)[k];
  return names.flatMap((k) => specsOf(what, child(specs, k) as SpecTree, child(tree, k), `${path}[${k}]`));
}

/** Where the mesh axes of a spec come from, and how the axes of an array and of its blocks belong together. */
interface Layout {
  /** Shape with each split axis as [mesh axes..., rest]. */
  readonly split: readonly number[];
  /** Puts mesh axes in front, in the mesh's order. */
  readonly order: readonly number[];
}

function layoutOf(mesh: Mesh, spec: PartitionSpec, shape: readonly number[]): Layout {
  const split: number[] = [];
  const place = new Map<string, number>();
  const rest: number[] = [];
  shape.forEach((n, i) => {
    let left = n;
    for (const name of spec.axes[i] ?? []) {
      const size = mesh.shape[name]!;
      place.set(name, split.push(size) - 1);
      left /= size;
    }
    rest.push(split.push(left) - 1);
  });
  const front = mesh.axisNames.filter((name) => place.has(name)).map((name) => place.get(name)!);
  return { split, order: [...front, ...rest] };
}

/** [mesh axes..., block...] of an array. */
function toBlocks(mesh: Mesh, spec: PartitionSpec, x: Tracer): Tracer {
  const { split, order } = layoutOf(mesh, spec, x.shape);
  return transpose(reshape(x, split), order);
}

/** The array of [mesh axes..., block...]. */
function fromBlocks(mesh: Mesh, spec: PartitionSpec, y: Tracer): Tracer {
  const used = spec.axes.flat();
  const block = y.shape.slice(used.length);
  const shape = block.map((n, i) => (spec.axes[i] ?? []).reduce((m, name) => m * mesh.shape[name]!, n));
  const { order } = layoutOf(mesh, spec, shape);
  return reshape(transpose(y, inversePermutation(order)), shape);
}

/**
 * Runs f once for every logical device of a mesh, on the blocks that `inSpecs` give it, and puts the results together as
 * `outSpecs` say. Inside, collectives work over the axes of the mesh. A result that a mesh axis does not split must be the
 * same along it (`lax.psum`, `lax.allGather`).
 *
 * The logical devices are run on one device, as a vmap for each axis of the mesh.
 * Gradient: outside as JAX. Inside f as JAX with `check_vma=False`: `psum` transposes to `psum`.
 * Errors: JaxError for unknown axes; ShapeError if an axis cannot be split, or a result differs along an axis that does
 * not split it; TreeMismatchError.
 * Source: https://docs.jax.dev/en/latest/notebooks/shard_map.html
 * @example
 * const mesh = makeMesh([2], ["x"]);
 * const total = shardMap((x) => lax.psum(x.sum(), "x"), { mesh, inSpecs: P("x"), outSpecs: P() });
 * total(np.array([1, 2, 3, 4])).item(); // => 10
 */
export function shardMap<F extends AnyFunction>(f: F, options: ShardMapOptions): F {
  needFunction("shardMap", f);
  checkOptions("shardMap", options, { mesh: true, inSpecs: true, outSpecs: true, checkVma: true });
  const { mesh, inSpecs, outSpecs } = options;
  if ((options.checkVma as boolean | undefined) === true) {
    throw new JaxError("shardMap: checkVma: true is not supported: types do not say over which axes values vary");
  }
  const mapped = (...args: unknown[]): unknown => {
    const [xs, inTree] = flattenArgs("shardMap", args);
    const specs = specsOf("inSpecs", inSpecs, args);
    xs.forEach((x, i) => checkSpec("shardMap", mesh, specs[i]!, `argument ${pathOf(args, i)} of shape `, x.shape));
    const users = currentScope();
    let outTree: JsTreeDef | null = null;
    let outs: PartitionSpec[] = [];
    const onBlock = (blocks: readonly Tracer[]): Tracer[] => {
      const run = (): unknown => f(...(unflatten(inTree, blocks as Tracer[]) as unknown as unknown[])) as unknown;
      const [ys, treedef] = flattenResult("shardMap", withScope(users, run));
      outTree = treedef;
      outs = specsOf("outSpecs", outSpecs, unflatten(treedef, ys));
      ys.forEach((y, i) => {
        checkSpec("shardMap", mesh, outs[i]!);
        const names = outs[i]!.partitions.length;
        if (names <= y.ndim) return;
        throw new JaxError(`shardMap: ${outs[i]!} has ${names} entries, got a result ${y.aval}`);
      });
      return ys;
    };
    // The vmaps from the last axis of the mesh outward.
    const nested = mesh.axisNames.reduceRight<(blocks: readonly Tracer[]) => Tracer[]>((inner, name) => {
      const dims = (list: readonly PartitionSpec[]): BatchDim[] =>
        list.map((s) => (s.axes.flat().includes(name) ? 0 : null));
      return (blocks) =>
        mapAxis((own) => { const ys = inner(own); return [ys, dims(outs)]; }, blocks, dims(specs), mesh.shape[name]!, name); // prettier-ignore
    }, onBlock);
    const owned: Scope = new Set();
    try {
      const values = withScope(owned, () => {
        const blocks = xs.map((x, i) => toBlocks(mesh, specs[i]!, x));
        return nested(blocks).map((y, i) => fromBlocks(mesh, outs[i]!, y));
      });
      return unflatten(outTree!, release(values, owned));
    } finally {
      closeScope(owned, new Set());
    }
  };
  return mapped as F;
}

export interface PmapOptions {
  readonly axisName?: string;
  /** For each argument (or for all); 0 unless given. null: every device has the whole argument. */
  readonly inAxes?: AxesSpec;
  readonly outAxes?: AxesSpec;
  /** Arguments that are constants of the program. */
  readonly staticBroadcastedArgnums?: number | readonly number[];
  readonly axisSize?: number;
}

/**
 * Compiles f and runs it for every element of the leading axis of its arguments, each on a logical device of its own;
 * inside, collectives work over `axisName`. As `jit(vmap(f))`: there is one device, and the size of the axis has no limit.
 *
 * Gradient: inside and outside as JAX.
 * @example
 * const normalize = pmap((x) => x.div(lax.psum(x, "i")), { axisName: "i" });
 * normalize(np.array([1, 3])).js(); // => [0.25, 0.75]
 */
export function pmap<F extends AnyFunction>(f: F, options: PmapOptions = {}): OwnedFunction<F> {
  needFunction("pmap", f);
  checkOptions("pmap", options, {
    axisName: true,
    inAxes: true,
    outAxes: true,
    staticBroadcastedArgnums: true,
    axisSize: true,
  });
  const { staticBroadcastedArgnums: given = [], inAxes = 0, ...rest } = options;
  const statics = typeof given === "number" ? [given] : [...given];
  const compiled: AnyFunction = (...args) => {
    const dynamic = range(args.length).filter((i) => !statics.includes(i));
    const onDynamic: AnyFunction = (...values) => {
      const all: unknown[] = [...(args as unknown[])];
      dynamic.forEach((i, k) => (all[i] = values[k]));
      return f(...all) as unknown;
    };
    const axes = Array.isArray(inAxes) ? dynamic.map((i) => (inAxes as AxesSpec[])[i] ?? null) : inAxes;
    return vmap(onDynamic, { ...rest, inAxes: axes })(...dynamic.map((i) => args[i] as unknown)) as unknown;
  };
  Object.defineProperty(compiled, "name", { value: f.name });
  return jit(compiled as F, { staticArgnums: statics });
}
