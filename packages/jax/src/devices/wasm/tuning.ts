/**
 * Which register tiles the products of a device have: those of the table, those that are set, or those that were measured
 * to be fast on this engine, now or at an earlier time.
 */
import { prod } from "../../base/list";
import type { Kernel } from "../../kernel/program";
import { NARROW_ROWS, type RegisterTiles, WIDE_ROWS, tableTiles } from "../../targets/wasm/register-tiles";
import { measureTiles } from "./measure-tiles";
import type { TuningStore } from "./tuning-store";

/** What is measured, remembered, and used for what is compiled after; or the table; or these tiles. */
export type TuningMode = "auto" | "off" | RegisterTiles;

/** Milliseconds after the first large product: then the page or program has got going. */
const LATER = 300;

type Kind = "fused" | "plain";
const kindOf = (fused: boolean): Kind => (fused ? "fused" : "plain");

const isTiles = (x: unknown): x is RegisterTiles => {
  const { narrow, wide } = (x ?? {}) as Partial<RegisterTiles>;
  return NARROW_ROWS.includes(narrow!) && [0, ...WIDE_ROWS].includes(wide!);
};

export const isTuningMode = (x: unknown): x is TuningMode => x === "auto" || x === "off" || isTiles(x);

export class TileTuning {
  mode: TuningMode;
  private readonly store: TuningStore;
  private loaded: Partial<Record<Kind, RegisterTiles>> | null = null;
  private measuring: Promise<void> | null = null;

  constructor(mode: TuningMode, store: TuningStore) {
    this.mode = mode;
    this.store = store;
  }

  /** Tiles for what is compiled now. */
  tiles(fused: boolean): RegisterTiles {
    if (this.mode === "off") return tableTiles(fused);
    return this.mode === "auto" ? (this.known[kindOf(fused)] ?? tableTiles(fused)) : this.mode;
  }

  /** Has tiles found out if there is a product among the kernels that is worth it. */
  want(fused: boolean, kernels: readonly Kernel[]): void {
    if (this.mode !== "auto" || !hasLargeProduct(kernels)) return;
    if (this.known[kindOf(fused)] === undefined) this.measuring ??= this.measure(fused);
  }

  /** Resolves when nothing is being measured. */
  async settled(): Promise<void> {
    await this.measuring;
  }

  /** Of this engine; storage is read when something is compiled for the first time. */
  private get known(): Partial<Record<Kind, RegisterTiles>> {
    return (this.loaded ??= this.load());
  }

  private load(): Partial<Record<Kind, RegisterTiles>> {
    const known: Partial<Record<Kind, RegisterTiles>> = {};
    const stored = this.store.read();
    for (const kind of ["fused", "plain"] as const) {
      const tiles = (stored as Partial<Record<Kind, unknown>> | null)?.[kind];
      if (isTiles(tiles)) known[kind] = { narrow: tiles.narrow, wide: tiles.wide };
    }
    return known;
  }

  /** Where the clock is too coarse, or nothing may be compiled, it is not tried again. */
  private async measure(fused: boolean): Promise<void> {
    try {
      await later();
      const tiles = await measureTiles(fused);
      this.known[kindOf(fused)] = tiles ?? tableTiles(fused);
      if (tiles !== null && this.mode === "auto") this.store.write(this.known);
    } catch {
      this.known[kindOf(fused)] = tableTiles(fused);
    }
    this.measuring = null;
  }
}

/** Multiply-adds of a product that makes it worth while. */
const LARGE = 2 ** 19;

const hasLargeProduct = (kernels: readonly Kernel[]): boolean =>
  kernels.some((kernel) => {
    switch (kernel.kind) {
      case "contract":
        return prod([...kernel.batch, ...kernel.m, ...kernel.n, ...kernel.k]) >= LARGE;
      case "scan":
      case "while":
        return hasLargeProduct(kernel.body.program.kernels);
      case "switch":
        return kernel.branches.some((b) => hasLargeProduct(b.program.kernels));
      default:
        return false;
    }
  });

/** Node does not wait for it; a page waits until it is idle. */
const later = (): Promise<void> =>
  new Promise((resolve) => {
    const { requestIdleCallback } = globalThis as { requestIdleCallback?: (done: () => void) => void };
    const timer: unknown = setTimeout(() => (requestIdleCallback ?? queueMicrotask)(() => resolve()), LATER);
    (timer as { unref?(): void }).unref?.();
  });
