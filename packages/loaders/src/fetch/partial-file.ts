/** The beginning of a large download, kept so that a later visit can go on. */
import type { FileStore } from "../storage/store";
import { Received } from "./received";

/** Written this much at a time; smaller files begin anew. */
const SEGMENT_BYTES = 16 * 2 ** 20;

interface Note {
  etag: string | null;
  lastModified: string | null;
  total: number | null;
  /** Bytes of each segment. */
  segments: number[];
}

const isLength = (n: unknown): n is number => typeof n === "number" && Number.isSafeInteger(n) && n >= 0;
const isText = (t: unknown): t is string | null => t === null || typeof t === "string";

/** The note, if it is one: a file in a store may hold anything. */
function readNote(bytes: Uint8Array | null): Note | null {
  if (bytes === null) return null;
  try {
    const { etag, lastModified, total, segments } = JSON.parse(new TextDecoder().decode(bytes)) as Note;
    const isNote =
      isText(etag) && isText(lastModified) && (total === null || isLength(total)) && Array.isArray(segments);
    return isNote && segments.every(isLength) ? { etag, lastModified, total, segments } : null;
  } catch {
    return null;
  }
}

export class PartialFile {
  readonly #store: FileStore;
  readonly #key: string;
  #segments: number[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isOff = false;

  constructor(store: FileStore, key: string) {
    this.#store = store;
    this.#key = key;
  }

  #segmentName(i: number): string {
    return `${this.#key}.part-${i}`;
  }

  get #noteName(): string {
    return `${this.#key}.parts`;
  }

  /** What an earlier visit has left; nothing, if anything about it is amiss. */
  async load(): Promise<Received> {
    const received = new Received();
    const note = readNote(await this.#store.read(this.#noteName));
    if (note === null) return received;
    received.version = { etag: note.etag, lastModified: note.lastModified };
    received.total = note.total ?? undefined;
    for (const [i, length] of note.segments.entries()) {
      const segment = await this.#store.read(this.#segmentName(i));
      if (segment?.length !== length) {
        await this.clear();
        return new Received();
      }
      received.append(segment);
    }
    this.#segments = note.segments;
    return received;
  }

  get #nSaved(): number {
    return this.#segments.reduce((n, length) => n + length, 0);
  }

  /** Writes what is new, if it is a segment or more, in the background. With `all` also a smaller rest. */
  save(received: Received, all = false): void {
    if (this.#isOff || !received.canResume) return;
    // What was saved is of a version that the server no longer has.
    if (received.length < this.#nSaved) this.#segments = [];
    const fresh = received.length - this.#nSaved;
    if (fresh < (all ? 1 : SEGMENT_BYTES)) return;
    const segment = received.since(this.#nSaved);
    const name = this.#segmentName(this.#segments.length);
    this.#segments = [...this.#segments, segment.length];
    const note: Note = { ...received.version, total: received.total ?? null, segments: this.#segments };
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#store.write(name, segment);
        await this.#store.write(this.#noteName, new TextEncoder().encode(JSON.stringify(note)));
      } catch {
        // No room: the download itself goes on.
        this.#isOff = true;
      }
    });
  }

  /** Waits for what is being written. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  async clear(): Promise<void> {
    await this.#writing;
    await this.#store.remove(this.#noteName);
    for (const { name } of await this.#store.list()) {
      if (name.startsWith(`${this.#key}.part-`)) await this.#store.remove(name);
    }
    this.#segments = [];
  }
}
