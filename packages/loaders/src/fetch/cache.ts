/** The files of `cachedFetch`: which URL has which name, when each was used last, and which go when room is needed. */
import { QuotaError } from "../errors";
import type { FileStore } from "../storage/store";
import { NO_VERSION, type Version } from "./version";

/** What is noted of a stored download. */
interface Note extends Version {
  readonly url: string;
  readonly usedAt: number;
}

const PREFIX = "blob-";
/** A file, not a note or a beginning, which may lie beside it. */
const FILE_NAME = /^blob-[\da-f-]+$/;
/** File systems end names at 255 bytes. */
const LONGEST_NAME = 200;

/** The name of a URL's file: its bytes in hexadecimal; of a long URL the beginning, and a hash. */
export function keyOf(url: string): string {
  const hex = Array.from(new TextEncoder().encode(url), (b) => b.toString(16).padStart(2, "0")).join("");
  if (hex.length + PREFIX.length <= LONGEST_NAME) return PREFIX + hex;
  return `${PREFIX}${hex.slice(0, 120)}-${hash(url)}`;
}

/** 4 x 32 bits of FNV-1a, each from another start. */
function hash(text: string): string {
  return [0x811c9dc5, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35]
    .map((start) => {
      let h = start;
      for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
      h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
      return ((h ^ (h >>> 15)) >>> 0).toString(16).padStart(8, "0");
    })
    .join("");
}

export class FetchCache {
  readonly files: FileStore;
  /** Notes and beginnings, apart from the files, so that a listing shows files alone. */
  readonly notes: FileStore;

  constructor(files: FileStore, notes: FileStore) {
    this.files = files;
    this.notes = notes;
  }

  async #note(key: string): Promise<Note | null> {
    const bytes = await this.notes.read(`${key}.json`);
    if (bytes === null) return null;
    try {
      const { url, usedAt, etag, lastModified } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Note>;
      return { url: String(url), usedAt: Number(usedAt) || 0, etag: etag ?? null, lastModified: lastModified ?? null };
    } catch {
      return null;
    }
  }

  async versionOf(key: string): Promise<Version> {
    const note = await this.#note(key);
    return note === null ? NO_VERSION : { etag: note.etag, lastModified: note.lastModified };
  }

  /** Notes that the file was used now. A note that cannot be written only makes the file leave sooner. */
  async touch(key: string, url: string, version: Version): Promise<void> {
    const note: Note = { ...version, url, usedAt: Date.now() };
    try {
      await this.notes.write(`${key}.json`, new TextEncoder().encode(JSON.stringify(note)));
    } catch (error) {
      if (!(error instanceof QuotaError)) throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await this.files.remove(key);
    await this.notes.remove(`${key}.json`);
  }

  /** Stores a file; others that were not used for long make room for it. False if there is no room even so. */
  async write(key: string, bytes: Uint8Array): Promise<boolean> {
    for (;;) {
      try {
        await this.files.write(key, bytes);
        return true;
      } catch (error) {
        if (!(error instanceof QuotaError)) throw error;
        if (!(await this.#removeOldest(key))) return false;
      }
    }
  }

  /** Removes the downloads used longest ago until the rest is at most so large. `keep` is never removed. */
  async shrinkTo(maxBytes: number, keep?: string): Promise<void> {
    const files = await this.#oldestFirst();
    let total = files.reduce((n, file) => n + file.size, 0);
    for (const { name, size } of files) {
      if (total <= maxBytes) return;
      if (name === keep) continue;
      await this.remove(name);
      total -= size;
    }
  }

  async #removeOldest(keep: string): Promise<boolean> {
    const oldest = (await this.#oldestFirst()).find(({ name }) => name !== keep);
    if (oldest === undefined) return false;
    await this.remove(oldest.name);
    return true;
  }

  async #oldestFirst(): Promise<{ name: string; size: number; usedAt: number }[]> {
    const files = (await this.files.list()).filter(({ name }) => FILE_NAME.test(name));
    const used = await Promise.all(
      files.map(async ({ name, size, lastModified }) => {
        const usedAt = (await this.#note(name))?.usedAt ?? lastModified.getTime();
        return { name, size, usedAt };
      }),
    );
    return used.sort((a, b) => a.usedAt - b.usedAt);
  }
}
