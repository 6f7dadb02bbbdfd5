/** Which values of a loop kernel are x - max(x), with the maximum of an earlier stage over the same elements. */
import type { SharingBuilder } from "./math/lang";
import type { Axis, Reduction, Stage } from "./program";
import type { Scalar } from "./scalar";

export class BelowMaximum {
  private readonly b: SharingBuilder;
  private readonly maxima: { readonly axes: readonly Axis[]; readonly slots: ReadonlyMap<number, Scalar> }[] = [];
  private axes: readonly Axis[] = [];

  constructor(b: SharingBuilder) {
    this.b = b;
  }

  /** From here on values are those of a stage over these axes. */
  enter({ axes }: Stage): void {
    this.axes = axes;
  }

  /** The stage entered is finished, with these reductions. */
  leave(reductions: readonly Reduction[]): void {
    const max = reductions.flatMap((r, slot) => (r.op === "max" ? [[slot, r.value] as const] : []));
    this.maxima.push({ axes: this.axes, slots: new Map(max) });
  }

  has(x: Scalar): boolean {
    if (x.tag !== "op" || x.op !== "sub") return false;
    const [a, m] = x.args as [Scalar, Scalar];
    if (m.tag !== "reduced") return false;
    const stage = this.maxima[m.stage]!;
    const value = stage.slots.get(m.slot);
    if (value === undefined || !sameSizes(stage.axes, this.axes)) return false;
    return this.inEnteredStage(value, stage.axes) === a;
  }

  /** A value of another stage at the same element of the one entered. */
  private inEnteredStage(root: Scalar, from: readonly Axis[]): Scalar {
    const memo = new Map<Scalar, Scalar>();
    const visit = (s: Scalar): Scalar => {
      let out = memo.get(s);
      if (out === undefined) memo.set(s, (out = this.rebuilt(s, from, visit)));
      return out;
    };
    return visit(root);
  }

  private rebuilt(s: Scalar, from: readonly Axis[], visit: (s: Scalar) => Scalar): Scalar {
    if (s.tag === "op") return this.b.op(s.op, s.dtype, ...s.args.map(visit));
    if (s.tag === "load") return this.b.load(s.dtype, s.buffer, visit(s.index), s.guard && visit(s.guard));
    const place = s.tag === "axis" ? from.findIndex((axis) => axis.id === s.axis) : -1;
    return place < 0 ? s : this.b.leaf({ ...s, axis: this.axes[place]!.id } as Scalar);
  }
}

const sameSizes = (a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every((axis, i) => axis.size === b[i]!.size && axis.sizeParam === b[i]!.sizeParam);
