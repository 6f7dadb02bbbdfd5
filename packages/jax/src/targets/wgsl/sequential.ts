/** Kernels whose points depend on each other: cumulative operations, scatters, sorts. Simple and right; not yet fast. */
import { prod } from "../../base/list";
import type { CumulativeKernel, Program, ScatterKernel, SortKernel } from "../../kernel/program";
import { ModuleBindings, type WgslKernel, assemble, unflatten } from "./module";
import { ScopedEmitter } from "./scalar";

/** An invocation a line. */
export function cumulativeModule(kernel: CumulativeKernel, program: Program, label: string): WgslKernel {
  const { outer, size, inner, reverse, op, dtype } = kernel;
  const bindings = new ModuleBindings(program);
  const float = dtype === "float32";
  const combine = {
    add: "acc + x",
    mul: "acc * x",
    max: float ? "max_f32(acc, x)" : "max(acc, x)",
    min: float ? "min_f32(acc, x)" : "min(acc, x)",
    logsumexp: "log_add_exp(acc, x)",
  }[op];
  const shared =
    op === "logsumexp"
      ? [
          "fn log_add_exp(a: f32, b: f32) -> f32 { let m = max_f32(a, b); if (!is_finite(m)) { return m; } return m + log(1.0 + exp(-abs(a - b))); }",
        ]
      : [];
  const at = `(point / ${inner} * ${size} + s) * ${inner} + point % ${inner}`;
  const body = [
    `var s = ${reverse ? size - 1 : 0};`,
    `var acc = ${bindings.load(kernel.x, at)};`,
    bindings.store(kernel.out, at, "acc"),
    `for (var n = 1; n < ${size}; n++) {`,
    reverse ? "s -= 1;" : "s += 1;",
    `let x = ${bindings.load(kernel.x, at)};`,
    `acc = ${combine};`,
    bindings.store(kernel.out, at, "acc"),
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: false, count: outer * inner, shared });
}

/** `out` becomes a copy of `operand`. */
export function copyModule(kernel: ScatterKernel, program: Program, label: string): WgslKernel {
  const bindings = new ModuleBindings(program);
  const body = [bindings.store(kernel.out, "point", bindings.load(kernel.operand, "point"))];
  return assemble(label, bindings, body, { perGroup: false, count: kernel.length });
}

/** One invocation does all updates in order, so that results do not depend on timing. */
export function scatterModule(kernel: ScatterKernel, program: Program, label: string): WgslKernel {
  const bindings = new ModuleBindings(program);
  const emitter = new ScopedEmitter(bindings).inner(kernel.axes.map((a) => a.id));
  const index = emitter.value(kernel.index);
  const value = emitter.value(kernel.value);
  const guard = kernel.guard === null ? "true" : emitter.value(kernel.guard);
  const old = bindings.load(kernel.out, index);
  const float = kernel.dtype === "float32";
  const combined = {
    set: value,
    add: `${old} + ${value}`,
    mul: `${old} * ${value}`,
    min: float ? `min_f32(${old}, ${value})` : `min(${old}, ${value})`,
    max: float ? `max_f32(${old}, ${value})` : `max(${old}, ${value})`,
  }[kernel.combine];
  const total = prod(kernel.axes.map((a) => a.size));
  const body = [
    `for (var t = 0; t < ${total}; t++) {`,
    ...unflatten(kernel.axes, "t"),
    ...emitter.lines,
    `if (${guard}) { ${bindings.store(kernel.out, index, combined)} }`,
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: false, count: 1 });
}

/** Every element finds its rank among its line by counting those that come before it: stable, NaN last. */
export function sortModule(kernel: SortKernel, program: Program, label: string): WgslKernel {
  const { outer, size, inner, nKeys } = kernel;
  const bindings = new ModuleBindings(program);
  const at = (i: string): string => `(line / ${inner} * ${size} + ${i}) * ${inner} + line % ${inner}`;
  const before: string[] = ["var order = 0;"];
  for (let k = 0; k < nKeys; k++) {
    const float = kernel.dtypes[k] === "float32";
    const [x, y] = [`x${k}`, `y${k}`];
    before.push(`let ${y} = ${bindings.load(kernel.operands[k]!, at("j"))};`);
    const less = (a: string, b: string): string =>
      float
        ? `((${a} < ${b} && !is_nan(${a})) || (!is_nan(${a}) && is_nan(${b})))`
        : kernel.dtypes[k] === "bool"
          ? `(!${a} && ${b})`
          : `(${a} < ${b})`;
    before.push(`if (order == 0) { order = select(select(0, 1, ${less(x, y)}), -1, ${less(y, x)}); }`);
  }
  const body = [
    `let line = point / ${size};`,
    `let i = point % ${size};`,
    ...kernel.operands.map((b, k) => `let x${k} = ${bindings.load(b, at("i"))};`),
    "var rank = 0;",
    `for (var j = 0; j < ${size}; j++) {`,
    ...before,
    "if (order < 0 || (order == 0 && j < i)) { rank += 1; }",
    "}",
    ...kernel.outs.map((b, k) => bindings.store(b, at("rank"), `x${k}`)),
  ];
  return assemble(label, bindings, body, { perGroup: false, count: outer * inner * size });
}
