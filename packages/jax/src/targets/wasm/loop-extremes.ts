/** The greatest (or least) value of each lane and its place, of two such. */
import { isFloat, isUnsigned } from "../../aval/dtype";
import type { Reduction } from "../../kernel/program";
import type { Func, Local } from "./assembler";

/** Pushes the mask of lanes where x beats best; the first NaN beats everything. */
export function pushBetter(f: Func, { op, value: { dtype } }: Reduction, x: Local, best: Local): void {
  const greater = op === "argmax" ? "gt" : "lt";
  if (dtype === "bool") {
    // masks: true is -1
    f.get(x)
      .get(best)
      .op(greater === "gt" ? "i32x4.lt_s" : "i32x4.gt_s");
    return;
  }
  f.get(x).get(best);
  if (!isFloat(dtype)) return void f.op(`i32x4.${greater}_${isUnsigned(dtype) ? "u" : "s"}`);
  f.op(`f32x4.${greater}`).get(x).get(x).op("f32x4.ne").get(best).get(best).op("f32x4.eq").op("v128.and").op("v128.or");
}

/** Takes x and its place where it beats best, or is as great and comes before it. */
export function takeBetter(f: Func, reduction: Reduction, best: Local, index: Local, x: Local, at: Local): void {
  const { dtype } = reduction.value;
  const better = f.local("v128");
  pushBetter(f, reduction, x, best);
  // equal (or both NaN) and earlier
  f.get(x)
    .get(best)
    .op(isFloat(dtype) ? "f32x4.eq" : "i32x4.eq");
  if (isFloat(dtype)) f.get(x).get(x).op("f32x4.ne").get(best).get(best).op("f32x4.ne").op("v128.and").op("v128.or");
  f.get(at).get(index).op("i32x4.lt_s").op("v128.and").op("v128.or").set(better);
  f.get(x).get(best).get(better).op("v128.bitselect").set(best);
  f.get(at).get(index).get(better).op("v128.bitselect").set(index).release(better);
}
