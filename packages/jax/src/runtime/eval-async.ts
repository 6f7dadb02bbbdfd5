/**
 * Operations whose results are waited for. Everything that can be refused is done at once: the plan is made, and memory
 * taken for the results. The arguments are held until the run is over, so that they may be disposed meanwhile.
 */
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import type { Tracer } from "../core/tracer";
import { evaluate, runPlan, withBuffers } from "./eval";

/** At the bottom alone. Throws at once what can be known at once. */
export function evaluateAsync(primitive: AnyPrimitive, args: readonly Tracer[], params: AnyParams): Promise<Tracer[]> {
  let done = Promise.resolve();
  const outs = evaluate(primitive, args, params, (plan, arrays, committed) => {
    if (plan.kind === "view") return runPlan(plan, arrays, committed);
    const { executable, device } = plan;
    return withBuffers(plan, arrays, committed, (inputs, offsets, outputs) => {
      if (executable.runAsync === undefined) {
        executable.run(inputs, offsets, outputs);
        done = device.whenDone();
        return;
      }
      const held = arrays.map((x) => x.handle());
      done = executable.runAsync(inputs, offsets, outputs).finally(() => held.forEach((x) => x.dispose()));
    });
  });
  return done.then(
    () => outs,
    (error: unknown) => {
      for (const out of outs) out[Symbol.dispose]();
      throw error;
    },
  );
}
