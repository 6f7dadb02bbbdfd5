/** Eigenvalues and singular values by Jacobi rotations: a workgroup a matrix, in float32. */
import type { Program, RoutineKernel } from "../../kernel/program";
import { Matrices, spread } from "./factor";
import { type Addressing, WORKGROUP, type WgslKernel, assemble } from "./module";

const MAX_SWEEPS = 24;
const NAN = "bits(0x7fc00000u)";

/** cos and sin of the rotation with cot(2 angle) = zeta: the smaller angle. */
const ROTATION = `fn rotation(zeta: f32) -> vec2f {
  let t = select(-1.0, 1.0, zeta >= 0.0) / (abs(zeta) + sqrt(zeta * zeta + 1.0));
  let c = inverseSqrt(t * t + 1.0);
  return vec2f(c, c * t);
}`;

/** Sweeps end when an invocation has found nothing more to do. */
const FLAG = "var<workgroup> more: u32;";

export function eighModule(kernel: RoutineKernel, program: Program, label: string, addressing: Addressing): WgslKernel {
  const mat = new Matrices(program, addressing);
  const { bindings } = mat;
  const n = kernel.dims[0]!;
  const [values, vectors] = kernel.outs as [number, number];
  const size = 2 * n * n;
  const s = (i: string, j: string): string => bindings.scratch(`point * ${size} + (${i}) * ${n} + ${j}`);
  const q = (i: string, j: string): string => bindings.scratch(`point * ${size} + ${n * n} + (${i}) * ${n} + ${j}`);
  const turn = (x: string, y: string): string[] => [
    "{",
    `let x = ${x};`,
    `let y = ${y};`,
    `${x} = c * x - sn * y;`,
    `${y} = sn * x + c * y;`,
    "}",
  ];
  const body = [
    // The lower part, mirrored.
    ...spread(
      "e",
      "0",
      n * n,
      `let i = e / ${n};`,
      `let j = e % ${n};`,
      `${s("i", "j")} = ${bindings.load(kernel.operands[0]!, mat.index(n, n, "max(i, j)", "min(i, j)"))};`,
      `${q("i", "j")} = select(0.0, 1.0, i == j);`,
    ),
    "storageBarrier();",
    `for (var sweep = 0; sweep < ${MAX_SWEEPS}; sweep++) {`,
    "if (lane == 0u) {",
    "var off = 0.0;",
    "var all = 0.0;",
    `for (var i = 0; i < ${n}; i++) {`,
    `for (var j = 0; j < i; j++) { off += ${s("i", "j")} * ${s("i", "j")}; }`,
    `all += ${s("i", "i")} * ${s("i", "i")};`,
    "}",
    "more = select(0u, 1u, off > 1e-15 * (all + off));",
    "}",
    "if (workgroupUniformLoad(&more) == 0u) { break; }",
    `for (var p = 0; p < ${n - 1}; p++) {`,
    `for (var r = p + 1; r < ${n}; r++) {`,
    `let apr = ${s("p", "r")};`,
    `let cs = rotation((${s("r", "r")} - ${s("p", "p")}) / (2.0 * apr));`,
    "let c = select(cs.x, 1.0, apr == 0.0);",
    "let sn = select(cs.y, 0.0, apr == 0.0);",
    "storageBarrier();",
    ...spread("k", "0", n, ...turn(s("k", "p"), s("k", "r")), ...turn(q("k", "p"), q("k", "r"))),
    "storageBarrier();",
    ...spread("k", "0", n, ...turn(s("p", "k"), s("r", "k"))),
    "storageBarrier();",
    "}",
    "}",
    "}",
    "var bad = false;",
    `for (var i = 0; i < ${n}; i++) { bad = bad || !is_finite(${s("i", "i")}); }`,
    ...spread(
      "i",
      "0",
      n,
      `let x = ${s("i", "i")};`,
      "var rank = 0;",
      `for (var j = 0; j < ${n}; j++) {`,
      `let y = ${s("j", "j")};`,
      "if (y < x || (y == x && j < i)) { rank++; }",
      "}",
      "if (bad) { rank = i; }",
      bindings.store(values, `point * ${n} + rank`, `select(x, ${NAN}, bad)`),
      `for (var k = 0; k < ${n}; k++) { ${bindings.store(vectors, mat.index(n, n, "k", "rank"), `select(${q("k", "i")}, ${NAN}, bad)`)} }`,
    ),
  ];
  return assemble(label, bindings, body, {
    perGroup: true,
    count: kernel.batch,
    shared: [FLAG, ROTATION],
    scratchLength: kernel.batch * size,
  });
}

