/** The leak checker: which array handles are alive, and where they were made. Off, it costs one test per array. */
import { JaxError } from "../base/errors";
import type { Tracer } from "../core/tracer";

interface Creation {
  readonly array: WeakRef<Tracer>;
  readonly error: Error;
}

let watching: Map<number, Creation> | null = null;
let ids: WeakMap<Tracer, number> = new WeakMap();
let nextId = 0;

export function noteCreated(array: Tracer): void {
  if (watching === null) return;
  const id = nextId++;
  ids.set(array, id);
  watching.set(id, { array: new WeakRef(array), error: new Error("created") });
}

export function noteDisposed(array: Tracer): void {
  if (watching === null) return;
  const id = ids.get(array);
  if (id !== undefined) watching.delete(id);
}

/** Where watched arrays that are disposed were made. An error notes its stack at once, and writes it out, which takes much longer, when it is read. */
const sites = /* @__PURE__ */ new WeakMap<Tracer, Error>();

/** Where the array was made, if it was watched; else null. */
export function creationSite(array: Tracer): string | null {
  const error = sites.get(array);
  return error === undefined ? null : siteOf(error);
}

function siteOf(error: Error): string {
  const lines = (error.stack ?? "").split("\n").slice(1);
  const outside = lines.find((l) => !/packages\/jax\/(src|dist)|@jax-js\/jax/.test(l) || /\.test\.[jt]s/.test(l));
  return (outside ?? lines[lines.length - 1] ?? "unknown").trim().replace(/^at /, "");
}

export interface LeakReport {
  /** Number of array handles made since start that were not disposed. */
  readonly leaked: number;
  /** One line each: aval, references, and where it was made. */
  readonly details: readonly string[];
  readonly summary: string;
}

/** Finds arrays that are never disposed: `checkLeaks.start(); ...; checkLeaks.stop().leaked`. */
export const checkLeaks = {
  /** Starts watching. Throws if already started. */
  start(): void {
    if (watching !== null) throw new JaxError("checkLeaks.start: already started; call checkLeaks.stop() first");
    watching = new Map();
    ids = new WeakMap();
  },
  get active(): boolean {
    return watching !== null;
  },
  /** The handles alive now. */
  snapshot(): string[] {
    return [...(watching?.values() ?? [])].map(({ array, error }) => {
      const x = array.deref();
      return `${x === undefined ? "(collected, never disposed)" : `${x.aval}, ${x.refCount} reference(s)`}, made at ${siteOf(error)}`;
    });
  },
  /** Stops watching and reports. */
  stop(): LeakReport {
    const details = this.snapshot();
    watching = null;
    return {
      leaked: details.length,
      details,
      summary: details.length === 0 ? "no leaks" : `${details.length} array(s) leaked:\n${details.join("\n")}`,
    };
  },
};

/** Remembers where a watched array was made, for the message of a later use. */
export function rememberSite(array: Tracer): void {
  const id = watching === null ? undefined : ids.get(array);
  const creation = id === undefined ? undefined : watching!.get(id);
  if (creation !== undefined) sites.set(array, creation.error);
}
