/**
 * Long formulas for several vectors side by side. The operations of one formula wait for each other, and a processor
 * looks only some hundred instructions ahead: one vector after the other, it finds too few that are ready.
 */
import type { Scalar } from "../../kernel/scalar";
import type { LoopEmitter } from "./loop-emitter";

/** Computes the operations under `roots` into locals, each for all copies before the next. */
export function interleave(e: LoopEmitter, roots: readonly Scalar[], copies: number): void {
  const lanes = e.lanes!;
  const seen = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (s.tag !== "op" || seen.has(s) || !e.varies(s)) return;
    seen.add(s);
    // what only the seldom needed arm needs is computed in its branch
    const branches = s.op === "rarely" && e.varies(s.args[0]!);
    (branches ? [s.args[0]!, s.args[2]!, ...e.rare.sharedOf(s)] : s.args).forEach(visit);
    for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) e.keepAllHalves(s);
    lanes.copy = 0;
  };
  roots.forEach(visit);
}
