/** The stores of a stage at one point, or at the lanes of the current copy. */
import type { Store } from "../../kernel/program";
import { loadsOf } from "./loop-analysis";
import type { LoopEmitter } from "./loop-emitter";
import { emitScalarStore } from "./memory";
import { emitVectorStore } from "./vector-memory";

export function emitStores(e: LoopEmitter, stores: readonly Store[]): void {
  const lanes = e.lanes !== null;
  if (stores.length > 1) {
    // A store must not change what the value of a later one loads (buffers updated in place).
    const written = new Set(stores.map((s) => s.buffer));
    for (const { value } of stores) {
      if (!loadsOf([value]).some((l) => written.has(l.buffer))) continue;
      if (!lanes) e.keep(value);
      else {
        e.keepVector(value, 0);
        if (value.dtype === "float64" && e.varies(value)) e.keepVector(value, 1);
      }
    }
  }
  for (const { buffer, index, value } of stores) {
    if (lanes) emitVectorStore(e, buffer, index, value);
    else emitScalarStore(e, buffer, index, value);
  }
}
