/** Cholesky, LU, QR and triangular solves: a workgroup a matrix, in float32. Source: Golub and Van Loan, 4th ed. */
import type { Program, RoutineKernel } from "../../kernel/program";
import { type Addressing, ModuleBindings, WORKGROUP, type WgslKernel, assemble } from "./module";

/** A routine's buffers as two-dimensional arrays; `point` is the number of the matrix. */
export class Matrices {
  readonly bindings: ModuleBindings;

  constructor(program: Program, addressing: Addressing) {
    this.bindings = new ModuleBindings(program, addressing);
  }

  /** Index of row i, column j in a batch of rows x columns. */
  index(rows: number, columns: number, i: string, j: string): string {
    return `(point * ${rows} + ${i}) * ${columns} + ${j}`;
  }
}

const NAN = "bits(0x7fc00000u)";

/** A loop that the invocations of a workgroup share. */
export function spread(name: string, from: string, to: string | number, ...body: string[]): string[] {
  return [`for (var ${name} = ${from} + i32(lane); ${name} < ${to}; ${name} += ${WORKGROUP}) {`, ...body, "}"];
}

type Maker = (kernel: RoutineKernel, program: Program, label: string, addressing: Addressing) => WgslKernel;

export const choleskyModule: Maker = (kernel, program, label, addressing) => {
  const m = new Matrices(program, addressing);
  const { bindings } = m;
  const n = kernel.dims[0]!;
  const [a, l] = [kernel.operands[0]!, kernel.outs[0]!];
  const at = (i: string, j: string): string => m.index(n, n, i, j);
  const get = (i: string, j: string): string => bindings.load(l, at(i, j));
  const put = (i: string, j: string, x: string): string => bindings.store(l, at(i, j), x);
  const body = [
    "var failed = false;",
    ...spread(
      "e",
      "0",
      n * n,
      `let i = e / ${n};`,
      `let j = e % ${n};`,
      put("i", "j", `select(0.0, ${bindings.load(a, at("i", "j"))}, j <= i)`),
    ),
    "storageBarrier();",
    `for (var k = 0; k < ${n}; k++) {`,
    `let pivot = ${get("k", "k")};`,
    "failed = failed || !(pivot > 0.0) || is_nan(pivot);",
    "let d = sqrt(pivot);",
    "storageBarrier();",
    `if (lane == 0u) { ${put("k", "k", "d")} }`,
    ...spread("i", "k + 1", n, put("i", "k", `${get("i", "k")} / d`)),
    "storageBarrier();",
    `let rest = ${n} - k - 1;`,
    ...spread(
      "e",
      "0",
      "rest * rest",
      "let i = k + 1 + e / rest;",
      "let j = k + 1 + e % rest;",
      `if (j <= i) { ${put("i", "j", `${get("i", "j")} - ${get("i", "k")} * ${get("j", "k")}`)} }`,
    ),
    "storageBarrier();",
    "}",
    "if (failed) {",
    ...spread("e", "0", n * n, `let i = e / ${n};`, `let j = e % ${n};`, `if (j <= i) { ${put("i", "j", NAN)} }`),
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: true, count: kernel.batch });
};

