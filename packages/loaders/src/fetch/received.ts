/** What has come of a download so far, and of which version of the file it is. */
import { GrowingBytes } from "./growing-bytes";
import { NO_VERSION, type Version, isKnown } from "./version";

export class Received {
  readonly #bytes = new GrowingBytes();
  version: Version = NO_VERSION;
  /** Bytes of the whole file, where the server says. */
  total: number | undefined;
  /** How often bytes had to be thrown away. */
  restarts = 0;
  /** As far as any attempt came. */
  farthest = 0;

  get length(): number {
    return this.#bytes.length;
  }

  /** Without a version the rest could be of another file. */
  get canResume(): boolean {
    return this.length > 0 && isKnown(this.version);
  }

  append(chunk: Uint8Array): void {
    this.#bytes.append(chunk, this.total);
    this.farthest = Math.max(this.farthest, this.length);
  }

  /** A copy of the bytes from `begin` on. */
  since(begin: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.since(begin);
  }

  /** Begins anew. */
  restart(): void {
    this.#bytes.clear();
    this.version = NO_VERSION;
    this.total = undefined;
  }

  /** Begins anew because what came does not fit what is to come. */
  discard(): void {
    this.restarts++;
    this.restart();
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.take();
  }
}
