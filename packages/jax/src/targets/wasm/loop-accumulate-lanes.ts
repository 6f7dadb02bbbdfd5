/** Running values of reductions, four points at once, in several copies. */
import { isFloat } from "../../aval/dtype";
import type { Reduction } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import type { Local } from "./assembler";
import { pushBetter, takeBetter } from "./loop-extremes";
import { type ScalarAccumulator, emitCombine, identityOf, isArg, pushConst } from "./loop-accumulate";
import type { LoopEmitter } from "./loop-emitter";
import type { Half } from "./vector";

/** One reduction, four points at once, in several independent copies. */
export class VectorAccumulator {
  readonly reduction: Reduction;
  private readonly e: LoopEmitter;
  private readonly copies: number;
  private readonly wide: boolean;
  private readonly halves: readonly Half[];
  /** By copy, then half. */
  private readonly values: Local[][];
  private readonly indices: Local[] = [];
  /** Lanes in which a NaN was seen; of all copies, or of each. */
  private readonly nans: Local[][] = [];
  private readonly totals: Local[][] = [];
  /** The factors of what is summed, if that can be multiplied and added in one operation. */
  private readonly product: readonly Scalar[] | null;

  /**
   * `separate`: each copy looks for NaNs by itself, since its lanes are results of their own, or lest copies wait for each
   * other. `wide`: keep f64 totals.
   */
  constructor(e: LoopEmitter, reduction: Reduction, copies: number, separate: boolean, wide: boolean) {
    this.e = e;
    this.reduction = reduction;
    this.copies = copies;
    const { dtype } = reduction.value;
    this.halves = dtype === "float64" ? [0, 1] : [0];
    this.product = e.relaxed && reduction.op === "add" ? e.productOf(reduction.value) : null;
    const perCopy = (make: () => Local[]): Local[][] => Array.from({ length: copies }, make);
    const v128 = (): Local => e.temp("v128");
    this.values = perCopy(() => this.halves.map(v128));
    this.wide = wide && dtype === "float32" && reduction.op === "add";
    if (isArg(reduction.op)) this.indices = Array.from({ length: copies }, v128);
    else if (isFloat(dtype) && (reduction.op === "max" || reduction.op === "min") && reduction.skipsNaN !== true) {
      const shared = this.halves.map(v128);
      this.nans = perCopy(() => shared);
      if (separate) for (let c = 1; c < copies; c++) this.nans[c] = this.halves.map(v128);
    }
    if (this.wide) this.totals = perCopy(() => [v128(), v128()]);
  }

  /** argmax of float64 in lanes is not worth its code. */
  static supports({ op, value }: Reduction): boolean {
    return !(isArg(op) && value.dtype === "float64");
  }

  init(): void {
    const { f } = this.e;
    const { op, value } = this.reduction;
    for (const locals of this.values) {
      for (const local of locals) {
        this.pushIdentity(identityOf(op, value.dtype));
        f.set(local);
      }
    }
    for (const local of [...this.indices, ...this.nans.flat(), ...this.totals.flat()]) f.i32x4(0).set(local);
  }

  private pushIdentity(x: number): void {
    const { f } = this.e;
    const { dtype } = this.reduction.value;
    if (dtype === "float64") f.f64x2(x);
    else if (dtype === "float32") f.f32x4(x);
    else f.i32x4(dtype === "bool" ? -x : x);
  }

  /** Takes in the lanes of `count` copies, combined with each other first: the accumulator is one chain only. */
  accumulateTogether(count: number, position: Scalar): void {
    const lanes = this.e.lanes!;
    const { f } = this.e;
    const each = (body: () => void): void => {
      for (lanes.copy = 0; lanes.copy < count; lanes.copy++) body();
      lanes.copy = 0;
    };
    if (this.indices.length > 0) return each(() => this.accumulateArg(0, position));
    for (const half of this.halves) {
      if (this.nans.length > 0) each(() => this.accumulateNans(0, half));
      const push = (from: number, to: number): void => {
        if (to - from === 1) {
          lanes.copy = from;
          return this.e.pushVector(this.reduction.value, half);
        }
        if (to - from === 2 && this.product !== null) {
          lanes.copy = from + 1;
          for (const factor of this.product) this.e.pushVector(factor);
          lanes.copy = from;
          this.e.pushVector(this.reduction.value);
          return void f.op("f32x4.relaxed_madd");
        }
        const middle = (from + to) >> 1;
        push(from, middle);
        push(middle, to);
        emitCombine(this.e.f, this.reduction);
      };
      f.get(this.values[0]![half]!);
      push(0, count);
      lanes.copy = 0;
      emitCombine(this.e.f, this.reduction);
      f.set(this.values[0]![half]!);
    }
  }

  /** Takes in the lanes of a copy; the emitter's current copy must be it. */
  accumulate(copy: number, position: Scalar): void {
    const { e } = this;
    const { value } = this.reduction;
    if (this.indices.length > 0) return this.accumulateArg(copy, position);
    for (const half of this.halves) {
      if (this.nans.length > 0) this.accumulateNans(copy, half);
      const running = this.values[copy]![half]!;
      if (this.product !== null) {
        for (const factor of this.product) e.pushVector(factor);
        e.f.get(running).op("f32x4.relaxed_madd").set(running);
        continue;
      }
      e.f.get(running);
      e.pushVector(value, half);
      emitCombine(this.e.f, this.reduction);
      e.f.set(running);
    }
  }

