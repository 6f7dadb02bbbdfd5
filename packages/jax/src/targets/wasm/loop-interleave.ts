/**
 * Long formulas for several vectors side by side. The operations of one formula wait for each other, and a processor
 * looks only some hundred instructions ahead: one vector after the other, it finds too few that are ready.
 */
import type { OpScalar, Scalar } from "../../kernel/scalar";
import type { LoopEmitter } from "./loop-emitter";

/**
 * Computes the operations under `roots` for all copies, and `finish`es with what they come to. It is done at first
 * without the seldom needed arms, and once more with them where one was asked for: a branch for each would part what is
 * computed side by side, and what lives across it would go to memory. `finish` writes, so it comes after that question.
 */
export function interleave(e: LoopEmitter, roots: readonly Scalar[], copies: number, finish: () => void): void {
  const { f } = e;
  const conditions = seldomConditions(e, roots);
  if (copies === 1 || conditions.length === 0) {
    computeAll(e, roots, copies);
    return finish();
  }
  f.block((done) => {
    f.block((withArms) => {
      e.scoped(() => {
        e.withoutArms(() => computeAll(e, [...roots, ...conditions], copies));
        pushAny(e, conditions, copies);
        f.brIf(withArms);
        finish();
      });
      f.br(done);
    });
    e.scoped(() => {
      computeAll(e, roots, copies);
      finish();
    });
  });
}

/** Computes the operations under `roots` into locals, each for all copies before the next. */
function computeAll(e: LoopEmitter, roots: readonly Scalar[], copies: number): void {
  const lanes = e.lanes!;
  const seen = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (s.tag !== "op" || seen.has(s) || !e.varies(s)) return;
    seen.add(s);
    e.operandsOf(s).forEach(visit);
    for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) e.keepAllHalves(s);
    lanes.copy = 0;
  };
  roots.forEach(visit);
}

/** Computes formulas that are alike an operation of all at a time, for one vector each. */
export function interleaveRoots(e: LoopEmitter, roots: readonly Scalar[], finish: () => void): void {
  const seen = new Set<Scalar>();
  const visit = (places: readonly Scalar[]): void => {
    const alike = [...new Set(places)].filter((s): s is OpScalar => s.tag === "op" && e.varies(s) && !seen.has(s));
    alike.forEach((s) => seen.add(s));
    const most = Math.max(0, ...alike.map((s) => s.args.length));
    for (let i = 0; i < most; i++) visit(alike.flatMap((s) => s.args[i] ?? []));
    for (const s of alike) e.keepAllHalves(s);
  };
  visit(roots);
  finish();
}

/** What asks for seldom needed arms under `roots`, lane by lane. */
function seldomConditions(e: LoopEmitter, roots: readonly Scalar[]): Scalar[] {
  const conditions = new Set<Scalar>();
  const seen = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (s.tag !== "op" || seen.has(s) || !e.varies(s)) return;
    seen.add(s);
    if (!e.hasArm(s)) return s.args.forEach(visit);
    conditions.add(s.args[0]!);
    visit(s.args[0]!);
    visit(s.args[2]!);
  };
  roots.forEach(visit);
  return [...conditions];
}

/** Pushes whether a lane of any copy fulfills one of the conditions. */
function pushAny(e: LoopEmitter, conditions: readonly Scalar[], copies: number): void {
  const { f } = e;
  const lanes = e.lanes!;
  conditions.forEach((condition, i) => {
    for (lanes.copy = 0; lanes.copy < copies; lanes.copy++) {
      f.get(e.keepVector(condition));
      if (i + lanes.copy > 0) f.op("v128.or");
    }
    lanes.copy = 0;
  });
  f.op("v128.any_true");
}
