/**
 * Meshes of logical devices, and how arrays lie on them. There is one machine: a mesh names axes for `shardMap`, and a
 * sharding says which parts of an array its blocks are.
 */
import { JaxError, ShapeError } from "../base/errors";
import { prod } from "../base/list";

function checkNames(op: string, names: readonly string[], sizes: readonly number[]): void {
  if (names.length !== sizes.length) {
    throw new JaxError(`${op}: needs a name for each axis, got [${names.join(", ")}] for axes [${sizes.join(", ")}]`);
  }
  if (new Set(names).size !== names.length) {
    throw new JaxError(`${op}: axis names must be unique, got [${names.join(", ")}]`);
  }
}

/** Sizes of nested lists of equal lengths. */
function shapeOf(devices: unknown): number[] {
  if (!Array.isArray(devices)) return [];
  const shapes = devices.map(shapeOf);
  if (shapes.some((s) => s.join() !== shapes[0]!.join())) {
    throw new ShapeError("Mesh: lists of devices must have equal lengths along each axis");
  }
  return [devices.length, ...(shapes[0] ?? [])];
}

/**
 * Logical devices in a grid with named axes. `devices` is a nested list of anything: only its shape counts.
 * @example
 * new Mesh([[0, 1], [2, 3]], ["x", "y"]).shape.x; // => 2
 */
export class Mesh {
  readonly axisNames: readonly string[];
  readonly axisSizes: readonly number[];
  readonly devices: readonly unknown[];
  constructor(devices: readonly unknown[], axisNames: string | readonly string[]) {
    this.devices = devices;
    this.axisNames = typeof axisNames === "string" ? [axisNames] : [...axisNames];
    this.axisSizes = shapeOf(devices).slice(0, this.axisNames.length);
    checkNames("Mesh", this.axisNames, this.axisSizes);
  }
  /** Size of each axis by its name. */
  get shape(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.axisNames.map((name, i) => [name, this.axisSizes[i]!]));
  }
  /** Number of logical devices. */
  get size(): number {
    return prod(this.axisSizes);
  }
  toString(): string {
    return `Mesh(${this.axisNames.map((name, i) => `'${name}': ${this.axisSizes[i]}`).join(", ")})`;
  }
}

/**
 * A mesh of logical devices of this shape. Their number is not limited: they are run on the one device there is.
 * @example
 * makeMesh([4, 2], ["x", "y"]).size; // => 8
 */
export function makeMesh(axisShapes: readonly number[], axisNames: readonly string[]): Mesh {
  checkNames("makeMesh", axisNames, axisShapes);
  for (const n of axisShapes) {
    if (!Number.isInteger(n) || n < 1) throw new ShapeError(`makeMesh: sizes must be whole numbers >= 1, got ${n}`);
  }
  let next = 0;
  const build = (at: number): unknown =>
    at === axisShapes.length ? next++ : Array.from({ length: axisShapes[at]! }, () => build(at + 1));
  return new Mesh(build(0) as unknown[], axisNames);
}

/** Of an axis of an array: the mesh axis that splits it, several (the first is the slowest), or null for none. */
export type SpecEntry = string | readonly string[] | null;

/** Which mesh axes split which axes of an array; axes beyond its length are not split. */
export class PartitionSpec {
  readonly partitions: readonly SpecEntry[];
  constructor(...partitions: readonly SpecEntry[]) {
    this.partitions = partitions;
  }
  /** Mesh axes of each array axis. */
  get axes(): string[][] {
    return this.partitions.map((p) => (p === null ? [] : typeof p === "string" ? [p] : [...p]));
  }
  toString(): string {
    const one = (p: SpecEntry): string =>
      p === null ? "None" : typeof p === "string" ? `'${p}'` : `(${p.map((s) => `'${s}'`).join(", ")})`;
    return `P(${this.partitions.map(one).join(", ")})`;
  }
}

/** A PartitionSpec. @example String(P("x", null)); // => "P('x', None)" */
export function P(...partitions: readonly SpecEntry[]): PartitionSpec {
  return new PartitionSpec(...partitions);
}

/** Checks that a spec fits a mesh and, if given, a shape; `what` names the array in errors. */
export function checkSpec(op: string, mesh: Mesh, spec: PartitionSpec, what = "", shape?: readonly number[]): void {
  const { shape: sizes } = mesh;
  const names = spec.axes.flat();
  const unknown = names.find((name) => !(name in sizes));
  if (unknown !== undefined) throw new JaxError(`${op}: ${spec} names axis "${unknown}", which ${mesh} does not have`);
  if (new Set(names).size !== names.length) {
    throw new JaxError(`${op}: ${spec} names an axis twice; each mesh axis can split one axis of an array`);
  }
  if (shape === undefined) return;
  const text = `${what}[${shape.join(",")}]`;
  if (spec.partitions.length > shape.length) {
    throw new ShapeError(`${op}: ${spec} has ${spec.partitions.length} entries, got ${text} of ${shape.length} axes`);
  }
  spec.axes.forEach((list, i) => {
    const n = prod(list.map((name) => sizes[name]!));
    if (shape[i]! % n !== 0) {
      throw new ShapeError(`${op}: ${spec} splits axis ${i} into ${n} parts, got ${text}; expected a multiple of ${n}`);
    }
  });
}

/**
 * How an array lies on a mesh. Here it is a statement only: values stay in one piece.
 * @example
 * new NamedSharding(makeMesh([4], ["x"]), P("x")).shardShape([8, 3]); // => [2, 3]
 */
export class NamedSharding {
  readonly mesh: Mesh;
  readonly spec: PartitionSpec;
  constructor(mesh: Mesh, spec: PartitionSpec) {
    checkSpec("NamedSharding", mesh, spec);
    this.mesh = mesh;
    this.spec = spec;
  }
  /** Shape of each block of an array. Throws ShapeError if it cannot be split so. */
  shardShape(globalShape: readonly number[]): number[] {
    checkSpec("NamedSharding", this.mesh, this.spec, "", globalShape);
    const { shape } = this.mesh;
    const { axes } = this.spec;
    return globalShape.map((n, i) => n / prod((axes[i] ?? []).map((name) => shape[name]!)));
  }
  /** Whether every logical device has the whole array. */
  get isFullyReplicated(): boolean {
    const { shape } = this.mesh;
    return this.spec.axes.flat().every((name) => shape[name] === 1);
  }
  toString(): string {
    return `NamedSharding(mesh=${this.mesh}, spec=${this.spec})`;
  }
}
