/** Files in IndexedDB, for browsers whose file system cannot be written to from here. */
import { type FileInfo, type FileStore, partsOf, withQuota } from "./store";

const FILES = "files";

interface Row {
  readonly blob: Blob;
  readonly lastModified: number;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as DOMException);
  });
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(`jax-js-${name}`, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(FILES);
  return settled(request);
}

/**
 * A store in a database of its own.
 *
 * Errors: QuotaError if the browser gives no more room.
 */
export function indexedDbStore(name: string): FileStore {
  /** Runs `f` in a transaction, and waits until it is on disk. */
  async function inTransaction<T>(mode: IDBTransactionMode, f: (files: IDBObjectStore) => Promise<T>): Promise<T> {
    const database = await openDatabase(name);
    try {
      const transaction = database.transaction(FILES, mode);
      const complete = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error as DOMException);
      });
      // Where `f` fails first, its error is the one to tell.
      complete.catch(() => {});
      const out = await f(transaction.objectStore(FILES));
      await complete;
      return out;
    } finally {
      database.close();
    }
  }

  const rowOf = (file: string) =>
    inTransaction("readonly", (files) => settled(files.get(file) as IDBRequest<Row | undefined>));
  const infoOf = (file: string, row: Row): FileInfo => ({
    name: file,
    size: row.blob.size,
    lastModified: new Date(row.lastModified),
  });

  return {
    place: `IndexedDB ${name}`,
    async write(file, contents) {
      let blob = new Blob([]);
      await withQuota(
        `${this.place}: ${file}`,
        () => blob.size,
        async () => {
          const parts: BlobPart[] = [];
          // A blob per part: browsers move them out of memory.
          for await (const part of partsOf(contents)) parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
          blob = new Blob(parts);
          const row: Row = { blob, lastModified: Date.now() };
          await inTransaction("readwrite", (files) => settled(files.put(row, file)));
        },
      );
    },
    async read(file) {
      const row = await rowOf(file);
      return row === undefined ? null : new Uint8Array(await row.blob.arrayBuffer());
    },
    async info(file) {
      const row = await rowOf(file);
      return row === undefined ? null : infoOf(file, row);
    },
    async list() {
      return inTransaction("readonly", async (files) => {
        const [names, rows] = await Promise.all([
          settled(files.getAllKeys()),
          settled(files.getAll() as IDBRequest<Row[]>),
        ]);
        return rows.map((row, i) => infoOf(String(names[i]), row));
      });
    },
    async remove(file) {
      const row = await rowOf(file);
      if (row === undefined) return null;
      await inTransaction("readwrite", (files) => settled(files.delete(file)));
      return infoOf(file, row);
    },
  };
}
