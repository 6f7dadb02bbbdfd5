/**
 * Makes a loop kernel generic over its sizes: lengths of axes, strides, offsets and bounds become run-time parameters,
 * so kernels that differ only in these have the same key and share one compiled function. What decides how code is
 * generated stays in the key: which strides are 0, 1 or -1, and axes of a few elements inside nests.
 */
import type { DType } from "../aval/dtype";
import type { Axis, LoopKernel, Store } from "./program";
import type { ConstScalar, OpScalar, Scalar } from "./scalar";

export interface GenericKernel {
  /** Equal for kernels that differ only in the values of their parameters. */
  readonly key: string;
  /** The kernel with parameters; its buffers are numbered from 0 in order of appearance. */
  readonly skeleton: LoopKernel;
  /** dtype of each of the skeleton's buffers. */
  readonly dtypes: readonly DType[];
  /** The original number of each of the skeleton's buffers. */
  readonly buffers: readonly number[];
  /** Value of each parameter. */
  readonly params: readonly number[];
}

/** Axes shorter than a vector keep their size, except the only axis of a map. */
const SHORT = 4;

export function generalize(kernel: LoopKernel, dtypeOf: (buffer: number) => DType): GenericKernel {
  const g = new Generalizer(dtypeOf);
  const nAxes = kernel.stages.reduce((n, s) => n + s.axes.length, kernel.axes.length);
  const axes = g.axes(kernel.axes, nAxes === 1 && kernel.axes.length === 1);
  const stages = kernel.stages.map((stage) => {
    const stageAxes = g.axes(stage.axes, false);
    const reductions = stage.reductions.map((r) => {
      const value = g.scalar(r.value, false);
      g.note(`reduce ${r.op} ${r.dtype} ${g.id(value)} ${r.skipsNaN === true}`);
      return { ...r, value };
    });
    return { axes: stageAxes, reductions, stores: stage.stores.map((s) => g.store(s)) };
  });
  const { buffers, params } = g;
  const dtypes = buffers.map(dtypeOf);
  const key = `${dtypes.join()};${g.text}`;
  return { key, skeleton: { kind: "loop", axes, stages }, dtypes, buffers, params };
}

class Generalizer {
  readonly buffers: number[] = [];
  readonly params: number[] = [];
  /** Everything that decides the code, in order. */
  text = "";
  private readonly bufferNumbers = new Map<number, number>();
  private readonly axisNumbers = new Map<number, number>();
  private readonly ids = new Map<Scalar, number>();
  private nIds = 0;
  /** Finished scalars, as values and as parts of index arithmetic. */
  private readonly done: readonly [Map<Scalar, Scalar>, Map<Scalar, Scalar>] = [new Map(), new Map()];
  private readonly indexLike = new Map<Scalar, boolean>();
  private readonly dtypeOf: (buffer: number) => DType;

  constructor(dtypeOf: (buffer: number) => DType) {
    this.dtypeOf = dtypeOf;
  }

  note(line: string): void {
    this.text += `${line};`;
  }

  id(s: Scalar): number {
    return this.ids.get(s)!;
  }

  axes(axes: readonly Axis[], onlyAxis: boolean): Axis[] {
    const generic = axes.map(({ id, size }): Axis => {
      const number = this.axisNumber(id);
      if (size < SHORT && !onlyAxis) return { id: number, size };
      return { id: number, size: 0, sizeParam: this.param(size) };
    });
    this.note(`axes ${generic.map((a) => (a.sizeParam === undefined ? `${a.id}=${a.size}` : a.id)).join()}`);
    return generic;
  }

  store({ buffer, index, value }: Store): Store {
    const store = { index: this.scalar(index, true), value: this.scalar(value, false), buffer: this.buffer(buffer) };
    this.note(`store ${store.buffer} ${this.id(store.index)} ${this.id(store.value)}`);
    return store;
  }

