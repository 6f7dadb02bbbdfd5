/** Losses, schedules, projections and other functions against optax: oracles/functions.py wrote the expected values. */
import { type Array as JaxArray, defaultDevice, grad, jit, numpy as np } from "@jax-js/jax";
import { afterEach, describe, expect, test } from "vitest";
import { Owner } from "../../jax/test/owner";
import { argument, expectTree, optaxFunction } from "./cases";
import oracle from "./oracles/functions.json";
import { syncDevices } from "../../jax/test/devices";

interface Case {
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly tol: number;
  readonly expected?: unknown;
  /** Of the sum of what the function gives, with respect to the first argument. */
  readonly grad?: unknown;
  /** Of a schedule. */
  readonly counts?: readonly number[];
  readonly values?: readonly number[];
}

type Call = (...args: unknown[]) => unknown;

function checkSchedule(c: Case, own: Owner): void {
  const schedule = (optaxFunction(c.fn) as Call)(...(argument(c.args, own) as unknown[])) as (
    count: unknown,
  ) => unknown;
  const compiled = own.of(jit(schedule as never)) as (count: unknown) => JaxArray;
  c.counts!.forEach((count, i) => {
    const want = c.values![i]!;
    const near = (x: unknown, what: string): void =>
      expect(Math.abs(Number(x) - want), `${what} at ${count}: ${String(x)}, expected ${want}`).toBeLessThanOrEqual(
        c.tol * Math.max(1, Math.abs(want)),
      );
    const array = own.of(np.array(count, { dtype: "int32" }));
    near(schedule(count), "of a number");
    near(own.of(compiled(array)).item(), "compiled");
  });
}

function check(c: Case, own: Owner, compiled: boolean): void {
  const args = argument(c.args, own) as unknown[];
  const call = (x: unknown): unknown => (optaxFunction(c.fn) as Call)(x, ...args.slice(1));
  const run = (f: (x: unknown) => unknown): unknown =>
    own.of(compiled ? (own.of(jit(f as never)) as unknown as Call)(args[0]) : f(args[0]));
  expectTree(run(call), c.expected, c.tol, c.fn);
  if (c.grad === undefined) return;
  const total = (x: unknown): JaxArray => np.sum(call(x) as JaxArray);
  expectTree(run(grad(total as never) as never), c.grad, c.tol, `gradient of ${c.fn}`);
}

const before = defaultDevice();
afterEach(() => void defaultDevice(before));

for (const device of syncDevices) {
  describe(device, () => {
    (oracle.cases as unknown as Case[]).forEach((c, i) => {
      const run = (f: (own: Owner) => void) => () => {
        defaultDevice(device);
        using own = new Owner();
        f(own);
      };
      if (c.counts !== undefined)
        return test(
          `${i} ${c.fn}`,
          run((own) => checkSchedule(c, own)),
        );
      test(
        `${i} ${c.fn}`,
        run((own) => check(c, own, false)),
      );
      test(
        `${i} ${c.fn}, jitted`,
        run((own) => check(c, own, true)),
      );
    });
  });
}
