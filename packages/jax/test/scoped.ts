/** Tests in a scope of their own: their arrays and compiled functions are disposed when they end. */
import { jit as jitUnowned } from "@jax-js/jax";
import { test as vitestTest } from "vitest";
import { Owner } from "./owner";

let current: Owner | null = null;

/** What is disposed at the end of the test that runs. */
export const owned = <T>(x: T): T => current!.of(x);

export const scoped =
  <T extends unknown[]>(f: (...args: T) => void) =>
  (...args: T): void => {
    using owner = new Owner();
    current = owner;
    owner.run(() => f(...args));
  };

export const test = (name: string, f: () => void): void => vitestTest(name, scoped(f));

export const jit = <F extends (...args: never[]) => unknown>(f: F): F => owned(jitUnowned(f));
