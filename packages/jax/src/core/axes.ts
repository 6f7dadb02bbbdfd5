/** Axes that collectives can name: each vmap with an `axisName` binds one. */
import { UnboundAxisError } from "../base/errors";
import { type Trace, currentTrace } from "./interpreter";

export function unboundAxis(op: string, name: string): UnboundAxisError {
  return new UnboundAxisError(`${op}: axis name "${name}" is not bound; use vmap(f, { axisName: "${name}" })`);
}

/** Size of the innermost axis of this name around the code that is running. */
export function sizeOfAxis(op: string, name: string): number {
  for (let t: Trace | null = currentTrace(); t !== null; t = t.parent) if (t.axis?.name === name) return t.axis.size;
  throw unboundAxis(op, name);
}

/** Text of all axes that are bound, for caches of programs that may name them; empty for none. */
export function boundAxes(): string {
  let text = "";
  for (let t: Trace | null = currentTrace(); t !== null; t = t.parent) {
    if (t.axis !== null) text += `${JSON.stringify(t.axis.name)}:${t.axis.size},`;
  }
  return text;
}
