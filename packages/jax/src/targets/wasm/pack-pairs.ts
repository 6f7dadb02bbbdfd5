/**
 * Packs panels of narrow integers as pairs along k: two int16 in 32 bits, the first one low, [k / 2][width]. What is
 * left over of an odd depth is paired with 0.
 */
import { type DType, sizeBytesOf } from "../../aval/dtype";
import type { Callable, Func, Local, MemoryOp, Module } from "./assembler";
import { emitAreNeighbours, emitLanePointers, emitTransposed, PACK_PARAMS, type Packer } from "./pack";

export type PairSource = Extract<DType, "int8" | "uint8" | "int16">;

export interface PairPacker extends Packer {
  readonly pairsOf: PairSource;
}

type PackFunc = Func<typeof PACK_PARAMS>;

/** How elements are loaded, as numbers of 16 bits. */
interface Loads {
  readonly bytes: number;
  readonly one: MemoryOp;
  readonly eight: MemoryOp;
  readonly four: (f: Func) => void;
}

function loadsOf(source: PairSource): Loads {
  const bytes = sizeBytesOf(source);
  if (source === "int16") {
    return { bytes, one: "i32.load16_u", eight: "v128.load", four: (f) => void f.mem("v128.load64_zero", 0, 1) };
  }
  const u = source === "int8" ? "s" : "u";
  const four = (f: Func): void => void f.mem("v128.load32_zero", 0, 0).op(`i16x8.extend_low_i8x16_${u}`);
  return { bytes, one: `i32.load8_${u}`, eight: `v128.load8x8_${u}`, four };
}

/** The function of a packer, made once per module. Parameters as of the others; `kc` counts elements. */
export function packPairsFunc(m: Module, packer: PairPacker): Callable {
  const { pairsOf, width, contiguous, kTable } = packer;
  const key = `pack_pairs_${pairsOf}x${width}_${contiguous}${kTable ? "_table" : ""}`;
  return m.helper(key, PACK_PARAMS, [], (f) => new PairEmitter(f, packer).emit());
}

/** Bytes of two vectors of eight, in turn: the first four of each, and the others. */
const TURNS = [0, 8].map((from) => Array.from({ length: 16 }, (_, i) => from + 2 * (i >> 2) + (i & 1) + (i & 2) * 8));

class PairEmitter {
  private readonly q0: Local;
  private readonly q1: Local;
  private readonly at: Local;
  private readonly to: Local;
  private readonly rest: Local;
  private readonly lanes: readonly Local[];
  private readonly loads: Loads;
  private readonly f: PackFunc;
  private readonly packer: PairPacker;

  constructor(f: PackFunc, packer: PairPacker) {
    this.f = f;
    this.packer = packer;
    this.lanes = emitLanePointers(f, packer.width);
    this.loads = loadsOf(packer.pairsOf);
    [this.q0, this.q1, this.at, this.to, this.rest] = ["q0", "q1", "at", "to", "rest"].map((name) => f.local("i32", name)) as [Local, Local, Local, Local, Local]; // prettier-ignore
  }

  emit(): void {
    const { f, packer, lanes } = this;
    if (packer.contiguous === "k") return this.eachPair(this.gather(lanes, 0), this.transposeRuns());
    if (packer.contiguous === "none") return this.eachPair(this.gather(lanes, 0));
    const whole = this.neighbours(lanes, 0);
    emitAreNeighbours(f, this.loads.bytes, lanes);
    f.if(
      () => this.eachPair(whole),
      () => {
        for (let first = 0; first < lanes.length; first += 4) {
          const group = lanes.slice(first, first + 4);
          emitAreNeighbours(f, this.loads.bytes, group);
          f.if(
            () => this.eachPair(this.neighbours(group, first)),
            () => this.eachPair(this.gather(group, first)),
          );
        }
      },
    );
  }

