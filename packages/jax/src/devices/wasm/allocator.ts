/**
 * Memory of the wasm device: blocks of one WebAssembly.Memory, 64-byte aligned, in constant time.
 *
 * Two-level segregated fit (Masmano et al., "TLSF: a new dynamic memory allocator for real-time systems", 2004):
 * free blocks are in lists by size class, 16 classes per power of two, found by two bitmaps; neighbours that are free
 * are always joined. Sizes are counted in granules of 64 bytes. Block b covers the bytes from 64 b + 48 on: a header
 * of 16 bytes, then the payload at 64 (b + 1), so that the payload is aligned and the header costs no granule.
 */
import { InternalError, OutOfMemoryError } from "../../base/errors";

const GRANULE = 64;
const HEADER = 16;
const PAGE = 65536;
const MAX_PAGES = 65536;
/** log2 of the number of size classes per power of two. */
const SUB_BITS = 4;
const SUB = 1 << SUB_BITS;
const LEVELS = 27 - SUB_BITS + 1;
/** Blocks of the wanted class looked at before a larger class is split. */
const NEAR_FITS = 4;

// words of a header
const SIZE = 0; // granules << 1 | used
const PREVIOUS = 1; // the block before this one in memory
const NEXT_FREE = 2;
const PREVIOUS_FREE = 3;
const NONE = 0xffffffff;

export interface AllocatorOptions {
  /** First byte that the allocator may use; bytes below are left to others. */
  readonly baseBytes?: number;
  /** The memory is not grown beyond this. */
  readonly limitBytes?: number;
}

/** Hands out blocks of `memory`, growing it as needed. Nobody else may grow it. */
export class Allocator {
  readonly memory: WebAssembly.Memory;
  private readonly limitPages: number;
  private words: Uint32Array;
  private readonly heads = new Uint32Array(LEVELS * SUB).fill(NONE);
  private readonly subMaps = new Uint32Array(LEVELS);
  private levelMap = 0;
  /** The block of size 0 behind the last one, which is never free. */
  private end: number;
  private liveGranules = 0;
  private totalGranules = 0;
  private nLive = 0;
  private growths = 0;

  constructor(
    memory: WebAssembly.Memory,
    { baseBytes = GRANULE, limitBytes = MAX_PAGES * PAGE }: AllocatorOptions = {},
  ) {
    this.memory = memory;
    this.limitPages = Math.min(MAX_PAGES, Math.floor(limitBytes / PAGE));
    this.words = new Uint32Array(memory.buffer);
    this.end = Math.ceil(baseBytes / GRANULE);
    const available = Math.floor(memory.buffer.byteLength / GRANULE) - 1 - this.end;
    if (available < 0) throw new InternalError(`allocator: base ${baseBytes} lies outside the memory`);
    this.setWord(this.end, PREVIOUS, NONE);
    this.setWord(this.end, SIZE, 1);
    if (available > 0) this.extend(available);
  }

  /** Bytes in blocks that are not freed, headers and rounding included. */
  get liveBytes(): number {
    return this.liveGranules * GRANULE;
  }

  /** How often the memory has grown: then views of it are to be made anew. */
  get nGrown(): number {
    return this.growths;
  }

  /** Number of blocks that are not freed. */
  get liveBlocks(): number {
    return this.nLive;
  }

  /** Bytes in free blocks, at the present size of the memory. */
  get freeBytes(): number {
    return (this.totalGranules - this.liveGranules) * GRANULE;
  }

  /**
   * Address of a new block of at least `bytes` bytes, a multiple of 64 and never 0. Contents are whatever was there.
   *
   * Errors: `OutOfMemoryError` when the memory can not grow enough.
   */
  malloc(bytes: number): number {
    const size = bytes <= GRANULE - HEADER ? 1 : Math.ceil((bytes + HEADER) / GRANULE);
    let block = this.findFree(size);
    if (block === NONE) {
      this.grow(size, bytes);
      block = this.findFree(size);
    }
    this.unlink(block);
    const rest = this.sizeOf(block) - size;
    if (rest > 0) {
      const tail = block + size;
      this.setWord(tail, PREVIOUS, block);
      this.setWord(block + size + rest, PREVIOUS, tail);
      this.link(tail, rest);
    }
    this.setWord(block, SIZE, (size << 1) | 1);
    this.liveGranules += size;
    this.nLive++;
    return (block + 1) * GRANULE;
  }

  /** Gives back the block at an address that `malloc` gave. */
  free(address: number): void {
    let block = address / GRANULE - 1;
    const header = Number.isInteger(block) && block >= 0 && block < this.end ? this.word(block, SIZE) : 0;
    if ((header & 1) === 0) throw new InternalError(`allocator: ${address} is not the address of a live block`);
    let size = header >>> 1;
    this.liveGranules -= size;
    this.nLive--;
    const next = block + size;
    if ((this.word(next, SIZE) & 1) === 0) {
      this.unlink(next);
      size += this.sizeOf(next);
    }
    const previous = this.word(block, PREVIOUS);
    if (previous !== NONE && (this.word(previous, SIZE) & 1) === 0) {
      this.unlink(previous);
      size += this.sizeOf(previous);
      this.setWord(block, SIZE, 0); // no longer a block: a second free is noticed
      block = previous;
    }
    this.setWord(block + size, PREVIOUS, block);
    this.link(block, size);
  }

