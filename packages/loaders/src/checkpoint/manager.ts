/** Checkpoints of a training run: numbered by step, the newest kept. */
import { checkOptions } from "../option-names";
import { CheckpointError, LoaderError } from "../errors";
import { defaultStore } from "../storage/default-store";
import { nodeStore } from "../storage/node-files";
import { nodeModules } from "../storage/node-modules";
import type { FileStore } from "../storage/store";
import { type JsonValue, type RestoreOptions, checkpointParts, parse, parseMetadata } from "./format";

export interface CheckpointManagerOptions {
  /** Older checkpoints are removed when there are more. Default: all are kept. */
  maxToKeep?: number;
  /** Those of steps that it divides are kept for ever. */
  keepPeriod?: number;
  /** `save` does nothing at steps that it does not divide. Default 1. */
  saveIntervalSteps?: number;
}

export interface SaveOptions {
  /** Anything that JSON can hold, for `metadata`. */
  metadata?: JsonValue;
  /** Saves at any step, and replaces a checkpoint of the same step. Default false. */
  force?: boolean;
}

const FILE = /^step-(\d{10,16})\.safetensors$/;
const nameOf = (step: number): string => `step-${String(step).padStart(10, "0")}.safetensors`;

/** A folder in Node; in a browser the origin private file system or IndexedDB. */
function storeOf(place: string): Promise<FileStore> {
  if (nodeModules() !== null) return Promise.resolve(nodeStore(place));
  return defaultStore(`checkpoints-${place.replace(/[^\w.-]/g, "_")}`);
}

/**
 * Saves and restores the state of a training run, any pytree: parameters, optimizer state, keys, the position of a data
 * set, numbers, strings. A save writes in the background while training goes on; a checkpoint is there as a whole or
 * not at all, whatever happens to the page meanwhile.
 *
 * Source: orbax.checkpoint.CheckpointManager
 * @example
 * const manager = new CheckpointManager(memoryStore(), { maxToKeep: 2 });
 * for (let step = 1; step <= 3; step++) await manager.save(step, { w: np.full([2], step) });
 * await manager.allSteps(); // => [2, 3]
 * (await manager.restore()).w.js(); // => [3, 3]
 */
export class CheckpointManager {
  readonly #store: () => Promise<FileStore>;
  readonly #options: CheckpointManagerOptions;
  #writing: Promise<unknown> = Promise.resolve();
  #failure: { error: unknown } | null = null;

  /** A store, or the name of one: a folder in Node, a directory of the browser's file system. */
  constructor(place: string | FileStore, options: CheckpointManagerOptions = {}) {
    checkOptions("CheckpointManager", options, { maxToKeep: true, keepPeriod: true, saveIntervalSteps: true });
    for (const [name, n] of Object.entries(options) as [string, number | undefined][]) {
      if (n !== undefined && !(Number.isInteger(n) && n >= 1)) {
        throw new CheckpointError(`CheckpointManager: ${name} is ${String(n)}, expected a whole number above 0`);
      }
    }
    let store: Promise<FileStore> | undefined;
    this.#store = () => (store ??= typeof place === "string" ? storeOf(place) : Promise.resolve(place));
    this.#options = options;
  }

  /**
   * Saves a state. The arrays are held from this call on, so the state may be disposed at once. The promise is true when
   * the checkpoint is stored, false if the step is not one to save; it need not be awaited: an error is told by
   * `waitUntilFinished` too.
   *
   * Errors: CheckpointError for what cannot be saved, or a step that is there already; QuotaError if there is no room.
   */
  save(step: number, state: unknown, options: SaveOptions = {}): Promise<boolean> {
    checkOptions("save", options, { metadata: true, force: true });
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new CheckpointError(`save: step ${String(step)} is not a whole number from 0 up`);
    }
    if (!options.force && step % (this.#options.saveIntervalSteps ?? 1) !== 0) return Promise.resolve(false);
    const parts = checkpointParts(state, options.metadata ?? null);
    const saved = this.#writing.then(async () => {
      try {
        await this.#write(step, parts, options.force ?? false);
        return true;
      } finally {
        // Of a write that never began.
        await parts.return(undefined);
      }
    });
    this.#writing = saved.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    return saved;
  }

  async #write(step: number, parts: AsyncIterable<Uint8Array>, force: boolean): Promise<void> {
    const store = await this.#store();
    if (!force && (await store.info(nameOf(step))) !== null) {
      throw new CheckpointError(`save: step ${step} is there already; give force: true to replace it`);
    }
    await store.write(nameOf(step), parts);
    const { maxToKeep = Infinity, keepPeriod } = this.#options;
    const older = (await this.#steps()).filter((s) => s !== step && (keepPeriod === undefined || s % keepPeriod !== 0));
    for (const old of older.slice(0, Math.max(0, older.length + 1 - maxToKeep))) await store.remove(nameOf(old));
  }

  /** Waits for all saves. Errors: of the first save that failed since the last call. */
  async waitUntilFinished(): Promise<void> {
    await this.#writing;
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }

  async #steps(): Promise<number[]> {
    const names = (await (await this.#store()).list()).map(({ name }) => FILE.exec(name)?.[1]);
    return names.flatMap((digits) => (digits === undefined ? [] : [Number(digits)])).sort((a, b) => a - b);
  }

  /** Steps that are stored, in order. */
  async allSteps(): Promise<number[]> {
    await this.#writing;
    return this.#steps();
  }

  /** The last step that is stored, or null. */
  async latestStep(): Promise<number | null> {
    return (await this.allSteps()).at(-1) ?? null;
  }

  /**
   * The state of a step, or of the last one: lists and objects as they were saved, or of the structure of `like`.
   *
   * Errors: CheckpointError if there is none, or it differs from `like`; FormatError if it is damaged.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- without a model, the structure is what was saved
  async restore<T = any>(step?: number | null, options: RestoreOptions<T> = {}): Promise<T> {
    return parse<T>(await this.#read("restore", step), options);
  }

  /** What was given as metadata when the state of a step, or of the last one, was saved. */
  async metadata(step?: number | null): Promise<JsonValue> {
    return parseMetadata(await this.#read("metadata", step));
  }

  async #read(op: string, step: number | null | undefined): Promise<Uint8Array> {
    await this.#writing;
    const store = await this.#store();
    const wanted = step ?? (await this.#steps()).at(-1);
    if (wanted === undefined) throw new CheckpointError(`${op}: there is no checkpoint in ${store.place}`);
    const bytes = await store.read(nameOf(wanted));
    if (bytes !== null) return bytes;
    const steps = await this.#steps();
    throw new CheckpointError(
      `${op}: there is no checkpoint of step ${wanted} in ${store.place}; there are ${steps.join(", ") || "none"}`,
    );
  }

  /** Removes the checkpoint of a step. Errors: CheckpointError if there is none. */
  async delete(step: number): Promise<void> {
    await this.#writing;
    const store = await this.#store();
    if ((await store.remove(nameOf(step))) === null)
      throw new CheckpointError(`delete: there is no checkpoint of step ${step}`);
  }
}

/** Gives the user a state as a file to keep. Errors: LoaderError outside of a page; CheckpointError, as `serialize`. */
export async function download(
  state: unknown,
  fileName = "checkpoint.safetensors",
  metadata: JsonValue = null,
): Promise<void> {
  if (typeof document === "undefined")
    throw new LoaderError("checkpoint.download: there is no page here; use checkpoint.serialize");
  const parts: BlobPart[] = [];
  for await (const part of checkpointParts(state, metadata)) parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  link.download = fileName;
  link.click();
  // The browser reads the blob after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
