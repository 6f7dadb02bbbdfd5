/** Files in the origin private file system of browsers. */
import { type FileInfo, type FileStore, partsOf, withQuota } from "./store";

/** True where files can be written from here: Safari before 26 can from workers alone, in another way. */
export function hasOpfs(): boolean {
  return (
    typeof navigator !== "undefined" &&
    typeof navigator.storage?.getDirectory === "function" &&
    typeof FileSystemFileHandle !== "undefined" &&
    "createWritable" in FileSystemFileHandle.prototype
  );
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === "NotFoundError";

/** The file was replaced after it was looked up; the new one can be read. */
const isReplaced = (error: unknown): boolean =>
  isMissing(error) || (error instanceof DOMException && error.name === "NotReadableError");
const MOST_REPLACED = 20;

/** Names of files here may not be empty, `.`, `..`, or hold a slash; others are kept as they are. */
const nameIn = (name: string): string => (/^$|^\.\.?$|[/\\%]/.test(name) ? `%${encodeURIComponent(name)}` : name);
const nameOut = (file: string): string => (file.startsWith("%") ? decodeURIComponent(file.slice(1)) : file);

/** Begins the names of files that are not whole yet; `nameIn` gives no name that begins so. */
const UNFINISHED = "%+";

/** Also those where a stream keeps its data until it is closed. */
const isUnfinished = (file: string): boolean => file.startsWith(UNFINISHED) || file.endsWith(".crswap");

/** Nobody writes to what is older: a page ended before it was whole. */
const ABANDONED_MS = 3_600_000;

/** Not in every browser yet, nor in TypeScript's types. */
type Movable = FileSystemFileHandle & { move?(name: string): Promise<void> };

/** A new file that is moved to its name when it is whole; one of that name where files cannot be moved. */
function draftIn(folder: FileSystemDirectoryHandle, name: string): Promise<Movable> {
  const canMove = "move" in FileSystemFileHandle.prototype;
  return folder.getFileHandle(canMove ? UNFINISHED + crypto.randomUUID() : nameIn(name), { create: true });
}

async function removeAbandoned(folder: FileSystemDirectoryHandle): Promise<void> {
  for await (const [file, handle] of folder.entries()) {
    if (handle.kind !== "file" || !isUnfinished(file)) continue;
    try {
      const { lastModified } = await (handle as FileSystemFileHandle).getFile();
      if (Date.now() - lastModified > ABANDONED_MS) await folder.removeEntry(file);
    } catch {
      // Another page finished it, or still holds it.
    }
  }
}

/**
 * A store in a directory of the origin private file system.
 *
 * Errors: QuotaError if the browser gives no more room.
 */
export function opfsStore(directory: string): FileStore {
  const open = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(directory, { create: true });

  const handleOf = async (name: string): Promise<Movable | null> => {
    try {
      return await (await open()).getFileHandle(nameIn(name));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };

  const info = async (name: string): Promise<FileInfo | null> => {
    try {
      const file = await (await handleOf(name))?.getFile();
      return file === undefined ? null : { name, size: file.size, lastModified: new Date(file.lastModified) };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };

  return {
    place: `OPFS directory ${directory}`,
    async write(name, contents) {
      const folder = await open();
      await removeAbandoned(folder);
      let nBytes = 0;
      await withQuota(
        `${this.place}: ${name}`,
        () => nBytes,
        async () => {
          // Asking for the handle of a new file makes an empty one, which must not be taken for the whole.
          const old = await handleOf(name);
          const draft = old ?? (await draftIn(folder, name));
          // What is written shows when the stream is closed, and not before.
          const stream = await draft.createWritable();
          try {
            for await (const part of partsOf(contents)) {
              nBytes += part.length;
              await stream.write(part as Uint8Array<ArrayBuffer>);
            }
            await stream.close();
            if (draft.name !== nameIn(name)) await draft.move!(nameIn(name));
          } catch (error) {
            await stream.abort().catch(() => {});
            if (old === null) await folder.removeEntry(draft.name).catch(() => {});
            throw error;
          }
        },
      );
    },
    async read(name) {
      for (let nReplaced = 0; ; nReplaced++) {
        const handle = await handleOf(name);
        if (handle === null) return null;
        try {
          return new Uint8Array(await (await handle.getFile()).arrayBuffer());
        } catch (error) {
          if (!isReplaced(error) || nReplaced === MOST_REPLACED) throw error;
          await new Promise((resolve) => setTimeout(resolve, nReplaced));
        }
      }
    },
    info,
    async list() {
      const out: FileInfo[] = [];
      for await (const [file, handle] of (await open()).entries()) {
        if (handle.kind !== "file" || isUnfinished(file)) continue;
        const found = await info(nameOut(file));
        if (found !== null) out.push(found);
      }
      return out;
    },
    async remove(name) {
      const removed = await info(name);
      if (removed !== null) await (await open()).removeEntry(nameIn(name));
      return removed;
    },
  };
}
