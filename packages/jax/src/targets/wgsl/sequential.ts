/** Kernels whose points depend on each other: cumulative operations, copies, sorts. Simple and right; not yet fast. */
import { type DType, isFloat } from "../../aval/dtype";
import type { CumulativeKernel, Program, RowBlocks, SortKernel } from "../../kernel/program";
import { type Addressing, ModuleBindings, type WgslKernel, assemble } from "./module";

/** An expression for two combined values of a dtype, 16-bit floats as f32. */
export function combine(
  op: "set" | "add" | "mul" | "max" | "min" | "logsumexp",
  dtype: DType,
  a: string,
  b: string,
): string {
  switch (op) {
    case "set":
      return b;
    case "logsumexp":
      return `log_add_exp(${a}, ${b})`;
    case "add":
      return dtype === "bool" ? `(${a} || ${b})` : `${a} + ${b}`;
    case "mul":
      return dtype === "bool" ? `(${a} && ${b})` : `${a} * ${b}`;
    default:
      if (dtype === "bool") return `(${a} ${op === "max" ? "||" : "&&"} ${b})`;
      return isFloat(dtype) ? `${op}_f32(${a}, ${b})` : `${op}(${a}, ${b})`;
  }
}

/** An invocation a line, or a block of one. */
export function cumulativeModule(
  kernel: CumulativeKernel,
  program: Program,
  label: string,
  addressing: Addressing,
): WgslKernel {
  const { outer, size, inner, reverse, op, dtype, blocks } = kernel;
  if (blocks !== null) return blocksModule(kernel, blocks, program, label, addressing);
  const bindings = new ModuleBindings(program, addressing);
  const at = `(point / ${inner} * ${size} + s) * ${inner} + point % ${inner}`;
  const body = [
    `var s = ${reverse ? size - 1 : 0};`,
    `var acc = ${bindings.loadValue(kernel.x, at)};`,
    bindings.storeValue(kernel.out, at, "acc"),
    `for (var n = 1; n < ${size}; n++) {`,
    reverse ? "s -= 1;" : "s += 1;",
    `let x = ${bindings.loadValue(kernel.x, at)};`,
    `acc = ${combine(op, dtype, "acc", "x")};`,
    bindings.storeValue(kernel.out, at, "acc"),
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: false, count: outer * inner });
}

function blocksModule(
  { outer, size, reverse, op, dtype, x, out }: CumulativeKernel,
  blocks: RowBlocks,
  program: Program,
  label: string,
  addressing: Addressing,
): WgslKernel {
  const bindings = new ModuleBindings(program, addressing);
  const nBlocks = Math.ceil(size / blocks.size);
  const at = `line * ${size} + ${reverse ? `${size - 1} - s` : "s"}`;
  const total = (block: string): string => bindings.loadValue(blocks.totals, `line * ${nBlocks - 1} + ${block}`);
  const body = [
    `let line = point / ${nBlocks};`,
    `let block = point % ${nBlocks};`,
    `var s = block * ${blocks.size};`,
    `let end = min(s + ${blocks.size}, ${size});`,
    `var acc = ${bindings.loadValue(x, at)};`,
    "if (block > 0) {",
    `var before = ${total("0")};`,
    "for (var j = 1; j < block; j++) {",
    `let y = ${total("j")};`,
    `before = ${combine(op, dtype, "before", "y")};`,
    "}",
    `acc = ${combine(op, dtype, "before", "acc")};`,
    "}",
    bindings.storeValue(out, at, "acc"),
    "for (s += 1; s < end; s++) {",
    `let y = ${bindings.loadValue(x, at)};`,
    `acc = ${combine(op, dtype, "acc", "y")};`,
    bindings.storeValue(out, at, "acc"),
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: false, count: outer * nBlocks });
}

/** Buffer `to` becomes a copy of buffer `from`. */
export function copyModule(
  from: number,
  to: number,
  program: Program,
  label: string,
  addressing: Addressing,
): WgslKernel {
  const bindings = new ModuleBindings(program, addressing);
  const body = [bindings.store(to, "point", bindings.load(from, "point"))];
  return assemble(label, bindings, body, { perGroup: false, count: program.buffers[to]!.length });
}

/** Every element finds its rank among its line by counting those that come before it: stable, NaN last. */
export function sortModule(kernel: SortKernel, program: Program, label: string, addressing: Addressing): WgslKernel {
  const { outer, size, inner, nKeys, dtypes } = kernel;
  const bindings = new ModuleBindings(program, addressing);
  const at = (i: string): string => `(line / ${inner} * ${size} + ${i}) * ${inner} + line % ${inner}`;
  const less = (dtype: DType, a: string, b: string): string => {
    if (dtype === "bool") return `(!${a} && ${b})`;
    return isFloat(dtype) ? `(!is_nan(${a}) && (${a} < ${b} || is_nan(${b})))` : `(${a} < ${b})`;
  };
  const before: string[] = ["var order = 0;"];
  for (let k = 0; k < nKeys; k++) {
    const [x, y] = [`x${k}`, `y${k}`];
    before.push(`let ${y} = ${bindings.loadValue(kernel.operands[k]!, at("j"))};`);
    const compared = `select(select(0, 1, ${less(dtypes[k]!, x, y)}), -1, ${less(dtypes[k]!, y, x)})`;
    before.push(`if (order == 0) { order = ${compared}; }`);
  }
  const body = [
    `let line = point / ${size};`,
    `let i = point % ${size};`,
    ...kernel.operands.map((b, k) => `let x${k} = ${bindings.loadValue(b, at("i"))};`),
    "var rank = 0;",
    `for (var j = 0; j < ${size}; j++) {`,
    ...before,
    "if (order < 0 || (order == 0 && j < i)) { rank += 1; }",
    "}",
    ...kernel.outs.map((b, k) => bindings.storeValue(b, at("rank"), `x${k}`)),
  ];
  return assemble(label, bindings, body, { perGroup: false, count: outer * inner * size });
}
