/** Loop kernels: an invocation a point, or a workgroup a point when its reductions are long. */
import { isFloat } from "../../aval/dtype";
import { prod } from "../../base/list";
import type { LoopKernel, Program, Reduction, Stage } from "../../kernel/program";
import { type Addressing, ModuleBindings, WORKGROUP, type WgslKernel, assemble, unflatten } from "./module";
import { ScopedEmitter, wgslConstant, wgslType } from "./scalar";

const GROUP_THRESHOLD = 32;
const LONG = 2048;
const LONG_WORKGROUP = 256;

export function loopModule(kernel: LoopKernel, program: Program, label: string, addressing: Addressing): WgslKernel {
  const bindings = new ModuleBindings(program, addressing);
  const emitter = new ScopedEmitter(bindings);
  const count = prod(kernel.axes.map((a) => a.size));
  const longest = Math.max(0, ...kernel.stages.map((s) => (s.axes.length === 0 ? 0 : prod(s.axes.map((a) => a.size)))));
  const perGroup = longest >= GROUP_THRESHOLD;
  const workgroup = longest >= LONG ? LONG_WORKGROUP : WORKGROUP;
  const shared: string[] = [];
  const body = emitter.lines;
  body.push(...unflatten(kernel.axes, "point"));
  kernel.stages.forEach((stage, s) => {
    if (perGroup) groupStage(stage, s, emitter, bindings, { shared, workgroup });
    else threadStage(stage, s, emitter, bindings);
  });
  return assemble(label, bindings, body, { perGroup, count, shared, workgroup });
}

/** Every reduction's running value starts so that any value replaces or joins it. */
function start(r: Reduction): string {
  const { dtype } = r.value;
  switch (r.op) {
    case "add":
    case "or":
      return wgslConstant(0, dtype);
    case "mul":
      return wgslConstant(1, dtype);
    case "and":
      return dtype === "bool" ? "true" : dtype === "uint32" ? "0xffffffffu" : "-1";
    default: {
      const greatest = r.op === "min" || r.op === "argmin";
      if (dtype === "bool") return greatest ? "true" : "false";
      if (isFloat(dtype)) return wgslConstant(greatest ? Infinity : -Infinity, dtype);
      if (dtype === "uint32") return greatest ? "0xffffffffu" : "0u";
      return wgslConstant(greatest ? 2 ** 31 - 1 : -(2 ** 31), dtype);
    }
  }
}

function join(r: Reduction, a: string, b: string): string {
  const { dtype } = r.value;
  if (dtype === "bool") return r.op === "and" || r.op === "min" || r.op === "mul" ? `(${a} && ${b})` : `(${a} || ${b})`;
  switch (r.op) {
    case "add":
      return `${a} + ${b}`;
    case "mul":
      return `${a} * ${b}`;
    case "and":
      return `${a} & ${b}`;
    case "or":
      return `${a} | ${b}`;
    default: {
      const op = r.op === "max" || r.op === "argmax" ? "max" : "min";
      return dtype === "float32" ? `${op}_f32(${a}, ${b})` : `${op}(${a}, ${b})`;
    }
  }
}

const isArg = (r: Reduction): boolean => r.op === "argmax" || r.op === "argmin";

/** True if candidate value x (at index j) beats the best v (at index i, -1 for none); NaN beats numbers, then the first wins. */
function beats(r: Reduction, x: string, j: string, v: string, i: string): string {
  const sign = r.op === "argmax" ? ">" : "<";
  const tie = `(${x} == ${v} && ${j} < ${i})`;
  if (r.value.dtype === "float32") {
    return `(${i} < 0 || (is_nan(${x}) && (!is_nan(${v}) || ${j} < ${i})) || (!is_nan(${v}) && (${x} ${sign} ${v} || ${tie})))`;
  }
  const better =
    r.value.dtype === "bool" ? (r.op === "argmax" ? `(${x} && !${v})` : `(!${x} && ${v})`) : `${x} ${sign} ${v}`;
  return `(${i} < 0 || ${better} || ${tie})`;
}

function declareReductions(stage: Stage, s: number, lines: string[]): void {
  stage.reductions.forEach((r, i) => {
    lines.push(`var x${s}_${i}: ${wgslType(r.value.dtype)} = ${start(r)};`);
    if (isArg(r)) lines.push(`var i${s}_${i}: i32 = -1;`);
  });
}

