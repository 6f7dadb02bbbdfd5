/** Scatters: updates of one element are combined in order, updates that can never meet run side by side. */
import { prod } from "../../base/list";
import type { Axis, Program, ScatterKernel } from "../../kernel/program";
import type { Scalar } from "../../kernel/scalar";
import { type Addressing, ModuleBindings, type WgslKernel, assemble, unflatten } from "./module";
import { ScopedEmitter, axesOf } from "./scalar";
import { combine } from "./sequential";

/** An invocation does all updates that may meet, in order, so that results do not depend on timing. */
export function scatterModule(
  kernel: ScatterKernel,
  program: Program,
  label: string,
  addressing: Addressing,
): WgslKernel {
  const bindings = new ModuleBindings(program, addressing);
  const apart = apartAxes(kernel);
  const inOrder = kernel.axes.filter((a) => !apart.includes(a));
  const outer = new ScopedEmitter(bindings);
  const emitter = outer.inner(inOrder.map((a) => a.id));
  const index = emitter.value(kernel.index);
  const value = emitter.value(kernel.value);
  const guard = kernel.guard === null ? "true" : emitter.value(kernel.guard);
  const old = bindings.loadValue(kernel.out, index);
  const sizeOf = (axes: readonly Axis[]): number => prod(axes.map((a) => a.size));
  const body = [
    ...unflatten(apart, "point"),
    ...outer.lines,
    `for (var t = 0; t < ${sizeOf(inOrder)}; t++) {`,
    ...unflatten(inOrder, "t"),
    ...emitter.lines,
    `if (${guard}) {`,
    bindings.storeValue(kernel.out, index, combine(kernel.combine, kernel.dtype, old, value)),
    "}",
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: false, count: sizeOf(apart) });
}

/**
 * Axes whose points never store to the same element: together they count 0 .. span - 1 within the index, and all else
 * in it is a multiple of the span.
 */
function apartAxes({ index, axes }: ScatterKernel): Axis[] {
  const terms = new Map<Scalar, number>();
  addTerms(index, 1, terms);
  const found: Axis[] = [];
  let span = 1;
  for (;;) {
    const next = axes.find((a) => a.size > 1 && !found.includes(a) && strideOf(a, terms) === span);
    if (next === undefined) break;
    found.push(next);
    span *= next.size;
  }
  const isOwn = (s: Scalar): boolean => s.tag === "axis" && found.some((a) => a.id === s.axis);
  while ([...terms].some(([s, factor]) => !isOwn(s) && s.tag !== "const" && factor % span !== 0)) {
    span /= found.pop()!.size;
  }
  return axes.filter((a) => found.includes(a));
}

/** The factor of an axis in the sum, if it is in no other term; else 0. */
function strideOf({ id }: Axis, terms: ReadonlyMap<Scalar, number>): number {
  let stride = 0;
  for (const [s, factor] of terms) {
    if (s.tag === "axis" && s.axis === id) stride = factor;
    else if (axesOf(s).has(id)) return 0;
  }
  return stride;
}

/** Adds factor * s, as terms that are no sums or multiples themselves. A constant moves all points alike. */
function addTerms(s: Scalar, factor: number, terms: Map<Scalar, number>): void {
  if (s.tag === "op" && s.op === "add") {
    for (const arg of s.args) addTerms(arg, factor, terms);
    return;
  }
  if (s.tag === "op" && s.op === "mul") {
    const constant = s.args.findIndex((a) => a.tag === "const");
    const c = s.args[constant];
    if (c?.tag === "const") return addTerms(s.args[1 - constant]!, factor * c.value, terms);
  }
  const same = [...terms.keys()].find((t) => t === s || (t.tag === "axis" && s.tag === "axis" && t.axis === s.axis));
  terms.set(same ?? s, (same === undefined ? 0 : terms.get(same)!) + factor);
}
