/** A growing byte array with the number encodings of the WebAssembly binary format. */
export class Bytes {
  length = 0;
  private data = new Uint8Array(256);
  private view = new DataView(this.data.buffer);

  u8(value: number): this {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
    return this;
  }

  /** Unsigned LEB128 of an integer below 2^32. */
  uleb(value: number): this {
    while (value > 0x7f) {
      this.u8((value & 0x7f) | 0x80);
      value = Math.floor(value / 128);
    }
    return this.u8(value);
  }

  /** Unsigned LEB128 in exactly five bytes, so that it can be overwritten later. */
  uleb5(value: number): this {
    for (let i = 0; i < 4; i++) this.u8(((value >>> (7 * i)) & 0x7f) | 0x80);
    return this.u8(value >>> 28);
  }

  /** Signed LEB128 of a 32-bit integer. */
  sleb(value: number): this {
    while (value < -64 || value > 63) {
      this.u8((value & 0x7f) | 0x80);
      value >>= 7;
    }
    return this.u8(value & 0x7f);
  }

  slebBig(value: bigint): this {
    while (value < -64n || value > 63n) {
      this.u8(Number(value & 0x7fn) | 0x80);
      value >>= 7n;
    }
    return this.u8(Number(value & 0x7fn));
  }

  u32(value: number): this {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
    return this;
  }

  f32(value: number): this {
    this.reserve(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
    return this;
  }

  f64(value: number): this {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
    return this;
  }

  append(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** UTF-8 with its length before it. */
  name(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.uleb(bytes.length).append(bytes);
  }

  /** Overwrites a number written by `uleb5`. */
  patch5(at: number, value: number): void {
    for (let i = 0; i < 4; i++) this.data[at + i] = ((value >>> (7 * i)) & 0x7f) | 0x80;
    this.data[at + 4] = value >>> 28;
  }

  /** The bytes so far; a view, valid until the next write. */
  view8(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.data.length) return;
    const grown = new Uint8Array(Math.max(this.data.length * 2, this.length + count));
    grown.set(this.data);
    this.data = grown;
    this.view = new DataView(grown.buffer);
  }
}
