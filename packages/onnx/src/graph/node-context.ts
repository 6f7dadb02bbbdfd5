/** What an operator sees of the node that it runs. */
import { ConcretizationError, type DType, DeviceError } from "@jax-js/jax";
import { OnnxNodeError } from "../errors";
import { type ElemType, STRING, deviceDType, elemInfo } from "../elem-type";
import {
  type NdArray,
  type Sequence,
  type Tensor,
  type Value,
  describe,
  deviceTensor,
  sizeOf,
  toDevice,
} from "../value";
import { type Attributes } from "./attributes";
import { type Session } from "./session";
import { type Program, type Step } from "./program";

/** What the graph around lends to a node. */
interface Surroundings {
  readonly session: Session;
  /** Runs a graph that is an attribute of the node, in the scope of the node. */
  readonly runGraph: (graph: Program, inputs: readonly Value[]) => Value[];
  /** A value of the node's graph, computed anew from others. */
  readonly recompute: (name: string, given: ReadonlyMap<string, Value>) => Value;
}

export class NodeContext {
  readonly step: Step;
  readonly inputs: readonly (Value | undefined)[];
  readonly around: Surroundings;
  constructor(step: Step, inputs: readonly (Value | undefined)[], around: Surroundings) {
    this.step = step;
    this.inputs = inputs;
    this.around = around;
  }

  get attributes(): Attributes {
    return this.step.attributes;
  }
  get version(): number {
    return this.step.version;
  }
  graph(name: string): Program {
    return this.step.graphs.get(name) ?? this.fail(`lacks the graph "${name}"`);
  }
  runGraph(graph: Program, inputs: readonly Value[]): Value[] {
    return this.around.runGraph(graph, inputs);
  }

  /** The shape, if it is one and within the limits of the model. */
  allow(shape: readonly number[]): readonly number[] {
    const { elements } = this.around.session.limits;
    if (!shape.every((d) => Number.isInteger(d) && d >= 0)) this.fail(`[${shape}] is no shape`);
    if (!(sizeOf(shape) <= elements))
      this.fail(
        `asks for a tensor [${shape}], which is beyond the limit of ${elements} elements; see limits of ONNXModel`,
      );
    return shape;
  }
  /** Counts an iteration, of which a run may do so many. */
  countIterations(count: number): void {
    const { session } = this.around;
    session.iterations += count;
    if (session.iterations > session.limits.iterations)
      this.fail(`goes beyond the limit of ${session.limits.iterations} iterations of a run; see limits of ONNXModel`);
  }

  has(i: number): boolean {
    const value = this.inputs[i];
    return value !== undefined && value.kind !== "none";
  }
  /** Whether the node's output i is used. */
  wants(i: number): boolean {
    return Boolean(this.step.outputs[i]);
  }
  value(i: number): Value {
    return this.inputs[i] ?? this.fail(`lacks input ${i}`);
  }
  tensor(i: number): Tensor {
    const value = this.value(i);
    if (value.kind !== "tensor") this.fail(`wants a tensor as input ${i}, got ${describe(value)}`);
    return value as Tensor;
  }
  sequence(i: number): Sequence {
    const value = this.value(i);
    if (value.kind !== "sequence") this.fail(`wants a sequence as input ${i}, got ${describe(value)}`);
    return value as Sequence;
  }
  /** Input i as an array. */
  x(i: number): NdArray {
    return toDevice(this.tensor(i));
  }
  optional(i: number): NdArray | undefined {
    return this.has(i) ? this.x(i) : undefined;
  }
  /** All inputs as arrays. */
  all(): NdArray[] {
    return this.inputs.map((_, i) => this.x(i));
  }
  shape(i: number): readonly number[] {
    return this.tensor(i).shape;
  }
  rank(i = 0): number {
    return this.shape(i).length;
  }
  type(i = 0): ElemType {
    return this.tensor(i).type;
  }
  dtype(i = 0): DType {
    return deviceDType(this.type(i));
  }
  isFloat(i = 0): boolean {
    return elemInfo(this.type(i)).kind === "float";
  }

  /** Elements of a tensor, if they can be read now: a constant, computed from shapes, or a concrete array. */
  read(tensor: Tensor): ArrayLike<number> | undefined {
    if (tensor.type === STRING) this.fail(`wants numbers, got ${describe(tensor)}`);
    if (tensor.data) return tensor.data as ArrayLike<number>;
    if (tensor.shape.includes(0)) return [];
    try {
      return toDevice(tensor).dataSync();
    } catch (error) {
      if (error instanceof ConcretizationError || error instanceof DeviceError) return undefined;
      throw error;
    }
  }
  /** Elements of input i, if they can be read now. */
  known(i: number): number[] | undefined {
    const known = this.read(this.tensor(i));
    return known && Array.from(known);
  }
  /**
   * Elements of input i, which must be known now; not to be written to.
   * Errors: OnnxNodeError under jit, vmap or grad for arrays that depend on traced inputs.
   */
  elements(i: number): ArrayLike<number> {
    const known = this.read(this.tensor(i));
    if (known) return known;
    const name = this.step.inputs[i] ?? "";
    return this.fail(
      `needs the values of input ${i} ("${name}"), which are not known here: under jit and vmap make them a constant ` +
        `of the model, on webgpu run the model on "wasm" or give them as a constant`,
    );
  }
  /** The same as a list. */
  numbers(i: number): number[] {
    return Array.from(this.elements(i));
  }
  optionalNumbers(i: number): number[] | undefined {
    return this.has(i) ? this.numbers(i) : undefined;
  }
  strings(i: number): readonly string[] {
    const tensor = this.tensor(i);
    if (tensor.type !== STRING) this.fail(`wants strings as input ${i}, got ${describe(tensor)}`);
    return tensor.data as readonly string[];
  }
  number(i: number): number {
    return this.numbers(i)[0] ?? this.fail(`wants a number as input ${i}, got an empty tensor`);
  }

  /** An axis counted from the end made one from the start. */
  axis(axis: number, rank = this.rank(0)): number {
    const at = axis < 0 ? axis + rank : axis;
    if (!(at >= 0 && at < Math.max(rank, 1))) this.fail(`axis ${axis} is outside a tensor of rank ${rank}`);
    return at;
  }
  /** An array of the named type. */
  as(array: NdArray, type: ElemType): Tensor {
    return deviceTensor(array, type);
  }

  message(why: string): string {
    const { opType, domain, name, version } = this.step;
    const inputs = this.inputs.map(describe).join(", ");
    const title = `${domain ? `${domain}.` : ""}${opType}`;
    return `node "${name}" (${title}, opset ${version}): ${why}; inputs ${inputs || "none"}`;
  }
  fail(why: string): never {
    throw new OnnxNodeError(this.message(why));
  }
}
