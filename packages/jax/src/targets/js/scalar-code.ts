/** Scalars to a straight list of steps over number registers: every shared node is computed once a point. */
import type { DType } from "../../aval/dtype";
import { invariant } from "../../base/errors";
import type { Scalar } from "../../kernel/scalar";
import { isSelect } from "../../kernel/scalar-op";
import { loader, scalarFunction } from "./scalar-ops";

/** Registers of one kernel and where the loops put their variables. */
export interface Registers {
  readonly values: Float64Array;
}

type Step = (r: Float64Array) => void;

/** A whole buffer, and the element of it that has index 0: views with negative strides reach below. */
export interface LoadView {
  readonly whole: ArrayLike<number>;
  readonly start: number;
}

/** The program's buffers, by buffer number. */
export type Views = readonly LoadView[];

/** Builds step lists for the stages of one kernel; they share registers. */
export class ScalarCompiler {
  private readonly axisRegisters = new Map<number, number>();
  private readonly reducedRegisters = new Map<string, number>();
  private nRegisters = 1;
  private readonly views: Views;
  /** Register 0 holds the accumulator of a contract's epilogue. */
  static readonly ACC = 0;

  constructor(views: Views) {
    this.views = views;
  }

  get size(): number {
    return this.nRegisters;
  }

  axis(id: number): number {
    let r = this.axisRegisters.get(id);
    if (r === undefined) this.axisRegisters.set(id, (r = this.nRegisters++));
    return r;
  }

  reduced(stage: number, slot: number): number {
    const key = `${stage}:${slot}`;
    let r = this.reducedRegisters.get(key);
    if (r === undefined) this.reducedRegisters.set(key, (r = this.nRegisters++));
    return r;
  }

  /** Steps that compute `roots`, and the register of each. */
  compile(roots: readonly Scalar[]): { steps: readonly Step[]; registers: readonly number[] } {
    const steps: Step[] = [];
    const done = new Map<Scalar, number>();
    const visit = (s: Scalar): number => {
      const known = done.get(s);
      if (known !== undefined) return known;
      const r = this.emit(s, visit, steps);
      done.set(s, r);
      return r;
    };
    return { registers: roots.map(visit), steps };
  }

  private emit(s: Scalar, visit: (s: Scalar) => number, steps: Step[]): number {
    switch (s.tag) {
      case "axis":
        return this.axis(s.axis);
      case "reduced":
        return this.reduced(s.stage, s.slot);
      case "acc":
        return ScalarCompiler.ACC;
      case "const": {
        const out = this.nRegisters++;
        const { value } = s;
        steps.push((r) => (r[out] = value));
        return out;
      }
      case "load": {
        const index = visit(s.index);
        const guard = s.guard === null ? -1 : visit(s.guard);
        const out = this.nRegisters++;
        const { whole, start } = this.views[s.buffer]!;
        const get = loader(s.dtype as DType);
        if (guard < 0) {
          steps.push((r) => {
            const i = start + r[index]!;
            invariant(i >= 0 && i < whole.length, `load ${i} outside buffer of ${whole.length}`);
            r[out] = get(whole, i);
          });
        } else steps.push((r) => (r[out] = r[guard] ? get(whole, start + r[index]!) : 0));
        return out;
      }
      case "op": {
        const args = s.args.map(visit);
        const out = this.nRegisters++;
        const argDType = s.args[isSelect(s.op) ? 1 : 0]!.dtype;
        const f = scalarFunction(s.op, argDType, s.dtype);
        const [a = 0, b = 0, c = 0] = args;
        steps.push((r) => (r[out] = f(r[a]!, r[b]!, r[c]!)));
        return out;
      }
      case "param":
        invariant(false, "a size-generic kernel on the cpu device");
      // eslint-disable-next-line no-fallthrough -- invariant throws
      default:
        s satisfies never;
        throw new Error("unreachable");
    }
  }
}
