/** For tests: one place that disposes many arrays, trees of them, and functions that own arrays. */
import { tree } from "@jax-js/jax";
import { type Scope, withScope } from "../src/core/interpreter";

interface Disposable {
  [Symbol.dispose](): void;
}
const isDisposable = (x: unknown): x is Disposable =>
  (typeof x === "object" || typeof x === "function") && x !== null && Symbol.dispose in x;

/** `using own = new Owner()`: what `own.of(x)` was given is disposed at the end of the block. */
export class Owner {
  private readonly things: Disposable[] = [];

  /** Takes over the leaves of a tree; gives the tree. */
  of<T>(x: T): T {
    for (const leaf of tree.leaves(x)) if (isDisposable(leaf)) this.things.push(leaf);
    return x;
  }

  /** Runs library code as a transformation would: the arrays it makes on its way are disposed too. */
  run<T>(f: () => T): T {
    const made: Scope = new Set();
    try {
      return withScope(made, f);
    } finally {
      this.things.push(...made);
    }
  }

  [Symbol.dispose](): void {
    for (const x of this.things.reverse()) x[Symbol.dispose]();
    this.things.length = 0;
  }
}
