/**
 * Where measured tiles are kept: in the local storage of a page, in a file of the user's cache folder for Node and Bun.
 * Deno would ask the user whether a file may be read, and has a local storage. Elsewhere (in a browser's workers, where
 * storage is forbidden) nothing is kept, which costs some milliseconds of idle time.
 */
import type { NodeProcess } from "./worker";

export interface TuningStore {
  /** What was written on this engine, or null; to be judged, as others may have written too. */
  read(): unknown;
  /** Fails without a word. */
  write(what: object): void;
}

/** Goes up when micro kernels change: what was measured of the old ones is worth nothing. */
const VERSION = 1;
const KEY = "jax-js/tiles";

interface Host extends NodeProcess {
  readonly versions?: { readonly node?: string; readonly v8?: string };
  readonly arch?: string;
  readonly platform?: string;
  readonly execArgv?: readonly string[];
}

/** One text, to be read and written at once. */
interface Slot {
  read(): string | null;
  write(text: string): void;
}

export function engineStore(): TuningStore {
  const { process, navigator } = globalThis as { process?: Host; navigator?: { userAgent?: string } };
  const { versions, arch, platform, execArgv = [] } = process ?? {};
  const engine = JSON.stringify([VERSION, navigator?.userAgent, versions?.v8, platform, arch, ...execArgv]);
  const slot = (): Slot | null => (isNode(process) ? fileSlot(process) : pageSlot());
  return {
    read: () =>
      attempt(() => {
        const found = JSON.parse(slot()?.read() ?? "null") as { engine?: unknown } | null;
        return found?.engine === engine ? found : null;
      }),
    write: (what) => void attempt(() => slot()?.write(JSON.stringify({ engine, ...what }))),
  };
}

function attempt<T>(what: () => T): T | null {
  try {
    return what();
  } catch {
    return null;
  }
}

const isNode = (process: Host | undefined): process is Host =>
  process?.versions?.node !== undefined && !("Deno" in globalThis);

function pageSlot(): Slot | null {
  const { localStorage } = globalThis as { localStorage?: Storage };
  if (localStorage === undefined) return null;
  return { read: () => localStorage.getItem(KEY), write: (text) => localStorage.setItem(KEY, text) };
}

interface Fs {
  readFileSync(path: string, encoding: "utf8"): string;
  mkdirSync(path: string, options: { readonly recursive: true }): void;
  writeFileSync(path: string, text: string): void;
}

/** A file for each version of the engine, in the folder that the loaders package also has its downloads in. */
function fileSlot(process: Host): Slot | null {
  const fs = process.getBuiltinModule?.("node:fs") as Fs | undefined;
  const os = process.getBuiltinModule?.("node:os") as { homedir(): string } | undefined;
  if (fs === undefined || os === undefined) return null;
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env ?? {};
  const folder = `${XDG_CACHE_HOME ?? LOCALAPPDATA ?? `${os.homedir()}/.cache`}/jax-js`;
  const path = `${folder}/tiles-${process.versions?.v8}-${process.arch}.json`;
  return {
    read: () => fs.readFileSync(path, "utf8"),
    write(text) {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path, text);
    },
  };
}
