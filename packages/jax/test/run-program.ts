/** For tests: compiles expressions, runs them on the reference device, and compares with their plain meaning. */
import { packElements, unpackElements } from "../src/aval/data-array";
import { type DType, isFloat, sizeBytesOf } from "../src/aval/dtype";
import { ShapedArray } from "../src/aval/shaped-array";
import { contiguousStrides, prod } from "../src/base/list";
import { type CompileOptions, compileExprs } from "../src/compile/index";
import { createCpuDevice } from "../src/devices/cpu/device";
import type { Device } from "../src/kernel/device";
import type { Expr } from "../src/kernel/expr";
import type { Program } from "../src/kernel/program";
import { evaluateExpr, indices } from "./expr-reference";

export interface TestInput {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** null or absent for row-major */
  readonly strides?: readonly number[] | null;
}

/** Reproducible numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let s = seed >>> 0 || 1;
  return () => {
    s = (Math.imul(s ^ (s >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    let t = Math.imul(s ^ (s >>> 12), 0x297a2d39);
    t = (t ^ (t >>> 15)) >>> 0;
    return t / 2 ** 32;
  };
}

/** Elements of a dtype: small whole numbers for integers, so that most operations on them are defined. */
export function randomElements(n: number, dtype: DType, random: () => number): number[] {
  return Array.from({ length: n }, () => {
    if (dtype === "bool") return random() < 0.5 ? 1 : 0;
    if (isFloat(dtype)) return Math.round((random() * 4 - 2) * 64) / 64;
    return Math.floor(random() * 9) - (dtype.startsWith("u") ? 0 : 4);
  });
}

function addressed(shape: readonly number[], strides: readonly number[]): number {
  return prod(shape) === 0 ? 0 : 1 + shape.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, 0);
}

/** Runs a program on a device; inputs are whole buffers from their start. Arguments handed back come out empty. */
export function runProgram(program: Program, inputs: readonly number[][], device: Device): number[][] {
  const buffers = program.inputs.map((b, i) => {
    const { dtype } = program.buffers[b]!;
    const bytes = packElements(inputs[i]!, dtype);
    const buffer = device.malloc(Math.max(8, bytes.length));
    if (bytes.length > 0) device.write(buffer, dtype, bytes);
    return buffer;
  });
  const places = program.outputs.flatMap((o) => (o.kind === "buffer" ? [program.buffers[o.buffer]!] : []));
  const outs = places.map(({ dtype, length }) => device.malloc(Math.max(8, sizeBytesOf(dtype) * length)));
  const executable = device.prepare(program, { generic: false, name: "test" });
  executable.run(
    buffers,
    buffers.map(() => 0),
    outs,
  );
  executable.dispose();
  let next = 0;
  const results = program.outputs.map((o) => {
    if (o.kind === "input") return [];
    const { dtype, length } = program.buffers[o.buffer]!;
    return [...unpackElements(device.readSync(outs[next++]!, dtype, 0, length), dtype)];
  });
  for (const b of [...buffers, ...outs]) device.free(b);
  return results;
}

/** Compiles, runs, compares; gives the program for further checks. */
export function checkProgram(
  specs: readonly TestInput[],
  results: readonly Expr[],
  options: CompileOptions & {
    tolerance?: number;
    seed?: number;
    data?: readonly (number[] | null)[];
    device?: Device;
  } = {},
): Program {
  const { tolerance = 1e-5, seed = 1, data, device = createCpuDevice(), ...compileOptions } = options;
  const random = randomNumbers(seed);
  const stored: number[][] = [];
  const plain: number[][] = [];
  specs.forEach(({ shape, dtype, strides }, i) => {
    const own = strides ?? contiguousStrides(shape);
    const buffer = data?.[i] ?? randomElements(addressed(shape, own), dtype, random);
    stored.push(buffer);
    plain.push(indices(shape).map((index) => buffer[index.reduce((at, j, axis) => at + j * own[axis]!, 0)]!));
  });
  const inputs = specs.map(({ shape, dtype, strides }) => ({
    aval: ShapedArray.of(shape, dtype),
    strides: strides ?? null,
  }));
  const program = compileExprs(inputs, results, compileOptions);
  const got = runProgram(program, stored, device);
  const memo = new Map<Expr, number[]>();
  results.forEach((x, i) => {
    // Arguments handed back are not data of the program.
    if (program.outputs[i]!.kind === "buffer")
      compare(got[i]!, evaluateExpr(x, plain, memo), isFloat(x.dtype) ? tolerance : 0, i);
  });
  return program;
}

function compare(got: readonly number[], want: readonly number[], tolerance: number, result: number): void {
  if (got.length !== want.length) throw new Error(`result ${result}: ${got.length} elements, expected ${want.length}`);
  want.forEach((w, i) => {
    const g = got[i]!;
    const same = Object.is(g, w) || g === w || (g !== g && w !== w);
    if (!same && !(Math.abs(g - w) <= tolerance * Math.max(1, Math.abs(w)))) {
      throw new Error(`result ${result}, element ${i}: got ${g}, expected ${w}`);
    }
  });
}