/** An invocation a column of the right-hand side. */
export const triangularSolveModule: Maker = (kernel, program, label, addressing) => {
  const { bindings } = new Matrices(program, addressing);
  const n = kernel.dims[0]!;
  const columns = kernel.dims[3]!;
  const [[a, b], x] = [kernel.operands as [number, number], kernel.outs[0]!];
  const { lower, transpose, unit_diagonal: unit } = kernel.params;
  const forward = lower !== transpose;
  const entry = (i: string, j: string): string => {
    const [row, column] = transpose === true ? [j, i] : [i, j];
    return bindings.load(a, `(matrix * ${n} + ${row}) * ${n} + ${column}`);
  };
  const at = (i: string): string => `(matrix * ${n} + ${i}) * ${columns} + c`;
  const body = [
    `let matrix = point / ${columns};`,
    `let c = point % ${columns};`,
    `for (var step = 0; step < ${n}; step++) {`,
    `let i = ${forward ? "step" : `${n - 1} - step`};`,
    `var sum = ${bindings.load(b, at("i"))};`,
    "for (var s = 0; s < step; s++) {",
    `let j = ${forward ? "s" : `${n - 1} - s`};`,
    `let factor = ${entry("i", "j")};`,
    `if (factor != 0.0) { sum -= factor * ${bindings.load(x, at("j"))}; }`,
    "}",
    unit === true ? "" : `sum /= ${entry("i", "i")};`,
    bindings.store(x, at("i"), "sum"),
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: false, count: kernel.batch * columns });
};

export const luModule: Maker = (kernel, program, label, addressing) => {
  const mat = new Matrices(program, addressing);
  const { bindings } = mat;
  const [m, n] = kernel.dims as [number, number];
  const k = Math.min(m, n);
  const [out, pivots, permutation] = kernel.outs as [number, number, number];
  const at = (i: string, j: string): string => mat.index(m, n, i, j);
  const get = (i: string, j: string): string => bindings.load(out, at(i, j));
  const put = (i: string, j: string, x: string): string => bindings.store(out, at(i, j), x);
  const row = (i: string): string => `point * ${m} + ${i}`;
  const shared = [
    `var<workgroup> best_value: array<f32, ${WORKGROUP}>;`,
    `var<workgroup> best_row: array<i32, ${WORKGROUP}>;`,
  ];
  const body = [
    ...spread(
      "e",
      "0",
      m * n,
      put(`e / ${n}`, `e % ${n}`, bindings.load(kernel.operands[0]!, at(`e / ${n}`, `e % ${n}`))),
    ),
    ...spread("i", "0", m, bindings.store(permutation, row("i"), "i")),
    "storageBarrier();",
    `for (var c = 0; c < ${k}; c++) {`,
    // Every invocation finds the greatest of its rows, then all find the greatest of those.
    "var value = -1.0;",
    "var p = c;",
    ...spread("r", "c", m, `let x = abs(${get("r", "c")});`, "if (x > value) { value = x; p = r; }"),
    "best_value[lane] = value;",
    "best_row[lane] = p;",
    "workgroupBarrier();",
    `for (var t = 0; t < ${WORKGROUP}; t++) {`,
    "if (best_value[t] > value || (best_value[t] == value && best_row[t] < p)) { value = best_value[t]; p = best_row[t]; }",
    "}",
    "if (lane == 0u) {",
    bindings.store(pivots, `point * ${k} + c`, "p"),
    `let swapped = ${bindings.load(permutation, row("c"))};`,
    bindings.store(permutation, row("c"), bindings.load(permutation, row("p"))),
    bindings.store(permutation, row("p"), "swapped"),
    "}",
    "if (p != c) {",
    ...spread("j", "0", n, `let x = ${get("c", "j")};`, put("c", "j", get("p", "j")), put("p", "j", "x")),
    "}",
    "storageBarrier();",
    `let pivot = ${get("c", "c")};`,
    ...spread("r", "c + 1", m, `if (pivot != 0.0) { ${put("r", "c", `${get("r", "c")} / pivot`)} }`),
    "storageBarrier();",
    `let width = ${n} - c - 1;`,
    ...spread(
      "e",
      "0",
      `(${m} - c - 1) * width`,
      "let r = c + 1 + e / width;",
      "let j = c + 1 + e % width;",
      put("r", "j", `${get("r", "j")} - ${get("r", "c")} * ${get("c", "j")}`),
    ),
    "storageBarrier();",
    "}",
  ];
  return assemble(label, bindings, body, { perGroup: true, count: kernel.batch, shared });
};