/**
 * One-sided Jacobi on the columns of the matrix, or of its transpose if that is the tall one. Scratch holds the columns,
 * the rotations, the norms, and the left vectors in order, which are completed to an orthonormal set.
 */
export function svdModule(kernel: RoutineKernel, program: Program, label: string, addressing: Addressing): WgslKernel {
  const mat = new Matrices(program, addressing);
  const { bindings } = mat;
  const [m, n] = kernel.dims as [number, number];
  const k = Math.min(m, n);
  const wide = m < n;
  const rows = Math.max(m, n);
  const count = kernel.params["full"] === true ? rows : k;
  const [u, values, vt] = kernel.outs as [number, number, number];
  const size = k * rows + k * k + k + count * rows;
  const at = (offset: number, index: string): string => bindings.scratch(`point * ${size} + ${offset} + ${index}`);
  const col = (j: string, i: string): string => at(0, `(${j}) * ${rows} + ${i}`);
  const rot = (j: string, i: string): string => at(k * rows, `(${j}) * ${k} + ${i}`);
  const norm = (j: string): string => at(k * rows + k * k, j);
  const left = (j: string, i: string): string => at(k * rows + k * k + k, `(${j}) * ${rows} + ${i}`);
  const turn = (x: string, y: string): string[] => [
    `let x = ${x};`,
    `let y = ${y};`,
    `${x} = cs.x * x - cs.y * y;`,
    `${y} = cs.y * x + cs.x * y;`,
  ];
  const input = bindings.load(kernel.operands[0]!, wide ? mat.index(m, n, "j", "i") : mat.index(m, n, "i", "j"));
  const [us, vs] = wide ? ["right", "left"] : ["left", "right"];
  const [nu, nv] = wide ? [k, count] : [count, k];
  const vector = (side: string): string => (side === "left" ? left("j", "i") : col("j", "i"));
  const body = [
    ...spread("e", "0", k * rows, `let j = e / ${rows};`, `let i = e % ${rows};`, `${col("j", "i")} = ${input};`),
    ...spread("e", "0", k * k, `${rot(`e / ${k}`, `e % ${k}`)} = select(0.0, 1.0, e / ${k} == e % ${k});`),
    "storageBarrier();",
    `for (var sweep = 0; sweep < ${MAX_SWEEPS}; sweep++) {`,
    "if (lane == 0u) { more = 0u; }",
    "workgroupBarrier();",
    `for (var p = 0; p < ${k - 1}; p++) {`,
    `for (var r = p + 1; r < ${k}; r++) {`,
    "var sums = vec3f();",
    ...spread(
      "i",
      "0",
      rows,
      `let x = ${col("p", "i")};`,
      `let y = ${col("r", "i")};`,
      "sums += vec3f(x * x, y * y, x * y);",
    ),
    "partial[lane] = sums;",
    "workgroupBarrier();",
    "sums = vec3f();",
    `for (var t = 0; t < ${WORKGROUP}; t++) { sums += partial[t]; }`,
    "workgroupBarrier();",
    "if (abs(sums.z) > 2e-7 * sqrt(sums.x) * sqrt(sums.y)) {",
    "if (lane == 0u) { more = 1u; }",
    "let cs = rotation((sums.y - sums.x) / (2.0 * sums.z));",
    ...spread("i", "0", rows, ...turn(col("p", "i"), col("r", "i"))),
    ...spread("i", "0", k, ...turn(rot("p", "i"), rot("r", "i"))),
    "}",
    "storageBarrier();",
    "}",
    "}",
    "if (workgroupUniformLoad(&more) == 0u) { break; }",
    "}",
    ...spread(
      "j",
      "0",
      k,
      "var sum = 0.0;",
      `for (var i = 0; i < ${rows}; i++) { sum += ${col("j", "i")} * ${col("j", "i")}; }`,
      `${norm("j")} = sqrt(sum);`,
    ),
    "storageBarrier();",
    "var greatest = 0.0;",
    `for (var j = 0; j < ${k}; j++) { greatest = max(greatest, ${norm("j")}); }`,
    `let least = greatest * ${Math.max(m, n) * 1e-7};`,
    // Columns in order of their norms; those of rounding errors alone have no direction.
    ...spread(
      "j",
      "0",
      k,
      ...ranked(norm, k),
      bindings.store(values, `point * ${k} + rank`, "x"),
      `for (var i = 0; i < ${rows}; i++) { ${left("rank", "i")} = select(${col("j", "i")} / x, 0.0, x <= least); }`,
    ),
    "storageBarrier();",
    "if (lane == 0u) {",
    "var rank = 0;",
    `for (var j = 0; j < ${k}; j++) { if (${norm("j")} > least) { rank++; } }`,
    `for (var unit = 0; unit < ${rows} && rank < ${count}; unit++) {`,
    `for (var i = 0; i < ${rows}; i++) { ${left("rank", "i")} = select(0.0, 1.0, i == unit); }`,
    "for (var again = 0; again < 2; again++) {",
    "for (var o = 0; o < rank; o++) {",
    "var dot = 0.0;",
    `for (var i = 0; i < ${rows}; i++) { dot += ${left("o", "i")} * ${left("rank", "i")}; }`,
    `for (var i = 0; i < ${rows}; i++) { ${left("rank", "i")} -= dot * ${left("o", "i")}; }`,
    "}",
    "}",
    "var sum = 0.0;",
    `for (var i = 0; i < ${rows}; i++) { sum += ${left("rank", "i")} * ${left("rank", "i")}; }`,
    `if (sum > ${0.25 / rows}) {`,
    `for (var i = 0; i < ${rows}; i++) { ${left("rank", "i")} /= sqrt(sum); }`,
    "rank++;",
    "}",
    "}",
    "}",
    // The rotations in the same order, where the columns were: they are needed no more.
    ...spread(
      "j",
      "0",
      k,
      ...ranked(norm, k),
      `for (var i = 0; i < ${k}; i++) { ${col("rank", "i")} = ${rot("j", "i")}; }`,
    ),
    "storageBarrier();",
    ...spread(
      "e",
      "0",
      m * nu,
      `let i = e / ${nu};`,
      `let j = e % ${nu};`,
      bindings.store(u, mat.index(m, nu, "i", "j"), vector(us)),
    ),
    ...spread(
      "e",
      "0",
      nv * n,
      `let j = e / ${n};`,
      `let i = e % ${n};`,
      bindings.store(vt, mat.index(nv, n, "j", "i"), vector(vs)),
    ),
  ];
  return assemble(label, bindings, body, {
    perGroup: true,
    count: kernel.batch,
    shared: [FLAG, ROTATION, `var<workgroup> partial: array<vec3f, ${WORKGROUP}>;`],
    scratchLength: kernel.batch * size,
  });
}

/** `rank` of column j by its norm, greatest first. */
function ranked(norm: (j: string) => string, k: number): string[] {
  return [
    `let x = ${norm("j")};`,
    "var rank = 0;",
    `for (var o = 0; o < ${k}; o++) {`,
    `let y = ${norm("o")};`,
    "if (y > x || (y == x && o < j)) { rank++; }",
    "}",
  ];
}
