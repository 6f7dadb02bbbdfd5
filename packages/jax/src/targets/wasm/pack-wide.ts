/**
 * Packs several neighbouring panels at once where outer indices are contiguous in memory, so that each step of k
 * reads whole cache lines: with rows of a power of two, the other half of a line would be evicted before the next
 * panel wants it.
 */
import type { Callable, Module } from "./assembler";

export interface WidePacker {
  readonly sizeBytes: 4 | 8;
  readonly width: number;
  /** Panels per call. */
  readonly panels: number;
}

/** In bytes; `panel` is the distance of the panels in dst. */
export const PACK_WIDE_PARAMS = { src: "i32", k: "i32", kc: "i32", dst: "i32", panel: "i32" } as const;

export function packWideFunc(m: Module, { sizeBytes, width, panels }: WidePacker): Callable {
  const key = `pack_${sizeBytes}x${width}_wide${panels}`;
  const vectors = (width * sizeBytes) / 16;
  return m.helper(key, PACK_WIDE_PARAMS, [], (f) => {
    const { src, k, kc, dst, panel } = f.params;
    const to = Array.from({ length: panels }, (_, p) => (p === 0 ? dst : f.local("i32", `dst${p}`)));
    to.forEach(
      (pointer, p) =>
        p > 0 &&
        f
          .get(to[p - 1] ?? dst)
          .get(panel)
          .op("i32.add")
          .set(pointer),
    );
    f.loop((again) => {
      to.forEach((pointer, p) => {
        for (let v = 0; v < vectors; v++) {
          f.get(pointer)
            .get(src)
            .mem("v128.load", (p * vectors + v) * 16, 2)
            .mem("v128.store", v * 16, 2);
        }
        f.inc(pointer, width * sizeBytes);
      });
      f.inc(src, k);
      f.get(kc).i32(1).op("i32.sub").tee(kc).brIf(again);
    });
  });
}