/** The body of a stage at one point: stores, and joining of values. `at` is the flat index of the point. */
function stageBody(stage: Stage, s: number, inner: ScopedEmitter, bindings: ModuleBindings, at: string): string[] {
  const values = stage.reductions.map((r) => inner.value(r.value));
  const stores = stage.stores.map((x) => [x.buffer, inner.value(x.index), inner.value(x.value)] as const);
  const lines = [...inner.lines];
  stage.reductions.forEach((r, i) => {
    const v = values[i]!;
    if (isArg(r)) {
      lines.push(`if (${beats(r, v, at, `x${s}_${i}`, `i${s}_${i}`)}) { x${s}_${i} = ${v}; i${s}_${i} = ${at}; }`);
    } else lines.push(`x${s}_${i} = ${join(r, `x${s}_${i}`, v)};`);
  });
  for (const [buffer, index, value] of stores) lines.push(bindings.store(buffer, index, value));
  return lines;
}

function threadStage(stage: Stage, s: number, emitter: ScopedEmitter, bindings: ModuleBindings): void {
  const { lines } = emitter;
  declareReductions(stage, s, lines);
  const inner = stage.axes.length === 0 ? emitter : emitter.inner(stage.axes.map((a) => a.id));
  if (stage.axes.length === 0) {
    const before = lines.length;
    const body = stageBody(stage, s, inner, bindings, "0");
    lines.splice(before, lines.length - before, ...body.slice(before));
  } else {
    const total = prod(stage.axes.map((a) => a.size));
    const body = stageBody(stage, s, inner, bindings, `t${s}`);
    lines.push(`for (var t${s} = 0; t${s} < ${total}; t${s}++) {`, ...unflatten(stage.axes, `t${s}`), ...body, "}");
  }
  finish(stage, s, lines, (i) => (isArg(stage.reductions[i]!) ? `i${s}_${i}` : `x${s}_${i}`));
}

function finish(stage: Stage, s: number, lines: string[], value: (i: number) => string): void {
  stage.reductions.forEach((_, i) => lines.push(`let r${s}_${i} = ${value(i)};`));
}

function groupStage(
  stage: Stage,
  s: number,
  emitter: ScopedEmitter,
  bindings: ModuleBindings,
  { shared, workgroup }: { readonly shared: string[]; readonly workgroup: number },
): void {
  const { lines } = emitter;
  if (stage.axes.length === 0) {
    // Every invocation of the group computes the one point.
    const values = stage.reductions.map((r) => emitter.value(r.value));
    const stores = stage.stores.map((x) => [x.buffer, emitter.value(x.index), emitter.value(x.value)] as const);
    values.forEach((v, i) => lines.push(`let r${s}_${i} = ${isArg(stage.reductions[i]!) ? "0" : v};`));
    if (stores.length > 0) lines.push("if (lane == 0u) {", ...stores.map(([b, i, v]) => bindings.store(b, i, v)), "}");
    return;
  }
  declareReductions(stage, s, lines);
  const inner = emitter.inner(stage.axes.map((a) => a.id));
  const total = prod(stage.axes.map((a) => a.size));
  const body = stageBody(stage, s, inner, bindings, `t${s}`);
  lines.push(
    `for (var t${s} = i32(lane); t${s} < ${total}; t${s} += ${workgroup}) {`,
    ...unflatten(stage.axes, `t${s}`),
    ...body,
    "}",
  );
  stage.reductions.forEach((r, i) => {
    const type = r.value.dtype === "bool" ? "u32" : wgslType(r.value.dtype);
    const pack = (x: string): string => (r.value.dtype === "bool" ? `select(0u, 1u, ${x})` : x);
    const unpack = (x: string): string => (r.value.dtype === "bool" ? `(${x} != 0u)` : x);
    const memory = `w${s}_${i}`;
    shared.push(`var<workgroup> ${memory}: array<${type}, ${workgroup}>;`);
    lines.push(`${memory}[lane] = ${pack(`x${s}_${i}`)};`);
    if (isArg(r)) {
      shared.push(`var<workgroup> j${s}_${i}: array<i32, ${workgroup}>;`);
      lines.push(`j${s}_${i}[lane] = i${s}_${i};`);
    }
    lines.push("workgroupBarrier();", `for (var h = ${workgroup / 2}u; h > 0u; h = h / 2u) {`, "if (lane < h) {");
    if (isArg(r)) {
      const [v, x] = [unpack(`${memory}[lane]`), unpack(`${memory}[lane + h]`)];
      const [at, j] = [`j${s}_${i}[lane]`, `j${s}_${i}[lane + h]`];
      lines.push(`if (${j} >= 0 && ${beats(r, x, j, v, at)}) { ${memory}[lane] = ${memory}[lane + h]; ${at} = ${j}; }`);
    } else lines.push(`${memory}[lane] = ${pack(join(r, unpack(`${memory}[lane]`), unpack(`${memory}[lane + h]`)))};`);
    lines.push("}", "workgroupBarrier();", "}");
    lines.push(`let r${s}_${i} = ${isArg(r) ? `j${s}_${i}[0]` : unpack(`${memory}[0]`)};`);
  });
  if (stage.stores.length > 0) lines.push("storageBarrier();");
}