  private word(block: number, field: number): number {
    return this.words[block * 16 + 12 + field] as number;
  }

  private setWord(block: number, field: number, value: number): void {
    this.words[block * 16 + 12 + field] = value;
  }

  private sizeOf(block: number): number {
    return this.word(block, SIZE) >>> 1;
  }

  /** A free block of at least `size` granules, or NONE. */
  private findFree(size: number): number {
    const own = classOf(size);
    const near = this.firstFit(own, size, NEAR_FITS);
    if (near !== NONE) return near;
    // every block of a higher class is large enough
    const level = (own + 1) >>> SUB_BITS;
    const subs = level < LEVELS ? (this.subMaps[level] as number) & (-1 << ((own + 1) & (SUB - 1))) : 0;
    if (subs !== 0) return this.heads[level * SUB + lowestBit(subs)] as number;
    const levels = level < 31 ? this.levelMap & (-1 << (level + 1)) : 0;
    if (levels !== 0) {
      const higher = lowestBit(levels);
      return this.heads[higher * SUB + lowestBit(this.subMaps[higher] as number)] as number;
    }
    return this.firstFit(own, size, Infinity);
  }

  private firstFit(sizeClass: number, size: number, tries: number): number {
    let block = this.heads[sizeClass] as number;
    for (; tries > 0 && block !== NONE; tries--) {
      if (this.sizeOf(block) >= size) return block;
      block = this.word(block, NEXT_FREE);
    }
    return NONE;
  }

  /** Makes `block` a free block of `size` granules. */
  private link(block: number, size: number): void {
    const sizeClass = classOf(size);
    const head = this.heads[sizeClass] as number;
    this.setWord(block, SIZE, size << 1);
    this.setWord(block, NEXT_FREE, head);
    this.setWord(block, PREVIOUS_FREE, NONE);
    if (head !== NONE) this.setWord(head, PREVIOUS_FREE, block);
    this.heads[sizeClass] = block;
    const level = sizeClass >>> SUB_BITS;
    this.subMaps[level] = (this.subMaps[level] as number) | (1 << (sizeClass & (SUB - 1)));
    this.levelMap |= 1 << level;
  }

  /** Takes a free block out of its list. */
  private unlink(block: number): void {
    const next = this.word(block, NEXT_FREE);
    const previous = this.word(block, PREVIOUS_FREE);
    if (next !== NONE) this.setWord(next, PREVIOUS_FREE, previous);
    if (previous !== NONE) {
      this.setWord(previous, NEXT_FREE, next);
      return;
    }
    const sizeClass = classOf(this.sizeOf(block));
    this.heads[sizeClass] = next;
    if (next !== NONE) return;
    const level = sizeClass >>> SUB_BITS;
    const subs = (this.subMaps[level] as number) & ~(1 << (sizeClass & (SUB - 1)));
    this.subMaps[level] = subs;
    if (subs === 0) this.levelMap &= ~(1 << level);
  }

  /** Grows the memory so that a block of `size` granules fits: by half of what there is, or by what is needed. */
  private grow(size: number, requestedBytes: number): void {
    const last = this.word(this.end, PREVIOUS);
    const lastFree = last !== NONE && (this.word(last, SIZE) & 1) === 0 ? this.sizeOf(last) : 0;
    const pages = this.memory.buffer.byteLength / PAGE;
    const needed = Math.ceil(((size - lastFree) * GRANULE) / PAGE);
    const generous = Math.min(Math.max(needed, pages >>> 1), this.limitPages - pages);
    for (const count of generous > needed ? [generous, needed] : [needed]) {
      if (pages + count > this.limitPages) continue;
      try {
        this.memory.grow(count);
      } catch {
        continue;
      }
      this.words = new Uint32Array(this.memory.buffer);
      this.growths++;
      this.extend((count * PAGE) / GRANULE);
      return;
    }
    const atMost = this.freeBytes + Math.max(0, this.limitPages - pages) * PAGE;
    throw new OutOfMemoryError(requestedBytes, atMost, this.limitPages * PAGE);
  }

  /** Adds `size` granules at the end, as a block that is then freed. */
  private extend(size: number): void {
    const block = this.end;
    this.end += size;
    this.totalGranules += size;
    this.setWord(this.end, PREVIOUS, block);
    this.setWord(this.end, SIZE, 1);
    this.setWord(block, SIZE, (size << 1) | 1);
    this.liveGranules += size;
    this.nLive++;
    this.free((block + 1) * GRANULE);
  }
}

/** Size class of a block; classes are in order of size, and a request fits every block of a higher class. */
function classOf(size: number): number {
  if (size < SUB) return size;
  const log = 31 - Math.clz32(size);
  return ((log - SUB_BITS + 1) << SUB_BITS) | ((size >>> (log - SUB_BITS)) & (SUB - 1));
}

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
