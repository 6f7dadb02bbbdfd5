/** What does not change in a loop is computed before it. */
import type { LoadScalar, Scalar } from "../../kernel/scalar";
import { childrenOf } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";

/**
 * Computes into locals, now, what the loops over the axes in `loopMask` need and do not change. `vector` says that the
 * values are needed in lanes.
 */
export function hoist(
  e: LoopEmitter,
  roots: readonly Scalar[],
  loopMask: number,
  vector: boolean,
  copies: number,
): void {
  const seen = [new Set<Scalar>(), new Set<Scalar>()];
  const visit = (s: Scalar, asVector: boolean): void => {
    if (seen[asVector ? 1 : 0]!.has(s)) return;
    seen[asVector ? 1 : 0]!.add(s);
    if ((e.analysis.mask(s) & loopMask) === 0) return hoistOne(e, s, asVector, copies);
    if (s.tag === "load") {
      if (e.cursor(s.buffer, s.index) === undefined) visit(s.index, asVector && gathers(e, s));
      if (s.guard !== null) visit(s.guard, asVector && e.varies(s.guard));
    } else {
      for (const child of childrenOf(s)) visit(child, asVector && e.varies(s));
    }
  };
  for (const root of roots) visit(root, vector);
}

function gathers(e: LoopEmitter, s: LoadScalar): boolean {
  return e.lanes !== null && e.analysis.step(s.index, e.lanes.axis) === null;
}

function hoistOne(e: LoopEmitter, s: Scalar, asVector: boolean, copies: number): void {
  if (!asVector) {
    if (s.tag === "op" || s.tag === "load") e.keep(s);
  } else if (!e.varies(s)) e.keepSplat(s);
  else if (s.tag !== "reduced") {
    const lanes = e.lanes!;
    const saved = lanes.copy;
    for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) e.keepAllHalves(s);
    lanes.copy = saved;
  }
}
