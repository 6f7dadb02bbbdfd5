/**
 * Contractions. Large ones: a tile of 32 x 32 results a workgroup, operands through shared memory, 4 x 4 results an
 * invocation. Small or narrow ones: an invocation a result.
 */
import { prod } from "../../base/list";
import type { ContractKernel, ContractOperand, Program } from "../../kernel/program";
import { type Addressing, ModuleBindings, type WgslKernel, assemble } from "./module";
import { ScopedEmitter, wgslConstant, wgslType } from "./scalar";

const TILE = 32;
const DEPTH = 16;
const THREADS = 64;
const PER_THREAD = 4;
/** Below so many rows or columns a tile would be mostly empty. */
const MIN_TILED = 16;
/** Below so many multiplications the simple kernel is as fast, and compiles sooner. */
const MIN_TILED_WORK = 2 ** 16;

interface Sizes {
  readonly nB: number;
  readonly nM: number;
  readonly nN: number;
  readonly nK: number;
}

export function contractModule(
  kernel: ContractKernel,
  program: Program,
  label: string,
  addressing: Addressing,
): WgslKernel {
  const bindings = new ModuleBindings(program, addressing);
  const sizes: Sizes = { nB: prod(kernel.batch), nM: prod(kernel.m), nN: prod(kernel.n), nK: prod(kernel.k) };
  const { nB, nM, nN, nK } = sizes;
  const offsets = [
    offsetFunction("lhs_batch", kernel.batch, kernel.lhs.batchStrides),
    offsetFunction("rhs_batch", kernel.batch, kernel.rhs.batchStrides),
    offsetFunction("lhs_outer", kernel.m, kernel.lhs.outerStrides),
    offsetFunction("rhs_outer", kernel.n, kernel.rhs.outerStrides),
    offsetFunction("lhs_k", kernel.k, kernel.lhs.kStrides),
    offsetFunction("rhs_k", kernel.k, kernel.rhs.kStrides),
  ];
  if (Math.min(nM, nN) < MIN_TILED || nB * nM * nN * nK < MIN_TILED_WORK) {
    const body = simpleBody(kernel, sizes, bindings);
    return assemble(label, bindings, body, { perGroup: false, count: nB * nM * nN, shared: offsets });
  }
  const type = wgslType(kernel.dtype);
  const shared = [
    `var<workgroup> tile_lhs: array<${type}, ${TILE * DEPTH}>;`,
    `var<workgroup> tile_rhs: array<${type}, ${TILE * DEPTH}>;`,
    `var<workgroup> tile_out: array<${type}, ${TILE * TILE}>;`,
    ...offsets,
  ];
  const count = nB * Math.ceil(nM / TILE) * Math.ceil(nN / TILE);
  const body = tiledBody(kernel, sizes, bindings);
  return assemble(label, bindings, body, { perGroup: true, count, shared, workgroup: THREADS });
}

const multiplyAdd = ({ dtype }: ContractKernel, a: string, b: string, c: string): string =>
  dtype === "float32" ? `${c} = fma(${a}, ${b}, ${c});` : `${c} += ${a} * ${b};`;

function loadAt(operand: ContractOperand, side: "lhs" | "rhs", outer: string, bindings: ModuleBindings): string {
  const index = `${operand.offset} + ${side}_batch(a0) + ${side}_outer(${outer}) + ${side}_k(k)`;
  return bindings.loadValue(operand.buffer, `(${index})`);
}

/** Stores the sum `acc` at (a0, a1, a2), or what the epilogue makes of it. */
function finish(kernel: ContractKernel, { nM, nN }: Sizes, bindings: ModuleBindings): string[] {
  if (kernel.epilogue === null) return [bindings.storeValue(kernel.out, `(a0 * ${nM} + a1) * ${nN} + a2`, "acc")];
  const emitter = new ScopedEmitter(bindings);
  const stores = kernel.epilogue.stores.map((s) => [s.buffer, emitter.value(s.index), emitter.value(s.value)] as const);
  return [...emitter.lines, ...stores.map(([b, index, value]) => bindings.store(b, index, value))];
}

function simpleBody(kernel: ContractKernel, sizes: Sizes, bindings: ModuleBindings): string[] {
  const { nM, nN, nK } = sizes;
  return [
    `let a0 = point / ${nM * nN};`,
    `let a1 = point / ${nN} % ${nM};`,
    `let a2 = point % ${nN};`,
    `var acc = ${wgslConstant(0, kernel.dtype)};`,
    `for (var k = 0; k < ${nK}; k++) {`,
    `let x = ${loadAt(kernel.lhs, "lhs", "a1", bindings)};`,
    `let y = ${loadAt(kernel.rhs, "rhs", "a2", bindings)};`,
    multiplyAdd(kernel, "x", "y", "acc"),
    "}",
    ...finish(kernel, sizes, bindings),
  ];
}

