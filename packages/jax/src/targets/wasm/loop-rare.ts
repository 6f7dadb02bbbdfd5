/** The seldom needed arm of `rarely(c, x, y)`, which is computed under a branch. */
import type { OpScalar, Scalar } from "../../kernel/scalar";
import { childrenOf } from "./loop-analysis";

/** What the seldom needed arms share with other code, so that it has to be computed before the branch. */
export class RareArms {
  private readonly shared = new Map<OpScalar, readonly Scalar[]>();
  private readonly uses: ReadonlyMap<Scalar, number>;

  constructor(uses: ReadonlyMap<Scalar, number>) {
    this.uses = uses;
  }

  sharedOf(s: OpScalar): readonly Scalar[] {
    let shared = this.shared.get(s);
    if (shared === undefined) this.shared.set(s, (shared = this.find(s.args[1]!)));
    return shared;
  }

  private find(root: Scalar): Scalar[] {
    const order: Scalar[] = [];
    const seen = new Set<Scalar>();
    const visit = (s: Scalar): void => {
      if (seen.has(s)) return;
      seen.add(s);
      for (const child of childrenOf(s)) visit(child);
      order.push(s);
    };
    visit(root);
    // how often each value is reached from inside of the arm
    const inside = new Map<Scalar, number>([[root, 1]]);
    const shared: Scalar[] = [];
    for (const s of order.reverse()) {
      const reached = inside.get(s);
      if (reached === undefined || (s.tag !== "op" && s.tag !== "load")) continue;
      if (reached < (this.uses.get(s) ?? 1)) shared.push(s);
      else for (const child of childrenOf(s)) inside.set(child, (inside.get(child) ?? 0) + 1);
    }
    return shared;
  }
}
