/** Contractions: a tile of 32 x 32 results a workgroup, operands through shared memory, 4 x 4 results an invocation. */
import { prod } from "../../base/list";
import type { ContractKernel, ContractOperand, Program } from "../../kernel/program";
import { type Addressing, ModuleBindings, type WgslKernel, assemble } from "./module";
import { ScopedEmitter, wgslConstant, wgslType } from "./scalar";

const TILE = 32;
const DEPTH = 16;
const THREADS = 64;
const PER_THREAD = 4;

export function contractModule(kernel: ContractKernel, program: Program, label: string, addressing: Addressing): WgslKernel {
  const bindings = new ModuleBindings(program, addressing);
  const type = wgslType(kernel.dtype);
  const zero = wgslConstant(0, kernel.dtype);
  const [nB, nM, nN, nK] = [kernel.batch, kernel.m, kernel.n, kernel.k].map(prod) as [number, number, number, number];
  const [tilesM, tilesN] = [Math.ceil(nM / TILE), Math.ceil(nN / TILE)];
  const shared = [
    `var<workgroup> tileA: array<${type}, ${TILE * DEPTH}>;`,
    `var<workgroup> tileB: array<${type}, ${TILE * DEPTH}>;`,
    offsetFunction("lhs_batch", kernel.batch, kernel.lhs.batchStrides),
    offsetFunction("rhs_batch", kernel.batch, kernel.rhs.batchStrides),
    offsetFunction("lhs_m", kernel.m, kernel.lhs.outerStrides),
    offsetFunction("rhs_n", kernel.n, kernel.rhs.outerStrides),
    offsetFunction("lhs_k", kernel.k, kernel.lhs.kStrides),
    offsetFunction("rhs_k", kernel.k, kernel.rhs.kStrides),
  ];
  const load = (side: "lhs" | "rhs", operand: ContractOperand, outer: string, limit: number): string[] => {
    const tile = side === "lhs" ? "tileA" : "tileB";
    const base = side === "lhs" ? "tm" : "tn";
    const index = `${operand.offset} + ${side}_batch(a0) + ${side}_${outer}(o) + ${side}_k(k)`;
    // Neighbouring invocations walk along the axis whose elements lie side by side.
    const alongK = operand.kStrides[operand.kStrides.length - 1] === 1;
    const split = alongK
      ? [`let dk = e % ${DEPTH};`, `let d = e / ${DEPTH};`]
      : [`let d = e % ${TILE};`, `let dk = e / ${TILE};`];
    return [
      `for (var e = i32(lane); e < ${TILE * DEPTH}; e += ${THREADS}) {`,
      ...split,
      `let o = ${base} * ${TILE} + d;`,
      "let k = k0 + dk;",
      `var x = ${zero};`,
      `if (o < ${limit} && k < ${nK}) { x = ${bindings.loadValue(operand.buffer, `(${index})`)}; }`,
      `${tile}[dk * ${TILE} + d] = x;`,
      "}",
    ];
  };
  const body = [
    `let a0 = point / ${tilesM * tilesN};`,
    `let tm = (point % ${tilesM * tilesN}) / ${tilesN};`,
    `let tn = point % ${tilesN};`,
    "let row = i32(lane / 8u) * 4;",
    "let col = i32(lane % 8u) * 4;",
  ];
  const cells: [number, number][] = [];
  for (let i = 0; i < PER_THREAD; i++) for (let j = 0; j < PER_THREAD; j++) cells.push([i, j]);
  for (const [i, j] of cells) body.push(`var c${i}${j} = ${zero};`);
  body.push(
    `for (var k0 = 0; k0 < ${nK}; k0 += ${DEPTH}) {`,
    ...load("lhs", kernel.lhs, "m", nM),
    ...load("rhs", kernel.rhs, "n", nN),
    "workgroupBarrier();",
    `for (var k = 0; k < ${DEPTH}; k++) {`,
  );
  for (let i = 0; i < PER_THREAD; i++) {
    body.push(`let p${i} = tileA[k * ${TILE} + row + ${i}];`, `let q${i} = tileB[k * ${TILE} + col + ${i}];`);
  }
  const float = kernel.dtype === "float32";
  for (const [i, j] of cells) {
    body.push(float ? `c${i}${j} = fma(p${i}, q${j}, c${i}${j});` : `c${i}${j} += p${i} * q${j};`);
  }
  body.push("}", "workgroupBarrier();", "}");
  for (const [i, j] of cells) {
    body.push("{", `let a1 = tm * ${TILE} + row + ${i};`, `let a2 = tn * ${TILE} + col + ${j};`);
    body.push(`if (a1 < ${nM} && a2 < ${nN}) {`, `let acc = c${i}${j};`);
    if (kernel.epilogue === null) body.push(bindings.storeValue(kernel.out, `(a0 * ${nM} + a1) * ${nN} + a2`, "acc"));
    else {
      const emitter = new ScopedEmitter(bindings);
      const stores = kernel.epilogue.stores.map(
        (s) => [s.buffer, emitter.value(s.index), emitter.value(s.value)] as const,
      );
      body.push(...emitter.lines, ...stores.map(([b, index, value]) => bindings.store(b, index, value)));
    }
    body.push("}", "}");
  }
  return assemble(label, bindings, body, { perGroup: true, count: nB * tilesM * tilesN, shared, workgroup: THREADS });
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