/** Brings a slice of an operand to shared memory, zeros where there is none. */
function loadTile(kernel: ContractKernel, side: "lhs" | "rhs", sizes: Sizes, bindings: ModuleBindings): string[] {
  const operand = kernel[side];
  const [first, limit] = side === "lhs" ? ["tm", sizes.nM] : ["tn", sizes.nN];
  // Neighbouring invocations walk along the axis whose elements lie side by side.
  const alongK = operand.kStrides[operand.kStrides.length - 1] === 1;
  const split = alongK
    ? [`let dk = e % ${DEPTH};`, `let d = e / ${DEPTH};`]
    : [`let d = e % ${TILE};`, `let dk = e / ${TILE};`];
  return [
    `for (var e = i32(lane); e < ${TILE * DEPTH}; e += ${THREADS}) {`,
    ...split,
    `let o = ${first} * ${TILE} + d;`,
    "let k = k0 + dk;",
    `var x = ${wgslConstant(0, kernel.dtype)};`,
    `if (o < ${limit} && k < ${sizes.nK}) { x = ${loadAt(operand, side, "o", bindings)}; }`,
    `tile_${side}[dk * ${TILE} + d] = x;`,
    "}",
  ];
}

function tiledBody(kernel: ContractKernel, sizes: Sizes, bindings: ModuleBindings): string[] {
  const [tilesM, tilesN] = [Math.ceil(sizes.nM / TILE), Math.ceil(sizes.nN / TILE)];
  const lines = [
    `let a0 = point / ${tilesM * tilesN};`,
    `let tm = (point % ${tilesM * tilesN}) / ${tilesN};`,
    `let tn = point % ${tilesN};`,
    `let row = i32(lane / 8u) * ${PER_THREAD};`,
    `let col = i32(lane % 8u) * ${PER_THREAD};`,
  ];
  const cells: [number, number][] = [];
  for (let i = 0; i < PER_THREAD; i++) for (let j = 0; j < PER_THREAD; j++) cells.push([i, j]);
  for (const [i, j] of cells) lines.push(`var c${i}${j} = ${wgslConstant(0, kernel.dtype)};`);
  lines.push(
    `for (var k0 = 0; k0 < ${sizes.nK}; k0 += ${DEPTH}) {`,
    ...loadTile(kernel, "lhs", sizes, bindings),
    ...loadTile(kernel, "rhs", sizes, bindings),
    "workgroupBarrier();",
    `for (var k = 0; k < ${DEPTH}; k++) {`,
  );
  for (let i = 0; i < PER_THREAD; i++) {
    lines.push(`let p${i} = tile_lhs[k * ${TILE} + row + ${i}];`, `let q${i} = tile_rhs[k * ${TILE} + col + ${i}];`);
  }
  for (const [i, j] of cells) lines.push(multiplyAdd(kernel, `p${i}`, `q${j}`, `c${i}${j}`));
  lines.push("}", "workgroupBarrier();", "}");
  // Results go through shared memory, so that neighbouring invocations store neighbouring elements.
  for (const [i, j] of cells) lines.push(`tile_out[(row + ${i}) * ${TILE} + col + ${j}] = c${i}${j};`);
  lines.push(
    "workgroupBarrier();",
    `for (var e = i32(lane); e < ${TILE * TILE}; e += ${THREADS}) {`,
    `let a1 = tm * ${TILE} + e / ${TILE};`,
    `let a2 = tn * ${TILE} + e % ${TILE};`,
    `if (a1 < ${sizes.nM} && a2 < ${sizes.nN}) {`,
    "let acc = tile_out[e];",
    ...finish(kernel, sizes, bindings),
    "}",
    "}",
  );
  return lines;
}

/** `fn name(i) -> i32`: offset of flat row-major index i over several axes. */
function offsetFunction(name: string, sizes: readonly number[], strides: readonly number[]): string {
  const terms: string[] = [];
  let step = prod(sizes);
  sizes.forEach((size, axis) => {
    step /= size;
    if (size === 1 || strides[axis] === 0) return;
    const high = step === 1 ? "i" : `(i / ${step})`;
    terms.push(`${axis === 0 ? high : `(${high} % ${size})`} * ${strides[axis]}`);
  });
  return `fn ${name}(i: i32) -> i32 { return ${terms.length === 0 ? "0" : terms.join(" + ")}; }`;
}
