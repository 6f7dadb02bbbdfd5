/** Bytes that come one chunk after another, whose number is promised or not. */

const FIRST_CAPACITY = 1 << 16;

/**
 * A growing array. It doubles as bytes come, and ends at the promised length: what a server promises is not allocated
 * before it is there.
 */
export class GrowingBytes {
  #bytes = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array, promised?: number): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#bytes.length) {
      let capacity = Math.max(FIRST_CAPACITY, 2 * this.#bytes.length, needed);
      if (promised !== undefined && promised >= needed) capacity = Math.min(capacity, promised);
      const larger = new Uint8Array(capacity);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  /** A copy of the bytes from `begin` on. */
  since(begin: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(begin, this.#length);
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }

  /** All bytes, without a copy where they fill the array. */
  take(): Uint8Array<ArrayBuffer> {
    const out = this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
    this.clear();
    return out;
  }
}