  /** Runs `pair(isWhole)` for each pair, with the offsets of its elements in q0 and q1; `runs` may take several first. */
  private eachPair(pair: (isWhole: boolean) => void, runs: (() => void) | null = null): void {
    const { f, packer, q0, q1, at, to, rest } = this;
    const { k, kc, dst } = f.params;
    const offsets = (isWhole: boolean): void => {
      if (packer.kTable) {
        f.get(at).mem("i32.load").set(q0);
        if (isWhole) f.get(at).mem("i32.load", 4).set(q1);
      } else {
        f.get(at).set(q0);
        if (isWhole) f.get(at).get(k).op("i32.add").set(q1);
      }
    };
    if (packer.kTable) f.get(k).set(at);
    else f.i32(0).set(at);
    f.get(dst).set(to).get(kc).set(rest);
    f.block((done) => {
      f.loop((again) => {
        runs?.();
        f.get(rest).i32(2).op("i32.lt_s").brIf(done);
        offsets(true);
        pair(true);
        this.advance(2);
        f.br(again);
      });
    });
    f.get(rest).if(() => {
      offsets(false);
      pair(false);
    });
  }

  private advance(count: number): void {
    const { f, packer, at, to, rest } = this;
    if (packer.kTable) f.inc(at, 4 * count);
    else f.get(at).get(f.params.k).i32(count).op("i32.mul").op("i32.add").set(at);
    f.inc(to, (count / 2) * packer.width * 4);
    f.get(rest).i32(count).op("i32.sub").set(rest);
  }

  /** Lane by lane. */
  private gather(lanes: readonly Local[], first: number): (isWhole: boolean) => void {
    const { f, q0, q1, to, loads } = this;
    return (isWhole) =>
      lanes.forEach((lane, i) => {
        f.get(to).get(lane).get(q0).op("i32.add").mem(loads.one).i32(0xffff).op("i32.and");
        if (isWhole) f.get(lane).get(q1).op("i32.add").mem(loads.one).i32(16).op("i32.shl").op("i32.or");
        f.mem("i32.store", 4 * (first + i));
      });
  }

  /** Lanes that are neighbours in memory: eight or four at once. */
  private neighbours(lanes: readonly Local[], first: number): (isWhole: boolean) => void {
    const { f, q0, q1, to, loads } = this;
    return (isWhole) => {
      let i = 0;
      for (; i + 4 <= lanes.length;) {
        const count = i + 8 <= lanes.length ? 8 : 4;
        const [x, y] = [f.local("v128"), f.local("v128")];
        const load = (q: Local, into: Local): void => {
          f.get(lanes[i]!).get(q).op("i32.add");
          if (count === 8) f.mem(loads.eight, 0, loads.bytes - 1);
          else loads.four(f);
          f.set(into);
        };
        load(q0, x);
        if (isWhole) load(q1, y);
        else f.i32x4(0).set(y);
        for (let v = 0; v < count / 4; v++) {
          f.get(to)
            .get(x)
            .get(y)
            .shuffle(...TURNS[v]!)
            .mem("v128.store", 4 * (first + i) + 16 * v, 2);
        }
        f.release(x, y);
        i += count;
      }
      this.gather(lanes.slice(i), first + i)(isWhole);
    };
  }

  /** Four pairs of four lanes at once, while they are neighbours along k. */
  private transposeRuns(): () => void {
    const { f, packer, lanes, loads, at, q0, to, rest } = this;
    const { kTable, width } = packer;
    return () => {
      f.block((done) => {
        f.loop((again) => {
          f.get(rest).i32(8).op("i32.lt_s").brIf(done);
          f.get(at);
          if (kTable) {
            f.mem("i32.load").set(q0);
            for (let i = 1; i < 8; i++) {
              f.get(at)
                .mem("i32.load", 4 * i)
                .get(q0)
                .op("i32.sub")
                .i32(loads.bytes * i)
                .op("i32.ne")
                .brIf(done);
            }
          } else f.set(q0);
          for (let first = 0; first < width; first += 4) {
            const rows = lanes.slice(first, first + 4).map((lane) => {
              const row = f.local("v128");
              f.get(lane)
                .get(q0)
                .op("i32.add")
                .mem(loads.eight, 0, loads.bytes - 1)
                .set(row);
              return row;
            });
            emitTransposed(f, rows, to, 4, width, first);
            f.release(...rows);
          }
          this.advance(8);
          f.br(again);
        });
      });
    };
  }
}
