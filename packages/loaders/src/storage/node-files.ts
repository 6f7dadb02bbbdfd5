/** Files in a folder of Node, Deno or Bun. */
import { LoaderError } from "../errors";
import { nodeModules } from "./node-modules";
import { type FileInfo, type FileStore, partsOf, withQuota } from "./store";

const UNFINISHED = ".unfinished";
const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === "ENOENT";

/** File systems forbid some characters, dots at the start mean something, and names end at 255 bytes. */
export function fileNameOf(name: string): string {
  const whole = name.replace(/\p{Surrogate}/gu, "\ufffd");
  const encoded = encodeURIComponent(whole).replace(
    /^\.|[*~'()!]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded === "" || encoded.length > 240) {
    throw new LoaderError(
      `files: a name of ${encoded.length} characters cannot be the name of a file: ${name.slice(0, 60)}`,
    );
  }
  return encoded;
}

/**
 * A store in a folder, which is made when first written to.
 *
 * Errors: LoaderError in a browser, or for names longer than file systems allow; QuotaError if the disk is full.
 */
export function nodeStore(folder: string): FileStore {
  const modules = nodeModules();
  if (modules === null)
    throw new LoaderError("nodeStore: there is no file system here; use opfsStore or indexedDbStore");
  const { fs, path, pid } = modules;
  const pathOf = (name: string) => path.join(folder, fileNameOf(name));
  let nWrites = 0;

  const info = async (name: string): Promise<FileInfo | null> => {
    try {
      const found = await fs.stat(pathOf(name));
      return found.isFile() ? { name, size: found.size, lastModified: found.mtime } : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };

  async function writeTo(path: string, contents: AsyncIterable<Uint8Array>, count: (n: number) => void): Promise<void> {
    const file = await fs.open(path, "wx");
    try {
      for await (const part of contents) {
        for (let at = 0; at < part.length;) {
          const { bytesWritten } = await file.write(part, at, part.length - at);
          at += bytesWritten;
          count(bytesWritten);
        }
      }
      // A rename may reach the disk before the data; then a power failure would leave an empty file of the right name.
      await file.sync();
    } finally {
      await file.close();
    }
  }

  return {
    place: folder,
    async write(name, contents) {
      const target = pathOf(name);
      await fs.mkdir(folder, { recursive: true });
      const unique = `${pid}-${Date.now().toString(36)}-${nWrites++}`;
      const unfinished = path.join(folder, `.${unique}${UNFINISHED}`);
      let nBytes = 0;
      try {
        await withQuota(
          `${folder}: ${name}`,
          () => nBytes,
          async () => {
            await writeTo(unfinished, partsOf(contents), (n) => (nBytes += n));
            await fs.rename(unfinished, target);
          },
        );
      } catch (error) {
        await fs.rm(unfinished, { force: true });
        throw error;
      }
    },
    async read(name) {
      try {
        const bytes = await fs.readFile(pathOf(name));
        // Small files come in a shared pool, whose other bytes are not ours to give out.
        return bytes.byteLength === bytes.buffer.byteLength
          ? new Uint8Array(bytes.buffer as ArrayBuffer)
          : new Uint8Array(bytes);
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    info,
    async list() {
      let names: string[];
      try {
        names = await fs.readdir(folder);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
      const infos = names.filter((file) => !file.startsWith(".")).map((file) => info(decoded(file)));
      return (await Promise.all(infos)).filter((i) => i !== null);
    },
    async remove(name) {
      const removed = await info(name);
      await fs.rm(pathOf(name), { force: true });
      return removed;
    },
  };
}

/** A file that others put there may have any name. */
function decoded(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
