/** Which arm of a `select` is so costly that it should be computed only where it is chosen. */
import type { OpScalar, Scalar } from "../../kernel/scalar";
import { childrenOf } from "./loop-analysis";

/** An arm with at least this many operations of its own is worth a branch. */
const COSTLY = 16;

interface Choice {
  /** Argument number of the costly arm. */
  readonly arm: 1 | 2;
  /** Values that the arm shares with other code: computed before the branch. */
  readonly frontier: readonly Scalar[];
}

export class LazyArms {
  private readonly choices = new Map<OpScalar, Choice | null>();
  private readonly uses: ReadonlyMap<Scalar, number>;

  constructor(uses: ReadonlyMap<Scalar, number>) {
    this.uses = uses;
  }

  /** Number of the costly argument of a select, or null. */
  arm(s: OpScalar): 1 | 2 | null {
    return this.choice(s)?.arm ?? null;
  }

  frontier(s: OpScalar): readonly Scalar[] {
    return this.choice(s)?.frontier ?? [];
  }

  private choice(s: OpScalar): Choice | null {
    let choice = this.choices.get(s);
    if (choice === undefined) this.choices.set(s, (choice = this.choose(s)));
    return choice;
  }

  private choose(s: OpScalar): Choice | null {
    let best: Choice | null = null;
    let most = COSTLY - 1;
    for (const arm of [1, 2] as const) {
      const { cost, frontier } = this.exclusive(s.args[arm]!);
      if (cost <= most) continue;
      most = cost;
      best = { arm, frontier };
    }
    return best;
  }

  /** Operations used by nothing but this arm, and the shared values that they use. */
  private exclusive(root: Scalar): { cost: number; frontier: Scalar[] } {
    const order: Scalar[] = [];
    const seen = new Set<Scalar>();
    const visit = (s: Scalar): void => {
      if (seen.has(s)) return;
      seen.add(s);
      for (const child of childrenOf(s)) visit(child);
      order.push(s);
    };
    visit(root);
    const inside = new Map<Scalar, number>([[root, 1]]);
    const frontier: Scalar[] = [];
    let cost = 0;
    for (const s of order.reverse()) {
      const reached = inside.get(s);
      if (reached === undefined || (s.tag !== "op" && s.tag !== "load")) continue;
      if (reached < (this.uses.get(s) ?? 1)) {
        frontier.push(s);
        continue;
      }
      cost += s.tag === "op" ? weightOf(s) : 1;
      for (const child of childrenOf(s)) inside.set(child, (inside.get(child) ?? 0) + 1);
    }
    return { cost, frontier };
  }
}

/** Operations that SIMD lacks, and calls, count for more. */
function weightOf(s: OpScalar): number {
  if (s.dtype === "float64" && (s.op === "rem" || s.op === "pow" || s.op === "exp" || s.op === "log")) return COSTLY;
  return s.op === "div" && s.dtype !== "float32" ? 4 : 1;
}
