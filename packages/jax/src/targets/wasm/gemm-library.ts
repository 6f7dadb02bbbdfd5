/**
 * A module of the micro kernels and packers that most contractions use. Modules made with `new Module({ library })`
 * import them instead of having copies, so that a new program starts with kernels that the engine has optimized:
 * fresh code runs at a quarter of the speed for its first milliseconds (V8's baseline compiler).
 */
import { Module, type Library } from "./assembler";
import type { WasmFeatures } from "./features";
import { F32 } from "./gemm-element";
import { microKernel, type GemmTile, type OperandMode } from "./gemm-micro";
import { packFunc } from "./pack";
import { packWideFunc } from "./pack-wide";

export interface GemmLibrary {
  /** Instantiated once per memory; its exports are the import module `library.from` of others. */
  readonly module: Module;
  readonly library: Library;
}

/** The tiles of `contract-plan.ts` for float32. */
const FUSED: GemmTile = { mr: 6, nr: 8 };
const NARROW: GemmTile = { mr: 4, nr: 8 };
const WIDE: GemmTile = { mr: 2, nr: 16 };

export function gemmLibrary({ relaxed }: WasmFeatures): GemmLibrary {
  const m = new Module();
  m.importMemory({ min: 1, max: 65536 });
  const modes: readonly OperandMode[] = ["inPlace", "packed"];
  for (const tile of relaxed ? [FUSED] : [WIDE, NARROW]) {
    for (const lhs of tile === WIDE ? (["packed"] as const) : modes) {
      for (const rhs of modes) {
        const { mr: rows, nr: cols } = tile;
        microKernel(m, { element: F32, tile, rows, cols, lhs, rhs, relaxed });
        if (tile === FUSED) microKernel(m, { element: F32, tile, rows: 4, cols, lhs, rhs, relaxed }); // 64, 256, ... rows leave 4
      }
    }
    for (const width of [tile.mr, tile.nr]) {
      for (const contiguous of ["outer", "k"] as const) {
        for (const kTable of [false, true]) packFunc(m, { sizeBytes: 4, width, contiguous, kTable });
      }
    }
    packWideFunc(m, { sizeBytes: 4, width: tile.nr, panels: 4 });
  }
  for (const f of m.funcs) m.export(f);
  return { module: m, library: { from: "gemm", names: new Set(m.funcs.map((f) => f.name)) } };
}
