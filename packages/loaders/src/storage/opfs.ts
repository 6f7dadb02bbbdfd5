/** The files that this package keeps, for users to look at and remove. */
import { defaultStore } from "./default-store";
import type { FileInfo, FileStore } from "./store";

/** What is known of a stored file. */
export type OPFSFileInfo = FileInfo;

/**
 * Files kept between visits, in the origin private file system (directory "jax-js"). Where there is none they lie in
 * IndexedDB, in Node in the user's cache folder, else in memory.
 * @example
 * const files = new OPFS(memoryStore());
 * await files.write("notes", new Uint8Array([1, 2, 3]));
 * await files.read("notes"); // => [1, 2, 3]
 * (await files.list()).length; // => 1
 */
export class OPFS {
  readonly #store: () => Promise<FileStore>;

  /** The directory's name, or a store to use in its place. */
  constructor(directory: string | FileStore = "jax-js") {
    this.#store = typeof directory === "string" ? () => defaultStore(directory) : () => Promise.resolve(directory);
  }

  /** Stores a file, replacing one of the same name. Errors: QuotaError if there is no room. */
  async write(name: string, data: Uint8Array): Promise<void> {
    await (await this.#store()).write(name, data);
  }

  /** The bytes of a file, or null if there is none. */
  async read(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return (await this.#store()).read(name);
  }

  /** Name, size and date of a file, or null if there is none. */
  async info(name: string): Promise<OPFSFileInfo | null> {
    return (await this.#store()).info(name);
  }

  async list(): Promise<OPFSFileInfo[]> {
    return (await this.#store()).list();
  }

  /** Removes a file; gives what it was, or null if there was none. */
  async remove(name: string): Promise<OPFSFileInfo | null> {
    return (await this.#store()).remove(name);
  }

  /** Removes all files. */
  async clear(): Promise<void> {
    const store = await this.#store();
    for (const { name } of await store.list()) await store.remove(name);
  }
}

/** The files of `cachedFetch`. */
export const opfs = /* @__PURE__ */ new OPFS();
