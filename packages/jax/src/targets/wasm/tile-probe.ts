/** The micro kernels that there are to choose from, in one module, to be timed. */
import { Module } from "./assembler";
import { F32 } from "./gemm-element";
import { microKernel } from "./gemm-micro";
import { NARROW_ROWS, WIDE_ROWS } from "./register-tiles";

/** Packed panels of this depth are in the L1 cache together. */
const DEPTH = 256;
const [A_AT, B_AT, C_AT, BYTES] = [0, 16384, 32768, 65536];

export interface Candidate {
  readonly rows: number;
  readonly vectors: 2 | 4;
  /** What `run` does once. */
  readonly flops: number;
}

export const CANDIDATES: readonly Candidate[] = /* @__PURE__ */ ([2, 4] as const).flatMap((vectors) =>
  (vectors === 2 ? NARROW_ROWS : WIDE_ROWS).map((rows) => ({ rows, vectors, flops: 8 * vectors * rows * DEPTH })),
);

/** Exports `run0(times)`, `run1(times)`, ... of the candidates, and imports a memory of one page. */
export function probeModule(relaxed: boolean): Module {
  const m = new Module();
  m.importMemory({ min: BYTES / 65536, max: BYTES / 65536 });
  CANDIDATES.forEach(({ rows, vectors }, i) => {
    const cols = F32.lanes * vectors;
    const tile = { mr: rows, nr: cols };
    const micro = microKernel(m, { element: F32, tile, rows, cols, lhs: "packed", rhs: "packed", relaxed });
    const f = m.func(`run${i}`, { times: "i32" }, []);
    f.range(f.local("i32", "i"), 0, f.params.times, 1, () => {
      for (const argument of [A_AT, 0, 0, B_AT, 0, C_AT, 16 * vectors, DEPTH, 0]) f.i32(argument);
      f.call(micro);
    });
    m.export(f, `run${i}`);
  });
  return m;
}