/** Householder reflections with LAPACK's signs. */
export const qrModule: Maker = (kernel, program, label, addressing) => {
  const mat = new Matrices(program, addressing);
  const { bindings } = mat;
  const [m, n] = kernel.dims as [number, number];
  const k = Math.min(m, n);
  const cols = kernel.params["full"] === true ? m : k;
  const [q, r] = kernel.outs as [number, number];
  const size = m * n + k;
  const w = (i: string, j: string): string => bindings.scratch(`point * ${size} + (${i}) * ${n} + ${j}`);
  const tau = (c: string): string => bindings.scratch(`point * ${size} + ${m * n} + ${c}`);
  const qAt = (i: string, j: string): string => mat.index(m, cols, i, j);
  const getQ = (i: string, j: string): string => bindings.load(q, qAt(i, j));
  const input = bindings.load(kernel.operands[0]!, mat.index(m, n, `e / ${n}`, `e % ${n}`));
  const body = [
    ...spread("e", "0", m * n, `${w(`e / ${n}`, `e % ${n}`)} = ${input};`),
    "storageBarrier();",
    `for (var c = 0; c < ${k}; c++) {`,
    "var squares = 0.0;",
    ...spread("i", "c + 1", m, `squares += ${w("i", "c")} * ${w("i", "c")};`),
    "partial[lane] = squares;",
    "workgroupBarrier();",
    "var tail = 0.0;",
    `for (var t = 0; t < ${WORKGROUP}; t++) { tail += partial[t]; }`,
    `let alpha = ${w("c", "c")};`,
    "let norm = sqrt(alpha * alpha + tail);",
    "let beta = select(alpha, select(norm, -norm, alpha >= 0.0), tail != 0.0);",
    "let factor = select(0.0, (beta - alpha) / beta, tail != 0.0);",
    "storageBarrier();",
    "if (tail != 0.0) {",
    ...spread("i", "c + 1", m, `${w("i", "c")} /= alpha - beta;`),
    "}",
    `if (lane == 0u) { ${w("c", "c")} = beta; ${tau("c")} = factor; }`,
    "storageBarrier();",
    ...spread(
      "j",
      "c + 1",
      n,
      `var dot = ${w("c", "j")};`,
      `for (var i = c + 1; i < ${m}; i++) { dot += ${w("i", "c")} * ${w("i", "j")}; }`,
      `${w("c", "j")} -= factor * dot;`,
      `for (var i = c + 1; i < ${m}; i++) { ${w("i", "j")} -= factor * dot * ${w("i", "c")}; }`,
    ),
    "storageBarrier();",
    "}",
    // Every column of q is the reflections of a unit vector.
    ...spread(
      "j",
      "0",
      cols,
      `for (var i = 0; i < ${m}; i++) { ${bindings.store(q, qAt("i", "j"), "select(0.0, 1.0, i == j)")} }`,
      `for (var c = ${k - 1}; c >= 0; c--) {`,
      `var dot = ${getQ("c", "j")};`,
      `for (var i = c + 1; i < ${m}; i++) { dot += ${w("i", "c")} * ${getQ("i", "j")}; }`,
      `dot *= ${tau("c")};`,
      bindings.store(q, qAt("c", "j"), `${getQ("c", "j")} - dot`),
      `for (var i = c + 1; i < ${m}; i++) { ${bindings.store(q, qAt("i", "j"), `${getQ("i", "j")} - dot * ${w("i", "c")}`)} }`,
      "}",
    ),
    ...spread(
      "e",
      "0",
      cols * n,
      `let i = e / ${n};`,
      `let j = e % ${n};`,
      bindings.store(r, mat.index(cols, n, "i", "j"), `select(0.0, ${w("i", "j")}, j >= i)`),
    ),
  ];
  const shared = [`var<workgroup> partial: array<f32, ${WORKGROUP}>;`];
  return assemble(label, bindings, body, {
    perGroup: true,
    count: kernel.batch,
    shared,
    scratchLength: kernel.batch * size,
  });
};
