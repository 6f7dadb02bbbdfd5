/** Which expressions get memory of their own, with the reason. */
import { contiguousStrides } from "../base/list";
import type { Expr } from "../kernel/expr";
import { affineOf } from "./affine-view";
import { baseOf } from "./graph";

export class MemoryDecision {
  /** Nodes in memory, with the reason. Inputs are in memory without being here. */
  readonly reasons = new Map<Expr, string>();
  private readonly inputStrides: readonly (readonly number[] | null)[];

  constructor(inputStrides: readonly (readonly number[] | null)[]) {
    this.inputStrides = inputStrides;
  }

  has(x: Expr): boolean {
    return this.reasons.has(x);
  }

  add(x: Expr, reason: string): void {
    if (!this.reasons.has(x)) this.reasons.set(x, reason);
  }

  /** Strides of a node in memory; null for one that is not. */
  stridesOf = (x: Expr): readonly number[] | null => {
    if (x.kind === "input") return this.inputStrides[x.index] ?? contiguousStrides(x.shape);
    return this.reasons.has(x) ? contiguousStrides(x.shape) : null;
  };

  /** Makes `x` a strided view of something in memory. */
  makeAffine(x: Expr, reason: string): void {
    if (affineOf(x, this.stridesOf) !== null) return;
    const base = baseOf(x);
    if (base.kind !== "input") this.add(base, reason);
    if (affineOf(x, this.stridesOf) === null) this.add(x, `${reason}, reshaped across its strides`);
  }

  /** True if x lies row-major in memory. */
  isPlain(x: Expr): boolean {
    return x.kind === "input" ? (this.inputStrides[x.index] ?? null) === null : this.reasons.has(x);
  }
}