  scalar(s: Scalar, asIndex: boolean): Scalar {
    const inIndex = asIndex || this.isIndexLike(s);
    const done = this.done[inIndex ? 1 : 0];
    let generic = done.get(s);
    if (generic === undefined) {
      generic = this.rewrite(s, inIndex);
      done.set(s, generic);
      this.ids.set(generic, this.nIds++);
    }
    return generic;
  }

  private rewrite(s: Scalar, inIndex: boolean): Scalar {
    switch (s.tag) {
      case "const":
        if (inIndex && s.dtype === "int32" && !isStructural(s)) {
          this.note("param");
          return { tag: "param", dtype: "int32", slot: this.param(s.value) };
        }
        this.note(`${Object.is(s.value, -0) ? "-0" : s.value} ${s.dtype}`);
        return s;
      case "axis":
        this.note(`axis ${this.axisNumber(s.axis)}`);
        return { tag: "axis", dtype: "int32", axis: this.axisNumber(s.axis), size: 0 };
      case "load": {
        const index = this.scalar(s.index, true);
        const guard = s.guard === null ? null : this.scalar(s.guard, true);
        const buffer = this.buffer(s.buffer);
        this.note(`load ${s.dtype} ${buffer} ${this.id(index)} ${guard === null ? "" : this.id(guard)}`);
        return { tag: "load", dtype: s.dtype, buffer, index, guard };
      }
      case "op":
        return this.op(s, inIndex);
      case "reduced":
        this.note(`reduced ${s.dtype} ${s.stage} ${s.slot}`);
        return s;
      default:
        this.note(`${s.tag} ${s.dtype}`);
        return s;
    }
  }

  private op(s: OpScalar, inIndex: boolean): Scalar {
    const args = s.args.map((arg, i) => {
      if (!inIndex || arg.tag !== "const") return this.scalar(arg, inIndex);
      // A constant of its own for every place: equal numbers are no sign of a common meaning.
      const fixed = !isSize(s, i, arg);
      const generic = fixed ? arg : ({ tag: "param", dtype: "int32", slot: this.param(arg.value) } as const);
      this.note(fixed ? `${arg.value} ${arg.dtype}` : "param");
      this.ids.set(generic, this.nIds++);
      return generic;
    });
    this.note(`${s.op} ${s.dtype} ${args.map((a) => this.id(a)).join()}`);
    return { tag: "op", dtype: s.dtype, op: s.op, args };
  }

  private param(value: number): number {
    return this.params.push(value) - 1;
  }

  private buffer(buffer: number): number {
    let number = this.bufferNumbers.get(buffer);
    if (number === undefined) {
      this.bufferNumbers.set(buffer, (number = this.buffers.length));
      this.buffers.push(buffer);
    }
    return number;
  }

  private axisNumber(id: number): number {
    let number = this.axisNumbers.get(id);
    if (number === undefined) this.axisNumbers.set(id, (number = this.axisNumbers.size));
    return number;
  }

  /** Arithmetic on axes alone: a condition of a concatenation, an iota. Its constants are sizes too. */
  private isIndexLike(s: Scalar): boolean {
    if (s.tag === "axis") return true;
    if (s.tag !== "op" || (s.dtype !== "int32" && s.dtype !== "bool")) return false;
    let like = this.indexLike.get(s);
    if (like === undefined) {
      like = s.args.every((a) => a.tag === "const" || this.isIndexLike(a)) && s.args.some((a) => a.tag !== "const");
      this.indexLike.set(s, like);
    }
    return like;
  }
}

const isStructural = (s: ConstScalar): boolean => s.value === 0 || s.value === 1 || s.value === -1;

/** Whether an argument in index arithmetic is a size, an offset or a stride. */
function isSize({ op }: OpScalar, position: number, arg: ConstScalar): boolean {
  if (arg.dtype !== "int32" || isStructural(arg)) return false;
  switch (op) {
    case "add":
    case "sub":
    case "mul":
    case "max":
    case "min":
    case "select":
    case "lt":
    case "le":
    case "eq":
    case "ne":
    case "fma":
      return true;
    case "div":
    case "rem":
      return position === 1 && arg.value > 0;
    default:
      return false;
  }
}
