/** The order of effects in a program that is being written down in the kernel language. */
import type { Expr } from "./expr";

/** The last effect so far. Lowering is one synchronous walk, in which programs inside programs keep their own. */
let last: Expr | null = null;

export const lastEffect = (): Expr | null => last;

export function addEffect(effect: Expr): void {
  last = effect;
}

/** Writes a program down; gives its last effect too. */
export function withEffects<R>(run: () => R): { readonly result: R; readonly effect: Expr | null } {
  const before = last;
  last = null;
  try {
    const result = run();
    return { result, effect: last };
  } finally {
    last = before;
  }
}
