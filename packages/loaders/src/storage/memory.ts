/** Files in memory: gone with the page. For tests, and where there is nothing better. */
import { joinChunks } from "../bytes/source";
import { QuotaError } from "../errors";
import { type FileInfo, type FileStore, partsOf } from "./store";

/**
 * A store in memory, of at most `maxBytes`.
 * @example
 * const store = memoryStore();
 * await store.write("a", new Uint8Array([1, 2]));
 * (await store.info("a")).size; // => 2
 */
export function memoryStore(maxBytes = Infinity): FileStore {
  const files = new Map<string, { bytes: Uint8Array; lastModified: Date }>();
  const infoOf = (name: string): FileInfo | null => {
    const file = files.get(name);
    return file === undefined ? null : { name, size: file.bytes.length, lastModified: file.lastModified };
  };
  return {
    place: "memory",
    async write(name, contents) {
      const chunks: Uint8Array[] = [];
      for await (const part of partsOf(contents)) chunks.push(part.slice());
      const bytes = joinChunks(chunks);
      let free = maxBytes;
      for (const [other, file] of files) if (other !== name) free -= file.bytes.length;
      if (bytes.length > free) throw new QuotaError(`memory: ${name}`, bytes.length, free);
      files.set(name, { bytes, lastModified: new Date() });
    },
    async read(name) {
      return files.get(name)?.bytes.slice() ?? null;
    },
    async info(name) {
      return infoOf(name);
    },
    async list() {
      return [...files.keys()].map((name) => infoOf(name)!);
    },
    async remove(name) {
      const info = infoOf(name);
      files.delete(name);
      return info;
    },
  };
}
