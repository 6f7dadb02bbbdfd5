/** The best place that there is here. */
import { indexedDbStore } from "./indexed-db";
import { memoryStore } from "./memory";
import { nodeStore } from "./node-files";
import { cacheFolder, nodeModules } from "./node-modules";
import { hasOpfs, opfsStore } from "./opfs-store";
import type { FileStore } from "./store";

/** Written and removed again, to see whether a place can be written to. */
const PROBE = "probe";

const opened = /* @__PURE__ */ new Map<string, Promise<FileStore>>();

/**
 * A store by its name: a directory of the origin private file system; else a database of IndexedDB; in Node a folder
 * in the user's cache folder; else memory.
 */
export function defaultStore(name: string): Promise<FileStore> {
  let store = opened.get(name);
  if (store === undefined) opened.set(name, (store = firstThatWorks(name)));
  return store;
}

async function firstThatWorks(name: string): Promise<FileStore> {
  const node = nodeModules();
  const places = [
    hasOpfs() ? () => opfsStore(name) : null,
    typeof indexedDB !== "undefined" ? () => indexedDbStore(name) : null,
    node !== null
      ? () => nodeStore(name === "jax-js" ? cacheFolder(node) : node.path.join(cacheFolder(node), name))
      : null,
  ];
  for (const place of places) {
    if (place === null) continue;
    try {
      const store = place();
      // A private window has the functions, and refuses when they are called; a folder may be read-only.
      await store.write(PROBE, new Uint8Array(0));
      await store.remove(PROBE);
      return store;
    } catch {
      continue;
    }
  }
  return memoryStore();
}
