/** Facts about the scalars of one kernel: on which axes a value depends, how often it is used, how an index moves. */
import type { Axis, LoopKernel } from "../../kernel/program";
import type { LoadScalar, Scalar } from "../../kernel/scalar";

/** How much an index grows when an axis grows by one: a number, or a scalar that does not depend on the axis. */
export type Step = number | Scalar;

export class Analysis {
  private readonly bits = new Map<number, number>();
  private readonly masks = new Map<Scalar, number>();
  private readonly steps = new Map<Scalar, Map<number, Step | null>>();
  readonly uses = new Map<Scalar, number>();
  /** What is computed at every point: not what seldom needed arms alone need. */
  readonly usual = new Set<Scalar>();
  /** Values of finished reductions differ from point to point of these axes. */
  private readonly pointMask: number;

  constructor(axes: readonly Axis[], stageAxes: readonly Axis[]) {
    for (const { id } of [...axes, ...stageAxes]) if (!this.bits.has(id)) this.bits.set(id, 1 << this.bits.size);
    this.pointMask = this.maskOf(axes);
  }

  bit(axis: number): number {
    return this.bits.get(axis) ?? 0;
  }

  maskOf(axes: readonly Axis[]): number {
    return axes.reduce((m, { id }) => m | this.bit(id), 0);
  }

  /** Counts the uses of every node under `roots`. */
  count(roots: readonly Scalar[]): void {
    const visit = (s: Scalar): void => {
      const seen = this.uses.get(s);
      this.uses.set(s, (seen ?? 0) + 1);
      if (seen === undefined) for (const child of childrenOf(s)) visit(child);
    };
    roots.forEach(visit);
    const visitUsual = (s: Scalar): void => {
      if (this.usual.has(s)) return;
      this.usual.add(s);
      usualChildren(s).forEach(visitUsual);
    };
    roots.forEach(visitUsual);
  }

  /** Set of axes, as bits, on which the value depends. */
  mask(s: Scalar): number {
    if (s.tag === "const" || s.tag === "param") return 0;
    if (s.tag === "axis") return this.bit(s.axis);
    let mask = this.masks.get(s);
    if (mask === undefined) {
      mask = s.tag === "reduced" || s.tag === "acc" ? this.pointMask : 0;
      for (const child of childrenOf(s)) mask |= this.mask(child);
      this.masks.set(s, mask);
    }
    return mask;
  }

  /** How an int32 scalar grows along an axis; null if it is not linear in it. */
  step(s: Scalar, axis: number): Step | null {
    if ((this.mask(s) & this.bit(axis)) === 0) return 0;
    if (s.tag === "axis") return 1;
    if (s.tag !== "op" || s.dtype !== "int32") return null;
    let known = this.steps.get(s);
    if (known === undefined) this.steps.set(s, (known = new Map<number, Step | null>()));
    let step = known.get(axis);
    if (step === undefined) known.set(axis, (step = this.findStep(s.op, s.args, axis)));
    return step;
  }

  private findStep(op: string, args: readonly Scalar[], axis: number): Step | null {
    const [a, b, c] = args as [Scalar, Scalar, Scalar];
    switch (op) {
      case "add":
        return addSteps(this.step(a, axis), this.step(b, axis));
      case "sub":
        return addSteps(this.step(a, axis), scaleStep(this.step(b, axis), -1));
      case "neg":
        return scaleStep(this.step(a, axis), -1);
      case "mul": {
        const [x, y] = this.mask(b) & this.bit(axis) ? [b, a] : [a, b];
        if (this.mask(y) & this.bit(axis)) return null;
        const step = this.step(x, axis);
        return y.tag === "const" ? scaleStep(step, y.value) : step === 1 ? y : null;
      }
      case "fma":
        return addSteps(this.findStep("mul", [a, b], axis), this.step(c, axis));
      case "shl":
        return b.tag === "const" ? scaleStep(this.step(a, axis), 2 ** b.value) : null;
      default:
        return null;
    }
  }
}

function addSteps(a: Step | null, b: Step | null): Step | null {
  if (a === null || b === null) return null;
  if (a === 0) return b;
  if (b === 0) return a;
  return typeof a === "number" && typeof b === "number" ? a + b : null;
}

function scaleStep(a: Step | null, by: number): Step | null {
  if (typeof a === "number") return a * by;
  return by === 1 ? a : null;
}

export function childrenOf(s: Scalar): readonly Scalar[] {
  if (s.tag === "op") return s.args;
  if (s.tag === "load") return s.guard === null ? [s.index] : [s.index, s.guard];
  return [];
}

/** Without the arm that is seldom needed. */
export function usualChildren(s: Scalar): readonly Scalar[] {
  const children = childrenOf(s);
  return s.tag === "op" && s.op === "rarely" ? [children[0]!, children[2]!] : children;
}

/** All nodes under `roots`, children first. */
export function topological(roots: readonly Scalar[]): Scalar[] {
  const seen = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (seen.has(s)) return;
    for (const child of childrenOf(s)) visit(child);
    seen.add(s);
  };
  roots.forEach(visit);
  return [...seen];
}

export const loadsOf = (roots: readonly Scalar[]): LoadScalar[] =>
  topological(roots).filter((s): s is LoadScalar => s.tag === "load");

/** Every scalar that the kernel evaluates directly. */
export function rootsOf(kernel: LoopKernel): Scalar[] {
  return kernel.stages.flatMap((stage) => [
    ...stage.reductions.map((r) => r.value),
    ...stage.stores.flatMap((s) => [s.index, s.value]),
  ]);
}
