/** The seldom needed arm of `rarely(c, x, y)`, which is computed under a branch. */
import type { OpScalar, Scalar } from "../../kernel/scalar";
import { childrenOf } from "./loop-analysis";

/**
 * What the seldom needed arms share with code that always runs, so that it has to be computed before the branch. What
 * arms share with other arms (sine and cosine of one large angle) is computed in the branch of each.
 */
export class RareArms {
  private readonly shared = new Map<OpScalar, readonly Scalar[]>();
  private readonly usual: ReadonlySet<Scalar>;

  constructor(usual: ReadonlySet<Scalar>) {
    this.usual = usual;
  }

  sharedOf(s: OpScalar): readonly Scalar[] {
    let shared = this.shared.get(s);
    if (shared === undefined) this.shared.set(s, (shared = this.find(s.args[1]!)));
    return shared;
  }

  private find(arm: Scalar): Scalar[] {
    const shared: Scalar[] = [];
    const seen = new Set<Scalar>();
    const visit = (s: Scalar): void => {
      if (seen.has(s)) return;
      seen.add(s);
      if (!this.usual.has(s)) childrenOf(s).forEach(visit);
      else if (s.tag === "op" || s.tag === "load") shared.push(s);
    };
    visit(arm);
    return shared;
  }
}
