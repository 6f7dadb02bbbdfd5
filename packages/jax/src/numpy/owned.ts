/** Library functions made of several operations free their own intermediates when they run on concrete arrays. */
import { closeScope, currentScope, currentTrace, withScope } from "../core/interpreter";
import { Literal, Tracer } from "../core/tracer";
import { copy } from "../ops/index";

/**
 * Runs library code and frees the arrays it makes and does not return. Inside a transformation they are freed when that
 * ends, since its tracers may hold them. Results may be arrays or lists or objects of arrays; each is a handle of
 * its own.
 */
export function owned<R>(run: () => R): R {
  const trace = currentTrace();
  if (trace.parent !== null && trace.scope === null) return realized(run());
  const outer = currentScope();
  const made = new Set<Tracer>();
  let result: R;
  try {
    result = withScope(made, () => realized(run()));
  } catch (error) {
    closeScope(made, none);
    throw error;
  }
  if (made.size === 0) return result;
  if (result instanceof Tracer) {
    made.delete(result);
    outer?.add(result);
  } else release(result, made, outer);
  if (trace.scope === null) closeScope(made, none);
  else for (const x of made) trace.scope.add(x);
  return result;
}

/** A scalar constant as an array; what else there is stays. */
function realized<R>(result: R): R {
  return result instanceof Literal ? (copy(result) as R) : result;
}

const none: ReadonlySet<Tracer> = /* @__PURE__ */ new Set<Tracer>();

function release(value: unknown, made: Set<Tracer>, outer: Set<Tracer> | null): void {
  if (value instanceof Tracer) {
    if (made.delete(value)) outer?.add(value);
  } else if (typeof value === "object" && value !== null) {
    for (const v of Object.values(value)) release(v, made, outer);
  }
}
