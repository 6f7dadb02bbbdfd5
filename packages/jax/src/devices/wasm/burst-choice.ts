/**
 * Whether a program's large maps write in bursts (`targets/wasm/loop-bursts.ts`): both ways are timed, in turns. Machines
 * differ: on an EPYC bursts make an addition of 16 MB arrays 1.1 times as fast, on a Xeon 0.8 times.
 */
import { BestTime } from "./best-time";

/** The first runs wait for code and for memory, and tell nothing. */
const UNTIMED = 2;
/** Runs of both ways together before they are compared. */
const TRIALS = 8;
/** How much shorter the time must be: less is noise, or a step of a coarse clock. */
const GAIN = 0.97;
/** Runs after which the slower way is tried again. */
const TRY_AGAIN = 64;

export class BurstChoice {
  private readonly direct = new BestTime();
  private readonly inBursts = new BestTime();
  private untimed = 0;
  private runs = 0;

  /** The faster way as far as known. */
  get areFaster(): boolean {
    return this.inBursts.value < GAIN * this.direct.value;
  }

  /** How the next run shall be: as is faster; both ways are tried first, and the slower one now and then. */
  wantsBursts(): boolean {
    const timed = this.direct.runs + this.inBursts.runs;
    if (timed < TRIALS) return timed % 2 === 0;
    const again = ++this.runs % TRY_AGAIN === 0;
    return this.areFaster !== again;
  }

  add(time: number, inBursts: boolean): void {
    if (this.untimed < UNTIMED) this.untimed++;
    else (inBursts ? this.inBursts : this.direct).add(time);
  }
}