  private accumulateNans(copy: number, half: Half): void {
    const nan = this.nans[copy]![half]!;
    const x = this.e.keepVector(this.reduction.value, half);
    const type = this.halves.length === 1 ? "f32x4" : "f64x2";
    this.e.f.get(nan).get(x).get(x).op(`${type}.ne`).op("v128.or").set(nan);
  }

  private accumulateArg(copy: number, position: Scalar): void {
    const { e } = this;
    const { f } = e;
    const best = this.values[copy]![0]!;
    const index = this.indices[copy]!;
    const x = e.keepVector(this.reduction.value);
    const better = f.local("v128");
    pushBetter(f, this.reduction, x, best);
    f.set(better);
    f.get(x).get(best).get(better).op("v128.bitselect").set(best);
    e.pushVector(position);
    f.get(index).get(better).op("v128.bitselect").set(index).release(better);
  }

  /** Adds the short sums to the float64 totals. */
  flush(): void {
    if (!this.wide) return;
    const { f } = this.e;
    for (let c = 0; c < this.copies; c++) {
      const value = this.values[c]![0]!;
      const [lo, hi] = this.totals[c] as [Local, Local];
      f.get(lo).get(value).op("f64x2.promote_low_f32x4").op("f64x2.add").set(lo);
      f.get(hi).get(value).get(value).shuffle(2, 3, 2, 3).op("f64x2.promote_low_f32x4").op("f64x2.add").set(hi);
      f.f32x4(0).set(value);
    }
  }

  /** Every lane is a result of its own: locals with them, by `2 * copy + half`. */
  finishLanes(): (Local | undefined)[] {
    const { f } = this.e;
    this.flush();
    const out: (Local | undefined)[] = [];
    for (let c = 0; c < this.copies; c++) {
      const values = this.values[c]!;
      for (const half of this.halves) {
        const value = values[half]!;
        const nan = this.nans[c]?.[half];
        if (nan !== undefined) {
          this.pushIdentity(NaN);
          f.get(value).get(nan).op("v128.bitselect").set(value);
        }
        out[2 * c + half] = value;
      }
      if (this.indices.length > 0) out[2 * c] = this.indices[c]!;
      if (this.wide) {
        const [lo, hi] = this.totals[c] as [Local, Local];
        f.get(lo)
          .op("f32x4.demote_f64x2_zero")
          .get(hi)
          .op("f32x4.demote_f64x2_zero")
          .shuffle(0, 1, 4, 5)
          .set(values[0]!);
      }
    }
    return out;
  }

  /** All lanes of all copies are one result: merges them into a scalar accumulator. */
  mergeInto(target: ScalarAccumulator): void {
    if (this.indices.length > 0) return this.mergeArgInto(target);
    const { e } = this;
    const { f } = e;
    const { value } = this.reduction;
    const all = this.values.flat();
    for (let width = all.length; width > 1;) {
      const half = width >> 1;
      for (let i = 0; i < half; i++) {
        f.get(all[i]!).get(all[i + width - half]!);
        emitCombine(f, this.reduction);
        f.set(all[i]!);
      }
      width -= half;
    }
    const v = all[0]!;
    if (this.halves.length === 2) {
      f.get(v).get(v).get(v).shuffle(1, 0);
      emitCombine(this.e.f, this.reduction);
      f.lane("f64x2.extract_lane", 0);
    } else {
      f.get(v).get(v).get(v).shuffle(2, 3, 0, 1);
      emitCombine(this.e.f, this.reduction);
      f.tee(v).get(v).get(v).shuffle(1, 0, 3, 2);
      emitCombine(this.e.f, this.reduction);
      f.lane(value.dtype === "float32" ? "f32x4.extract_lane" : "i32x4.extract_lane", 0);
      if (value.dtype === "bool") f.i32(1).op("i32.and");
    }
    const nans = [...new Set(this.nans.flat())];
    if (nans.length > 0) {
      const type = value.dtype === "float64" ? "f64" : "f32";
      const result = f.local(type);
      f.set(result);
      pushConst(f, type, NaN);
      f.get(result).get(nans[0]!);
      for (const nan of nans.slice(1)) f.get(nan).op("v128.or");
      f.op("v128.any_true").op("select").release(result);
    }
    target.merge();
  }

  /** Lane by lane; among equals the least index wins. */
  private mergeArgInto(target: ScalarAccumulator): void {
    const { f } = this.e;
    const { dtype } = this.reduction.value;
    // Bring the best of each lane over the copies together, least index first.
    for (let c = 1; c < this.copies; c++) {
      takeBetter(f, this.reduction, this.values[0]![0]!, this.indices[0]!, this.values[c]![0]!, this.indices[c]!);
    }
    const best = this.values[0]![0]!;
    const index = this.indices[0]!;
    const [v1, i1] = [f.local("v128"), f.local("v128")];
    for (const lanes of [
      [2, 3, 0, 1],
      [1, 0, 3, 2],
    ]) {
      f.get(best)
        .get(best)
        .shuffle(...lanes)
        .set(v1);
      f.get(index)
        .get(index)
        .shuffle(...lanes)
        .set(i1);
      takeBetter(f, this.reduction, best, index, v1, i1);
    }
    f.release(v1, i1);
    f.get(best).lane(isFloat(dtype) ? "f32x4.extract_lane" : "i32x4.extract_lane", 0);
    if (dtype === "bool") f.i32(1).op("i32.and");
    f.get(index).lane("i32x4.extract_lane", 0);
    target.merge();
  }
}
